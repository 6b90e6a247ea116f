"""Twenty buyers, five pieces: five get one, and nothing is lost or sold twice."""

import asyncio
from collections import Counter

from kit.errors import Refusal
from tests.factories import listing, vendor
from vendors.models import Listing, StockMove
from vendors.services import release, reserve, sell


async def outcome(act: object) -> str:
    """ "done", or "refused" for a sentence to the buyer; anything else is a fault."""
    try:
        await act  # type: ignore[misc]
    except Refusal:
        return "refused"
    return "done"


async def test_five_pieces_go_to_five_of_twenty_buyers(committed: None) -> None:
    goods = await listing(stock=5)
    outcomes = await asyncio.gather(*[outcome(reserve({goods.id: 1}, f"order:{n}")) for n in range(20)])
    assert Counter(outcomes) == {"done": 5, "refused": 15}
    row = await Listing.get(id=goods.id)
    assert (row.stock, row.reserved, row.sold) == (0, 5, 0)
    assert await StockMove.all().count() == 5


async def test_baskets_that_cross_do_not_wait_for_each_other_for_ever(committed: None) -> None:
    seller = await vendor()
    tea, honey = await listing(seller, stock=10), await listing(seller, "Mật ong", stock=10)
    orders = [{tea.id: 1, honey.id: 1}, {honey.id: 1, tea.id: 1}] * 10
    outcomes = await asyncio.wait_for(
        asyncio.gather(*[outcome(reserve(order, f"order:{n}")) for n, order in enumerate(orders)]), 30
    )
    assert Counter(outcomes) == {"done": 10, "refused": 10}
    for goods in (tea, honey):
        row = await Listing.get(id=goods.id)
        assert (row.stock, row.reserved) == (0, 10)


async def test_paid_and_expired_at_the_same_moment_is_one_of_the_two(committed: None) -> None:
    goods = await listing(stock=30)
    for n in range(10):
        await reserve({goods.id: 3}, f"order:{n}")
    acts = [act(f"order:{n}") for n in range(10) for act in (sell, release)]
    ends = await asyncio.gather(*acts)
    assert sum(ends) == 10, "each order ended once"
    row = await Listing.get(id=goods.id)
    assert row.reserved == 0
    assert row.stock + row.sold == 30
    assert row.sold == 3 * sum(ends[::2])


async def test_the_same_reservation_sent_many_times_counts_once(committed: None) -> None:
    goods = await listing(stock=5)
    await asyncio.gather(*[reserve({goods.id: 2}, "order:1") for _ in range(8)])
    row = await Listing.get(id=goods.id)
    assert (row.stock, row.reserved) == (3, 2)
