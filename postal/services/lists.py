"""The work lists of the day: what to collect, what to deliver, and what one person has done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.functions import Count

from accounts.services import record
from kit.dates import day_start, vietnam_date
from kit.db import select, sql, transaction
from postal.models import Parcel, ParcelEvent
from postal.services.sight import NOT_OTHERS, Viewer, for_whom
from postal.services.views import ParcelView, view_of
from postal.staff_carrier import CODE as STAFF
from postal.staff_carrier import Act
from postal.states import ParcelState

PAGE_ROWS = 60
BOOK_ROWS = 200
PAGES_MAX = 200

_S = ParcelState
TO_COLLECT = (_S.CREATED, _S.AWAITING_PICKUP)
TO_DELIVER = (
    _S.OUT_FOR_DELIVERY,
    _S.AT_DELIVERY_OFFICE,
    _S.FAILED_ATTEMPT,
    _S.PICKED_UP,
    _S.IN_TRANSIT,
    _S.RETURNING,
)

_OURS = f"WHERE carrier = '{STAFF}' AND code IS NOT NULL AND {NOT_OTHERS}"
_WAITING = f"{_OURS} AND state IN {tuple(map(str, TO_COLLECT))}"
_HELD = f"{_OURS} AND state IN {tuple(map(str, TO_DELIVER))}"
_BY_SENDER = "market, sender_commune_code, sender_name, sender_phone, booked_at, id"
_BY_RANK = (
    f"array_position(ARRAY{[*map(str, TO_DELIVER)]}, state::text), recipient_commune_code, booked_at, id"
)


@dataclass(frozen=True)
class ParcelPage:
    """One page of a work list; `all_count` counts every page."""

    parcels: list[ParcelView]
    page: int
    all_count: int
    has_more: bool


@dataclass(frozen=True)
class BookLine:
    """One act in a person's book of the day. `reason` is one of our reasons or empty."""

    code: str
    act: Act
    at: datetime
    reason: str
    note: str
    place: str
    contents: str
    commune: str


@dataclass(frozen=True)
class DayBook:
    """What one person did on one day in Vietnam: a page of acts, newest first, and how many of each."""

    day: date
    lines: list[BookLine]
    counts: dict[Act, int]
    page: int
    has_more: bool


async def pickups(*, page: int = 1, rows: int = PAGE_ROWS, viewer: Viewer | None = None) -> ParcelPage:
    """Parcels to collect, grouped by market or commune and seller, the oldest of them first.

    A carrier is shown what is theirs or nobody's yet (sight.NOT_OTHERS).
    """
    return await _page(_WAITING, _BY_SENDER, viewer, page, rows)


async def deliveries(*, page: int = 1, rows: int = PAGE_ROWS, viewer: Viewer | None = None) -> ParcelPage:
    """Parcels in our hands: out for delivery first, then those at the office, on the road and going back.

    A carrier is shown what is theirs and what the office has (sight.NOT_OTHERS).
    """
    return await _page(_HELD, _BY_RANK, viewer, page, rows)


async def _page(which: str, order: str, viewer: Viewer | None, page: int, rows: int) -> ParcelPage:
    page = max(1, min(page, PAGES_MAX))
    person_id = for_whom(viewer)
    tail = f"{which} ORDER BY {order} LIMIT $2 OFFSET $3"
    found = await select(Parcel, tail, [person_id, rows + 1, (page - 1) * rows])
    all_count = len(found)
    if page > 1 or len(found) > rows:
        [counted] = await sql(f"SELECT count(*) AS n FROM parcel {which}", [person_id])  # noqa: S608  our own words
        all_count = int(str(counted["n"]))
    return ParcelPage([view_of(row) for row in found[:rows]], page, all_count, len(found) > rows)


async def told_phones(codes: Sequence[str], *, person_id: int) -> None:
    """Records that a member of the staff was shown the recipients' phones of these parcels."""
    if codes:
        async with transaction():
            await record(person_id, "phones_read", "work_list", "deliveries", codes=list(codes))


async def acts_of_today(person_id: int, *, now: datetime, page: int = 1, rows: int = BOOK_ROWS) -> DayBook:
    """The person's acts of the day in Vietnam that `now` lies in."""
    day = vietnam_date(now)
    until = day_start(day + timedelta(days=1))
    mine = ParcelEvent.filter(
        person_id=person_id, happened_at__gte=day_start(day), happened_at__lt=until, act__in=list(Act)
    )
    page = max(1, min(page, PAGES_MAX))
    found = await mine.order_by("-id").offset((page - 1) * rows).limit(rows + 1).select_related("parcel")
    counted = await mine.annotate(count=Count("id")).group_by("act").values_list("act", "count")
    counts = {Act(act): int(count) for act, count in counted}
    in_order = {act: counts[act] for act in Act if act in counts}
    return DayBook(day, [_line(event) for event in found[:rows]], in_order, page, len(found) > rows)


def _line(event: ParcelEvent) -> BookLine:
    return BookLine(
        code=event.parcel.code or "",
        act=Act(event.act),
        at=event.happened_at,
        reason=event.reason,
        note=event.note,
        place=event.place,
        contents=event.parcel.contents,
        commune=event.parcel.recipient_commune,
    )
