"""A provider that takes a payment and whose answer is lost, one that is away, and one that is silent for a day."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from kit.errors import Conflict
from kit.models import Job
from kit.parts import Parts
from orders.services import cancel_order, expire_orders
from orders.states import OrderState
from payments.gates.register import Gates
from payments.models import PaymentState, TwinOrder
from payments.polling import AFTER_END, next_look
from payments.services import leave_looks
from payments.twins.orders import PAID
from tests.factories import kinds, listing, vendor
from tests.gates.conftest import Shopper

MakeShopper = Callable[..., Awaitable[Shopper]]


async def with_sum_ending(shopper: MakeShopper, ending: int) -> Shopper:
    """An order whose sum ends so: the magic of the pretend providers."""
    seller = await vendor()
    probe = await shopper(seller=seller, name="Chè thử", price_dong=100_000)
    rest = (ending - probe.order.total_dong) % 1000
    return await shopper(seller=seller, name="Chè Tân Cương", price_dong=100_000 + rest)


@pytest.mark.parametrize("gate", ["momo", "zalopay", "stripe"])
async def test_taken_but_never_answered_is_unknown_until_it_is_found(shopper: MakeShopper, gate: str) -> None:
    shop = await with_sum_ending(shopper, 504)
    chosen = await shop.chooses(gate)
    assert chosen.status_code == 303
    attempt = await shop.attempt()
    assert attempt.state is PaymentState.UNKNOWN
    page = await shop.client.get(f"/orders/{shop.order.code}")
    assert "Chưa rõ đã trả hay chưa" in page.text and "đừng trả lần nữa" in page.text
    with pytest.raises(Conflict):
        await cancel_order(shop.order.id, person_id=None, now=shop.clock.now())
    again = await shop.chooses(gate)
    assert again.status_code == 303 and (await shop.attempt()).id == attempt.id
    taken = await TwinOrder.get(gate=gate)
    taken.state, taken.decided_at = PAID, shop.clock.now()  # the buyer paid in the app's own list of bills
    await taken.save()
    await shop.waits(seconds=61)
    assert ((await shop.now()).state, (await shop.attempt()).state) == (OrderState.PAID, PaymentState.PAID)
    assert not (await shop.money()).needs_review


@pytest.mark.parametrize("gate", ["momo", "zalopay", "stripe"])
async def test_away_is_said_and_another_means_may_be_tried(shopper: MakeShopper, gate: str) -> None:
    shop = await with_sum_ending(shopper, 503)
    answer = await shop.chooses(gate)
    assert answer.status_code == 503 and "chưa trả lời" in answer.text
    assert (await shop.attempt()).state is PaymentState.FAILED
    await shop.pays("vnpay")
    await shop.works()
    assert (await shop.now()).state == OrderState.PAID


async def test_after_a_day_of_silence_a_person_is_told(shopper: MakeShopper, parts: Parts) -> None:
    """Nothing is ever marked failed by silence: the payment stays unknown, its goods stay reserved."""
    shop = await with_sum_ending(shopper, 504)
    await shop.chooses("momo")
    parts.put(Gates, Gates({}))  # switched off: nobody answers any more
    for _ in range(40):
        shop.clock.forward(hours=1)
        await expire_orders(now=shop.clock.now())
        await leave_looks(now=shop.clock.now())
        await shop.works()
    money, attempt = await shop.money(), await shop.attempt()
    assert (money.state, attempt.state) == ("unknown", PaymentState.UNKNOWN)
    assert money.needs_review and "silence" in await kinds(money)
    assert (await shop.now()).state == OrderState.PLACED and attempt.next_query_at is None
    assert not await Job.filter(name="query_attempt", state="waiting").exists()


async def test_a_crash_between_the_row_and_the_question_is_found(shopper: MakeShopper) -> None:
    """The row stands, the provider never heard of it: the end is expired, not stuck."""
    shop = await shopper()
    await shop.chooses("momo")
    attempt = await shop.attempt()
    await TwinOrder.all().delete()
    attempt.state, attempt.pay_url = PaymentState.CREATED, ""
    await attempt.save(update_fields=["state", "pay_url"])
    await shop.waits(minutes=1, seconds=5)
    assert (await shop.attempt()).state is PaymentState.CREATED
    await shop.waits(minutes=16)
    assert (await shop.attempt()).state is PaymentState.EXPIRED


async def test_looks_come_at_one_three_and_ten_minutes_then_at_the_end_and_for_a_day(
    shopper: MakeShopper,
) -> None:
    shop = await shopper()
    asked_at = shop.clock.now()
    ends, looks, now = asked_at + timedelta(minutes=15), [], asked_at
    while (at := next_look(now, asked_at=asked_at, expires_at=ends)) is not None:
        looks.append(at)
        now = at
    minutes = [(at - asked_at) / timedelta(minutes=1) for at in looks]
    assert minutes[:5] == [1, 3, 10, 15, 17]
    assert looks[-1] == ends + timedelta(hours=24) and len(looks) == 3 + len(AFTER_END)
    assert await listing(seller=await vendor("Khác", "khac"), name="Mật ong")
