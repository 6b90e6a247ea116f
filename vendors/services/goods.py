"""Goods as the other packages need them: for the basket and for the search index."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from tortoise.queryset import QuerySet

from kit.db import sql
from kit.units_old import former_names
from vendors.kinds import Group, kind_of
from vendors.models import Listing, ListingState, Stall, VendorState
from vendors.name_rules import SORT_WORDS
from vendors.rating_rules import rated
from vendors.services.cards import Picture, first_pictures, goods_url, picture_address, seller_url, stars_on
from vendors.services.communes import short_province
from vendors.services.fetching import FetchAt
from vendors.services.protected.names import names_held
from vendors.services.variants import VariantView, full_name, variants_by_listing

IN_SEASON = timedelta(days=45)
POST, STALL, FETCH = WAYS = ("post", "stall", "fetch")
# Asked at each step of an order: its text is made once.
_GOODS = """
    SELECT listing.id AS listing_id, listing.code, listing.vendor_id, listing.name, listing.kind, listing.price_dong,
        listing.unit, listing.weight_g, listing.stock, listing.is_adult_only, listing.price_per_kg_dong,
        listing.portion_g, listing.band_percent, listing.is_heavier_charged, listing.takes_orders,
        listing.ships_from, listing.ships_to, listing.price_to_dong, listing.art, vendor.name AS seller,
        (SELECT key FROM photo WHERE listing_id = listing.id ORDER BY position, id LIMIT 1) AS photo_key
    FROM listing JOIN vendor ON vendor.id = listing.vendor_id
    WHERE listing.state = 'on_sale' AND vendor.state = 'can_sell' AND """


@dataclass(frozen=True)
class Goods:
    """Something on sale as a basket shows it; `stock` is what can be ordered now.

    Goods sold ahead of their harvest have `ships_from` and `ships_to`, and `takes_orders` says whether today is a day
    of ordering. Sold by weight, a piece is a portion of about `portion_g`, paid at `price_per_kg_dong`. Goods with
    `variants` are ordered by one of them: `chosen()` gives them with its name, price and stock.
    """

    listing_id: int
    code: str
    vendor_id: int
    name: str
    kind: str
    price_dong: int
    unit: str
    weight_g: int
    stock: int
    picture_url: str
    url: str
    is_adult_only: bool
    seller: str
    variants: tuple[VariantView, ...] = ()
    variant_id: int | None = None
    variant: str = ""
    price_per_kg_dong: int | None = None
    portion_g: int | None = None
    band_percent: int | None = None
    is_heavier_charged: bool = False
    takes_orders: bool = True
    ships_from: date | None = None
    ships_to: date | None = None

    def chosen(self, variant_id: int | None) -> "Goods | None":
        """The goods as ordered: themselves without variants, else the one asked for; None when that is not offered."""
        if variant_id is None:
            return None if self.variants else self
        one = next((one for one in self.variants if one.id == variant_id), None)
        if one is None:
            return None
        return replace(
            self,
            name=full_name(self.name, one.name),
            price_dong=one.price_dong,
            unit=one.unit,
            weight_g=one.weight_g,
            stock=one.stock,
            variant_id=one.id,
            variant=one.name,
        )


@dataclass(frozen=True)
class ListingFacts:
    """All that a result card shows and a listing is found by; times are Unix seconds.

    `market` is the first of `markets`; the others stand in `places`, with the old units its commune was made of.
    `names` are the protected names it carries by right, `keywords` the same with their sort. `ways` are how it comes to
    a buyer: «post», «stall» where it is sold, «fetch» if it may be ordered and fetched there. `art` names the drawing.
    `price_to_dong` is the dearest variant's price, the price itself without variants. `rated` buyers gave it
    `rated_tenths` tenths of a star on average.
    """

    id: int
    code: str
    url: str
    name: str
    kind: str
    kind_name: str
    price_dong: int
    price_to_dong: int
    unit: str
    seller: str
    commune: str
    commune_code: str
    province: str
    seller_code: str
    seller_url: str
    market: str
    market_code: str
    stars: int
    picture_url: str
    sold_out: bool
    age_restricted: bool
    listed_at: int
    updated_at: int
    keywords: tuple[str, ...]
    places: tuple[str, ...]
    text: str
    vendor_id: int
    art: str
    markets: tuple[str, ...]
    picture_srcset: str
    blur_url: str
    seller_kind: str
    in_season: bool
    latitude: float | None
    longitude: float | None
    names: tuple[str, ...]
    ways: tuple[str, ...]
    rated: int = 0
    rated_tenths: int = 0


async def goods_for_sale(listing_ids: Iterable[int]) -> dict[int, Goods]:
    """Of these listings the ones on sale by vendors who may sell, by id. One query, two with variants."""
    return {one.listing_id: one for one in await _all_goods("listing.id = ANY($1)", list(listing_ids))}


async def goods_by_code(code: str) -> Goods | None:
    """The goods with this code if they are on sale."""
    return next(iter(await _all_goods("listing.code = $1", code)), None)


async def listing_documents(listing_ids: Iterable[int], *, today: date) -> list[ListingFacts]:
    """What the index keeps of listings, by id, with the stars valid on `today`; those not on sale are left out.

    Eight queries at most, whatever their number.
    """
    listings = await _on_sale().filter(id__in=list(listing_ids)).select_related("vendor").order_by("id")
    stars = await stars_on([one.id for one in listings], today)
    pictures = await first_pictures(listings)
    stalls: dict[int, list[Stall]] = defaultdict(list)
    rows = Stall.filter(vendor_id__in=[one.vendor_id for one in listings], is_claimed=False)
    for stall in await rows.select_related("market").order_by("id"):
        stalls[stall.vendor_id].append(stall)
    former = await former_names(one.commune_code for one in listings)
    names = await names_held(listings, today)
    return [
        replace(
            _facts(one, pictures[one.id], stalls[one.vendor_id], today),
            stars=stars.get(one.id, 0),
            places=_places(stalls[one.vendor_id], former.get(one.commune_code, ())),
            names=tuple(rule.name for rule in names[one.id]),
            keywords=tuple(f"{SORT_WORDS[rule.sort]} {rule.name}" for rule in names[one.id]),
        )
        for one in listings
    ]


async def kinds_of(listing_ids: Iterable[int]) -> set[str]:
    """The kinds of these listings, on sale or not. One query."""
    return {str(one) for one in await Listing.filter(id__in=list(listing_ids)).values_list("kind", flat=True)}


async def ids_on_sale() -> list[int]:
    """The ids of everything on sale, ascending."""
    return [int(str(id)) for id in await _on_sale().order_by("id").values_list("id", flat=True)]


async def newest_on_sale(limit: int) -> list[int]:
    """The ids of the newest goods on sale, newest first."""
    return [int(str(id)) for id in await _on_sale().order_by("-id").limit(limit).values_list("id", flat=True)]


def _on_sale() -> QuerySet[Listing]:
    return Listing.filter(state=ListingState.ON_SALE, vendor__state=VendorState.CAN_SELL)


async def _all_goods(which: str, value: object) -> list[Goods]:
    rows = await sql(_GOODS + which, [value])
    variants = await variants_by_listing([_number(row, "listing_id") for row in rows if row["price_to_dong"]])
    return [_goods(row, variants.get(_number(row, "listing_id"), ())) for row in rows]


def _number(row: dict[str, object], name: str) -> int:
    return int(str(row[name]))


def _goods(row: dict[str, Any], variants: tuple[VariantView, ...]) -> Goods:
    named = {name: value for name, value in row.items() if name not in ("photo_key", "art", "price_to_dong")}
    return Goods(
        **named,
        picture_url=picture_address(row["photo_key"], row["art"]),
        url=goods_url(row["code"]),
        variants=variants,
    )


def _facts(listing: Listing, picture: Picture, stalls: list[Stall], today: date) -> ListingFacts:
    """What the listing, its seller and their stalls say; stars, further places and names come from elsewhere."""
    markets = tuple(dict.fromkeys(stall.market.name for stall in stalls))
    return ListingFacts(
        id=listing.id,
        code=listing.code,
        url=goods_url(listing.code),
        name=listing.name,
        kind=listing.kind,
        kind_name=str(kind_of(listing.kind).name),
        price_dong=listing.price_dong,
        price_to_dong=listing.price_to_dong or listing.price_dong,
        unit=listing.unit,
        seller=listing.vendor.name,
        commune=listing.commune,
        commune_code=listing.commune_code,
        province=short_province(listing.province),
        seller_code=listing.vendor.slug,
        seller_url=seller_url(listing.vendor.slug),
        market=markets[0] if markets else "",
        market_code=stalls[0].market.slug if stalls else "",
        stars=0,
        picture_url=picture.url,
        sold_out=listing.stock == 0,
        age_restricted=listing.is_adult_only,
        listed_at=int(listing.created_at.timestamp()),
        updated_at=int(listing.changed_at.timestamp()),
        keywords=(),
        places=(),
        text=listing.about,
        vendor_id=listing.vendor_id,
        art=listing.art,
        markets=markets,
        picture_srcset=picture.srcset,
        blur_url=picture.blur_url,
        seller_kind=str(listing.vendor.kind),
        in_season=_is_in_season(listing, today),
        latitude=stalls[0].market.latitude if stalls else None,
        longitude=stalls[0].market.longitude if stalls else None,
        names=(),
        ways=tuple(_ways(listing, stalls)),
        rated=listing.rated,
        rated_tenths=rated(listing.rated, listing.rated_stars).tenths,
    )


def _places(stalls: list[Stall], former: tuple[str, ...]) -> tuple[str, ...]:
    """Further markets and old units, each once."""
    return tuple(dict.fromkeys((*[stall.market.name for stall in stalls][1:], *former)))


def _ways(listing: Listing, stalls: list[Stall]) -> Iterator[str]:
    can_be_ordered = listing.takes_orders and kind_of(listing.kind).group is not Group.TOURISM
    if can_be_ordered:
        yield POST
    if stalls:
        yield STALL
    if can_be_ordered and _can_be_fetched(listing.vendor.fetch_at, stalls):
        yield FETCH


def _can_be_fetched(fetch_at: Iterable[str], stalls: list[Stall]) -> bool:
    """Whether the seller lets buyers fetch here; which post offices there are depends on the buyer."""
    return FetchAt.STALL in fetch_at or (
        FetchAt.DESK in fetch_at and any(stall.market.desk_hours for stall in stalls)
    )


def _is_in_season(listing: Listing, today: date) -> bool:
    """Harvested within the last 45 days and not past its best; the nightly look at the index lets it lapse."""
    if listing.harvested_on is None or (listing.best_before and listing.best_before < today):
        return False
    return timedelta(0) <= today - listing.harvested_on <= IN_SEASON
