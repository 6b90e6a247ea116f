"""Goods that weighed more: the seller asks nothing on top after all, or has seen the money."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.roles import Role
from kit.web.asked import person_id_of
from kit.web.callers import parts_of
from kit.web.routing import post, roles
from orders.models import Order
from orders.routes.sales import vendor_ids_of
from orders.services import own_sale
from orders.services.heavy.ending import confirm_difference, waive_difference

VENDOR = roles(Role.VENDOR)
_SOLD = "/sell/orders/{code}/difference"


async def difference_waive(request: Request) -> Response:
    """The goods go out as they were weighed, for what is paid."""
    order = await _sold(request)
    await waive_difference(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return RedirectResponse(request.app.url_path_for("orders:sale_show", code=order.code), 303)


async def difference_confirm(request: Request) -> Response:
    """The seller has seen the difference in their own banking app."""
    order = await _sold(request)
    await confirm_difference(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return RedirectResponse(request.app.url_path_for("orders:sale_show", code=order.code), 303)


async def _sold(request: Request) -> Order:
    return await own_sale(request.path_params["code"], vendor_ids_of(request))


ROUTES = [
    post(_SOLD + "/waiver", difference_waive, who=VENDOR, name="orders:difference_waive"),
    post(_SOLD + "/money", difference_confirm, who=VENDOR, name="orders:difference_confirm"),
]
