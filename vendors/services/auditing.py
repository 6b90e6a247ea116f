"""What an auditor asks of the shelves: counts as their moves say, variants as their listing, who holds what."""

from kit.db import sql
from kit.rows import Row

AUDIT_ROWS_MAX = 20
_HELD = (
    "sum(CASE kind WHEN 'reserved' THEN quantity WHEN 'released' THEN -quantity WHEN 'sold' THEN -quantity"
    " ELSE 0 END)::bigint AS held,"
    " sum(CASE kind WHEN 'sold' THEN quantity WHEN 'unsold' THEN -quantity ELSE 0 END)::bigint AS gone"
)
_SHELVES = f"""
    SELECT l.code AS listing, NULL AS variant, l.stock, l.reserved, l.sold, m.held, m.gone FROM listing l
    LEFT JOIN (SELECT listing_id, {_HELD} FROM stock_move GROUP BY listing_id) m ON m.listing_id = l.id
    WHERE l.stock < 0 OR l.reserved <> coalesce(m.held, 0) OR l.sold < coalesce(m.gone, 0)
    UNION ALL
    SELECT l.code, v.name, v.stock, v.reserved, v.sold, m.held, m.gone FROM variant v
    JOIN listing l ON l.id = v.listing_id
    LEFT JOIN (SELECT variant_id, {_HELD} FROM stock_move GROUP BY variant_id) m ON m.variant_id = v.id
    WHERE v.stock < 0 OR v.reserved <> coalesce(m.held, 0) OR v.sold < coalesce(m.gone, 0)
    LIMIT $1
"""  # noqa: S608  a piece of our own, no values
_TWICE = """
    SELECT l.code AS listing, m.reference, count(*) AS ends FROM stock_move m JOIN listing l ON l.id = m.listing_id
    WHERE m.kind IN ('sold', 'released')
    GROUP BY l.code, m.reference, m.listing_id, m.variant_id HAVING count(*) > 1 LIMIT $1
"""
_HOLDERS = f"""
    SELECT reference, held FROM (SELECT reference, {_HELD} FROM stock_move WHERE kind <> 'stocked' GROUP BY reference) m
    WHERE held <> 0 ORDER BY reference
"""  # noqa: S608  the same
_PIECES = "SELECT sum(stock + reserved + sold)::bigint AS pieces, sum(sold)::bigint AS sold FROM listing"


async def wrong_shelves() -> list[Row]:
    """Shelves below zero, or holding and having sold other than their moves say."""
    return await sql(_SHELVES, [AUDIT_ROWS_MAX])


async def ended_twice() -> list[Row]:
    """Pieces that one reference sold twice, or sold and gave back."""
    return await sql(_TWICE, [AUDIT_ROWS_MAX])


async def pieces_held() -> dict[str, int]:
    """Pieces that wait for money, by what they are kept for ("order:17", "till:5")."""
    return {str(row["reference"]): int(str(row["held"])) for row in await sql(_HOLDERS)}


async def pieces_in_all() -> tuple[int, int]:
    """All pieces of all shelves (to be had, waiting for money, sold), and those of them that are sold."""
    [row] = await sql(_PIECES)
    return int(str(row["pieces"])), int(str(row["sold"]))
