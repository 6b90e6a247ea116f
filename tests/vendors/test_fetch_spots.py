"""Where buyers fetch and whether somebody is there now: on the pages of goods and sellers, and for programs."""

import pytest

from kit.clock import StoppedClock
from tests.conftest import Browser
from tests.factories import listing
from tests.orders.fetching import market_with_desk, seller_at
from vendors.services import vendor_card
from vendors.services.fetching import fetch_spots

pytestmark = pytest.mark.usefixtures("db")


async def test_the_goods_and_the_seller_say_where_and_until_when(
    client: Browser, clock: StoppedClock
) -> None:
    """Today's hours as the clock stands; hours nobody understands are shown as they are written."""
    seller = await seller_at(await market_with_desk(), "A12", "stall", "desk", "point")
    tea = await listing(seller)
    [stall, desk] = fetch_spots(await vendor_card(seller.id), now=clock.now())
    assert (stall.name, desk.name, stall.hours) == ("A12, Chợ Thái", "Chợ Thái", "6–11 giờ mỗi ngày")
    assert stall.now and desk.now
    for path in (f"/goods/{tea.code}", f"/sellers/{seller.slug}"):
        page = (await client.get(path)).text
        assert "A12, Chợ Thái" in page and "Đến lấy tại bàn của chợ" in page and str(stall.now.words) in page
    for path in (f"/goods/{tea.code}", f"/vendors/{seller.slug}"):
        told = (await client.get(f"/api/v1{path}", headers={"accept-language": "en"})).json()["fetch"]
        assert [one["at"] for one in told] == ["stall", "desk"]
        assert told[0]["is_open"] is stall.now.is_open and told[0]["opens"].startswith("open")
    seller.fetch_hours = "gọi trước khi đến"
    await seller.save()
    page = (await client.get(f"/sellers/{seller.slug}?page=1")).text
    assert "gọi trước khi đến" in page


async def test_who_lets_nobody_fetch_and_tours_say_nothing(client: Browser) -> None:
    seller = await seller_at(await market_with_desk(), "A12", "point")
    tea = await listing(seller)
    assert "Đến lấy tại" not in (await client.get(f"/goods/{tea.code}")).text
    seller.fetch_at = ["stall"]
    await seller.save()
    tour = await listing(seller, "Tour vườn chè", kind="tour")
    assert "Đến lấy tại" not in (await client.get(f"/goods/{tour.code}")).text
    assert (await client.get(f"/api/v1/goods/{tour.code}")).json()["fetch"] == []
