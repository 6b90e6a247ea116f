"""The pretend providers' pages: one order to pay, refuse or leave, and the last orders with what was told of them."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from payments.forms import TwinDecisionForm
from payments.models import TwinCall, TwinOrder
from payments.twins import mobile_money, momo, stripe_twin, vnpay, zalopay
from payments.twins.orders import PENDING, Twin, decide, last_orders, order_with, state_now

TWINS: dict[str, Twin] = {
    one.TWIN.name: one.TWIN for one in (momo, zalopay, vnpay, mobile_money, stripe_twin)
}


@dataclass(frozen=True)
class PayPage:
    """An order at a pretend provider."""

    form: TwinDecisionForm
    twin: Twin
    order: TwinOrder
    state: str
    is_open: bool
    back_url: str


@dataclass(frozen=True)
class TwinIndexPage:
    """The last orders of all pretend providers, newest first, each with its calls."""

    orders: list[tuple[TwinOrder, list[TwinCall]]]
    titles: dict[str, str]


async def pay_show(request: Request) -> Response:
    """The page where a buyer would pay."""
    return await _page(request, TwinDecisionForm.filled(decision="", manner="as_is"))


async def pay_decide(request: Request) -> Response:
    """«Trả tiền», «Từ chối» or «Để đó»: the browser goes back, the callback goes its own way."""
    form = TwinDecisionForm.read(form_of(request))
    if not form.ok:
        return await _page(request, form)
    twin, order = await _order(request)
    now = parts_of(request)[Clock].now()
    order = await decide(order.id, form, twin, now=now)
    return RedirectResponse(twin.back(order, now), 303)


async def twin_index(request: Request) -> Response:
    """What was asked and told lately."""
    rows = [(order, list(order.calls)) for order in await last_orders()]  # type: ignore[attr-defined]
    titles = {name: twin.title for name, twin in TWINS.items()}
    return render(request, "payments/twin_index.html", TwinIndexPage(rows, titles))


async def _page(request: Request, form: TwinDecisionForm) -> Response:
    twin, order = await _order(request)
    now = parts_of(request)[Clock].now()
    state = state_now(order, now)
    page = PayPage(form, twin, order, state, state == PENDING, twin.back(order, now))
    return render(request, "payments/twin_pay.html", page, status=200 if form.ok else 422)


async def _order(request: Request) -> tuple[Twin, TwinOrder]:
    twin = TWINS.get(request.path_params["gate"])
    order = await order_with(twin.name, request.path_params["reference"]) if twin else None
    if twin is None or order is None:
        raise NotFound()
    return twin, order


_PAY = "/twins/{gate}/pay/{reference}"
TWIN_ROUTES: list[BaseRoute] = [
    get("/twins/providers", twin_index, who=ANYONE, name="payments:twin_index"),
    get(_PAY, pay_show, who=ANYONE, name="payments:twin_pay_show"),
    post(_PAY, pay_decide, who=ANYONE, name="payments:twin_pay_decide"),
    *momo.ROUTES,
    *zalopay.ROUTES,
    *vnpay.ROUTES,
    *mobile_money.ROUTES,
    *stripe_twin.ROUTES,
]
