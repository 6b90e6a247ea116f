"""Partly fulfilled orders: what is lacking is said, the buyer chooses, silence cancels; money and stock follow."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise.exceptions import IntegrityError

from accounts.models import PersonNotice
from accounts.services import grant
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, Refusal
from kit.parts import Parts
from kit.roles import Role
from orders import tasks
from orders.book_models import RevenueEntry
from orders.models import Order, OrderLine
from orders.services import Buyer, pack_order, place_orders, put_in_basket, reference_of
from orders.services.short import Lack, _short_lines, answer_short, tell_short, turn_shorts, withdraw_short
from orders.short_models import Shortage
from orders.states import SHORT_FOLLOWS, OrderState, ShortState
from payments.services import confirm_refund, payment_for, refunds_of
from postal.models import Parcel
from tests.conftest import Browser
from tests.factories import HOA, TUAN, boxes, listing, pay_order, person, placed, to_la_hien, wish
from vendors.models import Listing, StockMove, Variant

pytestmark = pytest.mark.usefixtures("books")
WHY = "Mưa lớn, hái không đủ."


@pytest.fixture
def clock() -> StoppedClock:
    """Ten o'clock in Vietnam."""
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


async def paid(clock: StoppedClock, *things: tuple[Listing, int]) -> tuple[Order, list[OrderLine]]:
    """A paid order of a buyer and a seller who are known."""
    buyer, seller = await person(), await person("Tuấn", TUAN)
    await grant(seller.id, Role.VENDOR, str(things[0][0].vendor_id))
    [order] = await placed(*things, now=clock.now())
    await pay_order(order, now=clock.now())
    await Order.filter(id=order.id).update(person_id=buyer.id)
    return await Order.get(id=order.id), await OrderLine.filter(order_id=order.id).order_by("id")


async def lacking(order: Order, clock: StoppedClock, packed: dict[int, int]) -> Shortage:
    return await tell_short(order.id, Lack(packed, WHY), person_id=7, now=clock.now())


async def answered(order: Order, clock: StoppedClock, *, accepts: bool) -> Shortage:
    await answer_short(order.id, accepts=accepts, person_id=order.person_id, now=clock.now())
    return await Shortage.get(order_id=order.id)


async def money_back(order: Order, clock: StoppedClock) -> int:
    """What goes back, confirmed as given, and as the revenue book then has it."""
    payment = await payment_for(reference_of(order.id))
    assert payment
    refunds = await refunds_of(payment.id)
    for one in refunds:
        await confirm_refund(one.id, person_id=7, words="", now=clock.now())
    return sum(one.amount_dong for one in refunds)


# --- the table ---


def test_what_is_answered_stays_answered() -> None:
    assert set(SHORT_FOLLOWS) == set(ShortState)
    assert all(not SHORT_FOLLOWS[one] for one in ShortState if one is not ShortState.ASKED)


# --- the ways ---


async def test_the_buyer_takes_the_rest(clock: StoppedClock, parts: Parts) -> None:
    """The missing pieces' money goes back, they are unsold, the revenue book says so, the rest is packed."""
    tea = await listing(stock=5)
    honey = await listing(await tea.vendor, "Mật ong", price_dong=300_000, stock=4)
    order, [first, second] = await paid(clock, (tea, 3), (honey, 2))
    await lacking(order, clock, {first.id: 1, second.id: 2})
    assert await PersonNotice.filter(person_id=order.person_id, event_key__startswith="short:").exists()
    with pytest.raises(Conflict):
        await pack_order(order.id, person_id=7, now=clock.now())
    row = await answered(order, clock, accepts=True)
    assert (row.state, row.short_dong) == (ShortState.ACCEPTED, 440_000)
    assert await money_back(order, clock) == 440_000
    for one in await refunds_of((await payment_for(reference_of(order.id))).id):  # type: ignore[union-attr]
        await tasks.follow_refund(parts, one.id)
    returned = await RevenueEntry.filter(kind="returned").values_list("amount_dong", flat=True)
    assert returned == [-440_000]
    now = await Listing.get(id=tea.id)
    assert (now.stock, now.reserved, now.sold) == (2, 0, 1)
    line = await OrderLine.get(id=first.id)
    assert (line.quantity, line.short_quantity, line.short_dong) == (3, 2, 440_000)
    await pack_order(order.id, person_id=7, now=clock.now())
    assert (await Order.get(id=order.id)).packed_at is not None
    with pytest.raises(Conflict):
        await answered(order, clock, accepts=False)


async def test_the_buyer_cancels_all(clock: StoppedClock, parts: Parts, run_jobs: Any) -> None:
    """All money goes back with the fee, pieces that are there go to the shelf, the parcel is called off."""
    tea = await listing(stock=5)
    order, [line] = await paid(clock, (tea, 3))
    await run_jobs()
    assert (await Parcel.get()).state == "awaiting_pickup"
    await lacking(order, clock, {line.id: 1})
    assert (await answered(order, clock, accepts=False)).state is ShortState.CANCELLED
    assert (await Order.get(id=order.id)).state is OrderState.CANCELLED
    assert await money_back(order, clock) == order.total_dong
    now = await Listing.get(id=tea.id)
    assert (now.stock, now.sold) == (3, 0)
    await run_jobs()
    assert (await Parcel.get()).state == "cancelled"


async def test_nothing_at_all_cancels_at_once(clock: StoppedClock) -> None:
    tea = await listing(stock=5)
    order, [line] = await paid(clock, (tea, 2))
    row = await lacking(order, clock, {line.id: 0})
    assert row.state is ShortState.CANCELLED
    assert (await Order.get(id=order.id)).state is OrderState.CANCELLED
    assert await money_back(order, clock) == order.total_dong
    assert (await Listing.get(id=tea.id)).stock == 3, "what is not there is on no shelf"


async def test_silence_cancels_and_found_goods_end_it(clock: StoppedClock) -> None:
    tea = await listing(stock=9)
    order, [line] = await paid(clock, (tea, 3))
    await lacking(order, clock, {line.id: 2})
    await withdraw_short(order.id, person_id=7, now=clock.now())
    clock.forward(hours=30)
    assert await turn_shorts(now=clock.now()) == 0
    with pytest.raises(Conflict):
        await answered(order, clock, accepts=True)
    await Shortage.all().update(state="asked")
    assert await turn_shorts(now=clock.now()) == 1
    assert (await Order.get(id=order.id)).state is OrderState.CANCELLED
    assert await turn_shorts(now=clock.now()) == 0


async def test_silence_takes_the_rest_of_what_is_on_its_way(clock: StoppedClock) -> None:
    """The post took it before the buyer said anything: the missing pieces' money goes back all the same."""
    order, [line] = await paid(clock, (await listing(stock=9), 3))
    await lacking(order, clock, {line.id: 2})
    await Order.filter(id=order.id).update(state="posted")
    with pytest.raises(Conflict):
        await answered(order, clock, accepts=False)
    clock.forward(hours=30)
    assert await turn_shorts(now=clock.now()) == 1
    assert (await Shortage.get()).state is ShortState.ACCEPTED
    assert await money_back(order, clock) == 220_000


async def test_goods_by_weight_are_weighed_for_the_pieces_that_are_there(clock: StoppedClock) -> None:
    """Two of three portions of 2 kg: about 4 kg; what they weigh less goes back beside the missing one."""
    fruit = await listing(
        stock=9, price_dong=120_000, price_per_kg_dong=60_000, portion_g=2000, band_percent=10
    )
    order, [line] = await paid(clock, (fruit, 3))
    await lacking(order, clock, {line.id: 2})
    await answered(order, clock, accepts=True)
    with pytest.raises(Refusal) as no:
        await pack_order(order.id, person_id=7, now=clock.now(), weights_g={line.id: 5000})
    assert no.value.field == f"final_{line.id}"
    await pack_order(order.id, person_id=7, now=clock.now(), weights_g={line.id: 3900})
    assert (await Order.get(id=order.id)).give_back_dong == 6_000


async def test_variants_go_back_to_their_own_shelf(clock: StoppedClock) -> None:
    tea, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 5))
    hoa = Buyer(None, "d" * 22)
    await put_in_basket(hoa.owner, tea.code, 3, ids["500 g"])
    [code] = await place_orders(hoa, await to_la_hien(), await wish(hoa), now=clock.now(), payment_minutes=15)
    order = await Order.get(code=code)
    await pay_order(order, now=clock.now())
    line = await OrderLine.get(order_id=order.id)
    await lacking(order, clock, {line.id: 2})
    await answer_short(order.id, accepts=False, person_id=None, now=clock.now())
    small, large = await Variant.get(id=ids["200 g"]), await Variant.get(id=ids["500 g"])
    assert (small.stock, large.stock, large.sold) == (5, 4, 0)
    assert (await Listing.get(id=tea.id)).stock == 9


# --- what is refused ---


async def test_what_cannot_be_is_refused_and_nothing_is_half_saved(clock: StoppedClock) -> None:
    tea = await listing(stock=9)
    order, [line] = await paid(clock, (tea, 3))
    for packed, field in (
        ({line.id: 4}, f"packed_{line.id}"),
        ({line.id: -1}, f"packed_{line.id}"),
        ({}, "reason"),
    ):
        with pytest.raises(Refusal) as no:
            await lacking(order, clock, packed)
        assert no.value.field == field
    with pytest.raises(Conflict):
        await answered(order, clock, accepts=True)
    assert not await Shortage.exists()
    await lacking(order, clock, {line.id: 2})
    with pytest.raises(Conflict):
        await lacking(order, clock, {line.id: 1})
    with pytest.raises(IntegrityError):
        async with transaction():
            await Shortage.filter(order_id=order.id).update(short_dong=-1)
    assert not await StockMove.filter(kind="unsold").exists()


async def test_only_a_paid_order_that_is_not_packed(clock: StoppedClock) -> None:
    tea = await listing(stock=9)
    [order] = await placed((tea, 3), now=clock.now())
    line = await OrderLine.get(order_id=order.id)
    with pytest.raises(Conflict):
        await lacking(order, clock, {line.id: 2})
    await pay_order(order, now=clock.now())
    await pack_order(order.id, person_id=7, now=clock.now())
    with pytest.raises(Conflict):
        await lacking(order, clock, {line.id: 0})
    assert (await Order.get(id=order.id)).state is OrderState.PAID


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1_000, 90_000)), min_size=1, max_size=4), st.data())
def test_what_is_lacking_and_what_is_packed_are_the_whole(lines: list[tuple[int, int]], data: Any) -> None:
    """Whatever is packed: the sum of the short đồng and of the packed pieces is what was paid for the goods."""
    rows = [
        OrderLine(id=n, name="x", quantity=q, price_dong=dong, sum_dong=q * dong)
        for n, (q, dong) in enumerate(lines, 1)
    ]
    packed = {row.id: data.draw(st.integers(0, row.quantity)) for row in rows}
    if packed == {row.id: row.quantity for row in rows}:
        return
    short = _short_lines(rows, Lack(packed, WHY))
    kept = sum(packed[row.id] * row.price_dong for row in rows)
    assert kept + sum(int(one["dong"]) for one in short) == sum(row.sum_dong for row in rows)
    assert all(0 < int(one["dong"]) <= int(one["sum_dong"]) for one in short)


# --- the pages ---


async def test_the_pages_of_both_sides(client: Browser, sign_in_as: Any, clock: StoppedClock) -> None:
    order, [line] = await paid(clock, (await listing(stock=9), 3))
    await sign_in_as(client, TUAN)
    assert f"/sell/orders/{order.code}/shortage" in (await client.get(f"/sell/orders/{order.code}")).text
    where = f"/sell/orders/{order.code}/shortage"
    assert "gói được mấy" in (await client.get(where)).text
    wrong = await client.submit(where, {f"packed_{line.id}": "9", "reason": WHY})
    assert wrong.status_code == 422 and f"f-packed_{line.id}-error" in wrong.text
    assert (await client.submit(where, {f"packed_{line.id}": "", "reason": ""})).status_code == 422
    assert (await client.submit(where, {f"packed_{line.id}": "2", "reason": WHY})).status_code == 303
    shown = (await client.get(f"/sell/orders/{order.code}")).text
    assert "Đã báo khách" in shown and "Gói xong" not in shown and "Thiếu hàng, chờ khách chọn" in shown
    assert "Thiếu hàng, chờ khách chọn" in (await client.get("/sell/orders")).text
    stranger = await client.submit(f"/orders/{order.code}/shortage", {"choice": "accept"})
    assert stranger.status_code == 404
    await sign_in_as(client, HOA)
    page = (await client.get(f"/orders/{order.code}")).text
    assert "còn 2 trên 3" in page and WHY in page and "Chờ bạn chọn" in page
    assert "Chờ bạn chọn" in (await client.get("/orders")).text
    assert (await client.submit(f"/orders/{order.code}/shortage", {"choice": "both"})).status_code == 422
    assert (await client.submit(f"/orders/{order.code}/shortage", {"choice": "accept"})).status_code == 303
    page = (await client.get(f"/orders/{order.code}")).text
    assert "Bạn nhận phần còn lại" in page and "Chờ bạn chọn" not in page
    again = await client.submit(f"/orders/{order.code}/shortage", {"choice": "cancel"})
    assert again.status_code == 409
    await sign_in_as(client, TUAN)
    withdrawn = await client.submit(f"/sell/orders/{order.code}/shortage/withdrawal")
    assert withdrawn.status_code == 409


async def test_the_api_of_both_sides(client: Browser, sign_in_as: Any, clock: StoppedClock) -> None:
    """orders:api_shortage_create, orders:api_shortage_withdraw, orders:api_shortage_answer, orders:api_shortage."""
    order, [line] = await paid(clock, (await listing(stock=9), 3))
    await sign_in_as(client, TUAN)
    token, path = {"x-csrf-token": await client.token()}, f"/api/v1/sell/orders/{order.code}/shortage"
    assert (await client.get(f"/api/v1/orders/{order.code}/shortage")).json()["state"] == "none"
    keyed = {**token, "idempotency-key": "short-0001"}
    bad = await client.post(path, json={"packed": f"{line.id}=x", "reason": WHY}, headers=keyed)
    assert bad.status_code == 422 and "packed" in bad.json()["errors"]
    made = await client.post(path, json={"packed": f"{line.id}=1", "reason": WHY}, headers=keyed)
    assert made.status_code == 201 and made.json()["short_dong"] == 440_000
    gone = await client.post(path + "/withdrawal", headers=token)
    assert gone.json()["state"] == "withdrawn"
    await Shortage.all().update(state="asked")
    await sign_in_as(client, HOA)
    token = {"x-csrf-token": await client.token()}
    answer = {"choice": "accept"}
    said = await client.post(f"/api/v1/orders/{order.code}/shortage", json=answer, headers=token)
    assert said.json()["state"] == "accepted" and said.json()["lines"][0]["packed"] == 1
