"""Money that the books count towards things: for the packages above that keep books of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from kit.db import sql
from payments import ledger

# Of an account's name only the thing is wanted: "order:17" of "order:17:paid" and "order:17:given_back".
_READ = """
    SELECT e.id, e.reference, e.is_back, -e.amount_dong AS dong, t.at, t.kind, EXISTS (
        SELECT 1 FROM ledger_entry c
        WHERE c.transaction_id = e.transaction_id AND c.account = e.reference || ':cash'
    ) AS is_cash
    FROM (SELECT *, account LIKE '%:given_back' AS is_back,
            left(account, CASE WHEN account LIKE '%:given_back' THEN -11 ELSE -5 END) AS reference
        FROM ledger_entry WHERE {which}) e
    JOIN ledger_transaction t ON t.id = e.transaction_id ORDER BY e.id {limit}
"""
_OF = _READ.format(which="account = ANY($1::text[])", limit="")
_AFTER = _READ.format(
    which="id > $1 AND (account LIKE '%:paid' OR account LIKE '%:given_back')", limit="LIMIT $2"
)


@dataclass(frozen=True)
class Counted:
    """One entry of the books that counts (below 0: no longer counts) towards a thing ("order:17"), in đồng.

    `kind` is the booking's, as in docs/ledger.md; `is_cash` when the seller took it in cash instead of by QR; `is_back`
    for money on its way back to its buyer (above 0: it did not get there).
    """

    entry_id: int
    reference: str
    amount_dong: int
    at: datetime
    kind: str
    is_cash: bool
    is_back: bool


async def counted_for(references: Sequence[str]) -> list[Counted]:
    """All that was ever counted towards these things, oldest first. One query."""
    accounts = [account(one) for one in references for account in (ledger.paid, ledger.given_back)]
    return [_counted(row) for row in await sql(_OF, [accounts])]


async def counted_after(entry_id: int, limit: int) -> list[Counted]:
    """What was counted towards anything in entries beyond this number, oldest first. One query."""
    return [_counted(row) for row in await sql(_AFTER, [entry_id, limit])]


async def newest_entry() -> int:
    """The number of the newest entry of the books; 0 when there is none."""
    return int(str((await sql("SELECT coalesce(max(id), 0) AS id FROM ledger_entry"))[0]["id"]))


def _counted(row: dict[str, object]) -> Counted:
    return Counted(
        entry_id=int(str(row["id"])),
        reference=str(row["reference"]),
        amount_dong=int(str(row["dong"])),
        at=cast(datetime, row["at"]),
        kind=str(row["kind"]),
        is_cash=bool(row["is_cash"]),
        is_back=bool(row["is_back"]),
    )
