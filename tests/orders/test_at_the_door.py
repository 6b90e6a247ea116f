"""Orders that are paid at the door, brought by own staff: who may, the money's way, and all that can go otherwise."""

from datetime import timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.errors import Conflict, Refusal
from kit.parts import Parts
from orders.book_models import RevenueEntry
from orders.models import Order
from orders.services import Buyer, cancel_order, reference_of, review_basket
from orders.services.door.offering import door_words, offer_at_door, times_refused
from orders.services.door.placing import end_unpacked
from orders.states import OrderState
from payments.ledger import (
    POST_BOX,
    coming,
    due_at_door,
    owed_to_buyer,
    paid,
    payable,
    post_cash,
    post_difference,
    to_collect,
)
from payments.models import PayoutStatus
from payments.services import RefundSource, Wish, ask_refund, confirm_refund
from payments.services.payouts.gathering import approve_payout, end_payout, gather_payout, say_sent
from postal.models import CarrierAlert, CollectionStep, DoubtfulAct
from postal.services import act
from postal.services.debriefs import Count, close_day, day_of_carrier
from postal.services.door import settle_doubt
from postal.staff_carrier import Act
from postal.states import MoneyState, ParcelState
from tests.doors import Doors, doors
from tests.factories import LA_HIEN, carried, pay_order, put_basket
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("books")
TUAN, THAO = 51, 41


@pytest.fixture
async def stall(books: None, parts: Parts, clock: StoppedClock) -> Doors:
    """A seller who takes orders that are paid at the door."""
    return await doors(parts, clock)


async def counted(
    stall: Doors, *, person_id: int = TUAN, cash_dong: int | None = None, note: str = ""
) -> int:
    """The evening's count with somebody; what was due."""
    day = vietnam_date(stall.clock.now())
    due_dong = (await day_of_carrier(person_id, day)).cash_due_dong
    cash = Count(due_dong if cash_dong is None else cash_dong, {}, note)
    await close_day(person_id, day, cash, clerk_id=THAO, now=stall.clock.now())
    await stall.works()
    return due_dong


# --- the whole way ---


async def test_from_the_basket_to_the_sellers_account(stall: Doors) -> None:
    """Each step is in the books once, and nothing is released before it was counted."""
    order = await stall.placed()
    reference, seller = reference_of(order.id), stall.seller.id
    assert (order.state, order.pays_on_delivery, order.paid_at) == (OrderState.CONFIRMED, True, None)
    assert order.expires_at == stall.clock.now() + timedelta(hours=48)
    left = await Listing.get(id=stall.goods.id)
    assert (left.stock, left.reserved) == (9, 1)
    assert not order.parcel_code
    order = await stall.packed(order)
    assert order.parcel_code and (await stall.parcel(order)).money is MoneyState.EXPECTED
    assert await stall.books(to_collect("staff"), due_at_door(reference)) == [
        order.total_dong,
        -order.total_dong,
    ]
    order = await stall.out(TUAN, order)
    assert order.state is OrderState.POSTED and (await Listing.get(id=stall.goods.id)).reserved == 0
    await stall.gives(order, TUAN)
    order = await stall.now(order)
    assert (order.state, order.paid_at) == (OrderState.DELIVERED, stall.clock.now())
    assert (await stall.money(order)).state == "paid"
    total = order.total_dong
    assert await stall.books(
        to_collect("staff"), due_at_door(reference), post_cash(TUAN), paid(reference), coming(seller)
    ) == [0, 0, total, -total, -total]
    assert await stall.books(payable(seller)) == [0]
    [line] = await RevenueEntry.all()
    assert (line.amount_dong, line.channel, line.subject) == (total, "online", reference)
    assert await counted(stall) == total
    assert await stall.books(post_cash(TUAN), POST_BOX, coming(seller), payable(seller)) == [
        0,
        total,
        0,
        -total,
    ]
    assert (await stall.parcel(order)).money is MoneyState.PAID_IN
    payout = await gather_payout(seller, person_id=THAO, now=stall.clock.now())
    await approve_payout(payout, person_id=THAO, now=stall.clock.now())
    await say_sent(payout, person_id=THAO, now=stall.clock.now())
    await stall.works()
    assert (await stall.parcel(order)).money is MoneyState.PAID_IN
    await end_payout(payout, PayoutStatus.SUCCEEDED, person_id=THAO, words="Đã chuyển", now=stall.clock.now())
    await stall.works()
    assert (await stall.parcel(order)).money is MoneyState.REMITTED
    await end_payout(payout, PayoutStatus.RETURNED, person_id=THAO, words="Sai số", now=stall.clock.now())
    await stall.works()
    assert (await stall.parcel(order)).money is MoneyState.PAID_IN
    assert await stall.books(payable(seller)) == [-total]
    kinds = [str(one.became) for one in await CollectionStep.all().order_by("id")]
    assert kinds == ["expected", "collected", "paid_in", "remitted", "paid_in"]


async def test_told_twice_is_taken_once(stall: Doors) -> None:
    """The phone sends the same act again, and the job runs again."""
    order = await stall.out(TUAN)
    for _ in range(2):
        await stall.gives(order, TUAN)
    assert await CollectionStep.filter(became="collected").count() == 1
    assert await stall.books(post_cash(TUAN)) == [order.total_dong]


async def test_delivered_without_taking_the_money_is_refused(stall: Doors) -> None:
    """Neither at the door nor at the desk; nothing moves."""
    order = await stall.out(TUAN)
    with pytest.raises(Refusal) as no:
        await stall.gives(order, TUAN, collected_dong=0)
    assert no.value.field == "collected"
    with pytest.raises(Refusal, match="thu hộ"):
        await act(
            order.parcel_code,
            Act.DELIVER,
            person_id=TUAN,
            event_key="desk:deliver",
            now=stall.clock.now(),
        )
    assert (await stall.parcel(order)).state is ParcelState.OUT_FOR_DELIVERY


async def test_another_sum_waits_for_a_person_and_the_carrier_answers_for_all(stall: Doors) -> None:
    """Less was taken than was due: in doubt; let count, the carrier owes it all, and the count shows the rest."""
    order = await stall.out(TUAN)
    heard = await stall.gives(order, TUAN, collected_dong=100_000)
    assert heard.doubt == "cash" and (await stall.parcel(order)).money is MoneyState.EXPECTED
    doubt = await DoubtfulAct.get()
    assert doubt.collected_dong == 100_000
    await settle_doubt(doubt.id, counts=True, words="Đã hỏi khách", person_id=THAO, now=stall.clock.now())
    await stall.works()
    assert (await stall.money(order)).state == "paid"
    await counted(stall, cash_dong=100_000, note="Thiếu tiền của một đơn")
    short = order.total_dong - 100_000
    assert await stall.books(post_cash(TUAN), post_difference(TUAN), POST_BOX) == [0, short, 100_000]
    assert await stall.books(payable(stall.seller.id)) == [-order.total_dong]


async def test_cash_told_of_after_the_count_is_counted_the_next_day(stall: Doors) -> None:
    """A phone without signal: the first count knows nothing of it."""
    first, second = await stall.out(TUAN), await stall.out(TUAN)
    await stall.gives(first, TUAN)
    await counted(stall, note="Còn một gói")
    await stall.gives(second, TUAN)
    stall.clock.forward(days=1)
    assert await counted(stall) == second.total_dong
    assert await stall.books(POST_BOX) == [first.total_dong + second.total_dong]


# --- otherwise ---


async def test_a_failed_attempt_changes_nothing_and_a_return_ends_it(stall: Doors) -> None:
    """What comes back is not owed by anybody; the payment is closed."""
    order = await stall.out(TUAN)
    await refused(stall, order)
    assert (await stall.parcel(order)).money is MoneyState.EXPECTED
    await carried(order.parcel_code, Act.SEND_BACK, Act.GIVE_BACK, person_id=TUAN, now=stall.clock.now())
    await stall.works()
    assert (await stall.parcel(order)).money is MoneyState.NONE
    order = await stall.now(order)
    assert (order.state, order.refused_at_door) == (OrderState.RETURNED, True)
    assert (await stall.money(order)).state == "cancelled"
    assert await stall.books(to_collect("staff"), due_at_door(reference_of(order.id))) == [0, 0]


async def refused(stall: Doors, order: Order) -> None:
    """Nobody takes it at the door."""
    await act(
        order.parcel_code,
        Act.FAIL,
        person_id=TUAN,
        event_key=f"fail:{order.id}",
        now=stall.clock.now(),
        reason="recipient_refused",
    )
    await stall.works()


async def test_who_refused_twice_is_not_offered_it_again(stall: Doors) -> None:
    """By phone number, whatever the device."""
    for number in range(2):
        order = await stall.out(TUAN, device=str(number) * 22)
        await refused(stall, order)
        await carried(order.parcel_code, Act.SEND_BACK, Act.GIVE_BACK, person_id=TUAN, now=stall.clock.now())
        await stall.works()
    assert await times_refused(Buyer(None, "z" * 22), order.recipient_phone) == 2
    with pytest.raises(Conflict, match="không nhận"):
        await stall.placed(device="z" * 22)
    assert (await stall.placed(device="y" * 22, phone="+84973111222")).pays_on_delivery


async def test_paid_by_transfer_on_the_way_takes_nothing_at_the_door(stall: Doors) -> None:
    """The bank tells of it while the parcel is out: the carrier's list says nothing to take."""
    order = await stall.out(TUAN)
    await pay_order(order, now=stall.clock.now())
    await stall.works()
    order, sent = await stall.now(order), await stall.parcel(order)
    assert (order.state, order.paid_at, sent.cod_dong) == (OrderState.POSTED, stall.clock.now(), 0)
    assert await stall.books(to_collect("staff")) == [0]
    await stall.gives(order, TUAN, collected_dong=0)
    assert (await stall.now(order)).state is OrderState.DELIVERED
    assert await stall.books(paid(reference_of(order.id))) == [-order.total_dong]


async def test_paid_by_transfer_and_in_cash_is_owed_to_the_buyer(stall: Doors) -> None:
    """The phone had no signal and took the money as well."""
    order = await stall.out(TUAN)
    await pay_order(order, now=stall.clock.now())
    await stall.works()
    await stall.gives(order, TUAN)
    reference = reference_of(order.id)
    assert await stall.books(owed_to_buyer(reference), post_cash(TUAN)) == [
        -order.total_dong,
        order.total_dong,
    ]
    assert (await stall.money(order)).needs_review


async def test_paid_by_transfer_before_packing_is_an_order_like_all_others(stall: Doors) -> None:
    """Its parcel is booked, nothing is taken at the door."""
    order = await stall.placed()
    await pay_order(order, now=stall.clock.now())
    await stall.works()
    order = await stall.now(order)
    assert order.state is OrderState.PAID and (await stall.parcel(order)).cod_dong == 0


async def test_it_can_be_called_off_until_it_is_collected(stall: Doors) -> None:
    """Before packing, and packed; the goods come back to the shelf and the parcel is nobody's any more."""
    fresh, packed = await stall.placed(), await stall.packed()
    for order in (fresh, packed):
        for _ in range(2):
            await cancel_order(order.id, person_id=None, now=stall.clock.now())
    await stall.works()
    assert (await stall.now(fresh)).state is (await stall.now(packed)).state is OrderState.CANCELLED
    assert (await stall.parcel(packed)).state is ParcelState.CANCELLED
    assert (await Listing.get(id=stall.goods.id)).stock == 10
    assert await stall.books(to_collect("staff")) == [0]
    sent = await stall.out(TUAN)
    with pytest.raises(Conflict):
        await cancel_order(sent.id, person_id=None, now=stall.clock.now())


async def test_what_is_not_packed_in_time_ends_by_itself(stall: Doors) -> None:
    """The seller's clock, 48 hours by the rule of the day; what is packed stays."""
    late, packed = await stall.placed(), await stall.packed()
    stall.clock.forward(hours=49)
    assert await end_unpacked(now=stall.clock.now()) == 1
    assert await end_unpacked(now=stall.clock.now()) == 0
    assert (await stall.now(late)).state is OrderState.CANCELLED
    assert (await stall.now(packed)).state is OrderState.CONFIRMED


async def test_money_given_back_after_delivery(stall: Doors) -> None:
    """A refund of money that was taken at the door goes back by the seller's transfer."""
    order = await stall.out(TUAN)
    await stall.gives(order, TUAN)
    money = await stall.money(order)
    wish = Wish("seller:one", RefundSource.PAID, 50_000)
    [refund] = await ask_refund(money.id, wish, person_id=1, now=stall.clock.now())
    await confirm_refund(refund, person_id=1, words="", now=stall.clock.now())
    await counted(stall)
    assert await stall.books(payable(stall.seller.id)) == [-order.total_dong]


# --- who may ---


@pytest.mark.parametrize(
    ("goods", "words"),
    [
        ({"price_dong": 5_000_000}, "đến 3.000.000"),
        ({"is_adult_only": True}, "có rượu"),
    ],
    ids=["too dear", "alcohol"],
)
async def test_not_everything_is_paid_at_the_door(
    books: None, parts: Parts, clock: StoppedClock, goods: dict[str, Any], words: str
) -> None:
    """The review says why not, and an order that asks for it all the same is refused."""
    stall = await doors(parts, clock, **goods)
    buyer = Buyer(None, "d" * 22)
    await put_basket(buyer, stall.goods)
    review = await review_basket(buyer.owner, LA_HIEN)
    word = (await door_words(review, buyer, "+84912345678", now=clock.now()))[stall.seller.id]
    assert not word.can_be and word.why_not is not None
    said = str(word.why_not.text).format(**word.why_not.values)
    assert words in said


async def test_off_until_the_seller_says_so(stall: Doors) -> None:
    """And off again for new orders; those that stand stay."""
    standing = await stall.placed()
    await offer_at_door(stall.seller.id, is_on=False, person_id=1, now=stall.clock.now())
    with pytest.raises(Conflict, match="chọn lại"):
        await stall.placed()
    await stall.packed(standing)
    assert not await CarrierAlert.exists()
