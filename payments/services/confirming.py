"""What a collecting provider says of a try to pay: counted, booked and flagged, once, whoever says it first."""

from dataclasses import dataclass
from datetime import datetime

from kit.dates import vietnam_date
from kit.db import is_in_transaction, locked
from kit.outbox import later
from kit.rules import rule_on
from payments import ledger
from payments.gate import VND, EventKind, Outcome, ProviderState
from payments.matching import Verdict
from payments.models import AttemptEvent, Notice, Payment, PaymentAttempt, PaymentEvent, PaymentState
from payments.polling import is_over
from payments.services import settling
from payments.services.attempts import end_tries
from payments.services.refunds.told import take_callback
from payments.services.settling import Settled
from payments.services.transfers_told import take_told_transfer
from payments.states import is_open, may_follow, stepped
from payments.tax import SaleClass, TaxMode, Withheld, rate_of, withheld

REPEAT, MISMATCH, NOTED = "repeat", "mismatch", "noted"
ENDS = {
    Outcome.FAILED: PaymentState.FAILED,
    Outcome.REVERSED: PaymentState.FAILED,
    Outcome.CANCELLED: PaymentState.CANCELLED,
    Outcome.EXPIRED: PaymentState.EXPIRED,
    Outcome.AUTHORIZED: PaymentState.AUTHORIZED,
}
SURPLUS = (Verdict.OVER, Verdict.DUPLICATE)
DOUBTED = (Outcome.SUSPICIOUS, Outcome.REVERSED)


@dataclass(frozen=True)
class Told:
    """What was said of a try, by a callback (`notice_id`) or in answer to a question."""

    outcome: Outcome
    amount_dong: int | None
    currency: str
    provider_ref: str
    code: str
    notice_id: int | None


async def settle(notice_id: int, *, now: datetime) -> Settled | None:
    """Settles one notice, of a bank or of a provider, within the caller's open transaction(); None when none is left.

    Locks the notice, then its payments, then the try. Money is never lost: what no payment may take is booked as
    owed to the buyer or into suspense, and waits for a person.
    """
    if not is_in_transaction():
        raise RuntimeError("settle() needs an open transaction()")
    notice = (await locked(Notice, [notice_id])).get(notice_id)
    if notice is None or notice.handled_at is not None:
        return None
    if notice.event is None:
        if told := await take_told_transfer(notice, now=now):
            return await _handled(notice, told, now)
        settled = await settling.settle_transfer(notice, now=now)
        await _return_surplus(settled)
        paid = [one.payment_id for one in (settled, *settled.others) if one.became_paid and one.payment_id]
        await end_tries(paid)
        return settled
    return await _settle_event(notice, notice.event, now)


async def settle_answer(attempt_id: int, state: ProviderState | None, *, now: datetime) -> Settled | None:
    """Settles what a provider answered about a try; None, with nothing done, when there was no answer.

    Needs an open transaction(). Locks the payment, then the try. An answer about something else than was asked is
    no answer: it is flagged for a person.
    """
    if not is_in_transaction():
        raise RuntimeError("settle_answer() needs an open transaction()")
    payment, attempt = await _locked_pair(attempt_id)
    if state is None:
        await _given_up(payment, attempt, now)
        return None
    told = Told(state.outcome, state.amount_dong, state.currency, state.provider_ref, state.code, None)
    if state.our_ref != attempt.reference:
        return await _flagged(payment, attempt, told, now, is_asked_again=False)
    if told.outcome in (Outcome.PENDING, Outcome.NOT_FOUND) and is_over(now, attempt.expires_at):
        told = Told(Outcome.EXPIRED, None, told.currency, told.provider_ref, told.code, None)
    return await _apply(payment, attempt, told, now)


async def _settle_event(notice: Notice, event: dict[str, str], now: datetime) -> Settled:
    found = await PaymentAttempt.get_or_none(reference=event["our_ref"], gate=notice.source)
    outcome = Outcome(event["outcome"])
    if event["kind"] != EventKind.PAYMENT:
        return await _settle_other(notice, event, now)
    if found is None:
        return await _settle_unknown(notice, outcome, now)
    payment, attempt = await _locked_pair(found.id)
    told = Told(
        outcome,
        notice.amount_dong if event["has_amount"] else None,
        event["currency"],
        event["provider_ref"],
        event["code"],
        notice.id,
    )
    if event["is_mismatch"]:
        settled = await _flagged(payment, attempt, told, now, is_asked_again=True)
    else:
        settled = await _apply(payment, attempt, told, now)
    return await _handled(notice, settled, now)


async def _return_surplus(settled: Settled) -> None:
    """What came beyond the sum, or a second time, goes back without anybody's asking."""
    if settled.verdict in SURPLUS and settled.payment_id is not None:
        await later("return_extra", settled.payment_id)


async def _settle_unknown(notice: Notice, outcome: Outcome, now: datetime) -> Settled:
    """News of a try that was never made here: money is kept in suspense for a person, all else only noted."""
    if outcome is not Outcome.SUCCEEDED or not notice.amount_dong:
        return await _handled(notice, Settled("", NOTED, False, None), now)
    entries = [
        (ledger.other_bank(notice.account_number), notice.amount_dong),
        (ledger.suspense(notice.id), -notice.amount_dong),
    ]
    await ledger.post("received", f"notice:{notice.id}", entries, at=now)
    return await _handled(notice, Settled("", Verdict.NONE, False, None), now)


async def _settle_other(notice: Notice, event: dict[str, str], now: datetime) -> Settled:
    """News of a refund or a dispute: it never changes what was paid; a dispute is put before a person."""
    if event["kind"] == EventKind.REFUND and (told := await take_callback(notice, event, now=now)):
        return await _handled(notice, told, now)
    found = await PaymentAttempt.get_or_none(reference=event["our_ref"], gate=notice.source)
    if found is None or event["kind"] != EventKind.DISPUTE:
        return await _handled(notice, Settled("", event["kind"], False, None), now)
    payment, _ = await _locked_pair(found.id)
    payment.is_disputed, payment.needs_review = Outcome(event["outcome"]) is not Outcome.SUCCEEDED, True
    await payment.save(update_fields=["is_disputed", "needs_review"])
    await PaymentEvent.create(
        payment=payment, kind="disputed", amount_dong=notice.amount_dong, notice_id=notice.id, at=now
    )
    return await _handled(notice, Settled(payment.reference, "dispute", False, payment.id), now)


async def _locked_pair(attempt_id: int) -> tuple[Payment, PaymentAttempt]:
    payment_id = (await PaymentAttempt.get(id=attempt_id)).payment_id
    payment = (await locked(Payment, [payment_id]))[payment_id]
    return payment, (await locked(PaymentAttempt, [attempt_id]))[attempt_id]


async def _apply(payment: Payment, attempt: PaymentAttempt, told: Told, now: datetime) -> Settled:
    if told.outcome is Outcome.SUCCEEDED:
        if told.amount_dong != attempt.amount_dong or told.currency != VND:
            return await _flagged(payment, attempt, told, now, is_asked_again=told.notice_id is not None)
        return await _succeeded(payment, attempt, told, now)
    end = ENDS.get(told.outcome)
    if end and may_follow(attempt.state, end):
        attempt.state = stepped(attempt.state, end)
    if told.outcome in DOUBTED and not attempt.received_dong:
        await _doubt(payment, attempt, told, now)
    await _note(attempt, told.outcome.value, told, now)
    return Settled(payment.reference, told.outcome.value, False, payment.id)


async def _succeeded(payment: Payment, attempt: PaymentAttempt, told: Told, now: datetime) -> Settled:
    if attempt.received_dong:
        await _note(attempt, REPEAT, told, now)
        return Settled(payment.reference, REPEAT, False, payment.id)
    attempt.received_dong = attempt.amount_dong
    if may_follow(attempt.state, PaymentState.PAID):
        attempt.state = stepped(attempt.state, PaymentState.PAID)
    verdict = _verdict(payment, attempt)
    counted_dong = _counted(payment, attempt)
    became_paid = await _take(payment, attempt, verdict, counted_dong, told, now)
    await _book(payment, attempt, counted_dong, now)
    await _note(attempt, verdict.value, told, now)
    if became_paid:
        await end_tries([payment.id], but=attempt.id)
    settled = Settled(payment.reference, verdict.value, became_paid, payment.id)
    await _return_surplus(settled)
    return settled


def _verdict(payment: Payment, attempt: PaymentAttempt) -> Verdict:
    """What the money of a try means: the same words as for a bank transfer."""
    if payment.state is PaymentState.PAID:
        return Verdict.DUPLICATE
    if not is_open(payment.state):
        return Verdict.LATE
    rest_dong = payment.asked_dong - payment.received_dong
    if attempt.received_dong > rest_dong:
        return Verdict.OVER
    return Verdict.MATCHED if attempt.received_dong == rest_dong else Verdict.PARTIAL


def _counted(payment: Payment, attempt: PaymentAttempt) -> int:
    if not is_open(payment.state):
        return 0
    return int(min(attempt.received_dong, payment.asked_dong - payment.received_dong))


async def _take(
    payment: Payment, attempt: PaymentAttempt, verdict: Verdict, counted_dong: int, told: Told, now: datetime
) -> bool:
    payment.received_dong += counted_dong
    payment.needs_review = payment.needs_review or verdict not in settling.ROUTINE
    payment.is_paid_late = payment.is_paid_late or verdict is Verdict.LATE
    became_paid = counted_dong > 0 and payment.received_dong == payment.asked_dong
    if became_paid:
        payment.state = stepped(payment.state, PaymentState.PAID)
        payment.paid_at = now
        payment.confirmed_by = f"{attempt.gate}:{told.provider_ref or attempt.reference}"[:40]
    await payment.save(
        update_fields=["received_dong", "needs_review", "is_paid_late", "state", "paid_at", "confirmed_by"]
    )
    await PaymentEvent.create(
        payment=payment,
        kind=verdict.value,
        amount_dong=attempt.received_dong,
        notice_id=told.notice_id,
        at=now,
    )
    return became_paid


async def _book(payment: Payment, attempt: PaymentAttempt, counted_dong: int, now: datetime) -> None:
    entries = [
        (ledger.clearing(attempt.gate), attempt.received_dong),
        (ledger.owed_by(payment.reference, attempt.gate), counted_dong - attempt.received_dong),
        *await entries_of_counted(payment, attempt, counted_dong, now),
    ]
    await ledger.post("collected", f"attempt:{attempt.id}", [one for one in entries if one[1]], at=now)


async def entries_of_counted(
    payment: Payment, attempt: PaymentAttempt, counted_dong: int, now: datetime
) -> list[tuple[str, int]]:
    """The sides of a booking that make a provider's money count: the order's, the seller's, and the taxes withheld."""
    tax = await _tax(attempt, counted_dong, now)
    return [
        (ledger.paid(payment.reference), -counted_dong),
        (ledger.collected(payment.reference), counted_dong),
        (ledger.payable(payment.vendor_id), tax.total_dong - counted_dong),
        (ledger.withheld_vat(payment.vendor_id), -tax.vat_dong),
        (ledger.withheld_income(payment.vendor_id), -tax.income_dong),
    ]


async def _tax(attempt: PaymentAttempt, counted_dong: int, now: datetime) -> Withheld:
    if attempt.tax_mode != TaxMode.WITHHOLD:
        return Withheld(0, 0)
    # What nobody has classified is taxed as services, the highest of the decree's rates.
    name = f"platform_tax_{SaleClass(attempt.sale_class) or SaleClass.SERVICES}"
    rule = await rule_on(name, vietnam_date(now))
    return withheld(counted_dong, rate_of(rule)) if rule else Withheld(0, 0)


async def _flagged(
    payment: Payment, attempt: PaymentAttempt, told: Told, now: datetime, *, is_asked_again: bool
) -> Settled:
    """What was said does not fit what was asked: nothing is paid by it, a person sees it, the provider is asked."""
    await _doubt(payment, attempt, told, now, kind=MISMATCH)
    await _note(attempt, MISMATCH, told, now)
    if is_asked_again:
        await later("query_attempt", attempt.id)
    return Settled(payment.reference, MISMATCH, False, payment.id)


async def _doubt(
    payment: Payment, attempt: PaymentAttempt, told: Told, now: datetime, *, kind: str = ""
) -> None:
    attempt.needs_review = True
    if payment.needs_review:
        return
    payment.needs_review = True
    await payment.save(update_fields=["needs_review"])
    await PaymentEvent.create(
        payment=payment,
        kind=kind or told.outcome.value,
        amount_dong=told.amount_dong or 0,
        notice_id=told.notice_id,
        at=now,
    )


async def _note(attempt: PaymentAttempt, kind: str, told: Told, now: datetime) -> None:
    attempt.code = told.code[:80]
    attempt.provider_ref = attempt.provider_ref or told.provider_ref[:80]
    if not is_open(attempt.state):
        attempt.next_query_at = None
    await attempt.save(
        update_fields=["state", "received_dong", "code", "provider_ref", "needs_review", "next_query_at"]
    )
    await AttemptEvent.create(
        attempt=attempt,
        kind=kind,
        code=told.code[:80],
        amount_dong=told.amount_dong or 0,
        notice_id=told.notice_id,
        at=now,
    )


async def _given_up(payment: Payment, attempt: PaymentAttempt, now: datetime) -> None:
    """The provider did not answer. After a day nobody asks any more and a person is told."""
    if attempt.next_query_at is not None or not is_open(attempt.state):
        return
    silence = Told(Outcome.PENDING, None, VND, "", "silence", None)
    if may_follow(attempt.state, PaymentState.UNKNOWN):
        attempt.state = stepped(attempt.state, PaymentState.UNKNOWN)
    await _doubt(payment, attempt, silence, now, kind="silence")
    await _note(attempt, "silence", silence, now)


async def _handled(notice: Notice, settled: Settled, now: datetime) -> Settled:
    notice.verdict, notice.handled_at, notice.payment_id = settled.verdict, now, settled.payment_id
    await notice.save(update_fields=["verdict", "handled_at", "payment_id"])
    return settled
