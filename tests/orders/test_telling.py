"""Who is told what of an order, and only once: paid, uneven money, time run out, goods due to be sent."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Person, PersonNotice
from accounts.notices import NoticeKind, from_kept
from accounts.services import grant
from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.models import Job
from kit.money import show_dong
from kit.parts import Parts
from kit.roles import Role
from kit.sealed import SealKeys
from orders import tasks
from orders.models import Order, OrderEvent
from orders.services import cancel_order, expire_orders, settle_waiting
from orders.services.post import book_harvested
from orders.services.telling import tell_of_orders
from orders.states import OrderState
from payments.services import payment_for
from tests.factories import TUAN, bank_notice, listing, pay_order, person, placed, recorded
from vendors.models import WebhookMessage
from vendors.services.webhooks.endpoints import add_endpoint

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def clock() -> StoppedClock:
    """Ten o'clock in Vietnam."""
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


async def between(clock: StoppedClock, pieces: int = 1) -> tuple[Order, Person, Person]:
    """An order with a buyer who is known, and its seller."""
    tea = await listing()
    [order] = await placed((tea, pieces), now=clock.now())
    buyer, seller = await person(), await person("Tuấn", TUAN)
    await grant(seller.id, Role.VENDOR, str(tea.vendor_id))
    await Order.filter(id=order.id).update(person_id=buyer.id)
    return await Order.get(id=order.id), buyer, seller


async def work_news(parts: Parts) -> None:
    for job in await Job.filter(name="tell_of_order").order_by("id"):
        assert await tasks.tell_of_order(parts, [job.subject_id]) == {}


async def told(whom: Person) -> list[tuple[str, str]]:
    rows = await PersonNotice.filter(person_id=whom.id).order_by("id")
    return [(str(from_kept(row.title)), str(from_kept(row.words))) for row in rows]


async def test_a_paid_order_is_news_for_both_once(clock: StoppedClock, parts: Parts) -> None:
    order, buyer, seller = await between(clock, 2)
    await pay_order(order, now=clock.now())
    for _ in range(2):
        await work_news(parts)
    [(title, words)] = await told(seller)
    assert (
        title == f"Đơn mới {order.code}"
        and "2 × Chè móc câu" in words
        and show_dong(order.total_dong) in words
    )
    assert (await told(buyer))[0][0] == f"Đơn {order.code} đã trả tiền"
    notices = {one.person_id: (one.kind, one.url) for one in await PersonNotice.all()}
    assert notices[buyer.id] == (NoticeKind.ORDER, f"/orders/{order.code}")
    assert notices[seller.id] == (NoticeKind.SALE, f"/sell/orders/{order.code}")


async def test_orders_paid_together_are_told_too(clock: StoppedClock, parts: Parts, run_jobs: Any) -> None:
    """The statement that pays many leaves the same job."""
    order, _, seller = await between(clock)
    asked = await payment_for(f"order:{order.id}")
    assert asked
    notice_id = await recorded(bank_notice(asked, at=clock.now()), now=clock.now())
    await settle_waiting([notice_id], now=clock.now())
    assert await Job.filter(name="tell_of_order").count() == 1
    assert await Job.filter(name="book_parcel").count() == 1
    await work_news(parts)
    assert len(await told(seller)) == 1


@pytest.mark.parametrize(
    ("change_dong", "title"),
    [(-20_000, "còn thiếu tiền"), (30_000, "dư tiền")],
    ids=["too little", "too much"],
)
async def test_uneven_money_is_told_to_both(clock: StoppedClock, change_dong: int, title: str) -> None:
    order, buyer, seller = await between(clock)
    await pay_order(order, now=clock.now(), amount_dong=order.total_dong + change_dong)
    for whom in (buyer, seller):
        said = [one for one in await told(whom) if title in one[0]]
        assert len(said) == 1 and show_dong(abs(change_dong)) in said[0][1]


async def test_late_money_is_told_to_both(clock: StoppedClock) -> None:
    order, buyer, seller = await between(clock)
    await cancel_order(order.id, person_id=buyer.id, now=clock.now())
    await pay_order(order, now=clock.now())
    assert "tiền đến muộn" in (await told(buyer))[-1][0] and "tiền đến muộn" in (await told(seller))[-1][0]


async def test_time_that_ran_out_is_told_to_the_buyer_alone(clock: StoppedClock, parts: Parts) -> None:
    order, buyer, seller = await between(clock)
    clock.forward(minutes=16)
    await expire_orders(now=clock.now())
    await work_news(parts)
    assert [one[0] for one in await told(buyer)] == [f"Đơn {order.code} hết giờ chuyển tiền"]
    assert await told(seller) == []


async def test_ones_own_cancellation_is_no_news_and_somebody_elses_is(
    clock: StoppedClock, parts: Parts
) -> None:
    order, buyer, _ = await between(clock)
    await cancel_order(order.id, person_id=buyer.id, now=clock.now())
    await work_news(parts)
    assert await told(buyer) == []
    other = await OrderEvent.create(
        order=order, state=OrderState.CANCELLED, person_id=None, note="Hết hàng.", at=clock.now()
    )
    await tell_of_orders([other.id], now=clock.now())
    assert "Hết hàng." in (await told(buyer))[0][1]


async def test_old_news_and_orders_of_nobody_are_left_alone(clock: StoppedClock, parts: Parts) -> None:
    order, buyer, seller = await between(clock)
    await Order.filter(id=order.id).update(person_id=None)
    await pay_order(order, now=clock.now())
    event = await OrderEvent.filter(order_id=order.id, state=OrderState.PAID).get()
    await tell_of_orders([event.id], now=clock.now() + timedelta(hours=21))
    assert await told(seller) == []
    await tell_of_orders([event.id], now=clock.now())
    assert await told(buyer) == [] and len(await told(seller)) == 1
    await tell_of_orders([10**9], now=clock.now())


async def test_a_harvest_that_is_due_is_told_once_for_all_its_orders(clock: StoppedClock) -> None:
    order, _, seller = await between(clock)
    await Order.filter(id=order.id).update(state=OrderState.PAID, ships_from=vietnam_date(clock.now()))
    for _ in range(2):
        await book_harvested(now=clock.now())
    [(title, words)] = await told(seller)
    assert title == "Đến ngày gửi hàng đặt trước" and words.startswith("1 đơn")


async def test_a_sellers_system_is_told_of_each_step_once(clock: StoppedClock, parts: Parts) -> None:
    """Things and sums, and nobody's name, phone or address."""
    order, _, _ = await between(clock, 2)
    keys = SealKeys(["a key for the tests of webhooks, long enough"])
    await add_endpoint(
        order.vendor_id,
        "https://kho.example.vn/",
        label="",
        events=[],
        keys=keys,
        twin_url="",
        by=1,
        now=clock.now(),
    )
    await pay_order(order, now=clock.now())
    for _ in range(2):
        await work_news(parts)
    message = await WebhookMessage.get()
    told = json.loads(message.body)
    assert (message.event, told["data"]["order"], told["data"]["total_dong"]) == (
        "order.paid",
        order.code,
        order.total_dong,
    )
    assert [(line["name"], line["quantity"]) for line in told["data"]["lines"]] == [("Chè móc câu", 2)]
    for private in (order.recipient_name, order.recipient_phone, order.recipient_line):
        assert private not in message.body
