"""A seller's page of buyers who come to fetch: what lies ready, giving it out, ending what nobody fetched."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import Refusal, TooMany
from kit.forms import Form
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from orders.handing_asking import given_out
from orders.handing_forms import ShownForm
from orders.routes.sales import vendor_ids_of
from orders.services import own_sale
from orders.services.handing.desk import WaitingPage, waiting_at
from orders.services.handing.ready import Place
from orders.services.handing.unfetched import end_unfetched


@dataclass(frozen=True)
class FetchingIndex:
    """What lies ready at the stalls; `given` is the code of the order just given out."""

    waiting: WaitingPage
    form: Form
    given: str


async def fetching_index(request: Request) -> Response:
    """GET /sell/fetching."""
    return await _page(request, ShownForm.filled())


async def fetching_hand_over(request: Request) -> Response:
    """POST /sell/fetching: a buyer shows the code of their order."""
    form = ShownForm.read(typed_of(request))
    if form.ok:
        try:
            order = await given_out(request, form, Place(vendor_ids_of(request)))
            return RedirectResponse(
                f"{request.app.url_path_for('orders:fetching_index')}?given={order.code}", 303
            )
        except TooMany:
            raise
        except Refusal as no:
            form.wrong(no.field or "code", no.sentence)
    return await _page(request, form, status=422)


async def fetching_end(request: Request) -> Response:
    """POST /sell/orders/{code}/unfetched: nobody came in time, the money goes back."""
    order = await own_sale(request.path_params["code"], vendor_ids_of(request))
    await end_unfetched(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return RedirectResponse(request.app.url_path_for("orders:sale_show", code=order.code), 303)


async def _page(request: Request, form: Form, *, status: int = 200) -> Response:
    place, now = Place(vendor_ids_of(request)), parts_of(request)[Clock].now()
    found = await waiting_at(place, now=now, page=page_number(request))
    page = FetchingIndex(found, form, request.query_params.get("given", "")[:20])
    return render(request, "orders/fetching_index.html", page, status=status)


VENDOR = roles(Role.VENDOR)
ROUTES = [
    get("/sell/fetching", fetching_index, who=VENDOR, name="orders:fetching_index"),
    post("/sell/fetching", fetching_hand_over, who=VENDOR, name="orders:fetching_hand_over"),
    post("/sell/orders/{code}/unfetched", fetching_end, who=VENDOR, name="orders:fetching_end"),
]
