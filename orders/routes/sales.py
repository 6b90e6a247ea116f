"""A seller's pages: today, all sales, one sale and packing it."""

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import NotFound, Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import SIGNED_IN, get, post, roles
from orders.forms import read_weights
from orders.routes.live import live_answer
from orders.services import (
    OrderRows,
    Sale,
    SellersDay,
    confirm_order,
    day_channel,
    note_given_back,
    own_sale,
    pack_order,
    sale_facts,
    sales_of,
    sellers_day,
)
from orders.services.fees.billing import unpaid_fees
from orders.services.heavy.words import weighed_words
from orders.services.pack import weigh, weighed
from orders.states import OrderState
from postal.label_pdf import LabelSize
from postal.services import parcel
from postal.services.labels import printed
from vendors.services import ChangeView, lacks_account, recent_changes
from vendors.services.help.consents import ConsentView
from vendors.services.help.seen import living_consents
from vendors.services.identity.desk import IdentityNote, identity_note
from vendors.services.markets.plates import OwnPlate, own_plates
from vendors.services.markets.zones import waiting_claims


@dataclass
class DayPage:
    """The seller's day and plates; changes of receiving accounts are told for seven days."""

    day: SellersDay
    account_changes: list[ChangeView]
    identity_note: IdentityNote | None
    plates: list[OwnPlate] = field(default_factory=list)
    claims: list[tuple[str, str]] = field(default_factory=list)
    helped_by: list[ConsentView] = field(default_factory=list)
    lacks_account: bool = False
    unpaid_fees: int = 0


@dataclass
class SalesPage:
    """A page of sales."""

    orders: OrderRows


@dataclass
class SalePage:
    """One sale; `form` holds the weights that the scales said and what was wrong with them.

    `outcome` says what packing at these weights would come to.
    """

    sale: Sale
    form: Form
    outcome: Sentence | None = None


async def sell_today(request: Request) -> Response:
    """Today; who does not sell yet is led to coming aboard."""
    if not vendor_ids_of(request):
        return RedirectResponse(request.app.url_path_for("vendors:aboard_new"), 303)
    page, parts = await _day(request), parts_of(request)
    page.plates = await own_plates(
        vendor_ids_of(request), now=parts[Clock].now(), secret=parts[Settings].secret_key
    )
    page.claims = await waiting_claims(vendor_ids_of(request))
    page.helped_by = await living_consents(person_id_of(request), now=parts[Clock].now())
    page.lacks_account = await lacks_account(vendor_ids_of(request))
    page.unpaid_fees = await unpaid_fees(vendor_ids_of(request))
    return render(request, "orders/sell_today.html", page)


async def sell_state(request: Request) -> Response:
    """The part of the day's page that changes, for its script."""
    return render(request, "orders/_sell_state.html", await _day(request))


async def sell_events(request: Request) -> Response:
    """Tells an open page of the day when it has changed."""
    vendor_ids, clock = vendor_ids_of(request), parts_of(request)[Clock]

    async def read() -> str:
        return (await sellers_day(vendor_ids, now=clock.now())).mark

    return live_answer(request, [day_channel(vendor_id) for vendor_id in vendor_ids], read)


async def sale_index(request: Request) -> Response:
    """All sales, newest first."""
    page = SalesPage(await sales_of(vendor_ids_of(request), page=page_number(request)))
    return render(request, "orders/sale_index.html", page)


async def sale_show(request: Request) -> Response:
    """One sale."""
    order = await own_sale(request.path_params["code"], vendor_ids_of(request))
    return render(
        request,
        "orders/sale_show.html",
        SalePage(await sale_facts(order, now=parts_of(request)[Clock].now()), Form.filled()),
    )


async def sale_label(request: Request) -> Response:
    """The label's copy that stays at the stall: phones are masked on it."""
    order = await own_sale(request.path_params["code"], vendor_ids_of(request))
    if not order.parcel_code:
        raise NotFound(say("Đơn này chưa có bưu gửi."))
    sent, parts = await parcel(order.parcel_code), parts_of(request)
    content = await printed(
        [sent], LabelSize.A6, base_url=parts[Settings].base_url, now=parts[Clock].now(), is_copy=True
    )
    headers = {
        "content-disposition": f'inline; filename="nhan-{order.code}.pdf"',
        "cache-control": "no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


async def sale_pack(request: Request) -> Response:
    """The seller has packed a paid order; with `look` only what the weights come to is shown."""
    order = await own_sale(request.path_params["code"], vendor_ids_of(request))
    sale = await sale_facts(order, now=parts_of(request)[Clock].now())
    form, weights_g = read_weights(form_of(request), [line.id for line in weighed(sale.lines)])
    if form_of(request).get("look"):
        return _look(request, SalePage(sale, form), weights_g)
    if form.ok:
        try:
            await pack_order(
                order.id,
                person_id=person_id_of(request),
                now=parts_of(request)[Clock].now(),
                weights_g=weights_g,
            )
            return RedirectResponse(request.app.url_path_for("orders:sale_show", code=order.code), 303)
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.wrong(refusal.field, refusal.sentence)
    return render(request, "orders/sale_show.html", SalePage(sale, form), status=422)


def _look(request: Request, page: SalePage, weights_g: dict[int, int]) -> Response:
    """What the weights come to, before anything is packed: a part of the page for its script, else the page."""
    at_door = page.sale.order.state is OrderState.CONFIRMED
    if page.form.ok:
        try:
            found = weigh(weighed(page.sale.lines), weights_g, asks_small=at_door)
            page.outcome = weighed_words(found, at_door=at_door)
        except Refusal as refusal:
            page.form.wrong(refusal.field or "", refusal.sentence)
    if "x-part" in request.headers:
        page.outcome = page.outcome or next(iter(page.form.errors.values()), None)
        return render(request, "orders/_weighed.html", page)
    return render(request, "orders/sale_show.html", page, status=200 if page.form.ok else 422)


async def sale_give_back(request: Request) -> Response:
    """The seller has given back what the goods weighed less."""
    order = await own_sale(request.path_params["code"], vendor_ids_of(request))
    await note_given_back(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return RedirectResponse(request.app.url_path_for("orders:sale_show", code=order.code), 303)


async def sale_confirm(request: Request) -> Response:
    """The seller has seen the money in their own banking app."""
    order = await own_sale(request.path_params["code"], vendor_ids_of(request))
    await confirm_order(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return RedirectResponse(request.app.url_path_for("orders:sale_show", code=order.code), 303)


def vendor_ids_of(request: Request) -> tuple[int, ...]:
    """The vendors that the caller sells for."""
    return caller_of(request).scope_ids(Role.VENDOR)


async def _day(request: Request) -> DayPage:
    vendor_ids, now = vendor_ids_of(request), parts_of(request)[Clock].now()
    return DayPage(
        await sellers_day(vendor_ids, now=now),
        await recent_changes(vendor_ids, now=now),
        await identity_note(vendor_ids),
    )


VENDOR = roles(Role.VENDOR)
ROUTES = [
    get("/sell", sell_today, who=SIGNED_IN, name="orders:sell_today"),
    get("/sell/state", sell_state, who=VENDOR, name="orders:sell_state"),
    get("/sell/events", sell_events, who=VENDOR, name="orders:sell_events"),
    get("/sell/orders", sale_index, who=VENDOR, name="orders:sale_index"),
    get("/sell/orders/{code}", sale_show, who=VENDOR, name="orders:sale_show"),
    get("/sell/orders/{code}/label.pdf", sale_label, who=VENDOR, name="orders:sale_label"),
    post("/sell/orders/{code}/packing", sale_pack, who=VENDOR, name="orders:sale_pack"),
    post("/sell/orders/{code}/money", sale_confirm, who=VENDOR, name="orders:sale_confirm"),
    post("/sell/orders/{code}/giving-back", sale_give_back, who=VENDOR, name="orders:sale_give_back"),
]
