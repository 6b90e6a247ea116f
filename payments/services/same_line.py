"""A line of the bank that two providers tell of and that names nothing: the first counts, doubt waits for a person.

The lower number is the first, whatever has become of it, so that two workers never both take the same line for the
first. But numbers are given before commits: a higher one may have been seen, and counted, before a lower one was there.
Then that was the first; who comes upon one that somebody may have in hand waits for them.
"""

from collections.abc import Sequence

from kit.db import locked, sql
from kit.rows import Row
from payments.models import Notice

ALIKE_WITHIN_SECONDS = 120
ALIKE_ROWS_MAX = 200
# The same reference, account, sum and time, by another provider before, or counted already.
_TOLD_BEFORE = """
    SELECT DISTINCT mine.id FROM notice mine
    JOIN notice first ON first.bank_reference = mine.bank_reference AND first.account_number = mine.account_number
    WHERE mine.id = ANY($1) AND mine.bank_reference <> '' AND first.source <> mine.source
        AND (first.id < mine.id OR first.handled_at IS NOT NULL AND first.verdict <> 'told_twice')
        AND first.is_incoming AND first.amount_dong = mine.amount_dong AND first.happened_at = mine.happened_at
"""
# The same account and sum within two minutes, by another provider before, or a sale already; and one of the two
# without a reference.
_ALIKE = """
    SELECT DISTINCT mine.id FROM notice mine, LATERAL (
        (SELECT * FROM notice WHERE amount_dong = mine.amount_dong AND id < mine.id ORDER BY id DESC LIMIT $2)
        UNION ALL
        (SELECT * FROM notice WHERE amount_dong = mine.amount_dong AND id > mine.id AND verdict = 'stall'
            ORDER BY id LIMIT $2)
    ) first
    WHERE mine.id = ANY($1) AND first.source <> mine.source AND first.account_number = mine.account_number
        AND first.is_incoming AND (first.bank_reference = '' OR mine.bank_reference = '')
        AND abs(extract(epoch FROM first.happened_at - mine.happened_at)) <= $3
"""
# By another provider after, not settled as far as one sees, and the same line or alike.
_OPEN_AFTER = """
    SELECT mine.id, later.id AS later_id FROM notice mine, LATERAL (
        SELECT * FROM notice WHERE amount_dong = mine.amount_dong AND id > mine.id ORDER BY id LIMIT $2
    ) later
    WHERE mine.id = ANY($1) AND later.id <> ALL($1) AND later.handled_at IS NULL AND later.source <> mine.source
        AND later.account_number = mine.account_number AND later.is_incoming
        AND (later.bank_reference = mine.bank_reference OR later.bank_reference = '' OR mine.bank_reference = '')
        AND abs(extract(epoch FROM later.happened_at - mine.happened_at)) <= $3
"""


async def told_before(notice_ids: Sequence[int]) -> set[int]:
    """Those of these notices that tell of a line which another provider told of before. One query."""
    rows = await sql(_TOLD_BEFORE, [list(notice_ids)]) if notice_ids else []
    return {int(str(row["id"])) for row in rows}


async def alike_before(notice_ids: Sequence[int]) -> set[int]:
    """Those that may: nobody but a person can say whether it is one transfer or two. One query."""
    return {int(str(row["id"])) for row in await _near(_ALIKE, notice_ids)}


async def open_after(notice_ids: Sequence[int]) -> set[int]:
    """Those of these locked notices that may be told of by a higher number which somebody else may have in hand.

    Whoever it is may not have seen the lower one. One query.
    """
    return {int(str(row["id"])) for row in await _near(_OPEN_AFTER, notice_ids)}


async def wait_for_later(notice_id: int) -> None:
    """Locks those higher numbers, after this one: what becomes of them is committed then, or nothing has."""
    rows = await _near(_OPEN_AFTER, [notice_id])
    await locked(Notice, [int(str(row["later_id"])) for row in rows])


async def _near(text: str, notice_ids: Sequence[int]) -> list[Row]:
    values = [list(notice_ids), ALIKE_ROWS_MAX, ALIKE_WITHIN_SECONDS]
    return await sql(text, values) if notice_ids else []
