"""The end of a day at the till: counted, compared, closed once; afterwards only corrections are appended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tortoise.exceptions import IntegrityError

from accounts.services import record
from kit.dates import vietnam_date
from kit.db import transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.money import show_dong
from orders.models import TillCorrection, TillDay
from orders.services.till.closed import closed_day
from orders.services.till.log import Happened, tell_till
from orders.services.till.shown import DaySums, SaleRow, day_sums, sales_of_day

DAYS_SHOWN = 24


@dataclass(frozen=True)
class Count:
    """What the seller counted in the box: in all, or by notes (đồng → how many), and what lay there in the morning."""

    float_dong: int
    counted_dong: int
    notes: Mapping[int, int]
    reason: str

    @property
    def total_dong(self) -> int:
        """The money in the box."""
        by_notes = sum(note * count for note, count in self.notes.items())
        return by_notes or self.counted_dong


@dataclass(frozen=True)
class DayShown:
    """A day: its sums now, a page of its sales, and how it was closed, if it was."""

    day: date
    sums: DaySums
    sales: list[SaleRow]
    has_more: bool
    closed: TillDay | None
    corrections: list[TillCorrection]

    @property
    def corrected_dong(self) -> int:
        """All corrections together."""
        return sum(one.amount_dong for one in self.corrections)


async def day_shown(vendor_id: int, day: date, page: int) -> DayShown:
    """A day of a till. Five queries at most."""
    sales, has_more = await sales_of_day(vendor_id, day, page)
    closed = await closed_day(vendor_id, day)
    corrections = await closed.corrections.all().order_by("id") if closed else []
    return DayShown(day, await day_sums(vendor_id, day), sales, has_more, closed, corrections)


async def closed_days(vendor_id: int, page: int) -> tuple[list[TillDay], bool]:
    """A page of the closed days, newest first, and whether there are more."""
    rows = TillDay.filter(vendor_id=vendor_id).order_by("-day")
    found = await rows.offset((page - 1) * DAYS_SHOWN).limit(DAYS_SHOWN + 1)
    return found[:DAYS_SHOWN], len(found) > DAYS_SHOWN


async def close_day(vendor_id: int, day: date, count: Count, *, person_id: int, now: datetime) -> TillDay:
    """Closes a day: what was counted beside what was noted. Only once.

    Raises Conflict when it is closed already, Refusal at `reason` when the box holds more or less than it should
    and nobody says why, at `counted` when nothing was counted, and for a day that has not come.
    """
    if day > vietnam_date(now):
        raise Refusal(say("Ngày này chưa đến."))
    sums = await day_sums(vendor_id, day)
    difference_dong = count.total_dong - count.float_dong - sums.cash_dong
    if difference_dong and not count.reason:
        raise Refusal(_why(difference_dong), field="reason")
    closed = TillDay(
        vendor_id=vendor_id,
        day=day,
        float_dong=count.float_dong,
        counted_dong=count.total_dong,
        notes={str(note): pieces for note, pieces in count.notes.items()},
        cash_dong=sums.cash_dong,
        seen_dong=sums.seen_dong,
        plate_dong=sums.plate_dong,
        said_dong=sums.said_dong,
        open_dong=sums.open_dong,
        sales=sums.sales,
        difference_dong=difference_dong,
        reason=count.reason,
        closed_by=person_id,
        closed_at=now,
    )
    try:
        async with transaction():
            await closed.save()
            await record(person_id, "till_day_closed", "till_day", closed.id, day=day.isoformat())
            await tell_till(vendor_id, Happened.CLOSED, now=now)
    except IntegrityError:
        raise Conflict(say("Ngày này đã chốt rồi. Muốn sửa thì ghi thêm một dòng sửa sổ.")) from None
    return closed


async def correct_day(
    vendor_id: int, day: date, amount_dong: int, reason: str, *, person_id: int, now: datetime
) -> None:
    """Appends a correction to a closed day. NotFound when it is not closed."""
    closed = await closed_day(vendor_id, day)
    if closed is None:
        raise NotFound()
    async with transaction():
        correction = await TillCorrection.create(
            closed=closed, way="cash", amount_dong=amount_dong, reason=reason, person_id=person_id, at=now
        )
        await record(person_id, "till_day_corrected", "till_day", closed.id, dong=correction.amount_dong)


def _why(difference_dong: int) -> Sentence:
    sum_shown = show_dong(abs(difference_dong))
    if difference_dong > 0:
        return say("Tiền đếm được nhiều hơn sổ {sum}. Ghi vì sao rồi chốt.", sum=sum_shown)
    return say("Tiền đếm được thiếu {sum} so với sổ. Ghi vì sao rồi chốt.", sum=sum_shown)
