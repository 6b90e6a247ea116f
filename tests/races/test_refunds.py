"""Money going back under many hands: refunds against refunds, payouts and what comes in; once, and balanced."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, Refusal
from orders.models import Order
from orders.services import cancel_order, expire_orders, revive_order, settle_notice
from orders.services.returns import return_late_money
from orders.states import OrderState
from payments import ledger
from payments.ledger import balance
from payments.models import Payment, Payout, Refund
from payments.services import (
    PaymentView,
    RefundSource,
    Wish,
    ask_refund,
    assert_balanced,
    cancel_refund,
    confirm_refund,
    payment_for,
    settle,
)
from payments.services.payouts.gathering import approve_payout, gather_payout, owed_to
from payments.services.refunds.extra import return_extra
from tests.factories import COMMUNES_OF_ORDERS, bank_notice, listing, payment, placed, recorded, told, units
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("committed")
TIMES = 20
Outcomes = list[Any]


async def at_once(*acts: Coroutine[Any, Any, Any]) -> Outcomes:
    return list(await asyncio.gather(*acts, return_exceptions=True))


def went(outcomes: Outcomes) -> Outcomes:
    """What was not refused; anything but a refusal is a fault."""
    faults = [
        one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, Refusal | Conflict)
    ]
    assert not faults, faults
    return [one for one in outcomes if not isinstance(one, BaseException)]


async def paid(clock: StoppedClock, dong: int = 100_000) -> PaymentView:
    asked = await payment(now=clock.now(), amount_dong=dong)
    await told(asked, now=clock.now())
    return asked


def ask(
    asked: PaymentView, key: str, dong: int | None, clock: StoppedClock
) -> Coroutine[Any, Any, list[int]]:
    return ask_refund(asked.id, Wish(key, RefundSource.PAID, dong), person_id=7, now=clock.now())


async def given_back(asked: PaymentView) -> int:
    return await balance(ledger.given_back(asked.reference))


async def test_twenty_refunds_of_a_part_never_pass_what_came(clock: StoppedClock) -> None:
    asked = await paid(clock)
    outcomes = await at_once(*(ask(asked, f"k{n}", 7_000, clock) for n in range(TIMES)))
    assert len(went(outcomes)) == 14, "14 × 7.000 fit into 100.000"
    assert await given_back(asked) == 98_000
    await assert_balanced()


async def test_one_asking_from_twenty_connections_is_one_refund(clock: StoppedClock) -> None:
    asked = await paid(clock)
    outcomes = went(await at_once(*(ask(asked, "same", None, clock) for _ in range(TIMES))))
    assert len(outcomes) == TIMES and len({tuple(one) for one in outcomes}) == 1
    assert await Refund.all().count() == 1 and await given_back(asked) == 100_000
    await assert_balanced()


async def test_what_was_over_goes_back_once(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now(), amount_dong=35_000)
    await told(asked, now=clock.now(), amount_dong=50_000)
    went(await at_once(*(return_extra(asked.id, now=clock.now()) for _ in range(TIMES))))
    assert [one.amount_dong for one in await Refund.all()] == [15_000]
    await assert_balanced()


async def test_a_notice_a_word_and_a_recall_at_once_end_it_one_way(clock: StoppedClock) -> None:
    ends = set()
    for number in range(1, 9):
        seller = await payment(f"order:{number}", now=clock.now())
        await told(seller, number, now=clock.now())
        [refund_id] = await ask(seller, "k", None, clock)
        refund = await Refund.get(id=refund_id)
        line = bank_notice(
            seller,
            100 + number,
            at=clock.now(),
            is_incoming=False,
            content=refund.code,
            amount_dong=refund.amount_dong,
        )
        notice_id = await recorded(line, now=clock.now())

        async def tells(notice_id: int = notice_id) -> None:
            async with transaction():
                await settle(notice_id, now=clock.now())

        acts = [
            tells(),
            confirm_refund(refund_id, person_id=9, words="", now=clock.now()),
            cancel_refund(refund_id, person_id=9, reason="thôi", now=clock.now()),
        ]
        went(await at_once(*(acts if number % 2 else reversed(acts))))
        refund = await Refund.get(id=refund_id)
        assert refund.state in ("succeeded", "cancelled")
        if refund.state == "cancelled":
            assert refund.needs_review, "the money left all the same: a person must see it"
        ends.add(str(refund.state))
    assert ends <= {"succeeded", "cancelled"}
    await assert_balanced()


async def test_refunds_against_a_payout_leave_no_money_paid_twice(clock: StoppedClock) -> None:
    """The payable goes below zero through refunds only, and then no payout goes."""
    for number in range(1, 7):
        asked = await payment(f"order:{number}", now=clock.now(), amount_dong=100_000)
        entries = [(ledger.clearing("momo"), 100_000), (ledger.payable(asked.vendor_id), -100_000)]
        async with transaction():
            await ledger.post("collected", f"test:{number}", entries, at=clock.now())

        async def refunds(vendor_id: int = asked.vendor_id, number: int = number) -> None:
            async with transaction():
                back = [(ledger.payable(vendor_id), 30_000), (ledger.returning(f"order:{number}"), -30_000)]
                await ledger.post("refund_asked", f"test:{number}", back, at=clock.now())

        gathers = [gather_payout(asked.vendor_id, person_id=4, now=clock.now()) for _ in range(5)]
        went(await at_once(refunds(), *gathers))
        payout = await Payout.get_or_none(vendor_id=asked.vendor_id)
        left = await owed_to(asked.vendor_id)
        if payout is None:
            assert left == 70_000
            continue
        assert (payout.amount_dong, left) in ((100_000, -30_000), (70_000, 0))
        if left < 0:
            with pytest.raises(Conflict):
                await approve_payout(payout.id, person_id=4, now=clock.now())
    await assert_balanced()


async def test_cancel_against_pay_and_the_money_that_lost_goes_back(clock: StoppedClock) -> None:
    await units(*COMMUNES_OF_ORDERS)
    goods = await listing(stock=50)
    for number in range(1, 7):
        [order] = await placed((goods, 1), now=clock.now())
        asked = await payment_for(f"order:{order.id}")
        assert asked is not None
        notice_id = await recorded(bank_notice(asked, number, at=clock.now()), now=clock.now())
        acts = [
            settle_notice(notice_id, now=clock.now()),
            cancel_order(order.id, person_id=None, now=clock.now()),
        ]
        went(await at_once(*(acts if number % 2 else reversed(acts))))
        order = await Order.get(id=order.id)
        if order.state is OrderState.CANCELLED:
            [refund_id] = await return_late_money(order, person_id=4, reason="", now=clock.now())
            await confirm_refund(refund_id, person_id=4, words="", now=clock.now())
            assert not (await Payment.get(code=order.code)).needs_review
        else:
            assert order.state is OrderState.PAID
    await assert_balanced()


async def test_revived_or_returned_but_never_both(clock: StoppedClock) -> None:
    await units(*COMMUNES_OF_ORDERS)
    goods = await listing(stock=50)
    for number in range(1, 7):
        [order] = await placed((goods, 1), now=clock.now())
        asked = await payment_for(f"order:{order.id}")
        assert asked is not None
        late = clock.now() + (asked.expires_at - clock.now()) * 2
        await expire_orders(now=late)
        await settle_notice(await recorded(bank_notice(asked, number, at=late), now=late), now=late)
        acts = [
            revive_order(order.id, person_id=4, now=late),
            revive_order(order.id, person_id=5, now=late),
            return_late_money(order, person_id=6, reason="", now=late),
        ]
        outcomes = await at_once(*(acts if number % 2 else reversed(acts)))
        assert len(went(outcomes)) == 1
        order, refunds = await Order.get(id=order.id), await Refund.filter(payment_id=asked.id).count()
        assert (order.state, refunds) in ((OrderState.PAID, 0), (OrderState.EXPIRED, 1))
    paid = await Order.filter(state=OrderState.PAID).count()
    shelf = await Listing.get(id=goods.id)
    assert (shelf.stock, shelf.reserved, shelf.sold) == (50 - paid, 0, paid)
    await assert_balanced()
