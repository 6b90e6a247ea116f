"""Many notices at once: plain ones in one commit, the rest one by one, nothing lost, doubled or held up by another."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.models import Job, JobState
from kit.outbox import work
from kit.parts import Parts
from market.jobs import TASKS
from orders.models import Order, OrderEvent, TillSale
from orders.services import settle_waiting
from orders.states import OrderState
from payments.models import Notice, Payment, Refund, RefundSource
from payments.services import Wish, ask_refund, confirm_refund, payment_for, record_notice
from tests.conftest import Queries
from tests.factories import bank_notice, listing, payment, placed, recorded

pytestmark = pytest.mark.usefixtures("books")


async def waiting(order: Order, key: int, clock: StoppedClock, **changes: Any) -> int:
    """A notice about an order that waits to be settled."""
    asked = await payment_for(f"order:{order.id}")
    assert asked is not None
    return await recorded(bank_notice(asked, key, at=clock.now(), **changes), now=clock.now())


async def states(*orders: Order) -> list[OrderState]:
    """The orders' states now."""
    found = {one.id: one.state for one in await Order.filter(id__in=[order.id for order in orders])}
    return [found[order.id] for order in orders]


async def test_plain_notices_are_settled_together_and_their_jobs_are_done(
    clock: StoppedClock, queries: Queries
) -> None:
    tea = await listing(stock=20)
    orders = [(await placed((tea, 1), now=clock.now()))[0] for _ in range(6)]
    numbers = [await waiting(order, key, clock) for key, order in enumerate(orders, start=1)]
    with queries.at_most(20):
        assert await settle_waiting(numbers, now=clock.now()) == {}
    assert await states(*orders) == [OrderState.PAID] * 6
    assert {one.verdict for one in await Notice.all()} == {"matched"}
    assert {one.confirmed_by for one in await Payment.all()} == {f"sepay:{key}" for key in range(1, 7)}
    await tea.refresh_from_db()
    assert (tea.stock, tea.reserved, tea.sold) == (14, 0, 6)
    assert await Job.filter(name="book_parcel").count() == 6
    assert await OrderEvent.filter(state=OrderState.PAID).count() == 6
    await settle_waiting(numbers, now=clock.now())
    assert await OrderEvent.filter(state=OrderState.PAID).count() == 6


async def test_what_is_not_plain_is_settled_one_by_one_beside_them(clock: StoppedClock) -> None:
    tea = await listing(stock=20)
    full, part, twice, late = [(await placed((tea, 1), now=clock.now()))[0] for _ in range(4)]
    numbers = [
        await waiting(full, 1, clock),
        await waiting(part, 2, clock, amount_dong=5_000),
        await waiting(twice, 3, clock),
        await waiting(twice, 4, clock),
        await waiting(late, 5, clock, content="khong ro"),
        await waiting(full, 6, clock, is_incoming=False),
    ]
    fee = await payment("fee:1", now=clock.now())
    numbers.append(await recorded(bank_notice(fee, 7, at=clock.now()), now=clock.now()))
    assert await settle_waiting(numbers, now=clock.now()) == {}
    verdicts = [one.verdict for one in await Notice.all().order_by("id")]
    assert verdicts == ["matched", "partial", "matched", "duplicate", "none", "out", "matched"]
    assert await states(full, part, twice, late) == [
        OrderState.PAID,
        OrderState.PLACED,
        OrderState.PAID,
        OrderState.PLACED,
    ]


async def test_money_that_came_back_is_no_stall_sale(clock: StoppedClock, queries: Queries) -> None:
    """A refund's code in money that comes into the stall's own account: the buyer's bank has sent it back."""
    tea = await listing(stock=20)
    order, other = [(await placed((tea, 1), now=clock.now()))[0] for _ in range(2)]
    await settle_waiting([await waiting(order, 1, clock)], now=clock.now())
    asked = await payment_for(f"order:{order.id}")
    assert asked is not None
    [id] = await ask_refund(asked.id, Wish("k", RefundSource.PAID, 4_000, ""), person_id=7, now=clock.now())
    await confirm_refund(id, person_id=7, words="", now=clock.now())
    back = {"content": f"HOAN {(await Refund.get(id=id)).code} TRA LAI", "amount_dong": 4_000}
    numbers = [await waiting(order, 2, clock, **back), await waiting(other, 3, clock, content="com trua")]
    with queries.at_most(60):
        assert await settle_waiting(numbers, now=clock.now()) == {}
    assert (await Refund.get(id=id)).state == "reversed"
    told = {one.event_key: one.verdict for one in await Notice.all()}
    assert (told["2"], told["3"]) == ("refund_back", "stall")
    assert await TillSale.all().count() == 1


async def test_one_job_takes_all_that_wait_and_one_that_failed_before_goes_alone(
    clock: StoppedClock, parts: Parts
) -> None:
    tea = await listing(stock=20)
    one, two, failing = [(await placed((tea, 1), now=clock.now()))[0] for _ in range(3)]
    for key, order in enumerate((one, two, failing), start=1):
        await waiting(order, key, clock)
    jobs = await Job.filter(name="settle_notice").order_by("id")
    await Job.filter(id=jobs[2].id).update(attempts=1)
    task = TASKS["settle_notice"]
    assert await work(parts, task, jobs[1].id, 0)
    assert await states(one, two, failing) == [OrderState.PAID, OrderState.PAID, OrderState.PLACED]
    assert not await work(parts, task, jobs[0].id, 0)
    assert await work(parts, task, jobs[2].id, 1)
    assert await states(failing) == [OrderState.PAID]
    assert not await Job.filter(name="settle_notice", state=JobState.WAITING).exists()


async def test_a_notice_that_is_gone_or_done_changes_nothing(clock: StoppedClock) -> None:
    tea = await listing(stock=20)
    [order] = await placed((tea, 1), now=clock.now())
    number = await waiting(order, 1, clock)
    for _ in range(2):
        assert await settle_waiting([999_999, number], now=clock.now()) == {}
    assert await states(order) == [OrderState.PAID]
    assert await OrderEvent.filter(state=OrderState.PAID).count() == 1


async def test_notices_that_come_together_are_each_written_once_and_answered_each(
    clock: StoppedClock,
) -> None:
    asked = await payment(now=clock.now())
    line = bank_notice(asked, 1, at=clock.now())
    lines = [replace(line, provider_ref=str(key)) for key in (1, 2, 2, 3, 1, 4)]
    told = await asyncio.gather(*(record_notice(one, "{}", now=clock.now()) for one in lines))
    assert sorted(told) == [False, False, True, True, True, True]
    assert await Notice.all().count() == 4 and await Job.filter(name="settle_notice").count() == 4
