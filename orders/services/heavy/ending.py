"""The end of a difference: its money has come, the seller waives it or packs less, or its clock runs out.

Every act here holds the difference's payment before the order, so that money and the seller's word follow each other.
"""

from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict
from kit.i18n import say
from kit.outbox import later
from orders.heavy_models import WeightDifference
from orders.models import Order, OrderLine
from orders.services.book.taking import take_money
from orders.services.heavy.telling import tell_ended, tell_too_late
from orders.services.moves import tell_screens
from orders.services.names import difference_reference
from orders.services.packed import finish_packing
from orders.states import HEAVY_FOLLOWS, HEAVY_OPEN, HeavyState
from payments.services import Settled, confirm_by_seller, end_asked, expire, payment_for
from payments.services.at_the_door import hold_payment

ROUND_ROWS = 100
LATE = "late"
NOT_PAID = "Khoản chênh không còn cần trả"


async def waive_difference(order_id: int, *, person_id: int, now: datetime) -> None:
    """The seller asks nothing more: the goods go out as they were weighed. Conflict when nothing is open any more.

    A part that has come goes back. Locks the payment, its refunds, the order.
    """
    async with transaction():
        await hold_payment(difference_reference(order_id))
        await end_payment(order_id, person_id=person_id, now=now)
        order = (await locked(Order, [order_id]))[order_id]
        row = await _open_row(order_id)
        await OrderLine.filter(order_id=order_id).update(more_dong=0)
        await end_difference(order, row, HeavyState.WAIVED, person_id=person_id, now=now)
        await record(person_id, "difference_waived", "order", order.code, dong=row.dong)
        await finish_packing(order, person_id=person_id, now=now)


async def confirm_difference(order_id: int, *, person_id: int, now: datetime) -> None:
    """The seller has seen the money in their own banking app. Conflict when no money is awaited."""
    reference = difference_reference(order_id)
    async with transaction():
        confirmed_dong = await confirm_by_seller(reference, person_id=person_id, now=now)
        order = (await locked(Order, [order_id]))[order_id]
        if not confirmed_dong or not await _paid(order, person_id=person_id, now=now):
            raise Conflict(say("Đơn này không chờ phần chênh nữa."))
        await take_money([reference], now=now)


async def follow_difference(order: Order, settled: Settled, *, now: datetime) -> None:
    """What money for the difference of a locked order does: paid, the goods go out; too late, it goes back."""
    if settled.became_paid:
        await _paid(order, person_id=None, now=now)
    elif settled.verdict == LATE and settled.payment_id is not None:
        payment = await payment_for(settled.reference)
        await later("return_extra", settled.payment_id)
        await tell_too_late(order, payment.extra_dong if payment else 0, now=now)


async def turn_differences(*, now: datetime) -> int:
    """Round: differences whose time is over are asked no more, and their sellers decide. Gives how many."""
    due = WeightDifference.filter(state=HeavyState.ASKED, due_at__lt=now).order_by("due_at", "id")
    turned = 0
    for order_id in await due.limit(ROUND_ROWS).values_list("order_id", flat=True):
        try:
            turned += await _lapse(int(str(order_id)), now=now)
        except Conflict:
            continue  # a provider has not said yet whether it took the rest
    return turned


async def end_difference(
    order: Order, row: WeightDifference, state: HeavyState, *, person_id: int | None, now: datetime
) -> bool:
    """Moves the difference of a locked order by the table, and tells; False when the table does not allow it."""
    if state not in HEAVY_FOLLOWS[row.state]:
        return False
    row.state = state
    if state not in HEAVY_OPEN:
        row.ended_at, row.ended_by = now, person_id
    await row.save(update_fields=["state", "ended_at", "ended_by"])
    await tell_ended(order, row, now=now)
    await tell_screens(order)
    return True


async def end_payment(order_id: int, *, person_id: int | None, now: datetime) -> None:
    """What was asked is asked no more. Raises Conflict when it is paid, or a provider may have it this moment."""
    reference = difference_reference(order_id)
    if not await end_asked(reference, person_id=person_id, reason=NOT_PAID, now=now):
        raise Conflict(say("Khách vừa trả hoặc đang trả phần chênh. Đợi vài phút rồi mở lại đơn."))


async def _lapse(order_id: int, *, now: datetime) -> bool:
    reference = difference_reference(order_id)
    async with transaction():
        await hold_payment(reference)
        payment = await payment_for(reference)
        if payment is not None and payment.received_dong:
            await end_payment(order_id, person_id=None, now=now)
        elif not await expire(reference, now=now):
            return False
        order = (await locked(Order, [order_id]))[order_id]
        row = await WeightDifference.get(order_id=order_id)
        return await end_difference(order, row, HeavyState.LAPSED, person_id=None, now=now)


async def _paid(order: Order, *, person_id: int | None, now: datetime) -> bool:
    row = await WeightDifference.get(order_id=order.id)
    if not await end_difference(order, row, HeavyState.PAID, person_id=person_id, now=now):
        return False
    order.more_dong = row.dong
    await finish_packing(order, person_id=person_id, now=now)
    return True


async def _open_row(order_id: int) -> WeightDifference:
    row = await WeightDifference.get_or_none(order_id=order_id)
    if row is None or row.state not in HEAVY_OPEN:
        raise Conflict(say("Đơn này không chờ phần chênh nữa."))
    return row
