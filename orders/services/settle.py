"""Settling: paid money and a paid order are one commit."""

from datetime import datetime

from kit.db import locked, transaction
from kit.outbox import later
from orders.models import Order
from orders.services.fees.paying import settle_fee
from orders.services.moves import move, tell_screens
from orders.services.names import order_id_of, reference_of
from orders.services.till.money import settle_plate, settle_stall_sale
from orders.states import OrderState
from payments.services import Settled, settle
from vendors.services import sell


async def settle_notice(notice_id: int, *, now: datetime) -> None:
    """Works one bank notice: books it, and when it pays an order, sells the goods and lets a parcel be booked.

    Locks payment, then order, then listings, as every act on a paid order does. Money for an order that has
    expired or was cancelled moves nothing: its payment waits for a person, and the goods are not taken again.
    """
    async with transaction():
        settled = await settle(notice_id, now=now)
        if settled is None:
            return
        order_id = order_id_of(settled.reference)
        if order_id is None:
            await _settle_other(notice_id, settled, now=now)
            return
        order = (await locked(Order, [order_id])).get(order_id)
        if order is None:
            return
        if settled.became_paid:
            await mark_paid(order, now=now)
        await tell_screens(order)


async def _settle_other(notice_id: int, settled: Settled, *, now: datetime) -> None:
    """Money for a stall sale or a market's fee, or without a code on a stall's plate."""
    if settled.payment_id is None:
        await settle_plate(notice_id, now=now)
    elif not await settle_stall_sale(settled, now=now):
        await settle_fee(settled, now=now)


async def mark_paid(order: Order, *, now: datetime, person_id: int | None = None) -> bool:
    """A locked order whose money is confirmed: goods sold, parcel to be booked. False when it is past that."""
    if not await move(order, OrderState.PAID, now=now, person_id=person_id):
        return False
    await sell(reference_of(order.id))
    await later("book_parcel", order.id)
    return True
