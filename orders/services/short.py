"""Partly fulfilled orders: the seller says what is lacking, the buyer takes the rest or cancels, silence cancels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services import record
from accounts.services.notices import notify, notify_role
from kit.dates import show_moment, vietnam_date
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.money import show_dong
from kit.roles import Role
from kit.rules import rule_on
from orders.heavy_models import WeightDifference
from orders.models import Order, OrderLine
from orders.services.door.placing import change_sum
from orders.services.moves import move, tell_screens
from orders.services.names import SHORT, reference_of
from orders.services.unwind import cancel_paid, let_go, return_all, unsell_short
from orders.short_models import Shortage
from orders.states import HEAVY_OPEN, TO_SEND, OrderState, ShortState
from payments.services import RefundSource, Wish, ask_refund, cancel, payment_for
from payments.services.at_the_door import hold_payment

SHORT_RULE, SHORT_HOURS = "short_answer_hours", 24
ROUND_ROWS = 100
NEWS_LIFE = timedelta(hours=20)


@dataclass(frozen=True)
class Lack:
    """What a seller says: how many pieces of each line (by id) can be packed, and why not all."""

    packed: Mapping[int, int]
    reason: str


async def shortage_of(order: Order) -> Shortage | None:
    """What an order lacks, if its seller ever said so; nothing is asked before it is to be packed. One query."""
    is_sold = order.paid_at is not None or order.pays_on_delivery
    return await Shortage.get_or_none(order_id=order.id) if is_sold else None


async def tell_short(order_id: int, lack: Lack, *, person_id: int, now: datetime) -> Shortage:
    """The seller can pack only so many; the buyer is told and chooses until the end of the clock.

    When nothing can be packed the order is cancelled at once. Conflict when it is packed, gone or was said before,
    Refusal at `packed_{line}` or `reason`.
    """
    async with transaction():
        found = await Order.get(id=order_id)
        lines = await found.lines.all().order_by("id")
        short = _short_lines(lines, lack)
        nothing = all(lack.packed.get(one.id, one.quantity) == 0 for one in lines)
        if nothing:
            await _end_money(found, lack.reason, person_id, now)
        order = (await locked(Order, [order_id]))[order_id]
        if order.state is not found.state or order.state not in TO_SEND or order.packed_at is not None:
            raise Conflict(say("Chỉ báo thiếu hàng khi đơn chờ gói."))
        if await WeightDifference.exists(order_id=order_id, state__in=list(HEAVY_OPEN)):
            raise Conflict(say("Đơn đang chờ khách trả phần chênh. Bỏ qua phần chênh hoặc gói bớt trước đã."))
        if await Shortage.exists(order_id=order_id):
            raise Conflict(say("Cô bác đã báo thiếu hàng cho đơn này rồi."))
        row = await Shortage.create(
            order_id=order.id,
            vendor_id=order.vendor_id,
            state=ShortState.CANCELLED if nothing else ShortState.ASKED,
            lines=short,
            short_dong=sum(int(one["dong"]) for one in short),
            reason=lack.reason,
            asked_by=person_id,
            asked_at=now,
            due_at=await _due(order, now),
            answered_at=now if nothing else None,
        )
        await record(person_id, "shortage_told", "order", order.code, dong=row.short_dong)
        if nothing:
            await _call_off(order, {}, person_id, lack.reason, now)
        else:
            await _tell_buyer(order, row, now)
        await tell_screens(order)
    return row


async def answer_short(order_id: int, *, accepts: bool, person_id: int | None, now: datetime) -> None:
    """The buyer takes the rest, and the missing pieces' money goes back; or has all cancelled, and all goes back.

    Conflict without a shortage, once it is answered, or when all shall be cancelled and is on its way.
    """
    async with transaction():
        row = await Shortage.get_or_none(order_id=order_id)
        if row is None:
            raise _none()
        _refuse_answered(row)
        await (_accept if accepts else _cancel)(row, person_id, now)


async def withdraw_short(order_id: int, *, person_id: int, now: datetime) -> None:
    """The seller has found the goods. Conflict without a shortage, or once it is answered."""
    async with transaction():
        order, row = await _locked(order_id)
        await _end(row, ShortState.WITHDRAWN, person_id, now)
        await record(person_id, "shortage_withdrawn", "order", order.code)
        title = say("Đơn {code}: đã đủ hàng", code=order.code)
        words = say("{seller} tìm đủ hàng, gói cả đơn cho bạn.", seller=order.vendor_name)
        await _notify_buyer(order, title, words, "found", now)
        await tell_screens(order)


async def turn_shorts(*, now: datetime) -> int:
    """Round: silence cancels what is still there, and takes the rest of what is on its way already. Gives how many."""
    due = Shortage.filter(state=ShortState.ASKED, due_at__lt=now).order_by("due_at", "id").limit(ROUND_ROWS)
    turned = 0
    for order_id in await due.values_list("order_id", flat=True):
        turned += await _turn(int(str(order_id)), now)
    return turned


async def _turn(order_id: int, now: datetime) -> bool:
    is_there = (await Order.get(id=order_id)).state in TO_SEND
    try:
        await answer_short(order_id, accepts=not is_there, person_id=None, now=now)
    except Conflict:  # answered, or sent, at this moment: the next round looks again
        return False
    return True


async def _accept(row: Shortage, person_id: int | None, now: datetime) -> None:
    """Locks the payment, then the order and the listings."""
    reference = reference_of(row.order_id)
    if is_unpaid := (await Order.get(id=row.order_id)).state is OrderState.CONFIRMED:
        await hold_payment(reference)
    else:
        await _give_back(row, reference, person_id, now)
    order, row = await _locked(row.order_id)
    if is_unpaid != (order.state is OrderState.CONFIRMED):
        raise Conflict(say("Đơn này vừa có tiền vào. Hãy mở lại trang rồi chọn."))
    lines = {one.id: one for one in await order.lines.all()}
    for one in row.lines:
        line = lines[int(one["id"])]
        line.short_quantity, line.short_dong = _lacking(one), int(one["dong"])
        await line.save(update_fields=["short_quantity", "short_dong"])
    if is_unpaid:  # its goods stay reserved until it is sent: what lacks is unsold then
        await change_sum(order, -row.short_dong)
        order.expires_at = max(order.expires_at, now + timedelta(hours=SHORT_HOURS))
        await order.save(update_fields=["expires_at"])
    else:
        await unsell_short(order, list(lines.values()))
    await _end(row, ShortState.ACCEPTED, person_id, now)
    await record(person_id, "shortage_accepted", "order", order.code, dong=row.short_dong)
    words = (
        say("Gói phần còn lại. Khách trả {sum} khi nhận.", sum=show_dong(order.total_dong))
        if is_unpaid
        else say("Gói phần còn lại. Hoàn {sum} cho khách.", sum=show_dong(row.short_dong))
    )
    await _tell_seller(order, say("Đơn {code}: khách nhận phần còn lại", code=order.code), words, now)
    await tell_screens(order)


async def _give_back(row: Shortage, reference: str, person_id: int | None, now: datetime) -> None:
    payment = await payment_for(reference)
    if payment is None:
        raise NotFound()
    back = tuple(
        {
            "id": one["id"],
            "name": one["name"],
            "pieces": _lacking(one),
            "dong": one["dong"],
            "most_dong": one["sum_dong"],
        }
        for one in row.lines
    )
    wish = Wish(SHORT, RefundSource.PAID, row.short_dong, row.reason, back)
    await ask_refund(payment.id, wish, person_id=person_id, now=now)


async def _cancel(row: Shortage, person_id: int | None, now: datetime) -> None:
    await _end_money(await Order.get(id=row.order_id), row.reason, person_id, now)
    order, row = await _locked(row.order_id)
    is_unpaid = order.state is OrderState.CONFIRMED
    lines = await order.lines.all()
    lacking = {int(one["id"]): _lacking(one) for one in row.lines}
    there = {one.id: one.quantity - lacking.get(one.id, 0) for one in lines}
    await _call_off(order, there, person_id, row.reason, now)
    await _end(row, ShortState.CANCELLED, person_id, now)
    await record(person_id, "shortage_cancelled", "order", order.code)
    words = (
        say("Đừng gói nữa. Hàng còn lại đã lên kệ.")
        if is_unpaid
        else say("Đừng gói nữa. Tiền về cho khách, hàng còn lại đã lên kệ.")
    )
    await _tell_seller(order, say("Đơn {code}: khách hủy cả đơn", code=order.code), words, now)


async def _end_money(order: Order, reason: str, person_id: int | None, now: datetime) -> None:
    """What was paid goes back, or nothing is awaited at the door. Locks the payment. Conflict when money came."""
    if order.state is not OrderState.CONFIRMED:
        await return_all(order.id, key=SHORT, reason=reason, person_id=person_id, now=now)
    elif not await cancel(reference_of(order.id), now=now):
        raise Conflict(say("Đơn này vừa có tiền vào. Hãy mở lại trang rồi chọn."))


async def _call_off(
    order: Order, there: Mapping[int, int], person_id: int | None, note: str, now: datetime
) -> None:
    """A locked order is cancelled, its money seen to; of each line (by id) so many pieces are there."""
    if order.state is not OrderState.CONFIRMED:
        await cancel_paid(order, there=there, person_id=person_id, note=note, now=now)
        return
    await move(order, OrderState.CANCELLED, now=now, person_id=person_id, note=note[:300])
    await let_go(order, there=there, now=now)


def _short_lines(lines: Sequence[OrderLine], lack: Lack) -> list[dict[str, int | str]]:
    short: list[dict[str, int | str]] = []
    for line in lines:
        packed = lack.packed.get(line.id, line.quantity)
        if not 0 <= packed <= line.quantity:
            raise Refusal(say("Số từ 0 đến {n}.", n=line.quantity), field=f"packed_{line.id}")
        if packed < line.quantity:
            dong = line.price_dong * (line.quantity - packed)
            short.append(
                {
                    "id": line.id,
                    "name": line.name,
                    "ordered": line.quantity,
                    "packed": packed,
                    "dong": dong,
                    "sum_dong": line.sum_dong,
                }
            )
    if not short:
        raise Refusal(say("Mọi món đều đủ: cứ gói đơn, không cần báo thiếu."), field="reason")
    return short


def _lacking(one: Mapping[str, int | str]) -> int:
    return int(one["ordered"]) - int(one["packed"])


async def _due(order: Order, now: datetime) -> datetime:
    """When silence decides; of what is paid at the door at the latest when the time to pack it is over."""
    due = now + timedelta(hours=int(await rule_on(SHORT_RULE, vietnam_date(now)) or SHORT_HOURS))
    return min(due, order.expires_at) if order.state is OrderState.CONFIRMED else due


async def _locked(order_id: int) -> tuple[Order, Shortage]:
    """The order, locked, with its shortage, which changes only under the order's lock."""
    order = (await locked(Order, [order_id]))[order_id]
    row = await Shortage.get_or_none(order_id=order_id)
    if row is None:
        raise _none()
    _refuse_answered(row)
    return order, row


def _none() -> Conflict:
    return Conflict(say("Đơn này không thiếu hàng."))


def _refuse_answered(row: Shortage) -> None:
    if row.state is not ShortState.ASKED:
        raise Conflict(say("Việc thiếu hàng này đã được trả lời rồi."))


async def _end(row: Shortage, state: ShortState, person_id: int | None, now: datetime) -> None:
    row.state, row.answered_at, row.answered_by = state, now, person_id
    await row.save(update_fields=["state", "answered_at", "answered_by"])


async def _tell_buyer(order: Order, row: Shortage, now: datetime) -> None:
    names = ", ".join(f"{one['name']} ({one['packed']}/{one['ordered']})" for one in row.lines)
    title = say("Đơn {code}: người bán thiếu hàng", code=order.code)
    told: dict[str, object] = {"names": names, "when": show_moment(row.due_at)}
    words = (
        say(
            "Chỉ còn {names}. Chọn nhận phần còn lại hay hủy cả đơn trước {when}; quá giờ thì đơn hủy.",
            **told,
        )
        if order.state is OrderState.CONFIRMED
        else say(
            "Chỉ còn {names}. Chọn nhận phần còn lại hay hủy cả đơn trước {when}; quá giờ thì đơn hủy, hoàn đủ tiền.",
            **told,
        )
    )
    await _notify_buyer(order, title, words, "asked", now)


async def _notify_buyer(order: Order, title: Sentence, words: Sentence, key: str, now: datetime) -> None:
    if order.person_id is None:
        return
    telling = Telling(NoticeKind.ORDER, title, words, f"/orders/{order.code}", NEWS_LIFE)
    await notify([order.person_id], telling, event_key=f"short:{order.id}:{key}", now=now)


async def _tell_seller(order: Order, title: Sentence, words: Sentence, now: datetime) -> None:
    telling = Telling(NoticeKind.SALE, title, words, f"/sell/orders/{order.code}", NEWS_LIFE)
    key = f"short:{order.id}:answered:sale"
    await notify_role(Role.VENDOR, str(order.vendor_id), telling, event_key=key, now=now)
