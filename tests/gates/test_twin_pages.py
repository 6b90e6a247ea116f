"""The pretend providers' own pages: clearly marked, and only where they may be."""

from collections.abc import Awaitable, Callable

from tests.conftest import Browser
from tests.gates.conftest import Shopper


async def test_the_page_says_that_it_is_a_pretence(shopper: Callable[..., Awaitable[Shopper]]) -> None:
    shop = await shopper()
    chosen = await shop.chooses("momo")
    way = await shop.client.get(chosen.headers["location"])
    assert "attempts/" in str(way.url) and "MoMo ở đây là giả" in way.text
    page = await shop.client.get(shop.link_in(way))
    assert "/twins/momo/pay/" in str(page.url)
    assert "Trang giả – tiền không có thật" in page.text
    for button in ("Trả tiền", "Từ chối", "Để đó"):
        assert button in page.text
    wrong = await shop.client.submit(str(page.url), {"decision": "steal", "manner": "as_is"})
    assert wrong.status_code == 422
    left = await shop.client.submit(str(page.url), {"decision": "leave", "manner": "as_is"})
    assert left.status_code == 303


async def test_the_last_orders_are_listed_with_what_was_told(
    shopper: Callable[..., Awaitable[Shopper]],
) -> None:
    shop = await shopper()
    await shop.pays("momo")
    await shop.works()
    page = await shop.client.get("/twins/providers")
    assert "Đã trả" in page.text and "204" in page.text


async def test_an_order_of_nobody_is_not_found(db: None, client: Browser) -> None:
    for path in ("/twins/momo/pay/nothing", "/twins/nobody/pay/nothing"):
        assert (await client.get(path)).status_code == 404
