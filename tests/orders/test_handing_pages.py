"""The pages and the API of goods that are fetched or travel together: checkout, stall, desk, post office."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.roles import Role
from orders.handing_models import JointParcel, Spot
from orders.models import Order
from orders.services import Buyer, pack_order
from orders.services.handing.desk import bring
from orders.services.handing.ready import code_to_show
from orders.states import Handing, JointState, OrderState
from postal.models import Parcel
from postal.services import parcel
from postal.services.rounds import round_of
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.conftest import Browser, Queries
from tests.factories import HOA, LA_HIEN, SECRET, TUAN, carried, listing
from tests.orders.fetching import (
    HOURS,
    digits_of,
    lying_ready,
    market_with_desk,
    ordered,
    paid,
    point,
    seller_at,
)
from vendors.models import Vendor

pytestmark = pytest.mark.usefixtures("books")
ADDRESS = {
    "name": "Nguyễn Thị Hoa",
    "phone": "0912345678",
    "line": "Xóm Cây Bòng",
    "commune": "Xã La Hiên",
    "commune_code": LA_HIEN,
}
WRONG = "000001"


def hidden(page: str, name: str) -> str:
    """What stands in a hidden field."""
    found = re.findall(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return str(found[-1])


async def bought(client: Browser, *sellers: Vendor) -> None:
    """A packet of each seller lies in the browser's basket."""
    for seller in sellers:
        goods = await listing(seller, f"Chè của {seller.name}")
        assert (
            await client.submit("/basket/lines", {"listing": goods.code, "quantity": "1"})
        ).status_code == 303


# --- checkout ---


async def test_the_buyer_chooses_to_fetch_at_the_stall_without_script(client: Browser) -> None:
    seller = await seller_at(await market_with_desk(), "A12", "stall", "desk")
    await bought(client, seller)
    first = await client.submit("/checkout", {**ADDRESS, "step": "review"})
    assert "Nhận hàng cách nào" in first.text and "A12, Chợ Thái" in first.text and HOURS in first.text
    chosen = {**ADDRESS, f"way_{seller.id}": "stall"}
    page = (await client.submit("/checkout", {**chosen, "step": "review"})).text
    assert re.search(r'value="stall" checked', page) and "Không mất phí" in page
    sent = {**chosen, "order_key": hidden(page, "order_key"), "seen": hidden(page, "seen")}
    answer = await client.submit("/orders", sent)
    assert answer.status_code == 303
    order = await Order.get()
    assert (order.handing, order.delivery_dong) == (Handing.STALL, 0)
    shown = (await client.get(answer.headers["location"])).text
    assert "Đến lấy ở đâu" in shown and "A12, Chợ Thái" in shown


async def test_two_stalls_share_a_parcel_when_the_buyer_agrees(client: Browser) -> None:
    place = await market_with_desk()
    await bought(client, await seller_at(place, "A12"), await seller_at(place, "A13", name="Mật ong Hà"))
    page = (await client.submit("/checkout", {**ADDRESS, "step": "review"})).text
    assert "Gộp lại, bớt" in page and 'name="joint" value="1"' in page
    together = (await client.submit("/checkout", {**ADDRESS, "joint": "1", "step": "review"})).text
    assert "Gửi riêng từng sạp" in together and "đi chung một gói" in together
    sent = {
        **ADDRESS,
        "joint": "1",
        "order_key": hidden(together, "order_key"),
        "seen": hidden(together, "seen"),
    }
    alone = await client.submit("/orders", {**sent, "joint": ""})
    assert (alone.status_code == 409 and "Phí" in alone.text) or "phí giao vừa đổi" in alone.text
    assert (await client.submit("/orders", sent)).status_code == 303
    joint = await JointParcel.get()
    fees = await Order.all().values_list("delivery_dong", flat=True)
    assert sum(int(str(one)) for one in fees) == joint.fee_dong and joint.market_id == place.id
    order = await Order.first()
    assert order is not None
    shown = (await client.get(f"/orders/{order.code}")).text
    assert "Gộp chung một bưu gửi" in shown and "Mật ong Hà" in shown


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"map_point": "somewhere"}, "cần hai số"),
        ({"map_point": "48.85, 2.35"}, "không ở Việt Nam"),
        ({"map_point": "21.59"}, "cần hai số"),
        ({"digital_address": "x" * 65}, "Nhiều nhất 64"),
    ],
)
async def test_a_door_that_cannot_be_is_said_at_its_place(
    typed: dict[str, str], sentence: str, client: Browser
) -> None:
    await bought(client, await seller_at(await market_with_desk()))
    answer = await client.submit("/checkout", {**ADDRESS, **typed, "step": "review"})
    assert answer.status_code == 422 and sentence in answer.text
    assert not await Order.exists()


async def test_the_carrier_is_led_to_the_very_door(
    client: Browser, clock: StoppedClock, run_jobs: Callable[[], Any], sign_in_as: Callable[..., Any],
    browser: Callable[[], Browser],
) -> None:  # fmt: skip
    await bought(client, await seller_at(await market_with_desk()))
    where = {**ADDRESS, "digital_address": "7JQ5+M4 La Hiên", "map_point": "21.71234, 105.90001"}
    page = (await client.submit("/checkout", {**where, "step": "review"})).text
    assert "7JQ5+M4 La Hiên" in page
    sent = {**where, "order_key": hidden(page, "order_key"), "seen": hidden(page, "seen")}
    assert (await client.submit("/orders", sent)).status_code == 303
    spot = await Spot.get()
    assert (spot.digital_address, spot.latitude, spot.longitude) == ("7JQ5+M4 La Hiên", 21.71234, 105.90001)
    await paid(await Order.get(), now=clock.now())
    await run_jobs()
    row = await Parcel.get()
    async with browser() as post:
        carrier = await sign_in_as(post, TUAN, Role.CARRIER)
        await carried(row.code or "", Act.ACCEPT, Act.TAKE_OUT, person_id=carrier.id, now=clock.now())
        shown = (await post.get(f"/post/parcels/{row.code}")).text
        assert "7JQ5+M4 La Hiên" in shown and "geo:21.712340,105.900010" in shown
        [stop] = (await post.get("/post/round/stops")).json()["stops"]
        assert stop["map"].startswith("geo:21.712340") and "7JQ5+M4" in stop["line"]
        [at] = (await round_of(carrier.id, now=clock.now())).stops
        assert (at.latitude, at.longitude) == (21.71234, 105.90001)
        [told] = (await post.get("/api/v1/post/deliveries")).json()["items"]
        assert (told["digital_address"], told["latitude"]) == ("7JQ5+M4 La Hiên", 21.71234)


# --- the seller's pages ---


async def test_a_seller_says_where_buyers_may_fetch(client: Browser, sign_in_as: Callable[..., Any]) -> None:
    seller = await seller_at(await market_with_desk())
    await sign_in_as(client, TUAN, (Role.VENDOR, str(seller.id)))
    page = (await client.get("/sell/fetching/settings")).text
    assert "Sạp A12, Chợ Thái" in page and "Bàn giữ hàng của chợ" in page
    wrong = await client.submit("/sell/fetching/settings", {"fetch_at": "stall", "hours": ""})
    assert wrong.status_code == 422 and "Ghi giờ có người ở sạp" in wrong.text
    said = {"fetch_at": ["stall", "point"], "hours": HOURS}
    assert (await client.submit("/sell/fetching/settings", said)).status_code == 303
    await seller.refresh_from_db()
    assert (seller.fetch_at, seller.fetch_hours) == (["stall", "point"], HOURS)
    assert "Đã lưu" in (await client.get("/sell/fetching/settings?saved=1")).text


async def test_the_stall_gives_out_by_code(
    client: Browser, hoa: Buyer, clock: StoppedClock, sign_in_as: Callable[..., Any], queries: Queries
) -> None:
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    order = await lying_ready(hoa, seller, now=clock.now())
    await sign_in_as(client, TUAN, (Role.VENDOR, str(seller.id)))
    with queries.at_most(7):
        page = (await client.get("/sell/fetching")).text
    assert order.code in page and "Giữ đến" in page and digits_of(order) not in page
    sale = (await client.get(f"/sell/orders/{order.code}")).text
    assert "Trao hàng cho khách" in sale and digits_of(order) not in sale
    for typed, words in (("", "Quét mã QR"), ("12", "6 chữ số"), (WRONG, "chữ số"), ("\x00" * 9, "chữ số")):
        wrong = await client.submit("/sell/fetching", {"code": typed})
        assert wrong.status_code == 422 and words in wrong.text
    right = await client.submit("/sell/fetching", {"code": f"{order.code}-{digits_of(order)}"})
    assert right.headers["location"] == f"/sell/fetching?given={order.code}"
    assert (await Order.get(id=order.id)).state is OrderState.DELIVERED
    assert f"Đã trao đơn {order.code}" in (await client.get(right.headers["location"])).text
    again = await client.submit("/sell/fetching", {"code": digits_of(order)})
    assert again.status_code == 422 and "Không có gói nào" in again.text


async def test_codes_are_not_to_be_guessed(client: Browser, sign_in_as: Callable[..., Any]) -> None:
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    await sign_in_as(client, TUAN, (Role.VENDOR, str(seller.id)))
    for _ in range(60):
        answer = await client.submit("/sell/fetching", {"code": WRONG})
    assert answer.status_code == 422
    assert (await client.submit("/sell/fetching", {"code": WRONG})).status_code == 429


async def test_the_buyer_alone_sees_the_code(
    client: Browser, browser: Callable[[], Browser], clock: StoppedClock, sign_in_as: Callable[..., Any]
) -> None:
    who = await sign_in_as(client, HOA)
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    order = await lying_ready(Buyer(who.id, "d" * 22), seller, now=clock.now())
    page = (await client.get(f"/orders/{order.code}")).text
    assert digits_of(order) in page and "<svg" in page and "Giữ cho bạn đến hết ngày" in page
    async with browser() as other:
        await sign_in_as(other, TUAN, (Role.VENDOR, str(seller.id)))
        assert digits_of(order) not in (await other.get(f"/orders/{order.code}")).text


async def test_the_seller_ends_what_nobody_fetched(
    client: Browser, browser: Callable[[], Browser], hoa: Buyer, clock: StoppedClock,
    sign_in_as: Callable[..., Any],
) -> None:  # fmt: skip
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    order = await lying_ready(hoa, seller, now=clock.now())
    await sign_in_as(client, TUAN, (Role.VENDOR, str(seller.id)))
    assert (await client.submit(f"/sell/orders/{order.code}/unfetched")).status_code == 409
    clock.forward(days=4)
    await sign_in_as(client, TUAN)
    assert "Kết thúc và hoàn tiền" in (await client.get(f"/sell/orders/{order.code}")).text
    async with browser() as stranger:
        await sign_in_as(stranger, HOA, (Role.VENDOR, str(seller.id + 1)))
        assert (await stranger.submit(f"/sell/orders/{order.code}/unfetched")).status_code == 404
    assert (await client.submit(f"/sell/orders/{order.code}/unfetched")).status_code == 303
    assert "tiền hoàn lại cho khách" in (await client.get(f"/sell/orders/{order.code}")).text


# --- the market's desk ---


async def test_the_desk_of_another_market_is_not_there(
    client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    place, other = await market_with_desk(), await market_with_desk("cho-khac")
    await sign_in_as(client, TUAN, (Role.BOARD, str(place.id)))
    assert (await client.get(f"/board/markets/{place.slug}/desk")).status_code == 200
    assert (await client.get(f"/board/markets/{other.slug}/desk")).status_code == 404
    for path, values in (("fetched", {"code": WRONG}), ("brought", {"order": "X"})):
        assert (await client.submit(f"/board/markets/{other.slug}/desk/{path}", values)).status_code == 404


async def test_the_desk_takes_in_and_gives_out_by_code(
    client: Browser, hoa: Buyer, clock: StoppedClock, sign_in_as: Callable[..., Any], queries: Queries
) -> None:
    place = await market_with_desk()
    seller = await seller_at(place, "A12", "desk")
    [order] = await ordered(hoa, seller, way=f"desk.{place.id}", now=clock.now())
    await paid(order, now=clock.now())
    await pack_order(order.id, person_id=1, now=clock.now())
    await sign_in_as(client, TUAN, (Role.BOARD, str(place.id)))
    desk = f"/board/markets/{place.slug}/desk"
    for typed, words in (("", "Quét hoặc gõ mã đơn"), ("D123", "Không có đơn nào")):
        wrong = await client.submit(f"{desk}/brought", {"order": typed})
        assert wrong.status_code == 422 and words in wrong.text
    brought = await client.submit(f"{desk}/brought", {"order": order.code})
    assert (
        brought.status_code == 303 and "Bàn đã nhận" in (await client.get(brought.headers["location"])).text
    )
    with queries.at_most(10):
        assert order.code in (await client.get(desk)).text
    wrong = await client.submit(f"{desk}/fetched", {"code": f"{order.code} {WRONG}"})
    assert wrong.status_code == 422
    assert (await client.submit(f"{desk}/fetched", {"code": digits_of(order)})).status_code == 303
    assert (await Order.get(id=order.id)).state is OrderState.DELIVERED


async def test_the_desk_packs_what_has_come_and_prints_its_label(
    client: Browser, hoa: Buyer, clock: StoppedClock, sign_in_as: Callable[..., Any],
    run_jobs: Callable[[], Any],
) -> None:  # fmt: skip
    place = await market_with_desk()
    sellers = await seller_at(place, "A12"), await seller_at(place, "A13", name="Mật ong Hà")
    orders = await ordered(hoa, *sellers, is_joint=True, now=clock.now())
    for number, order in enumerate(orders, 1):
        await paid(order, number, now=clock.now())
        await pack_order(order.id, person_id=1, now=clock.now())
    await bring(orders[0].code, place.id, person_id=5, now=clock.now())
    await sign_in_as(client, TUAN, (Role.BOARD, str(place.id)))
    joint, desk = await JointParcel.get(), f"/board/markets/{place.slug}/desk"
    page = (await client.get(desk)).text
    assert "Gửi luôn, không chờ" in page and "Gói xong, chưa mang đến" in page
    assert (await client.get(f"{desk}/joints/{joint.id}/label.pdf")).status_code == 404
    assert (await client.submit(f"{desk}/joints/{joint.id}/packing")).status_code == 409
    assert (await client.submit(f"{desk}/joints/{joint.id}/waiting")).status_code == 303
    await client.submit(f"{desk}/brought", {"order": orders[1].code})
    assert "Đóng gói, gửi đi" in (await client.get(desk)).text
    assert (await client.submit(f"{desk}/joints/{joint.id}/packing")).status_code == 303
    await run_jobs()
    label = await client.get(f"{desk}/joints/{joint.id}/label.pdf")
    assert label.headers["content-type"] == "application/pdf" and label.content.startswith(b"%PDF")
    await joint.refresh_from_db()
    assert joint.state is JointState.PACKED and joint.parcel_code in (await client.get(desk)).text
    public = await client.get(f"/parcels/{joint.parcel_code}")
    assert public.status_code == 200
    seller = (await Order.get(id=orders[0].id)).vendor_id
    await sign_in_as(client, HOA, (Role.VENDOR, str(seller)))
    sale = (await client.get(f"/sell/orders/{orders[0].code}")).text
    assert "Mang hàng ra bàn của chợ" in sale and joint.parcel_code in sale


# --- the post office ---


async def test_the_post_office_gives_out_by_code_and_sends_back_what_lies_too_long(
    client: Browser, hoa: Buyer, clock: StoppedClock, sign_in_as: Callable[..., Any],
    run_jobs: Callable[[], Any], queries: Queries,
) -> None:  # fmt: skip
    office = await point()
    seller = await seller_at(await market_with_desk(), "A12", "point")
    clerk = await sign_in_as(client, TUAN, Role.CLERK)
    codes = []
    for number in (1, 2):
        [order] = await ordered(
            Buyer(None, str(number) * 22), seller, way=f"point.{office.id}", now=clock.now()
        )
        await paid(order, number, now=clock.now())
        await run_jobs()
        code = (await Order.get(id=order.id)).parcel_code
        await carried(code, Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, person_id=clerk.id, now=clock.now())
        codes.append(code)
    await run_jobs()
    with queries.at_most(6):
        page = (await client.get("/post/kept")).text
    assert "Bưu cục La Hiên (2)" in page and all(code in page for code in codes)
    assert {one["code"] for one in (await client.get("/api/v1/post/kept")).json()["items"]} == set(codes)
    work = (await client.get(f"/post/parcels/{codes[0]}")).text
    assert "Mang đi giao" not in work and "/door?act=deliver" in work
    public = (await client.get(f"/parcels/{codes[0]}")).text
    assert "Giữ ở Bưu cục La Hiên đến hết ngày" in public
    order = await Order.get(parcel_code=codes[0])
    digits = code_to_show(order, SECRET)
    for shown in ("", WRONG, "12", f"{codes[1]} {digits}", "no code at all"):
        wrong = await client.submit("/post/kept", {"shown": shown, "event_key": "kept:00000001"})
        assert wrong.status_code == 422
    said = {"shown": f"{codes[0]}-{digits}", "event_key": "kept:00000002"}
    assert (await client.submit("/post/kept", said)).headers["location"] == f"/post/kept?given={codes[0]}"
    other = code_to_show(await Order.get(parcel_code=codes[1]), SECRET)
    assert (await parcel(codes[0])).state is ParcelState.DELIVERED and other
    clock.forward(days=6)
    await sign_in_as(client, TUAN)
    late = (await client.get("/post/kept")).text
    assert "Quá hạn giữ" in late
    back = {"act": "send_back", "event_key": "kept:00000003", "back_to": "kept"}
    sent = await client.submit(f"/post/parcels/{codes[1]}/acts", back)
    assert sent.headers["location"] == "/post/kept"
    assert (await parcel(codes[1])).state is ParcelState.RETURNING


# --- programs ---


async def test_programs_choose_read_and_follow(client: Browser, clock: StoppedClock) -> None:
    place = await market_with_desk()
    sellers = await seller_at(place, "A12", "stall"), await seller_at(place, "A13", name="Mật ong Hà")
    await bought(client, *sellers)
    asked = {"commune_code": LA_HIEN}
    review = (await client.get("/api/v1/checkout", params=asked)).json()
    stall = next(one for one in review["offers"][0]["ways"] if one["handing"] == "stall")
    assert (stall["place"], stall["hours"], stall["price_dong"]) == ("A12, Chợ Thái", HOURS, 0)
    [joint] = review["joints"]
    assert joint["vendor_ids"] == [one.id for one in sellers] and not joint["is_agreed"]
    together = (await client.get("/api/v1/checkout", params={**asked, "joint": "1"})).json()
    assert together["delivery_dong"] == joint["fee_dong"] and together["joints"][0]["is_agreed"]
    ways = f"{sellers[0].id}=stall"
    there = (await client.get("/api/v1/checkout", params={**asked, "ways": ways})).json()
    assert there["joints"] == []
