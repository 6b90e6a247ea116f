"""Who is buying, how many lines their basket has, and how they want to pay: shared by buyers' pages and the API."""

from starlette.requests import Request
from starlette.responses import Response

from kit.clock import Clock
from kit.errors import NotAllowed, NotFound, TooMany
from kit.i18n import say
from kit.limits import Limits
from kit.roles import Role
from kit.settings import Settings
from kit.web.callers import address_of, caller_of, device_of, is_new_device, parts_of
from kit.web.render import language_of
from orders.models import Order
from orders.services import Buyer, OrderFacts, buyer_of, is_buyer, merge_basket, try_to_pay
from payments.gate import Gate
from payments.gates.register import Gates
from payments.services import AttemptView, SaleClass, Wanted
from vendors.services import Market
from vendors.services.markets.kept import market_of_board

COUNT_COOKIE = "basket_count"
COUNT_DAYS = 30
TRIES_AN_HOUR = 60


def buyer_of_request(request: Request) -> Buyer:
    """The person or the device; the device is remembered by its cookie from now on."""
    return Buyer(caller_of(request).person_id, device_of(request))


async def buyer_with_basket(request: Request) -> Buyer:
    """The buyer, with what the device gathered before signing in brought into their basket."""
    buyer = buyer_of_request(request)
    if not is_new_device(request):
        await merge_basket(buyer)
    return buyer


async def begun_attempt(request: Request, order: Order, gate_name: str) -> AttemptView:
    """A try to pay an order through a provider. Raises Refusal; NotFound when no such provider is switched on."""
    parts = parts_of(request)
    gate = parts[Gates].get(gate_name)
    if gate is None:
        raise NotFound()
    if not await parts[Limits].allows(f"attempt:{address_of(request)}", times=TRIES_AN_HOUR, seconds=3600):
        raise TooMany(say("Bạn đã thử nhiều lần. Một lát nữa hãy thử lại."), wait_seconds=600)
    base = parts[Settings].base_url
    wanted = Wanted(
        return_url=base + request.app.url_path_for("orders:attempt_back", code=order.code),
        callback_url=base + request.app.url_path_for("payments:callback_create", gate=gate.name),
        payer_address=address_of(request),
        language=language_of(request),
        sale_class=SaleClass.GOODS,
        tax_mode=parts[Gates].tax_mode(gate.name),
    )
    return await try_to_pay(order, gate, wanted, now=parts[Clock].now())


async def market_of_request(request: Request) -> Market:
    """The market in the address, if the caller runs it; administrators and boards of the province run all. NotFound."""
    caller = caller_of(request)
    runs_all = Role.ADMIN in caller.roles or "" in caller.scopes.get(Role.BOARD, ())
    slug = str(request.path_params["slug"])
    return await market_of_board(slug, None if runs_all else caller.scope_ids(Role.BOARD))


def refuse_own(request: Request, order: Order) -> None:
    """Raises NotAllowed for the buyer and the seller of an order."""
    caller = caller_of(request)
    if is_buyer(order, buyer_of(caller)) or order.vendor_id in caller.scope_ids(Role.VENDOR):
        raise NotAllowed(say("Bạn là một bên trong đơn này, nên người quản trị khác phải quyết định."))


def offered_gates(request: Request, facts: OrderFacts) -> list[Gate]:
    """The providers that would take what is left of an order or its difference; none when no money is awaited."""
    awaited = facts.payment if facts.minutes_left is not None else None
    if facts.difference and facts.difference.is_payable:
        awaited = facts.difference.payment
    return parts_of(request)[Gates].for_sum(awaited.rest_dong) if awaited else []


def with_count(request: Request, answer: Response, count: int) -> Response:
    """The answer with the number that the frame shows at the basket."""
    answer.set_cookie(
        COUNT_COOKIE,
        str(count),
        max_age=COUNT_DAYS * 86400,
        httponly=True,
        samesite="lax",
        secure=parts_of(request)[Settings].is_production,
    )
    return answer
