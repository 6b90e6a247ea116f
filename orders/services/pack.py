"""Packing: the seller's last look at a paid order, and the scales for what is sold by weight."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from kit.money import show_weight
from kit.outbox import later
from orders.models import Order, OrderLine
from orders.services.door.placing import ask_less, hold_before_packing
from orders.services.handing.ready import make_ready
from orders.services.moves import tell_screens
from orders.services.names import WEIGHED, reference_of
from orders.short_models import Shortage
from orders.states import TO_SEND, Handing, OrderState, ShortState
from payments.services import RefundSource, Wish, ask_refund, confirm_refund, payment_for
from vendors.services import band_of, price_of


async def pack_order(
    order_id: int, *, person_id: int, now: datetime, weights_g: Mapping[int, int] | None = None
) -> None:
    """The seller has packed a paid order; twice is once. `weights_g` is what the scales said, by line.

    What weighs less than was paid for is to be given back, or is not asked at the door; what weighs more, within the
    band, costs nothing more. What is fetched at the stall lies ready from then on. Raises Conflict when the order is
    not paid, already gone or lacks pieces that its buyer has not answered for, Refusal at `final_{line}` when a line
    sold by weight was not weighed or lies outside its band.
    """
    async with transaction():
        await hold_before_packing(order_id)
        order = (await locked(Order, [order_id]))[order_id]
        if order.packed_at is not None:
            return
        if order.state not in TO_SEND:
            raise Conflict(say("Chỉ gói hàng khi đơn đã nhận đủ tiền và chưa gửi đi."))
        if await Shortage.exists(order_id=order_id, state=ShortState.ASKED):
            raise Conflict(say("Khách chưa trả lời về chỗ hàng thiếu. Đợi khách rồi hãy gói."))
        less_dong = await _weigh(weighed(await order.lines.all().order_by("id")), weights_g or {})
        is_unpaid = order.state is OrderState.CONFIRMED
        order.give_back_dong = 0 if is_unpaid else less_dong
        order.packed_at = now
        await order.save(update_fields=["packed_at", "give_back_dong"])
        if is_unpaid:
            await ask_less(order, less_dong)
        elif less_dong:
            await later("return_weighed", order.id)
        if order.handing is Handing.STALL:
            await make_ready(order, now=now, person_id=person_id)
        await record(person_id, "order_packed", "order", order.code, give_back_dong=order.give_back_dong)
        await tell_screens(order)


async def return_weighed(order_id: int, *, person_id: int | None, now: datetime) -> list[int]:
    """Has go back what the goods weighed less, once: the numbers of the refunds. Locks the payment."""
    order = await Order.get(id=order_id)
    payment = await payment_for(reference_of(order_id))
    if payment is None or not order.give_back_dong or order.given_back_at is not None:
        return []
    wish = Wish(WEIGHED, RefundSource.PAID, order.give_back_dong)
    return await ask_refund(payment.id, wish, person_id=person_id, now=now)


async def note_given_back(order_id: int, *, person_id: int, now: datetime) -> None:
    """The seller has given back what the goods weighed less; twice is once. Conflict when nothing was owed.

    Money that came through a provider goes back through it: then Conflict too.
    """
    order = await Order.get(id=order_id)
    if order.given_back_at is not None:
        return
    if not order.give_back_dong:
        raise Conflict(say("Đơn này không có tiền thừa phải trả lại."))
    async with transaction():
        for refund_id in await return_weighed(order_id, person_id=person_id, now=now):
            await confirm_refund(refund_id, person_id=person_id, words="", now=now)
        order = (await locked(Order, [order_id]))[order_id]
        order.given_back_at = now
        await order.save(update_fields=["given_back_at"])
        await record(person_id, "order_given_back", "order", order.code, amount_dong=order.give_back_dong)
        await tell_screens(order)


def weighed(lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines that are sold by weight and of which there is anything to weigh."""
    return [line for line in lines if line.estimate_g is not None and line.quantity > line.short_quantity]


async def _weigh(lines: list[OrderLine], weights_g: Mapping[int, int]) -> int:
    """Writes the weights into the lines; what is to be given back for all of them, in đồng."""
    for line in lines:
        line.final_weight_g = _within(line, weights_g.get(line.id))
        line.less_dong = max(
            0, line.sum_dong - line.short_dong - price_of(line.price_per_kg_dong or 0, line.final_weight_g)
        )
        await line.save(update_fields=["final_weight_g", "less_dong"])
    return sum(line.less_dong for line in lines)


def estimate_of(line: OrderLine) -> int:
    """About how much the pieces that are there should weigh, in grams."""
    return (line.estimate_g or 0) * (line.quantity - line.short_quantity) // line.quantity


def _within(line: OrderLine, weight_g: int | None) -> int:
    """The weight, if it may be packed for this line."""
    field = f"final_{line.id}"
    if weight_g is None:
        raise Refusal(say("Cân «{name}» rồi ghi số gam.", name=line.name), field=field)
    least_g, most_g = band_of(estimate_of(line), line.band_percent or 0)
    if not least_g <= weight_g <= most_g:
        bounds = {"least": show_weight(least_g), "most": show_weight(most_g), "name": line.name}
        raise Refusal(
            say("«{name}» cần nặng từ {least} đến {most} như đã hẹn với khách.", **bounds), field=field
        )
    return weight_g
