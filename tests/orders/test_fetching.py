"""Goods that buyers fetch: offered at checkout, ready, given out once against the code, or ended when nobody came."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import PersonNotice
from accounts.services import grant
from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.errors import Conflict, Refusal
from kit.parts import Parts
from kit.roles import Role
from orders import tasks
from orders.handing_models import Fetch
from orders.models import Order, OrderEvent
from orders.services import Buyer, Courier, order_facts, put_in_basket, review_basket, sale_facts
from orders.services.handing.desk import AlreadyBrought, bring, waiting_at
from orders.services.handing.ready import (
    AlreadyFetched,
    Place,
    hand_over,
    order_shown,
    ready_by,
    text_to_show,
)
from orders.services.handing.unfetched import end_unfetched
from orders.services.pack import pack_order
from orders.states import FOLLOWS, Handing, OrderState
from payments.models import Refund
from postal.delivery_code import ShownCode, read_shown
from postal.models import Parcel
from postal.services import parcel
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.factories import LA_HIEN, SECRET, carried, listing, person
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
from vendors.services.fetching import allow_fetching

pytestmark = pytest.mark.usefixtures("books")


# --- at checkout ---


async def test_a_seller_who_allows_nothing_offers_the_door_alone(hoa: Buyer, clock: StoppedClock) -> None:
    seller = await seller_at(await market_with_desk())
    await put_in_basket(hoa.owner, (await listing(seller)).code, 1)
    [offer] = (await review_basket(hoa.owner, LA_HIEN)).offers
    assert [way.key for way in offer.ways] == ["staff"]


async def test_what_is_allowed_stands_beside_the_door_free_but_at_the_post_office(
    hoa: Buyer, clock: StoppedClock
) -> None:
    place, office = await market_with_desk(), await point()
    await point(name="Bưu cục không giữ hàng", keeps_parcels=False)
    seller = await seller_at(place, "A12", "stall", "desk", "point")
    await put_in_basket(hoa.owner, (await listing(seller)).code, 1)
    [offer] = (await review_basket(hoa.owner, LA_HIEN)).offers
    keys = [(way.key, way.handing, way.place.name if way.place else "") for way in offer.ways]
    assert keys == [
        ("staff", Handing.DOOR, ""),
        ("stall", Handing.STALL, "A12, Chợ Thái"),
        (f"desk.{place.id}", Handing.DESK, "Chợ Thái"),
        (f"point.{office.id}", Handing.POINT, "Bưu cục La Hiên"),
    ]
    door, stall, desk, at_point = offer.ways
    assert stall.price_dong == desk.price_dong == 0 < at_point.price_dong == door.price_dong
    assert stall.place and stall.place.hours == HOURS and offer.way == door


async def test_who_sells_from_home_is_visited_at_home(hoa: Buyer, clock: StoppedClock) -> None:
    [order] = await ordered(hoa, await seller_at(None, "A12", "stall"), way="stall", now=clock.now())
    fetch = await Fetch.get(order_id=order.id)
    assert (fetch.place, fetch.address) == ("Chè Hảo Đạt", "Xóm Nam Đồng, Xã Tân Cương")
    assert (order.handing, order.delivery_dong, order.total_dong) == (Handing.STALL, 0, 220_000)


async def test_what_no_carrier_takes_may_still_be_fetched(hoa: Buyer, clock: StoppedClock) -> None:
    seller = await seller_at(await market_with_desk(), "A12", "stall", "point")
    await put_in_basket(hoa.owner, (await listing(seller, weight_g=40_000)).code, 1)
    [offer] = (await review_basket(hoa.owner, LA_HIEN)).offers
    assert [way.key for way in offer.ways] == ["stall"]
    seller.fetch_at = []
    await seller.save()
    with pytest.raises(Refusal):
        await review_basket(hoa.owner, LA_HIEN)


async def test_a_way_that_was_not_read_is_not_ordered(hoa: Buyer, clock: StoppedClock) -> None:
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    await put_in_basket(hoa.owner, (await listing(seller)).code, 1)
    door = await review_basket(hoa.owner, LA_HIEN)
    there = await review_basket(hoa.owner, LA_HIEN, Courier(clock.now(), None, {seller.id: "stall"}))
    nonsense = await review_basket(hoa.owner, LA_HIEN, Courier(clock.now(), None, {seller.id: "desk.999"}))
    assert door.seen != there.seen and door.seen == nonsense.seen


async def test_a_seller_says_where_and_when_and_what_is_missing_is_said(clock: StoppedClock) -> None:
    seller, who = await seller_at(None, "A12"), await person()
    for at, hours, field in ((["stall"], "", "hours"), (["desk"], HOURS, "fetch_at")):
        with pytest.raises(Refusal) as no:
            await allow_fetching(seller.id, at, hours, person_id=who.id)
        assert no.value.field == field
    await allow_fetching(seller.id, ["point", "stall", "moon"], HOURS, person_id=who.id)
    await seller.refresh_from_db()
    assert (seller.fetch_at, seller.fetch_hours) == (["stall", "point"], HOURS)


# --- at the stall ---


async def test_packed_is_ready_the_buyer_is_told_and_the_code_fetches_it_once(
    clock: StoppedClock, run_jobs: Callable[[], Any]
) -> None:
    who = await person()
    order = await lying_ready(Buyer(who.id, "d" * 22), await seller_at(await market_with_desk(), "A12", "stall"),
                              now=clock.now())  # fmt: skip
    await run_jobs()
    fetch = await Fetch.get(order_id=order.id)
    assert order.state is OrderState.READY and fetch.is_waiting and not await Parcel.exists()
    assert fetch.kept_until == vietnam_date(clock.now()) + timedelta(days=3)
    told = await PersonNotice.filter(person_id=who.id).order_by("-id").first()
    assert told is not None and "A12, Chợ Thái" in str(told.words)
    done = await hand_over(order.id, digits_of(order), person_id=7, now=clock.now(), secret=SECRET)
    assert done.state is OrderState.DELIVERED and done.delivered_at == clock.now()
    fetch = await Fetch.get(order_id=order.id)
    assert (fetch.fetched_by, fetch.is_waiting) == (7, False)
    with pytest.raises(AlreadyFetched):
        await hand_over(order.id, digits_of(order), person_id=8, now=clock.now(), secret=SECRET)
    assert await OrderEvent.filter(order_id=order.id, state=OrderState.DELIVERED).count() == 1


async def test_nothing_is_given_out_before_it_is_ready_nor_for_another_code(
    hoa: Buyer, clock: StoppedClock
) -> None:
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    [order] = await ordered(hoa, seller, way="stall", now=clock.now())
    for step in (None, paid):
        if step is not None:
            await step(order, now=clock.now())
        with pytest.raises(Conflict, match="chưa sẵn sàng"):
            await hand_over(order.id, digits_of(order), person_id=7, now=clock.now(), secret=SECRET)
    await pack_order(order.id, person_id=1, now=clock.now())
    other = read_shown(text_to_show(order, "another secret, long enough to sign")).digits
    with pytest.raises(Refusal) as no:
        await hand_over(order.id, other, person_id=7, now=clock.now(), secret=SECRET)
    assert no.value.field == "code" and (await Order.get(id=order.id)).state is OrderState.READY


@pytest.mark.parametrize(
    ("text", "order_code"), [("{code}-{digits}", "{code}"), ("{code} {digits}", "{code}"), (" {digits} ", "")]
)
async def test_codes_are_read_as_scanned_and_as_typed(
    text: str, order_code: str, hoa: Buyer, clock: StoppedClock
) -> None:
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    order = await lying_ready(hoa, seller, now=clock.now())
    named = {"code": order.code, "digits": digits_of(order)}
    shown = read_shown(text.format(**named))
    assert shown == ShownCode(order_code.format(**named), digits_of(order))
    assert await order_shown(shown, Place((seller.id,)), secret=SECRET) == order.id
    for place in (Place((seller.id + 1,)), Place(), Place(market_id=1)):
        with pytest.raises(Refusal, match="Không có gói nào"):
            await order_shown(shown, place, secret=SECRET)


@pytest.mark.parametrize(
    "text", ["", "12345", "1234567", "abcdef", "D123-", "😀😀😀😀😀😀", "0" * 60, "- - -"]
)
def test_what_is_no_code_is_said_so(text: str) -> None:
    with pytest.raises(Refusal) as no:
        read_shown(text)
    assert no.value.field == "code"


async def test_the_seller_is_to_be_ready_within_a_day(hoa: Buyer, clock: StoppedClock) -> None:
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    [order] = await ordered(hoa, seller, way="stall", now=clock.now())
    assert await ready_by(order) is None
    order = await paid(order, now=clock.now())
    assert await ready_by(order) == clock.now() + timedelta(hours=24)
    facts = await sale_facts(order, now=clock.now())
    assert facts.handing.fetch and facts.handing.fetch.ready_by == clock.now() + timedelta(hours=24)


# --- at the market's desk ---


async def test_the_desk_takes_it_in_and_gives_it_out(hoa: Buyer, clock: StoppedClock) -> None:
    place = await market_with_desk()
    seller = await seller_at(place, "A12", "desk")
    [order] = await ordered(hoa, seller, way=f"desk.{place.id}", now=clock.now())
    with pytest.raises(Refusal, match="chưa trả tiền"):
        await bring(order.code, place.id, person_id=5, now=clock.now())
    await paid(order, now=clock.now())
    with pytest.raises(Refusal, match="Gói xong"):
        await bring(order.code, place.id, person_id=5, now=clock.now())
    await pack_order(order.id, person_id=1, now=clock.now())
    assert (await Order.get(id=order.id)).state is OrderState.PAID
    with pytest.raises(Refusal, match="Không có đơn nào"):
        await bring(order.code, place.id + 1, person_id=5, now=clock.now())
    await bring(f" {order.code.lower()} ", place.id, person_id=5, now=clock.now())
    with pytest.raises(AlreadyBrought):
        await bring(order.code, place.id, person_id=5, now=clock.now())
    [row] = (await waiting_at(Place(market_id=place.id), now=clock.now())).rows
    assert (row.code, row.seller, row.is_over) == (order.code, seller.name, False)
    assert not (await waiting_at(Place((seller.id,)), now=clock.now())).rows
    number = await order_shown(read_shown(digits_of(order)), Place(market_id=place.id), secret=SECRET)
    assert (
        await hand_over(number, digits_of(order), person_id=5, now=clock.now(), secret=SECRET)
    ).code == order.code


# --- nobody came ---


async def test_what_nobody_fetched_is_ended_after_its_last_day_and_the_money_goes_back(
    hoa: Buyer, clock: StoppedClock
) -> None:
    order = await lying_ready(hoa, await seller_at(await market_with_desk(), "A12", "stall"), now=clock.now())
    with pytest.raises(Conflict, match="còn trong hạn"):
        await end_unfetched(order.id, person_id=1, now=clock.now())
    assert not await Refund.exists()
    clock.forward(days=4)
    assert (await sale_facts(order, now=clock.now())).handing.fetch.can_be_ended  # type: ignore[union-attr]
    [refund_id] = await end_unfetched(order.id, person_id=1, now=clock.now())
    refund = await Refund.get(id=refund_id)
    assert (refund.amount_dong, refund.key) == (order.total_dong, "unfetched")
    assert (await Order.get(id=order.id)).state is OrderState.RETURNED
    with pytest.raises(Conflict):
        await end_unfetched(order.id, person_id=1, now=clock.now())
    with pytest.raises(Conflict):
        await hand_over(order.id, digits_of(order), person_id=7, now=clock.now(), secret=SECRET)
    assert await Refund.all().count() == 1


async def test_what_was_fetched_on_the_last_day_cannot_be_ended(hoa: Buyer, clock: StoppedClock) -> None:
    order = await lying_ready(hoa, await seller_at(await market_with_desk(), "A12", "stall"), now=clock.now())
    clock.forward(days=4)
    await hand_over(order.id, digits_of(order), person_id=7, now=clock.now(), secret=SECRET)
    with pytest.raises(Conflict, match="khách đã lấy"):
        await end_unfetched(order.id, person_id=1, now=clock.now())
    assert not await Refund.exists()


async def test_people_are_reminded_once(parts: Parts, clock: StoppedClock) -> None:
    clock.at = clock.at.replace(hour=3)  # in the morning: what is added below stays within Vietnam's days
    buyer, owner = await person(), await person("Đào Thanh Hảo", "+84912000111")
    seller = await seller_at(await market_with_desk(), "A12", "stall")
    await grant(owner.id, Role.VENDOR, str(seller.id))
    [late] = await ordered(Buyer(buyer.id, "d" * 22), seller, way="stall", now=clock.now())
    await paid(late, now=clock.now())
    ready = await lying_ready(Buyer(buyer.id, "e" * 22), seller, key=2, now=clock.now())
    seen: list[set[str]] = []
    for _ in range(6):
        clock.forward(days=1, minutes=5)
        for _ in range(2):
            await tasks.remind_of_fetching(parts)
        keys = await PersonNotice.filter(event_key__startswith="fetch:").values_list("event_key", flat=True)
        seen.append({str(one).split(":")[2] for one in keys})
        assert len(keys) == len(set(keys))
    assert seen[0] == {"late"} and seen[2] == {"late", "last"} and seen[4] == {"late", "last", "over"}
    assert ready.code


# --- at a post office ---


async def test_a_parcel_goes_to_the_post_office_and_waits_there(
    hoa: Buyer, clock: StoppedClock, parts: Parts, run_jobs: Callable[[], Any]
) -> None:
    office = await point(line="Quốc lộ 1B")
    seller = await seller_at(await market_with_desk(), "A12", "point")
    [order] = await ordered(hoa, seller, way=f"point.{office.id}", now=clock.now())
    await paid(order, now=clock.now())
    await run_jobs()
    order = await Order.get(id=order.id)
    sent = await parcel(order.parcel_code)
    assert (sent.point_id, sent.recipient.line) == (office.id, "Bưu cục La Hiên, Quốc lộ 1B")
    assert sent.recipient.commune_code == LA_HIEN and sent.recipient.name == order.recipient_name
    await carried(sent.code, Act.ACCEPT, Act.HAND_OVER, person_id=5, now=clock.now())
    await run_jobs()
    assert (await Order.get(id=order.id)).state is OrderState.POSTED
    arrived = await carried(sent.code, Act.ARRIVE, person_id=5, now=clock.now())
    await run_jobs()
    order, fetch = await Order.get(id=order.id), await Fetch.get(order_id=order.id)
    last = vietnam_date(clock.now()) + timedelta(days=5)
    assert order.state is OrderState.READY and arrived.kept_until == fetch.kept_until == last
    facts = await order_facts(order, now=clock.now())
    assert facts.handing.fetch and facts.handing.fetch.hours == HOURS
    with pytest.raises(Conflict):
        await hand_over(order.id, digits_of(order), person_id=7, now=clock.now(), secret=SECRET)
    await carried(sent.code, Act.DELIVER, person_id=5, now=clock.now())
    await run_jobs()
    assert (await Order.get(id=order.id)).state is OrderState.DELIVERED
    assert not (await Fetch.get(order_id=order.id)).is_waiting


async def test_nobody_takes_it_out_and_what_nobody_fetched_goes_back(
    hoa: Buyer, clock: StoppedClock, run_jobs: Callable[[], Any]
) -> None:
    office = await point()
    seller = await seller_at(await market_with_desk(), "A12", "point")
    [order] = await ordered(hoa, seller, way=f"point.{office.id}", now=clock.now())
    await paid(order, now=clock.now())
    await run_jobs()
    code = (await Order.get(id=order.id)).parcel_code
    await carried(code, Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, person_id=5, now=clock.now())
    with pytest.raises(Conflict, match="đến lấy ở điểm bưu cục"):
        await carried(code, Act.TAKE_OUT, person_id=5, now=clock.now())
    clock.forward(days=6)
    back = await carried(code, Act.SEND_BACK, Act.GIVE_BACK, person_id=5, now=clock.now())
    await run_jobs()
    assert back.state is ParcelState.RETURNED
    order = await Order.get(id=order.id)
    assert order.state is OrderState.RETURNED and not (await Fetch.get(order_id=order.id)).is_waiting


def test_the_table_leads_from_ready_only_to_ends() -> None:
    assert FOLLOWS[OrderState.READY] == {OrderState.DELIVERED, OrderState.RETURNED, OrderState.LOST}
