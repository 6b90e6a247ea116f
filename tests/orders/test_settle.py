"""What money does to an order: in full, in parts, over, twice, late, after a cancellation."""

from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict
from kit.models import Job
from kit.parts import Parts
from orders import tasks
from orders.models import Order, OrderEvent
from orders.services import (
    cancel_order,
    confirm_order,
    expire_orders,
    order_facts,
    reference_of,
    settle_notice,
)
from orders.states import OrderState
from payments.models import Notice
from payments.services import payment_for
from tests.factories import bank_notice, listing, pay_order, placed, recorded
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("books")


async def fresh(order: Order) -> Order:
    """The order as it is now."""
    return await Order.get(id=order.id)


async def shelf(goods: Listing) -> tuple[int, int, int]:
    """Stock, reserved and sold pieces."""
    now = await Listing.get(id=goods.id)
    return now.stock, now.reserved, now.sold


async def booked(order: Order) -> int:
    """How many jobs to book the order's parcel were left."""
    return await Job.filter(name="book_parcel", subject_id=order.id).count()


async def test_the_right_sum_pays_sells_and_books(clock: StoppedClock) -> None:
    """Paid money, sold goods and the parcel's job are one act."""
    tea = await listing()
    [order] = await placed((tea, 2), now=clock.now())
    await pay_order(order, now=clock.now())
    paid = await fresh(order)
    assert (paid.state, paid.paid_at) == (OrderState.PAID, clock.now())
    assert await shelf(tea) == (8, 0, 2)
    assert await booked(order) == 1


async def test_one_transfer_pays_two_orders_of_a_seller(clock: StoppedClock) -> None:
    """Both are paid, sold and booked, in one act."""
    tea = await listing()
    [one] = await placed((tea, 2), now=clock.now())
    [two] = await placed((tea, 3), now=clock.now())
    both_dong = one.total_dong + two.total_dong
    await pay_order(one, now=clock.now(), amount_dong=both_dong, content=f"{one.code}{two.code}")
    assert [(await fresh(each)).state for each in (one, two)] == [OrderState.PAID, OrderState.PAID]
    assert await shelf(tea) == (5, 0, 5)
    assert [await booked(one), await booked(two)] == [1, 1]


async def test_a_part_waits_for_the_rest(clock: StoppedClock) -> None:
    """The order stays placed and says both sums; the rest pays it."""
    tea = await listing()
    [order] = await placed((tea, 1), now=clock.now())
    await pay_order(order, 1, now=clock.now(), amount_dong=200_000)
    half = await fresh(order)
    facts = await order_facts(half, now=clock.now())
    missing = order.total_dong - 200_000
    assert half.state == OrderState.PLACED and facts.payment
    assert "200.000" in str(facts.said.title) and facts.payment.rest_dong == missing
    assert not facts.can_be_cancelled
    await pay_order(order, 2, now=clock.now(), amount_dong=missing)
    assert (await fresh(order)).state == OrderState.PAID
    assert await shelf(tea) == (9, 0, 1)


async def test_too_much_pays_and_the_rest_is_told(clock: StoppedClock) -> None:
    """The surplus is owed to the buyer; both sides read how much."""
    [order] = await placed((await listing(), 1), now=clock.now())
    await pay_order(order, now=clock.now(), amount_dong=order.total_dong + 10_000)
    payment = await payment_for(reference_of(order.id))
    assert (await fresh(order)).state == OrderState.PAID
    assert payment and payment.extra_dong == 10_000 and payment.needs_review


async def test_a_second_transfer_changes_nothing_but_the_debt(clock: StoppedClock) -> None:
    """Sold once, booked once, the second sum owed to the buyer."""
    tea = await listing()
    [order] = await placed((tea, 1), now=clock.now())
    await pay_order(order, 1, now=clock.now())
    await pay_order(order, 2, now=clock.now(), amount_dong=order.total_dong)
    payment = await payment_for(reference_of(order.id))
    assert payment and payment.extra_dong == order.total_dong
    assert await shelf(tea) == (9, 0, 1)
    assert await booked(order) == 1


async def test_a_job_that_runs_twice_settles_once(clock: StoppedClock, parts: Parts) -> None:
    """Jobs are at least once."""
    tea = await listing()
    [order] = await placed((tea, 1), now=clock.now())
    asked = await payment_for(reference_of(order.id))
    assert asked
    notice_id = await recorded(bank_notice(asked, at=clock.now()), now=clock.now())
    for _ in range(3):
        await tasks.settle_notice(parts, [notice_id])
    assert await OrderEvent.filter(order_id=order.id, state=OrderState.PAID).count() == 1
    assert await booked(order) == 1
    assert await shelf(tea) == (9, 0, 1)


async def test_late_money_wakes_no_order(clock: StoppedClock) -> None:
    """The goods are on the shelf again and stay there; a person decides about the money, and the page says so."""
    tea = await listing()
    [order] = await placed((tea, 1), now=clock.now())
    clock.forward(minutes=16)
    assert await expire_orders(now=clock.now()) == 1
    await pay_order(order, now=clock.now(), amount_dong=order.total_dong)
    late = await fresh(order)
    payment = await payment_for(reference_of(order.id))
    assert late.state == OrderState.EXPIRED and late.paid_at is None
    assert payment and payment.needs_review and payment.is_paid_late
    assert await shelf(tea) == (10, 0, 0)
    assert await booked(order) == 0
    assert str((await order_facts(late, now=clock.now())).said.title) == "Tiền đến muộn"


async def test_money_for_a_cancelled_order_wakes_it_not(clock: StoppedClock) -> None:
    """The buyer took the order back and paid all the same."""
    tea = await listing()
    [order] = await placed((tea, 1), now=clock.now())
    await cancel_order(order.id, person_id=None, now=clock.now())
    await pay_order(order, now=clock.now(), amount_dong=order.total_dong)
    payment = await payment_for(reference_of(order.id))
    assert (await fresh(order)).state == OrderState.CANCELLED
    assert payment and payment.needs_review
    assert await shelf(tea) == (10, 0, 0)


async def test_an_order_that_was_paid_in_part_does_not_expire(clock: StoppedClock) -> None:
    """Its goods stay reserved, its payment waits for a person, and the page asks for no more money."""
    tea = await listing()
    [order] = await placed((tea, 1), now=clock.now())
    await pay_order(order, now=clock.now(), amount_dong=50_000)
    clock.forward(minutes=16)
    assert await expire_orders(now=clock.now()) == 0
    held = await fresh(order)
    facts = await order_facts(held, now=clock.now())
    assert held.state == OrderState.PLACED and facts.payment and facts.payment.needs_review
    assert facts.minutes_left is None
    assert await shelf(tea) == (9, 1, 0)


async def test_money_that_names_nothing_moves_no_order(clock: StoppedClock) -> None:
    """Into an account that is no seller's it is booked aside and waits; into a seller's it is a stall sale."""
    [order] = await placed((await listing(), 1), now=clock.now())
    await pay_order(order, 1, now=clock.now(), content="cam on ban", account_number="5550001112")
    await pay_order(order, 2, now=clock.now(), content="cam on ban")
    assert (await fresh(order)).state == OrderState.PLACED
    assert [one.verdict for one in await Notice.all().order_by("id")] == ["none", "stall"]


async def test_a_notice_that_is_gone_is_no_trouble(clock: StoppedClock) -> None:
    """The job reads the state first."""
    await settle_notice(999_999, now=clock.now())


async def test_expiring_gives_the_goods_back_once(clock: StoppedClock) -> None:
    """Only what is due, and a second round finds nothing."""
    tea = await listing()
    [due] = await placed((tea, 3), now=clock.now())
    [later] = await placed((tea, 1), now=clock.now() + timedelta(minutes=10))
    at = clock.now() + timedelta(minutes=16)
    assert await expire_orders(now=at) == 1
    assert await expire_orders(now=at) == 0
    assert (await fresh(due)).state == OrderState.EXPIRED
    assert (await fresh(later)).state == OrderState.PLACED
    assert await shelf(tea) == (9, 1, 0)


async def test_cancelling_gives_the_goods_back_once(clock: StoppedClock) -> None:
    """Twice is once."""
    tea = await listing()
    [order] = await placed((tea, 3), now=clock.now())
    for _ in range(2):
        await cancel_order(order.id, person_id=None, now=clock.now())
    assert (await fresh(order)).state == OrderState.CANCELLED
    assert await shelf(tea) == (10, 0, 0)
    assert await OrderEvent.filter(order_id=order.id, state=OrderState.CANCELLED).count() == 1


@pytest.mark.parametrize("received", [50_000, None], ids=["in part", "in full"])
async def test_an_order_with_money_in_it_cannot_be_taken_back(
    clock: StoppedClock, received: int | None
) -> None:
    """The buyer reads why; nothing changes."""
    tea = await listing()
    [order] = await placed((tea, 1), now=clock.now())
    await pay_order(order, now=clock.now(), amount_dong=received or order.total_dong)
    before = (await fresh(order)).state
    with pytest.raises(Conflict):
        await cancel_order(order.id, person_id=None, now=clock.now())
    assert (await fresh(order)).state == before
    stock, _, _ = await shelf(tea)
    assert stock == 9


async def test_the_seller_confirms_money_that_no_bank_told_of(clock: StoppedClock) -> None:
    """Paid with who and when; the bank's notice afterwards proves it and is no second payment."""
    tea = await listing()
    [order] = await placed((tea, 1), now=clock.now())
    await confirm_order(order.id, person_id=77, now=clock.now())
    paid = await fresh(order)
    assert (paid.state, paid.paid_at) == (OrderState.PAID, clock.now()) and await booked(order) == 1
    assert await shelf(tea) == (9, 0, 1)
    with pytest.raises(Conflict):
        await confirm_order(order.id, person_id=77, now=clock.now())
    await pay_order(order, now=clock.now(), amount_dong=order.total_dong)
    asked = await payment_for(reference_of(order.id))
    assert asked is not None and (asked.extra_dong, asked.needs_review) == (0, False)


async def test_an_order_that_ended_is_not_confirmed(clock: StoppedClock) -> None:
    """Goods are not taken again."""
    tea = await listing()
    [order] = await placed((tea, 1), now=clock.now())
    await cancel_order(order.id, person_id=None, now=clock.now())
    with pytest.raises(Conflict):
        await confirm_order(order.id, person_id=77, now=clock.now())
    assert (await fresh(order)).state == OrderState.CANCELLED and await shelf(tea) == (10, 0, 0)
