"""After the load: the books balance, and every piece that left the stock is in an order that was placed."""

from kit.db import sql
from payments.services import assert_balanced

WRONG_LISTING = """
    SELECT l.code, l.stock, l.reserved, l.sold, coalesce(m.held, 0) AS held, coalesce(o.waiting, 0) AS waiting
    FROM listing l
    LEFT JOIN (
        SELECT listing_id, sum(CASE kind WHEN 'reserved' THEN quantity WHEN 'stocked' THEN 0 ELSE -quantity END) AS held
        FROM stock_move GROUP BY listing_id
    ) m ON m.listing_id = l.id
    LEFT JOIN (
        SELECT n.listing_id, sum(n.quantity) AS waiting
        FROM order_line n JOIN customer_order o ON o.id = n.order_id WHERE o.state = 'placed' GROUP BY n.listing_id
    ) o ON o.listing_id = l.id
    WHERE l.stock < 0 OR l.reserved <> coalesce(m.held, 0) OR l.reserved <> coalesce(o.waiting, 0)
"""
PIECES = "SELECT sum(stock + reserved + sold)::bigint AS pieces, sum(sold)::bigint AS sold FROM listing"
TWICE = (
    "SELECT reference FROM stock_move WHERE kind = 'sold' GROUP BY reference, listing_id HAVING count(*) > 1"
)


class AuditFailed(Exception):
    """The load left something that must not be."""


async def pieces() -> tuple[int, int]:
    """All pieces there are (to be had, waiting for money, sold), and those of them that are sold."""
    [row] = await sql(PIECES)
    return int(str(row["pieces"])), int(str(row["sold"]))


async def audit(before: tuple[int, int], *, paid: int) -> None:
    """Raises AuditFailed or LedgerWrong. `before` is pieces() before the load, `paid` the single pieces paid in it."""
    await assert_balanced()
    wrong = await sql(WRONG_LISTING)
    if wrong:
        raise AuditFailed(f"{len(wrong)} listings hold other than their orders: {wrong[0]}")
    if await sql(TWICE):
        raise AuditFailed("a piece was sold twice for one order")
    after = await pieces()
    if after[0] != before[0] or after[1] != before[1] + paid:
        raise AuditFailed(f"pieces {before} became {after} with {paid} paid")
