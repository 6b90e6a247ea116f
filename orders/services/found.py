"""Lost orders whose parcel is told to be delivered, or back with its seller, after all: a named person decides.

News alone never moves them: money may be on its way back, and who gave it must not lose it twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services import record
from accounts.services.notices import notify_role
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.roles import Role
from orders.after_models import FoundParcel
from orders.models import Order, OrderEvent
from orders.services.book.taking import take_money
from orders.services.moves import move, tell_screens
from orders.services.names import SHORT, WEIGHED, reference_of
from orders.services.order_money import payments_behind
from orders.states import OrderState
from payments.services import RefundView, cancel_refund, refunds_of
from payments.services.at_the_door import hold_payment
from payments.services.reviving import reopen
from postal.services import ParcelView
from postal.services.found_money import DueAtDoor, due_at_door, settle_found
from postal.states import ParcelState

PAGE_ROWS = 24
PAGES_MAX = 200
NEWS_LIFE = timedelta(days=3)
LEADS_TO = {ParcelState.DELIVERED: OrderState.DELIVERED, ParcelState.RETURNED: OrderState.RETURNED}
_GONE = ("succeeded", "sent", "pending", "unknown")


@dataclass(frozen=True)
class FoundRow:
    """A lost order whose parcel was found, in the list."""

    order: Order
    found: FoundParcel


@dataclass(frozen=True)
class FoundRows:
    """A page of them, the longest waiting first."""

    rows: list[FoundRow]
    page: int
    has_more: bool


@dataclass(frozen=True)
class FoundCase:
    """One of them with the money that goes back for it.

    `to_cancel` has not left yet and is called off when the order was delivered, `gone` cannot be called off. `due` is
    what the books still expect our own staff to take at its door.
    """

    order: Order
    found: FoundParcel
    to_cancel: list[RefundView]
    gone: list[RefundView]
    due: DueAtDoor | None = None

    @property
    def gone_dong(self) -> int:
        """What the buyer has back already, or will."""
        return sum(one.amount_dong for one in self.gone)


async def note_found(order: Order, seen: ParcelView, *, now: datetime) -> None:
    """A locked lost order's parcel stands somewhere else now: put before an administrator, or taken off again."""
    open_row = await FoundParcel.get_or_none(order_id=order.id)
    if seen.state not in LEADS_TO:
        if open_row is not None and open_row.decided_at is None:
            await open_row.delete()
        return
    if open_row is not None:
        if open_row.decided_at is None and open_row.told != seen.state:
            open_row.told, open_row.told_at = str(seen.state), now
            await open_row.save(update_fields=["told", "told_at"])
        return
    await FoundParcel.create(order_id=order.id, told=str(seen.state), told_at=now)
    telling = Telling(
        NoticeKind.SYSTEM,
        say("Đơn thất lạc {code} có tin", code=order.code),
        say("Bưu gửi được báo đã đến nơi. Xem tiền hoàn rồi quyết định."),
        f"/admin/found/{order.code}",
        NEWS_LIFE,
    )
    await notify_role(Role.ADMIN, "", telling, event_key=f"found:{order.id}:{seen.state}", now=now)


async def found_rows(*, page: int = 1) -> FoundRows:
    """Lost orders that wait for a person. Two queries."""
    page = max(1, min(page, PAGES_MAX))
    waiting = FoundParcel.filter(decided_at__isnull=True).order_by("id")
    found = await waiting.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
    orders = {one.id: one for one in await Order.filter(id__in=[row.order_id for row in found[:PAGE_ROWS]])}
    rows = [FoundRow(orders[one.order_id], one) for one in found[:PAGE_ROWS]]
    return FoundRows(rows, page, len(found) > PAGE_ROWS)


async def found_case(order: Order) -> FoundCase:
    """One of them, decided or not. NotFound when the parcel was never found."""
    row = await FoundParcel.get_or_none(order_id=order.id)
    if row is None:
        raise NotFound()
    refunds = await _refunds_since_lost(order)
    gone = [one for one in refunds if str(one.state) in _GONE]
    waiting = [one for one in refunds if one.is_open and one not in gone]
    return FoundCase(order, row, waiting, gone, await due_at_door(order.parcel_id))


async def _refunds_since_lost(order: Order) -> list[RefundView]:
    """What goes back because it was lost: not for what lacked or weighed less, nor what was paid too much."""
    behind = await payments_behind(order)
    lost = await OrderEvent.filter(order_id=order.id, state=OrderState.LOST).order_by("-id").first()
    if not behind or lost is None:
        return []
    return [
        one
        for one in await refunds_of(*[one.id for one in behind])
        if one.asked_at >= lost.at and one.key not in (SHORT, WEIGHED) and not one.is_extra
    ]


async def decide_found(
    order_id: int, *, follows: bool, words: str, person_id: int, now: datetime, is_taken: bool | None = None
) -> None:
    """The order goes where its parcel is told to be, or stays lost, once; `words` say why.

    Delivered, refunds that have not left are called off and count again; what has left stays given. An order to be paid
    at the door awaits its money anew, and what came for it meanwhile counts. Where our own staff was to take it,
    `is_taken` says whether they did; of an order that stays lost, or is paid, nothing is to be taken any more. Raises
    Conflict when it was decided or moved on, Refusal at `words` without a reason, at `money` when nobody says whether
    it was taken. Locks the payment, its refunds, the order, then the parcel.
    """
    if not words.strip():
        raise Refusal(
            say("Ghi vì sao quyết định vậy, ví dụ đã gọi cho khách và khách nói gì."), field="words"
        )
    async with transaction():
        await hold_payment(reference_of(order_id))
        order = await Order.get(id=order_id)
        case = await found_case(order)
        to = LEADS_TO[ParcelState(case.found.told)]
        if case.found.decided_at is not None:
            raise _decided()
        if follows and to is OrderState.DELIVERED:
            for one in case.to_cancel:
                await cancel_refund(one.id, person_id=person_id, reason=words.strip(), now=now)
            if order.pays_on_delivery and order.paid_at is None:
                is_paid = await reopen(reference_of(order_id), person_id=person_id, now=now)
                await Order.filter(id=order_id).update(paid_at=now if is_paid else None)
        order = (await locked(Order, [order_id]))[order_id]
        row = await FoundParcel.get(order_id=order_id)
        if row.decided_at is not None or order.state is not OrderState.LOST:
            raise _decided()
        if follows:
            await move(order, to, now=now, person_id=person_id, note=words.strip()[:300])
        row.decided_at, row.decided_by, row.follows, row.words = now, person_id, follows, words.strip()
        await row.save(update_fields=["decided_at", "decided_by", "follows", "words"])
        if case.due is not None and order.parcel_id is not None:
            is_awaited = follows and to is OrderState.DELIVERED and order.paid_at is None
            if is_awaited and is_taken is None:
                raise Refusal(say("Chọn bưu tá đã thu tiền, hay khách chưa trả."), field="money")
            await settle_found(order.parcel_id, is_taken=is_awaited and bool(is_taken), now=now)
        said = {"follows": follows, "told": row.told, "words": row.words, "taken": is_taken}
        await record(person_id, "found_decided", "order", order.code, **said)
        await take_money([reference_of(order_id)], now=now)
        await tell_screens(order)


def _decided() -> Conflict:
    return Conflict(say("Đơn này đã được quyết định rồi."))
