"""Settling many notices at once: plain money and all that it pays for are one commit, the rest goes one by one."""

import logging
from collections.abc import Sequence
from datetime import datetime

from kit.dates import vietnam_date
from kit.db import sql, transaction
from kit.origin import came_from
from kit.outbox import LEAVE_JOBS, announce, push_left
from orders.services.book.taking import take_money
from orders.services.fees.paying import pay_fees
from orders.services.names import day_channel, number_in, order_channel, reference_of, till_reference
from orders.services.settle import settle_notice
from orders.services.till.log import tell_tills
from orders.services.till.settling import pay_stall_sales, settle_plates
from payments.services import SettledMany, settle_plain
from vendors.services import sell_all

KINDS = ("order", "till", "fee")
log = logging.getLogger("orders")
_LOCK_ORDERS = "SELECT id, code, vendor_id FROM customer_order WHERE id = ANY($1) ORDER BY id FOR UPDATE"
_PAY = """
    WITH moved AS (
        UPDATE customer_order SET state = 'paid', paid_at = $2 WHERE id = ANY($1) AND state IN ('placed', 'confirmed')
        RETURNING id, ships_from
    ), noted AS (
        INSERT INTO order_event (order_id, state, note, at) SELECT id, 'paid', '', $2 FROM moved RETURNING id
    ), subjects AS (
        SELECT 'tell_of_order' AS name, id, $4::text AS came_from FROM noted UNION ALL
        SELECT 'note_paid_otherwise' AS name, id, $4 FROM customer_order
        WHERE id = ANY($1) AND pays_on_delivery UNION ALL
        SELECT 'book_parcel' AS name, id, $4 FROM moved WHERE ships_from IS NULL OR ships_from <= $3
    )
    """
_PAY_ORDERS = _PAY + LEAVE_JOBS


async def settle_waiting(notice_ids: Sequence[int], *, now: datetime) -> dict[int, Exception]:
    """Works notices: the plain ones together, the rest one by one; what failed, by notice. One harms no other."""
    done = await _settle_together(notice_ids, now=now)
    failed: dict[int, Exception] = {}
    for notice_id in notice_ids:
        if notice_id in done:
            continue
        # One that another worker holds is waited for here: its job must not end before it does.
        try:
            await settle_notice(notice_id, now=now)
        except Exception as fault:
            failed[notice_id] = fault
    return failed


async def _settle_together(notice_ids: Sequence[int], *, now: datetime) -> frozenset[int]:
    """The numbers of those that were settled in one commit; none when anything stood against it."""
    try:
        async with transaction():
            settled = await settle_plain(notice_ids, KINDS, now=now)
            await _go_on(settled, now=now)
            return settled.notices
    except Exception:
        log.exception("%s notices are settled one by one", len(notice_ids))
        return frozenset()


async def _go_on(settled: SettledMany, *, now: datetime) -> None:
    """What the money is for goes on. Locks orders, stall sales and fees, then all listings, then the tills."""
    orders, sales, fees = (_asked(settled, kind) for kind in KINDS)
    await _pay_orders(list(orders), now=now)
    events = await pay_stall_sales(sales, now=now)
    await pay_fees(list(fees), now=now)
    events += await settle_plates(settled.unnamed, now=now)
    await take_money(list(settled.paid), now=now)
    await sell_all([*map(reference_of, orders), *map(till_reference, sales)])
    await tell_tills(events, now=now)


def _asked(settled: SettledMany, kind: str) -> dict[int, int]:
    """What was asked by the number of an order, a sale or a fee."""
    return {id: dong for reference, dong in settled.paid.items() if (id := number_in(reference, kind))}


async def _pay_orders(ids: Sequence[int], *, now: datetime) -> None:
    """Placed and confirmed orders are paid, their parcels left to be booked; one that is past that moves nothing."""
    if not ids:
        return
    orders = await sql(_LOCK_ORDERS, [list(ids)])
    rows = await sql(_PAY_ORDERS, [list(ids), now, vietnam_date(now), came_from()])
    for name in ("book_parcel", "tell_of_order", "note_paid_otherwise"):
        # Whoever works the first of them takes all that wait.
        await push_left(name, [int(str(row["id"])) for row in rows if row["name"] == name][:1])
    channels = {order_channel(str(row["code"])) for row in orders}
    channels |= {day_channel(int(str(row["vendor_id"]))) for row in orders}
    await announce(*sorted(channels))
