"""Many at once: the last piece goes to one, a double tap orders once, cancelling and paying have one winner."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from kit.codes import new_code
from kit.errors import Conflict, Refusal
from kit.models import AdminUnit, Job
from orders.models import Order, OrderEvent
from orders.services import (
    Buyer,
    basket_of,
    cancel_order,
    expire_orders,
    place_orders,
    put_in_basket,
    reference_of,
    settle_notice,
)
from orders.states import OrderState
from payments.services import assert_balanced, payment_for
from tests.factories import (
    COMMUNES_OF_ORDERS,
    bank_notice,
    boxes,
    listing,
    placed,
    recorded,
    to_la_hien,
    units,
    vendor,
    wish,
)
from vendors.models import Listing, StockMove, Variant

BUYERS = 20
CROWD, PIECES = 200, 10


@pytest.fixture(autouse=True)
async def market(committed: None) -> AsyncIterator[None]:
    """Communes while the test runs, and books that hold at its end."""
    had = set(await AdminUnit.all().values_list("id", flat=True))
    await units(*COMMUNES_OF_ORDERS)
    yield
    await assert_balanced()
    await AdminUnit.exclude(id__in=list(had) or [0]).delete()


def buyers(count: int) -> list[Buyer]:
    """Phones that nobody has signed in on."""
    return [Buyer(None, f"{number:022}") for number in range(count)]


async def test_the_last_piece_goes_to_one_of_twenty(clock: StoppedClock) -> None:
    """One order, nineteen sentences, stock at nothing and not below."""
    tea = await listing(stock=1)
    everybody = buyers(BUYERS)
    for buyer in everybody:
        await put_in_basket(buyer.owner, tea.code, 1)
    wishes, to = [await wish(buyer) for buyer in everybody], await to_la_hien()

    async def order(buyer: Buyer, number: int) -> str | None:
        try:
            codes = await place_orders(buyer, to, wishes[number], now=clock.now(), payment_minutes=15)
        except Refusal:
            return None
        return codes[0]

    got = await asyncio.gather(*(order(buyer, number) for number, buyer in enumerate(everybody)))
    assert len([code for code in got if code]) == 1
    assert await Order.all().count() == 1
    left = await Listing.get(id=tea.id)
    assert (left.stock, left.reserved) == (0, 1)
    assert await StockMove.all().count() == 1


async def test_ten_pieces_go_to_ten_of_two_hundred(clock: StoppedClock) -> None:
    """Ten orders, one hundred and ninety sentences that name the goods, stock at nothing and not below."""
    tea = await listing(stock=PIECES)
    everybody = buyers(CROWD)
    for buyer in everybody:
        await put_in_basket(buyer.owner, tea.code, 1)
    agreed, to = await wish(everybody[0]), await to_la_hien()
    ends = await asyncio.gather(
        *(
            place_orders(buyer, to, replace(agreed, key=new_code("G")), now=clock.now(), payment_minutes=15)
            for buyer in everybody
        ),
        return_exceptions=True,
    )
    told = [one for one in ends if isinstance(one, Refusal)]
    assert len(told) == CROWD - PIECES and all(isinstance(one, list | Refusal) for one in ends), ends
    assert {one.status for one in told} == {409} and all(one.sentence.text for one in told)
    left = await Listing.get(id=tea.id)
    assert (left.stock, left.reserved, left.sold) == (0, PIECES, 0)
    assert await Order.all().count() == PIECES == await StockMove.all().count()
    for order in await Order.all():
        assert await payment_for(reference_of(order.id)) is not None


async def test_two_sellers_goods_are_taken_in_one_order_by_all(clock: StoppedClock) -> None:
    """Twenty buyers want both goods, put in either order: ten get both, nobody half, no deadlock."""
    tea = await listing(await vendor(), stock=BUYERS // 2)
    noodles = await listing(await vendor("Miến Việt Cường", "mien"), name="Miến dong", stock=BUYERS // 2)
    everybody = buyers(BUYERS)
    for number, buyer in enumerate(everybody):
        for one in (tea, noodles) if number % 2 else (noodles, tea):
            await put_in_basket(buyer.owner, one.code, 1)
    wishes, to = [await wish(buyer) for buyer in everybody], await to_la_hien()

    async def order(buyer: Buyer, number: int) -> int:
        try:
            return len(await place_orders(buyer, to, wishes[number], now=clock.now(), payment_minutes=15))
        except Refusal:
            return 0

    got = await asyncio.gather(*(order(buyer, number) for number, buyer in enumerate(everybody)))
    assert sorted(got) == [0] * (BUYERS // 2) + [2] * (BUYERS // 2)
    assert {one.stock for one in await Listing.all()} == {0}


async def test_the_last_box_of_a_size_goes_to_one_and_the_other_size_stays(clock: StoppedClock) -> None:
    """Both sizes lie on one shelf row; neither is sold for the other."""
    tea, ids = await boxes(("200 g", 90_000, 1), ("500 g", 200_000, 1))
    everybody = buyers(BUYERS)
    for number, buyer in enumerate(everybody):
        await put_in_basket(buyer.owner, tea.code, 1, ids["500 g" if number % 2 else "200 g"])
    wishes, to = [await wish(buyer) for buyer in everybody], await to_la_hien()
    ends = await asyncio.gather(
        *(
            place_orders(buyer, to, wishes[number], now=clock.now(), payment_minutes=15)
            for number, buyer in enumerate(everybody)
        ),
        return_exceptions=True,
    )
    assert len([one for one in ends if isinstance(one, list)]) == 2
    assert all(isinstance(one, list | Refusal) for one in ends), ends
    rows = await Variant.all()
    assert {(one.stock, one.reserved) for one in rows} == {(0, 1)}
    assert (await Listing.get()).reserved == 2


async def test_a_double_tap_orders_once(clock: StoppedClock) -> None:
    """Five taps at once give the same code."""
    [buyer] = buyers(1)
    await put_in_basket(buyer.owner, (await listing()).code, 1)
    agreed, to = await wish(buyer), await to_la_hien()
    taps = [place_orders(buyer, to, agreed, now=clock.now(), payment_minutes=15) for _ in range(5)]
    codes = await asyncio.gather(*taps)
    assert len({tuple(one) for one in codes}) == 1
    assert await Order.all().count() == 1


async def test_putting_in_at_once_loses_nothing(clock: StoppedClock) -> None:
    """Ten taps on «Bỏ vào giỏ» are ten pieces."""
    [buyer] = buyers(1)
    tea = await listing(stock=50)
    results = await asyncio.gather(
        *(put_in_basket(buyer.owner, tea.code, 1) for _ in range(10)), return_exceptions=True
    )
    assert not [one for one in results if isinstance(one, BaseException)]
    assert (await basket_of(buyer.owner)).sellers[0].things[0].quantity == 10


@pytest.mark.parametrize("attempt", range(5))
async def test_cancelling_against_paying_has_one_winner(clock: StoppedClock, attempt: int) -> None:
    """Paid and sold, or cancelled with the money waiting for a person; never both."""
    tea = await listing(stock=3)
    [order] = await placed((tea, 1), now=clock.now())
    asked = await payment_for(reference_of(order.id))
    assert asked
    notice_id = await recorded(bank_notice(asked, at=clock.now()), now=clock.now())
    acts = [
        settle_notice(notice_id, now=clock.now()),
        cancel_order(order.id, person_id=None, now=clock.now()),
    ]
    results = await asyncio.gather(*(acts if attempt % 2 else reversed(acts)), return_exceptions=True)
    assert {type(one) for one in results} <= {type(None), Conflict}
    await one_winner(order, tea)


@pytest.mark.parametrize("attempt", range(5))
async def test_expiring_against_paying_has_one_winner(clock: StoppedClock, attempt: int) -> None:
    """A transfer made in time whose notice meets the round."""
    tea = await listing(stock=3)
    [order] = await placed((tea, 1), now=clock.now())
    asked = await payment_for(reference_of(order.id))
    assert asked
    in_time, after = clock.now() + timedelta(minutes=14), clock.now() + timedelta(minutes=16)
    notice_id = await recorded(bank_notice(asked, at=in_time), now=after)
    acts = [settle_notice(notice_id, now=after), expire_orders(now=after), expire_orders(now=after)]
    results = await asyncio.gather(*(acts if attempt % 2 else reversed(acts)), return_exceptions=True)
    assert not [one for one in results if isinstance(one, BaseException)]
    await one_winner(order, tea)


async def one_winner(order: Order, tea: Listing) -> None:
    """Order, stock, payment and the parcel's job tell the same story."""
    now, shelf = await Order.get(id=order.id), await Listing.get(id=tea.id)
    payment = await payment_for(reference_of(order.id))
    jobs = await Job.filter(name="book_parcel").count()
    assert payment and await OrderEvent.filter(order_id=order.id).count() == 2
    if now.state == OrderState.PAID:
        assert (shelf.stock, shelf.reserved, shelf.sold, jobs) == (2, 0, 1, 1)
        assert payment.state == "paid" and not payment.extra_dong
    else:
        assert (shelf.stock, shelf.reserved, shelf.sold, jobs) == (3, 0, 0, 0)
        assert payment.state == now.state and payment.needs_review and payment.extra_dong == order.total_dong
