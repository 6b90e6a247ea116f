"""Who fetches everything is asked for a name and a phone alone: guests, people, programs; papers show no address."""

from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Refusal
from orders.models import Order
from orders.services import Buyer, Courier, basket_of, last_address, put_in_basket, review_basket
from orders.services.handing.all_fetched import fetched_in
from orders.services.paper import buyer_lines
from orders.states import Handing
from tests.conftest import Browser
from tests.factories import HOA, LA_HIEN, listing
from tests.orders.fetching import market_with_desk, ordered, seller_at

pytestmark = pytest.mark.usefixtures("books")
WHO = {"name": "Nguyễn Thị Hoa", "phone": "0912345678", "fetch": "1"}


async def test_only_when_every_seller_lets_it_be_fetched_and_no_alcohol_is_in_it(hoa: Buyer) -> None:
    place = await market_with_desk()
    tea = await listing(await seller_at(place, "A12", "stall"))
    honey = await listing(await seller_at(place, "B1", "desk", name="Mật ong Hà"), "Mật ong")
    far = await listing(await seller_at(place, "C1", "point", name="Cô Xa"), "Miến dong")
    await put_in_basket(hoa.owner, tea.code, 1)
    await put_in_basket(hoa.owner, honey.code, 1)
    assert await fetched_in(await basket_of(hoa.owner))
    spirit = await listing(await tea.vendor, "Rượu nếp", is_adult_only=True)
    await put_in_basket(hoa.owner, spirit.code, 1)
    assert not await fetched_in(await basket_of(hoa.owner))
    other = Buyer(None, "e" * 22)
    await put_in_basket(other.owner, tea.code, 1)
    await put_in_basket(other.owner, far.code, 1)
    assert not await fetched_in(await basket_of(other.owner))


async def test_stalls_and_desks_alone_are_offered(hoa: Buyer, clock: StoppedClock) -> None:
    place = await market_with_desk()
    seller = await seller_at(place, "A12", "stall", "desk", "point")
    await put_in_basket(hoa.owner, (await listing(seller)).code, 1)
    courier = Courier(clock.now(), is_fetched=True)
    [offer] = (await review_basket(hoa.owner, LA_HIEN, courier)).offers
    assert [one.handing for one in offer.ways] == [Handing.STALL, Handing.DESK]
    assert offer.delivery_dong == 0
    far = await seller_at(place, "C1", "point", name="Cô Xa")
    await put_in_basket(hoa.owner, (await listing(far, "Miến dong")).code, 1)
    with pytest.raises(Refusal, match="Cô Xa"):
        await review_basket(hoa.owner, LA_HIEN, courier)


async def test_a_guest_orders_with_name_and_phone(client: Browser, clock: StoppedClock) -> None:
    """Two steps and no address field; nothing of an address is in the order, its page or its contract."""
    seller = await seller_at(await market_with_desk(), "A12", "stall", "desk")
    tea = await listing(seller)
    await client.submit("/basket/lines", {"listing": tea.code, "quantity": "1"})
    door = (await client.get("/checkout")).text
    assert "Tôi đến lấy hết" in door and 'name="line"' in door
    page = (await client.get("/checkout?fetch=1")).text
    assert 'name="line"' not in page and 'name="commune"' not in page and "Ai đến lấy?" in page
    assert (await client.submit("/checkout", {**WHO, "name": ""})).status_code == 422
    review = (await client.submit("/checkout", WHO)).text
    assert "Người đến lấy" in review and "Không mất phí" in review
    placed = await client.submit("/orders", {**WHO, **_seen(review), f"way_{seller.id}": "stall"})
    assert placed.status_code == 303, placed.text
    order = await Order.get()
    assert (order.handing, order.recipient_line, order.delivery_dong) == (Handing.STALL, "", 0)
    assert order.recipient_address == ""
    shown = (await client.get(f"/orders/{order.code}")).text
    assert "Nguyễn Thị Hoa" in shown
    assert [one for one in buyer_lines(order) if one] == ["Nguyễn Thị Hoa", "Điện thoại 0912 345 678"]


async def test_without_fetching_a_line_is_wanted_as_before(client: Browser) -> None:
    tea = await listing(await seller_at(await market_with_desk(), "A12", "point"))
    await client.submit("/basket/lines", {"listing": tea.code, "quantity": "1"})
    assert "Tôi đến lấy hết" not in (await client.get("/checkout")).text
    assert 'name="line"' in (await client.get("/checkout?fetch=1")).text
    refused = await client.submit("/checkout", WHO)
    assert refused.status_code == 422 and "không cho đến lấy" in refused.text
    missing = await client.submit("/checkout", {**WHO, "fetch": "", "commune_code": LA_HIEN})
    assert missing.status_code == 422 and "Cần số nhà" in missing.text


async def test_the_last_address_is_the_last_that_was_said(hoa: Buyer, clock: StoppedClock) -> None:
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    [order] = await ordered(hoa, seller, way="stall", now=clock.now())
    await Order.filter(id=order.id).update(person_id=7)
    known = await last_address(7)
    assert known and known.line
    await Order.filter(id=order.id).update(recipient_line="")
    assert await last_address(7) is None


async def test_a_program_orders_without_an_address(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    """orders:api_review_show and orders:api_order_create with `fetch`."""
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    tea = await listing(seller)
    await sign_in_as(client, HOA)
    token = {"x-csrf-token": await client.token()}

    async def act(path: str, sent: Any, key: str) -> Any:
        return await client.post(f"/api/v1{path}", json=sent, headers={**token, "idempotency-key": key})

    assert (await act("/basket/lines", {"listing": tea.code, "quantity": 1}, "line-0001")).status_code == 201
    review = (await client.get("/api/v1/checkout?fetch=1")).json()
    assert [one["way"] for one in review["offers"][0]["ways"]] == ["stall"]
    sent = {"name": "Hoa", "phone": "0912345678", "fetch": True, "seen": review["seen"]}
    made = await act("/orders", sent, "order-0001")
    assert made.status_code == 201, made.text
    assert (await Order.get()).recipient_address == ""
    await seller.__class__.filter(id=seller.id).update(fetch_at=[])
    assert (await act("/basket/lines", {"listing": tea.code, "quantity": 1}, "line-0002")).status_code == 201
    refused = await client.get("/api/v1/checkout?fetch=1")
    assert refused.status_code == 422 and list(refused.json()["errors"]) == ["fetch"]
    assert (await act("/orders", sent, "order-0002")).status_code == 422


def _seen(page: str) -> dict[str, str]:
    """What the review carries of what was read."""
    found = {}
    for name in ("order_key", "seen"):
        found[name] = page.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]
    return found
