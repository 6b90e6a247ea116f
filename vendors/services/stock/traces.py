"""The public trace of a harvest lot: what Decree 37/2026/NĐ-CP, Article 23 lets a consumer look up, and its events.

Shaped after the critical tracking events of TCVN 12850; no conformity with the national portal is claimed.
"""

from dataclasses import dataclass
from datetime import date, datetime

from kit.errors import NotFound
from vendors.models import Certificate, CertificateState, HarvestLot, Listing, ListingState, VendorState
from vendors.services.cards import goods_url, pictures_of
from vendors.services.communes import short_province
from vendors.services.stock.lots import lot_by_code
from vendors.services.variants import full_name


@dataclass(frozen=True)
class LotTrace:
    """A lot as a consumer reads it; stars and their decision only for a certificate valid today.

    `goods_url` is empty while the goods are not on sale.
    """

    code: str
    url: str
    name: str
    goods_url: str
    picture_url: str
    producer: str
    producer_address: str
    commune_code: str
    commune: str
    province: str
    plot: str
    harvested_on: date
    best_before: date | None
    is_past_best: bool
    quantity: int
    unit: str
    recorded_at: datetime
    stars: int
    decision_no: str
    certificate_code: str


async def lot_trace(code: str, *, today: date) -> LotTrace:
    """The trace of a lot by the code on its pack. NotFound for an unknown code or goods that nobody approved yet."""
    lot = await lot_by_code(code)
    listing: Listing = lot.listing
    if listing.approved_price_dong is None and listing.state != ListingState.ON_SALE:
        raise NotFound()
    certificate = (
        await Certificate.filter(
            listing_id=listing.id,
            state=CertificateState.CONFIRMED,
            decided_on__lte=today,
            valid_to__gte=today,
        )
        .order_by("-stars")
        .first()
    )
    pictures = await pictures_of([listing])
    return _trace(lot, listing, pictures[listing.id], certificate, today)


def _trace(
    lot: HarvestLot, listing: Listing, picture_url: str, certificate: Certificate | None, today: date
) -> LotTrace:
    seller = listing.vendor
    is_shown = listing.state == ListingState.ON_SALE and seller.state == VendorState.CAN_SELL
    address = (seller.line, seller.commune, short_province(seller.province))
    return LotTrace(
        code=lot.code,
        url=f"/lots/{lot.code}",
        name=full_name(listing.name, lot.variant.name if lot.variant else ""),
        goods_url=goods_url(listing.code) if is_shown else "",
        picture_url=picture_url,
        producer=seller.name,
        producer_address=", ".join(part for part in address if part),
        commune_code=listing.commune_code,
        commune=listing.commune,
        province=short_province(listing.province),
        plot=lot.plot,
        harvested_on=lot.harvested_on,
        best_before=lot.best_before,
        is_past_best=lot.best_before is not None and lot.best_before < today,
        quantity=lot.quantity,
        unit=lot.variant.unit if lot.variant else listing.unit,
        recorded_at=lot.created_at,
        stars=certificate.stars if certificate else 0,
        decision_no=certificate.decision_no if certificate else "",
        certificate_code=certificate.code if certificate else "",
    )
