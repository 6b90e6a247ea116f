"""Pages of the post's cash box: what lies in it, cash taken to the bank with its slip, and what the bank told."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound, Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.media import Media
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, uploads_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from payments.cash_forms import CancelForm, ExplainForm, FoundForm, PayInForm, SlipForm
from payments.models import PayInState
from payments.services.cash_box.paying_in import (
    Explanation,
    cancel_pay_in,
    explain_difference,
    note_slip,
    prepare_pay_in,
    refuse_others,
)
from payments.services.cash_box.shown import BoxDay, PayInRow, Stray, box_day, pay_in_shown, strays_for
from payments.services.cash_box.slips import drop_slip, keep_slip, shown_slip
from payments.services.cash_box.told import WAITING, find_cash_in

DESK = roles(Role.CLERK, Role.ADMIN)
PHOTO = FormLimits(files_max=1, body_max_bytes=13 * MEBIBYTE)
BOX_WORDS: dict[str, Sentence] = {
    "door_counted": say("Bưu tá nộp khi chốt ca"),
    "box_taken": say("Lấy đi nộp ngân hàng"),
    "box_put_back": say("Bỏ lần nộp, tiền lại vào két"),
    "box_explained": say("Lệch khi nộp, tiền vẫn trong két"),
}
WHY_WORDS: dict[str, Sentence] = {
    Explanation.BOX: say("Phần lệch vẫn nằm trong két"),
    Explanation.FEE: say("Ngân hàng thu phí"),
    Explanation.OWED: say("Người đi nộp chịu phần lệch"),
}


@dataclass(frozen=True)
class BoxPage:
    """The box and its day."""

    box: BoxDay
    form: Form
    words: dict[str, Sentence]
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class PayInPage:
    """One pay-in and what may be done with it now."""

    row: PayInRow
    strays: list[Stray]
    form: Form
    whys: list[tuple[str, Sentence]]
    why_words: dict[str, Sentence]
    may_note_slip: bool
    may_cancel: bool
    may_explain: bool


async def box_index(request: Request) -> Response:
    """GET /post/box."""
    return await _box(request, PayInForm.filled())


async def pay_in_create(request: Request) -> Response:
    """POST /post/box/pay-ins."""
    form = PayInForm.read(typed_of(request))
    if not form.ok:
        return await _box(request, form, status=422)
    try:
        code = await prepare_pay_in(form.amount, person_id=person_id_of(request), now=_now(request))
    except Refusal as no:
        form.wrong(no.field or "amount", no.sentence)
        return await _box(request, form, status=no.status)
    return _shown(request, code)


async def pay_in_show(request: Request) -> Response:
    """GET /post/box/pay-ins/{code}."""
    return await _page(request, Form())


async def slip_create(request: Request) -> Response:
    """POST /post/box/pay-ins/{code}/slip: the slip's number and its picture, which is kept before the act."""
    form, parts, code = SlipForm.read(typed_of(request)), parts_of(request), request.path_params["code"]
    by, now = person_id_of(request), _now(request)
    await refuse_others(code, person_id=by)
    photos = await uploads_of(request, "photo")
    if not photos:
        form.wrong("photo", say("Chụp giấy nộp tiền của ngân hàng."))
    if not form.ok:
        return await _page(request, form, status=422)
    media, kept = parts[Media], ""
    try:
        kept = await keep_slip(photos[0], media, seal_keys(parts[Settings]))
        await note_slip(code, form.slip_number, kept, person_id=by, now=now)
    except Refusal as no:
        if kept:
            await drop_slip(kept, media)
        form.wrong(no.field or "slip_number", no.sentence)
        return await _page(request, form, status=no.status)
    return _shown(request, code)


async def slip_show(request: Request) -> Response:
    """GET /post/box/pay-ins/{code}/slip: with the viewer's name over it; nobody keeps it."""
    caller, parts = caller_of(request), parts_of(request)
    picture = await shown_slip(
        request.path_params["code"],
        viewer_id=person_id_of(request),
        viewer=caller.name or caller.phone,
        media=parts[Media],
        keys=seal_keys(parts[Settings]),
        now=_now(request),
    )
    return Response(picture, media_type="image/webp", headers={"cache-control": "no-store"})


async def pay_in_cancel(request: Request) -> Response:
    """POST /post/box/pay-ins/{code}/cancellation."""
    form, code = CancelForm.read(typed_of(request)), request.path_params["code"]
    by, now = person_id_of(request), _now(request)
    return await _done(
        request, form, cancel_pay_in(code, form.words, person_id=by, now=now) if form.ok else None
    )


async def pay_in_explain(request: Request) -> Response:
    """POST /post/box/pay-ins/{code}/explanation."""
    form, code = ExplainForm.read(typed_of(request)), request.path_params["code"]
    by, now = person_id_of(request), _now(request)
    act = explain_difference(code, form.why, form.words, person_id=by, now=now) if form.ok else None
    return await _done(request, form, act)


async def pay_in_find(request: Request) -> Response:
    """POST /post/box/pay-ins/{code}/notice: a notice that nobody could place is this pay-in."""
    form, code = FoundForm.read(typed_of(request)), request.path_params["code"]
    by, now = person_id_of(request), _now(request)
    return await _done(
        request, form, find_cash_in(code, form.notice, person_id=by, now=now) if form.ok else None
    )


async def _done(request: Request, form: Form, act: Awaitable[None] | None) -> Response:
    """The act, then the page; its mistakes at their fields."""
    if act is None:
        return await _page(request, form, status=422)
    try:
        await act
    except Refusal as no:
        if isinstance(no, NotFound):
            raise
        form.wrong(no.field or "words", no.sentence)
        return await _page(request, form, status=no.status)
    return _shown(request, request.path_params["code"])


async def _box(request: Request, form: Form, *, status: int = 200) -> Response:
    found = await box_day(now=_now(request), page=page_number(request))
    here = f"{request.url.path}?page="
    page = BoxPage(
        box=found,
        form=form,
        words=BOX_WORDS,
        newer_url=f"{here}{found.page - 1}" if found.page > 1 else "",
        older_url=f"{here}{found.page + 1}" if found.has_more else "",
    )
    return render(request, "payments/box_index.html", page, status=status)


async def _page(request: Request, form: Form, *, status: int = 200) -> Response:
    row = await pay_in_shown(request.path_params["code"], now=_now(request))
    is_mine = row.person_id == person_id_of(request)
    page = PayInPage(
        row=row,
        strays=await strays_for(row, now=_now(request)),
        form=form,
        whys=[(str(one), WHY_WORDS[one]) for one in Explanation],
        why_words=WHY_WORDS,
        may_note_slip=is_mine and not row.slip_number and row.state is not PayInState.CANCELLED,
        may_cancel=row.state in WAITING,
        may_explain=row.state is PayInState.DIFFERS and not is_mine,
    )
    return render(request, "payments/pay_in_show.html", page, status=status)


def _shown(request: Request, code: str) -> Response:
    return RedirectResponse(request.app.url_path_for("payments:pay_in_show", code=code), 303)


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


_ONE = "/post/box/pay-ins/{code}"
ROUTES: list[BaseRoute] = [
    get("/post/box", box_index, who=DESK, name="payments:box_index"),
    post("/post/box/pay-ins", pay_in_create, who=DESK, name="payments:pay_in_create"),
    get(_ONE, pay_in_show, who=DESK, name="payments:pay_in_show"),
    get(_ONE + "/slip", slip_show, who=DESK, name="payments:slip_show"),
    post(_ONE + "/slip", slip_create, who=DESK, name="payments:slip_create", limits=PHOTO),
    post(_ONE + "/cancellation", pay_in_cancel, who=DESK, name="payments:pay_in_cancel"),
    post(_ONE + "/explanation", pay_in_explain, who=DESK, name="payments:pay_in_explain"),
    post(_ONE + "/notice", pay_in_find, who=DESK, name="payments:pay_in_find"),
]
