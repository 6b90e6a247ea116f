"""Money back: what a buyer asks of an order and where to; what its seller gives, answers, decides about late money."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.codes import new_code, tidy_code
from kit.errors import NotFound, Refusal
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.asked import person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from orders.models import Order
from orders.return_forms import (
    OTHER,
    AnswerForm,
    LateForm,
    ReturnAccountForm,
    ReturnForm,
    read_return,
    settle_return_account,
)
from orders.services import own_order, own_sale, reference_of, revive_order
from orders.services.order_money import left_dong
from orders.services.returns import (
    ReturnLine,
    Returns,
    answer_ask,
    ask_return,
    give_back,
    refund_with_code,
    return_late_money,
    return_lines,
    returns_of,
    say_where_to,
    withdraw_ask,
)
from payments.services import doubt_refund, payment_for
from vendors.services import banks_shown

KEY_PREFIX = "H"


@dataclass
class ReturnNewPage:
    """The form of money back; `by_seller` gives at once, a buyer only asks. `left_dong` can still go back."""

    order: Order
    lines: list[ReturnLine]
    left_dong: int
    form: ReturnForm
    by_seller: bool
    key: str


@dataclass
class ReturnAccountPage:
    """Where the buyer wants money back."""

    order: Order
    form: ReturnAccountForm
    banks: list[tuple[str, str]]
    other: str = OTHER


@dataclass
class LatePage:
    """Late money of one order and the two ways out of it, for an administrator."""

    order: Order
    returns: Returns


async def return_new(request: Request) -> Response:
    """The buyer chooses what should go back."""
    return await _new(request, await _bought(request), ReturnForm(), by_seller=False)


async def return_create(request: Request) -> Response:
    """The buyer asks."""
    order, caller = await _bought(request), caller_of(request)
    form, choice = read_return(form_of(request), await return_lines(order))
    if form.ok:
        try:
            now = parts_of(request)[Clock].now()
            await ask_return(order, choice, form.reason, person_id=caller.person_id, now=now)
            return _to(request, "orders:order_show", order)
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.wrong(refusal.field, refusal.sentence)
    return await _new(request, order, form, by_seller=False)


async def return_withdraw(request: Request) -> Response:
    """The buyer no longer asks."""
    order = await _bought(request)
    await withdraw_ask(order, now=parts_of(request)[Clock].now())
    return _to(request, "orders:order_show", order)


async def return_account_new(request: Request) -> Response:
    """Asks the buyer where money should go back to."""
    return await _account(request, await _bought(request), ReturnAccountForm())


async def return_account_create(request: Request) -> Response:
    """The buyer says where."""
    order, parts = await _bought(request), parts_of(request)
    form = ReturnAccountForm.read(form_of(request))
    account = await settle_return_account(form)
    if account is None:
        return await _account(request, order, form)
    await say_where_to(
        order,
        account,
        person_id=caller_of(request).person_id,
        now=parts[Clock].now(),
        keys=seal_keys(parts[Settings]),
    )
    return _to(request, "orders:order_show", order)


async def refund_doubt(request: Request) -> Response:
    """The buyer says that money told as given back has not come."""
    order = await _bought(request)
    refund = await refund_with_code(order, request.path_params["refund"])
    now = parts_of(request)[Clock].now()
    await doubt_refund(refund.id, person_id=caller_of(request).person_id, now=now)
    return _to(request, "orders:order_show", order)


async def sale_refund_new(request: Request) -> Response:
    """The seller chooses what to give back of their own accord."""
    return await _new(request, await _sold(request), ReturnForm(), by_seller=True)


async def sale_refund_create(request: Request) -> Response:
    """The seller gives back: the money is on its way, or waits for their transfer."""
    order = await _sold(request)
    form, choice = read_return(form_of(request), await return_lines(order))
    if form.ok:
        try:
            key, now = form.key or new_code(KEY_PREFIX), parts_of(request)[Clock].now()
            person_id = person_id_of(request)
            await give_back(order, choice, form.reason, key=key, person_id=person_id, now=now)
            return _to(request, "orders:sale_show", order)
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.wrong(refusal.field, refusal.sentence)
    return await _new(request, order, form, by_seller=True)


async def sale_ask_answer(request: Request) -> Response:
    """The seller agrees to what the buyer asks, or says no with a reason."""
    order, form = await _sold(request), AnswerForm.read(form_of(request))
    if not form.ok:
        raise Refusal(next(iter(form.errors.values())))
    now = parts_of(request)[Clock].now()
    agrees, person_id = form.agrees == "yes", person_id_of(request)
    await answer_ask(order, agrees=agrees, answer=form.answer or "", person_id=person_id, now=now)
    return _to(request, "orders:sale_show", order)


async def sale_revive(request: Request) -> Response:
    """The seller takes an order up again that money came for too late."""
    order = await _sold(request)
    await revive_order(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return _to(request, "orders:sale_show", order)


async def sale_return_late(request: Request) -> Response:
    """The seller gives late money back."""
    order = await _sold(request)
    await _return_late(request, order)
    return _to(request, "orders:sale_show", order)


async def late_show(request: Request) -> Response:
    """An administrator decides about late money of an order."""
    order = await _any(request)
    payment = await payment_for(reference_of(order.id))
    returns = await returns_of(order, payment, now=parts_of(request)[Clock].now())
    return render(request, "orders/late_show.html", LatePage(order, returns))


async def late_revive(request: Request) -> Response:
    """An administrator has asked both sides: the goods go out after all."""
    order = await _any(request)
    await revive_order(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return _to(request, "orders:late_show", order)


async def late_return(request: Request) -> Response:
    """An administrator has the money go back."""
    order = await _any(request)
    await _return_late(request, order)
    return _to(request, "orders:late_show", order)


async def late_answer(request: Request) -> Response:
    """An administrator answers a buyer where the seller does not."""
    order, form = await _any(request), AnswerForm.read(form_of(request))
    if not form.ok:
        raise Refusal(next(iter(form.errors.values())))
    now = parts_of(request)[Clock].now()
    agrees, person_id = form.agrees == "yes", person_id_of(request)
    await answer_ask(order, agrees=agrees, answer=form.answer or "", person_id=person_id, now=now)
    return _to(request, "orders:late_show", order)


async def _return_late(request: Request, order: Order) -> None:
    form = LateForm.read(form_of(request))
    now = parts_of(request)[Clock].now()
    await return_late_money(order, person_id=person_id_of(request), reason=form.words or "", now=now)


async def _bought(request: Request) -> Order:
    return await own_order(request.path_params["code"], caller_of(request))


async def _sold(request: Request) -> Order:
    return await own_sale(request.path_params["code"], caller_of(request).scope_ids(Role.VENDOR))


async def _any(request: Request) -> Order:
    order = await Order.get_or_none(code=tidy_code(request.path_params["code"])[:16])
    if order is None:
        raise NotFound()
    return order


def _to(request: Request, name: str, order: Order) -> Response:
    return RedirectResponse(request.app.url_path_for(name, code=order.code), 303)


async def _new(request: Request, order: Order, form: ReturnForm, *, by_seller: bool) -> Response:
    page = ReturnNewPage(
        order=order,
        lines=await return_lines(order),
        left_dong=await left_dong(order),
        form=form,
        by_seller=by_seller,
        key=form.typed.get("key") or new_code(KEY_PREFIX),
    )
    name = "orders/sale_refund_new.html" if by_seller else "orders/return_new.html"
    return render(request, name, page, status=200 if form.ok else 422)


async def _account(request: Request, order: Order, form: ReturnAccountForm) -> Response:
    banks = [(bank.bin, bank.name) for bank in await banks_shown()]
    page = ReturnAccountPage(order, form, banks)
    return render(request, "orders/return_account_new.html", page, status=200 if form.ok else 422)


_VENDOR, _ADMIN = roles(Role.VENDOR), roles(Role.ADMIN)
_BOUGHT, _SOLD, _LATE = "/orders/{code}", "/sell/orders/{code}", "/admin/orders/{code}/money"

ROUTES: list[BaseRoute] = [
    get(_BOUGHT + "/returns", return_new, who=ANYONE, name="orders:return_new"),
    post(_BOUGHT + "/returns", return_create, who=ANYONE, name="orders:return_create"),
    post(_BOUGHT + "/returns/withdrawal", return_withdraw, who=ANYONE, name="orders:return_withdraw"),
    get(_BOUGHT + "/return-account", return_account_new, who=ANYONE, name="orders:return_account_new"),
    post(_BOUGHT + "/return-account", return_account_create, who=ANYONE, name="orders:return_account_create"),
    post(_BOUGHT + "/refunds/{refund}/doubt", refund_doubt, who=ANYONE, name="orders:refund_doubt"),
    get(_SOLD + "/refunds", sale_refund_new, who=_VENDOR, name="orders:sale_refund_new"),
    post(_SOLD + "/refunds", sale_refund_create, who=_VENDOR, name="orders:sale_refund_create"),
    post(_SOLD + "/answer", sale_ask_answer, who=_VENDOR, name="orders:sale_ask_answer"),
    post(_SOLD + "/revival", sale_revive, who=_VENDOR, name="orders:sale_revive"),
    post(_SOLD + "/late-return", sale_return_late, who=_VENDOR, name="orders:sale_return_late"),
    get(_LATE, late_show, who=_ADMIN, name="orders:late_show"),
    post(_LATE + "/revival", late_revive, who=_ADMIN, name="orders:late_revive"),
    post(_LATE + "/return", late_return, who=_ADMIN, name="orders:late_return"),
    post(_LATE + "/answer", late_answer, who=_ADMIN, name="orders:late_answer"),
]
