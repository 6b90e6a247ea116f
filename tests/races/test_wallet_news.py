"""A provider's callback, our question and the buyer's return at once; paying while cancelling: once, and balanced."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict
from kit.parts import Parts
from orders.models import Order
from orders.services import cancel_order, expire_orders, reference_of, settle_look, settle_notice, try_to_pay
from orders.states import OrderState
from payments.gate import EventKind, Outcome, ProviderState, Redirect, VerifiedEvent
from payments.gates.register import Gates
from payments.models import LedgerTransaction, Notice, PaymentAttempt
from payments.services import (
    AttemptView,
    Wanted,
    assert_balanced,
    payment_for,
    record_event,
)
from tests.factories import COMMUNES_OF_ORDERS, listing, pay_order, placed, units
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("committed")
TIMES = 10
WANTED = Wanted("http://test/back", "http://test/call", "127.0.0.1", "vi")


class Answering:
    """A gate whose create answers at once."""

    def __init__(self, gate: Any) -> None:
        self.name, self.caps, self.receiver, self.is_twin = gate.name, gate.caps, "", True
        self.asked = 0

    async def create(self, intent: Any, *, idem_key: str) -> Redirect:
        """A page."""
        self.asked += 1
        await asyncio.sleep(0.01)
        return Redirect("https://momo.example/pay")


async def started(parts: Parts, clock: StoppedClock) -> tuple[Order, AttemptView]:
    await units(*COMMUNES_OF_ORDERS)
    [order] = await placed((await listing(), 1), now=clock.now())
    gate: Any = Answering(parts[Gates].by_name["momo"])
    return order, await try_to_pay(order, gate, WANTED, now=clock.now())


def event(attempt: AttemptView, clock: StoppedClock, **changes: Any) -> VerifiedEvent:
    told = VerifiedEvent(
        provider="momo",
        event_key="e1",
        kind=EventKind.PAYMENT,
        our_ref=attempt.reference,
        provider_ref="4001",
        amount_dong=attempt.amount_dong,
        currency="VND",
        occurred_at=clock.now(),
        outcome=Outcome.SUCCEEDED,
        digest="d",
        receiver="",
        code="0",
    )
    return replace(told, **changes)


async def at_once(*acts: Coroutine[Any, Any, Any]) -> list[Any]:
    return list(await asyncio.gather(*acts, return_exceptions=True))


async def settle_all(clock: StoppedClock) -> None:
    for notice in await Notice.filter(handled_at__isnull=True):
        await settle_notice(notice.id, now=clock.now())


async def test_callback_question_and_expiry_at_once_pay_once(parts: Parts, clock: StoppedClock) -> None:
    order, attempt = await started(parts, clock)
    await record_event(event(attempt, clock), "{}", receiver="", now=clock.now())
    notice = await Notice.get()
    state = ProviderState(Outcome.SUCCEEDED, attempt.reference, "4001", attempt.amount_dong)
    late = clock.now().replace(year=clock.now().year + 1)
    told = await at_once(
        *(settle_notice(notice.id, now=clock.now()) for _ in range(TIMES)),
        *(settle_look(attempt.id, state, now=clock.now()) for _ in range(TIMES)),
        expire_orders(now=late),
    )
    assert not [one for one in told if isinstance(one, Exception)]
    money = await payment_for(reference_of(order.id))
    assert money and (money.state, money.received_dong, money.extra_dong) == ("paid", order.total_dong, 0)
    assert (await Order.get(id=order.id)).state == OrderState.PAID
    assert await LedgerTransaction.filter(kind="collected").count() == 1
    await assert_balanced()


async def test_the_same_callback_twenty_times_is_written_once(parts: Parts, clock: StoppedClock) -> None:
    _, attempt = await started(parts, clock)
    told = await at_once(
        *(record_event(event(attempt, clock), "{}", receiver="", now=clock.now()) for _ in range(2 * TIMES))
    )
    assert sorted(told) == ["duplicate"] * (2 * TIMES - 1) + ["processed"]
    assert await Notice.all().count() == 1


async def test_two_taps_at_once_are_one_try(parts: Parts, clock: StoppedClock) -> None:
    await units(*COMMUNES_OF_ORDERS)
    [order] = await placed((await listing(), 1), now=clock.now())
    gate: Any = Answering(parts[Gates].by_name["momo"])
    told = await at_once(*(try_to_pay(order, gate, WANTED, now=clock.now()) for _ in range(TIMES)))
    assert {one.reference for one in told} == {f"{order.code}T1"}
    assert gate.asked == 1 and await PaymentAttempt.all().count() == 1


async def test_cancelling_while_the_money_comes_ends_one_way_or_the_other(
    parts: Parts, clock: StoppedClock
) -> None:
    """Either the order is paid, or it is cancelled and the money is owed back; never both, never neither."""
    for round_number in range(5):
        tea = await listing() if round_number == 0 else await Listing.all().first()
        assert tea
        await units(*(COMMUNES_OF_ORDERS if round_number == 0 else ()))
        [order] = await placed((tea, 1), now=clock.now())
        gate: Any = Answering(parts[Gates].by_name["momo"])
        attempt = await try_to_pay(order, gate, WANTED, now=clock.now())
        key = f"e{round_number}"
        await record_event(event(attempt, clock, event_key=key), "{}", receiver="", now=clock.now())
        told = await at_once(settle_all(clock), cancel_order(order.id, person_id=None, now=clock.now()))
        assert not [one for one in told if isinstance(one, Exception) and not isinstance(one, Conflict)]
        now, money = await Order.get(id=order.id), await payment_for(reference_of(order.id))
        assert money
        if now.state == OrderState.PAID:
            assert (money.received_dong, money.extra_dong) == (order.total_dong, 0)
        else:
            assert now.state == OrderState.CANCELLED
            assert (money.received_dong, money.extra_dong) == (0, order.total_dong)
    await assert_balanced()


async def test_wallet_and_bank_at_once_count_once_and_owe_the_other(
    parts: Parts, clock: StoppedClock
) -> None:
    order, attempt = await started(parts, clock)
    await record_event(event(attempt, clock), "{}", receiver="", now=clock.now())
    notice = await Notice.get()
    told = await at_once(settle_notice(notice.id, now=clock.now()), pay_order(order, 1, now=clock.now()))
    assert not [one for one in told if isinstance(one, Exception)]
    money = await payment_for(reference_of(order.id))
    assert money and (money.received_dong, money.extra_dong) == (order.total_dong, order.total_dong)
    assert money.needs_review
    await assert_balanced()
