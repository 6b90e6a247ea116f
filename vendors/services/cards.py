"""What lists of goods show: first photos, valid stars, and cards in pages of 24."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from tortoise.models import Model
from tortoise.queryset import QuerySet

from kit.db import select, sql
from vendors.kinds import art_url
from vendors.models import Listing, Photo
from vendors.rating_rules import rated
from vendors.services.photos import CARD_SIDES_PX, SMALL_PX, photo_srcset, photo_url

T = TypeVar("T")
M = TypeVar("M", bound=Model)
PAGE = 24
PAGES_MAX = 400
_STARS = """
    SELECT listing_id, max(stars) AS stars FROM certificate
    WHERE listing_id = ANY($1) AND state = 'confirmed' AND decided_on <= $2 AND valid_to >= $2 GROUP BY listing_id
"""
_LAST_TO_FIRST = "WHERE listing_id = ANY($1) ORDER BY position DESC, id DESC"


@dataclass(frozen=True)
class Card:
    """Goods in a grid."""

    url: str
    picture_url: str
    name: str
    price_dong: int
    unit: str
    seller: str
    commune: str
    stars: int
    sold_out: bool
    picture_srcset: str = ""
    blur_url: str = ""
    price_to_dong: int = 0
    rated: int = 0
    rated_tenths: int = 0


@dataclass(frozen=True)
class Picture:
    """The picture of goods in a list: its small file, the files to choose from, and the blurred preview inline.

    A drawing has its address alone.
    """

    url: str
    srcset: str = ""
    blur_url: str = ""


@dataclass(frozen=True)
class Leaf(Generic[T]):
    """One page of a list and whether more follows."""

    items: list[T]
    page: int
    has_more: bool


async def leaf_of(query: QuerySet[M], page: int) -> Leaf[M]:
    """The page with this number (1 the first) of an ordered query, in one query."""
    page = max(1, min(page, PAGES_MAX))
    rows = await query.offset((page - 1) * PAGE).limit(PAGE + 1)
    return Leaf(rows[:PAGE], page, len(rows) > PAGE)


async def cards_of(listings: Sequence[Listing], *, today: date) -> list[Card]:
    """Cards of listings whose vendors are fetched, in the same order; two queries for all of them."""
    stars = await stars_on([one.id for one in listings], today)
    pictures = await first_pictures(listings)
    return [
        Card(
            url=goods_url(one.code),
            picture_url=pictures[one.id].url,
            name=one.name,
            price_dong=one.price_dong,
            unit=one.unit,
            seller=one.vendor.name,
            commune=one.commune,
            stars=stars.get(one.id, 0),
            sold_out=one.stock == 0,
            picture_srcset=pictures[one.id].srcset,
            blur_url=pictures[one.id].blur_url,
            price_to_dong=one.price_to_dong or one.price_dong,
            rated=one.rated,
            rated_tenths=rated(one.rated, one.rated_stars).tenths,
        )
        for one in listings
    ]


async def pictures_of(listings: Sequence[Listing]) -> dict[int, str]:
    """By listing id the address of its first photo, small, or of its drawing."""
    return {listing_id: one.url for listing_id, one in (await first_pictures(listings)).items()}


async def first_pictures(listings: Sequence[Listing]) -> dict[int, Picture]:
    """By listing id its first photo, or its drawing; one query."""
    photos = await select(Photo, _LAST_TO_FIRST, [[one.id for one in listings]])
    first = {photo.listing_id: photo for photo in photos}
    return {one.id: _picture(first.get(one.id), one.art) for one in listings}


async def stars_on(listing_ids: Iterable[int], day: date) -> dict[int, int]:
    """By listing id the stars of the certificate that is valid on this day; those without one are left out."""
    rows = await sql(_STARS, [list(listing_ids), day])
    return {int(str(row["listing_id"])): int(str(row["stars"])) for row in rows}


def picture_address(photo_key: str | None, art: str) -> str:
    """The address of a photo, small, or of a drawing."""
    return art_url(art) if photo_key is None else photo_url(photo_key, SMALL_PX)


def _picture(photo: Photo | None, art: str) -> Picture:
    if photo is None:
        return Picture(art_url(art))
    srcset = photo_srcset(photo.key, photo.width_px, photo.height_px, CARD_SIDES_PX)
    return Picture(photo_url(photo.key, SMALL_PX), srcset, photo.blur_url)


def goods_url(code: str) -> str:
    """Where goods are shown."""
    return f"/goods/{code}"


def seller_url(slug: str) -> str:
    """Where a seller is shown."""
    return f"/sellers/{slug}"


def market_url(slug: str) -> str:
    """Where a market is shown."""
    return f"/markets/{slug}"
