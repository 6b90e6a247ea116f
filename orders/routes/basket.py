"""The basket's page: put in, change how many, take out. Everything works without script."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.errors import NotFound, Refusal
from kit.i18n import Sentence
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from orders.asking import buyer_with_basket, with_count
from orders.forms import LineForm, QuantityForm
from orders.services import Basket, basket_of, put_in_basket, set_quantity, take_out


@dataclass
class BasketPage:
    """The basket; `fault` says what could not be done, at the line `fault_at` if it belongs to one."""

    basket: Basket
    fault: Sentence | None
    fault_at: int
    typed: str


async def basket_show(request: Request) -> Response:
    """The basket with today's prices and stock."""
    return await basket_page(request)


async def basket_line_create(request: Request) -> Response:
    """Puts goods in."""
    buyer, form = await buyer_with_basket(request), LineForm.read(form_of(request))
    if not form.ok:
        return await basket_page(request, next(iter(form.errors.values())))
    try:
        basket = await put_in_basket(buyer.owner, form.listing, form.quantity, form.variant)
    except NotFound:
        raise
    except Refusal as refusal:
        return await basket_page(request, refusal.sentence, status=refusal.status)
    return _to_basket(request, basket)


async def basket_line_change(request: Request) -> Response:
    """Sets how many are wanted; 0 takes the line out."""
    buyer, form = await buyer_with_basket(request), QuantityForm.read(form_of(request))
    line_id = int(request.path_params["line"])
    if not form.ok:
        return await _fault(request, form.errors["quantity"], line_id)
    if form.quantity == 0:
        return await basket_line_remove(request)
    try:
        await set_quantity(buyer.owner, line_id, form.quantity)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _fault(request, refusal.sentence, line_id)
    return await _back_to_basket(request, buyer.owner)


async def basket_line_remove(request: Request) -> Response:
    """Takes a line out."""
    buyer = await buyer_with_basket(request)
    await take_out(buyer.owner, int(request.path_params["line"]))
    return await _back_to_basket(request, buyer.owner)


async def basket_page(
    request: Request, fault: Sentence | None = None, *, status: int = 422, at: int = 0, typed: str = ""
) -> Response:
    """The basket's page, with what could not be done if there is a fault."""
    buyer = await buyer_with_basket(request)
    basket = await basket_of(buyer.owner)
    page = BasketPage(basket, fault, at, typed)
    answer = render(request, "orders/basket.html", page, status=status if fault else 200)
    return with_count(request, answer, basket.count)


async def _fault(request: Request, fault: Sentence, line_id: int) -> Response:
    typed = str(form_of(request).get("quantity", ""))[:10]
    return await basket_page(request, fault, at=line_id, typed=typed)


async def _back_to_basket(request: Request, owner: str) -> Response:
    return _to_basket(request, await basket_of(owner))


def _to_basket(request: Request, basket: Basket) -> Response:
    answer = RedirectResponse(request.app.url_path_for("orders:basket_show"), 303)
    return with_count(request, answer, basket.count)


ROUTES = [
    get("/basket", basket_show, who=ANYONE, name="orders:basket_show"),
    post("/basket/lines", basket_line_create, who=ANYONE, name="orders:basket_line_create"),
    post("/basket/lines/{line:int}", basket_line_change, who=ANYONE, name="orders:basket_line_change"),
    post(
        "/basket/lines/{line:int}/removal",
        basket_line_remove,
        who=ANYONE,
        name="orders:basket_line_remove",
    ),
]
