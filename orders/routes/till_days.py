"""The till's days: today's book, closing it, closed days to read and print, corrections."""

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.cash import NOTES_DONG, notes_in
from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import NotFound, Refusal
from kit.forms import Form
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from orders.models import TillDay
from orders.routes.till import till_vendor
from orders.services.till.days import Count, DayShown, close_day, closed_days, correct_day, day_shown
from orders.till_forms import CloseForm, CorrectionForm
from vendors.services import VendorCard, vendor_card


@dataclass
class DayPage:
    """One day, with the form that closes it or the one that corrects it."""

    shown: DayShown
    form: Form
    seller: VendorCard
    notes: tuple[int, ...]
    counts: dict[int, int]
    page: int
    is_today: bool


@dataclass
class DaysPage:
    """The closed days."""

    today: date
    days: list[TillDay]
    page: int
    has_more: bool


async def till_day_index(request: Request) -> Response:
    """Today's book, and the closed days."""
    page = page_number(request)
    days, has_more = await closed_days(till_vendor(request), page)
    return render(request, "orders/till_days.html", DaysPage(_today(request), days, page, has_more))


async def till_day_show(request: Request) -> Response:
    """One day."""
    return await _day_page(request, CloseForm())


async def till_day_close(request: Request) -> Response:
    """Closes a day."""
    typed = typed_of(request)
    form, notes = CloseForm.read(typed), notes_in(typed)
    if not form.ok:
        return await _day_page(request, form, notes, status=422)
    count = Count(form.float or 0, form.counted or 0, notes, form.reason)
    try:
        by, now = person_id_of(request), parts_of(request)[Clock].now()
        await close_day(till_vendor(request), _day(request), count, person_id=by, now=now)
    except Refusal as refusal:
        form.wrong(refusal.field or "", refusal.sentence)
        return await _day_page(request, form, notes, status=refusal.status)
    return _to_day(request)


async def till_day_correct(request: Request) -> Response:
    """Appends a correction to a closed day."""
    form = CorrectionForm.read(typed_of(request))
    if not form.ok:
        return await _day_page(request, form, status=422)
    amount_dong = form.amount if form.sign == "more" else -form.amount
    vendor_id, day, now = till_vendor(request), _day(request), parts_of(request)[Clock].now()
    await correct_day(vendor_id, day, amount_dong, form.reason, person_id=person_id_of(request), now=now)
    return _to_day(request)


def _today(request: Request) -> date:
    return vietnam_date(parts_of(request)[Clock].now())


def _day(request: Request) -> date:
    try:
        day = date.fromisoformat(str(request.path_params["day"]))
    except ValueError:
        raise NotFound() from None
    if not day.year >= 2020 or day > _today(request):
        raise NotFound()
    return day


async def _day_page(
    request: Request, form: Form, counts: dict[int, int] | None = None, *, status: int = 200
) -> Response:
    vendor_id, day, page = till_vendor(request), _day(request), page_number(request)
    shown = DayPage(
        shown=await day_shown(vendor_id, day, page),
        form=form,
        seller=await vendor_card(vendor_id),
        notes=NOTES_DONG,
        counts=counts or {},
        page=page,
        is_today=day == _today(request),
    )
    return render(request, "orders/till_day.html", shown, status=status)


def _to_day(request: Request) -> Response:
    day = request.path_params["day"]
    return RedirectResponse(request.app.url_path_for("orders:till_day_show", day=day), 303)


VENDOR = roles(Role.VENDOR)
ONE = "/sell/till/days/{day}"
ROUTES = [
    get("/sell/till/days", till_day_index, who=VENDOR, name="orders:till_day_index"),
    get(ONE, till_day_show, who=VENDOR, name="orders:till_day_show"),
    post(ONE, till_day_close, who=VENDOR, name="orders:till_day_close"),
    post(ONE + "/corrections", till_day_correct, who=VENDOR, name="orders:till_day_correct"),
]
