"""Goods that weigh more: asked, paid, waived, packed down, run out; money and goods follow, and the books hold."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import PersonNotice
from kit.clock import StoppedClock
from kit.errors import Conflict, Refusal
from orders.book_models import RevenueEntry
from orders.heavy_models import WeightDifference
from orders.models import OrderLine
from orders.services import Buyer, pack_order, put_in_basket, return_weighed, review_basket
from orders.services.auditing import without_parcel
from orders.services.heavy.ending import confirm_difference, turn_differences, waive_difference
from orders.services.names import difference_reference
from orders.services.order_money import left_dong
from orders.services.post import book_parcel
from orders.services.returns import Choice, give_back, return_lines, returns_of
from orders.services.short import Lack, tell_short
from orders.states import HEAVY_FOLLOWS, HEAVY_OPEN, HeavyState, OrderState
from payments.services import payment_for, refunds_of
from payments.services.refunds.extra import return_extra
from postal.models import Parcel
from tests.factories import LA_HIEN, listing, placed
from tests.orders.heavy import HEAVIER_G, LIGHTER_G, MORE_DONG, PAID_G, Lot, apples, lot
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def clock() -> StoppedClock:
    """Ten o'clock in Vietnam."""
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


async def waiting(clock: StoppedClock) -> Lot:
    """A lot that weighed 150 g more, its difference asked."""
    of = await lot(clock)
    await of.pack(HEAVIER_G)
    return of


async def sent(of: Lot) -> bool:
    """Whether the post is asked to fetch it."""
    await book_parcel(of.order.id, now=of.clock.now(), secret="s" * 32)
    return await Parcel.exists()


# --- the table ---


def test_every_end_stays_and_only_what_is_asked_is_paid() -> None:
    assert set(HEAVY_FOLLOWS) == set(HeavyState)
    assert all(bool(HEAVY_FOLLOWS[one]) == (one in HEAVY_OPEN) for one in HeavyState)
    assert [one for one, after in HEAVY_FOLLOWS.items() if HeavyState.PAID in after] == [HeavyState.ASKED]


# --- what is agreed ---


async def test_the_largest_sum_is_read_before_ordering_and_copied(clock: StoppedClock) -> None:
    goods, hoa = await apples(), Buyer(None, "d" * 22)
    await put_in_basket(hoa.owner, goods.code, 2)
    review = await review_basket(hoa.owner, LA_HIEN)
    assert review.more_most_dong == review.offers[0].things[0].more_most_dong == 24_000
    await Listing.filter(id=goods.id).update(is_heavier_charged=False)
    other = await review_basket(hoa.owner, LA_HIEN)
    assert (other.more_most_dong, other.seen == review.seen) == (0, False)
    await Listing.filter(id=goods.id).update(is_heavier_charged=True)
    [order] = await placed((goods, 1), now=clock.now())
    await Listing.filter(id=goods.id).update(is_heavier_charged=False, price_per_kg_dong=1)
    line = await OrderLine.get(order_id=order.id)
    assert order.more_most_dong == line.more_most_dong == 36_000


async def test_what_is_not_charged_costs_nothing_more(clock: StoppedClock) -> None:
    of = await lot(clock, await apples(is_heavier_charged=False))
    await of.pack(HEAVIER_G)
    assert (await of.now()).packed_at == clock.now() and not await WeightDifference.exists()


# --- packing ---


async def test_more_weight_asks_the_buyer_and_nothing_is_sent_meanwhile(clock: StoppedClock) -> None:
    of = await waiting(clock)
    row, order, money = await of.row(), await of.now(), await of.money()
    assert (row.state, row.dong, money.asked_dong) == (HeavyState.ASKED, MORE_DONG, MORE_DONG)
    assert money.code != order.code and money.expires_at == row.due_at
    assert (order.packed_at, order.state, await sent(of)) == (None, OrderState.PAID, False)
    assert await PersonNotice.exists(person_id=order.person_id, event_key=f"difference:{order.id}:asked")
    assert await without_parcel(before=clock.now() + timedelta(days=2)) == []


@pytest.mark.parametrize(
    ("kind", "hour", "due"),
    [
        ("tea", 3, datetime(2026, 11, 22, 3, 0, tzinfo=UTC)),
        ("fruit", 9, datetime(2026, 11, 22, 2, 0, tzinfo=UTC)),
    ],
)
async def test_fresh_goods_have_a_shorter_clock_that_spares_the_night(
    kind: str, hour: int, due: datetime
) -> None:
    of = await lot(StoppedClock(datetime(2026, 11, 21, hour, 0, tzinfo=UTC)), await apples(kind=kind))
    await of.pack(HEAVIER_G)
    assert (await of.row()).due_at == due


async def test_packing_twice_is_once_and_above_the_band_is_refused(clock: StoppedClock) -> None:
    of = await lot(clock)
    with pytest.raises(Refusal):
        await of.pack(2_201)
    for _ in range(2):
        await of.pack(HEAVIER_G)
    assert await WeightDifference.all().count() == 1
    with pytest.raises(Refusal) as refused:
        await of.pack(2_100)
    assert refused.value.field == f"final_{of.line.id}"
    assert (await OrderLine.get(id=of.line.id)).final_weight_g == HEAVIER_G


async def test_a_small_difference_is_not_worth_a_transfer(clock: StoppedClock) -> None:
    of = await lot(clock)
    await of.pack(2_033)  # 1.980 ₫
    assert (await of.now()).packed_at is not None and not await WeightDifference.exists()


async def test_lighter_goods_are_taken_off_what_heavier_cost(clock: StoppedClock) -> None:
    goods = await apples()
    other = await listing(await goods.vendor, name="Măng theo cân", price_dong=50_000, price_per_kg_dong=100_000,
                          portion_g=500, band_percent=10)  # fmt: skip
    of = await lot(clock, goods)
    await OrderLine.create(order_id=of.order.id, listing_id=other.id, name="Măng", unit="phần", price_dong=50_000,
                           quantity=1, sum_dong=50_000, weight_g=500, price_per_kg_dong=100_000, estimate_g=500,
                           band_percent=10, picture_url="")  # fmt: skip
    bamboo = await OrderLine.get(order_id=of.order.id, listing_id=other.id)
    weights = {of.line.id: HEAVIER_G, bamboo.id: 460}
    await pack_order(of.order.id, person_id=1, now=clock.now(), weights_g=weights)
    assert (await of.row()).dong == MORE_DONG - 4_000


# --- paid ---


async def test_paid_it_is_packed_and_sent(clock: StoppedClock) -> None:
    of = await waiting(clock)
    await of.told(11)
    order = await of.now()
    assert ((await of.row()).state, order.more_dong, order.packed_at) == (
        HeavyState.PAID,
        MORE_DONG,
        clock.now(),
    )
    assert await sent(of)
    lines = await RevenueEntry.filter(subject=difference_reference(order.id))
    assert [(one.amount_dong, one.channel, one.words) for one in lines] == [(MORE_DONG, "online", order.code)]


async def test_the_sellers_own_word_pays_it(clock: StoppedClock) -> None:
    of = await waiting(clock)
    await confirm_difference(of.order.id, person_id=of.seller_id, now=clock.now())
    assert (await of.row()).state is HeavyState.PAID and (await of.now()).packed_at is not None
    with pytest.raises(Conflict):
        await confirm_difference(of.order.id, person_id=of.seller_id, now=clock.now())


@pytest.mark.parametrize(
    ("dong", "extra_dong", "state"), [(4_000, 0, HeavyState.ASKED), (10_000, 1_000, HeavyState.PAID)]
)
async def test_too_little_waits_and_too_much_goes_back(
    clock: StoppedClock, dong: int, extra_dong: int, state: HeavyState
) -> None:
    of = await waiting(clock)
    await of.told(11, amount_dong=dong)
    money = await of.money()
    assert ((await of.row()).state, money.extra_dong) == (state, extra_dong)
    if extra_dong:
        await return_extra(money.id, now=clock.now())
        assert [one.amount_dong for one in await refunds_of(money.id)] == [extra_dong]


async def test_paid_twice_the_second_is_owed_back(clock: StoppedClock) -> None:
    of = await waiting(clock)
    await of.told(11)
    await of.told(12, amount_dong=MORE_DONG)
    assert (await of.money()).extra_dong == MORE_DONG


# --- the other ends ---


async def test_waived_it_is_sent_as_it_is(clock: StoppedClock) -> None:
    of = await waiting(clock)
    await of.told(11, amount_dong=4_000)
    await waive_difference(of.order.id, person_id=of.seller_id, now=clock.now())
    row, order, money = await of.row(), await of.now(), await of.money()
    assert (row.state, row.ended_by, order.more_dong, order.packed_at) == (
        HeavyState.WAIVED, of.seller_id, 0, clock.now(),
    )  # fmt: skip
    assert (money.state, [one.amount_dong for one in await refunds_of(money.id)]) == ("cancelled", [4_000])
    assert (await OrderLine.get(id=of.line.id)).more_dong == 0 and await sent(of)
    with pytest.raises(Conflict):
        await waive_difference(of.order.id, person_id=of.seller_id, now=clock.now())


async def test_packed_down_to_what_is_paid_or_to_less(clock: StoppedClock) -> None:
    of = await waiting(clock)
    await of.pack(LIGHTER_G)
    order = await of.now()
    assert ((await of.row()).state, (await of.money()).state) == (HeavyState.LOWERED, "cancelled")
    assert (order.packed_at, order.give_back_dong) == (clock.now(), 6_000)
    await return_weighed(order.id, person_id=None, now=clock.now())
    own = await payment_for(f"order:{order.id}")
    assert own and [one.amount_dong for one in await refunds_of(own.id)] == [6_000]


async def test_unpaid_at_the_end_of_the_clock_the_seller_decides(clock: StoppedClock) -> None:
    of = await waiting(clock)
    clock.forward(hours=23)
    assert await turn_differences(now=clock.now()) == 0
    clock.forward(hours=2)
    assert await turn_differences(now=clock.now()) == 1
    assert await turn_differences(now=clock.now()) == 0
    assert ((await of.row()).state, (await of.money()).state) == (HeavyState.LAPSED, "expired")
    assert (await of.now()).packed_at is None and not await sent(of)
    assert await PersonNotice.exists(event_key=f"difference:{of.order.id}:lapsed:sale")
    await of.pack(PAID_G)
    assert (await of.row()).state is HeavyState.LOWERED and await sent(of)


async def test_a_part_that_came_goes_back_at_the_end_of_the_clock(clock: StoppedClock) -> None:
    of = await waiting(clock)
    await of.told(11, amount_dong=4_000)
    clock.forward(hours=25)
    assert await turn_differences(now=clock.now()) == 1
    money = await of.money()
    assert (money.state, money.received_dong) == ("cancelled", 0)
    assert [one.amount_dong for one in await refunds_of(money.id)] == [4_000]


async def test_late_money_goes_back_by_itself(clock: StoppedClock) -> None:
    of = await waiting(clock)
    clock.forward(hours=25)
    await turn_differences(now=clock.now())
    await of.told(11, amount_dong=MORE_DONG)
    money = await of.money()
    assert (money.extra_dong, (await of.row()).state) == (MORE_DONG, HeavyState.LAPSED)
    await return_extra(money.id, now=clock.now())
    assert [one.amount_dong for one in await refunds_of(money.id)] == [MORE_DONG]
    shown = await returns_of(await of.now(), await payment_for(f"order:{of.order.id}"), now=clock.now())
    assert [one.amount_dong for one in shown.refunds] == [MORE_DONG]


async def test_nothing_is_called_short_while_money_is_awaited(clock: StoppedClock) -> None:
    of = await waiting(clock)
    with pytest.raises(Conflict):
        await tell_short(of.order.id, Lack({of.line.id: 0}, "Hết hàng."), person_id=1, now=clock.now())
    assert not await refunds_of((await of.money()).id)


# --- money back over two payments ---


async def test_money_goes_back_from_the_difference_first_never_more_than_each_took_in(
    clock: StoppedClock,
) -> None:
    of = await waiting(clock)
    await of.told(11)
    order = await of.now()
    total_dong = order.total_dong + MORE_DONG
    assert await left_dong(order) == total_dong
    for key in ("a", "a", "b"):
        await give_back(order, Choice(amount_dong=7_000), "quả dập", key=key, person_id=1, now=clock.now())
    own, more = await payment_for(f"order:{order.id}"), await of.money()
    assert own
    assert [one.amount_dong for one in await refunds_of(more.id)] == [7_000, 2_000]
    assert [one.amount_dong for one in await refunds_of(own.id)] == [5_000]
    with pytest.raises(Refusal):
        await give_back(order, Choice(amount_dong=total_dong), "", key="c", person_id=1, now=clock.now())
    await give_back(order, Choice(), "trả cả", key="d", person_id=1, now=clock.now())
    assert await left_dong(order) == 0
    given = sum(one.amount_dong for one in await refunds_of(own.id, more.id))
    assert given == total_dong


async def test_a_line_gives_back_all_that_was_paid_for_it(clock: StoppedClock) -> None:
    of = await waiting(clock)
    await of.told(11)
    order = await of.now()
    [line] = await return_lines(order)
    assert line.left_dong == 120_000 + MORE_DONG
    await give_back(order, Choice((line.id,)), "hỏng", key="a", person_id=1, now=clock.now())
    assert [one.left_dong for one in await return_lines(order)] == [0]
    assert await left_dong(order) == order.delivery_dong
