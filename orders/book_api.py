"""The JSON API of the revenue book: what an accountant's program or a cash box would want."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.i18n import translated
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.render import language_of
from kit.web.routing import roles
from orders.book_forms import CashForm, FloorForm, MendForm
from orders.routes.book import asked_channel, asked_period, book_today
from orders.routes.till import till_vendor
from orders.services.book.meter import meter
from orders.services.book.noting import FloorSale, Note, correct_entry, note_cash, note_floor_sales
from orders.services.book.totals import LineShown, entries, own_entry, shown, totals

PERIOD = {
    "of": "day, month, quarter or year; month when it says nothing else",
    "on": "a day in it, 2026-11-22; today when it says nothing else",
}


@dataclass
class ChannelAnswer:
    """What one channel brought: after what went back, of which `back_dong`, in so many lines."""

    channel: str
    dong: int
    back_dong: int
    lines: int


@dataclass
class MeterAnswer:
    """A calendar year beside the threshold of household tax; `mark` is below, near (from 80 %) or past."""

    year: int
    dong: int
    threshold_dong: int
    percent: int
    mark: str
    words: str


@dataclass
class BookAnswer:
    """A period of the book in đồng; `meter` is of the year it lies in, None where no threshold is known."""

    first: date
    last: date
    dong: int
    back_dong: int
    lines: int
    channels: list[ChannelAnswer]
    meter: MeterAnswer | None


@dataclass
class LineAnswer:
    """A line of the book. `source` and `reference` are in it once; `corrects` the line that it puts right."""

    id: int
    day: date
    at: datetime
    amount_dong: int
    channel: str
    kind: str
    source: str
    reference: str
    subject: str
    floor: str
    words: str
    corrects: int | None
    written_at: datetime


@dataclass
class TakenAnswer:
    """What was new, and what the book had already."""

    new: int
    new_dong: int
    known: int


async def book_show(request: Request) -> object:
    """Sums of a period."""
    vendor_id, period = till_vendor(request), asked_period(request)
    counted, year = await totals(vendor_id, period), await meter(vendor_id, period.first.year)
    beside = None
    if year is not None:
        words = translated(year.words, language_of(request))
        beside = MeterAnswer(year.year, year.dong, year.threshold_dong, year.percent, str(year.mark), words)
    channels = [
        ChannelAnswer(str(one.channel), one.dong, one.back_dong, one.lines) for one in counted.channels
    ]
    return BookAnswer(
        period.first, period.last, counted.dong, counted.back_dong, counted.lines, channels, beside
    )


async def entry_index(request: Request) -> object:
    """A page of lines."""
    vendor_id, period = till_vendor(request), asked_period(request)
    leaf = await entries(vendor_id, period, page_number(request), channel=asked_channel(request))
    return [_line(request, one) for one in leaf.lines]


async def cash_create(request: Request) -> object:
    """Notes cash."""
    form = cast(CashForm, json_form(request))
    note = Note(form.client_key, form.amount, form.day or book_today(request), form.words)
    vendor_id, now = till_vendor(request), parts_of(request)[Clock].now()
    return _line(request, shown(await note_cash(vendor_id, note, person_id=person_id_of(request), now=now)))


async def floor_sale_create(request: Request) -> object:
    """Notes an order of another floor."""
    form, now = cast(FloorForm, json_form(request)), parts_of(request)[Clock].now()
    sale, person_id = FloorSale(form.number, form.amount, form.day), person_id_of(request)
    taken = await note_floor_sales(till_vendor(request), form.floor, [sale], person_id=person_id, now=now)
    return TakenAnswer(taken.new, taken.new_dong, taken.known)


async def entry_mend(request: Request) -> object:
    """Puts a line right."""
    form, vendor_id = cast(MendForm, json_form(request)), till_vendor(request)
    number, now = int(request.path_params["id"]), parts_of(request)[Clock].now()
    person_id = person_id_of(request)
    await correct_entry(number, vendor_id, form.right, form.because, person_id=person_id, now=now)
    _, corrections = await own_entry(number, vendor_id)
    return [_line(request, shown(one)) for one in corrections]


def _line(request: Request, line: LineShown) -> LineAnswer:
    entry = line.entry
    return LineAnswer(
        id=entry.id,
        day=entry.day,
        at=entry.at,
        amount_dong=entry.amount_dong,
        channel=str(entry.channel),
        kind=str(entry.kind),
        source=entry.source,
        reference=entry.reference,
        subject=entry.subject,
        floor=entry.floor,
        words=translated(line.what, language_of(request)),
        corrects=entry.corrects_id,
        written_at=entry.written_at,
    )


VENDOR = roles(Role.VENDOR)
BOOK_API: list[JsonRoute] = [
    api_get(
        "/sell/book",
        book_show,
        who=VENDOR,
        name="orders:api_book_show",
        summary="Sums of the caller's revenue book over all channels, and the year beside the tax threshold.",
        answer=BookAnswer,
        query=PERIOD,
    ),
    api_get(
        "/sell/book/entries",
        entry_index,
        who=VENDOR,
        name="orders:api_book_entry_index",
        summary="Lines of the caller's revenue book, the newest day first, 24 a page.",
        answer=LineAnswer,
        many=True,
        query={**PERIOD, "channel": "cash, qr, online or floor; all without it", "page": "1 for the first"},
    ),
    api_post(
        "/sell/book/cash",
        cash_create,
        who=VENDOR,
        name="orders:api_book_cash_create",
        summary="Notes cash in the revenue book; once for its client_key, 409 for another sum under it.",
        form=CashForm,
        answer=LineAnswer,
    ),
    api_post(
        "/sell/book/floor-sales",
        floor_sale_create,
        who=VENDOR,
        name="orders:api_book_floor_sale_create",
        summary="Notes an order of another floor; one that the book has by its number is counted as known.",
        form=FloorForm,
        answer=TakenAnswer,
    ),
    api_post(
        "/sell/book/entries/{id:int}/corrections",
        entry_mend,
        who=VENDOR,
        name="orders:api_book_entry_mend",
        summary="Appends what a line noted by hand should have said; gives all its corrections.",
        form=MendForm,
        answer=LineAnswer,
        many=True,
    ),
]
