"""Taking money into the book when it is seen, and out when it goes back: from the payments' books and the till."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import sql
from orders.models import TillSale
from orders.services.names import number_in, order_behind, till_reference
from orders.states import SaleWay
from payments.services import Counted, counted_after, counted_for, newest_entry

AT_ONCE = 1_000
LOOKED_BACK = 5_000
_INTO = """
    INSERT INTO revenue_entry (vendor_id, channel, kind, source, reference, subject, day, at, amount_dong,
        floor, words, person_id, written_at)
"""
_ONCE = " ON CONFLICT (source, reference) DO NOTHING RETURNING id"
# A sale that the seller's own word has put into the book is not taken again when the bank proves it.
_COUNTED = """
    SELECT coalesce(o.vendor_id, s.vendor_id),
        CASE WHEN o.id IS NOT NULL THEN 'online' WHEN c.is_cash THEN 'cash' ELSE 'qr' END,
        CASE WHEN c.is_back OR c.dong < 0 THEN 'returned' ELSE 'sale' END, 'ledger', c.entry_id::text, c.reference,
        CASE WHEN s.id IS NOT NULL AND NOT c.is_back AND (c.dong > 0 OR c.kind = 'no_sale') THEN s.day
            ELSE (c.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date END,
        c.at, c.dong, '', coalesce(o.code, s.note), NULL, $10
    FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::boolean[],
        $7::boolean[], $8::bigint[], $9::bigint[])
        AS c (entry_id, reference, dong, at, kind, is_cash, is_back, order_id, sale_id)
    LEFT JOIN customer_order o ON o.id = c.order_id
    LEFT JOIN till_sale s ON s.id = c.sale_id
    WHERE (o.id IS NOT NULL OR s.id IS NOT NULL) AND NOT EXISTS (
        SELECT 1 FROM revenue_entry r WHERE NOT c.is_back AND r.source = 'till' AND r.reference = s.id::text)
    ORDER BY c.entry_id
"""
_NOTED = """
    SELECT s.vendor_id, CASE WHEN s.way = 'cash' OR s.noted_dong > 0 THEN 'cash' ELSE 'qr' END, side.kind,
        'till', s.id || side.mark, 'till:' || s.id, s.day, coalesce(s.settled_at, s.made_at),
        s.amount_dong * side.sign, '', s.note, coalesce(s.confirmed_by, s.person_id), $2
    FROM till_sale s JOIN (VALUES ('sale', '', 1), ('returned', ':back', -1)) AS side (kind, mark, sign)
        ON side.sign = 1 OR s.state = 'cancelled'
    WHERE ($1::bigint IS NULL OR s.id = $1) AND ((s.way = 'cash' AND s.state IN ('paid', 'cancelled'))
        OR (s.way = 'seen' AND s.state = 'paid' AND s.confirmed_by IS NOT NULL))
    ORDER BY s.id, side.sign DESC
"""
_TAKE_COUNTED, _TAKE_NOTED = _INTO + _COUNTED + _ONCE, _INTO + _NOTED + _ONCE


async def take_money(references: Sequence[str], *, now: datetime) -> int:
    """Takes all that the payments' books count towards these things and the book lacks; how many lines are new.

    What goes back to a buyer counts in the month of the return (Decree 252/2026/NĐ-CP, Art. 45.2). Things that are no
    sale (a market's fee) are passed over. Call it in the transaction that moved the money.
    """
    return await _take(await counted_for(references), now) if references else 0


async def take_sale(sale: TillSale, *, now: datetime) -> None:
    """Brings the book to where a stall sale is: cash that was noted, money on the seller's word, money seen.

    A cash sale taken back is struck from its own day. Within the transaction that changed the sale.
    """
    if sale.way in (SaleWay.CASH, SaleWay.SEEN):
        await sql(_TAKE_NOTED, [sale.id, now])
    if sale.way is not SaleWay.CASH:
        await take_money([till_reference(sale.id)], now=now)


async def take_missed(*, now: datetime, all_of_it: bool = False) -> int:
    """Takes what no act has taken: bookings by hand, and what stood before there was a book; how many lines.

    Looks through the newest 5,000 entries of the payments' books, or through all of them and the whole till.
    """
    taken = 0
    if all_of_it:
        taken += len(await sql(_TAKE_NOTED, [None, now]))
    after = 0 if all_of_it else max(0, await newest_entry() - LOOKED_BACK)
    while found := await counted_after(after, AT_ONCE):
        taken += await _take(found, now)
        after = found[-1].entry_id
    return taken


async def _take(counted: Sequence[Counted], now: datetime) -> int:
    if not counted:
        return 0
    columns: list[object] = [
        [one.entry_id for one in counted],
        [one.reference for one in counted],
        [one.amount_dong for one in counted],
        [one.at for one in counted],
        [one.kind for one in counted],
        [one.is_cash for one in counted],
        [one.is_back for one in counted],
        [order_behind(one.reference) for one in counted],
        [number_in(one.reference, "till") for one in counted],
    ]
    return len(await sql(_TAKE_COUNTED, [*columns, now]))
