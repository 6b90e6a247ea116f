"""A line of the bank that two providers tell of and that names nothing: the first counts, doubt waits for a person.

The lower number is the first, whatever has become of it: two workers never both take the same line for the first.
"""

from collections.abc import Sequence

from kit.db import sql

ALIKE_WITHIN_SECONDS = 120
ALIKE_ROWS_MAX = 200
# The same reference, account, sum and time, by another provider before.
_TOLD_BEFORE = """
    SELECT DISTINCT mine.id FROM notice mine
    JOIN notice first ON first.bank_reference = mine.bank_reference AND first.account_number = mine.account_number
    WHERE mine.id = ANY($1) AND mine.bank_reference <> '' AND first.id < mine.id AND first.source <> mine.source
        AND first.is_incoming AND first.amount_dong = mine.amount_dong AND first.happened_at = mine.happened_at
"""
# The same account and sum within two minutes, by another provider before, and one of the two without a reference.
_ALIKE = """
    SELECT DISTINCT mine.id FROM notice mine, LATERAL (
        SELECT * FROM notice WHERE amount_dong = mine.amount_dong AND id < mine.id ORDER BY id DESC LIMIT $2
    ) first
    WHERE mine.id = ANY($1) AND first.source <> mine.source AND first.account_number = mine.account_number
        AND first.is_incoming AND (first.bank_reference = '' OR mine.bank_reference = '')
        AND abs(extract(epoch FROM first.happened_at - mine.happened_at)) <= $3
"""


async def told_before(notice_ids: Sequence[int]) -> set[int]:
    """Those of these notices that tell of a line which another provider told of before. One query."""
    rows = await sql(_TOLD_BEFORE, [list(notice_ids)]) if notice_ids else []
    return {int(str(row["id"])) for row in rows}


async def alike_before(notice_ids: Sequence[int]) -> set[int]:
    """Those that may: nobody but a person can say whether it is one transfer or two. One query."""
    values = [list(notice_ids), ALIKE_ROWS_MAX, ALIKE_WITHIN_SECONDS]
    rows = await sql(_ALIKE, values) if notice_ids else []
    return {int(str(row["id"])) for row in rows}
