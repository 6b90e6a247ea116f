"""The JSON API of goods that weighed more: what is asked on top and how to pay it, the seller's decisions."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from kit.clock import Clock
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post
from kit.web.asked import person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.routing import ANYONE, roles
from orders.answers import PaymentAnswer, payment_answer
from orders.models import Order
from orders.services import order_for, own_sale
from orders.services.heavy.asking import difference_facts
from orders.services.heavy.ending import confirm_difference, waive_difference

VENDOR = roles(Role.VENDOR)


@dataclass(frozen=True)
class DifferenceAnswer:
    """What an order's goods cost on top for their weight: asked, lapsed, paid, waived, lowered; `none` when nothing.

    `most_dong` was agreed when ordered; `payment` is there while money is awaited. Nothing is sent while it is asked or
    lapsed.
    """

    state: str
    dong: int
    most_dong: int
    asked_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    payment: PaymentAnswer | None


async def difference_read(request: Request) -> DifferenceAnswer:
    """The difference, for both its sides."""
    return await _answer(request, await order_for(request.path_params["code"], caller_of(request)))


async def difference_waive(request: Request) -> DifferenceAnswer:
    """The seller asks nothing more."""
    order = await _sold(request)
    await waive_difference(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return await _answer(request, order)


async def difference_confirm(request: Request) -> DifferenceAnswer:
    """The seller has seen the money."""
    order = await _sold(request)
    await confirm_difference(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return await _answer(request, order)


async def _sold(request: Request) -> Order:
    return await own_sale(request.path_params["code"], caller_of(request).scope_ids(Role.VENDOR))


async def _answer(request: Request, order: Order) -> DifferenceAnswer:
    found = await difference_facts(order, now=parts_of(request)[Clock].now())
    if found is None:
        return DifferenceAnswer("none", 0, order.more_most_dong, None, None, None, None)
    row = found.row
    return DifferenceAnswer(
        state=str(row.state),
        dong=row.dong,
        most_dong=order.more_most_dong,
        asked_at=row.asked_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        payment=payment_answer(found.payment) if found.payment and found.is_payable else None,
    )


HEAVY_API: list[JsonRoute] = [
    api_get(
        "/orders/{code}/difference",
        difference_read,
        who=ANYONE,
        name="orders:api_difference",
        summary="What goods that weighed more cost on top, and what to transfer while it is awaited.",
        answer=DifferenceAnswer,
    ),
    api_post(
        "/sell/orders/{code}/difference/waiver",
        difference_waive,
        who=VENDOR,
        name="orders:api_difference_waive",
        summary="The seller asks nothing on top after all: the goods go out for what is paid.",
        form=None,
        answer=DifferenceAnswer,
        once=False,
        status=200,
    ),
    api_post(
        "/sell/orders/{code}/difference/money",
        difference_confirm,
        who=VENDOR,
        name="orders:api_difference_confirm",
        summary="The seller has seen the difference in their own account: the goods go out.",
        form=None,
        answer=DifferenceAnswer,
        once=False,
        status=200,
    ),
]
