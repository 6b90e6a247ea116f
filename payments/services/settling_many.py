"""Settling many notices at once: those that pay one thing to the đồng, and those that name nothing at all."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import is_in_transaction, select, sql
from payments import ledger
from payments.matching import Verdict, bare_account, judge, meant_nearly
from payments.models import Notice, Payment
from payments.services.attempts import end_tries
from payments.services.plate_money import PlateMoney, plate_money_of
from payments.services.same_line import open_after, told_before
from payments.services.settling import (
    LATELY,
    LATELY_ROWS_MAX,
    aside_entries,
    bank_of_payment,
    seen,
    transfer_of,
)
from payments.services.transfers_told import naming_transfers
from payments.transfer_text import candidate_codes

_TAKE = "WHERE id = ANY($1) AND handled_at IS NULL ORDER BY id FOR UPDATE SKIP LOCKED"
_NAMED = "WHERE code = ANY($1) ORDER BY id FOR UPDATE"
# Into each of these accounts, the newest: as many as one notice alone looks through.
_LATELY = (
    "WHERE id IN (SELECT near.id FROM unnest($1::text[]) AS account (number), LATERAL (SELECT id FROM payment"
    " WHERE account_number = account.number AND created_at > $2 ORDER BY created_at DESC LIMIT $3) AS near)"
)
_COUNT = """
    WITH told AS (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
            AS told (notice_id, payment_id, dong, confirmed_by)
    ), paid AS (
        UPDATE payment SET received_dong = asked_dong, state = 'paid', paid_at = $5, confirmed_by = told.confirmed_by
        FROM told WHERE payment.id = told.payment_id
    ), noted AS (
        INSERT INTO payment_event (payment_id, kind, amount_dong, notice_id, at)
        SELECT payment_id, 'matched', dong, notice_id, $5 FROM told
    )
    UPDATE notice SET verdict = 'matched', handled_at = $5, payment_id = told.payment_id
    FROM told WHERE notice.id = told.notice_id
"""
_SET_ASIDE = "UPDATE notice SET verdict = 'none', handled_at = $2 WHERE id = ANY($1)"


@dataclass(frozen=True)
class SettledMany:
    """The notices that were settled, and what they paid for ("order:17") with what had been asked for it in đồng.

    `unnamed` is the money of those that name no payment: it lies in suspense, and may be a stall's.
    """

    notices: frozenset[int]
    paid: dict[str, int]
    unnamed: list[PlateMoney]


async def settle_plain(notice_ids: Sequence[int], kinds: Collection[str], *, now: datetime) -> SettledMany:
    """Settles those of these notices that pay exactly one payment, of these kinds of reference, or name none.

    Within the caller's open transaction(). Locks the notices that nobody holds, then the payments they name, each in
    the order of their numbers. Anything out of the ordinary is left: settle() knows what to do with it.
    """
    if not is_in_transaction():
        raise RuntimeError("settle_plain() needs an open transaction()")
    notices = [one for one in await select(Notice, _TAKE, [list(notice_ids)]) if _is_simple(one)]
    named = await _named(notices)
    pairs = _plain(notices, named, kinds)
    nameless = [one for one in notices if not named[one.id]]
    ids = [one.id for one in nameless]
    apart = await told_before(ids) | await open_after(ids) | await naming_transfers(nameless)
    unnamed = await _unnamed([one for one in nameless if one.id not in apart])
    await _book(pairs, unnamed, now)
    return SettledMany(
        frozenset(one.id for one in (*(notice for notice, _ in pairs), *unnamed)),
        {payment.reference: payment.asked_dong for _, payment in pairs},
        [plate_money_of(one) for one in unnamed],
    )


def _is_simple(notice: Notice) -> bool:
    is_transfer = notice.is_incoming and notice.event is None and notice.amount_dong > 0
    return is_transfer and notice.payment_id is None


async def _named(notices: Sequence[Notice]) -> dict[int, list[Payment]]:
    """By notice the payments whose codes it says and that it may settle, all locked."""
    codes = {one.id: candidate_codes(one.said_code, one.content) for one in notices}
    wanted = sorted({code for said in codes.values() for code in said})
    asked = {one.code: one for one in await select(Payment, _NAMED, [wanted])} if wanted else {}
    return {
        one.id: [asked[code] for code in codes[one.id] if code in asked and _may_settle(one, asked[code])]
        for one in notices
    }


def _may_settle(notice: Notice, payment: Payment) -> bool:
    return notice.vendor_id in (None, payment.vendor_id)


def _plain(
    notices: Sequence[Notice], named: dict[int, list[Payment]], kinds: Collection[str]
) -> list[tuple[Notice, Payment]]:
    """The notices that each pay one payment exactly, with it; a payment only once."""
    taken, pairs = set[int](), []
    for notice in notices:
        payments = named[notice.id]
        if len(payments) != 1 or payments[0].id in taken or not _pays_exactly(notice, payments[0], kinds):
            continue
        taken.add(payments[0].id)
        pairs.append((notice, payments[0]))
    return pairs


def _pays_exactly(notice: Notice, payment: Payment, kinds: Collection[str]) -> bool:
    if payment.reference.partition(":")[0] not in kinds:
        return False
    return judge(seen(payment), transfer_of(notice, (payment.code,))) is Verdict.MATCHED


async def _unnamed(notices: Sequence[Notice]) -> list[Notice]:
    """Those that do not nearly name a payment either."""
    if not notices:
        return []
    transfers = {one.id: transfer_of(one, ()) for one in notices}
    accounts = {one.id: _accounts(one) for one in notices}
    since = min(one.at for one in transfers.values()) - LATELY
    numbers = sorted({number for some in accounts.values() for number in some})
    lately: dict[str, list[Payment]] = defaultdict(list)
    for payment in await select(Payment, _LATELY, [numbers, since, LATELY_ROWS_MAX]):
        lately[payment.account_number].append(payment)

    def is_meant_for_one(notice: Notice) -> bool:
        at = transfers[notice.id].at
        near = [
            seen(one)
            for number in accounts[notice.id]
            for one in lately.get(number, ())
            if one.created_at > at - LATELY and _may_settle(notice, one)
        ]
        return bool(meant_nearly(near, transfers[notice.id], notice.said_code, notice.content))

    return [one for one in notices if not is_meant_for_one(one)]


def _accounts(notice: Notice) -> set[str]:
    return {bare_account(one) for one in (notice.account_number, notice.sub_account)} - {""}


async def _book(pairs: Sequence[tuple[Notice, Payment]], unnamed: Sequence[Notice], now: datetime) -> None:
    bookings = [(f"notice:{notice.id}", _received(notice, payment)) for notice, payment in pairs]
    bookings += [(f"notice:{notice.id}", aside_entries(notice)) for notice in unnamed]
    await ledger.post_all("received", bookings, at=now)
    if unnamed:
        await sql(_SET_ASIDE, [[one.id for one in unnamed], now])
    if pairs:
        await sql(_COUNT, _counted(pairs, now))
        await end_tries([payment.id for _, payment in pairs])


def _received(notice: Notice, payment: Payment) -> list[tuple[str, int]]:
    dong = notice.amount_dong
    return [(bank_of_payment(payment), dong), (ledger.paid(payment.reference), -dong)]


def _counted(pairs: Sequence[tuple[Notice, Payment]], now: datetime) -> list[object]:
    return [
        [notice.id for notice, _ in pairs],
        [payment.id for _, payment in pairs],
        [notice.amount_dong for notice, _ in pairs],
        [f"{notice.source}:{notice.event_key}"[:40] for notice, _ in pairs],
        now,
    ]
