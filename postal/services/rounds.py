"""A carrier's round: the stops of today in the order of the road or put in order by hand; who is to collect what."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise.functions import Count

from accounts.services import people_with, record
from kit.dates import day_start, vietnam_date
from kit.db import locked, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.outbox import announce
from kit.points import points
from kit.roles import Role
from postal.carrier import Party
from postal.models import Parcel, ParcelEvent, PostalPoint
from postal.services.collecting import cash_due
from postal.services.lists import TO_COLLECT
from postal.services.views import ParcelView, view_of
from postal.staff_carrier import CODE as STAFF
from postal.staff_carrier import Act
from postal.states import ParcelState
from postal.way import in_order

STOPS_MAX = 200
ASSIGNED_AT_ONCE = 500


class StopKind(StrEnum):
    """What is done at a stop."""

    COLLECT = "collect"
    DELIVER = "deliver"
    GIVE_BACK = "give_back"


_KINDS = {
    ParcelState.CREATED: StopKind.COLLECT,
    ParcelState.AWAITING_PICKUP: StopKind.COLLECT,
    ParcelState.OUT_FOR_DELIVERY: StopKind.DELIVER,
    ParcelState.RETURNING: StopKind.GIVE_BACK,
}


@dataclass(frozen=True)
class Stop:
    """One parcel of a round; `latitude` and `longitude` are the door's or its commune's, None when unknown."""

    kind: StopKind
    parcel: ParcelView
    market: str
    latitude: float | None
    longitude: float | None

    @property
    def cash_dong(self) -> int:
        """What has to be taken at this stop."""
        return cash_due(self.parcel) if self.kind is StopKind.DELIVER else 0

    @property
    def party(self) -> Party:
        """Whom the carrier goes to: the buyer, or the seller at a collection or a return."""
        return self.parcel.recipient if self.kind is StopKind.DELIVER else self.parcel.sender


@dataclass(frozen=True)
class Round:
    """The stops that are left, in order, and how many of each act the carrier has done today."""

    stops: list[Stop]
    done: dict[Act, int]


async def round_of(person_id: int, *, now: datetime) -> Round:
    """What this carrier is to collect, deliver and give back; the phones in it are recorded as read."""
    mine = Parcel.filter(holder_id=person_id, state__in=list(_KINDS), code__isnull=False)
    rows = await mine.order_by("id").limit(STOPS_MAX)
    placed = sorted((row for row in rows if row.position is not None), key=lambda row: row.position or 0)
    others = [_stop(row) for row in rows if row.position is None]
    stops = [_stop(row) for row in placed] + await _by_road(others)
    if stops:
        async with transaction():
            codes = [one.parcel.code for one in stops]
            await record(person_id, "phones_read", "work_list", "round", codes=codes)
    return Round(stops, await _done_today(person_id, now))


def _stop(row: Parcel) -> Stop:
    kind, seen = _KINDS[row.state], view_of(row)
    party = seen.recipient if kind is StopKind.DELIVER else seen.sender
    point = points().get(party.commune_code)
    at = (point.latitude, point.longitude) if point else (None, None)
    if kind is StopKind.DELIVER and row.latitude is not None and row.longitude is not None:
        at = (row.latitude, row.longitude)
    return Stop(kind, seen, row.market, *at)


async def _by_road(stops: Sequence[Stop]) -> list[Stop]:
    """From the post office of the commune with most stops on, always to the nearest that is left."""
    communes = Counter(one.party.commune_code for one in stops)
    offices = PostalPoint.filter(commune_code__in=list(communes)).order_by("id")
    with_office = {row.commune_code for row in await offices} if stops else set()
    start = max(communes, key=lambda code: (code in with_office, communes[code], code), default="")
    return in_order(
        stops,
        commune_of=lambda one: one.party.commune_code,
        line_of=lambda one: f"{one.market} {one.party.line}",
        start=start,
    )


async def _done_today(person_id: int, now: datetime) -> dict[Act, int]:
    day = vietnam_date(now)
    mine = ParcelEvent.filter(
        person_id=person_id,
        happened_at__gte=day_start(day),
        happened_at__lt=day_start(day + timedelta(days=1)),
        act__in=[Act.ACCEPT, Act.DELIVER, Act.FAIL, Act.GIVE_BACK],
    )
    counted = await mine.annotate(count=Count("id")).group_by("act").values_list("act", "count")
    return {Act(act): int(count) for act, count in counted}


async def put_in_order(person_id: int, codes: Sequence[str]) -> None:
    """Keeps the order a carrier gave the stops by hand; no codes: back to the order of the road."""
    async with transaction():
        mine = await Parcel.filter(holder_id=person_id, state__in=list(_KINDS)).values_list("id", flat=True)
        rows = await locked(Parcel, mine)
        wanted = {code: place for place, code in enumerate(codes[:STOPS_MAX])}
        for row in rows.values():
            position = wanted.get(row.code or "")
            if position != row.position:
                await Parcel.filter(id=row.id).update(position=position)


async def carriers() -> list[tuple[int, str]]:
    """The carriers by number and name, those of one name in the order they came."""
    return await people_with(Role.CARRIER)


async def assign(codes: Sequence[str], holder_id: int, *, person_id: int) -> int:
    """Gives parcels that wait for collection to a carrier; gives how many. Those already collected are left alone.

    Refusal at `codes` when none is chosen, NotFound when nobody of that number is a carrier.
    """
    if not codes:
        raise Refusal(say("Chọn ít nhất một bưu gửi để giao cho bưu tá."), field="codes")
    if holder_id not in dict(await carriers()):
        raise NotFound(say("Không có bưu tá này."))
    async with transaction():
        chosen = Parcel.filter(code__in=list(codes[:ASSIGNED_AT_ONCE]), state__in=TO_COLLECT, carrier=STAFF)
        rows = await locked(Parcel, await chosen.values_list("id", flat=True))
        mine = [row for row in rows.values() if row.state in TO_COLLECT]
        await Parcel.filter(id__in=[row.id for row in mine]).update(holder_id=holder_id, position=None)
        given = {"holder": holder_id, "codes": [row.code for row in mine]}
        await record(person_id, "pickups_assigned", "work_list", "pickups", **given)
        await announce("post")
        return len(mine)
