"""From basket to order: what changed is said at each step, baskets meet at sign-in, a phone number is enough."""

from collections.abc import Callable
from typing import Any

import pytest

from kit.clock import StoppedClock
from orders.models import BasketLine, Order
from tests.conftest import Browser
from tests.factories import HOA, LAN, listing, vendor
from tests.orders.test_pages import ADDRESS, reviewed
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("books")
RISEN = "Giá đã đổi từ"


async def test_a_price_that_changed_is_said_at_each_step(client: Browser) -> None:
    """In the basket, at the address, in the review; and what changes after the review stops the order."""
    tea = await listing()
    await client.submit("/basket/lines", {"listing": tea.code, "quantity": "1"})
    await Listing.all().update(price_dong=230_000)
    for page in (
        await client.get("/basket"),
        await client.get("/checkout"),
        await client.submit("/checkout", {**ADDRESS, "name": ""}),
        await client.submit("/checkout", ADDRESS),
    ):
        assert RISEN in page.text and "230.000" in page.text, page.url
    read = await reviewed(client)
    await Listing.all().update(price_dong=240_000)
    stopped = await client.submit("/orders", read)
    assert stopped.status_code == 409 and "Giá hàng hoặc phí giao vừa đổi" in stopped.text
    assert RISEN in stopped.text and "240.000" in stopped.text
    assert (await client.submit("/orders", await reviewed(client))).status_code == 303
    assert (await Order.get()).goods_dong == 240_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stock": 1}, "Chỉ còn 1"),
        ({"stock": 0}, "Đã hết hàng"),
        ({"state": "hidden"}, "Người bán đã thôi bán món này"),
        ({"takes_orders": False}, "thôi nhận đặt trước"),
    ],
)
async def test_goods_that_cannot_be_had_are_said_at_each_step(
    client: Browser, change: dict[str, Any], said: str
) -> None:
    """Whatever step it happens at, the basket opens with the sentence, and nothing is ordered."""
    tea = await listing(stock=5)
    await client.submit("/basket/lines", {"listing": tea.code, "quantity": "2"})
    read = await reviewed(client)
    await Listing.all().update(**change)
    assert said in (await client.get("/basket")).text
    for step in (await client.get("/checkout"), await client.submit("/checkout", ADDRESS)):
        assert (step.status_code, step.headers["location"]) == (303, "/basket")
    stopped = await client.submit("/orders", read)
    assert stopped.status_code == 409 and said in stopped.text
    assert not await Order.exists() and await BasketLine.all().count() == 1


async def test_baskets_of_several_sellers_meet_at_sign_in(
    client: Browser, browser: Callable[[], Browser], sign_in_as: Callable[..., Any]
) -> None:
    """What a person gathered on two devices is one basket, the same goods one line, and one order for each seller."""
    tea = await listing(await vendor(), stock=9)
    noodles = await listing(await vendor("Miến Việt Cường", "mien"), name="Miến dong", stock=9)
    await client.submit("/basket/lines", {"listing": tea.code, "quantity": "2"})
    await sign_in_as(client, HOA)
    assert "Chè móc câu" in (await client.get("/basket")).text
    other = browser()
    await other.submit("/basket/lines", {"listing": tea.code, "quantity": "1"})
    await other.submit("/basket/lines", {"listing": noodles.code, "quantity": "1"})
    await sign_in_as(other, HOA)
    page = (await other.get("/basket")).text
    assert "Chè móc câu" in page and "Miến dong" in page
    line = await BasketLine.get(listing_id=tea.id)
    assert line.quantity == 3 and line.owner.startswith("person:")
    assert (await other.submit("/orders", await reviewed(other))).status_code == 303
    assert sorted(await Order.all().values_list("vendor_name", flat=True)) == [
        "Chè Hảo Đạt",
        "Miến Việt Cường",
    ]
    assert await BasketLine.all().count() == 0


async def test_a_guest_with_a_phone_keeps_the_order_on_the_device(
    client: Browser, browser: Callable[[], Browser], sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    """No account: the order is the device's, another device and another person see nothing of it."""
    tea = await listing()
    await client.submit("/basket/lines", {"listing": tea.code, "quantity": "1"})
    wrong = await client.submit("/checkout", {**ADDRESS, "phone": "12"})
    assert wrong.status_code == 422 and "f-phone-error" in wrong.text
    assert (await client.submit("/orders", await reviewed(client))).status_code == 303
    order = await Order.get()
    assert order.person_id is None and order.recipient_phone == HOA and order.device
    assert order.code in (await client.get("/orders")).text
    stranger = browser()
    assert (await stranger.get(f"/orders/{order.code}")).status_code == 404
    await sign_in_as(stranger, LAN)
    assert (await stranger.get(f"/orders/{order.code}")).status_code == 404
