"""Settling many notices at once: those that pay one thing in full and to the đồng, in four statements for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import is_in_transaction, locked, sql
from payments import ledger
from payments.matching import Verdict, judge
from payments.models import Notice, Payment
from payments.services.attempts import end_tries
from payments.services.settling import bank_of_payment, seen, transfer_of
from payments.transfer_text import candidate_codes

AT_ONCE = 100
# Those that failed before have a job that counts its attempts: they are left to it.
_TAKE = """
    SELECT n.id FROM notice n WHERE n.handled_at IS NULL AND (n.id = $1 OR EXISTS (
        SELECT 1 FROM outbox_job j WHERE j.subject_id = n.id AND j.state = 'waiting' AND j.name = 'settle_notice'
            AND j.attempts = 0 AND j.due_at <= now()))
    ORDER BY n.id LIMIT $2 FOR UPDATE OF n SKIP LOCKED
"""
_BOOK = """
    WITH told AS (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[])
            AS told (notice_id, payment_id, dong, bank, counted, confirmed_by)
    ), paid AS (
        UPDATE payment SET received_dong = asked_dong, state = 'paid', paid_at = $7, confirmed_by = told.confirmed_by
        FROM told WHERE payment.id = told.payment_id
    ), noted AS (
        INSERT INTO payment_event (payment_id, kind, amount_dong, notice_id, at)
        SELECT payment_id, 'matched', dong, notice_id, $7 FROM told
    ), handled AS (
        UPDATE notice SET verdict = 'matched', handled_at = $7, payment_id = told.payment_id
        FROM told WHERE notice.id = told.notice_id
    ), made AS (
        INSERT INTO ledger_transaction (kind, reference, at)
        SELECT 'received', 'notice:' || notice_id, $7 FROM told RETURNING id, reference
    ), done AS (
        UPDATE outbox_job SET state = 'done', done_at = now(), leased_until = NULL
        WHERE name = 'settle_notice' AND state = 'waiting' AND subject_id IN (SELECT notice_id FROM told)
    )
    INSERT INTO ledger_entry (transaction_id, account, amount_dong)
    SELECT made.id, side.account, side.dong FROM told JOIN made ON made.reference = 'notice:' || told.notice_id,
        LATERAL (VALUES (told.bank, told.dong), (told.counted, -told.dong)) AS side (account, dong)
"""


@dataclass(frozen=True)
class SettledMany:
    """The notices that were settled, and what they paid for ("order:17"); `others` need a look one by one."""

    notices: list[int]
    references: list[str]
    others: list[int]


async def settle_plain(first_id: int, kind: str, *, now: datetime) -> SettledMany:
    """Settles up to 100 waiting notices that each pay exactly one payment of this kind of reference, exactly.

    Within the caller's open transaction(); `first_id` is among them if it waits. Locks the notices that nobody
    holds, then the payments they name, each in the order of their numbers. Anything out of the ordinary is left:
    settle() knows what to do with it.
    """
    if not is_in_transaction():
        raise RuntimeError("settle_plain() needs an open transaction()")
    ids = [int(str(row["id"])) for row in await sql(_TAKE, [first_id, AT_ONCE])]
    notices = await Notice.filter(id__in=ids).order_by("id") if ids else []
    pairs = await _plain(notices, kind)
    if pairs:
        await sql(_BOOK, _values(pairs, now))
        await end_tries([payment.id for _, payment in pairs])
    settled = [notice.id for notice, _ in pairs]
    references = [payment.reference for _, payment in pairs]
    return SettledMany(settled, references, [one for one in ids if one not in set(settled)])


async def _plain(notices: Sequence[Notice], kind: str) -> list[tuple[Notice, Payment]]:
    """The notices that may be settled here, each with its payment, locked; a payment only once."""
    codes = {one.id: candidate_codes(one.said_code, one.content) for one in notices if _is_simple(one)}
    wanted = {code for said in codes.values() for code in said}
    ids = await Payment.filter(code__in=list(wanted)).values_list("id", flat=True) if wanted else []
    asked = {one.code: one for one in (await locked(Payment, ids)).values()}
    taken, pairs = set[int](), []
    for notice in notices:
        named = [asked[code] for code in codes.get(notice.id, ()) if code in asked]
        if len(named) != 1 or named[0].id in taken or not _pays_exactly(notice, named[0], kind):
            continue
        taken.add(named[0].id)
        pairs.append((notice, named[0]))
    return pairs


def _is_simple(notice: Notice) -> bool:
    return notice.is_incoming and notice.payment_id is None and notice.event is None


def _pays_exactly(notice: Notice, payment: Payment, kind: str) -> bool:
    if payment.reference.partition(":")[0] != kind or notice.vendor_id not in (None, payment.vendor_id):
        return False
    return judge(seen(payment), transfer_of(notice, (payment.code,))) is Verdict.MATCHED


def _values(pairs: Sequence[tuple[Notice, Payment]], now: datetime) -> list[object]:
    return [
        [notice.id for notice, _ in pairs],
        [payment.id for _, payment in pairs],
        [notice.amount_dong for notice, _ in pairs],
        [bank_of_payment(payment) for _, payment in pairs],
        [ledger.paid(payment.reference) for _, payment in pairs],
        [f"{notice.source}:{notice.event_key}"[:40] for notice, _ in pairs],
        now,
    ]
