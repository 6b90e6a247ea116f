"""Settling: paid money and a paid order are one commit."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import locked, transaction
from kit.outbox import later
from orders.models import Order
from orders.services.moves import move, tell_screens
from orders.services.names import order_id_of, reference_of
from orders.services.post import waits_for_harvest
from orders.states import OrderState
from payments.services import settle
from vendors.services import sell_all


async def settle_notice(notice_id: int, *, now: datetime) -> None:
    """Works one bank notice: books it, and when it pays orders, sells the goods and lets a parcel be booked for each.

    Locks payments, then orders, then listings, as every act on a paid order does. Money for an order that has
    expired or was cancelled moves nothing: its payment waits for a person, and the goods are not taken again.
    """
    async with transaction():
        settled = await settle(notice_id, now=now)
        if settled is None:
            return
        told = {order_id_of(one.reference): one.became_paid for one in (settled, *settled.others)}
        orders = await locked(Order, [id for id in told if id is not None])
        await mark_all_paid([one for one in orders.values() if told[one.id]], now=now)
        for order in orders.values():
            await tell_screens(order)


async def mark_paid(order: Order, *, now: datetime, person_id: int | None = None) -> bool:
    """A locked order whose money is confirmed: goods sold, parcel to be booked. False when it is past that."""
    return bool(await mark_all_paid([order], now=now, person_id=person_id))


async def mark_all_paid(
    orders: Sequence[Order], *, now: datetime, person_id: int | None = None
) -> list[Order]:
    """The same for several locked orders, their listings locked once; those that moved on."""
    moved = [one for one in orders if await move(one, OrderState.PAID, now=now, person_id=person_id)]
    await sell_all([reference_of(one.id) for one in moved])
    for one in moved:
        if not waits_for_harvest(one, now=now):
            await later("book_parcel", one.id)
    return moved
