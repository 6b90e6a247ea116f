"""Packing: the seller's last look at a paid order, and the scales for what is sold by weight."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from kit.money import show_weight
from kit.outbox import later
from orders.heavy_models import WeightDifference
from orders.models import Order, OrderLine
from orders.services.door.placing import ask_final, hold_before_packing
from orders.services.heavy.asking import ask_difference, difference_of
from orders.services.heavy.ending import end_difference, end_payment
from orders.services.heavy.sums import LineWeight, settled
from orders.services.moves import tell_screens
from orders.services.names import WEIGHED, difference_reference, reference_of
from orders.services.packed import finish_packing
from orders.short_models import Shortage
from orders.states import TO_SEND, HeavyState, OrderState, ShortState
from payments.services import RefundSource, Wish, ask_refund, confirm_refund, payment_for
from payments.services.at_the_door import hold_payment
from vendors.services import band_of


async def pack_order(
    order_id: int, *, person_id: int, now: datetime, weights_g: Mapping[int, int] | None = None
) -> None:
    """The seller has packed a paid order; twice is once. `weights_g` is what the scales said, by line.

    What weighs less than was paid for is given back, or is not asked at the door. What weighs more, within the band,
    costs nothing more, unless that was agreed: then it is asked at the door, or of the buyer now, and the order is
    packed when they have paid. Weighed anew meanwhile, it is packed when nothing more is to pay.

    Raises Conflict when the order is not paid, already gone or lacks pieces that its buyer has not answered for,
    Refusal at `final_{line}` when a line was not weighed, lies outside its band, or still weighs more than is paid.
    """
    async with transaction():
        is_held = await _hold(order_id)
        order = (await locked(Order, [order_id]))[order_id]
        if order.packed_at is not None:
            return
        if order.state not in TO_SEND:
            raise Conflict(say("Chỉ gói hàng khi đơn đã nhận đủ tiền và chưa gửi đi."))
        if await Shortage.exists(order_id=order_id, state=ShortState.ASKED):
            raise Conflict(say("Khách chưa trả lời về chỗ hàng thiếu. Đợi khách rồi hãy gói."))
        lines = weighed(await order.lines.all().order_by("id"))
        row = await difference_of(order)
        if row is not None and not is_held:
            raise Conflict(say("Đơn vừa được cân ở máy khác. Mở lại đơn rồi xem."))
        found = weigh(lines, weights_g or {}, asks_small=order.state is OrderState.CONFIRMED)
        if row is not None:
            await _pack_less(order, row, lines, found, person_id=person_id, now=now)
        else:
            await _keep_weights(lines, found)
            await _go_on(order, found, person_id=person_id, now=now)


async def _hold(order_id: int) -> bool:
    """Locks the payments that packing may change, before the order; whether a difference was asked before."""
    await hold_before_packing(order_id)
    if not await Order.filter(id=order_id, more_most_dong__gt=0).exists():
        return False
    return await hold_payment(difference_reference(order_id))


async def _go_on(order: Order, found: Sequence[LineWeight], *, person_id: int, now: datetime) -> None:
    """A locked order that was just weighed is packed, or its difference asked."""
    less_dong, more_dong = sum(one.less_dong for one in found), sum(one.more_dong for one in found)
    if order.state is OrderState.CONFIRMED:
        await ask_final(order, more_dong - less_dong)
    elif more_dong:
        await ask_difference(order, more_dong, person_id=person_id, now=now)
        return
    else:
        order.give_back_dong = less_dong
    await finish_packing(order, person_id=person_id, now=now)
    if order.give_back_dong:
        await later("return_weighed", order.id)
    await record(person_id, "order_packed", "order", order.code, give_back_dong=order.give_back_dong)


async def _pack_less(
    order: Order,
    row: WeightDifference,
    lines: Sequence[OrderLine],
    found: Sequence[LineWeight],
    *,
    person_id: int,
    now: datetime,
) -> None:
    """An order whose difference is open was weighed anew: packed when what is paid is enough."""
    if [one.final_weight_g for one in lines] == [one.weight_g for one in found]:
        return  # the same packing, sent twice
    heavy = next((one for one in found if one.more_dong), None)
    if heavy is not None:
        words = say("Vẫn nặng hơn số khách đã trả. Bớt thêm, hoặc bỏ qua phần chênh, hoặc đợi khách trả.")
        raise Refusal(words, field=f"final_{heavy.line_id}")
    await end_payment(order.id, person_id=person_id, now=now)
    await _keep_weights(lines, found)
    await end_difference(order, row, HeavyState.LOWERED, person_id=person_id, now=now)
    await _go_on(order, found, person_id=person_id, now=now)


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


def weigh(
    lines: Sequence[OrderLine], weights_g: Mapping[int, int], *, asks_small: bool = False
) -> list[LineWeight]:
    """What the scales come to for lines sold by weight. Refusal at `final_{line}` for what may not be packed."""
    return settled(
        [
            LineWeight(
                line_id=line.id,
                paid_dong=line.sum_dong - line.short_dong,
                price_per_kg_dong=line.price_per_kg_dong or 0,
                more_most_dong=line.more_most_dong,
                weight_g=_within(line, weights_g.get(line.id)),
            )
            for line in lines
        ],
        asks_small=asks_small,
    )


async def _keep_weights(lines: Sequence[OrderLine], found: Sequence[LineWeight]) -> None:
    """Writes into the lines what the scales said and what follows."""
    for line, one in zip(lines, found, strict=True):
        line.final_weight_g, line.less_dong, line.more_dong = one.weight_g, one.less_dong, one.more_dong
        await line.save(update_fields=["final_weight_g", "less_dong", "more_dong"])


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
