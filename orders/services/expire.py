"""Ends of orders that nobody paid: their time ran out, or the buyer took them back."""

from datetime import datetime

from kit.db import locked, transaction
from kit.errors import Conflict
from kit.i18n import say
from orders.models import Order
from orders.services.door.placing import cancel_before_sent
from orders.services.moves import move, tell_screens
from orders.services.names import reference_of
from orders.states import OrderState
from payments.services import cancel, expire
from vendors.services import release

ROUND_ROWS = 100


async def expire_orders(*, now: datetime) -> int:
    """Ends every placed order whose time is over, each in a transaction of its own; gives how many.

    The payment decides and is locked first, as in settling, so that a notice and the round cannot wait for each
    other. An order that money came for, even too little, is not ended: its payment waits for a person and its
    goods stay reserved.
    """
    ended, last_id = 0, 0
    while due := await _due(now, after_id=last_id):
        for order_id in due:
            ended += await _expire(order_id, now=now)
        last_id = due[-1]
    return ended


async def _due(now: datetime, *, after_id: int) -> list[int]:
    due = Order.filter(state=OrderState.PLACED, expires_at__lt=now, id__gt=after_id)
    return [int(str(id)) for id in await due.order_by("id").limit(ROUND_ROWS).values_list("id", flat=True)]


async def _expire(order_id: int, *, now: datetime) -> bool:
    async with transaction():
        if not await expire(reference_of(order_id), now=now):
            return False
        order = (await locked(Order, [order_id]))[order_id]
        if not await move(order, OrderState.EXPIRED, now=now):
            return False
        await release(reference_of(order_id))
        return True


async def cancel_order(order_id: int, *, person_id: int | None, now: datetime) -> None:
    """The buyer takes an unpaid order back: no money is awaited, the goods return to the shelf.

    Cancelling twice is once. Raises Conflict when money has come in or the order has moved on. One that is paid at the
    door can be called off until it is sent.
    """
    if await Order.filter(id=order_id, pays_on_delivery=True).exists():
        await cancel_before_sent(order_id, person_id=person_id, now=now)
        return
    async with transaction():
        was_open = await cancel(reference_of(order_id), now=now)
        order = (await locked(Order, [order_id]))[order_id]
        if order.state is OrderState.CANCELLED:
            return
        if not was_open or not await move(order, OrderState.CANCELLED, now=now, person_id=person_id):
            raise Conflict(say("Đơn này không tự hủy được nữa vì đã có tiền vào hoặc đã hết giờ."))
        await release(reference_of(order_id))
        await tell_screens(order)
