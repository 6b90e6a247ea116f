"""What the pages of goods, sellers and markets show, read in a bounded number of queries."""

from dataclasses import dataclass, replace
from datetime import date

from tortoise.functions import Count

from kit.codes import tidy_code
from kit.dates import vietnam_date
from kit.db import select
from kit.errors import NotFound
from kit.i18n import Sentence
from vendors.by_weight import most_on_top
from vendors.kinds import art_url, kind_of
from vendors.market_days import meets_on, schedule_of
from vendors.models import (
    Certificate,
    HarvestLot,
    Listing,
    ListingState,
    Market,
    Photo,
    Stall,
    Vendor,
    VendorState,
)
from vendors.review_rules import reasons_to_look
from vendors.services.ahead import Window, window_of
from vendors.services.cards import (
    PAGE,
    Card,
    Leaf,
    cards_of,
    goods_url,
    leaf_of,
    market_url,
    pictures_of,
    seller_url,
    stars_on,
)
from vendors.services.certificates.confirming import last_day
from vendors.services.communes import short_province
from vendors.services.labels import label_words
from vendors.services.photos import PhotoView, photo_view
from vendors.services.protected.names import NameBadge, badges_of, names_barred
from vendors.services.sellers import KIND_NAMES, VendorCard, vendor_with_card
from vendors.services.stock.lots import lots_of
from vendors.services.variants import VariantView, variants_of

_BELIEVED = "WHERE listing_id = $1 AND state IN ('confirmed', 'ended') ORDER BY stars DESC, valid_to DESC"


@dataclass(frozen=True)
class CertificateView:
    """An OCOP certificate as it is named beside the stars; one that was ended is valid to the day before."""

    code: str
    stars: int
    decision_no: str
    decided_on: date | None
    valid_to: date | None


@dataclass(frozen=True)
class ListingView:
    """Goods with all that their page says; `valid` only for a certificate valid today.

    With variants `price_dong` to `price_to_dong` are their prices and `stock` their sum.
    """

    id: int
    code: str
    url: str
    name: str
    kind: str
    kind_name: Sentence
    price_dong: int
    price_to_dong: int
    price_per_kg_dong: int | None
    portion_g: int | None
    band_percent: int | None
    is_heavier_charged: bool
    unit: str
    weight_g: int
    stock: int
    variants: tuple[VariantView, ...]
    commune_code: str
    commune: str
    province: str
    about: str
    art_url: str
    is_adult_only: bool
    is_demo: bool
    state: ListingState
    returned_because: str
    photos: tuple[PhotoView, ...]
    valid: CertificateView | None
    lapsed: tuple[CertificateView, ...]
    seller: VendorCard
    harvested_on: date | None
    best_before: date | None
    is_past_best: bool
    window: Window | None
    takes_orders: bool
    lots: tuple[HarvestLot, ...]
    rated: int
    names: tuple[NameBadge, ...] = ()

    @property
    def more_most_dong(self) -> int:
        """The most that a piece which weighs more may cost on top; 0 where that is not charged."""
        if not (self.is_heavier_charged and self.portion_g and self.price_per_kg_dong):
            return 0
        return most_on_top(self.price_per_kg_dong, self.portion_g, self.band_percent or 0, self.price_dong)


@dataclass(frozen=True)
class OwnRow:
    """One of a seller's own listings; `reasons` while it waits, what an administrator should look at."""

    listing: Listing
    picture_url: str
    url: str
    reasons: tuple[Sentence, ...] = ()
    variants: tuple[VariantView, ...] = ()


@dataclass(frozen=True)
class StallRow:
    """A stall of a market and who sells there, with the kinds of goods."""

    number: str
    name: str
    url: str
    kinds: tuple[Sentence, ...]
    zone: str = ""
    zone_goods: str = ""


@dataclass(frozen=True)
class MarketRow:
    """A market in the list of all."""

    url: str
    name: str
    commune: str
    schedule: Sentence | str
    stalls: int
    meets_today: bool | None = None


@dataclass(frozen=True)
class VendorRow:
    """A vendor in the administrator's list."""

    vendor: Vendor
    url: str
    kind_name: Sentence
    joined_on: date
    listings: int


async def listing_view(
    code: str, *, today: date, vendor_ids: tuple[int, ...] = (), is_admin: bool = False
) -> ListingView:
    """Goods by code: on sale for everybody, else only for their seller and administrators. NotFound otherwise."""
    listing, seller = await _goods_of(tidy_code(code))
    if not (is_admin or listing.vendor_id in vendor_ids or _is_public(listing)):
        raise NotFound()
    photos = await select(Photo, "WHERE listing_id = $1 ORDER BY position, id", [listing.id])
    certificates = await select(Certificate, _BELIEVED, [listing.id])
    variants = (await variants_of([listing])).get(listing.id, ())
    lots = tuple(await lots_of(listing.id))
    view = _view(listing, photos, certificates, variants, lots, seller, today)
    return replace(view, names=await badges_of(listing, today))


async def _goods_of(code: str) -> tuple[Listing, VendorCard]:
    """A listing with its vendor at hand, and the vendor's card; two queries. NotFound."""
    for listing in await select(Listing, "WHERE code = $1", [code]):
        found = await vendor_with_card("WHERE id = $1", [listing.vendor_id])
        assert found is not None
        listing.vendor = found[0]
        return listing, found[1]
    raise NotFound()


async def newest_cards(*, today: date, is_adult: bool = False, limit: int = PAGE) -> list[Card]:
    """Cards of the newest goods that can be had, for a first page; three queries."""
    goods = Listing.filter(state=ListingState.ON_SALE, vendor__state=VendorState.CAN_SELL, stock__gt=0)
    if not is_adult:
        goods = goods.filter(is_adult_only=False)
    return await cards_of(await goods.order_by("-id").select_related("vendor").limit(limit), today=today)


async def seller_page(slug: str, page: int, *, today: date, is_adult: bool) -> tuple[VendorCard, Leaf[Card]]:
    """A seller and a page of what they sell; goods for grown-ups only when the visitor said to be one."""
    found = await vendor_with_card("WHERE slug = $1 AND state = 'can_sell'", [slug])
    if found is None:
        raise NotFound()
    vendor, card = found
    goods = Listing.filter(vendor_id=vendor.id, state=ListingState.ON_SALE)
    if not is_adult:
        goods = goods.filter(is_adult_only=False)
    leaf = await leaf_of(goods.order_by("-id").select_related("vendor"), page)
    cards = await cards_of(leaf.items, today=today)
    return card, Leaf(cards, leaf.page, leaf.has_more)


async def market_page(slug: str, page: int) -> tuple[Market, Leaf[StallRow]]:
    """A market and a page of its stalls, zone by zone, those in none last. NotFound when there is no such market."""
    market = await Market.get_or_none(slug=slug)
    if market is None:
        raise NotFound()
    stalls = Stall.filter(market_id=market.id, vendor__state=VendorState.CAN_SELL, is_claimed=False)
    order = ("zone__position", "zone__name", "number", "id")
    leaf = await leaf_of(stalls.select_related("vendor", "zone").order_by(*order), page)
    kinds = await _kinds_sold([stall.vendor_id for stall in leaf.items])
    rows = [
        StallRow(
            one.number,
            one.vendor.name,
            seller_url(one.vendor.slug),
            kinds.get(one.vendor_id, ()),
            one.zone.name if one.zone else "",
            one.zone.goods if one.zone else "",
        )
        for one in leaf.items
    ]
    return market, Leaf(rows, leaf.page, leaf.has_more)


async def market_index(page: int, *, today: date) -> Leaf[MarketRow]:
    """Markets by their names without accents, with the number of stalls taken and whether they meet today."""
    leaf = await leaf_of(Market.annotate(taken=Count("stalls")).order_by("slug"), page)
    rows = []
    for one in leaf.items:
        days = schedule_of(one.schedule_kind, one.schedule_days)
        shown, taken = days.words or one.schedule, int(getattr(one, "taken", 0))
        rows.append(
            MarketRow(market_url(one.slug), one.name, one.commune, shown, taken, meets_on(days, today))
        )
    return Leaf(rows, leaf.page, leaf.has_more)


async def market_choices() -> list[tuple[str, str]]:
    """All markets as (slug, name and commune) for a form."""
    rows = await Market.all().order_by("slug").values_list("slug", "name", "commune")
    return [(str(slug), f"{name}, {commune}") for slug, name, commune in rows]


async def is_market(slug: str) -> bool:
    """Whether there is a market with this slug."""
    return await Market.filter(slug=slug).exists()


async def own_listings(vendor_ids: tuple[int, ...], page: int, *, today: date | None = None) -> Leaf[OwnRow]:
    """A page of the listings of these vendors, newest first; with `today` the reasons why some wait. Three queries."""
    leaf = await leaf_of(Listing.filter(vendor_id__in=list(vendor_ids)).order_by("-id"), page)
    pictures = await pictures_of(leaf.items)
    rows = await _with_reasons(leaf.items, pictures, today)
    return Leaf(rows, leaf.page, leaf.has_more)


async def waiting_listings(page: int, *, today: date | None = None) -> Leaf[OwnRow]:
    """A page of those that wait for approval, oldest first, vendors fetched; `today` as above. Three queries."""
    waiting = Listing.filter(state=ListingState.SUBMITTED).order_by("id").select_related("vendor")
    leaf = await leaf_of(waiting, page)
    pictures = await pictures_of(leaf.items)
    rows = await _with_reasons(leaf.items, pictures, today)
    return Leaf(rows, leaf.page, leaf.has_more)


async def vendor_index(page: int) -> Leaf[VendorRow]:
    """A page of all vendors, newest first, with how many listings they have; one query."""
    leaf = await leaf_of(Vendor.annotate(offered=Count("listings")).order_by("-id"), page)
    rows = [
        VendorRow(
            one,
            seller_url(one.slug),
            KIND_NAMES[one.kind],
            vietnam_date(one.created_at),
            int(getattr(one, "offered", 0)),
        )
        for one in leaf.items
    ]
    return Leaf(rows, leaf.page, leaf.has_more)


async def _with_reasons(
    listings: list[Listing], pictures: dict[int, str], today: date | None
) -> list[OwnRow]:
    """Rows that say why they wait, and in which variants; without a day nobody asked."""
    waiting = [one for one in listings if today and one.state == ListingState.SUBMITTED]
    ids = [one.id for one in waiting]
    stars = await stars_on(ids, today) if today and waiting else {}
    barred = await names_barred(listings, today) if today and waiting else {}
    labels = await label_words(ids) if waiting else {}
    variants = await variants_of(waiting)
    return [
        OwnRow(
            one,
            pictures[one.id],
            goods_url(one.code),
            tuple(
                reasons_to_look(
                    one,
                    stars=stars.get(one.id, 0),
                    names_without_right=barred.get(one.id, ()),
                    label=labels.get(one.id, {}),
                    variants=variants.get(one.id, ()),
                )
                if one in waiting
                else ()
            ),
            variants.get(one.id, ()),
        )
        for one in listings
    ]


def _is_public(listing: Listing) -> bool:
    return listing.state == ListingState.ON_SALE and listing.vendor.state == VendorState.CAN_SELL


async def _kinds_sold(vendor_ids: list[int]) -> dict[int, tuple[Sentence, ...]]:
    rows = (
        await Listing.filter(vendor_id__in=vendor_ids, state=ListingState.ON_SALE)
        .distinct()
        .order_by("kind")
        .values_list("vendor_id", "kind")
    )
    found: dict[int, tuple[Sentence, ...]] = {}
    for vendor_id, kind in rows:
        found[int(str(vendor_id))] = (*found.get(int(str(vendor_id)), ()), kind_of(str(kind)).name)
    return found


def _view(
    listing: Listing,
    photos: list[Photo],
    certificates: list[Certificate],
    variants: tuple[VariantView, ...],
    lots: tuple[HarvestLot, ...],
    seller: VendorCard,
    today: date,
) -> ListingView:
    named = [
        CertificateView(one.code, one.stars, one.decision_no, one.decided_on, last_day(one))
        for one in certificates
    ]
    valid = [
        one for one in named if one.decided_on and one.valid_to and one.decided_on <= today <= one.valid_to
    ]
    return ListingView(
        id=listing.id,
        code=listing.code,
        url=goods_url(listing.code),
        name=listing.name,
        kind=listing.kind,
        kind_name=kind_of(listing.kind).name,
        price_dong=listing.price_dong,
        price_to_dong=listing.price_to_dong or listing.price_dong,
        price_per_kg_dong=listing.price_per_kg_dong,
        portion_g=listing.portion_g,
        band_percent=listing.band_percent,
        is_heavier_charged=listing.is_heavier_charged,
        unit=listing.unit,
        weight_g=listing.weight_g,
        stock=listing.stock,
        variants=variants,
        commune_code=listing.commune_code,
        commune=listing.commune,
        province=short_province(listing.province),
        about=listing.about,
        art_url=art_url(listing.art),
        is_adult_only=listing.is_adult_only,
        is_demo=listing.is_demo,
        state=listing.state,
        returned_because=listing.returned_because,
        photos=tuple(photo_view(one) for one in photos),
        valid=valid[0] if valid else None,
        lapsed=tuple(one for one in named if one.valid_to and one.valid_to < today),
        seller=seller,
        harvested_on=listing.harvested_on,
        best_before=listing.best_before,
        is_past_best=listing.best_before is not None and listing.best_before < today,
        window=window_of(listing),
        takes_orders=listing.takes_orders,
        lots=tuple(lot for lot in lots if lot.on_shelf),
        rated=listing.rated,
    )
