"""One parcel of several stalls: offered when it is cheaper, gathered at the desk, packed once, followed by all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import PersonNotice
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, NotFound, Refusal
from orders.handing_models import JointParcel, JointPart
from orders.models import Order, OrderEvent
from orders.services import Buyer, Courier, order_facts, pack_order, put_in_basket, review_basket
from orders.services.expire import expire_orders
from orders.services.handing.desk import AlreadyBrought, bring, joints_at
from orders.services.handing.joint_fees import shared
from orders.services.handing.joints import AlreadyPacked, book_joint, pack_joint, wait_for_missing
from orders.services.offers import Joint, Offer, Way
from orders.services.personal import forget_buyer, references_of_buyer
from orders.services.returns import Choice, ask_return
from orders.states import Handing, JointState, OrderState
from postal.models import Parcel
from postal.services import act, parcel, pickups
from postal.staff_carrier import Act
from tests.factories import LA_HIEN, SECRET, carried, listing, person
from tests.orders.fetching import market_with_desk, ordered, paid, seller_at
from vendors.models import Market
from vendors.services import VendorCard

pytestmark = pytest.mark.usefixtures("books")
DESK = 5


async def two_stalls() -> tuple[Market, Any, Any]:
    """Two sellers side by side in Chợ Thái."""
    place = await market_with_desk()
    return place, await seller_at(place, "A12"), await seller_at(place, "A13", name="Mật ong Hà")


async def gathered(
    buyer: Buyer, *, now: Any, brought: int = 2, unpaid: int = 0
) -> tuple[Market, list[Order]]:
    """Two orders that share a parcel; so many of them are paid, packed and on the desk."""
    place, first, second = await two_stalls()
    orders = await ordered(buyer, first, second, is_joint=True, now=now)
    for number, order in enumerate(orders[: len(orders) - unpaid]):
        await paid(order, number + 1, now=now)
        await pack_order(order.id, person_id=1, now=now)
    for order in orders[:brought]:
        await bring(order.code, place.id, person_id=DESK, now=now)
    return place, orders


# --- what it costs ---


async def test_stalls_of_one_market_may_share_a_parcel_for_less(hoa: Buyer, clock: StoppedClock) -> None:
    place, first, second = await two_stalls()
    for seller in (first, second):
        await put_in_basket(hoa.owner, (await listing(seller, f"Chè {seller.id}")).code, 1)
    apart = await review_basket(hoa.owner, LA_HIEN)
    [joint] = apart.joints
    assert (joint.market_id, joint.is_agreed, len(joint.sellers)) == (place.id, False, 2)
    assert {one.way.handing for one in apart.offers} == {Handing.DOOR}
    together = await review_basket(hoa.owner, LA_HIEN, Courier(clock.now(), None, {}, True))
    assert together.delivery_dong == joint.fee_dong == apart.delivery_dong - joint.saved_dong
    assert together.total_dong == together.goods_dong + joint.fee_dong and together.seen != apart.seen
    assert {one.way.handing for one in together.offers} == {Handing.JOINT}


@pytest.mark.parametrize("why", ["no desk", "other market", "fetched", "too heavy", "ahead"])
async def test_what_may_not_share_one_is_not_offered_it(why: str, hoa: Buyer, clock: StoppedClock) -> None:
    place = await market_with_desk()
    first = await seller_at(place, "A12", "stall")
    second = await seller_at(await market_with_desk("cho-khac") if why == "other market" else place, "A13")
    if why == "no desk":
        place.desk_hours = ""
        await place.save()
    for seller in (first, second):
        grams = {"weight_g": 20_000} if why == "too heavy" else {}
        goods = await listing(seller, f"Chè {seller.id}", **grams)
        await put_in_basket(hoa.owner, goods.code, 1)
        if why == "ahead" and seller is second:
            day = clock.now().date()
            goods.preorder_from, goods.preorder_to = day - timedelta(days=1), day + timedelta(days=3)
            goods.ships_from, goods.ships_to = day + timedelta(days=5), day + timedelta(days=9)
            await goods.save()
    ways = {first.id: "stall"} if why == "fetched" else {}
    review = await review_basket(hoa.owner, LA_HIEN, Courier(clock.now(), None, ways, True))
    assert not review.joints and Handing.JOINT not in {one.way.handing for one in review.offers}


@given(st.lists(st.integers(1, 500_000), min_size=2, max_size=9), st.data())
def test_no_dong_of_the_fee_is_lost_or_made(fees: list[int], data: Any) -> None:
    fee_dong = data.draw(st.integers(1, sum(fees) - 1))
    way = Way("staff", "staff", "", "", 0, 1, 2)
    parts = [_offer(number, dong, way) for number, dong in enumerate(fees)]
    sellers = tuple((one.vendor.id, one.vendor.name) for one in parts)
    made = shared(parts, Joint(1, "Chợ Thái", sellers, fee_dong, sum(fees) - fee_dong, True))
    shares = [one.delivery_dong for one in made]
    assert sum(shares) == fee_dong and min(shares) >= 0
    assert all(share <= alone for share, alone in zip(shares, fees, strict=True))
    assert all(one.total_dong == one.goods_dong + one.delivery_dong for one in made)


def _offer(number: int, fee_dong: int, way: Way) -> Offer:
    texts = {name: "" for name in ("slug", "url", "kind", "contact_name", "phone", "line", "commune_code",
                                   "commune", "province", "about")}  # fmt: skip
    card = VendorCard(id=number, kind_name=None, name=f"Sạp {number}", is_demo=False, stalls=(), **texts)  # type: ignore[arg-type]
    return Offer(card, (), 1000, fee_dong, 1000 + fee_dong, 500, 1, 2, way, (way,))


# --- from desk to door ---


async def test_what_was_brought_is_one_parcel_and_all_orders_follow_it_once(
    hoa: Buyer, clock: StoppedClock, run_jobs: Callable[[], Any]
) -> None:
    place, orders = await gathered(hoa, now=clock.now())
    await run_jobs()
    assert not await Parcel.exists()
    [row] = await joints_at(place.id)
    assert (row.brought, row.missing, row.state) == (2, [], JointState.GATHERING)
    with pytest.raises(AlreadyBrought):
        await bring(orders[0].code, place.id, person_id=DESK, now=clock.now())
    with pytest.raises(NotFound):
        await pack_joint(row.id, place.id + 1, leaves_missing=False, person_id=DESK, now=clock.now())
    await pack_joint(row.id, place.id, leaves_missing=False, person_id=DESK, now=clock.now())
    with pytest.raises(AlreadyPacked):
        await pack_joint(row.id, place.id, leaves_missing=False, person_id=DESK, now=clock.now())
    await run_jobs()
    await book_joint(row.id, now=clock.now(), secret=SECRET)
    sent = view = (await pickups()).parcels
    assert len(sent) == 1 and view[0].market == view[0].sender.name == "Chợ Thái"
    assert (view[0].weight_g, view[0].value_dong) == (1100, 440_000)
    codes = {(await Order.get(id=one.id)).parcel_code for one in orders}
    assert codes == {view[0].code} and all(one in view[0].contents for one in ("Chè Hảo Đạt", "Mật ong Hà"))
    for acts, state in (
        ((Act.ACCEPT,), OrderState.POSTED),
        ((Act.HAND_OVER, Act.ARRIVE, Act.TAKE_OUT, Act.DELIVER), OrderState.DELIVERED),
    ):
        await carried(view[0].code, *acts, person_id=DESK, now=clock.now())
        await run_jobs()
        assert {(await Order.get(id=one.id)).state for one in orders} == {state}
    for order in orders:
        assert await OrderEvent.filter(order_id=order.id, state=OrderState.DELIVERED).count() == 1


@pytest.mark.parametrize(
    ("acts", "end"),
    [((Act.LOSE,), OrderState.LOST), ((Act.SEND_BACK, Act.GIVE_BACK), OrderState.RETURNED)],
)
async def test_lost_and_returned_are_the_fate_of_all(
    acts: tuple[Act, ...], end: OrderState, hoa: Buyer, clock: StoppedClock, run_jobs: Callable[[], Any]
) -> None:
    place, orders = await gathered(hoa, now=clock.now())
    [row] = await joints_at(place.id)
    await pack_joint(row.id, place.id, leaves_missing=False, person_id=DESK, now=clock.now())
    await run_jobs()
    code = (await Order.get(id=orders[0].id)).parcel_code
    await carried(code, Act.ACCEPT, person_id=DESK, now=clock.now())
    for one in acts:
        await act(code, one, person_id=DESK, event_key=f"end-{one}-0001", now=clock.now(), note="mưa lũ")
    await run_jobs()
    assert {(await Order.get(id=one.id)).state for one in orders} == {end}


async def test_a_missing_part_is_waited_for_or_goes_by_itself(
    clock: StoppedClock, run_jobs: Callable[[], Any]
) -> None:
    who = await person()
    place, orders = await gathered(Buyer(who.id, "d" * 22), now=clock.now(), brought=1)
    [row] = await joints_at(place.id)
    with pytest.raises(Conflict, match="Còn thiếu phần của Mật ong Hà"):
        await pack_joint(row.id, place.id, leaves_missing=False, person_id=DESK, now=clock.now())
    for _ in range(2):
        await wait_for_missing(row.id, place.id, now=clock.now())
    await pack_joint(row.id, place.id, leaves_missing=True, person_id=DESK, now=clock.now())
    await run_jobs()
    first, second = [await Order.get(id=one.id) for one in orders]
    assert (first.handing, second.handing) == (Handing.JOINT, Handing.DOOR)
    assert first.parcel_code and second.parcel_code and first.parcel_code != second.parcel_code
    assert (await parcel(second.parcel_code)).sender.name == "Mật ong Hà"
    keys = await PersonNotice.filter(event_key__startswith="joint:").values_list("event_key", flat=True)
    assert sorted(str(one).split(":")[2] for one in keys) == ["left", "waits"]
    facts = await order_facts(second, now=clock.now())
    assert facts.handing.joint and facts.handing.joint.is_apart
    with pytest.raises(Refusal, match="đi riêng"):
        await bring(second.code, place.id, person_id=DESK, now=clock.now())
    with pytest.raises(Conflict):
        await wait_for_missing(row.id, place.id, now=clock.now())


async def test_a_part_nobody_paid_for_is_no_part(
    hoa: Buyer, clock: StoppedClock, run_jobs: Callable[[], Any]
) -> None:
    place, orders = await gathered(hoa, now=clock.now(), brought=1, unpaid=1)
    clock.forward(minutes=20)
    await expire_orders(now=clock.now())
    [row] = await joints_at(place.id)
    assert row.missing == [] and [one.is_out for one in row.parts] == [False, True]
    await pack_joint(row.id, place.id, leaves_missing=False, person_id=DESK, now=clock.now())
    await run_jobs()
    sent = await parcel((await Order.get(id=orders[0].id)).parcel_code)
    assert sent.value_dong == 220_000 and (await Order.get(id=orders[1].id)).parcel_code == ""


async def test_a_part_left_unpaid_goes_by_itself_once_it_is_paid(
    hoa: Buyer, clock: StoppedClock, run_jobs: Callable[[], Any]
) -> None:
    place, orders = await gathered(hoa, now=clock.now(), brought=1, unpaid=1)
    [row] = await joints_at(place.id)
    await pack_joint(row.id, place.id, leaves_missing=True, person_id=DESK, now=clock.now())
    await paid(orders[1], 9, now=clock.now())
    await run_jobs()
    assert await Parcel.all().count() == 2


async def test_nothing_on_the_desk_is_not_packed(hoa: Buyer, clock: StoppedClock) -> None:
    place, _ = await gathered(hoa, now=clock.now(), brought=0)
    [row] = await joints_at(place.id)
    with pytest.raises(Refusal) as no:
        await pack_joint(row.id, place.id, leaves_missing=True, person_id=DESK, now=clock.now())
    assert no.value.field == "joint" and (await JointParcel.get()).state is JointState.GATHERING
    assert not await JointPart.exists(left_at__isnull=False)


async def test_money_of_one_part_goes_back_by_itself(hoa: Buyer, clock: StoppedClock) -> None:
    _, orders = await gathered(hoa, now=clock.now())
    ask = await ask_return(
        await Order.get(id=orders[0].id), Choice(amount_dong=1000), "ướt", person_id=None, now=clock.now()
    )
    assert ask.amount_dong == 1000
    assert not (await order_facts(await Order.get(id=orders[1].id), now=clock.now())).returns.asks


async def test_a_forgotten_buyer_is_forgotten_in_the_shared_parcel_too(
    clock: StoppedClock, run_jobs: Callable[[], Any]
) -> None:
    who = await person()
    place, orders = await gathered(Buyer(who.id, "d" * 22), now=clock.now())
    [row] = await joints_at(place.id)
    await pack_joint(row.id, place.id, leaves_missing=False, person_id=DESK, now=clock.now())
    await run_jobs()
    named = f"joint:{row.id}"
    assert named in await references_of_buyer(who.id)
    async with transaction():
        assert named in await forget_buyer(who.id)
    assert (await Order.get(id=orders[0].id)).recipient_phone == ""
