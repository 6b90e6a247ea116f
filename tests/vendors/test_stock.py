"""Stock: what is reserved cannot be sold to another, and every act counts once."""

import pytest

from kit.errors import Conflict, Refusal
from kit.models import Job
from tests.factories import listing, vendor
from vendors.models import Listing, ListingState, StockMove
from vendors.services import release, reserve, sell

REFERENCE = "order:1"


async def numbers(goods: Listing) -> tuple[int, int, int]:
    row = await Listing.get(id=goods.id)
    return row.stock, row.reserved, row.sold


async def test_reserved_pieces_leave_the_stock_and_selling_settles_them(db: None) -> None:
    goods = await listing(stock=5)
    await reserve({goods.id: 3}, REFERENCE)
    assert await numbers(goods) == (2, 3, 0)
    assert await sell(REFERENCE)
    assert await numbers(goods) == (2, 0, 3)


async def test_released_pieces_can_be_had_again(db: None) -> None:
    goods = await listing(stock=5)
    await reserve({goods.id: 5}, REFERENCE)
    assert await release(REFERENCE)
    assert await numbers(goods) == (5, 0, 0)


async def test_every_act_counts_once_for_a_reference(db: None) -> None:
    goods = await listing(stock=5)
    for _ in range(2):
        await reserve({goods.id: 2}, REFERENCE)
    assert await numbers(goods) == (3, 2, 0)
    assert [await sell(REFERENCE), await sell(REFERENCE)] == [True, True]
    assert not await release(REFERENCE), "what is sold is not given back"
    assert await numbers(goods) == (3, 0, 2)
    assert await StockMove.filter(listing_id=goods.id).count() == 2


async def test_what_was_given_back_is_not_sold(db: None) -> None:
    goods = await listing(stock=5)
    await reserve({goods.id: 2}, REFERENCE)
    await release(REFERENCE)
    assert not await release(REFERENCE)
    assert not await sell(REFERENCE)
    assert await numbers(goods) == (5, 0, 0)
    with pytest.raises(Conflict):
        await reserve({goods.id: 2}, REFERENCE)


async def test_an_unknown_reference_holds_nothing(db: None) -> None:
    assert not await release("order:404")
    assert not await sell("order:404")


async def test_all_or_nothing_and_the_refusal_names_what_ran_out(db: None) -> None:
    seller = await vendor()
    tea = await listing(seller, stock=5)
    honey = await listing(seller, "Mật ong rừng", kind="honey", stock=1)
    with pytest.raises(Refusal, match="«Mật ong rừng» chỉ còn 1"):
        await reserve({tea.id: 1, honey.id: 2}, REFERENCE)
    assert await numbers(tea) == (5, 0, 0)
    assert await numbers(honey) == (1, 0, 0)
    assert not await StockMove.filter(reference=REFERENCE).exists()


@pytest.mark.parametrize("state", [one for one in ListingState if one is not ListingState.ON_SALE])
async def test_only_goods_on_sale_are_reserved(db: None, state: ListingState) -> None:
    goods = await listing(state=state)
    with pytest.raises(Refusal, match="Chè móc câu"):
        await reserve({goods.id: 1}, REFERENCE)


async def test_goods_that_are_gone_are_refused(db: None) -> None:
    with pytest.raises(Refusal, match="không còn trong chợ"):
        await reserve({999_999: 1}, REFERENCE)


@pytest.mark.parametrize("quantity", [0, -1])
async def test_less_than_one_piece_is_a_fault(db: None, quantity: int) -> None:
    goods = await listing()
    with pytest.raises(ValueError):
        await reserve({goods.id: quantity}, REFERENCE)


async def test_the_index_hears_when_the_last_piece_goes_and_when_one_comes_back(db: None) -> None:
    goods = await listing(stock=2)
    await reserve({goods.id: 1}, "order:1")
    assert await Job.filter(name="index_listing").count() == 0
    await reserve({goods.id: 1}, "order:2")
    assert await Job.filter(name="index_listing", subject_id=goods.id).count() == 1
    await release("order:2")
    assert await Job.filter(name="index_listing", subject_id=goods.id).count() == 2
