"""The same rating sent many times at once is one, and every rating is counted."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict
from kit.models import AdminUnit
from kit.roles import Caller
from orders.models import Order, OrderLine
from orders.services import Buyer
from orders.services.rating import rate_line
from payments.services import assert_balanced
from tests.factories import COMMUNES_OF_ORDERS, listing, pay_order, placed, units
from vendors.models import Listing, Rating
from vendors.services.ratings.writing import RatingContent

BUYERS = 8


@pytest.fixture(autouse=True)
async def market(committed: None) -> AsyncIterator[None]:
    """Communes while the test runs, and books that hold at its end."""
    had = set(await AdminUnit.all().values_list("id", flat=True))
    await units(*COMMUNES_OF_ORDERS)
    yield
    await assert_balanced()
    await AdminUnit.exclude(id__in=list(had) or [0]).delete()


async def delivered(tea: Listing, number: int, clock: StoppedClock) -> tuple[Order, int, Caller]:
    """An order of a phone that nobody signed in on, delivered; its line and its buyer."""
    buyer = Buyer(None, f"{number:022}")
    [order] = await placed((tea, 1), now=clock.now(), buyer=buyer)
    await pay_order(order, number + 1, now=clock.now())
    await Order.filter(id=order.id).update(state="delivered", delivered_at=clock.now())
    line = await OrderLine.filter(order_id=order.id).get()
    return await Order.get(id=order.id), line.id, Caller(device=buyer.device)


async def test_the_same_rating_at_once_is_one_and_others_are_told(clock: StoppedClock) -> None:
    """Ten taps of one rating give one number; of ten different ones one stands, nine get a sentence."""
    order, line_id, hoa = await delivered(await listing(), 0, clock)
    said = RatingContent(4, "Chè thơm.")
    same = await asyncio.gather(*(rate_line(order, line_id, said, hoa, now=clock.now()) for _ in range(10)))
    assert len(set(same)) == 1
    other, other_line, _ = await delivered(await Listing.get(), 1, clock)
    wild = [RatingContent(1 + n % 5, f"Lần {n}") for n in range(10)]
    ends = await asyncio.gather(
        *(rate_line(other, other_line, one, hoa, now=clock.now()) for one in wild), return_exceptions=True
    )
    assert len([one for one in ends if isinstance(one, int)]) == 1
    assert len([one for one in ends if isinstance(one, Conflict)]) == 9, ends
    assert (await Listing.get()).rated == await Rating.all().count() == 2


async def test_every_buyer_is_counted(clock: StoppedClock) -> None:
    """Eight buyers of the same goods rate at the same moment."""
    tea = await listing(stock=BUYERS)
    bought = [await delivered(tea, number, clock) for number in range(BUYERS)]
    await asyncio.gather(
        *(
            rate_line(order, line_id, RatingContent(1 + n % 5, ""), buyer, now=clock.now())
            for n, (order, line_id, buyer) in enumerate(bought)
        )
    )
    goods = await Listing.get()
    assert (goods.rated, goods.rated_stars) == (BUYERS, sum(1 + n % 5 for n in range(BUYERS)))
