"""Counts for market boards and the province: who sells, what is on sale, and who sells in which market."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from vendors.models import Certificate, CertificateState, Listing, ListingState, Stall, Vendor, VendorState


@dataclass(frozen=True)
class SellerFigures:
    """Sellers aboard, those with at least one thing on sale, things on sale, and those with a valid certificate."""

    sellers: int
    sellers_with_goods: int
    goods: int
    goods_certified: int


@dataclass(frozen=True)
class MarketFigures:
    """One market with its stalls and the sellers who hold them."""

    name: str
    slug: str
    commune: str
    stalls: int
    vendor_ids: frozenset[int]


async def seller_figures(today: date) -> SellerFigures:
    """The whole market in four counts."""
    on_sale = Listing.filter(state=ListingState.ON_SALE, vendor__state=VendorState.CAN_SELL)
    certified = Certificate.filter(
        state=CertificateState.CONFIRMED,
        decided_on__lte=today,
        valid_to__gte=today,
        listing__state=ListingState.ON_SALE,
    )
    return SellerFigures(
        sellers=await Vendor.filter(state=VendorState.CAN_SELL).count(),
        sellers_with_goods=len(set(await on_sale.distinct().values_list("vendor_id", flat=True))),
        goods=await on_sale.count(),
        goods_certified=len(set(await certified.distinct().values_list("listing_id", flat=True))),
    )


async def market_figures() -> list[MarketFigures]:
    """Every market that has a stall, by name. One query."""
    by_market: dict[int, list[Stall]] = defaultdict(list)
    for stall in await Stall.filter(is_claimed=False).select_related("market").order_by("market__name", "id"):
        by_market[stall.market.id].append(stall)
    return [_figures(stalls) for stalls in by_market.values()]


def _figures(stalls: list[Stall]) -> MarketFigures:
    market = stalls[0].market
    vendor_ids = frozenset(stall.vendor_id for stall in stalls)
    return MarketFigures(market.name, market.slug, market.commune, len(stalls), vendor_ids)
