"""Reviving an order whose money came too late: its goods are taken again if they are still there, else refused."""

from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict
from kit.i18n import say
from kit.outbox import later
from orders.models import Order
from orders.services.book.taking import take_money
from orders.services.moves import move
from orders.services.names import reference_of
from orders.services.place import name_lots
from orders.services.post import waits_for_harvest
from orders.services.settle import mark_paid
from orders.states import OrderState
from payments.services import revive
from vendors.services import reserve, sell


async def revive_order(order_id: int, *, person_id: int, now: datetime) -> None:
    """The seller or an administrator takes an order up again that money came for too late: it is paid.

    An expired order takes its goods from the shelf anew; one that was held with a part still has them. Raises
    Conflict when the money is not all there or the order is past that, and Refusal naming goods that have run out:
    then nothing is changed, and the money can go back. Locks the payment, the order, its listings.
    """
    async with transaction():
        await revive(reference_of(order_id), person_id=person_id, now=now)
        order = (await locked(Order, [order_id]))[order_id]
        if order.state is OrderState.PLACED:
            await mark_paid(order, now=now, person_id=person_id)
        elif order.state is OrderState.EXPIRED:
            await _take_again(order, person_id, now)
        else:
            raise Conflict(say("Đơn này không nhận lại được nữa."))
        await take_money([reference_of(order_id)], now=now)
        await record(person_id, "order_revived", "order", order.code)


async def _take_again(order: Order, person_id: int, now: datetime) -> None:
    reference = f"{reference_of(order.id)}:again"
    lines = await order.lines.all().order_by("id")
    plain = {one.listing_id: one.quantity for one in lines if one.variant_id is None}
    variants = {one.variant_id: one.quantity for one in lines if one.variant_id is not None}
    await name_lots(order, await reserve(plain, reference, of_variants=variants))
    await move(order, OrderState.PAID, now=now, person_id=person_id)
    await sell(reference)
    if not waits_for_harvest(order, now=now):
        await later("book_parcel", order.id)
