"""The evening's count with a carrier: what was delivered, failed or is still out, and the cash that should be there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.exceptions import IntegrityError

from accounts.services import names_of, people_with, record
from kit.dates import day_start
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.money import show_dong
from kit.outbox import later
from kit.roles import Role
from postal.models import Debrief, Parcel, ParcelEvent
from postal.services.collecting import Cash, cash_held, pay_in
from postal.services.views import ParcelView, view_of
from postal.staff_carrier import Act
from postal.states import ParcelState

__all__ = [
    "CarrierDay",
    "Count",
    "Debrief",
    "agree_to_day",
    "close_day",
    "count_of",
    "day_of_carrier",
    "days_of_carriers",
    "to_agree",
]
PARCELS_MAX = 500


@dataclass(frozen=True)
class CarrierDay:
    """One carrier's day as the books have it; `closed` once it was counted. Sums in đồng.

    `cash` was taken at doors until the end of the day and is not paid in: also what a phone told of after a count.
    """

    person_id: int
    name: str
    day: date
    delivered: list[ParcelView]
    failed: list[ParcelView]
    still_out: list[ParcelView]
    closed: Debrief | None
    cash: list[Cash]

    @property
    def cash_due_dong(self) -> int:
        """What was collected at doors and has to be paid in."""
        return sum(one.dong for one in self.cash)


@dataclass(frozen=True)
class Count:
    """The cash that lies on the table: the sum, how many notes of each worth, and a word when it differs."""

    cash_dong: int
    notes: dict[int, int]
    note: str = ""


async def days_of_carriers(day: date) -> list[CarrierDay]:
    """The days of all carriers, and of whoever else took cash at a door; seven queries for all."""
    held = await cash_held(day_start(day + timedelta(days=1)))
    people = await people_with(Role.CARRIER)
    others = {one.person_id for one in held} - {person_id for person_id, _ in people}
    names = await names_of(others) if others else {}
    people += [(one, names.get(one, f"#{one}")) for one in sorted(others)]
    ids = [person_id for person_id, _ in people]
    ended = await ParcelEvent.filter(
        person_id__in=ids,
        act__in=[Act.DELIVER, Act.FAIL],
        happened_at__gte=day_start(day),
        happened_at__lt=day_start(day + timedelta(days=1)),
    ).select_related("parcel")
    out = Parcel.filter(holder_id__in=ids, state=ParcelState.OUT_FOR_DELIVERY, code__isnull=False)
    still = await out.order_by("id").limit(PARCELS_MAX)
    closed = {row.person_id: row for row in await Debrief.filter(day=day, person_id__in=ids)}
    return [
        CarrierDay(
            person_id,
            name,
            day,
            [view_of(one.parcel) for one in ended if (one.person_id, one.act) == (person_id, Act.DELIVER)],
            [view_of(one.parcel) for one in ended if (one.person_id, one.act) == (person_id, Act.FAIL)],
            [view_of(row) for row in still if row.holder_id == person_id],
            closed.get(person_id),
            [one for one in held if one.person_id == person_id],
        )
        for person_id, name in people
    ]


async def day_of_carrier(person_id: int, day: date) -> CarrierDay:
    """One carrier's day. NotFound when nobody of that number is a carrier."""
    found = next((one for one in await days_of_carriers(day) if one.person_id == person_id), None)
    if found is None:
        raise NotFound(say("Không có bưu tá này."))
    return found


async def close_day(person_id: int, day: date, count: Count, *, clerk_id: int, now: datetime) -> None:
    """Writes the count down, once a day and carrier, by somebody else than the carrier.

    Refusal at `note` when cash differs or parcels are still out and no word says why; Conflict when it was closed.
    """
    seen = await day_of_carrier(person_id, day)
    if clerk_id == person_id:
        raise Conflict(say("Người khác phải đếm tiền cùng bạn, không tự chốt ca của mình được."))
    apart_dong = count.cash_dong - seen.cash_due_dong
    if (apart_dong or seen.still_out) and not count.note.strip():
        raise Refusal(_why(apart_dong, len(seen.still_out)), field="note")
    try:
        async with transaction():
            row = await Debrief.create(
                person_id=person_id,
                day=day,
                clerk_id=clerk_id,
                delivered=len(seen.delivered),
                failed=len(seen.failed),
                still_out=len(seen.still_out),
                cash_due_dong=seen.cash_due_dong,
                cash_dong=count.cash_dong,
                notes_counted={str(worth): number for worth, number in count.notes.items()},
                note=count.note.strip(),
                closed_at=now,
            )
            paid_in_dong = await pay_in(seen.cash, row.id, person_id=person_id, now=now)
            if paid_in_dong != seen.cash_due_dong:
                raise Conflict(say("Số tiền vừa đổi. Hãy mở lại trang rồi chốt lại."))
            await later("follow_debrief", row.id)
            said = {"day": day.isoformat(), "apart_dong": apart_dong, "still_out": len(seen.still_out)}
            await record(clerk_id, "debrief_closed", "person", person_id, **said)
    except IntegrityError:
        raise Conflict(say("Ca ngày này đã chốt rồi.")) from None


async def count_of(debrief_id: int) -> Debrief:
    """One evening's count. Raises NotFound."""
    row = await Debrief.get_or_none(id=debrief_id)
    if row is None:
        raise NotFound()
    return row


async def agree_to_day(person_id: int, day: date, *, now: datetime) -> None:
    """The carrier says that the count is right; again changes nothing. NotFound when it was not closed."""
    row = await Debrief.get_or_none(person_id=person_id, day=day)
    if row is None:
        raise NotFound(say("Ca này chưa chốt."))
    async with transaction():
        row = (await locked(Debrief, [row.id]))[row.id]
        if row.agreed_at is not None:
            return
        row.agreed_at = now
        await row.save(update_fields=["agreed_at"])
        await record(person_id, "debrief_agreed", "person", person_id, day=day.isoformat())


async def to_agree(person_id: int) -> list[Debrief]:
    """The carrier's closed days that still want a yes, oldest first."""
    mine = Debrief.filter(person_id=person_id, agreed_at__isnull=True)
    return await mine.order_by("day").limit(10)


def _why(apart_dong: int, still_out: int) -> Sentence:
    if apart_dong:
        words = {"sum": show_dong(abs(apart_dong)), "n": still_out}
        if apart_dong < 0:
            return say("Thiếu {sum} so với sổ. Ghi rõ vì sao rồi chốt.", **words)
        return say("Thừa {sum} so với sổ. Ghi rõ vì sao rồi chốt.", **words)
    return say("Còn {n} bưu gửi chưa giao, chưa quét về. Ghi rõ chúng ở đâu rồi chốt.", n=still_out)
