"""Goods in sizes and qualities on their way through basket, checkout and order."""

import pytest

from kit.clock import StoppedClock
from kit.errors import Refusal
from orders.models import BasketLine, OrderLine
from orders.services import Buyer, basket_of, place_orders, put_in_basket
from orders.services.post import contents_of
from tests.conftest import Browser
from tests.factories import boxes, to_la_hien, wish
from vendors.models import Listing, Variant

pytestmark = pytest.mark.usefixtures("books")
HOA = Buyer(None, "d" * 22)


async def test_two_sizes_are_two_lines_and_each_adds_up() -> None:
    goods, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3))
    for size, quantity in (("200 g", 2), ("500 g", 1), ("200 g", 1)):
        await put_in_basket(HOA.owner, goods.code, quantity, ids[size])
    [part] = (await basket_of(HOA.owner)).sellers
    assert [(one.name, one.quantity, one.sum_dong) for one in part.things] == [
        ("Chè móc câu, 200 g", 3, 270_000),
        ("Chè móc câu, 500 g", 1, 200_000),
    ]


@pytest.mark.parametrize("choice", [None, 999_999])
async def test_a_size_on_offer_has_to_be_chosen(choice: int | None) -> None:
    goods, _ = await boxes(("200 g", 90_000, 5))
    with pytest.raises(Refusal, match="Hãy chọn loại của «Chè móc câu»"):
        await put_in_basket(HOA.owner, goods.code, 1, choice)
    assert not await BasketLine.exists()


async def test_a_size_taken_away_is_gone_from_the_basket() -> None:
    goods, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3))
    await put_in_basket(HOA.owner, goods.code, 1, ids["500 g"])
    await Variant.filter(id=ids["500 g"]).update(is_offered=False)
    basket = await basket_of(HOA.owner)
    assert [one.name for one in basket.gone] == ["Chè móc câu, 500 g"] and not basket.can_be_ordered


async def test_the_order_names_the_size_and_takes_it_from_its_shelf(clock: StoppedClock) -> None:
    goods, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3))
    await put_in_basket(HOA.owner, goods.code, 2, ids["200 g"])
    await put_in_basket(HOA.owner, goods.code, 1, ids["500 g"])
    agreed, to = await wish(HOA), await to_la_hien()
    await place_orders(HOA, to, agreed, now=clock.now(), payment_minutes=15)
    lines = await OrderLine.all().order_by("id")
    assert [(one.variant_id, one.variant) for one in lines] == [
        (ids["200 g"], "200 g"),
        (ids["500 g"], "500 g"),
    ]
    assert contents_of(lines) == "2 × Chè móc câu, 200 g; 1 × Chè móc câu, 500 g"
    assert [one.stock for one in await Variant.all().order_by("id")] == [3, 2]
    assert (await Listing.get()).stock == 5


async def test_the_page_puts_the_chosen_size_in(client: Browser) -> None:
    goods, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3))
    unchosen = await client.submit("/basket/lines", {"listing": goods.code})
    assert unchosen.status_code == 422 and "Hãy chọn loại" in unchosen.text
    sent = {"listing": goods.code, "variant": str(ids["500 g"]), "quantity": "2"}
    assert (await client.submit("/basket/lines", sent)).status_code == 303
    assert "Chè móc câu, 500 g" in (await client.get("/basket")).text
    wrong = await client.submit("/basket/lines", {**sent, "variant": "ba"})
    assert wrong.status_code == 422
