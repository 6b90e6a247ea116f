"""The JSON API of goods that came back: what there is, and what of it is on sale again."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.routing import roles
from orders.models import Order
from orders.restock_forms import ProgramRestockForm
from orders.services import own_sale
from orders.services.restock import goods_back, restock

VENDOR = roles(Role.VENDOR)


@dataclass(frozen=True)
class BackAnswer:
    """A line whose `pieces` came back; `back` is null until the seller has said how many are on sale again."""

    line: int
    name: str
    pieces: int
    suggested: int
    back: int | None


@dataclass(frozen=True)
class RestockAnswer:
    """Goods that came back, no lines when none did; asked of the seller while `decided_at` is null."""

    lines: list[BackAnswer]
    reason: str
    decided_at: datetime | None


async def restock_read(request: Request) -> RestockAnswer:
    """What came back."""
    return await _answer(await _sold(request))


async def restock_decide(request: Request) -> RestockAnswer:
    """The seller says what is on sale again."""
    order, form = await _sold(request), cast(ProgramRestockForm, json_form(request))
    back, now = None if form.as_suggested else form.pieces, parts_of(request)[Clock].now()
    await restock(order.id, back, form.reason, person_id=person_id_of(request), now=now)
    return await _answer(order)


async def _sold(request: Request) -> Order:
    return await own_sale(request.path_params["code"], caller_of(request).scope_ids(Role.VENDOR))


async def _answer(order: Order) -> RestockAnswer:
    goods = await goods_back(order)
    if goods is None:
        return RestockAnswer([], "", None)
    done = {int(one["id"]): int(one["back"]) for one in goods.done.lines} if goods.done else {}
    lines = [BackAnswer(one.id, one.name, one.pieces, one.suggested, done.get(one.id)) for one in goods.lines]
    return RestockAnswer(
        lines, goods.done.reason if goods.done else "", goods.done.decided_at if goods.done else None
    )


RESTOCK_API: list[JsonRoute] = [
    api_get(
        "/sell/orders/{code}/restock",
        restock_read,
        who=VENDOR,
        name="orders:api_restock",
        summary="Goods of an order that nobody got and that are back with their seller.",
        answer=RestockAnswer,
    ),
    api_post(
        "/sell/orders/{code}/restock",
        restock_decide,
        who=VENDOR,
        name="orders:api_restock_decide",
        summary="Puts pieces of them on sale again, once: `back` by line, or what is suggested.",
        form=ProgramRestockForm,
        answer=RestockAnswer,
        once=False,
        status=200,
    ),
]
