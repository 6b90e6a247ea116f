"""Settling: what a notice means for which payment, booked, once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import is_in_transaction, locked
from payments import ledger, matching
from payments.matching import Verdict
from payments.models import Notice, Payment, PaymentEvent, PaymentState
from payments.states import stepped

OUT = "out"
ROUTINE = (Verdict.MATCHED, Verdict.PARTIAL)
COUNTED = (*ROUTINE, Verdict.OVER)
UNMATCHED = (Verdict.NONE, Verdict.AMBIGUOUS)


@dataclass(frozen=True)
class Settled:
    """What became of a notice. `reference` and `payment_id` are "" and None when it belongs to no payment.

    `verdict` is a matching.Verdict, or "out" for money that left the account.
    """

    reference: str
    verdict: str
    became_paid: bool
    payment_id: int | None


async def settle(notice_id: int, *, now: datetime) -> Settled | None:
    """Settles one notice within the caller's open transaction(); None when there is none left to settle.

    Locks the notice, then its payment. Money is never lost: what no payment may take is booked as owed to the
    buyer or into suspense, and waits for a person.
    """
    if not is_in_transaction():
        raise RuntimeError("settle() needs an open transaction()")
    notice = (await locked(Notice, [notice_id])).get(notice_id)
    if notice is None or notice.handled_at is not None:
        return None
    if not notice.is_incoming:
        return await _handled(notice, OUT, now)
    by_hand = notice.payment_id is not None
    codes, payment = await _named(notice)
    verdict = matching.judge(_seen(payment) if payment else None, _transfer(notice, codes))
    if payment is None or verdict in UNMATCHED:
        await _book_aside(notice, now)
        return await _handled(notice, verdict, now)
    if verdict is Verdict.DUPLICATE and (said_dong := await ledger.balance(ledger.said(payment.reference))):
        return await _prove(payment, notice, min(said_dong, notice.amount_dong), by_hand=by_hand, now=now)
    became_paid = await _take(payment, notice, verdict, by_hand=by_hand, now=now)
    return await _handled(notice, verdict, now, payment, became_paid)


def bank_of_payment(payment: Payment) -> str:
    """The books' account for the bank account that a payment goes to: the seller's, or the market's for a fee."""
    if payment.market_id is not None:
        return ledger.market_bank(payment.market_id)
    return ledger.seller_bank(payment.vendor_id)


async def _named(notice: Notice) -> tuple[tuple[str, ...], Payment | None]:
    """The known codes that the notice speaks of, and the payment, locked, if it is exactly one."""
    if notice.payment_id is not None:
        by_hand = (await locked(Payment, [notice.payment_id]))[notice.payment_id]
        return (by_hand.code,), by_hand
    said = matching.candidate_codes(said_in(notice, "code"), notice.content)
    known = dict(await Payment.filter(code__in=said).values_list("code", "id")) if said else {}
    payment_id = next(iter(known.values())) if len(known) == 1 else None
    payment = (await locked(Payment, [payment_id]))[payment_id] if payment_id else None
    return tuple(known), payment


def said_in(notice: Notice, field: str) -> str | None:
    """A text of the body that has no column of its own; the gate has checked the body's form."""
    said = json.loads(notice.body).get(field)
    return said if isinstance(said, str) else None


def _seen(payment: Payment) -> matching.PaymentView:
    return matching.PaymentView(
        code=payment.code,
        asked_dong=payment.asked_dong,
        paid_dong=payment.received_dong,
        state=payment.state,
        expires_at=payment.expires_at,
        account_number=payment.account_number,
        bin=payment.bin,
    )


def _transfer(notice: Notice, codes: tuple[str, ...]) -> matching.TransferView:
    return matching.TransferView(
        amount_dong=notice.amount_dong,
        account_number=notice.account_number,
        at=notice.happened_at or notice.received_at,
        codes=codes,
        sub_account=said_in(notice, "subAccount"),
    )


async def _take(payment: Payment, notice: Notice, verdict: Verdict, *, by_hand: bool, now: datetime) -> bool:
    """Counts the money towards the payment as far as it goes, books all of it; whether it is paid by this."""
    rest_dong = payment.asked_dong - payment.received_dong
    counted_dong = min(notice.amount_dong, rest_dong) if verdict in COUNTED else 0
    payment.received_dong += counted_dong
    payment.needs_review = payment.needs_review or verdict not in ROUTINE
    payment.is_paid_late = payment.is_paid_late or verdict is Verdict.LATE
    became_paid = counted_dong > 0 and payment.received_dong == payment.asked_dong
    if became_paid:
        payment.state = stepped(payment.state, PaymentState.PAID)
        payment.paid_at = now
        payment.confirmed_by = f"{notice.source}:{notice.event_key}"[:40]
    await payment.save(
        update_fields=["received_dong", "needs_review", "is_paid_late", "state", "paid_at", "confirmed_by"]
    )
    await PaymentEvent.create(
        payment=payment, kind=verdict.value, amount_dong=notice.amount_dong, notice_id=notice.id, at=now
    )
    if verdict is not Verdict.WRONG_ACCOUNT:
        await _book(payment, notice, counted_dong, by_hand=by_hand, now=now)
    elif not by_hand:
        await _book_aside(notice, now)
    return became_paid


async def _prove(
    payment: Payment, notice: Notice, proved_dong: int, *, by_hand: bool, now: datetime
) -> Settled:
    """The bank tells of money that the seller has confirmed before: nothing new, only what is over is."""
    verdict = Verdict.MATCHED if proved_dong == notice.amount_dong else Verdict.OVER
    payment.needs_review = payment.needs_review or verdict is Verdict.OVER
    await payment.save(update_fields=["needs_review"])
    await PaymentEvent.create(
        payment=payment, kind="proved", amount_dong=notice.amount_dong, notice_id=notice.id, at=now
    )
    counted = [(ledger.said(payment.reference), -proved_dong)]
    await _book(payment, notice, proved_dong, counted=counted, by_hand=by_hand, now=now)
    return await _handled(notice, verdict, now, payment)


async def _book(
    payment: Payment,
    notice: Notice,
    counted_dong: int,
    *,
    by_hand: bool,
    now: datetime,
    counted: Sequence[tuple[str, int]] | None = None,
) -> None:
    entries = [
        (bank_of_payment(payment), notice.amount_dong),
        *(counted or [(ledger.paid(payment.reference), -counted_dong)]),
        (ledger.owed_to_buyer(payment.reference), counted_dong - notice.amount_dong),
    ]
    if by_hand:
        entries += [
            (ledger.other_bank(notice.account_number), -notice.amount_dong),
            (ledger.suspense(notice.id), notice.amount_dong),
        ]
    kind = "attached" if by_hand else "received"
    await ledger.post(kind, f"notice:{notice.id}", [one for one in entries if one[1]], at=now)


async def _book_aside(notice: Notice, now: datetime) -> None:
    entries = [
        (ledger.other_bank(notice.account_number), notice.amount_dong),
        (ledger.suspense(notice.id), -notice.amount_dong),
    ]
    await ledger.post("received", f"notice:{notice.id}", entries, at=now)


async def _handled(
    notice: Notice, verdict: str, now: datetime, payment: Payment | None = None, became_paid: bool = False
) -> Settled:
    notice.verdict, notice.handled_at = str(verdict), now
    notice.payment_id = payment.id if payment else None
    await notice.save(update_fields=["verdict", "handled_at", "payment_id"])
    reference, payment_id = (payment.reference, payment.id) if payment else ("", None)
    return Settled(reference, notice.verdict, became_paid, payment_id)
