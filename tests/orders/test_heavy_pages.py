"""Pages of goods that weigh more: what a buyer reads before ordering and pays, what a seller sees and decides."""

from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.roles import Role
from orders.models import Order
from orders.services import sellers_day
from orders.services.heavy.ending import turn_differences
from orders.states import HeavyState
from tests.conftest import Browser
from tests.factories import HOA, TUAN
from tests.orders.heavy import HEAVIER_G, PAID_G, Lot, apples, lot
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("books")
MOST, MORE = "12.000\u00a0₫", "9.000\u00a0₫"


@pytest.fixture
async def na(clock: StoppedClock, client: Browser, sign_in_as: Any) -> Lot:
    """A paid lot whose seller is signed in."""
    of = await lot(clock)
    await sign_in_as(client, TUAN, (Role.VENDOR, str(of.order.vendor_id)))
    return of


async def test_the_goods_page_and_the_basket_name_the_largest_sum(client: Browser, places: None) -> None:
    goods = await apples()
    shown = (await client.get(f"/goods/{goods.code}")).text
    assert MOST in shown and "Nặng hơn bạn không phải trả thêm" not in shown
    assert (await client.get(f"/api/v1/goods/{goods.code}")).json()["more_most_dong"] == 12_000
    await client.submit("/basket/lines", {"listing": goods.code, "quantity": "1"})
    assert MOST in (await client.get("/basket")).text
    await Listing.filter(id=goods.id).update(is_heavier_charged=False)
    assert "Nặng hơn bạn không phải trả thêm" in (await client.get(f"/goods/{goods.code}")).text
    assert MOST not in (await client.get("/basket")).text


async def test_the_seller_sees_what_comes_of_it_before_packing(na: Lot, client: Browser) -> None:
    path, name = f"/sell/orders/{na.order.code}/packing", f"final_{na.line.id}"
    for grams, words in (("2150", MORE), ("1900", "Nhẹ hơn"), ("2000", "Đủ cân")):
        page = await client.submit(path, {name: grams, "look": "1"})
        assert page.status_code == 200 and words in page.text
    part = await client.submit(path, {name: "2150", "look": "1"}, headers={"x-part": "yes"})
    assert MORE in part.text and "<html" not in part.text
    for grams in ("", "9999"):
        assert (await client.submit(path, {name: grams, "look": "1"})).status_code == 422
    assert (await na.now()).packed_at is None and (await Order.get(id=na.order.id)).more_dong == 0


async def test_the_seller_waives_it(na: Lot, client: Browser, clock: StoppedClock) -> None:
    sale = f"/sell/orders/{na.order.code}"
    assert (await client.submit(f"{sale}/difference/waiver")).status_code == 409
    await client.submit(f"{sale}/packing", {f"final_{na.line.id}": str(HEAVIER_G)})
    page = (await client.get(sale)).text
    assert "Chờ khách trả phần chênh" in page and MORE in page
    [row] = (await sellers_day((na.order.vendor_id,), now=clock.now())).to_pack
    assert row.difference is HeavyState.ASKED
    assert "Chờ khách trả phần chênh" in (await client.get("/sell")).text
    wrong = await client.submit(f"{sale}/packing", {f"final_{na.line.id}": str(HEAVIER_G - 50)})
    assert wrong.status_code == 422 and "Vẫn nặng hơn" in wrong.text
    assert (await client.submit(f"{sale}/difference/waiver")).status_code == 303
    assert (await na.row()).state is HeavyState.WAIVED and "Gói xong lúc" in (await client.get(sale)).text
    assert (await client.submit(f"{sale}/difference/money")).status_code == 409


async def test_the_seller_has_seen_the_money(na: Lot, client: Browser) -> None:
    sale = f"/sell/orders/{na.order.code}"
    await client.submit(f"{sale}/packing", {f"final_{na.line.id}": str(HEAVIER_G)})
    assert (await client.submit(f"{sale}/difference/money")).status_code == 303
    page = (await client.get(sale)).text
    assert (await na.row()).state is HeavyState.PAID and "Trả thêm vì nặng hơn" in page


async def test_the_buyer_pays_it_and_the_page_says_how_it_ended(
    clock: StoppedClock, client: Browser, sign_in_as: Any
) -> None:
    of = await lot(clock)
    await sign_in_as(client, HOA)
    await of.pack(HEAVIER_G)
    page, money = (await client.get(f"/orders/{of.order.code}")).text, await of.money()
    assert "Chờ bạn trả phần chênh" in page and money.code in page and money.account_number in page
    assert 'name="gate"' in page, "other ways to pay it"
    mark = (await client.get(f"/orders/{of.order.code}/state")).text
    begun = await client.submit(f"/orders/{of.order.code}/attempts", {"gate": "momo"})
    assert begun.status_code == 303, begun.text
    await of.told(21)
    paid = (await client.get(f"/orders/{of.order.code}")).text
    assert "bạn đã trả đủ phần chênh" in paid and "Trả thêm vì nặng hơn" in paid
    assert (await client.get(f"/orders/{of.order.code}/state")).text != mark
    for part in ("contract", "order.pdf"):
        assert (await client.get(f"/orders/{of.order.code}/{part}")).status_code == 200
    assert MORE in (await client.get(f"/orders/{of.order.code}/contract")).text


async def test_packed_down_and_run_out_are_told_to_the_buyer(
    clock: StoppedClock, client: Browser, sign_in_as: Any
) -> None:
    of = await lot(clock)
    await sign_in_as(client, HOA)
    await of.pack(HEAVIER_G)
    clock.forward(hours=40)
    await turn_differences(now=clock.now())
    assert "bạn đừng chuyển nữa" in (await client.get(f"/orders/{of.order.code}")).text
    await of.pack(PAID_G)
    assert "Không phải trả thêm" in (await client.get(f"/orders/{of.order.code}")).text


async def test_an_orders_page_stays_bounded(
    clock: StoppedClock, client: Browser, sign_in_as: Any, queries: Any
) -> None:
    of = await lot(clock)
    await of.pack(HEAVIER_G)
    await sign_in_as(client, HOA)
    with queries.at_most(26):
        await client.get(f"/orders/{of.order.code}")
