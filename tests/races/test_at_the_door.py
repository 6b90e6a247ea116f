"""Money at the door under many hands: one file by two clerks, a parcel by two phones, a count and payouts at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.errors import Conflict, Refusal
from kit.parts import Parts
from orders.models import Order
from orders.services import cancel_order, reference_of
from orders.services.door.following import follow_collection
from orders.states import OrderState
from payments.ledger import POST_BOX, balance, coming, paid, payable, paying_out, post_cash
from payments.services import assert_balanced
from payments.services.payouts.gathering import gather_payout
from postal.gates.names import BY_FILE
from postal.models import CarrierBatch, CarrierStatement, CarrierStatementLine, CollectionStep, Parcel
from postal.services import act
from postal.services.batches import make_batch
from postal.services.debriefs import Count, close_day, day_of_carrier
from postal.services.statements.taking import Incoming, match_statement, take_statement
from postal.staff_carrier import Act
from postal.statement_sheet import StatedLine
from postal.states import ParcelState
from tests.doors import Doors, doors
from tests.factories import COMMUNES_OF_ORDERS, units

pytestmark = pytest.mark.usefixtures("committed")
TUAN, THAO, TIMES = 51, 41, 8


async def at_once(*acts: Coroutine[Any, Any, Any]) -> list[Any]:
    """What became of each; anything but a refusal is a fault."""
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    faults = [
        one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, Refusal | Conflict)
    ]
    assert not faults, faults
    return [one for one in outcomes if not isinstance(one, BaseException)]


@pytest.fixture
async def stall(committed: None, parts: Parts, clock: StoppedClock) -> Doors:
    """A seller who takes orders that are paid at the door; everything commits."""
    await units(*COMMUNES_OF_ORDERS)
    return await doors(parts, clock)


async def test_two_clerks_send_the_same_statement(stall: Doors) -> None:
    """One statement, one set of lines, each parcel's money booked once, however often the job runs beside itself."""
    order = await stall.placed()
    await Order.filter(id=order.id).update(carrier=BY_FILE)
    order = await stall.packed(await stall.now(order))
    await Parcel.filter(id=order.parcel_id).update(
        state=ParcelState.DELIVERED, tracking_code="W1", money="collected"
    )
    line = StatedLine(2, "W1", "", order.total_dong, 20_000, order.total_dong - 20_000)
    incoming, now = Incoming(BY_FILE, "bảng.csv", "a" * 64, [line]), stall.clock.now()
    taken = await at_once(*(take_statement(incoming, person_id=THAO + n, now=now) for n in range(TIMES)))
    assert len(taken) == 1 and await CarrierStatement.all().count() == 1
    await at_once(*(match_statement(taken[0], now=now) for _ in range(TIMES)))
    assert order.parcel_id
    await at_once(*(follow_collection(order.parcel_id, now=now) for _ in range(TIMES)))
    await stall.works()
    assert await CarrierStatementLine.filter(verdict="fits").count() == 1
    assert await CollectionStep.filter(became="reconciled").count() == 1
    assert await balance(paid(reference_of(order.id))) == -order.total_dong
    await assert_balanced()


async def test_a_parcel_is_taken_for_once(stall: Doors) -> None:
    """The same act sent over and over, and another phone's beside it."""
    order = await stall.out(TUAN)
    phones = [stall.gives(order, TUAN, key="door:one") for _ in range(TIMES // 2)]
    phones += [stall.gives(order, THAO, key=f"door:other:{n}") for n in range(TIMES // 2)]
    await at_once(*phones)
    await stall.works()
    assert await CollectionStep.filter(became="collected").count() == 1
    assert sum([await balance(post_cash(one)) for one in (TUAN, THAO)]) == order.total_dong
    await assert_balanced()


async def test_a_count_a_second_count_and_payouts(stall: Doors) -> None:
    """What is released is wholly in a payout or not at all."""
    order = await stall.out(TUAN)
    await stall.gives(order, TUAN)
    now, seller = stall.clock.now(), stall.seller.id
    due_dong = (await day_of_carrier(TUAN, vietnam_date(now))).cash_due_dong
    count = Count(due_dong, {})
    counts = [
        close_day(TUAN, vietnam_date(now), count, clerk_id=THAO + n, now=now) for n in range(TIMES // 2)
    ]
    assert len(await at_once(*counts)) == 1
    works = [stall.works() for _ in range(2)]
    await at_once(*works, *(gather_payout(seller, person_id=THAO, now=now) for _ in range(TIMES // 2)))
    await stall.works()
    assert await balance(POST_BOX) == due_dong and await balance(coming(seller)) == 0
    assert await balance(payable(seller)) + await balance(paying_out(seller)) == -due_dong
    await assert_balanced()


async def test_called_off_or_collected(stall: Doors) -> None:
    """The buyer calls it off while a carrier collects it: one of both, and the stock agrees."""
    order = await stall.packed()
    now = stall.clock.now()
    await at_once(
        cancel_order(order.id, person_id=None, now=now),
        act(order.parcel_code, Act.ACCEPT, person_id=TUAN, event_key="scan:accept", now=now),
    )
    await stall.works()
    order, parcel = await stall.now(order), await stall.parcel(order)
    pair = (order.state, parcel.state)
    assert pair in (
        (OrderState.CANCELLED, ParcelState.CANCELLED),
        (OrderState.POSTED, ParcelState.PICKED_UP),
    )
    await assert_balanced()


async def test_a_booking_stands_on_one_list(stall: Doors) -> None:
    """Two clerks gather at once."""
    order = await stall.placed()
    await Order.filter(id=order.id).update(carrier=BY_FILE)
    await stall.packed(await stall.now(order))
    made = await at_once(*(make_batch(person_id=THAO, now=stall.clock.now()) for _ in range(TIMES)))
    assert len(made) == 1 and await CarrierBatch.all().count() == 1
