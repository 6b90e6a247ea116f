"""Pages and programs of orders that are paid at the door: the checkout, the order, the seller's page, the round."""

import re
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.parts import Parts
from kit.roles import Role
from orders.models import Order
from orders.services import pack_order
from orders.services.door.offering import takes_at_door
from orders.states import OrderState
from tests.conftest import Browser, Queries
from tests.doors import PACKER, Doors, doors
from tests.factories import LA_HIEN, listing

pytestmark = pytest.mark.usefixtures("books")
TO = {
    "name": "Nguyễn Thị Hoa",
    "phone": "0987654321",
    "line": "Xóm Cây Bòng",
    "commune": "La Hiên",
    "commune_code": LA_HIEN,
}


@pytest.fixture
async def stall(books: None, parts: Parts, clock: StoppedClock) -> Doors:
    """A seller who takes orders that are paid at the door."""
    return await doors(parts, clock)


async def reviewed(client: Browser, stall: Doors) -> Any:
    """The whole order to read, with goods in the basket."""
    await client.submit("/basket/lines", {"listing": stall.goods.code, "quantity": "1"})
    return await client.submit("/checkout", TO)


def hidden(page: Any, name: str) -> str:
    """A hidden field's value."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return found[1]


async def test_the_buyer_chooses_without_script(client: Browser, stall: Doors) -> None:
    """One choice for each seller; the order's page says in big digits what to have ready."""
    page = await reviewed(client, stall)
    field = f"pay_{stall.seller.id}"
    assert page.text.count(f'name="{field}"') == 2 and "Trả khi nhận hàng" in page.text
    sent = {**TO, "order_key": hidden(page, "order_key"), "seen": hidden(page, "seen"), field: "door"}
    answer = await client.submit("/orders", sent)
    order = await Order.get()
    assert answer.status_code == 303 and order.state is OrderState.CONFIRMED
    shown = await client.get(answer.headers["location"])
    assert "Trả khi nhận hàng" in shown.text and "Khi bưu tá đến, bạn trả" in shown.text
    assert "Muốn trả trước bằng mã QR?" in shown.text and "Hủy đơn này" in shown.text
    assert (await client.submit(f"/orders/{order.code}/cancellation", {})).status_code == 303
    assert "không phải trả gì" in (await client.get(f"/orders/{order.code}")).text


async def test_a_seller_who_does_not_offer_it_is_not_asked(client: Browser, stall: Doors) -> None:
    """Forced all the same, it is refused with a sentence and nothing is placed."""
    wine = await listing(stall.seller, name="Rượu men lá", kind="wine", is_adult_only=True)
    await client.submit("/basket/lines", {"listing": wine.code, "quantity": "1"})
    page = await client.submit("/checkout", {**TO, "is_adult": "1"})
    assert "Trả khi nhận hàng" not in page.text and "không trả khi nhận được" in page.text
    sent = {**TO, "is_adult": "1", "order_key": hidden(page, "order_key"), "seen": hidden(page, "seen")}
    refused = await client.submit("/orders", {**sent, f"pay_{stall.seller.id}": "door"})
    assert refused.status_code == 409 and "có rượu" in refused.text
    assert not await Order.exists()


async def test_the_seller_switches_it_on_and_sees_where_the_money_is(
    client: Browser, stall: Doors, sign_in_as: Any, queries: Queries
) -> None:
    """Off, on, and a page of bounded queries."""
    await sign_in_as(client, "0912000111", (Role.VENDOR, str(stall.seller.id)))
    await client.submit("/sell/collections", {})
    assert not await takes_at_door(stall.seller.id)
    assert "Bật trả khi nhận hàng" in (await client.get("/sell/collections")).text
    await client.submit("/sell/collections", {"is_on": "1"})
    order = await stall.packed()
    with queries.at_most(12):
        page = await client.get("/sell/collections")
    assert order.code in page.text and "Chờ thu" in page.text and "chờ thu, 1 đơn" in page.text
    assert "Trả khi nhận, gói trước" not in (await client.get("/sell")).text
    await stall.placed(device="e" * 22)
    assert "Trả khi nhận, gói trước" in (await client.get("/sell")).text
    told = (await client.get("/api/v1/collections")).json()
    assert [one["money"] for one in told["items"]] == ["expected"], told
    off = await client.post("/api/v1/door-offer", json={"is_on": False}, headers=await bearer(client))
    assert off.json() == {"is_on": False}
    assert (await client.get("/api/v1/door-offer")).json() == {"is_on": False}


async def bearer(client: Browser) -> dict[str, str]:
    """The form token that a signed-in browser's own programs send."""
    return {"x-csrf-token": await client.token()}


async def test_goods_that_weighed_less_are_asked_less_at_the_door(
    books: None, parts: Parts, clock: StoppedClock
) -> None:
    """Sold by weight: the parcel collects what it came to, and the payment asks no more."""
    chicken = {"price_dong": 270_000, "price_per_kg_dong": 150_000, "portion_g": 1_800, "band_percent": 10}
    stall = await doors(parts, clock, name="Gà đồi", **chicken)
    order = await stall.placed()
    line = await order.lines.all().first()
    assert line
    await pack_order(order.id, person_id=PACKER, now=stall.clock.now(), weights_g={line.id: 1_700})
    await stall.works()
    after, sent = await stall.now(order), await stall.parcel(order)
    assert order.total_dong - after.total_dong == 15_000
    assert sent.cod_dong == after.total_dong == (await stall.money(order)).asked_dong
    assert after.give_back_dong == 0


async def test_a_program_orders_to_be_paid_at_the_door(client: Browser, stall: Doors) -> None:
    """The review says for whom it may be; `at_door` names them."""
    await client.submit("/basket/lines", {"listing": stall.goods.code, "quantity": "1"})
    review = (await client.get(f"/api/v1/checkout?commune_code={LA_HIEN}")).json()
    assert review["offers"][0]["can_be_paid_at_door"] is True
    sent = {**TO, "seen": review["seen"], "at_door": f"{stall.seller.id}, x"}
    headers = {"idempotency-key": "door-order-1", **await bearer(client)}
    placed = await client.post("/api/v1/orders", json=sent, headers=headers)
    assert placed.status_code == 201, placed.text
    told = (await client.get(f"/api/v1/orders/{placed.json()['codes'][0]}")).json()
    assert (told["state"], told["pays_on_delivery"], told["payment"]) == ("confirmed", True, None)
    assert placed.json()["orders"][0]["payment"] is None


async def test_the_round_shows_the_sum_and_takes_it(client: Browser, stall: Doors, sign_in_as: Any) -> None:
    """The stop says what to take; the form without script asks for it; told without it is refused."""
    person = await sign_in_as(client, "0912000222", Role.CARRIER)
    order = await stall.out(person.id)
    [stop] = (await client.get("/post/round/stops")).json()["stops"]
    assert stop["cash_dong"] == order.total_dong and stop["cash"]
    door = await client.get(f"/post/parcels/{order.parcel_code}/door?act=deliver")
    assert "Đã thu đủ" in door.text and f'value="{order.total_dong}"' in door.text
    moved = await client.submit(
        f"/post/parcels/{order.parcel_code}/acts", {"act": "deliver", "event_key": "desk-deliver"}
    )
    assert moved.status_code == 303 and "/door?act=deliver" in moved.headers["location"]
