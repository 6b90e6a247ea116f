"""Placing orders: one for each seller, all or none, once, and only what the buyer has read."""

import re
from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from kit.codes import is_code
from kit.errors import Conflict, Refusal
from kit.units import commune
from orders.models import BasketLine, Order, OrderEvent, OrderLine
from orders.services import Buyer, Wish, place_orders, put_in_basket, reference_of, review_basket
from orders.states import OrderState
from payments.services import payment_for
from tests.factories import LA_HIEN, listing, placed, to_la_hien, vendor, wish
from vendors.models import Listing, ListingState, ReceivingAccount

pytestmark = pytest.mark.usefixtures("books")


async def test_each_seller_gets_an_order_with_payment_and_stock(clock: StoppedClock, hoa: Buyer) -> None:
    """Two sellers: two orders in one group, money asked for each, pieces reserved, the basket empty."""
    tea = await listing(await vendor())
    noodles = await listing(
        await vendor("Miến Việt Cường", "mien"), name="Miến dong", price_dong=70_000, weight_g=600
    )
    first, second = await placed((tea, 2), (noodles, 1), now=clock.now(), buyer=hoa)
    assert first.group_code == second.group_code and first.vendor_name == "Chè Hảo Đạt"
    assert first.goods_dong == 440_000 and first.delivery_dong > 0
    assert first.total_dong == first.goods_dong + first.delivery_dong
    assert (first.commune, first.province) == ("Xã La Hiên", "Thái Nguyên")
    assert first.expires_at == clock.now() + timedelta(minutes=15)
    asked = await payment_for(reference_of(first.id))
    assert asked and (asked.code, asked.asked_dong) == (first.code, first.total_dong)
    assert is_code(first.code, "DH")
    left = await Listing.get(id=tea.id)
    assert (left.stock, left.reserved) == (8, 2)
    line = await OrderLine.get(order_id=first.id)
    assert (line.name, line.price_dong, line.quantity) == ("Chè móc câu", 220_000, 2)
    assert [event.state for event in await OrderEvent.filter(order_id=first.id)] == [OrderState.PLACED]
    assert not await BasketLine.exists()


async def test_the_same_wish_again_gives_the_same_orders(clock: StoppedClock, hoa: Buyer) -> None:
    """A double tap places once."""
    await put_in_basket(hoa.owner, (await listing()).code, 1)
    agreed, to = await wish(hoa), await to_la_hien()
    codes = [await place_orders(hoa, to, agreed, now=clock.now(), payment_minutes=15) for _ in range(2)]
    assert codes[0] == codes[1]
    assert await Order.all().count() == 1


async def test_somebody_elses_page_cannot_be_used(clock: StoppedClock, hoa: Buyer) -> None:
    """A key that another buyer has used tells nothing about their order."""
    tea = await listing()
    await put_in_basket(hoa.owner, tea.code, 1)
    agreed = await wish(hoa)
    await place_orders(hoa, await to_la_hien(), agreed, now=clock.now(), payment_minutes=15)
    other = Buyer(None, "e" * 22)
    await put_in_basket(other.owner, tea.code, 1)
    with pytest.raises(Conflict):
        await place_orders(other, await to_la_hien(), agreed, now=clock.now(), payment_minutes=15)


async def test_nothing_is_ordered_at_a_price_that_was_not_read(clock: StoppedClock, hoa: Buyer) -> None:
    """The price rose between the review and the order."""
    tea = await listing()
    await put_in_basket(hoa.owner, tea.code, 1)
    agreed = await wish(hoa)
    await Listing.filter(id=tea.id).update(price_dong=230_000)
    with pytest.raises(Conflict, match="đọc lại"):
        await place_orders(hoa, await to_la_hien(), agreed, now=clock.now(), payment_minutes=15)
    await nothing_was_done(tea)


async def test_another_commune_costs_another_fee_and_must_be_read(clock: StoppedClock, hoa: Buyer) -> None:
    """The review was for La Hiên; the order goes elsewhere."""
    tea = await listing()
    await put_in_basket(hoa.owner, tea.code, 1)
    agreed, far = await wish(hoa), await commune("15661")
    assert far is not None
    with pytest.raises(Conflict, match="phí giao"):
        await place_orders(hoa, await to_la_hien(commune=far), agreed, now=clock.now(), payment_minutes=15)
    await nothing_was_done(tea)


async def test_a_basket_that_changed_since_is_not_ordered(clock: StoppedClock, hoa: Buyer) -> None:
    """Another tab put one more in."""
    tea = await listing()
    await put_in_basket(hoa.owner, tea.code, 1)
    agreed = await wish(hoa)
    await put_in_basket(hoa.owner, tea.code, 1)
    with pytest.raises(Conflict):
        await place_orders(hoa, await to_la_hien(), agreed, now=clock.now(), payment_minutes=15)
    await nothing_was_done(tea)


@pytest.mark.parametrize(
    "change", [{"stock": 1}, {"stock": 0}, {"state": ListingState.HIDDEN}], ids=["too few", "none", "hidden"]
)
async def test_goods_that_ran_out_undo_the_whole_order(
    clock: StoppedClock, hoa: Buyer, change: dict[str, object]
) -> None:
    """Even what another seller still has is not ordered."""
    tea, noodles = (
        await listing(),
        await listing(await vendor("Miến Việt Cường", "mien"), name="Miến dong"),
    )
    await put_in_basket(hoa.owner, tea.code, 2)
    await put_in_basket(hoa.owner, noodles.code, 1)
    agreed = await wish(hoa)
    await Listing.filter(id=tea.id).update(**change)
    with pytest.raises(Refusal):
        await place_orders(hoa, await to_la_hien(), agreed, now=clock.now(), payment_minutes=15)
    await nothing_was_done(noodles)


async def test_a_seller_without_an_account_cannot_be_ordered_from(clock: StoppedClock, hoa: Buyer) -> None:
    """There is nowhere to pay to."""
    tea = await listing()
    await put_in_basket(hoa.owner, tea.code, 1)
    agreed = await wish(hoa)
    await ReceivingAccount.all().delete()
    with pytest.raises(Refusal, match="tài khoản"):
        await place_orders(hoa, await to_la_hien(), agreed, now=clock.now(), payment_minutes=15)
    await nothing_was_done(tea)


async def test_alcohol_asks_for_eighteen_years(clock: StoppedClock, hoa: Buyer) -> None:
    """The buyer says so or nothing is ordered; the order remembers for the carrier."""
    wine = await listing(name="Rượu men lá", kind="wine", is_adult_only=True)
    await put_in_basket(hoa.owner, wine.code, 1)
    with pytest.raises(Refusal) as refusal:
        await place_orders(hoa, await to_la_hien(), await wish(hoa), now=clock.now(), payment_minutes=15)
    assert refusal.value.field == "is_adult"
    await nothing_was_done(wine)
    agreed = await wish(hoa, is_adult=True)
    codes = await place_orders(hoa, await to_la_hien(), agreed, now=clock.now(), payment_minutes=15)
    assert (await Order.get(code=codes[0])).is_adult_only


async def test_an_empty_basket_orders_nothing(clock: StoppedClock, hoa: Buyer) -> None:
    """With a sentence."""
    empty = Wish("G123456789", (await review_basket(hoa.owner, LA_HIEN)).seen, False)
    with pytest.raises(Conflict, match="trống"):
        await place_orders(hoa, await to_la_hien(), empty, now=clock.now(), payment_minutes=15)


async def test_a_part_too_heavy_for_the_post_is_refused_in_the_review(hoa: Buyer) -> None:
    """Thirty kilograms are the most."""
    rice = await listing(name="Gạo bao thai", weight_g=10_500)
    await put_in_basket(hoa.owner, rice.code, 3)
    with pytest.raises(Refusal, match="30 kg"):
        await review_basket(hoa.owner, LA_HIEN)


async def nothing_was_done(goods: Listing) -> None:
    """No order, no reservation, the basket as it was."""
    assert not await Order.exists()
    assert (await Listing.get(id=goods.id)).reserved == 0
    assert await BasketLine.exists()
    assert re.fullmatch(r"[1-9A-Z]+", goods.code)
