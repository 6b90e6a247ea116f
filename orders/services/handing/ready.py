"""Goods that are fetched: they lie ready, the buyer is told, and they are given out once, against the buyer's code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.services import record
from kit.dates import show_day, show_moment, vietnam_date
from kit.db import locked, select, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from kit.rules import days_after, rule_on
from orders.handing_models import Fetch
from orders.models import Order
from orders.services.moves import move
from orders.states import BY_PEOPLE, OrderState
from postal.delivery_code import ShownCode, delivery_code, fits, whose

KEPT_RULE, KEPT_DAYS = "fetch_kept_days", 3
READY_RULE, READY_HOURS = "fetch_ready_hours", 24
WAITING_MAX = 500
_AT_STALL = (
    "WHERE order_fetch.vendor_id = ANY($1) AND order_fetch.handing = 'stall'"
    " AND order_fetch.is_waiting ORDER BY order_fetch.id LIMIT $2"
)
_AT_DESK = "WHERE order_fetch.market_id = ANY($1) AND order_fetch.is_waiting ORDER BY order_fetch.id LIMIT $2"


class AlreadyFetched(Conflict):
    """Somebody gave these goods out before."""


@dataclass(frozen=True)
class Place:
    """Where goods are given out: the stalls of these sellers, or the desk of a market."""

    vendor_ids: tuple[int, ...] = ()
    market_id: int | None = None


async def kept_until(now: datetime) -> date:
    """The last day on which a stall or a desk keeps goods that lie ready now (a dated rule)."""
    return await days_after(KEPT_RULE, vietnam_date(now), KEPT_DAYS)


async def ready_by(order: Order) -> datetime | None:
    """Until when the seller is to have the goods ready (a dated rule, from the payment on); None before it."""
    if order.paid_at is None:
        return None
    hours = int(await rule_on(READY_RULE, vietnam_date(order.paid_at)) or READY_HOURS)
    return order.paid_at + timedelta(hours=hours)


async def make_ready(
    order: Order, *, now: datetime, person_id: int | None = None, until: date | None = None
) -> bool:
    """A locked order's goods lie where its buyer fetches them, `until` that day: the buyer is told.

    False, with nothing changed, when the order's state does not allow it.
    """
    fetch, last = await Fetch.get(order_id=order.id), until or await kept_until(now)
    note = f"{fetch.place} · {show_day(last)}"
    if not await move(order, OrderState.READY, now=now, person_id=person_id, note=note):
        return False
    fetch.ready_at, fetch.kept_until, fetch.is_waiting = now, last, True
    await fetch.save(update_fields=["ready_at", "kept_until", "is_waiting"])
    return True


def code_to_show(order: Order, secret: str) -> str:
    """The six digits against which an order's goods are given out: its parcel's, if it travels in one."""
    return delivery_code(order.parcel_code or order.code, secret)


def text_to_show(order: Order, secret: str) -> str:
    """What stands in the QR code that a buyer shows."""
    return f"{order.parcel_code or order.code}-{code_to_show(order, secret)}"


async def order_shown(shown: ShownCode, place: Place, *, secret: str) -> int:
    """The number of the order that waits here and whose code this is. Refusal at `code`."""
    lying = {one.code: int(one.id) for one in await _waiting(place)}
    return lying[whose(shown, lying, secret)]


async def _waiting(place: Place) -> Sequence[Order]:
    if place.market_id is not None:
        fetches = await select(Fetch, _AT_DESK, [[place.market_id], WAITING_MAX])
    else:
        fetches = await select(Fetch, _AT_STALL, [list(place.vendor_ids), WAITING_MAX])
    return await select(Order, "WHERE id = ANY($1) ORDER BY id", [[one.order_id for one in fetches]])


async def hand_over(
    order_id: int, digits: str, *, person_id: int, now: datetime, secret: str, age_checked: bool = False
) -> Order:
    """Gives an order's goods out, once, to who shows its six digits; `age_checked`: who takes alcohol showed to be 18.

    Raises AlreadyFetched when another has, Conflict when they do not lie ready, Refusal at `code` for a wrong code,
    at `age_checked` when alcohol is given out unseen (Decree 24/2020/NĐ-CP, Article 6).
    """
    async with transaction():
        order = (await locked(Order, [order_id]))[order_id]
        fetch = await Fetch.get(order_id=order_id)
        if fetch.fetched_at is not None:
            when = show_moment(fetch.fetched_at)
            raise AlreadyFetched(say("Đơn {code} đã trao lúc {when}.", code=order.code, when=when))
        if order.state is not OrderState.READY or order.handing not in BY_PEOPLE:
            raise Conflict(say("Đơn {code} chưa sẵn sàng để trao.", code=order.code))
        if not fits(digits, order.code, secret):
            raise Refusal(say("Mã nhận hàng không phải của đơn {code}.", code=order.code), field="code")
        if order.is_adult_only and not age_checked:
            words = say(
                "Đơn {code} có rượu: xem giấy tờ người lấy rồi đánh dấu «Đủ 18 tuổi».", code=order.code
            )
            raise Refusal(words, field="age_checked")
        await move(order, OrderState.DELIVERED, now=now, person_id=person_id)
        fetch.fetched_at, fetch.fetched_by, fetch.is_waiting = now, person_id, False
        await fetch.save(update_fields=["fetched_at", "fetched_by", "is_waiting"])
        await record(person_id, "order_fetched", "order", order.code)
        return order
