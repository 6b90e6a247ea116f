"""The JSON API of money back: what a buyer asks and where to, what a seller gives and answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.codes import new_code
from kit.errors import Refusal
from kit.i18n import say
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.routing import ANYONE, roles
from orders.models import Order
from orders.return_forms import AnswerForm, ProgramReturnForm, ReturnAccountForm, settle_return_account
from orders.services import order_for, own_order, own_sale, reference_of
from orders.services.returns import answer_ask, ask_return, give_back, returns_of, say_where_to
from payments.services import RefundView, payment_for

KEY_PREFIX = "H"


@dataclass
class RefundAnswer:
    """Money on its way back: `through` the provider it came by, or by transfer with the code as its content."""

    code: str
    state: str
    amount_dong: int
    through: str
    is_proved: bool
    waits_for_account: bool
    asked_at: datetime
    done_at: datetime | None


@dataclass
class ReturnsAnswer:
    """Money back for one order. `asked_dong` waits for the seller's answer; `account_tail` is where transfers go."""

    refunds: list[RefundAnswer]
    asked_dong: int
    can_be_asked: bool
    waits_for_account: bool
    account_tail: str


async def returns_show(request: Request) -> ReturnsAnswer:
    """All about money back for an order, for its buyer and its seller."""
    return await _answer(request, await order_for(request.path_params["code"], caller_of(request)))


async def return_create(request: Request) -> ReturnsAnswer:
    """The buyer asks for money back."""
    form, caller = cast(ProgramReturnForm, json_form(request)), caller_of(request)
    order = await own_order(request.path_params["code"], caller)
    now = parts_of(request)[Clock].now()
    await ask_return(order, form.choice, form.reason, person_id=caller.person_id, now=now)
    return await _answer(request, order)


async def return_account_create(request: Request) -> ReturnsAnswer:
    """The buyer says where transfers should go."""
    form, parts = cast(ReturnAccountForm, json_form(request)), parts_of(request)
    order = await own_order(request.path_params["code"], caller_of(request))
    account = await settle_return_account(form)
    if account is None:
        raise Refusal(form.errors.get("account", say("Cần số tài khoản của bạn.")), field="account")
    await say_where_to(
        order,
        account,
        person_id=caller_of(request).person_id,
        now=parts[Clock].now(),
        keys=seal_keys(parts[Settings]),
    )
    return await _answer(request, order)


async def sale_refund_create(request: Request) -> ReturnsAnswer:
    """The seller gives money back of their own accord."""
    form, order = cast(ProgramReturnForm, json_form(request)), await _sold(request)
    key, now = form.key or new_code(KEY_PREFIX), parts_of(request)[Clock].now()
    await give_back(order, form.choice, form.reason, key=key, person_id=person_id_of(request), now=now)
    return await _answer(request, order)


async def sale_ask_answer(request: Request) -> ReturnsAnswer:
    """The seller answers the buyer's asking."""
    form, order = cast(AnswerForm, json_form(request)), await _sold(request)
    now, agrees = parts_of(request)[Clock].now(), form.agrees == "yes"
    await answer_ask(order, agrees=agrees, answer=form.answer or "", person_id=person_id_of(request), now=now)
    return await _answer(request, order)


async def _sold(request: Request) -> Order:
    return await own_sale(request.path_params["code"], caller_of(request).scope_ids(Role.VENDOR))


async def _answer(request: Request, order: Order) -> ReturnsAnswer:
    payment = await payment_for(reference_of(order.id))
    found = await returns_of(order, payment, now=parts_of(request)[Clock].now())
    return ReturnsAnswer(
        refunds=[refund_answer(one) for one in found.refunds],
        asked_dong=found.open_ask.amount_dong if found.open_ask else 0,
        can_be_asked=found.can_be_asked,
        waits_for_account=found.waits_for_account,
        account_tail=found.account.tail if found.account else "",
    )


def refund_answer(refund: RefundView) -> RefundAnswer:
    """A refund as programs read it."""
    return RefundAnswer(
        code=refund.code,
        state=refund.state,
        amount_dong=refund.amount_dong,
        through=refund.through,
        is_proved=refund.is_proved,
        waits_for_account=refund.waits_for_account,
        asked_at=refund.asked_at,
        done_at=refund.done_at,
    )


_VENDOR = roles(Role.VENDOR)

RETURNS_API: list[JsonRoute] = [
    api_get(
        "/orders/{code}/returns",
        returns_show,
        who=ANYONE,
        name="orders:api_returns_show",
        summary="Money back for an order: asked, on its way, given back.",
        answer=ReturnsAnswer,
    ),
    api_post(
        "/orders/{code}/returns",
        return_create,
        who=ANYONE,
        name="orders:api_return_create",
        summary="Asks the seller for money back: all, chosen lines, or a sum.",
        form=ProgramReturnForm,
        answer=ReturnsAnswer,
    ),
    api_post(
        "/orders/{code}/return-account",
        return_account_create,
        who=ANYONE,
        name="orders:api_return_account_create",
        summary="Says where transfers back should go.",
        form=ReturnAccountForm,
        answer=ReturnsAnswer,
    ),
    api_post(
        "/sell/orders/{code}/refunds",
        sale_refund_create,
        who=_VENDOR,
        name="orders:api_sale_refund_create",
        summary="Gives money of an order back: all, chosen lines, or a sum.",
        form=ProgramReturnForm,
        answer=ReturnsAnswer,
    ),
    api_post(
        "/sell/orders/{code}/answer",
        sale_ask_answer,
        who=_VENDOR,
        name="orders:api_sale_ask_answer",
        summary="Answers a buyer who asks money back.",
        form=AnswerForm,
        answer=ReturnsAnswer,
    ),
]
