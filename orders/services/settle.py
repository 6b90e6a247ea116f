"""Settling: paid money and a paid order are one commit."""

from datetime import datetime

from kit.db import locked, transaction
from kit.outbox import later
from orders.models import Order
from orders.services.moves import move, tell_screens
from orders.services.names import order_id_of, reference_of
from orders.states import OrderState
from payments.services import settle
from vendors.services import sell


async def settle_notice(notice_id: int, *, now: datetime) -> None:
    """Works one bank notice: books it, and when it pays an order, sells the goods and lets a parcel be booked.

    Locks payment, then order, then listings, as every act on a paid order does. Money for an order that has
    expired or was cancelled moves nothing: its payment waits for a person, and the goods are not taken again.
    """
    async with transaction():
        settled = await settle(notice_id, now=now)
        order_id = order_id_of(settled.reference) if settled else None
        if settled is None or order_id is None:
            return
        order = (await locked(Order, [order_id])).get(order_id)
        if order is None:
            return
        if settled.became_paid:
            await mark_paid(order, now=now)
        await tell_screens(order)


async def mark_paid(order: Order, *, now: datetime, person_id: int | None = None) -> bool:
    """A locked order whose money is confirmed: goods sold, parcel to be booked. False when it is past that."""
    if not await move(order, OrderState.PAID, now=now, person_id=person_id):
        return False
    await sell(reference_of(order.id))
    await later("book_parcel", order.id)
    return True
