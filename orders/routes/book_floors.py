"""Orders of other floors for the revenue book: typed one by one, or sent as the floor's own sheet."""

from dataclasses import dataclass

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, file_for
from kit.web.render import render
from kit.web.routing import get, post, roles
from orders.book_forms import FloorForm, SheetForm
from orders.book_sheet import floor_sheet
from orders.routes.book import book_today
from orders.routes.till import till_vendor
from orders.services.book.noting import FloorSale, Taken, note_floor_sales
from vendors.services import FLOOR_WORDS

SHEET_LIMITS = FormLimits(files_max=1, body_max_bytes=5 * MEBIBYTE, is_scanned=True)


@dataclass
class FloorsPage:
    """Both forms; `faults` are the wrong rows of a sheet of which nothing was taken."""

    form: Form
    sheet_form: Form
    floors: dict[str, Sentence]
    faults: list[tuple[int, Sentence]]
    told: str
    new: int
    known: int


async def floors_show(request: Request) -> Response:
    """The forms."""
    return _page(request, FloorForm.filled(day=book_today(request).isoformat()), SheetForm())


async def floor_sale_create(request: Request) -> Response:
    """Notes one order."""
    form = FloorForm.read(typed_of(request))
    if not form.ok:
        return _page(request, form, SheetForm(), status=422)
    try:
        taken = await _note(request, form.floor, [FloorSale(form.number, form.amount, form.day)])
    except Refusal as refusal:
        form.wrong(refusal.field or "", refusal.sentence)
        return _page(request, form, SheetForm(), status=refusal.status)
    if taken.known:
        form.wrong("number", say("Đơn này đã có trong sổ."))
        return _page(request, form, SheetForm(), status=409)
    return _told(request, taken)


async def floor_sheet_create(request: Request) -> Response:
    """Takes a sheet of orders: all its rows, or none when one is wrong."""
    form = SheetForm.read(typed_of(request))
    _, raw = await file_for(request, form, "sheet", say("Hãy chọn tệp đơn hàng của sàn."))
    if not form.ok:
        return _page(request, FloorForm(), form, status=422)
    found = await to_thread.run_sync(floor_sheet, raw, book_today(request))
    if found.refused is not None or found.faults:
        form.wrong("sheet", found.refused or say("Có dòng chưa đúng nên chưa ghi dòng nào. Sửa rồi gửi lại."))
        return _page(request, FloorForm(), form, found.faults, status=422)
    try:
        taken = await _note(request, form.floor, found.sales)
    except Refusal as refusal:
        form.wrong("sheet", refusal.sentence)
        return _page(request, FloorForm(), form, status=refusal.status)
    return _told(request, taken)


async def _note(request: Request, floor: str, sales: list[FloorSale]) -> Taken:
    now, person_id = parts_of(request)[Clock].now(), person_id_of(request)
    return await note_floor_sales(till_vendor(request), floor, sales, person_id=person_id, now=now)


def _told(request: Request, taken: Taken) -> Response:
    there = request.app.url_path_for("orders:book_floors_show")
    return RedirectResponse(f"{there}?told=noted&new={taken.new}&known={taken.known}", 303)


def _page(
    request: Request,
    form: Form,
    sheet_form: Form,
    faults: list[tuple[int, Sentence]] | None = None,
    *,
    status: int = 200,
) -> Response:
    asked = request.query_params
    page = FloorsPage(
        form=form,
        sheet_form=sheet_form,
        floors=FLOOR_WORDS,
        faults=faults or [],
        told=asked.get("told", ""),
        new=_small(asked.get("new", "")),
        known=_small(asked.get("known", "")),
    )
    return render(request, "orders/book_floors.html", page, status=status)


def _small(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 0


VENDOR = roles(Role.VENDOR)
ROUTES = [
    get("/sell/money/book/floors", floors_show, who=VENDOR, name="orders:book_floors_show"),
    post("/sell/money/book/floors", floor_sale_create, who=VENDOR, name="orders:book_floor_sale_create"),
    post(
        "/sell/money/book/floors/sheet",
        floor_sheet_create,
        who=VENDOR,
        name="orders:book_floor_sheet_create",
        limits=SHEET_LIMITS,
    ),
]
