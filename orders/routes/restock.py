"""Goods that came back to their seller: what of them is on sale again."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import Conflict, Refusal
from kit.forms import Form
from kit.i18n import say
from kit.roles import Role
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from orders.models import Order
from orders.restock_forms import RestockForm, read_restock
from orders.routes.sales import vendor_ids_of
from orders.services import own_sale
from orders.services.restock import GoodsBack, goods_back, restock

VENDOR = roles(Role.VENDOR)


@dataclass
class RestockPage:
    """What came back, and the form of what is to be sold again."""

    order: Order
    goods: GoodsBack
    form: Form


async def restock_new(request: Request) -> Response:
    """GET /sell/orders/{code}/restock: numbers for each line."""
    order, goods = await _asked(request)
    return _page(request, order, goods, RestockForm.filled())


async def restock_create(request: Request) -> Response:
    """POST the same: the seller says what is on sale again."""
    order, goods = await _asked(request)
    read = read_restock(typed_of(request), [one.id for one in goods.lines])
    if read.form.ok:
        try:
            now, by = parts_of(request)[Clock].now(), person_id_of(request)
            await restock(order.id, read.back, read.form.reason, person_id=by, now=now)
        except Refusal as refusal:
            if refusal.field is None:
                raise
            read.form.wrong(refusal.field, refusal.sentence)
    if not read.form.ok:
        return _page(request, order, goods, read.form)
    return RedirectResponse(request.app.url_path_for("orders:sale_show", code=order.code), 303)


async def _asked(request: Request) -> tuple[Order, GoodsBack]:
    order = await own_sale(request.path_params["code"], vendor_ids_of(request))
    goods = await goods_back(order)
    if goods is None or goods.done is not None:
        raise Conflict(say("Đơn này không có hàng trả về nào chờ cô bác trả lời."))
    return order, goods


def _page(request: Request, order: Order, goods: GoodsBack, form: Form) -> Response:
    page = RestockPage(order, goods, form)
    return render(request, "orders/restock_new.html", page, status=200 if form.ok else 422)


_SOLD = "/sell/orders/{code}/restock"
ROUTES = [
    get(_SOLD, restock_new, who=VENDOR, name="orders:restock_new"),
    post(_SOLD, restock_create, who=VENDOR, name="orders:restock_create"),
]
