"""The JSON API of orders that lack pieces: what is lacking, the seller's word, the buyer's choice."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.errors import Refusal
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.routing import ANYONE, roles
from orders.models import Order, OrderLine
from orders.services import order_for, own_order, own_sale
from orders.services.short import answer_short, shortage_of, tell_short, withdraw_short
from orders.short_forms import ProgramShortForm, ShortAnswerForm, packed_in, read_short

VENDOR = roles(Role.VENDOR)


@dataclass(frozen=True)
class LackAnswer:
    """A line that lacks pieces, and their đồng."""

    line: int
    name: str
    ordered: int
    packed: int
    dong: int


@dataclass(frozen=True)
class ShortageAnswer:
    """What an order lacks: asked of its buyer until `due_at`, accepted, cancelled or withdrawn; `none` when nothing."""

    state: str
    lines: list[LackAnswer]
    short_dong: int
    reason: str
    asked_at: datetime | None
    due_at: datetime | None
    answered_at: datetime | None


async def shortage_read(request: Request) -> ShortageAnswer:
    """What an order lacks, for both its sides."""
    return await _answer(await order_for(request.path_params["code"], caller_of(request)))


async def shortage_create(request: Request) -> ShortageAnswer:
    """The seller says what is lacking."""
    order, form = await _sold(request), cast(ProgramShortForm, json_form(request))
    lines = await OrderLine.filter(order_id=order.id).order_by("id")
    whole = {f"packed_{one.id}": str(one.quantity) for one in lines}
    said = {**whole, **packed_in(form.packed), "reason": form.reason}
    read, lack = read_short(said, [one.id for one in lines])
    if lack is None:
        raise Refusal(next(iter(read.errors.values())), field="packed")
    await tell_short(order.id, lack, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return await _answer(await Order.get(id=order.id))


async def shortage_withdraw(request: Request) -> ShortageAnswer:
    """The seller has found the goods."""
    order = await _sold(request)
    await withdraw_short(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return await _answer(order)


async def shortage_answer(request: Request) -> ShortageAnswer:
    """The buyer chooses."""
    caller, form = caller_of(request), cast(ShortAnswerForm, json_form(request))
    order = await own_order(request.path_params["code"], caller)
    now, accepts = parts_of(request)[Clock].now(), form.choice == "accept"
    await answer_short(order.id, accepts=accepts, person_id=caller.person_id, now=now)
    return await _answer(order)


async def _sold(request: Request) -> Order:
    return await own_sale(request.path_params["code"], caller_of(request).scope_ids(Role.VENDOR))


async def _answer(order: Order) -> ShortageAnswer:
    row = await shortage_of(order)
    if row is None:
        return ShortageAnswer("none", [], 0, "", None, None, None)
    lines = [
        LackAnswer(
            int(one["id"]), str(one["name"]), int(one["ordered"]), int(one["packed"]), int(one["dong"])
        )
        for one in row.lines
    ]
    return ShortageAnswer(
        str(row.state), lines, row.short_dong, row.reason, row.asked_at, row.due_at, row.answered_at
    )


SHORT_API: list[JsonRoute] = [
    api_get(
        "/orders/{code}/shortage",
        shortage_read,
        who=ANYONE,
        name="orders:api_shortage",
        summary="What an order lacks, for its buyer, its seller and administrators.",
        answer=ShortageAnswer,
    ),
    api_post(
        "/orders/{code}/shortage",
        shortage_answer,
        who=ANYONE,
        name="orders:api_shortage_answer",
        summary="The buyer takes the rest (accept) or has all cancelled (cancel).",
        form=ShortAnswerForm,
        answer=ShortageAnswer,
        once=False,
        status=200,
    ),
    api_post(
        "/sell/orders/{code}/shortage",
        shortage_create,
        who=VENDOR,
        name="orders:api_shortage_create",
        summary="The seller can pack only so many of each line; the buyer is told and chooses.",
        form=ProgramShortForm,
        answer=ShortageAnswer,
    ),
    api_post(
        "/sell/orders/{code}/shortage/withdrawal",
        shortage_withdraw,
        who=VENDOR,
        name="orders:api_shortage_withdraw",
        summary="The seller has found the goods after all.",
        form=None,
        answer=ShortageAnswer,
        once=False,
        status=200,
    ),
]
