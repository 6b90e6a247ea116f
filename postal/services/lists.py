"""The work lists of the day: what to collect, what to deliver, and what one person has done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.expressions import Case, When
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from accounts.services import record
from kit.dates import day_start, vietnam_date
from kit.db import transaction
from postal.models import Parcel, ParcelEvent
from postal.services.sight import Viewer, not_others
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

    A carrier is shown what is theirs or nobody's yet (sight.not_others).
    """
    waiting = Parcel.filter(not_others(viewer), state__in=TO_COLLECT, code__isnull=False, carrier=STAFF)
    order = ("market", "sender_commune_code", "sender_name", "sender_phone", "booked_at", "id")
    return await _page(waiting.order_by(*order), page, rows)


async def deliveries(*, page: int = 1, rows: int = PAGE_ROWS, viewer: Viewer | None = None) -> ParcelPage:
    """Parcels in our hands: out for delivery first, then those at the office, on the road and going back.

    A carrier is shown what is theirs and what the office has (sight.not_others).
    """
    ranks = [When(state=state, then=str(rank)) for rank, state in enumerate(TO_DELIVER)]
    held = Parcel.filter(not_others(viewer), state__in=TO_DELIVER, code__isnull=False, carrier=STAFF)
    held = held.annotate(rank=Case(*ranks, default="9"))
    return await _page(held.order_by("rank", "recipient_commune_code", "booked_at", "id"), page, rows)


async def _page(query: QuerySet[Parcel], page: int, rows: int) -> ParcelPage:
    page = max(1, min(page, PAGES_MAX))
    found = await query.offset((page - 1) * rows).limit(rows + 1)
    all_count = await query.count() if page > 1 or len(found) > rows else len(found)
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
