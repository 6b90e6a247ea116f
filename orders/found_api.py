"""The JSON API of lost orders whose parcel was found: the list, and deciding one."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.routing import roles
from orders.after_models import FoundParcel
from orders.asking import refuse_own
from orders.found_forms import FoundForm
from orders.models import Order
from orders.services import order_for
from orders.services.found import decide_found, found_case, found_rows
from orders.states import OrderState

ADMINS = roles(Role.ADMIN)


@dataclass(frozen=True)
class FoundAnswer:
    """A lost order whose parcel is told to be at `told`; `follows` is null until somebody has decided."""

    order: str
    state: OrderState
    parcel: str
    told: str
    told_at: datetime
    decided_at: datetime | None
    follows: bool | None
    words: str


async def found_read(request: Request) -> list[FoundAnswer]:
    """What waits for a person."""
    page = await found_rows(page=page_number(request))
    return [_answer(one.order, one.found) for one in page.rows]


async def found_decide(request: Request) -> FoundAnswer:
    """The order follows its parcel, or stays lost."""
    order, form = (
        await order_for(request.path_params["code"], caller_of(request)),
        cast(FoundForm, json_form(request)),
    )
    refuse_own(request, order)
    await decide_found(
        order.id,
        follows=form.choice == "follow",
        is_taken=form.is_taken,
        words=form.words,
        person_id=person_id_of(request),
        now=parts_of(request)[Clock].now(),
    )
    case = await found_case(await Order.get(id=order.id))
    return _answer(case.order, case.found)


def _answer(order: Order, found: FoundParcel) -> FoundAnswer:
    return FoundAnswer(
        order.code,
        order.state,
        order.parcel_code,
        found.told,
        found.told_at,
        found.decided_at,
        found.follows,
        found.words,
    )


FOUND_API: list[JsonRoute] = [
    api_get(
        "/admin/found",
        found_read,
        who=ADMINS,
        name="orders:api_found",
        summary="Lost orders whose parcel was found, the longest waiting first, 24 a page.",
        answer=FoundAnswer,
        many=True,
        query={"page": "1 for the longest waiting"},
    ),
    api_post(
        "/admin/found/{code}",
        found_decide,
        who=ADMINS,
        name="orders:api_found_decide",
        summary="Decides one: the order goes where its parcel is told to be (follow), or stays lost (stay).",
        form=FoundForm,
        answer=FoundAnswer,
        once=False,
        status=200,
    ),
]
