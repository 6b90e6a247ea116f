"""Paying an order through a provider: a try is begun, looked at when its buyer comes back, settled when it is told."""

from datetime import datetime

from kit.db import transaction
from orders.models import Order
from orders.services.names import reference_of
from orders.services.settle import follow_money
from payments.gate import Gate, ProviderState
from payments.services import (
    AttemptView,
    Wanted,
    attempt_of,
    look_soon,
    settle_answer,
    start_attempt,
)


async def try_to_pay(order: Order, gate: Gate, wanted: Wanted, *, now: datetime) -> AttemptView:
    """Asks a provider for a way to pay an order. Raises what payments.services.start_attempt raises."""
    return await start_attempt(reference_of(order.id), gate, wanted, now=now)


async def try_of(order: Order, attempt_reference: str, *, now: datetime) -> AttemptView:
    """One try of an order. Raises NotFound."""
    return await attempt_of(reference_of(order.id), attempt_reference, now=now)


async def come_back(order: Order) -> None:
    """The buyer's browser came back from a provider: that is no news of money, only a reason to ask."""
    await look_soon(reference_of(order.id))


async def settle_look(attempt_id: int, state: ProviderState | None, *, now: datetime) -> None:
    """What a provider answered about a try: its payment, and the order it pays, in one transaction."""
    async with transaction():
        await follow_money(await settle_answer(attempt_id, state, now=now), now=now)
