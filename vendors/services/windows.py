"""Shop windows: where else goods are offered, when a person last looked, files for floors, counts for the province."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.functions import Coalesce, Count
from tortoise.queryset import QuerySet

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.rules import rule_on
from vendors.floors import FLOOR_WORDS, heads_of, row_for
from vendors.models import Floor, Listing, ListingState, Photo, ShopWindow, VendorState
from vendors.services.cards import Leaf, leaf_of
from vendors.services.photos import photo_url

WINDOWS_MAX = 20
LOOK_AGAIN = timedelta(days=30)
PROVINCIAL_RULE = "provincial_floor_hosts"


@dataclass(frozen=True)
class WindowRow:
    """A window in a seller's list, its listing fetched; `is_due` when nobody has looked for 30 days."""

    window: ShopWindow
    floor: Sentence
    is_due: bool


@dataclass(frozen=True)
class FloorFigures:
    """One floor: sellers and goods that are on it, and how many were looked at in the last 30 days."""

    floor: Sentence
    sellers: int
    goods: int
    checked: int


async def add_window(
    listing: Listing, floor: Floor, url: str, listed_on: date, *, person_id: int, now: datetime
) -> ShopWindow:
    """Keeps an address (see floors.floor_address). Refusal at `url` when it stands already, or there are too many."""
    async with transaction():
        await locked(Listing, [listing.id])
        if await ShopWindow.filter(listing_id=listing.id).count() >= WINDOWS_MAX:
            raise Refusal(say("Một món hàng nhiều nhất {n} đường dẫn.", n=WINDOWS_MAX), field="url")
        try:
            async with transaction():
                window = await ShopWindow.create(
                    listing_id=listing.id, floor=floor, url=url, listed_on=listed_on, created_at=now
                )
        except IntegrityError:
            raise Refusal(say("Đường dẫn này đã ghi cho món hàng rồi."), field="url") from None
        await record(person_id, "window_added", "listing", listing.code, floor=floor)
    return window


async def mark_checked(window_id: int, vendor_ids: Sequence[int], *, person_id: int, today: date) -> None:
    """A person says that they opened the address today and saw the goods there. NotFound for somebody else's."""
    async with transaction():
        window = await _own(window_id, vendor_ids)
        window.checked_on, window.checked_by = today, person_id
        await window.save(update_fields=["checked_on", "checked_by"])


async def remove_window(window_id: int, vendor_ids: Sequence[int], *, person_id: int) -> None:
    """Takes an address away. NotFound for somebody else's."""
    async with transaction():
        window = await _own(window_id, vendor_ids)
        await window.delete()
        await record(person_id, "window_removed", "listing", window.listing_id, floor=window.floor)


async def windows_of(vendor_ids: Sequence[int], page: int, *, today: date) -> Leaf[WindowRow]:
    """A page of a seller's windows, those that nobody looked at for longest first; one query."""
    rows = ShopWindow.filter(listing__vendor_id__in=list(vendor_ids)).select_related("listing")
    rows = rows.annotate(seen=Coalesce("checked_on", F("listed_on")))
    leaf = await leaf_of(rows.order_by("seen", "id"), page)
    return Leaf([_row(one, today) for one in leaf.items], leaf.page, leaf.has_more)


async def floor_table(
    vendor_id: int, floor: Floor, *, site: str
) -> tuple[tuple[str, ...], list[list[str | int]]]:
    """Heads and rows of a floor's file: a seller's goods on sale, with their address there if any. Three queries."""
    goods = await Listing.filter(vendor_id=vendor_id, state=ListingState.ON_SALE).order_by("id")
    ids = [one.id for one in goods]
    pictures: dict[int, list[str]] = {}
    for photo in await Photo.filter(listing_id__in=ids).order_by("position", "id"):
        pictures.setdefault(photo.listing_id, []).append(site + photo_url(photo.key))
    windows = await ShopWindow.filter(listing_id__in=ids, floor=floor).order_by("-id")
    there = {one.listing_id: one for one in windows}
    rows = [row_for(floor, _told(one, there.get(one.id)), pictures.get(one.id, [])) for one in goods]
    return heads_of(floor), rows


async def floor_figures(today: date) -> list[FloorFigures]:
    """Every floor with goods on it, in the order of the floors; two queries."""
    live = ShopWindow.filter(listing__state=ListingState.ON_SALE, listing__vendor__state=VendorState.CAN_SELL)
    fresh = live.filter(checked_on__gt=today - LOOK_AGAIN)
    counted = {str(row["floor"]): row for row in await _counted(live)}
    checked = {str(row["floor"]): int(row["goods"]) for row in await _counted(fresh)}
    return [
        FloorFigures(words, int(counted[key]["sellers"]), int(counted[key]["goods"]), checked.get(key, 0))
        for key, words in FLOOR_WORDS.items()
        if key in counted
    ]


async def provincial_hosts(today: date) -> tuple[str, ...]:
    """The hosts of the province's own floor, a dated rule; none while the province has not said."""
    said = await rule_on(PROVINCIAL_RULE, today)
    return tuple((said or "").lower().split())


async def _counted(rows: QuerySet[ShopWindow]) -> list[dict[str, Any]]:
    counts = rows.annotate(
        goods=Count("listing_id", distinct=True), sellers=Count("listing__vendor_id", distinct=True)
    )
    return await counts.group_by("floor").values("floor", "goods", "sellers")


async def _own(window_id: int, vendor_ids: Sequence[int]) -> ShopWindow:
    mine = ShopWindow.filter(id=window_id, listing__vendor_id__in=list(vendor_ids))
    window = (await locked(ShopWindow, await mine.values_list("id", flat=True))).get(window_id)
    if window is None:
        raise NotFound()
    return window


def _row(window: ShopWindow, today: date) -> WindowRow:
    seen = window.checked_on or window.listed_on
    return WindowRow(window, FLOOR_WORDS[window.floor], seen <= today - LOOK_AGAIN)


def _told(one: Listing, window: ShopWindow | None) -> dict[str, str | int]:
    return {
        "code": one.code,
        "own_code": one.own_code,
        "name": one.name,
        "kind": one.kind,
        "description": one.about,
        "price_dong": one.price_dong,
        "unit": one.unit,
        "weight_g": one.weight_g,
        "stock": one.stock,
        "commune": one.commune,
        "province": one.province,
        "floor_url": window.url if window else "",
        "listed_on": window.listed_on.isoformat() if window else "",
        "checked_on": window.checked_on.isoformat() if window and window.checked_on else "",
    }
