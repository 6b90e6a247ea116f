"""The revenue book on a seller's phone: where the year stands, cash in three taps, periods, lines, corrections."""

import secrets
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from orders.book_forms import CashForm, MendForm
from orders.book_models import RevenueEntry
from orders.routes.till import till_vendor
from orders.services.book.meter import Meter, meter
from orders.services.book.noting import Note, correct_entry, note_cash
from orders.services.book.periods import SPAN_WORDS, Period, Span, period_asked, period_of
from orders.services.book.totals import (
    CHANNEL_WORDS,
    EntryPage,
    LineShown,
    NowSums,
    Part,
    Totals,
    entries,
    now_sums,
    own_entry,
    parts,
    totals,
)
from orders.states import Channel


@dataclass
class BookPage:
    """The book at a glance."""

    today: date
    meter: Meter | None
    sums: NowSums
    month: Totals
    last: EntryPage
    form: Form
    client_key: str
    told: str


@dataclass
class EntriesPage:
    """A period: its sums, its days or months, a page of its lines, of one channel if one was chosen."""

    period: Period
    today: date
    spans: dict[Span, Sentence]
    channels: dict[Channel, Sentence]
    channel: Channel | None
    totals: Totals
    parts: list[Part]
    leaf: EntryPage


@dataclass
class EntryShowPage:
    """One line, what corrected it, and the form for that; `is_mended` after it was."""

    line: LineShown
    corrections: list[RevenueEntry]
    right_dong: int
    form: Form
    told: str


async def book_show(request: Request) -> Response:
    """The book at a glance, with the field for cash."""
    return await _book_page(request, CashForm())


async def cash_create(request: Request) -> Response:
    """Notes cash."""
    form = CashForm.read(typed_of(request))
    if not form.ok:
        return await _book_page(request, form, status=422)
    note = Note(form.client_key, form.amount, form.day or book_today(request), form.words)
    try:
        now = parts_of(request)[Clock].now()
        await note_cash(till_vendor(request), note, person_id=person_id_of(request), now=now)
    except Refusal as refusal:
        form.wrong(refusal.field or "", refusal.sentence)
        return await _book_page(request, form, status=refusal.status)
    return RedirectResponse(f"{request.app.url_path_for('orders:book_show')}?told=noted", 303)


async def entry_index(request: Request) -> Response:
    """A period of the book."""
    vendor_id, period, channel = till_vendor(request), asked_period(request), asked_channel(request)
    page = EntriesPage(
        period=period,
        today=book_today(request),
        spans=SPAN_WORDS,
        channels=CHANNEL_WORDS,
        channel=channel,
        totals=await totals(vendor_id, period),
        parts=[] if period.span is Span.DAY else await parts(vendor_id, period),
        leaf=await entries(vendor_id, period, page_number(request), channel=channel),
    )
    return render(request, "orders/book_entries.html", page)


async def entry_show(request: Request) -> Response:
    """One line."""
    return await _entry_page(request, MendForm())


async def entry_mend(request: Request) -> Response:
    """Appends what a line should have said."""
    form = MendForm.read(typed_of(request))
    if not form.ok:
        return await _entry_page(request, form, status=422)
    number, person_id = int(request.path_params["id"]), person_id_of(request)
    now = parts_of(request)[Clock].now()
    await correct_entry(number, till_vendor(request), form.right, form.because, person_id=person_id, now=now)
    return RedirectResponse(
        f"{request.app.url_path_for('orders:book_entry_show', id=number)}?told=mended", 303
    )


def book_today(request: Request) -> date:
    """Today in Vietnam."""
    return vietnam_date(parts_of(request)[Clock].now())


def asked_period(request: Request) -> Period:
    """The period that the address asks for (`of` and `on`); this month when it says nothing that makes sense."""
    asked = request.query_params
    return period_asked(asked.get("of", Span.MONTH), asked.get("on", ""), book_today(request))


def asked_channel(request: Request) -> Channel | None:
    """The channel that the address asks for; None for all."""
    asked = request.query_params.get("channel", "")
    return Channel(asked) if asked in list(Channel) else None


async def _book_page(request: Request, form: Form, *, status: int = 200) -> Response:
    vendor_id, today = till_vendor(request), book_today(request)
    page = BookPage(
        today=today,
        meter=await meter(vendor_id, today.year),
        sums=await now_sums(vendor_id, today),
        month=await totals(vendor_id, period_of(Span.MONTH, today)),
        last=await entries(vendor_id, period_of(Span.YEAR, today), 1),
        form=form,
        client_key=form.typed.get("client_key") or secrets.token_hex(16),
        told=request.query_params.get("told", ""),
    )
    return render(request, "orders/book_show.html", page, status=status)


async def _entry_page(request: Request, form: Form, *, status: int = 200) -> Response:
    line, corrections = await own_entry(int(request.path_params["id"]), till_vendor(request))
    right_dong = line.entry.amount_dong + sum(one.amount_dong for one in corrections)
    told = request.query_params.get("told", "")
    page = EntryShowPage(line, corrections, right_dong, form, told)
    return render(request, "orders/book_entry.html", page, status=status)


VENDOR = roles(Role.VENDOR)
ONE = "/sell/money/book/entries/{id:int}"
ROUTES = [
    get("/sell/money/book", book_show, who=VENDOR, name="orders:book_show"),
    post("/sell/money/book/cash", cash_create, who=VENDOR, name="orders:book_cash_create"),
    get("/sell/money/book/entries", entry_index, who=VENDOR, name="orders:book_entry_index"),
    get(ONE, entry_show, who=VENDOR, name="orders:book_entry_show"),
    post(ONE + "/corrections", entry_mend, who=VENDOR, name="orders:book_entry_mend"),
]
