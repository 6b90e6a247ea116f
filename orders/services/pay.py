"""Paying an order through a provider: a try is begun, looked at when its buyer comes back, settled when it is told."""

from contextlib import suppress
from datetime import datetime

from kit.db import transaction
from kit.errors import NotFound
from orders.models import Order
from orders.services.heavy.asking import difference_of
from orders.services.names import difference_reference, reference_of
from orders.services.order_money import payments_behind
from orders.services.settle import follow_money
from orders.states import HeavyState
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
    """Asks a provider for a way to pay what an order waits for. Raises what payments.services.start_attempt raises."""
    return await start_attempt(await awaited_reference(order), gate, wanted, now=now)


async def awaited_reference(order: Order) -> str:
    """What money is awaited for: the order's difference while that is asked, else the order itself."""
    row = await difference_of(order)
    is_asked = row is not None and row.state is HeavyState.ASKED
    return difference_reference(order.id) if is_asked else reference_of(order.id)


async def try_of(order: Order, attempt_reference: str, *, now: datetime) -> AttemptView:
    """One try to pay an order or its difference. Raises NotFound."""
    for one in await payments_behind(order):
        with suppress(NotFound):
            return await attempt_of(one.reference, attempt_reference, now=now)
    raise NotFound()


async def come_back(order: Order) -> None:
    """The buyer's browser came back from a provider: that is no news of money, only a reason to ask."""
    await look_soon(await awaited_reference(order))


async def settle_look(attempt_id: int, state: ProviderState | None, *, now: datetime) -> None:
    """What a provider answered about a try: its payment, and the order it pays, in one transaction."""
    async with transaction():
        await follow_money(await settle_answer(attempt_id, state, now=now), now=now)
