"""Settling: paid money and a paid order are one commit."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import locked, transaction
from kit.errors import Conflict
from kit.i18n import say
from kit.outbox import later, later_each
from orders.models import Order
from orders.services.book.taking import take_money
from orders.services.fees.paying import settle_fee
from orders.services.heavy.ending import follow_difference
from orders.services.moves import move, tell_screens
from orders.services.names import order_behind, order_id_of, reference_of
from orders.services.post import waits_for_harvest
from orders.services.telling import UNEVEN, tell_of_money
from orders.services.till.money import settle_stall_sale
from orders.services.till.settling import settle_plate
from orders.states import OrderState
from payments.services import Settled, confirm_by_seller, payment_for, settle
from vendors.services import sell_all


async def settle_notice(notice_id: int, *, now: datetime) -> None:
    """Works one notice of a bank or a provider: books it; orders it pays sell their goods and have parcels booked.

    Locks payments, then orders, then listings, as every act on a paid order does. Money for an order that has
    expired or was cancelled moves nothing: its payment waits for a person, and the goods are not taken again.
    """
    async with transaction():
        settled = await settle(notice_id, now=now)
        if settled is not None:
            await _settle_others(notice_id, settled, now=now)
        await follow_money(settled, now=now)


async def follow_money(settled: Settled | None, *, now: datetime) -> None:
    """The orders that settled money is for: those it paid go on, their screens are told. Needs the transaction."""
    if settled is None:
        return
    everything = (settled, *settled.others)
    await take_money([one.reference for one in everything if one.reference], now=now)
    paid = [order_id_of(one.reference) for one in everything if one.became_paid]
    behind = {one.reference: order_behind(one.reference) for one in everything}
    orders = await locked(Order, [id for id in behind.values() if id is not None])
    await mark_all_paid([one for one in orders.values() if one.id in paid], now=now)
    for one in everything:
        order = orders.get(behind[one.reference] or 0)
        if order is None:
            continue
        payment = await payment_for(one.reference) if one.verdict in UNEVEN else None
        if order_id_of(one.reference) is None:
            await follow_difference(order, one, now=now)
        await tell_of_money(order, payment, one.verdict, now=now)
        await tell_screens(order)


async def _settle_others(notice_id: int, settled: Settled, *, now: datetime) -> None:
    """Money for stall sales and market fees, or without a code on a stall's plate."""
    if settled.payment_id is None:
        await settle_plate(notice_id, now=now)
    for one in (settled, *settled.others):
        if not await settle_stall_sale(one, now=now):
            await settle_fee(one, now=now)


async def confirm_order(order_id: int, *, person_id: int, now: datetime) -> None:
    """The seller says that an order's money has come, seen in their own banking app: it is paid, with who and when.

    Raises Conflict when the order waits for no money. A picture of the buyer's is never asked for nor believed.
    """
    async with transaction():
        confirmed_dong = await confirm_by_seller(reference_of(order_id), person_id=person_id, now=now)
        order = (await locked(Order, [order_id]))[order_id]
        if not confirmed_dong or not await mark_paid(order, now=now, person_id=person_id):
            raise Conflict(say("Đơn này không còn chờ tiền nữa."))
        await take_money([reference_of(order_id)], now=now)


async def mark_paid(order: Order, *, now: datetime, person_id: int | None = None) -> bool:
    """A locked order whose money is confirmed: goods sold, parcel to be booked. False when it is past that."""
    return bool(await mark_all_paid([order], now=now, person_id=person_id))


async def mark_all_paid(
    orders: Sequence[Order], *, now: datetime, person_id: int | None = None
) -> list[Order]:
    """The same for several locked orders, their listings locked once; those that moved on."""
    moved = [one for one in orders if await move(one, OrderState.PAID, now=now, person_id=person_id)]
    await sell_all([reference_of(one.id) for one in moved])
    await later_each("note_paid_otherwise", [one.id for one in orders if one.pays_on_delivery])
    for one in moved:
        if not waits_for_harvest(one, now=now):
            await later("book_parcel", one.id)
    return moved
