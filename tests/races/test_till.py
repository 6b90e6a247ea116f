"""The till under many hands: one key from twenty phones, pay and cancel and expire together, numbers in order."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from kit.errors import Refusal
from orders.models import TillEvent, TillSale
from orders.services import settle_notice
from orders.services.names import till_reference
from orders.services.till.days import Count, close_day
from orders.services.till.log import till_news
from orders.services.till.money import cancel_sale, confirm_sale, expire_sales
from orders.services.till.selling import SaleTyped, make_sale
from orders.states import SaleState, SaleWay
from payments.models import Payment
from payments.services import assert_balanced, payment_for
from tests.factories import bank_notice, listing, recorded, vendor
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("committed")
ME, TIMES = 7, 20


async def test_one_key_sent_twenty_times_at_once_is_one_sale(clock: StoppedClock) -> None:
    seller = await vendor()
    typed = SaleTyped("phone-0001", SaleWay.QR, 35_000)
    sales = await asyncio.gather(
        *(make_sale(seller.id, typed, person_id=ME, now=clock.now()) for _ in range(TIMES))
    )
    assert len({one.id for one in sales}) == 1
    assert await TillSale.all().count() == await Payment.all().count() == await TillEvent.all().count() == 1


async def test_events_of_many_hands_are_numbered_without_gaps(clock: StoppedClock) -> None:
    seller = await vendor()
    notes = [SaleTyped(f"cash-{number:04}", SaleWay.CASH, 20_000) for number in range(TIMES)]
    await asyncio.gather(*(make_sale(seller.id, one, person_id=ME, now=clock.now()) for one in notes))
    assert [one.seq for one in await till_news(seller.id, 0)] == list(range(1, TIMES + 1))


@pytest.mark.parametrize("late", [False, True])
async def test_paid_confirmed_cancelled_and_expired_together_end_as_one(
    clock: StoppedClock, late: bool
) -> None:
    seller = await vendor()
    tea = await listing(seller)
    typed = SaleTyped("phone-0001", SaleWay.QR, 0, {tea.id: 2})
    sale = await make_sale(seller.id, typed, person_id=ME, now=clock.now())
    asked = await payment_for(till_reference(sale.id))
    assert asked is not None
    clock.forward(minutes=31 if late else 1)
    moved_at = clock.now() - timedelta(seconds=1)
    notice = await recorded(bank_notice(asked, at=moved_at), now=clock.now())

    async def safely(act: object) -> None:
        with suppress(Refusal):
            await act  # type: ignore[misc]

    await asyncio.gather(
        safely(settle_notice(notice, now=clock.now())),
        safely(cancel_sale(sale.id, person_id=ME, now=clock.now())),
        safely(confirm_sale(sale.id, person_id=ME, now=clock.now())),
        safely(expire_sales(now=clock.now())),
    )
    end, goods = await TillSale.get(id=sale.id), await Listing.get(id=tea.id)
    if end.state is SaleState.PAID:
        assert (goods.stock, goods.reserved, goods.sold) == (8, 0, 2)
    else:
        assert end.state in (SaleState.CANCELLED, SaleState.EXPIRED)
        assert (goods.stock, goods.reserved, goods.sold) == (10, 0, 0)
    await assert_balanced()


async def test_a_day_closed_by_two_at_once_is_closed_once(clock: StoppedClock) -> None:
    seller = await vendor()
    day = (
        await make_sale(
            seller.id, SaleTyped("cash-0001", SaleWay.CASH, 20_000), person_id=ME, now=clock.now()
        )
    ).day
    count = Count(0, 20_000, {}, "")
    ends = await asyncio.gather(
        *(close_day(seller.id, day, count, person_id=ME, now=clock.now()) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, Exception) for one in ends) == 1
    assert all(isinstance(one, Refusal) for one in ends if isinstance(one, Exception))
