"""A buyer's orders: the list, one order that changes by itself, its contract to keep, taking it back."""

from dataclasses import dataclass, field

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.settings import Settings
from kit.web.asked import page_number
from kit.web.callers import caller_of, device_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from orders.asking import offered_gates
from orders.routes.live import live_answer
from orders.services import (
    OrderFacts,
    OrderRows,
    buyer_of,
    cancel_order,
    is_buyer,
    mark_of,
    order_channel,
    order_facts,
    order_for,
    orders_of,
    own_order,
)
from orders.services.handing.ready import code_to_show, text_to_show
from orders.services.paper import order_as_pdf
from orders.services.rating import RatableLine, ratable_lines
from orders.states import OrderState
from payments.services.links import has_links
from postal.barcode import qr_svg
from vendors.services import VendorCard, vendor_card

QR_MM = 40


@dataclass
class Way:
    """A way to pay beside VietQR; `is_twin` when the provider is a pretend one."""

    gate: str
    is_twin: bool


@dataclass
class OrderPage:
    """One order; `is_buyer` may take it back and choose among `ways` to pay.

    `delivery_code` is what the buyer reads out at the door, or where it lies ready, else empty;
    `has_link` whether the seller can be paid by an own payOS link, `fetch_qr` the code to show where it is fetched.
    """

    facts: OrderFacts
    is_buyer: bool
    ways: list[Way]
    delivery_code: str
    has_link: bool = False
    fetch_qr: Markup = field(default_factory=Markup)
    ratable: list[RatableLine] = field(default_factory=list)


@dataclass
class ContractPage:
    """One order as a document to keep."""

    facts: OrderFacts
    vendor: VendorCard


@dataclass
class OrderListPage:
    """A page of orders."""

    orders: OrderRows


async def order_index(request: Request) -> Response:
    """The caller's orders, newest first."""
    device_of(request)
    page = OrderListPage(await orders_of(caller_of(request), page=page_number(request)))
    return render(request, "orders/order_index.html", page)


async def order_show(request: Request) -> Response:
    """One order."""
    page = await _page(request)
    if page.is_buyer:
        page.ratable = await ratable_lines(page.facts.order, now=parts_of(request)[Clock].now())
    return render(request, "orders/order_show.html", page)


async def order_state(request: Request) -> Response:
    """The part of an order's page that changes, for its script."""
    return render(request, "orders/_order_state.html", await _page(request))


async def order_events(request: Request) -> Response:
    """Tells an open page of an order when it has changed."""
    order, clock = await order_for(request.path_params["code"], caller_of(request)), parts_of(request)[Clock]

    async def read() -> str:
        return await mark_of(order.code, now=clock.now())

    return live_answer(request, [order_channel(order.code)], read)


async def order_contract(request: Request) -> Response:
    """The order as a document to download and keep (Law 19/2023 on consumers, Articles 38.1 and 39.3)."""
    page = await _page(request)
    vendor = await vendor_card(page.facts.order.vendor_id)
    answer = render(request, "orders/order_contract.html", ContractPage(page.facts, vendor))
    answer.headers["content-disposition"] = f'attachment; filename="don-{page.facts.order.code}.html"'
    return answer


async def order_pdf(request: Request) -> Response:
    """The order as a PDF, for its buyer, its seller and administrators."""
    order, parts = await order_for(request.path_params["code"], caller_of(request)), parts_of(request)
    content = await order_as_pdf(order, base_url=parts[Settings].base_url, now=parts[Clock].now())
    headers = {"content-disposition": f'inline; filename="don-{order.code}.pdf"', "cache-control": "no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


async def order_cancel(request: Request) -> Response:
    """The buyer takes an unpaid order back."""
    caller = caller_of(request)
    order = await own_order(request.path_params["code"], caller)
    await cancel_order(order.id, person_id=caller.person_id, now=parts_of(request)[Clock].now())
    return RedirectResponse(request.app.url_path_for("orders:order_show", code=order.code), 303)


async def _page(request: Request) -> OrderPage:
    caller = caller_of(request)
    order = await order_for(request.path_params["code"], caller)
    facts = await order_facts(order, now=parts_of(request)[Clock].now())
    is_own = is_buyer(order, buyer_of(caller))
    gates = offered_gates(request, facts) if is_own else []
    is_coming = is_own and order.state in (OrderState.POSTED, OrderState.READY)
    secret = parts_of(request)[Settings].secret_key
    code = code_to_show(order, secret) if is_coming else ""
    is_ready = is_coming and order.state is OrderState.READY
    fetch_qr = Markup(qr_svg(text_to_show(order, secret), QR_MM)) if is_ready else Markup()  # noqa: S704
    has_link = is_own and facts.is_waiting and await has_links(order.vendor_id)
    return OrderPage(
        facts, is_own, [Way(gate.name, gate.is_twin) for gate in gates], code, has_link, fetch_qr
    )


ROUTES = [
    get("/orders", order_index, who=ANYONE, name="orders:order_index"),
    get("/orders/{code}", order_show, who=ANYONE, name="orders:order_show"),
    get("/orders/{code}/state", order_state, who=ANYONE, name="orders:order_state"),
    get("/orders/{code}/events", order_events, who=ANYONE, name="orders:order_events"),
    get("/orders/{code}/contract", order_contract, who=ANYONE, name="orders:order_contract"),
    get("/orders/{code}/order.pdf", order_pdf, who=ANYONE, name="orders:order_pdf"),
    post("/orders/{code}/cancellation", order_cancel, who=ANYONE, name="orders:order_cancel"),
]
