"""Money in limbo: seen, and neither settled nor on its way back. Sums for figures, no rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.db import sql

VERDICT_HOURS = 1
_STRAY = """
    SELECT count(*) AS count, coalesce(sum(amount_dong), 0)::bigint AS dong FROM notice
    WHERE verdict IN ('none', 'ambiguous', 'unread')
"""
# A payment before a person: late when it was paid after its end, else over when money is owed or on its way back.
_FLAGGED = """
    WITH flagged AS (
        SELECT p.reference, p.received_dong, p.asked_dong, p.is_paid_late,
            -coalesce((SELECT sum(e.amount_dong) FROM ledger_entry e
                WHERE e.account IN (p.reference || ':owed_to_buyer', p.reference || ':returning')), 0) AS owed_dong
        FROM payment p WHERE p.needs_review
    )
    SELECT CASE WHEN is_paid_late THEN 'late' WHEN owed_dong > 0 THEN 'overpaid' ELSE 'partial' END AS kind,
        count(*) AS count,
        sum(CASE WHEN is_paid_late OR owed_dong > 0 THEN owed_dong ELSE received_dong END)::bigint AS dong
    FROM flagged WHERE is_paid_late OR owed_dong > 0 OR received_dong BETWEEN 1 AND asked_dong - 1 GROUP BY 1
"""
_VERDICTS = "SELECT verdict, count(*) AS count FROM notice WHERE received_at >= $1 GROUP BY verdict"


@dataclass(frozen=True)
class Limbo:
    """So many matters of one kind (unmatched, late, overpaid, partial), and their money in đồng."""

    kind: str
    count: int
    dong: int


async def money_in_limbo() -> list[Limbo]:
    """Every kind there is something of. Two queries, each over what waits for a person only."""
    stray = (await sql(_STRAY))[0]
    found = [_limbo("unmatched", stray)] if stray["count"] else []
    return found + [_limbo(str(row["kind"]), row) for row in await sql(_FLAGGED)]


async def notices_by_verdict(now: datetime) -> dict[str, int]:
    """Notices of the last hour by verdict; those not worked yet are `waiting`."""
    rows = await sql(_VERDICTS, [now - timedelta(hours=VERDICT_HOURS)])
    return {str(row["verdict"]) or "waiting": int(str(row["count"])) for row in rows}


def _limbo(kind: str, row: dict[str, object]) -> Limbo:
    return Limbo(kind, int(str(row["count"])), int(str(row["dong"])))
