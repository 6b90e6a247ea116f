"""The steps of a refund, each with its booking: held when asked, gone when done, put back by a reverse entry."""

from dataclasses import dataclass
from datetime import datetime

from kit.db import is_in_transaction, locked
from kit.outbox import later
from payments import ledger
from payments.matching import Verdict
from payments.models import (
    Notice,
    Payment,
    PaymentAttempt,
    PaymentEvent,
    PaymentState,
    Refund,
    RefundEvent,
    RefundSource,
    RefundWay,
)
from payments.models import RefundStatus as State
from payments.services.refunds.pots import booked_of, counted_by_attempt, pots_of
from payments.services.settling import bank_of_payment
from payments.states import REFUND_COUNTS, is_open, may_follow, stepped

ASKED, DONE, PUT_BACK, REVERSED = "refund_asked", "refund_done", "refund_put_back", "refund_reversed"
OVER_STATES = (PaymentState.PAID, PaymentState.EXPIRED, PaymentState.CANCELLED)


@dataclass
class Case:
    """A locked refund with its locked payment and the provider's try that the money came by."""

    refund: Refund
    payment: Payment
    attempt: PaymentAttempt | None


@dataclass(frozen=True)
class Why:
    """What made a step happen: words, a notice, a person; `proof` is kept as what confirmed the end."""

    note: str = ""
    notice_id: int | None = None
    person_id: int | None = None
    proof: str = ""


async def locked_case(refund_id: int) -> Case | None:
    """Locks the refund's payment, then the refund; None when there is none. Needs an open transaction()."""
    if not is_in_transaction():
        raise RuntimeError("locked_case() needs an open transaction()")
    found = await Refund.get_or_none(id=refund_id)
    if found is None:
        return None
    payment = (await locked(Payment, [found.payment_id]))[found.payment_id]
    refund = (await locked(Refund, [refund_id]))[refund_id]
    return Case(refund, payment, await attempt_of_refund(refund))


async def attempt_of_refund(refund: Refund) -> PaymentAttempt | None:
    """The try whose money goes back."""
    return await PaymentAttempt.get(id=refund.attempt_id) if refund.attempt_id else None


async def book_asked(case: Case, *, now: datetime) -> None:
    """Holds the money from the moment it is asked for: nothing else may take it meanwhile."""
    refund, reference, dong = case.refund, case.payment.reference, case.refund.amount_dong
    entries = [(ledger.returning(reference), -dong)]
    if refund.source is RefundSource.PAID:
        entries.append((ledger.given_back(reference), dong))
        if case.attempt:
            entries.append((ledger.payable(case.payment.vendor_id), dong))
            entries.append((ledger.collected(reference), -dong))
    elif case.attempt:
        entries.append((ledger.owed_by(reference, case.attempt.gate), dong))
    else:
        entries.append((ledger.owed_to_buyer(reference), dong))
    await ledger.post(ASKED, _name(refund), entries, at=now)


async def advance(case: Case, state: State, why: Why, *, now: datetime) -> bool:
    """Makes a step that the table allows, with its booking and its event; False when it does not allow it."""
    refund = case.refund
    if not may_follow(refund.state, state):
        return False
    was, refund.state = refund.state, stepped(refund.state, state)
    if state is State.SUCCEEDED:
        await _book_done(case, now)
        refund.done_at, refund.confirmed_by = now, why.proof[:60]
        refund.notice_id = why.notice_id or refund.notice_id
    elif state is State.REVERSED:
        await ledger.reverse(REVERSED, _name(refund), of=(ASKED, DONE), at=now)
    elif state in (State.FAILED, State.CANCELLED):
        await ledger.reverse(PUT_BACK, _name(refund), of=(ASKED,), at=now)
    if not is_open(state):
        refund.next_look_at = None
    refund.needs_review = refund.needs_review or state in (State.FAILED, State.REVERSED)
    await refund.save()
    await note(refund, state.value, why, now=now)
    await _tell_payment(case, was, why, now)
    await later("follow_refund", refund.id)
    return True


async def told_end(case: Case, state: State, why: Why, *, now: datetime) -> bool:
    """What somebody outside says of the end; what does not fit the state is flagged for a person, never lost."""
    refund = case.refund
    if refund.state is state:
        return False
    if state is State.FAILED and refund.state is State.SUCCEEDED:
        state = State.REVERSED
    if await advance(case, state, why, now=now):
        return True
    await flag(refund, Why(f"{refund.state} → {state}", why.notice_id, why.person_id), now=now)
    return False


async def flag(refund: Refund, why: Why, *, now: datetime) -> None:
    """Puts a locked refund before a person."""
    refund.needs_review = True
    await refund.save(update_fields=["needs_review"])
    await note(refund, "flagged", why, now=now)


async def note(refund: Refund, kind: str, why: Why, *, now: datetime) -> None:
    """Appends to what happened to a refund."""
    await RefundEvent.create(
        refund=refund,
        kind=kind,
        note=why.note[:300],
        notice_id=why.notice_id,
        person_id=why.person_id,
        at=now,
    )


async def _book_done(case: Case, now: datetime) -> None:
    refund, vendor_id = case.refund, case.payment.vendor_id
    vat_dong, income_dong = await _tax_back(case) if refund.source is RefundSource.PAID else (0, 0)
    refund.vat_back_dong, refund.income_back_dong = vat_dong, income_dong
    entries = [
        (ledger.returning(case.payment.reference), refund.amount_dong),
        (_left_from(case), -refund.amount_dong),
        (ledger.withheld_vat(vendor_id), vat_dong),
        (ledger.withheld_income(vendor_id), income_dong),
        (ledger.payable(vendor_id), -vat_dong - income_dong),
    ]
    await ledger.post(DONE, _name(refund), [one for one in entries if one[1]], at=now)


def _left_from(case: Case) -> str:
    if case.attempt is None:
        return bank_of_payment(case.payment)
    return ledger.clearing(case.attempt.gate) if case.refund.way is RefundWay.GATE else ledger.PLATFORM_BANK


async def _tax_back(case: Case) -> tuple[int, int]:
    """The share of the taxes withheld that goes back to the seller in the month of return (Decree 117/2025/NĐ-CP).

    Counted over all that was given back so far, so that the parts of a whole give exactly the whole tax.
    """
    if case.attempt is None:
        return 0, 0
    attempt_id, vendor_id = case.attempt.id, case.payment.vendor_id
    counted_dong = (await counted_by_attempt(case.payment, [case.attempt]))[attempt_id]
    done = await Refund.filter(
        attempt_id=attempt_id, source=RefundSource.PAID, state=State.SUCCEEDED
    ).exclude(id=case.refund.id)
    gone_dong = sum(one.amount_dong for one in done) + case.refund.amount_dong
    vat_dong = await booked_of(attempt_id, ledger.withheld_vat(vendor_id)) * gone_dong // counted_dong
    income_dong = await booked_of(attempt_id, ledger.withheld_income(vendor_id)) * gone_dong // counted_dong
    return (
        max(0, vat_dong - sum(one.vat_back_dong for one in done)),
        max(0, income_dong - sum(one.income_back_dong for one in done)),
    )


async def _tell_payment(case: Case, was: State, why: Why, now: datetime) -> None:
    """What the payment's own story says of it; one that has nothing left to see to leaves the queue of persons."""
    refund, payment = case.refund, case.payment
    kinds = {State.SUCCEEDED: "returned", State.FAILED: "not_returned", State.REVERSED: "returned_back"}
    if refund.state not in kinds:
        return
    await PaymentEvent.create(
        payment=payment,
        kind=kinds[refund.state],
        amount_dong=refund.amount_dong,
        notice_id=why.notice_id,
        person_id=why.person_id,
        at=now,
    )
    if refund.state is not State.SUCCEEDED:
        payment.needs_review = True
        await payment.save(update_fields=["needs_review"])
    elif refund.source is RefundSource.OWED and await _is_settled(payment):
        payment.needs_review = False
        await payment.save(update_fields=["needs_review"])
        await PaymentEvent.create(payment=payment, kind="resolved", person_id=why.person_id, at=now)


async def _is_settled(payment: Payment) -> bool:
    """Whether giving back what was over has left nothing that a person must see."""
    if not payment.needs_review or payment.is_disputed or payment.state not in OVER_STATES:
        return False
    open_ones = Refund.filter(payment_id=payment.id, state__in=[one for one in REFUND_COUNTS if is_open(one)])
    return not (
        await pots_of(payment, RefundSource.OWED)
        or await open_ones.exists()
        or await PaymentAttempt.filter(payment_id=payment.id, needs_review=True).exists()
        or await Notice.filter(payment_id=payment.id, verdict=Verdict.WRONG_ACCOUNT).exists()
    )


def _name(refund: Refund) -> str:
    return f"refund:{refund.id}"
