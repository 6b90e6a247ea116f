"""An order of goods that are not harvested yet: it says when, and the post is asked no earlier."""

from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.models import Job
from orders.models import Order, OrderLine
from orders.services import Buyer, basket_of, book_harvested, book_parcel, put_in_basket
from tests.conftest import Browser
from tests.factories import listing, pay_order, placed
from vendors.models import Listing
from vendors.services.ahead import Window, set_window, turn_windows
from vendors.services.stock.lots import LotContent, add_lot

pytestmark = pytest.mark.usefixtures("books")
SECRET = "a secret for tests, long enough to sign"
HOA = Buyer(None, "d" * 22)


async def sold_ahead(clock: StoppedClock, *offsets: int) -> Listing:
    """Goods with a window counted from today."""
    goods, today = await listing(), vietnam_date(clock.now())
    days = Window(*(today + timedelta(days=one) for one in offsets))
    await set_window(goods.id, days, person_id=1, today=today)
    return goods


async def test_the_parcel_is_booked_when_the_promised_days_begin(
    clock: StoppedClock, client: Browser
) -> None:
    goods = await sold_ahead(clock, 0, 5, 10, 20)
    [order] = await placed((goods, 2), now=clock.now(), buyer=HOA)
    assert order.ships_from == vietnam_date(clock.now()) + timedelta(days=10)
    await pay_order(order, now=clock.now())
    assert not await Job.filter(name="book_parcel").exists()
    await book_parcel(order.id, now=clock.now(), secret=SECRET)
    assert (await Order.get(id=order.id)).parcel_code == ""
    clock.forward(days=10)
    await book_harvested(now=clock.now())
    assert await Job.filter(name="book_parcel", subject_id=order.id).count() == 1
    await book_parcel(order.id, now=clock.now(), secret=SECRET)
    assert (await Order.get(id=order.id)).parcel_code
    await book_harvested(now=clock.now())
    assert await Job.filter(name="book_parcel", subject_id=order.id).count() == 1


async def test_the_basket_and_the_order_say_when(clock: StoppedClock, client: Browser) -> None:
    goods = await sold_ahead(clock, 0, 5, 10, 20)
    await client.submit("/basket/lines", {"listing": goods.code})
    assert "Đặt trước, gửi từ" in (await client.get("/basket")).text


async def test_a_closed_window_takes_nothing_and_blocks_what_lies_in_the_basket(clock: StoppedClock) -> None:
    goods = await sold_ahead(clock, 0, 5, 10, 20)
    await put_in_basket(HOA.owner, goods.code, 1)
    await turn_windows(today=vietnam_date(clock.now()) + timedelta(days=6))
    with pytest.raises(Refusal, match="không nhận đặt trước"):
        await put_in_basket(HOA.owner, goods.code, 1)
    basket = await basket_of(HOA.owner)
    assert not basket.can_be_ordered and basket.sellers[0].things[0].note is not None


async def test_order_lines_keep_the_lots_they_were_served_from(clock: StoppedClock) -> None:
    goods = await listing(stock=0)
    today = vietnam_date(clock.now())
    lots = [
        await add_lot(
            goods.id,
            LotContent(today, today + timedelta(days=days), "đồi nhà", 2),
            person_id=1,
            now=clock.now(),
        )
        for days in (60, 30)
    ]
    await placed((goods, 3), now=clock.now(), buyer=HOA)
    assert (await OrderLine.get()).lots == [lots[1].code, lots[0].code]
