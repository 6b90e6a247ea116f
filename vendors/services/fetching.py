"""Where a seller lets buyers fetch what they bought: at the stall, at a market's desk, at a post office."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import NotFound, Refusal
from kit.hours import OpenNow, open_now
from kit.i18n import say
from vendors.models import Vendor
from vendors.services.indexed import index_goods_of
from vendors.services.sellers import MarketDesk, VendorCard, vendor_card


class FetchAt(StrEnum):
    """A kind of place."""

    STALL = "stall"
    DESK = "desk"
    POINT = "point"


@dataclass(frozen=True)
class Fetching:
    """What a seller allows, and the desks of the markets that they stand in."""

    card: VendorCard
    desks: tuple[MarketDesk, ...]


@dataclass(frozen=True)
class FetchSpot:
    """Where buyers fetch, as pages of goods and sellers say it; `now` only for hours that are understood."""

    at: FetchAt
    name: str
    address: str
    hours: str
    now: OpenNow | None


@dataclass(frozen=True)
class StallPlace:
    """The seller's stall, or where they live when they have none."""

    name: str
    line: str
    commune_code: str
    commune: str


def stall_place(card: VendorCard) -> StallPlace:
    """Where somebody is found who comes to fetch at the seller's."""
    if not card.stalls:
        return StallPlace(card.name, card.line, card.commune_code, card.commune)
    stall = card.stalls[0]
    desk = stall.desk
    return StallPlace(f"{stall.number}, {stall.market}", desk.line, desk.commune_code, desk.commune)


def fetch_spots(card: VendorCard, *, now: datetime) -> tuple[FetchSpot, ...]:
    """The stall and the desks where a seller lets buyers fetch; which post offices there are depends on the buyer."""
    spots = []
    if FetchAt.STALL in card.fetch_at:
        place = stall_place(card)
        address = ", ".join(filter(None, (place.line, place.commune)))
        hours = card.fetch_hours
        spots.append(FetchSpot(FetchAt.STALL, place.name, address, hours, open_now(hours, now)))
    for desk in desks_of(card) if FetchAt.DESK in card.fetch_at else ():
        spots.append(
            FetchSpot(FetchAt.DESK, desk.market, desk.address, desk.hours, open_now(desk.hours, now))
        )
    return tuple(spots)


async def fetching_of(vendor_id: int) -> Fetching:
    """What a seller allows. NotFound."""
    card = await vendor_card(vendor_id)
    return Fetching(card, desks_of(card))


def desks_of(card: VendorCard) -> tuple[MarketDesk, ...]:
    """The desks that keep goods in the markets where a seller stands, each once."""
    return tuple({one.desk.market_id: one.desk for one in card.stalls if one.desk.hours}.values())


async def allow_fetching(vendor_id: int, at: Collection[str], hours: str, *, person_id: int) -> None:
    """What a seller allows from now on; orders already placed stay as they are.

    Raises Refusal at `hours` when buyers may come to a stall that has none, at `fetch_at` when no desk is there.
    """
    wanted, card = [one for one in FetchAt if one in at], await vendor_card(vendor_id)
    if FetchAt.STALL in wanted and not hours:
        raise Refusal(say("Ghi giờ có người ở sạp, ví dụ «6–11 giờ mỗi ngày»."), field="hours")
    if FetchAt.DESK in wanted and not desks_of(card):
        raise Refusal(say("Chợ của cô bác chưa có bàn giữ hàng. Hỏi ban quản lý chợ."), field="fetch_at")
    async with transaction():
        row = (await locked(Vendor, [vendor_id])).get(vendor_id)
        if row is None:
            raise NotFound()
        row.fetch_at, row.fetch_hours = [str(one) for one in wanted], hours
        await row.save(update_fields=["fetch_at", "fetch_hours"])
        await index_goods_of([vendor_id])
        await record(person_id, "fetching_allowed", "vendor", vendor_id, at=row.fetch_at, hours=hours)
