"""An order that lacks pieces, by many hands at once: one answer counts, and nothing is packed that was called short."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict
from kit.models import AdminUnit
from orders.models import Order, OrderLine
from orders.services import pack_order, reference_of
from orders.services.short import Lack, answer_short, tell_short, turn_shorts
from orders.short_models import Shortage
from orders.states import OrderState, ShortState
from payments.services import assert_balanced, payment_for, refunds_of
from tests.factories import COMMUNES_OF_ORDERS, listing, pay_order, placed, units
from vendors.models import Listing

WHY = "Hái không đủ."


@pytest.fixture(autouse=True)
async def market(committed: None) -> AsyncIterator[None]:
    """Communes while the test runs, and books that hold at its end."""
    had = set(await AdminUnit.all().values_list("id", flat=True))
    await units(*COMMUNES_OF_ORDERS)
    yield
    await assert_balanced()
    await AdminUnit.exclude(id__in=list(had) or [0]).delete()


async def paid(clock: StoppedClock) -> tuple[Order, OrderLine]:
    """Three of nine packets, paid."""
    [order] = await placed((await listing(stock=9), 3), now=clock.now())
    await pay_order(order, now=clock.now())
    return order, await OrderLine.get(order_id=order.id)


async def back_dong(order: Order) -> int:
    """What goes back for an order, in đồng."""
    payment = await payment_for(reference_of(order.id))
    assert payment
    return sum(one.amount_dong for one in await refunds_of(payment.id))


@pytest.mark.parametrize("attempt", range(4))
async def test_one_answer_counts(clock: StoppedClock, attempt: int) -> None:
    """The buyer on two screens, and the clock: the rest is taken, or all is cancelled; never both."""
    order, line = await paid(clock)
    await tell_short(order.id, Lack({line.id: 1}, WHY), person_id=7, now=clock.now())
    clock.forward(hours=30)
    late = clock.now()
    acts = [
        answer_short(order.id, accepts=True, person_id=None, now=late),
        answer_short(order.id, accepts=False, person_id=None, now=late),
        turn_shorts(now=late),
        answer_short(order.id, accepts=True, person_id=None, now=late),
    ]
    ends = await asyncio.gather(*(acts if attempt % 2 else reversed(acts)), return_exceptions=True)
    assert all(one is None or isinstance(one, int | Conflict) for one in ends), ends
    row, goods, now = await Shortage.get(), await Listing.get(), await Order.get(id=order.id)
    if row.state is ShortState.ACCEPTED:
        assert (now.state, goods.stock, goods.sold) == (OrderState.PAID, 6, 1)
        assert await back_dong(order) == 440_000
    else:
        assert (row.state, now.state) == (ShortState.CANCELLED, OrderState.CANCELLED)
        assert (goods.stock, goods.sold) == (7, 0) and await back_dong(order) == order.total_dong


@pytest.mark.parametrize("attempt", range(4))
async def test_packed_or_short_never_both(clock: StoppedClock, attempt: int) -> None:
    """Two people at the stall: one packs, the other says that pieces are lacking."""
    order, line = await paid(clock)
    acts = [
        pack_order(order.id, person_id=7, now=clock.now()),
        tell_short(order.id, Lack({line.id: 1}, WHY), person_id=8, now=clock.now()),
        tell_short(order.id, Lack({line.id: 2}, WHY), person_id=9, now=clock.now()),
    ]
    await asyncio.gather(*(acts if attempt % 2 else reversed(acts)), return_exceptions=True)
    is_packed = (await Order.get(id=order.id)).packed_at is not None
    assert await Shortage.all().count() == (0 if is_packed else 1)
    assert (await Listing.get()).sold == 3
