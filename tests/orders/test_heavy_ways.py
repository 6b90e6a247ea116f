"""Heavier goods by the other ways to pay and to fetch: at the door, at the stall, two payments to one account."""

from datetime import UTC, datetime

import pytest

from kit.clock import StoppedClock
from kit.codes import new_code
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings
from orders.models import Order, OrderLine
from orders.services import Buyer, Courier, Wish, pack_order, place_orders, put_in_basket, review_basket
from orders.services.handing.unfetched import end_unfetched
from orders.services.heavy.ending import turn_differences
from orders.services.returns import Choice, give_back, returns_of, say_where_to
from orders.states import HeavyState, OrderState
from payments.models import PaymentAttempt
from payments.services import PayerAccount, confirm_refund, payment_for, refunds_of
from tests.doors import doors
from tests.factories import LA_HIEN, bank, pay_order, to_la_hien
from tests.orders.fetching import market_with_desk, seller_at
from tests.orders.heavy import BAND_PERCENT, HEAVIER_G, MORE_DONG, PER_KG_DONG, PORTION_G, Lot, apples, lot

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def clock() -> StoppedClock:
    """Ten o'clock in Vietnam."""
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


@pytest.mark.parametrize(("weight_g", "more_dong"), [(HEAVIER_G, MORE_DONG), (2_010, 600), (1_900, -6_000)])
async def test_at_the_door_the_final_sum_is_collected(
    parts: Parts, clock: StoppedClock, weight_g: int, more_dong: int
) -> None:
    stall = await doors(
        parts,
        clock,
        price_dong=120_000,
        price_per_kg_dong=PER_KG_DONG,
        portion_g=PORTION_G,
        band_percent=BAND_PERCENT,
        is_heavier_charged=True,
    )
    order = await stall.placed()
    line = await OrderLine.get(order_id=order.id)
    assert order.more_most_dong == 12_000 and not order.parcel_code
    await pack_order(order.id, person_id=1, now=clock.now(), weights_g={line.id: weight_g})
    await stall.works()
    packed, money = await stall.now(order), await stall.money(order)
    final_dong = order.total_dong + more_dong
    assert (packed.total_dong, money.asked_dong, packed.more_dong) == (final_dong, final_dong, 0)
    assert (await stall.parcel(order)).cod_dong == final_dong


async def at_the_stall(clock: StoppedClock) -> Lot:
    """A lot that is fetched, paid."""
    seller, hoa = await seller_at(await market_with_desk(), "A12", "stall"), Buyer(None, "d" * 22)
    goods = await apples(vendor=seller)
    await put_in_basket(hoa.owner, goods.code, 1)
    ways = {seller.id: "stall"}
    review = await review_basket(hoa.owner, LA_HIEN, Courier(clock.now(), None, ways))
    wish = Wish(new_code("G"), review.seen, False, ways)
    [code] = await place_orders(hoa, await to_la_hien(), wish, now=clock.now(), payment_minutes=15)
    order = await Order.get(code=code)
    await pay_order(order, now=clock.now())
    return Lot(order, await OrderLine.get(order_id=order.id), 1, clock)


async def test_at_the_stall_it_lies_ready_when_the_difference_is_paid(clock: StoppedClock) -> None:
    of = await at_the_stall(clock)
    await of.pack(HEAVIER_G)
    assert (await of.now()).state is OrderState.PAID
    await of.told(51)
    assert (await of.now()).state is OrderState.READY
    clock.forward(days=5)
    await end_unfetched(of.order.id, person_id=1, now=clock.now())
    own = await payment_for(f"order:{of.order.id}")
    assert own
    back = [one.amount_dong for one in await refunds_of(own.id, (await of.money()).id)]
    assert sorted(back) == [MORE_DONG, of.order.total_dong]


async def test_one_word_about_the_account_serves_both_payments(
    clock: StoppedClock, settings: Settings
) -> None:
    of = await lot(clock)
    await bank()
    await of.pack(HEAVIER_G)
    await of.told(52)
    order = await of.now()
    ids = await give_back(order, Choice(), "trả cả", key="k", person_id=1, now=clock.now())
    own = await payment_for(f"order:{order.id}")
    assert len(ids) == 2 and (await returns_of(order, own, now=clock.now())).waits_for_account
    account = PayerAccount("970436", "1029384756", "NGUYEN THI HOA")
    await say_where_to(order, account, person_id=None, now=clock.now(), keys=seal_keys(settings))
    shown = await returns_of(order, own, now=clock.now())
    assert not shown.waits_for_account and [one.state for one in shown.refunds] == ["manual", "manual"]
    for number in ids:
        await confirm_refund(number, person_id=1, words="", now=clock.now())
    assert [one.state for one in (await returns_of(order, own, now=clock.now())).refunds] == ["succeeded"] * 2


async def test_a_provider_that_may_have_the_money_is_waited_for(clock: StoppedClock) -> None:
    of = await lot(clock)
    await of.pack(HEAVIER_G)
    money = await of.money()
    await PaymentAttempt.create(
        payment_id=money.id,
        gate="momo",
        reference="T-heavy",
        asked_hash="",
        state="pending",
        amount_dong=MORE_DONG,
        created_at=clock.now(),
        expires_at=clock.now(),
    )
    clock.forward(hours=25)
    assert await turn_differences(now=clock.now()) == 0
    assert ((await of.row()).state, (await of.money()).state) == (HeavyState.ASKED, "unknown")
