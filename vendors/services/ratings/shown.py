"""Ratings as they are read: of goods and of a seller in the order of time, a seller's own, one for its author."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.queryset import QuerySet

from kit.codes import tidy_code
from kit.db import sql
from kit.errors import NotFound
from kit.i18n import Sentence
from vendors.models import Listing, ListingState, Rating, RatingPhoto, RatingTakeDown, Vendor, VendorState
from vendors.rating_rules import FAULTS, Rated, rated
from vendors.services.cards import Leaf, goods_url, leaf_of, seller_url
from vendors.services.photos import LARGE_PX, SMALL_PX, photo_url

FIRST_ROWS = 6
_OF_VENDOR = "SELECT coalesce(sum(rated), 0) AS n, coalesce(sum(rated_stars), 0) AS s FROM listing WHERE vendor_id = $1"


@dataclass(frozen=True)
class RatingPhotoView:
    """A photo of a rating: the small one that leads to the large one."""

    url: str
    large_url: str


@dataclass(frozen=True)
class RatingView:
    """A rating; one that was taken down shows why and when instead of its words.

    `name` is masked, empty for a buyer who was erased. `is_held`: it waits for a look, and only its author reads it.
    """

    id: int
    name: str
    stars: int
    words: str
    photos: tuple[RatingPhotoView, ...]
    at: datetime
    answer: str
    answered_at: datetime | None
    taken_down_at: datetime | None
    why: Sentence | None
    goods: str
    goods_url: str
    order_code: str
    is_held: bool = False


@dataclass(frozen=True)
class RatedGoods:
    """Goods or a seller with how they are rated and a page of what was said."""

    name: str
    url: str
    is_adult_only: bool
    rated: Rated
    leaf: Leaf[RatingView]


@dataclass(frozen=True)
class Newest:
    """How something is rated, and the newest ratings of it."""

    rated: Rated
    rows: list[RatingView]


NONE = Newest(Rated(0, 0), [])


async def newest_of_goods(listing_id: int) -> Newest:
    """How goods are rated, and the newest of it. Two queries at most."""
    query = _shown(listing_id=listing_id, taken_down_at__isnull=True).order_by("-id")
    rows = await query.limit(FIRST_ROWS).select_related("listing")
    return (
        Newest(rated(rows[0].listing.rated, rows[0].listing.rated_stars), await _views(rows))
        if rows
        else NONE
    )


async def ratings_of_goods(code: str, page: int) -> RatedGoods:
    """A page of all ratings of goods that are shown, newest first. NotFound otherwise. Four queries at most."""
    listing = await Listing.get_or_none(
        code=tidy_code(code), state=ListingState.ON_SALE, vendor__state=VendorState.CAN_SELL
    )
    if listing is None:
        raise NotFound()
    leaf = await _leaf(_shown(listing_id=listing.id), page)
    average = rated(listing.rated, listing.rated_stars)
    return RatedGoods(listing.name, goods_url(listing.code), listing.is_adult_only, average, leaf)


async def ratings_of_seller(slug: str, page: int, *, is_adult: bool) -> RatedGoods:
    """A page of all ratings of a seller's goods, newest first, of goods for grown-ups only for them.

    NotFound for who does not sell. Five queries at most.
    """
    vendor = await Vendor.get_or_none(slug=slug, state=VendorState.CAN_SELL)
    if vendor is None:
        raise NotFound()
    leaf = await _leaf(_of_seller(vendor.id, is_adult=is_adult), page)
    return RatedGoods(vendor.name, seller_url(vendor.slug), False, await rated_seller(vendor.id), leaf)


async def rated_seller(vendor_id: int) -> Rated:
    """How all goods of a seller are rated together. One query."""
    [row] = await sql(_OF_VENDOR, [vendor_id])
    return rated(int(str(row["n"])), int(str(row["s"])))


async def newest_of_seller(vendor_id: int, *, is_adult: bool) -> Newest:
    """How a seller is rated, and the newest of it, of goods for grown-ups only for them. Three queries at most."""
    average = await rated_seller(vendor_id)
    if not average.count:
        return NONE
    rows = _of_seller(vendor_id, is_adult=is_adult).filter(taken_down_at__isnull=True).order_by("-id")
    return Newest(average, await _views(await rows.limit(FIRST_ROWS).select_related("listing")))


def _shown(**which: object) -> QuerySet[Rating]:
    """These ratings without those that wait for a look."""
    return Rating.filter(held_at__isnull=True, **which)


def _of_seller(vendor_id: int, *, is_adult: bool) -> QuerySet[Rating]:
    rows = _shown(vendor_id=vendor_id)
    return rows if is_adult else rows.filter(listing__is_adult_only=False)


async def own_ratings(vendor_ids: Sequence[int], page: int) -> Leaf[RatingView]:
    """What buyers say of these sellers' goods, newest first. Three queries at most."""
    return await _leaf(_shown(vendor_id__in=list(vendor_ids)), page)


async def ratings_of_lines(line_ids: Iterable[int]) -> dict[int, RatingView]:
    """Ratings by the lines of orders that they are about. Three queries at most."""
    rows = await Rating.filter(line_id__in=list(line_ids)).order_by("id").select_related("listing")
    return dict(zip([one.line_id for one in rows], await _views(rows), strict=True))


async def rating_view(rating_id: int) -> RatingView:
    """One rating. NotFound when there is none, or none that is shown yet."""
    rows = await _shown(id=rating_id).select_related("listing")
    if not rows:
        raise NotFound()
    return (await _views(rows))[0]


async def _leaf(query: QuerySet[Rating], page: int) -> Leaf[RatingView]:
    leaf = await leaf_of(query.order_by("-id").select_related("listing"), page)
    return Leaf(await _views(leaf.items), leaf.page, leaf.has_more)


async def _views(rows: Sequence[Rating]) -> list[RatingView]:
    photos: dict[int, list[RatingPhotoView]] = defaultdict(list)
    shown = [one.id for one in rows if one.taken_down_at is None]
    for photo in await RatingPhoto.filter(rating_id__in=shown).order_by("id") if shown else []:
        view = RatingPhotoView(photo_url(photo.key, SMALL_PX), photo_url(photo.key, LARGE_PX))
        photos[photo.rating_id].append(view)
    down = [one.id for one in rows if one.taken_down_at is not None]
    found = await RatingTakeDown.filter(rating_id__in=down, lifted_at__isnull=True) if down else []
    whys = {one.rating_id: FAULTS[one.fault].words for one in found}
    return [_view(one, tuple(photos[one.id]), whys.get(one.id)) for one in rows]


def _view(row: Rating, photos: tuple[RatingPhotoView, ...], why: Sentence | None) -> RatingView:
    is_down = row.taken_down_at is not None
    return RatingView(
        id=row.id,
        name=row.shown_name,
        stars=row.stars,
        words="" if is_down else row.words,
        photos=photos,
        at=row.at,
        answer="" if is_down else row.answer,
        answered_at=row.answered_at,
        taken_down_at=row.taken_down_at,
        why=why,
        goods=row.listing.name,
        goods_url=goods_url(row.listing.code),
        order_code=row.order_code,
        is_held=row.held_at is not None,
    )
