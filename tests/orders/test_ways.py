"""Ways to bring an order side by side: the seller's choice, the buyer's, and what is too slow for goods that spoil."""

from collections.abc import Callable
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict, Refusal
from kit.money import show_weight
from kit.parts import Parts
from kit.roles import Role
from kit.units import commune
from orders import tasks
from orders.forms import read_ways, ways_in
from orders.fresh import days_for
from orders.models import Order
from orders.services import Buyer, Courier, Wish, place_orders, put_in_basket, review_basket
from orders.services.delivery import estimate, goods_to_bring
from postal.gates.register import Carriers
from postal.models import CarrierQuote, Parcel, SenderCarrier, TwinParcel
from postal.services.areas import sync_areas
from postal.services.sending import choose_carriers
from postal.states import BookingState
from tests.conftest import Browser
from tests.factories import LA_HIEN, listing, pay_order, to_la_hien, vendor

pytestmark = pytest.mark.usefixtures("books")
BUYER = Buyer(None, "d" * 22)
ADDRESS = {
    "name": "Nguyễn Thị Hoa",
    "phone": "0912345678",
    "line": "Xóm Cây Bòng",
    "commune": "Xã La Hiên",
    "commune_code": LA_HIEN,
}


async def offering(parts: Parts, clock: StoppedClock, *carriers: str, **goods: Any) -> Any:
    """A seller whose buyers may choose these carriers, the first the default; one packet lies in the basket."""
    seller = await vendor()
    await sync_areas(parts[Carriers], now=clock.now())
    await choose_carriers(seller.id, carriers, carriers[0], parts[Carriers].by_code, person_id=1)
    await put_in_basket(BUYER.owner, (await listing(seller, **goods)).code, 1)
    return seller


async def test_without_a_choice_the_own_staff_brings_it_and_nobody_is_asked(
    parts: Parts, clock: StoppedClock
) -> None:
    await put_in_basket(BUYER.owner, (await listing()).code, 1)
    review = await review_basket(BUYER.owner, LA_HIEN, Courier(clock.now(), parts[Carriers]))
    assert [way.key for way in review.offers[0].ways] == ["staff"]
    assert review == await review_basket(BUYER.owner, LA_HIEN) and not await CarrierQuote.exists()


async def test_offers_stand_side_by_side_the_sellers_default_first(parts: Parts, clock: StoppedClock) -> None:
    await offering(parts, clock, "ghn", "staff", "viettel_post", "vnpost", "ghtk")
    review = await review_basket(BUYER.owner, LA_HIEN, Courier(clock.now(), parts[Carriers]))
    [offer] = review.offers
    assert offer.way.carrier == "ghn" and offer.ways[0] == offer.way
    assert {way.carrier for way in offer.ways} == {"ghn", "staff", "viettel_post", "vnpost", "ghtk"}
    prices = [way.price_dong for way in offer.ways[1:]]
    assert prices == sorted(prices) and review.delivery_dong == offer.way.price_dong


async def test_the_order_goes_by_the_way_and_for_the_fee_that_was_read(
    parts: Parts, clock: StoppedClock
) -> None:
    seller, now = await offering(parts, clock, "ghn", "vnpost"), clock.now()
    first = await review_basket(BUYER.owner, LA_HIEN, Courier(now, parts[Carriers]))
    other = next(way for way in first.offers[0].ways if way.key == "vnpost.CTN007")
    ways = {seller.id: other.key}
    review = await review_basket(BUYER.owner, LA_HIEN, Courier(now, None, ways))
    assert review.delivery_dong == other.price_dong and review.seen != first.seen
    with pytest.raises(Conflict):
        wish = Wish("G23456789", first.seen, False, ways)
        await place_orders(BUYER, await to_la_hien(), wish, now=now, payment_minutes=15)
    wish = Wish("G23456789", review.seen, False, ways)
    [code] = await place_orders(BUYER, await to_la_hien(), wish, now=now, payment_minutes=15)
    order = await Order.get(code=code)
    assert (order.carrier, order.carrier_service, order.delivery_dong) == (
        "vnpost",
        "CTN007",
        other.price_dong,
    )
    await pay_order(order, now=now)
    assert not await tasks.book_parcel(parts, [order.id])
    parcel = await Parcel.get(reference=f"order:{order.id}")
    assert (parcel.carrier, parcel.booking, parcel.vendor_id) == ("vnpost", BookingState.WAITING, seller.id)
    assert parcel.promised_days == order.delivery_days == other.days_max


async def test_a_paid_order_gets_one_parcel_at_its_carrier(
    parts: Parts, clock: StoppedClock, run_jobs: Callable[[], Any]
) -> None:
    await offering(parts, clock, "ghn")
    review = await review_basket(BUYER.owner, LA_HIEN, Courier(clock.now(), parts[Carriers]))
    wish = Wish("G23456789", review.seen, False)
    [code] = await place_orders(BUYER, await to_la_hien(), wish, now=clock.now(), payment_minutes=15)
    await pay_order(await Order.get(code=code), now=clock.now())
    await run_jobs()
    order, row = await Order.get(code=code), await TwinParcel.get()
    assert row.reference == order.parcel_code and row.asked["service_type_id"] == "2"


async def test_prices_that_are_an_hour_old_are_read_again(parts: Parts, clock: StoppedClock) -> None:
    await offering(parts, clock, "ghn", "staff")
    review = await review_basket(BUYER.owner, LA_HIEN, Courier(clock.now(), parts[Carriers]))
    clock.forward(hours=2)
    with pytest.raises(Conflict):
        wish = Wish("G23456789", review.seen, False)
        await place_orders(BUYER, await to_la_hien(), wish, now=clock.now(), payment_minutes=15)


async def test_a_carrier_that_is_away_is_simply_not_offered(parts: Parts, clock: StoppedClock) -> None:
    await offering(parts, clock, "ghtk", "staff", weight_g=1503 - 1503 % 50 + 3)
    await CarrierQuote.all().delete()
    await SenderCarrier.filter(carrier="ghtk").update(carrier="gone")
    review = await review_basket(BUYER.owner, LA_HIEN, Courier(clock.now(), parts[Carriers]))
    assert [way.carrier for way in review.offers[0].ways] == ["staff"]


async def test_goods_that_spoil_go_no_slow_way(parts: Parts, clock: StoppedClock) -> None:
    """Custard apples ripen in five days: VNPost's six are too many."""
    await offering(parts, clock, "vnpost", "staff", kind="custard_apple")
    review = await review_basket(BUYER.owner, LA_HIEN, Courier(clock.now(), parts[Carriers]))
    assert {way.key for way in review.offers[0].ways} == {"staff", "vnpost.ETN037"}


async def test_when_every_way_is_too_slow_it_is_said(parts: Parts, clock: StoppedClock) -> None:
    seller = await offering(parts, clock, "ghn", kind="poultry")
    await CarrierQuote.all().delete()
    assert days_for(["poultry", "fruit", "tea"]) == 3 and days_for(["tea"]) is None
    await choose_carriers(seller.id, ["vnpost"], "vnpost", parts[Carriers].by_code, person_id=1)
    await review_basket(BUYER.owner, LA_HIEN, Courier(clock.now(), parts[Carriers]))
    await CarrierQuote.all().update(
        offers=[
            {
                "price_dong": 1,
                "days_min": 3,
                "days_max": 9,
                "service": "X",
                "service_name": "X",
                "weight_g": 0,
            }
        ]
    )
    with pytest.raises(Refusal) as no:
        await review_basket(BUYER.owner, LA_HIEN, Courier(clock.now(), None))
    assert "Hàng tươi cần đến trong 3 ngày" in str(no.value.sentence)


async def test_the_buyer_changes_the_carrier_on_the_page_without_script(
    parts: Parts, clock: StoppedClock, client: Browser
) -> None:
    await client.get("/basket")
    device = client.cookies.get("device")
    seller = await offering(parts, clock, "ghn", "staff")
    goods = await listing(seller, name="Chè đinh")
    await client.submit("/basket/lines", {"listing": goods.code, "quantity": "1"})
    page = await client.submit("/checkout", {**ADDRESS, "step": "review"})
    assert page.status_code == 200 and "Giao Hàng Nhanh" in page.text and "Ai giao" in page.text
    chosen = await client.submit("/checkout", {**ADDRESS, "step": "review", f"way_{seller.id}": "staff"})
    assert f'name="way_{seller.id}" value="staff" checked' in chosen.text and device


async def test_the_own_staffs_way_may_be_too_slow_as_well(parts: Parts, clock: StoppedClock) -> None:
    """Five days to another province are too many for vegetables; the page of the goods says so first."""
    greens = await listing(await vendor(), kind="vegetable")
    await put_in_basket(BUYER.owner, greens.code, 1)
    assert (await review_basket(BUYER.owner, LA_HIEN)).offers[0].days_max <= 4
    for courier in (None, Courier(clock.now(), parts[Carriers])):
        with pytest.raises(Refusal, match="trong 4 ngày"):
            await review_basket(BUYER.owner, "15661", courier)
    far = await commune("15661")
    assert far is not None
    told = await estimate(await goods_to_bring(greens.code), far)
    assert told.fault is not None and "trong 4 ngày" in str(told.fault)


async def test_a_seller_reads_all_prices_side_by_side(
    parts: Parts, clock: StoppedClock, client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    """Cheapest first, with the days and what is charged for; one that does not take the parcel is left out."""
    seller = await vendor()
    await sync_areas(parts[Carriers], now=clock.now())
    await sign_in_as(client, "0912345678", (Role.VENDOR, str(seller.id)))
    asked = await client.get("/sell/post/prices")
    assert asked.status_code == 200 and "<table" not in asked.text
    query = {"commune": "Xã La Hiên", "commune_code": LA_HIEN}
    light = (await client.get("/sell/post/prices", params={**query, "weight_g": "1000"})).text
    names = ("Bưu tá của chợ", "Viettel Post", "VNPost", "Giao Hàng Nhanh", "Giao Hàng Tiết Kiệm")
    assert all(one in light for one in names) and "Rẻ nhất" in light and "Nhanh nhất" in light
    heavy = (await client.get("/sell/post/prices", params={**query, "weight_g": "30000"})).text
    assert f"Gửi {show_weight(30_000)}" in heavy
    wrong = await client.get("/sell/post/prices", params={"commune": "", "weight_g": "0"})
    assert wrong.status_code == 422 and "Cần tên xã" in wrong.text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("17=ghn.2,18=staff", {17: "ghn.2", 18: "staff"}),
        ("", {}),
        ("x=1", {}),
        ("17=", {}),
        ("9" * 30 + "=a", {}),
    ],
)
def test_ways_are_read_from_a_programs_text(typed: str, meant: dict[int, str]) -> None:
    assert ways_in(typed) == meant
    assert read_ways({"way_x": "1", "name": "a", "way_": "b"}) == {}


# --- the seller's page ---


async def test_a_seller_chooses_carriers_boxes_and_what_becomes_of_a_parcel(
    client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    seller = await vendor()
    await sign_in_as(client, "0912345678", (Role.VENDOR, str(seller.id)))
    page = await client.get("/sell/post")
    assert "Viettel Post" in page.text and "hãng giả để thử" in page.text
    chosen = {"offered": ["staff", "ghn"], "is_default": "ghn"}
    assert (await client.submit("/sell/post", chosen)).status_code == 303
    assert await SenderCarrier.filter(vendor_id=seller.id).count() == 2
    wrong = await client.submit("/sell/post", {"offered": ["staff"], "is_default": "ghn"})
    assert wrong.status_code == 422 and "Nơi chuyển mặc định" in wrong.text
    assert 'value="ghn" required checked' in wrong.text, "what was typed stays"
    assert 'name="offered" value="ghn" checked' not in wrong.text
    none = await client.submit("/sell/post", {"is_default": "ghn"})
    assert none.status_code == 422 and await SenderCarrier.filter(vendor_id=seller.id).count() == 2
    box = {"length_cm": "40", "width_cm": "30", "height_cm": "20", "weight_max_g": "3000"}
    for _ in range(6):
        assert (await client.submit("/sell/post/boxes", box)).status_code == 303
    full = await client.submit("/sell/post/boxes", box)
    assert full.status_code == 422 and "nhiều nhất 6" in full.text
    assert (await client.submit("/sell/post/boxes", {**box, "width_cm": "999"})).status_code == 422
    assert (await client.submit("/sell/post/boxes/1", {})).status_code == 303
    assert (await client.submit("/sell/post/parcels/C4YYYY", {"wish": "send_back"})).status_code == 404
