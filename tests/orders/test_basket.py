"""The basket: what may be put in, what it tells at each view, whose it is."""

from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from kit.errors import NotFound, Refusal
from orders.models import BasketLine
from orders.services import Buyer, basket_of, merge_basket, put_in_basket, set_quantity, take_out
from orders.services.basket import KEPT, LINES_MAX, forget_baskets
from tests.factories import listing, vendor
from vendors.models import Listing, ListingState

pytestmark = pytest.mark.usefixtures("places")


async def test_the_same_goods_twice_are_one_line(hoa: Buyer) -> None:
    """Quantities add up."""
    tea = await listing()
    await put_in_basket(hoa.owner, tea.code, 2)
    await put_in_basket(hoa.owner, tea.code, 3)
    basket = await basket_of(hoa.owner)
    assert [thing.quantity for thing in basket.sellers[0].things] == [5]
    assert basket.goods_dong == 5 * 220_000


async def test_a_code_may_be_typed_in_any_spelling(hoa: Buyer) -> None:
    """Codes are tidied as everywhere."""
    tea = await listing()
    await put_in_basket(hoa.owner, f" {tea.code.lower()} ", 1)
    assert (await basket_of(hoa.owner)).count == 1


async def test_goods_that_are_not_on_sale_cannot_be_put_in(hoa: Buyer) -> None:
    """Hidden goods are as if they were not there."""
    hidden = await listing(state=ListingState.HIDDEN)
    with pytest.raises(NotFound):
        await put_in_basket(hoa.owner, hidden.code, 1)


@pytest.mark.parametrize(("stock", "quantity"), [(0, 1), (3, 4), (500, 100)])
async def test_more_than_there_is_or_than_a_basket_takes_is_refused(
    hoa: Buyer, stock: int, quantity: int
) -> None:
    """Nothing changes then."""
    tea = await listing(stock=stock)
    with pytest.raises(Refusal) as refusal:
        await put_in_basket(hoa.owner, tea.code, quantity)
    assert refusal.value.field == "quantity"
    assert not await BasketLine.exists()


async def test_what_is_in_the_basket_counts_towards_the_stock(hoa: Buyer) -> None:
    """Eight of ten are in; three more are too many."""
    tea = await listing(stock=10)
    await put_in_basket(hoa.owner, tea.code, 8)
    with pytest.raises(Refusal):
        await put_in_basket(hoa.owner, tea.code, 3)
    assert (await basket_of(hoa.owner)).sellers[0].things[0].quantity == 8


async def test_a_basket_holds_fifty_lines(hoa: Buyer) -> None:
    """The fifty-first is refused, one more of the first is not."""
    seller = await vendor()
    goods = [await listing(seller, name=f"Chè số {number}") for number in range(LINES_MAX + 1)]
    for one in goods[:-1]:
        await put_in_basket(hoa.owner, one.code, 1)
    with pytest.raises(Refusal, match="50"):
        await put_in_basket(hoa.owner, goods[-1].code, 1)
    await put_in_basket(hoa.owner, goods[0].code, 1)
    assert (await basket_of(hoa.owner)).count == LINES_MAX


async def test_a_changed_price_is_told_and_counted(hoa: Buyer) -> None:
    """The sum is today's; the sentence names both prices, until the buyer touches the line."""
    tea = await listing()
    await put_in_basket(hoa.owner, tea.code, 1)
    await Listing.filter(id=tea.id).update(price_dong=250_000)
    basket = await basket_of(hoa.owner)
    note = str(basket.sellers[0].things[0].note)
    assert "220.000" in note and "250.000" in note
    assert basket.goods_dong == 250_000 and basket.can_be_ordered
    await set_quantity(hoa.owner, basket.sellers[0].things[0].line_id, 1)
    assert (await basket_of(hoa.owner)).sellers[0].things[0].note is None


async def test_what_ran_out_blocks_the_order_and_counts_in_no_sum(hoa: Buyer) -> None:
    """Too few left, none left, no longer on sale: each with its sentence."""
    seller = await vendor()
    few, none, gone = [await listing(seller, name=name) for name in ("Chè ít", "Chè hết", "Chè thôi bán")]
    for one in (few, none, gone):
        await put_in_basket(hoa.owner, one.code, 4)
    await Listing.filter(id=few.id).update(stock=3)
    await Listing.filter(id=none.id).update(stock=0)
    await Listing.filter(id=gone.id).update(state=ListingState.HIDDEN)
    basket = await basket_of(hoa.owner)
    notes = [str(thing.note) for thing in basket.sellers[0].things]
    assert "Chỉ còn 3" in notes[0] and "hết hàng" in notes[1]
    assert basket.gone[0].name == "Chè thôi bán"
    assert basket.goods_dong == 0 and not basket.can_be_ordered


async def test_goods_are_grouped_by_their_sellers(hoa: Buyer) -> None:
    """Each seller has a sum of their own."""
    first, second = await vendor(), await vendor("Miến Việt Cường", "mien-viet-cuong")
    await put_in_basket(hoa.owner, (await listing(first)).code, 1)
    await put_in_basket(hoa.owner, (await listing(second, name="Miến dong", price_dong=70_000)).code, 2)
    basket = await basket_of(hoa.owner)
    assert [(one.name, one.goods_dong) for one in basket.sellers] == [
        ("Chè Hảo Đạt", 220_000),
        ("Miến Việt Cường", 140_000),
    ]


async def test_signing_in_brings_the_devices_basket_along(hoa: Buyer) -> None:
    """Lines move, the same goods add up to 99 at most, and the device's basket is empty afterwards."""
    seller = await vendor()
    tea, buds = await listing(seller, stock=200), await listing(seller, name="Chè nõn tôm")
    person = Buyer(7, hoa.device)
    await put_in_basket(person.owner, tea.code, 60)
    await put_in_basket(hoa.owner, tea.code, 50)
    await put_in_basket(hoa.owner, buds.code, 1)
    await merge_basket(person)
    basket = await basket_of(person.owner)
    assert {thing.name: thing.quantity for thing in basket.sellers[0].things} == {
        "Chè móc câu": 99,
        "Chè nõn tôm": 1,
    }
    assert (await basket_of(hoa.owner)).count == 0


async def test_nobodys_basket_is_touched_by_another(hoa: Buyer) -> None:
    """Changing and taking out work on one's own lines alone."""
    tea = await listing()
    await put_in_basket(hoa.owner, tea.code, 2)
    line = await BasketLine.get()
    with pytest.raises(NotFound):
        await set_quantity("device:other", line.id, 1)
    await take_out("device:other", line.id)
    assert (await basket_of(hoa.owner)).count == 1


async def test_a_basket_left_for_a_season_is_emptied(hoa: Buyer, clock: StoppedClock) -> None:
    """What was put in lately stays."""
    seller = await vendor()
    for name in ("Chè búp", "Chè nõn"):
        await put_in_basket(hoa.owner, (await listing(seller, name=name)).code, 1)
    old, fresh = await BasketLine.filter(owner=hoa.owner).order_by("id")
    await BasketLine.filter(id=old.id).update(added_at=clock.now() - KEPT - timedelta(hours=1))
    await BasketLine.filter(id=fresh.id).update(added_at=clock.now())
    await forget_baskets(now=clock.now())
    assert [line.id for line in await BasketLine.filter(owner=hoa.owner)] == [fresh.id]
