"""Lost orders whose parcel was found: put before a person, decided once, with the money where it belongs."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import PersonNotice
from accounts.services import grant
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.parts import Parts
from kit.roles import Role
from orders.after_models import FoundParcel
from orders.models import Order
from orders.services import reference_of
from orders.services.auditing import unlike_parcel, wrong_steps
from orders.services.found import decide_found, found_case, found_rows
from orders.services.restock import goods_back
from orders.services.returns import Choice, give_back
from orders.states import OrderState
from payments.ledger import coming, due_at_door, paid, post_cash, to_collect
from payments.models import Payment, PaymentState, Refund
from payments.services import assert_balanced, confirm_refund
from payments.services.at_the_door import AtDoor, take_from_statement
from postal.services import act
from postal.services.collecting import cash_held
from postal.services.correcting import correct
from postal.services.found_money import DueAtDoor
from postal.staff_carrier import Act
from postal.states import MoneyState, ParcelState
from tests.conftest import Browser
from tests.doors import doors
from tests.factories import SECRET, TUAN, carried, listing, pay_order, person, placed
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("books")
WHY = "Đã gọi, khách nói hàng đến nơi."


async def lost(clock: StoppedClock, run_jobs: Any, key: int = 1) -> Order:
    """A paid order whose parcel is lost."""
    goods = await Listing.all().first() or await listing(stock=5)
    [order] = await placed((goods, 2), now=clock.now())
    await pay_order(order, key, now=clock.now())
    await run_jobs()
    code = (await Order.get(id=order.id)).parcel_code
    await loses(code, clock)
    await run_jobs()
    clock.forward(minutes=5)
    order = await Order.get(id=order.id)
    assert order.state is OrderState.LOST
    return order


async def loses(code: str, clock: StoppedClock) -> None:
    """The post takes a parcel and loses it."""
    await carried(code, Act.ACCEPT, Act.HAND_OVER, person_id=5, now=clock.now())
    said: dict[str, Any] = {"event_key": "loses", "note": "Rơi mất trên đường.", "secret": SECRET}
    await act(code, Act.LOSE, person_id=5, now=clock.now(), **said)


async def corrected(order: Order, state: ParcelState, clock: StoppedClock, run_jobs: Any) -> None:
    """The clerk says where the parcel truly is."""
    said: dict[str, Any] = {"words": "Bưu cục gọi báo.", "person_id": 5, "now": clock.now()}
    await correct(order.parcel_code, state, event_key=f"set right:{state}", **said)
    await run_jobs()


async def decided(
    order: Order, clock: StoppedClock, *, follows: bool, words: str = WHY, is_taken: bool | None = None
) -> Order:
    said: dict[str, Any] = {"follows": follows, "is_taken": is_taken, "words": words}
    await decide_found(order.id, person_id=9, now=clock.now(), **said)
    return await Order.get(id=order.id)


async def test_news_alone_moves_nothing_and_is_put_before_an_administrator(
    clock: StoppedClock, run_jobs: Any
) -> None:
    admin = await person("Sơn", TUAN)
    await grant(admin.id, Role.ADMIN)
    order, since = await lost(clock, run_jobs), clock.now()
    with pytest.raises(NotFound):
        await found_case(order)
    await corrected(order, ParcelState.DELIVERED, clock, run_jobs)
    assert (await Order.get(id=order.id)).state is OrderState.LOST
    [row] = (await found_rows()).rows
    assert (row.order.id, row.found.told) == (order.id, "delivered")
    assert await PersonNotice.filter(person_id=admin.id, event_key__startswith="found:").count() == 1
    clock.forward(days=1)
    assert not await unlike_parcel(since=order.placed_at, before=clock.now())
    await corrected(order, ParcelState.LOST, clock, run_jobs)
    assert not await FoundParcel.exists() and since


async def test_delivered_after_all_calls_off_what_has_not_left(clock: StoppedClock, run_jobs: Any) -> None:
    """A refund asked since it was lost is called off, the buyer may claim and rate; twice is a conflict."""
    order = await lost(clock, run_jobs)
    [refund] = await give_back(order, Choice(), "Thất lạc", key="k1", person_id=7, now=clock.now())
    await corrected(order, ParcelState.DELIVERED, clock, run_jobs)
    case = await found_case(order)
    assert ([one.id for one in case.to_cancel], case.gone_dong) == ([refund], 0)
    with pytest.raises(Refusal) as refused:
        await decided(order, clock, follows=True, words="  ")
    assert refused.value.field == "words"
    order = await decided(order, clock, follows=True)
    assert order.state is OrderState.DELIVERED and order.delivered_at
    assert str((await Refund.get(id=refund)).state) == "cancelled"
    with pytest.raises(Conflict):
        await decided(order, clock, follows=False)
    assert not (await found_rows()).rows and not await wrong_steps(since=order.placed_at)


async def test_what_has_left_stays_given(clock: StoppedClock, run_jobs: Any) -> None:
    order = await lost(clock, run_jobs)
    [refund] = await give_back(order, Choice(), "Thất lạc", key="k1", person_id=7, now=clock.now())
    await confirm_refund(refund, person_id=7, words="", now=clock.now())
    await corrected(order, ParcelState.DELIVERED, clock, run_jobs)
    assert (await found_case(order)).gone_dong == order.total_dong
    assert (await decided(order, clock, follows=True)).state is OrderState.DELIVERED
    assert str((await Refund.get(id=refund)).state) == "succeeded"


async def test_it_may_stay_lost_or_come_back_to_its_seller(clock: StoppedClock, run_jobs: Any) -> None:
    order = await lost(clock, run_jobs)
    [refund] = await give_back(order, Choice(), "Thất lạc", key="k1", person_id=7, now=clock.now())
    await corrected(order, ParcelState.DELIVERED, clock, run_jobs)
    assert (await decided(order, clock, follows=False)).state is OrderState.LOST
    assert (await Refund.get(id=refund)).state not in ("cancelled", "succeeded")
    clock.forward(days=1)
    assert not await unlike_parcel(since=order.placed_at, before=clock.now())
    other = await lost(clock, run_jobs, key=2)
    await corrected(other, ParcelState.RETURNED, clock, run_jobs)
    other = await decided(other, clock, follows=True)
    goods = await goods_back(other)
    assert other.state is OrderState.RETURNED and goods and goods.suggested_pieces == 2


@pytest.mark.parametrize("came", [False, True])
async def test_money_at_the_door_is_awaited_anew_and_what_came_meanwhile_counts(
    came: bool, clock: StoppedClock, parts: Parts, run_jobs: Any
) -> None:
    """The payment was called off with the lost parcel: reopened it waits, or is paid by what a statement told."""
    stall = await doors(parts, clock)
    order = await stall.packed(await stall.placed())
    await loses(order.parcel_code, clock)
    await stall.works()
    reference = reference_of(order.id)
    assert (await Payment.get(reference=reference)).state is PaymentState.CANCELLED
    await corrected(order, ParcelState.DELIVERED, clock, run_jobs)
    if came:
        told = AtDoor("collection:told", reference, order.vendor_id, "ghn", order.total_dong)
        async with transaction():
            await take_from_statement(told, 0, 0, at=clock.now())
    order = await decided(order, clock, follows=True, is_taken=None if came else False)
    await stall.works()
    payment = await Payment.get(reference=reference)
    assert await stall.books(to_collect("staff")) == [0]
    assert order.state is OrderState.DELIVERED and (order.paid_at is not None) is came
    assert payment.state is (PaymentState.PAID if came else PaymentState.PENDING)
    assert payment.received_dong == (order.total_dong if came else 0)
    assert not await wrong_steps(since=order.placed_at)


# What is told of the parcel, what is decided, whether the staff took the money; then the parcel's money, what is to be
# collected, the holder's cash, what the buyer paid, and what is coming to the seller, as shares of the order's total.
_TRUE_BOOKS = [
    (ParcelState.DELIVERED, True, True, MoneyState.COLLECTED, (0, 1, -1, -1)),
    (ParcelState.DELIVERED, True, False, MoneyState.NONE, (0, 0, 0, 0)),
    (ParcelState.DELIVERED, False, None, MoneyState.NONE, (0, 0, 0, 0)),
    (ParcelState.DELIVERED, False, True, MoneyState.NONE, (0, 0, 0, 0)),
    (ParcelState.RETURNED, True, None, MoneyState.NONE, (0, 0, 0, 0)),
    (ParcelState.RETURNED, False, None, MoneyState.NONE, (0, 0, 0, 0)),
]


@pytest.mark.parametrize(("told", "follows", "is_taken", "money", "shares"), _TRUE_BOOKS)
async def test_after_a_decision_the_books_expect_nothing_more_at_the_door_of_our_own_staff(
    told: ParcelState,
    follows: bool,
    is_taken: bool | None,
    money: MoneyState,
    shares: tuple[int, ...],
    clock: StoppedClock,
    parts: Parts,
    run_jobs: Any,
) -> None:
    """Taken by whoever had it last, brought in with their count; or to be taken by nobody; it stays so afterwards."""
    stall = await doors(parts, clock)
    order = await stall.out(7)
    lost_by: dict[str, Any] = {"event_key": "loses", "note": "Rơi trên đường.", "secret": SECRET}
    await act(order.parcel_code, Act.LOSE, person_id=7, now=clock.now(), **lost_by)
    await stall.works()
    clock.forward(minutes=5)
    await corrected(order, told, clock, run_jobs)
    total, reference = order.total_dong, reference_of(order.id)
    expected = total if told is ParcelState.DELIVERED else 0
    assert await stall.books(to_collect("staff")) == [expected]
    if told is ParcelState.DELIVERED and follows:
        with pytest.raises(Refusal) as refused:
            await decided(order, clock, follows=True)
        assert refused.value.field == "money" and (await found_case(order)).due == DueAtDoor(total, 7)
    await decided(order, clock, follows=follows, is_taken=is_taken)
    await stall.works()
    seller = order.vendor_id
    accounts = (to_collect("staff"), post_cash(7), paid(reference), coming(seller))
    assert await stall.books(*accounts) == [one * total for one in shares]
    assert await stall.books(due_at_door(reference)) == [0]
    assert (await stall.parcel(order)).money is money
    assert ((await stall.now(order)).paid_at is not None) is (money is MoneyState.COLLECTED)
    await assert_balanced()
    await stall.works()
    assert [one.dong for one in await cash_held(clock.now() + timedelta(seconds=1))] == [
        total for _ in range(shares[1])
    ]


async def test_what_is_told_next_counts_until_somebody_decides(clock: StoppedClock, run_jobs: Any) -> None:
    """Told delivered, then back with its seller: the decision is about where it is now."""
    order = await lost(clock, run_jobs)
    await corrected(order, ParcelState.DELIVERED, clock, run_jobs)
    await corrected(order, ParcelState.RETURNED, clock, run_jobs)
    assert (await found_case(order)).found.told == "returned"
    assert (await decided(order, clock, follows=True)).state is OrderState.RETURNED


async def test_the_page_asks_where_the_money_is(
    client: Browser, sign_in_as: Any, clock: StoppedClock, parts: Parts, run_jobs: Any
) -> None:
    """Who had it last is named; without an answer the sentence stands at the question, and nothing is decided."""
    stall = await doors(parts, clock)
    order = await stall.packed(await stall.placed())
    await loses(order.parcel_code, clock)
    await stall.works()
    await corrected(order, ParcelState.DELIVERED, clock, run_jobs)
    await sign_in_as(client, "0973111222", Role.ADMIN)
    where = f"/admin/found/{order.code}"
    page = (await client.get(where)).text
    assert "tiền thu hộ đâu" in page and "Người cầm bưu gửi sau cùng: #5" in page
    answer = await client.submit(where, {"choice": "follow", "words": WHY})
    assert answer.status_code == 422 and "hay khách chưa trả" in answer.text
    assert (
        await client.submit(where, {"choice": "follow", "words": WHY, "money": "maybe"})
    ).status_code == 422
    assert (await FoundParcel.get()).decided_at is None
    assert (
        await client.submit(where, {"choice": "follow", "words": WHY, "money": "taken"})
    ).status_code == 303
    await stall.works()
    assert await stall.books(to_collect("staff"), post_cash(5)) == [0, order.total_dong]


async def test_an_administrator_decides_on_the_page_and_by_program(
    client: Browser, sign_in_as: Any, clock: StoppedClock, run_jobs: Any
) -> None:
    """orders:found_index, orders:found_show, orders:found_decide, orders:api_found, orders:api_found_decide."""
    order = await lost(clock, run_jobs)
    await give_back(order, Choice(), "Thất lạc", key="k1", person_id=7, now=clock.now())
    where = f"/admin/found/{order.code}"
    await sign_in_as(client, "0973111222", Role.ADMIN)
    assert (await client.get(where)).status_code == 404
    assert "Không có đơn nào chờ" in (await client.get("/admin/found")).text
    await corrected(order, ParcelState.DELIVERED, clock, run_jobs)
    assert where in (await client.get("/admin/found")).text
    page = (await client.get(where)).text
    assert "sẽ được rút lại nếu đơn đã giao" in page and order.parcel_code in page
    assert (await client.submit(where, {"choice": "follow", "words": ""})).status_code == 422
    assert (await client.submit(where, {"choice": "maybe", "words": WHY})).status_code == 422
    token = {"x-csrf-token": await client.token()}
    [told] = (await client.get("/api/v1/admin/found")).json()["items"]
    assert (told["order"], told["told"], told["follows"]) == (order.code, "delivered", None)
    said = {"choice": "follow", "words": WHY}
    done = await client.post(f"/api/v1{where}", json=said, headers=token)
    assert (done.json()["state"], done.json()["follows"]) == ("delivered", True)
    assert (await client.submit(where, said)).status_code == 409
    assert "Đã quyết định: theo bưu gửi" in (await client.get(where)).text
    await sign_in_as(client, TUAN)
    assert (await client.get(where)).status_code == 403
