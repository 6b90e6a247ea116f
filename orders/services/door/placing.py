"""An order that is paid at the door, from its placing until it is sent: confirmed, packed, called off in time."""

from datetime import datetime, timedelta

from kit.db import locked, transaction
from kit.errors import Conflict
from kit.i18n import say
from kit.outbox import later
from orders.models import Order, OrderEvent
from orders.services.moves import move, tell_screens
from orders.services.names import reference_of
from orders.services.unwind import let_go
from orders.states import OrderState
from payments.services import cancel
from payments.services.at_the_door import ask_anew, hold_payment
from postal.services.calling_off import call_off

ROUND_ROWS = 100
ASKED_FOR = timedelta(days=180)  # the payment waits for as long as a parcel and its money may be on their way


async def confirm_at_door(order: Order, *, person_id: int | None, now: datetime) -> None:
    """A new order that is paid at the door is there for its seller to pack; its event tells them."""
    event = await OrderEvent.create(order=order, state=OrderState.CONFIRMED, person_id=person_id, at=now)
    await later("tell_of_order", event.id)


async def hold_before_packing(order_id: int) -> None:
    """Locks the payment of an order that is paid at the door before the order itself: packing may ask another sum."""
    if await Order.filter(id=order_id, pays_on_delivery=True, paid_at__isnull=True).exists():
        await hold_payment(reference_of(order_id))


async def ask_final(order: Order, more_dong: int) -> None:
    """What goods of a locked order weighed more (below 0: less) is asked at the door; its parcel is booked now.

    Needs hold_before_packing. Raises Conflict when money has come in meanwhile.
    """
    if more_dong:
        await change_sum(order, more_dong)
    await later("book_parcel", order.id)


async def change_sum(order: Order, more_dong: int) -> None:
    """So much more (below 0: less) is asked at the door of a locked order.

    Needs hold_before_packing. Raises Conflict when money has come in meanwhile.
    """
    total_dong = order.total_dong + more_dong
    if not await ask_anew(reference_of(order.id), total_dong):
        raise Conflict(say("Đơn này vừa có tiền vào. Hãy mở lại trang rồi gói."))
    order.goods_dong += more_dong
    order.total_dong = total_dong
    await order.save(update_fields=["goods_dong", "total_dong"])


async def cancel_before_sent(order_id: int, *, person_id: int | None, now: datetime) -> bool:
    """Calls an order off that is paid at the door and not sent yet; twice is once. Locks payment, order, parcel.

    False when it was called off before. Raises Conflict when money has come, or the parcel is under way or with a
    carrier outside the house.
    """
    reference = reference_of(order_id)
    async with transaction():
        was_open = await cancel(reference, now=now)
        order = (await locked(Order, [order_id]))[order_id]
        if order.state is OrderState.CANCELLED:
            return False
        gone = say("Đơn này không tự hủy được nữa vì hàng đã gửi đi. Bạn có thể không nhận khi bưu tá đến.")
        if not was_open or order.state is not OrderState.CONFIRMED:
            raise Conflict(gone)
        if order.parcel_code and not await _called_off(order, person_id=person_id, now=now):
            raise Conflict(gone)
        await move(order, OrderState.CANCELLED, now=now, person_id=person_id)
        await let_go(order, now=now)
        await tell_screens(order)
    return True


async def _called_off(order: Order, *, person_id: int | None, now: datetime) -> bool:
    """Whether nobody comes for its parcel any more; one that is being booked is called off when it is."""
    note = "Đơn đã hủy"
    return await call_off(order.parcel_code, note=note, person_id=person_id, carriers=None, now=now)


async def end_unpacked(*, now: datetime) -> int:
    """Round: ends orders paid at the door that their sellers did not pack in time; gives how many."""
    due = Order.filter(
        state=OrderState.CONFIRMED, packed_at__isnull=True, expires_at__lt=now, parcel_id__isnull=True
    )
    ended = 0
    for order_id in await due.order_by("expires_at", "id").limit(ROUND_ROWS).values_list("id", flat=True):
        try:
            ended += await cancel_before_sent(int(str(order_id)), person_id=None, now=now)
        except Conflict:
            continue  # packed, or paid by transfer, this very moment
    return ended
