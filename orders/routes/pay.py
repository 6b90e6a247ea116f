"""Paying an order otherwise than by VietQR: choosing a provider, the way there, and the way back."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence
from kit.limits import Limits
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from orders.asking import begun_attempt
from orders.models import Order
from orders.services import come_back, order_for, own_order, try_of
from payments.gates.register import Gates
from payments.services import AttemptView


@dataclass
class AttemptPage:
    """On the way to a provider: `goes` sends the browser on by itself. `fault` when there is no way."""

    order: Order
    attempt: AttemptView | None
    is_twin: bool
    goes: bool
    fault: Sentence | None


async def attempt_create(request: Request) -> Response:
    """The buyer chose a provider."""
    order = await own_order(request.path_params["code"], caller_of(request))
    try:
        attempt = await begun_attempt(request, order, str(form_of(request).get("gate", ""))[:20])
    except NotFound:
        raise
    except Refusal as refusal:
        page = AttemptPage(order, None, False, False, refusal.sentence)
        return render(request, "orders/attempt_show.html", page, status=refusal.status)
    there = request.app.url_path_for("orders:attempt_show", code=order.code, reference=attempt.reference)
    return RedirectResponse(f"{there}?go=1", 303)


async def attempt_show(request: Request) -> Response:
    """The way to the provider. A form may lead nowhere but here (content policy), so this page leads on."""
    parts = parts_of(request)
    order = await own_order(request.path_params["code"], caller_of(request))
    attempt = await try_of(order, request.path_params["reference"], now=parts[Clock].now())
    if not attempt.pay_url:
        return _to_order(request, order.code)
    gate = parts[Gates].get(attempt.gate)
    page = AttemptPage(order, attempt, bool(gate and gate.is_twin), "go" in request.query_params, None)
    return render(request, "orders/attempt_show.html", page)


async def attempt_back(request: Request) -> Response:
    """The browser came back from a provider, with whatever it says: only a reason to ask the provider."""
    order = await order_for(request.path_params["code"], caller_of(request))
    if await parts_of(request)[Limits].allows(f"back:{order.code}", times=20, seconds=60):
        await come_back(order)
    return _to_order(request, order.code)


def _to_order(request: Request, code: str) -> Response:
    return RedirectResponse(request.app.url_path_for("orders:order_show", code=code), 303)


ROUTES = [
    post("/orders/{code}/attempts", attempt_create, who=ANYONE, name="orders:attempt_create"),
    get("/orders/{code}/attempts/{reference}", attempt_show, who=ANYONE, name="orders:attempt_show"),
    get("/orders/{code}/back", attempt_back, who=ANYONE, name="orders:attempt_back"),
]
