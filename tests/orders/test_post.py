"""The parcel of a paid order: booked once, followed to its end."""

import pytest

from accounts.models import PersonNotice
from accounts.notice_gates import ZaloGate
from accounts.notices import NoticeState
from accounts.services import Evidence, Purpose, choose
from accounts.sms_gate import recent_texts
from kit.clock import StoppedClock
from kit.parts import Parts
from kit.settings import Settings
from market.worker import work_all_due
from orders import tasks
from orders.models import Order, OrderEvent
from orders.services import order_facts
from orders.services.post import _requests
from orders.states import FOLLOWS, OrderState, may_follow
from postal.models import Parcel
from postal.services import act, parcel
from postal.services.booking import _rows
from postal.staff_carrier import Act
from tests.factories import HOA, SECRET, RefusingGate, carried, listing, pay_order, person, placed

pytestmark = pytest.mark.usefixtures("books")
DELIVERED = (Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, Act.TAKE_OUT, Act.DELIVER)


async def paid_and_booked(parts: Parts, clock: StoppedClock) -> Order:
    """An order of two packets whose parcel waits for collection."""
    [order] = await placed((await listing(), 2), now=clock.now())
    await pay_order(order, now=clock.now())
    await tasks.book_parcel(parts, [order.id])
    return await Order.get(id=order.id)


async def test_a_paid_order_books_one_parcel(clock: StoppedClock, parts: Parts) -> None:
    """Weight, worth, contents and both addresses go along; the job again makes no second one."""
    order = await paid_and_booked(parts, clock)
    await tasks.book_parcel(parts, [order.id])
    assert await Parcel.all().count() == 1
    made = await parcel(order.parcel_code)
    assert (made.reference, made.order_code, made.id) == (f"order:{order.id}", order.code, order.parcel_id)
    assert (made.weight_g, made.value_dong, made.contents) == (1100, 440_000, "2 × Chè móc câu")
    assert (made.sender.commune, made.recipient.commune) == ("Xã Tân Cương", "Xã La Hiên")
    assert made.recipient.phone == order.recipient_phone


async def test_an_order_cancelled_while_its_booking_was_lost_has_its_parcel_called_off(
    clock: StoppedClock, parts: Parts
) -> None:
    """The worker died after it had written the parcel down: the job, run again, ends what was begun."""
    [order] = await placed((await listing(), 2), now=clock.now())
    await pay_order(order, now=clock.now())
    await _rows(await _requests([await Order.get(id=order.id)]), now=clock.now(), secret=SECRET)
    assert (await Parcel.get()).booking == "waiting"
    await Order.filter(id=order.id).update(state=OrderState.CANCELLED)
    await tasks.book_parcel(parts, [order.id])
    await work_all_due(parts)
    [made] = await Parcel.all()
    assert (made.booking, made.state) == ("booked", "cancelled")
    assert (await Order.get(id=order.id)).parcel_id == made.id
    await tasks.book_parcel(parts, [order.id])
    assert await Parcel.all().count() == 1


async def test_a_cancelled_order_of_which_no_parcel_was_begun_books_nothing(
    clock: StoppedClock, parts: Parts
) -> None:
    [order] = await placed((await listing(), 1), now=clock.now())
    await Order.filter(id=order.id).update(state=OrderState.CANCELLED)
    await tasks.book_parcel(parts, [order.id])
    assert not await Parcel.exists()


async def test_an_unpaid_order_books_nothing(clock: StoppedClock, parts: Parts) -> None:
    """The job begins by reading the state."""
    [order] = await placed((await listing(), 1), now=clock.now())
    await tasks.book_parcel(parts, [order.id])
    await tasks.book_parcel(parts, [999_999])
    assert not await Parcel.exists()


@pytest.mark.parametrize(
    ("acts", "state", "passed"),
    [
        ((), OrderState.PAID, []),
        ((Act.ACCEPT,), OrderState.POSTED, ["posted"]),
        (DELIVERED, OrderState.DELIVERED, ["posted", "delivered"]),
    ],
    ids=["booked", "accepted", "delivered"],
)
async def test_the_order_follows_its_parcel(
    clock: StoppedClock, parts: Parts, acts: tuple[Act, ...], state: OrderState, passed: list[str]
) -> None:
    """However many steps the job finds at once, and however often it runs."""
    order = await paid_and_booked(parts, clock)
    await carried(order.parcel_code, *acts, person_id=1, now=clock.now())
    for _ in range(2):
        await tasks.follow_parcel(parts, order.parcel_id or 0)
    now = await Order.get(id=order.id)
    events = await OrderEvent.filter(order_id=order.id).order_by("id")
    assert now.state == state
    assert [event.state for event in events] == ["placed", "paid", *passed]
    assert (now.delivered_at is not None) == (state is OrderState.DELIVERED)


@pytest.mark.parametrize("end", [Act.LOSE, Act.DAMAGE])
async def test_an_order_whose_parcel_does_not_arrive_is_lost(
    clock: StoppedClock, parts: Parts, end: Act
) -> None:
    """The buyer reads who answers for it."""
    order = await paid_and_booked(parts, clock)
    await carried(order.parcel_code, Act.ACCEPT, person_id=1, now=clock.now())
    await act(order.parcel_code, end, person_id=1, event_key="gone:0001", now=clock.now(), note="Xe bị cháy")
    await tasks.follow_parcel(parts, order.parcel_id or 0)
    lost = await Order.get(id=order.id)
    facts = await order_facts(lost, now=clock.now())
    assert lost.state == OrderState.LOST and "Bưu cục chịu trách nhiệm" in str(facts.said.lines[0])
    assert [step.state for step in facts.steps] == ["done", "done", "done", "bad"]


async def test_a_parcel_of_nobodys_order_moves_nothing(clock: StoppedClock, parts: Parts) -> None:
    """The post also carries what was not ordered here."""
    order = await paid_and_booked(parts, clock)
    await tasks.follow_parcel(parts, (order.parcel_id or 0) + 1)
    assert (await Order.get(id=order.id)).state == OrderState.PAID


async def test_the_buyer_reads_where_the_parcel_is(clock: StoppedClock, parts: Parts) -> None:
    """The newest step of the parcel stands on the order's page."""
    order = await paid_and_booked(parts, clock)
    before = (await order_facts(order, now=clock.now())).mark
    await carried(order.parcel_code, Act.ACCEPT, person_id=1, now=clock.now())
    facts = await order_facts(order, now=clock.now())
    assert facts.parcel_step and str(facts.parcel_step.words) == "Đang trên đường"
    assert facts.mark != before


def test_no_state_leads_back() -> None:
    """Ends are ends, and nothing follows itself; out of what is lost only a person leads (orders.services.found)."""
    ends = {state for state, after in FOLLOWS.items() if not after}
    assert ends == {OrderState.CLOSED, OrderState.CANCELLED, OrderState.RETURNED}
    assert FOLLOWS[OrderState.LOST] == {OrderState.DELIVERED, OrderState.RETURNED}
    for one in OrderState:
        assert not may_follow(one, one) and not may_follow(one, OrderState.PLACED)


async def test_only_who_agreed_is_texted_about_the_order(clock: StoppedClock, parts: Parts) -> None:
    """Nothing by itself, nothing any more after a withdrawal, and each step once."""
    hoa, now = await person(), clock.now()
    order = await paid_and_booked(parts, clock)
    await Order.filter(id=order.id).update(person_id=hoa.id)
    await carried(order.parcel_code, *DELIVERED, person_id=1, now=now)
    evidence = Evidence("/me/consents", "m" * 64, None)
    asked = {"version": 1, "evidence": evidence, "now": now}
    await choose(hoa.id, Purpose.ORDER_TEXTS, is_given=True, **asked)
    for _ in range(2):
        await tasks.follow_parcel(parts, order.parcel_id or 0)
    await _work_in_daylight(parts, clock)
    [text] = [one for one in recent_texts(parts[Settings].var_path / "twins") if one.phone == HOA]
    assert order.code in text.words and "đã giao" in text.words
    told = [one.event_key for one in await PersonNotice.filter(person_id=hoa.id).order_by("id")]
    assert told == [f"order:{order.id}:delivered"], "what it passed through on the way is no news"


async def test_without_consent_no_text_leaves(clock: StoppedClock, parts: Parts) -> None:
    """Never agreed, or agreed and withdrawn."""
    hoa, now = await person(), clock.now()
    order = await paid_and_booked(parts, clock)
    await Order.filter(id=order.id).update(person_id=hoa.id)
    asked = {"version": 1, "evidence": Evidence("/me/consents", "m" * 64, None), "now": now}
    await choose(hoa.id, Purpose.ORDER_TEXTS, is_given=True, **asked)
    await choose(hoa.id, Purpose.ORDER_TEXTS, is_given=False, **asked)
    await carried(order.parcel_code, *DELIVERED, person_id=1, now=now)
    await tasks.follow_parcel(parts, order.parcel_id or 0)
    assert (await Order.get(id=order.id)).state == OrderState.DELIVERED
    await _work_in_daylight(parts, clock)
    assert not [one for one in recent_texts(parts[Settings].var_path / "twins") if one.phone == HOA]
    assert (await PersonNotice.get(person_id=hoa.id)).state is NoticeState.KEPT, (
        "the page has it all the same"
    )


async def _work_in_daylight(parts: Parts, clock: StoppedClock) -> None:
    """At noon, by text alone: no other channel is switched on."""
    parts.put(ZaloGate, RefusingGate(is_final=True))
    clock.at = clock.now().replace(hour=5)
    await work_all_due(parts)
