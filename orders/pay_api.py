"""The JSON API of paying otherwise than by VietQR: the ways that are offered, a try, and how tries stand."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.callers import caller_of, parts_of
from kit.web.routing import ANYONE
from orders.asking import begun_attempt, offered_gates
from orders.forms import AttemptForm
from orders.services import order_facts, own_order
from payments.services import AttemptView


@dataclass
class WayAnswer:
    """A provider that takes what is left of an order; `is_twin` when it is a pretend one."""

    gate: str
    is_twin: bool


@dataclass
class AttemptAnswer:
    """A try to pay through a provider.

    `pay_url` is where the buyer pays, empty when there is nowhere to go; `unknown` says that nobody knows yet whether
    it was paid: do not pay again, read again.
    """

    reference: str
    gate: str
    state: str
    amount_dong: int
    received_dong: int
    pay_url: str
    created_at: datetime
    expires_at: datetime


async def way_index(request: Request) -> list[WayAnswer]:
    """The ways to pay beside VietQR."""
    order = await own_order(request.path_params["code"], caller_of(request))
    facts = await order_facts(order, now=parts_of(request)[Clock].now())
    return [WayAnswer(gate.name, gate.is_twin) for gate in offered_gates(request, facts)]


async def attempt_create(request: Request) -> AttemptAnswer:
    """Begins a try."""
    order = await own_order(request.path_params["code"], caller_of(request))
    form = cast(AttemptForm, json_form(request))
    return _answer(await begun_attempt(request, order, form.gate))


async def attempt_index(request: Request) -> list[AttemptAnswer]:
    """The tries of an order, newest first."""
    order = await own_order(request.path_params["code"], caller_of(request))
    facts = await order_facts(order, now=parts_of(request)[Clock].now())
    return [_answer(one) for one in facts.attempts]


def _answer(attempt: AttemptView) -> AttemptAnswer:
    return AttemptAnswer(
        reference=attempt.reference,
        gate=attempt.gate,
        state=attempt.state,
        amount_dong=attempt.amount_dong,
        received_dong=attempt.received_dong,
        pay_url=attempt.pay_url,
        created_at=attempt.created_at,
        expires_at=attempt.expires_at,
    )


PAY_API: list[JsonRoute] = [
    api_get(
        "/orders/{code}/ways",
        way_index,
        who=ANYONE,
        name="orders:api_way_index",
        summary="The providers an order may be paid through beside VietQR.",
        answer=WayAnswer,
        many=True,
    ),
    api_get(
        "/orders/{code}/attempts",
        attempt_index,
        who=ANYONE,
        name="orders:api_attempt_index",
        summary="The tries to pay an order through providers, newest first.",
        answer=AttemptAnswer,
        many=True,
    ),
    api_post(
        "/orders/{code}/attempts",
        attempt_create,
        who=ANYONE,
        name="orders:api_attempt_create",
        summary="Begins a try to pay through a provider; an open one at the same provider is given back.",
        form=AttemptForm,
        answer=AttemptAnswer,
        once=False,  # the provider is asked within, in no transaction; a try that is open is given back by itself
    ),
]
