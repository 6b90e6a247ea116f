"""What a refund's steps mean for its order: its screens are told, and goods that weighed less are noted as settled."""

from datetime import datetime

from kit.db import locked, transaction
from orders.models import Order
from orders.services.book.taking import take_money
from orders.services.moves import tell_screens
from orders.services.names import WEIGHED, order_behind
from orders.services.telling_returns import tell_of_refund
from payments.services import refund_by_id


async def follow_refund(refund_id: int, *, now: datetime) -> None:
    """Job: a refund has moved on; one for goods that weighed less settles what the order owes."""
    refund = await refund_by_id(refund_id)
    order_id = order_behind(refund.reference)
    if order_id is None:
        return
    async with transaction():
        order = (await locked(Order, [order_id])).get(order_id)
        if order is None:
            return
        if refund.key == WEIGHED and refund.state == "succeeded" and order.given_back_at is None:
            order.given_back_at = now
            await order.save(update_fields=["given_back_at"])
        await take_money([refund.reference], now=now)
        await tell_of_refund(order, refund, now=now)
        await tell_screens(order)
