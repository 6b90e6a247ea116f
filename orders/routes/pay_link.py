"""Paying an order by the seller's own payOS link: asked for, and the way there."""

from dataclasses import dataclass

import httpx2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from orders.models import Order
from orders.services import own_order
from orders.services.pay import awaited_reference
from payments.bank_gates import has_twin, own_links
from payments.services.links import LinkView, open_link, start_link


@dataclass
class LinkPage:
    """On the way to payOS: `goes` sends the browser on by itself. `fault` when there is no way."""

    order: Order
    link: LinkView | None
    is_twin: bool
    goes: bool
    fault: Sentence | None


async def link_create(request: Request) -> Response:
    """The buyer chose the link."""
    order, parts = await own_order(request.path_params["code"], caller_of(request)), parts_of(request)
    settings = parts[Settings]
    back = request.app.url_path_for("orders:order_show", code=order.code)
    try:
        await start_link(
            await awaited_reference(order),
            return_url=f"{settings.base_url}{back}",
            now=parts[Clock].now(),
            keys=seal_keys(settings),
            links=lambda keys, secret: own_links(keys, secret, settings, parts[httpx2.AsyncClient]),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        page = LinkPage(order, None, False, False, refusal.sentence)
        return render(request, "orders/link_show.html", page, status=refusal.status)
    return RedirectResponse(f"{request.app.url_path_for('orders:link_show', code=order.code)}?go=1", 303)


async def link_show(request: Request) -> Response:
    """The way there. A form may lead nowhere but here (content policy), so this page leads on."""
    order, parts = await own_order(request.path_params["code"], caller_of(request)), parts_of(request)
    link = await open_link(await awaited_reference(order), now=parts[Clock].now())
    if link is None:
        return RedirectResponse(request.app.url_path_for("orders:order_show", code=order.code), 303)
    page = LinkPage(order, link, has_twin(parts[Settings]), "go" in request.query_params, None)
    return render(request, "orders/link_show.html", page)


ROUTES = [
    post("/orders/{code}/link", link_create, who=ANYONE, name="orders:link_create"),
    get("/orders/{code}/link", link_show, who=ANYONE, name="orders:link_show"),
]
