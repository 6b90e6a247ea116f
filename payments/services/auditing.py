"""What an auditor asks of the money: notices settled once each, the books balanced, payments and tries as booked."""

from datetime import datetime

from kit.db import sql
from kit.rows import Row
from payments import ledger
from payments.ledger import LedgerWrong, assert_balanced, given_back, paid
from payments.models import PaymentState, RefundStatus
from payments.states import REFUND_COUNTS, is_open

AUDIT_ROWS_MAX = 20
_GONE_BACK = sorted(str(one) for one in set(RefundStatus) - REFUND_COUNTS)
_ON_THE_WAY = sorted(str(one) for one in RefundStatus if is_open(one))
_UNSETTLED = """
    SELECT id AS notice, source, event_key, received_at FROM notice
    WHERE handled_at IS NULL AND received_at < $1 ORDER BY id LIMIT $2
"""
# What banks told of money that came, with what the books hold under its number; money that is no sale of ours is told
# by verdicts of their own (out, told_twice, unread) and booked otherwise or not at all.
_MISCOUNTED = """
    SELECT n.id AS notice, n.source, n.event_key, n.verdict, n.amount_dong, b.bookings, b.dong AS booked_dong
    FROM notice n LEFT JOIN (
        SELECT t.reference, count(DISTINCT t.id) AS bookings,
            (sum(e.amount_dong) FILTER (WHERE e.amount_dong > 0))::bigint AS dong
        FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
        WHERE t.kind = 'received' AND t.reference LIKE 'notice:%' GROUP BY t.reference
    ) b ON b.reference = 'notice:' || n.id
    WHERE n.received_at >= $1 AND (
        (n.handled_at IS NULL AND n.payment_id IS NULL AND b.bookings > 0)
        OR (b.bookings > 0 AND (b.bookings <> 1 OR b.dong <> n.amount_dong OR NOT n.is_incoming))
        OR (b.bookings IS NULL AND n.handled_at IS NOT NULL AND n.event IS NULL AND n.is_incoming
            AND n.amount_dong > 0 AND n.verdict = ANY($2))
    ) ORDER BY n.id LIMIT $3
"""
_BOOKED_VERDICTS = ["matched", "partial", "over", "late", "duplicate", "wrong_account", "ambiguous", "none"]
_UNBOOKED_TRIES = """
    SELECT a.reference AS attempt, a.state, a.received_dong, b.dong AS booked_dong
    FROM payment_attempt a LEFT JOIN (
        SELECT t.reference, e.account, sum(e.amount_dong)::bigint AS dong
        FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
        WHERE t.kind = 'collected' GROUP BY t.reference, e.account
    ) b ON b.reference = 'attempt:' || a.id AND b.account = 'provider:' || a.gate || ':clearing'
    WHERE a.created_at >= $1 AND a.received_dong <> coalesce(b.dong, 0) ORDER BY a.id LIMIT $2
"""
_HALF_PAID = """
    SELECT code AS payment, reference, state, asked_dong, received_dong FROM payment
    WHERE received_dong > asked_dong OR received_dong < 0
        OR (state = 'paid') <> (received_dong = asked_dong AND asked_dong > 0)
    ORDER BY id LIMIT $1
"""
# Which bookings each state of a pay-in has behind it.
_BOX = """
    SELECT p.code AS pay_in, p.state, b.kinds FROM pay_in p LEFT JOIN (
        SELECT reference, string_agg(kind, ' ' ORDER BY kind) AS kinds FROM ledger_transaction
        WHERE kind LIKE 'box\\_%' GROUP BY reference
    ) b ON b.reference = 'pay_in:' || p.id
    WHERE b.kinds IS DISTINCT FROM CASE p.state WHEN 'prepared' THEN 'box_taken' WHEN 'paid_in' THEN 'box_taken'
        WHEN 'cancelled' THEN 'box_put_back box_taken' WHEN 'explained' THEN 'box_banked box_explained box_taken'
        ELSE 'box_banked box_taken' END ORDER BY p.id LIMIT $1
"""
_BOX_SUMS = """
    SELECT (SELECT coalesce(sum(amount_dong), 0) FROM pay_in
            WHERE state IN ('prepared', 'paid_in'))::bigint AS said_dong,
        (SELECT coalesce(sum(amount_dong), 0) FROM ledger_entry WHERE account = $1)::bigint AS booked_dong,
        (SELECT coalesce(sum(amount_dong), 0) FROM ledger_entry WHERE account = $2)::bigint AS in_box_dong
"""
# What waits to go back lies in `returning`, what was taken out of paid money in `given_back` (docs/ledger.md).
_REFUNDS = """
    SELECT p.code AS payment, p.received_dong, r.given_dong, r.open_dong, b.given_dong AS booked_given,
        b.open_dong AS booked_open
    FROM (
        SELECT payment_id,
            coalesce(sum(amount_dong) FILTER (WHERE source = 'paid' AND state <> ALL($1)), 0) AS given_dong,
            coalesce(sum(amount_dong) FILTER (WHERE state = ANY($2)), 0) AS open_dong
        FROM refund GROUP BY payment_id
    ) r JOIN payment p ON p.id = r.payment_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_dong) FILTER (WHERE account = p.reference || ':given_back'), 0) AS given_dong,
            coalesce(-sum(amount_dong) FILTER (WHERE account = p.reference || ':returning'), 0) AS open_dong
        FROM ledger_entry WHERE account IN (p.reference || ':given_back', p.reference || ':returning')
    ) b
    WHERE r.given_dong > p.received_dong OR r.given_dong <> b.given_dong OR r.open_dong <> b.open_dong
    ORDER BY p.id LIMIT $3
"""
_UNDER_KEY = """
    SELECT p.reference, sum(r.amount_dong)::bigint AS dong FROM refund r JOIN payment p ON p.id = r.payment_id
    WHERE r.key = $1 AND p.reference = ANY($2) GROUP BY p.reference
"""
_DOORS = """
    SELECT left(account, -12) AS reference, (-sum(amount_dong))::bigint AS dong FROM ledger_entry
    WHERE account LIKE 'order:%:due\\_at\\_door' GROUP BY account HAVING sum(amount_dong) <> 0
"""
_COUNTED = """
    SELECT substring(account from '^([a-z]+:[0-9]+):') AS reference, (-sum(amount_dong))::bigint AS dong
    FROM ledger_entry WHERE account = ANY($1) GROUP BY 1
"""
_LATELY = """
    SELECT DISTINCT substring(e.account from '^([a-z]+:[0-9]+):') AS reference FROM ledger_entry e
    JOIN ledger_transaction t ON t.id = e.transaction_id
    WHERE t.at >= $1 AND (e.account LIKE '%:paid' OR e.account LIKE '%:given\\_back')
"""
_PAID = "SELECT reference FROM payment WHERE reference = ANY($1) AND state = $2"


async def unsettled_notices(*, before: datetime) -> list[Row]:
    """Notices that were taken before then and are settled to this day not."""
    return await sql(_UNSETTLED, [before, AUDIT_ROWS_MAX])


async def miscounted_notices(*, since: datetime) -> list[Row]:
    """Notices taken since then whose money is not in the books exactly once (docs/ledger.md, `received`)."""
    return await sql(_MISCOUNTED, [since, _BOOKED_VERDICTS, AUDIT_ROWS_MAX])


async def unbooked_tries(*, since: datetime) -> list[Row]:
    """Tries to pay through a provider whose money the books do not hold as they say it (`collected`)."""
    return await sql(_UNBOOKED_TRIES, [since, AUDIT_ROWS_MAX])


async def misbooked_refunds() -> list[Row]:
    """Payments of which more is given back than came, or whose refunds and books say different sums."""
    return await sql(_REFUNDS, [_GONE_BACK, _ON_THE_WAY, AUDIT_ROWS_MAX])


async def asked_back(key: str, references: list[str]) -> dict[str, int]:
    """By thing ("order:17") how much was ever asked back under this key, in đồng."""
    return {str(row["reference"]): int(str(row["dong"])) for row in await sql(_UNDER_KEY, [key, references])}


async def due_at_doors() -> dict[str, int]:
    """By thing what the books say its buyer is still to pay at the door, or paid to a carrier; in đồng."""
    return {str(row["reference"]): int(str(row["dong"])) for row in await sql(_DOORS)}


async def counted_towards(references: list[str]) -> dict[str, int]:
    """By thing what the books count towards it and has not been given back, in đồng."""
    accounts = [account(one) for one in references for account in (paid, given_back)]
    return {str(row["reference"]): int(str(row["dong"])) for row in await sql(_COUNTED, [accounts])}


async def booked_lately(since: datetime) -> set[str]:
    """The things ("order:17") for which anything was counted or given back since then."""
    return {str(row["reference"]) for row in await sql(_LATELY, [since])}


async def half_paid() -> list[Row]:
    """Payments that are paid without their whole sum, or have it and are not paid."""
    return await sql(_HALF_PAID, [AUDIT_ROWS_MAX])


async def unbalanced() -> list[Row]:
    """What assert_balanced() has to say, as a row."""
    try:
        await assert_balanced()
    except LedgerWrong as wrong:
        return [{"payment": wrong.payment_id, "wrong": str(wrong)}]
    return []


async def wrong_box() -> list[Row]:
    """Pay-ins of the post's box without their bookings, cash on the way that nobody carries, a box below zero."""
    rows = await sql(_BOX, [AUDIT_ROWS_MAX])
    [sums] = await sql(_BOX_SUMS, [ledger.POST_ON_THE_WAY, ledger.POST_BOX])
    is_wrong = sums["said_dong"] != sums["booked_dong"] or int(str(sums["in_box_dong"])) < 0
    return [*rows, sums] if is_wrong else rows


async def paid_among(references: list[str]) -> set[str]:
    """Those of these things ("order:17") whose payment is paid."""
    rows = await sql(_PAID, [references, str(PaymentState.PAID)])
    return {str(row["reference"]) for row in rows}
