"""Goods that nobody fetched in time: who is reminded, and how the seller ends the order and the money goes back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services import record
from accounts.services.notices import notify, notify_role
from kit.dates import vietnam_date
from kit.db import locked, select, transaction
from kit.errors import Conflict
from kit.i18n import say
from kit.roles import Role
from kit.rules import rule_on
from orders.handing_models import Fetch
from orders.models import Order
from orders.services.handing.ready import READY_HOURS, READY_RULE
from orders.services.moves import move
from orders.services.unwind import ask_all_back
from orders.states import BY_PEOPLE, OrderState
from payments.services import RefundSource, Wish

UNFETCHED = "unfetched"  # what the refund is asked under
NEWS_LIFE = timedelta(hours=20)
REMINDED_AT_ONCE = 200
_LAST_DAY = (
    "WHERE order_fetch.is_waiting AND order_fetch.kept_until BETWEEN $1 AND $2"
    " ORDER BY order_fetch.kept_until, order_fetch.id LIMIT $3"
)
_LATE = (
    "WHERE customer_order.state = 'paid' AND customer_order.handing IN ('stall', 'desk')"
    " AND customer_order.paid_at BETWEEN $1 AND $2 AND NOT EXISTS (SELECT 1 FROM weight_difference d"
    " WHERE d.order_id = customer_order.id AND d.state = 'asked') ORDER BY customer_order.id LIMIT $3"
)


def can_be_ended(order: Order, fetch: Fetch, *, now: datetime) -> bool:
    """Whether its seller may end an order that nobody fetched: the last day it was kept for is over."""
    return (
        order.state is OrderState.READY
        and order.handing in BY_PEOPLE
        and fetch.kept_until is not None
        and vietnam_date(now) > fetch.kept_until
    )


async def end_unfetched(order_id: int, *, person_id: int, now: datetime) -> list[int]:
    """The seller ends an order that nobody fetched: what was paid goes back; the numbers of the refunds.

    Locks the payment, its refunds, then the order. Conflict while it is still kept, or was given out meanwhile.
    """
    async with transaction():
        wish = Wish(UNFETCHED, RefundSource.PAID, None, "Khách không đến lấy hàng")
        refunds = await ask_all_back(order_id, wish, person_id=person_id, now=now)
        order = (await locked(Order, [order_id]))[order_id]
        fetch = await Fetch.get_or_none(order_id=order_id)
        if fetch is None or not can_be_ended(order, fetch, now=now):
            raise Conflict(say("Đơn này còn trong hạn giữ hàng, hoặc khách đã lấy."))
        await move(order, OrderState.RETURNED, now=now, person_id=person_id)
        fetch.ended_at, fetch.is_waiting = now, False
        await fetch.save(update_fields=["ended_at", "is_waiting"])
        await record(person_id, "order_unfetched", "order", order.code)
        return refunds


async def remind_of_fetching(*, now: datetime) -> None:
    """Round: sellers are told of goods that should lie ready, buyers of the last day, sellers of who did not come."""
    today = vietnam_date(now)
    hours = int(await rule_on(READY_RULE, today) or READY_HOURS)
    due = now - timedelta(hours=hours)
    late = await select(Order, _LATE, [due - timedelta(days=1), due, REMINDED_AT_ONCE])
    last = await _kept(today, today)
    over = await _kept(today - timedelta(days=2), today - timedelta(days=1))
    async with transaction():
        for order in late:
            await _tell_seller(order, "late", now)
        for order in last:
            await _tell_buyer(order, now)
        for order in over:
            await _tell_seller(order, "over", now)


async def _kept(first: date, last: date) -> Sequence[Order]:
    fetches = await select(Fetch, _LAST_DAY, [first, last, REMINDED_AT_ONCE])
    ids = [one.order_id for one in fetches]
    return await select(Order, "WHERE id = ANY($1) ORDER BY id", [ids]) if ids else []


async def _tell_buyer(order: Order, now: datetime) -> None:
    if order.person_id is None:
        return
    telling = Telling(
        NoticeKind.ORDER,
        say("Hôm nay là ngày cuối lấy đơn {code}", code=order.code),
        say("Hàng của {seller} giữ cho bạn đến hết hôm nay. Quá ngày, đơn có thể bị kết thúc.",
            seller=order.vendor_name),
        f"/orders/{order.code}",
        NEWS_LIFE,
    )  # fmt: skip
    await notify([order.person_id], telling, event_key=f"fetch:{order.id}:last", now=now)


async def _tell_seller(order: Order, why: str, now: datetime) -> None:
    title, words = {
        "late": (
            say("Đơn {code} đến giờ sẵn sàng", code=order.code),
            say("Khách đã trả tiền và chờ đến lấy. Cô bác chuẩn bị hàng rồi bấm «Sẵn sàng»."),
        ),
        "over": (
            say("Đơn {code}: khách không đến lấy", code=order.code),
            say("Đã hết hạn giữ hàng. Cô bác gọi cho khách, hoặc kết thúc đơn và hoàn tiền."),
        ),
    }[why]
    if order.handing not in BY_PEOPLE:
        return
    telling = Telling(NoticeKind.SALE, title, words, f"/sell/orders/{order.code}", NEWS_LIFE)
    key = f"fetch:{order.id}:{why}"
    await notify_role(Role.VENDOR, str(order.vendor_id), telling, event_key=key, now=now)
