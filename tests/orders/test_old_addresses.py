"""An address given in three levels: asked about, ordered, kept beside the new one, known to the post."""

import pytest

from kit.clock import StoppedClock
from kit.parts import Parts
from orders import tasks
from orders.models import Order
from postal.services import parcel
from tests.conftest import Browser
from tests.factories import GIA_SANG, GIA_SANG_OLD, PHAN_DINH_PHUNG, listing, old_units, pay_order
from tests.orders.test_pages import ADDRESS, hidden

pytestmark = pytest.mark.usefixtures("books")
TYPED = "Gia Sàng, TP Thái Nguyên"
CHOSEN = f"{PHAN_DINH_PHUNG}.{GIA_SANG_OLD}"
OLD_PLACE = "Phường Gia Sàng, Thành phố Thái Nguyên, Thái Nguyên"


async def test_the_buyer_is_asked_chooses_and_both_names_go_to_the_door(
    client: Browser, clock: StoppedClock, parts: Parts
) -> None:
    await old_units(GIA_SANG_OLD)
    await client.submit("/basket/lines", {"listing": (await listing()).code})
    typed = {**ADDRESS, "commune": TYPED, "commune_code": ""}
    asked = await client.submit("/checkout", typed)
    assert asked.status_code == 422 and "nay thuộc nhiều xã, phường" in asked.text
    for code in (GIA_SANG, PHAN_DINH_PHUNG):
        assert f'name="commune_code" value="{code}.{GIA_SANG_OLD}"' in asked.text
    read = await client.submit("/checkout", {**typed, "commune_asked": TYPED, "commune_code": CHOSEN})
    assert f"Phường Phan Đình Phùng, Thái Nguyên ({OLD_PLACE})" in read.text
    sent = {
        name: hidden(read.text, name) for name in ("commune", "commune_code", "order_key", "seen", "phone")
    }
    assert sent["commune_code"] == CHOSEN
    placed = await client.submit("/orders", {**ADDRESS, **sent})
    assert placed.status_code == 303
    order = await Order.get()
    assert (order.commune_code, order.old_commune_code, order.old_place) == (
        PHAN_DINH_PHUNG,
        GIA_SANG_OLD,
        OLD_PLACE,
    )
    for page in (f"/orders/{order.code}", f"/orders/{order.code}/contract"):
        shown = (await client.get(page)).text
        assert "Phường Phan Đình Phùng, Thái Nguyên" in shown and f"Tên cũ: {OLD_PLACE}" in shown
    await pay_order(order, now=clock.now())
    await tasks.book_parcel(parts, [order.id])
    made = await parcel((await Order.get()).parcel_code)
    assert (made.recipient.commune_code, made.recipient.old_place) == (PHAN_DINH_PHUNG, OLD_PLACE)
    assert (made.recipient.old_commune_code, made.sender.old_place) == (GIA_SANG_OLD, "")


async def test_an_address_in_force_has_no_old_name(client: Browser) -> None:
    await client.submit("/basket/lines", {"listing": (await listing()).code})
    read = await client.submit("/checkout", ADDRESS)
    sent = {name: hidden(read.text, name) for name in ("order_key", "seen")}
    assert (await client.submit("/orders", {**ADDRESS, **sent})).status_code == 303
    order = await Order.get()
    assert (order.old_commune_code, order.old_place) == ("", "")
    assert "Tên cũ" not in (await client.get(f"/orders/{order.code}")).text
