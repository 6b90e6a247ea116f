"""What a seller notes by hand: cash, sales on other floors one by one or from a sheet; and what corrects it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.exceptions import IntegrityError

from accounts.services import record
from kit.dates import show_day, vietnam_date
from kit.db import locked, sql, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from orders.book_models import RevenueEntry
from orders.services.book.totals import BY_HAND, sum_of
from orders.states import Channel, EntryKind

NOTE, FLOOR = BY_HAND
AMOUNT_MOST_DONG = 9_999_999_999
OLDEST = timedelta(days=2 * 366)
_FLOOR_LINES = """
    INSERT INTO revenue_entry (vendor_id, channel, kind, source, reference, subject, day, at, amount_dong,
        floor, words, person_id, written_at)
    SELECT $1, 'floor', CASE WHEN t.dong > 0 THEN 'sale' ELSE 'returned' END, 'floor', t.reference, '', t.day, $6,
        t.dong, $2, t.number, $5, $6
    FROM unnest($3::text[], $4::date[], $7::bigint[], $8::text[]) AS t (reference, day, dong, number)
    ON CONFLICT (source, reference) DO NOTHING RETURNING id
"""


@dataclass(frozen=True)
class Note:
    """Cash that was taken: once for its `client_key`."""

    client_key: str
    amount_dong: int
    day: date
    words: str = ""


@dataclass(frozen=True)
class FloorSale:
    """An order on another floor, by that floor's own number; below 0 for one that was given back."""

    number: str
    amount_dong: int
    day: date


@dataclass(frozen=True)
class Taken:
    """What became of a sheet: new lines with their sum in đồng, and lines the book had already."""

    new: int
    new_dong: int
    known: int


async def note_cash(vendor_id: int, note: Note, *, person_id: int, now: datetime) -> RevenueEntry:
    """Notes cash in the book; the same key again is the same line.

    Raises Refusal at `day` for a day that has not come or is too old, Conflict when the key was used otherwise.
    """
    refuse_day(note.day, now)
    entry = RevenueEntry(
        vendor_id=vendor_id,
        channel=Channel.CASH,
        source=NOTE,
        reference=f"{vendor_id}:{note.client_key}",
        day=note.day,
        at=now,
        amount_dong=note.amount_dong,
        words=note.words,
        person_id=person_id,
        written_at=now,
    )
    try:
        async with transaction():
            await entry.save()
            await record(person_id, "revenue_noted", "vendor", vendor_id, dong=note.amount_dong)
    except IntegrityError:
        known = await RevenueEntry.get(source=NOTE, reference=entry.reference)
        if (known.amount_dong, known.day, known.words) != (note.amount_dong, note.day, note.words):
            raise Conflict(say("Khoản này đã ghi với nội dung khác. Hãy xem lại sổ.")) from None
        return known
    return entry


async def note_floor_sales(
    vendor_id: int, floor: str, sales: Sequence[FloorSale], *, person_id: int, now: datetime
) -> Taken:
    """Notes orders of another floor, all or none; an order that the book has by its number is passed over.

    Raises Refusal at `day` as note_cash does.
    """
    for one in sales:
        refuse_day(one.day, now)
    async with transaction():
        rows = await sql(
            _FLOOR_LINES,
            [
                vendor_id,
                floor,
                [
                    f"{vendor_id}:{floor}:{one.number}:{'sale' if one.amount_dong > 0 else 'back'}"
                    for one in sales
                ],
                [one.day for one in sales],
                person_id,
                now,
                [one.amount_dong for one in sales],
                [one.number for one in sales],
            ],
        )
        ids = [int(str(row["id"])) for row in rows]
        new_dong = sum_of(await RevenueEntry.filter(id__in=ids)) if ids else 0
        if ids:
            await record(person_id, "floor_sales_noted", "vendor", vendor_id, floor=floor, lines=len(ids))
    return Taken(len(ids), new_dong, len(sales) - len(ids))


async def correct_entry(
    entry_id: int, vendor_id: int, right_dong: int, because: str, *, person_id: int, now: datetime
) -> None:
    """Appends what a line noted by hand should have said, on that line's own day. The same again changes nothing.

    NotFound for another seller's line, Conflict for one that money put there: that is put right where the money is.
    """
    async with transaction():
        entry = (await locked(RevenueEntry, [entry_id])).get(entry_id)
        if entry is None or entry.vendor_id != vendor_id:
            raise NotFound()
        if entry.source not in BY_HAND or entry.kind is not EntryKind.SALE:
            raise Conflict(say("Dòng này do tiền vào mà có nên không sửa tay được."))
        earlier = await RevenueEntry.filter(corrects_id=entry.id).order_by("id")
        difference_dong = right_dong - entry.amount_dong - sum_of(earlier)
        if not difference_dong:
            return
        await RevenueEntry.create(
            vendor_id=vendor_id,
            channel=entry.channel,
            kind=EntryKind.CORRECTION,
            source=entry.source,
            reference=f"{entry.reference}:{len(earlier) + 1}",
            day=entry.day,
            at=now,
            amount_dong=difference_dong,
            floor=entry.floor,
            words=because,
            corrects=entry,
            person_id=person_id,
            written_at=now,
        )
        await record(person_id, "revenue_corrected", "revenue_entry", entry.id, dong=difference_dong)


def refuse_day(day: date, now: datetime) -> None:
    """Raises Refusal at `day` for a day ahead, or more than two years back."""
    today = vietnam_date(now)
    if day > today:
        raise Refusal(say("Ngày này chưa tới."), field="day")
    if day < today - OLDEST:
        raise Refusal(say("Sổ chỉ ghi lùi tới ngày {day}.", day=show_day(today - OLDEST)), field="day")
