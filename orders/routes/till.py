"""The stall till: typing a sum, its QR on the screen, the green of money that came, the last sales."""

import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from accounts.services import keep_speech, speech_kept
from kit.clock import Clock
from kit.dates import moment_in
from kit.errors import NotAllowed, Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.money import Dialect
from kit.roles import Role
from kit.settings import Settings
from kit.spoken import SPEECHES, speech_of
from kit.web.answers import problem, wants_json
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.offline import kept_offline
from kit.web.render import language_of, render
from kit.web.routing import get, post, roles
from orders.models import TillSale
from orders.routes.till_live import till_events
from orders.services.till.money import cancel_sale, confirm_sale, not_a_sale
from orders.services.till.selling import SaleTyped, make_sale, own_stall_sale
from orders.services.till.shown import TillScreen, goods_to_tap, till_screen
from orders.states import SaleWay
from orders.till_forms import SaleActForm, SaleForm, SpeechForm, quantities_in
from vendors.services.markets.plates import OwnPlate, own_plates
from vendors.services.pages import OwnRow


@dataclass
class TillPage:
    """The keys, the goods, the plates, and what changes by itself."""

    screen: TillScreen
    form: Form
    client_key: str
    goods: list[OwnRow]
    counts: dict[int, int]
    plates: list[OwnPlate]
    speeches: list[tuple[str, Sentence]]
    speech: str


@dataclass
class NotePage:
    """The form for sales noted without signal."""

    client_key: str


@dataclass
class SalePage:
    """One sale large."""

    screen: TillScreen
    refused: Sentence | None = None


async def till_show(request: Request) -> Response:
    """The keys."""
    return await _till_page(request, SaleForm())


async def till_sale_create(request: Request) -> Response:
    """A sale: its QR, or noted; what a phone noted without signal comes here too, and is answered in JSON."""
    typed = typed_of(request)
    form, quantities = SaleForm.read(typed), quantities_in(typed)
    if form.ok and not form.amount and not quantities:
        form.wrong("amount", say("Bấm số tiền, hoặc chọn hàng."))
    try:
        if not form.ok:
            if wants_json(request):
                return problem(request, 422, say("Có ô cần sửa lại."), form.errors)
            return await _till_page(request, form, quantities)
        made_at = moment_in(form.made_at)
        wanted = SaleTyped(
            form.client_key, SaleWay(form.way), form.amount or 0, quantities, form.note, made_at
        )
        person_id, now = person_id_of(request), parts_of(request)[Clock].now()
        sale = await make_sale(till_vendor(request), wanted, person_id=person_id, now=now)
    except Refusal as refusal:
        if wants_json(request):
            raise
        form.wrong(refusal.field or "", refusal.sentence)
        answer = await _till_page(request, form, quantities)
        answer.status_code = refusal.status
        return answer
    if wants_json(request):
        place = str(request.app.url_path_for("orders:till_sale_show", id=sale.id))
        return JSONResponse({"url": place, "state": str(sale.state)}, 201)
    return _to_sale(request, sale.id)


async def till_note_show(request: Request) -> Response:
    """Notes sales without signal: nothing but its form, so that the phone may keep it."""
    return kept_offline(render(request, "orders/till_note.html", NotePage(secrets.token_hex(16))))


async def till_sale_show(request: Request) -> Response:
    """One sale large."""
    sale = await _own(request)
    return render(request, "orders/till_sale.html", SalePage(await _screen(request, sale.id)))


async def till_state(request: Request) -> Response:
    """The part of the keys' page that changes, for its script."""
    return render(request, "orders/_till_last.html", SalePage(await _screen(request, None)))


async def till_sale_state(request: Request) -> Response:
    """The part of a sale's page that changes, for its script."""
    sale = await _own(request)
    return render(request, "orders/_till_sale.html", SalePage(await _screen(request, sale.id)))


async def till_sale_confirm(request: Request) -> Response:
    """The seller has the money: seen in their own banking app, or the rest taken in cash."""
    form = SaleActForm.read(typed_of(request))
    now, by_cash = parts_of(request)[Clock].now(), form.ok and form.by == "cash"
    sale = await _own(request)
    try:
        await confirm_sale(sale.id, person_id=person_id_of(request), now=now, in_cash=by_cash)
    except Refusal as refusal:
        return await _refused(request, sale, refusal)
    return _to_sale(request, sale.id)


async def till_sale_cancel(request: Request) -> Response:
    """Takes a sale back."""
    sale, now = await _own(request), parts_of(request)[Clock].now()
    try:
        await cancel_sale(sale.id, person_id=person_id_of(request), now=now)
    except Refusal as refusal:
        return await _refused(request, sale, refusal)
    return RedirectResponse(request.app.url_path_for("orders:till_show"), 303)


async def till_sale_apart(request: Request) -> Response:
    """Money on the plate that was no sale."""
    sale, now = await _own(request), parts_of(request)[Clock].now()
    try:
        await not_a_sale(sale.id, person_id=person_id_of(request), now=now)
    except Refusal as refusal:
        return await _refused(request, sale, refusal)
    return _to_sale(request, sale.id)


async def till_speech_update(request: Request) -> Response:
    """Keeps how numbers are spoken."""
    form = SpeechForm.read(typed_of(request))
    if form.ok:
        await keep_speech(person_id_of(request), form.speech)
    return RedirectResponse(request.app.url_path_for("orders:till_show"), 303)


async def till_live(request: Request) -> Response:
    """Tells an open till what happened, from where it last was."""
    speech = speech_of(await speech_kept(person_id_of(request)))
    return till_events(request, till_vendor(request), language_of(request), speech)


def till_vendor(request: Request) -> int:
    """The vendor at whose till one stands: the first of one's own. NotAllowed for who has none."""
    vendor_ids = caller_of(request).scope_ids(Role.VENDOR)
    if not vendor_ids:
        raise NotAllowed(say("Hãy mở gian hàng trước, rồi bán tại quầy."))
    return min(vendor_ids)


async def _own(request: Request) -> TillSale:
    return await own_stall_sale(int(request.path_params["id"]), till_vendor(request))


async def _speech(request: Request) -> Dialect:
    return speech_of(await speech_kept(person_id_of(request)))


async def _screen(request: Request, sale_id: int | None) -> TillScreen:
    return await till_screen(
        till_vendor(request),
        sale_id,
        now=parts_of(request)[Clock].now(),
        language=language_of(request),
        speech=await _speech(request),
    )


async def _till_page(request: Request, form: Form, counts: dict[int, int] | None = None) -> Response:
    vendor_id, parts = till_vendor(request), parts_of(request)
    page = TillPage(
        screen=await _screen(request, None),
        form=form,
        client_key=form.typed.get("client_key") or secrets.token_hex(16),
        goods=await goods_to_tap(vendor_id),
        counts=counts or {},
        plates=await own_plates((vendor_id,), now=parts[Clock].now(), secret=parts[Settings].secret_key),
        speeches=list(SPEECHES.items()),
        speech=await _speech(request),
    )
    return render(request, "orders/till_show.html", page, status=200 if form.ok else 422)


async def _refused(request: Request, sale: TillSale, refusal: Refusal) -> Response:
    page = SalePage(await _screen(request, sale.id), refusal.sentence)
    return render(request, "orders/till_sale.html", page, status=refusal.status)


def _to_sale(request: Request, sale_id: int) -> Response:
    return RedirectResponse(request.app.url_path_for("orders:till_sale_show", id=sale_id), 303)


VENDOR = roles(Role.VENDOR)
SALES, ONE = "/sell/till/sales", "/sell/till/sales/{id:int}"
ROUTES = [
    get("/sell/till", till_show, who=VENDOR, name="orders:till_show"),
    get("/sell/till/note", till_note_show, who=VENDOR, name="orders:till_note_show"),
    get("/sell/till/state", till_state, who=VENDOR, name="orders:till_state"),
    get("/sell/till/events", till_live, who=VENDOR, name="orders:till_live"),
    post("/sell/till/speech", till_speech_update, who=VENDOR, name="orders:till_speech_update"),
    post(SALES, till_sale_create, who=VENDOR, name="orders:till_sale_create"),
    get(ONE, till_sale_show, who=VENDOR, name="orders:till_sale_show"),
    get(ONE + "/state", till_sale_state, who=VENDOR, name="orders:till_sale_state"),
    post(ONE + "/confirmation", till_sale_confirm, who=VENDOR, name="orders:till_sale_confirm"),
    post(ONE + "/cancellation", till_sale_cancel, who=VENDOR, name="orders:till_sale_cancel"),
    post(ONE + "/apart", till_sale_apart, who=VENDOR, name="orders:till_sale_apart"),
]
