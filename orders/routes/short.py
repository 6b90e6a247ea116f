"""Orders that lack pieces: the seller says so, the buyer chooses."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import Refusal
from kit.roles import Role
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from orders.models import Order
from orders.routes.sales import vendor_ids_of
from orders.services import Sale, own_order, own_sale, sale_facts
from orders.services.short import answer_short, tell_short, withdraw_short
from orders.short_forms import ShortAnswerForm, ShortForm, read_short

VENDOR = roles(Role.VENDOR)


@dataclass
class ShortPage:
    """The sale and the form of what is lacking."""

    sale: Sale
    form: ShortForm


async def short_new(request: Request) -> Response:
    """The form."""
    return await _page(request, await _sold(request), ShortForm())


async def short_create(request: Request) -> Response:
    """The seller says what is lacking."""
    order, now = await _sold(request), parts_of(request)[Clock].now()
    sale = await sale_facts(order, now=now)
    form, lack = read_short(typed_of(request), [line.id for line in sale.lines])
    if lack is None:
        return await _page(request, order, form)
    try:
        await tell_short(order.id, lack, person_id=person_id_of(request), now=now)
    except Refusal as refusal:
        if refusal.field is None:
            raise
        form.wrong(refusal.field, refusal.sentence)
        return await _page(request, order, form)
    return RedirectResponse(request.app.url_path_for("orders:sale_show", code=order.code), 303)


async def short_withdraw(request: Request) -> Response:
    """The seller has found the goods."""
    order = await _sold(request)
    await withdraw_short(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return RedirectResponse(request.app.url_path_for("orders:sale_show", code=order.code), 303)


async def short_answer(request: Request) -> Response:
    """The buyer chooses."""
    caller = caller_of(request)
    order = await own_order(request.path_params["code"], caller)
    form = ShortAnswerForm.read(typed_of(request))
    if not form.ok:
        raise Refusal(form.errors["choice"])
    now, accepts = parts_of(request)[Clock].now(), form.choice == "accept"
    await answer_short(order.id, accepts=accepts, person_id=caller.person_id, now=now)
    return RedirectResponse(request.app.url_path_for("orders:order_show", code=order.code), 303)


async def _sold(request: Request) -> Order:
    return await own_sale(request.path_params["code"], vendor_ids_of(request))


async def _page(request: Request, order: Order, form: ShortForm) -> Response:
    sale = await sale_facts(order, now=parts_of(request)[Clock].now())
    return render(request, "orders/short_new.html", ShortPage(sale, form), status=200 if form.ok else 422)


_SOLD = "/sell/orders/{code}/shortage"
ROUTES = [
    get(_SOLD, short_new, who=VENDOR, name="orders:short_new"),
    post(_SOLD, short_create, who=VENDOR, name="orders:short_create"),
    post(_SOLD + "/withdrawal", short_withdraw, who=VENDOR, name="orders:short_withdraw"),
    post("/orders/{code}/shortage", short_answer, who=ANYONE, name="orders:short_answer"),
]
