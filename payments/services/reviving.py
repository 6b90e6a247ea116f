"""Reviving: money that came too late is made to count after all, because a person has the goods for it."""

from datetime import datetime

from kit.db import is_in_transaction, locked
from kit.errors import Conflict
from kit.i18n import say
from kit.money import show_dong
from kit.outbox import later
from payments import ledger
from payments.models import Payment, PaymentEvent, PaymentState, RefundSource
from payments.services.confirming import entries_of_counted
from payments.services.refunds.pots import Pot, pots_of
from payments.states import REVIVES


async def revive(reference: str, *, person_id: int, now: datetime) -> None:
    """Makes late money count towards a payment that has ended, or whose time is over when only a part was paid.

    Needs the caller's open transaction(); locks the payment. Raises Conflict when it may not be revived, or when what
    came (and is not on its way back) is not all that was asked. What came beyond goes back.
    """
    if not is_in_transaction():
        raise RuntimeError("revive() needs an open transaction()")
    ids = await Payment.filter(reference=reference).values_list("id", flat=True)
    payment = next(iter((await locked(Payment, ids)).values()), None)
    if payment is None or not may_be_revived(payment, now=now):
        raise Conflict(say("Đơn này không chờ ai quyết về tiền đến muộn."))
    pots = await pots_of(payment, RefundSource.OWED)
    missing_dong = int(payment.asked_dong - payment.received_dong)
    came_dong = sum(pot.left_dong for pot in pots)
    if came_dong < missing_dong:
        raise Conflict(
            say(
                "Tiền đến muộn mới có {came}, đơn còn thiếu {missing}.",
                came=show_dong(came_dong),
                missing=show_dong(missing_dong),
            )
        )
    await _make_whole(payment, pots, person_id, now)
    if came_dong > missing_dong:
        await later("return_extra", payment.id)


async def reopen(reference: str, *, person_id: int, now: datetime) -> bool:
    """A payment that was called off is awaited anew: a person knows that its thing was handed over after all.

    What came for it meanwhile counts when it is all that was asked: True when that pays it. Nothing is changed of one
    that was not called off. Needs the caller's open transaction(); locks the payment.
    """
    if not is_in_transaction():
        raise RuntimeError("reopen() needs an open transaction()")
    ids = await Payment.filter(reference=reference).values_list("id", flat=True)
    payment = next(iter((await locked(Payment, ids)).values()), None)
    if payment is None or payment.state is not PaymentState.CANCELLED or payment.received_dong:
        return False
    pots = await pots_of(payment, RefundSource.OWED)
    if sum(pot.left_dong for pot in pots) >= payment.asked_dong:
        await _make_whole(payment, pots, person_id, now)
        return True
    payment.state = PaymentState.PENDING
    await payment.save(update_fields=["state"])
    await PaymentEvent.create(payment=payment, kind="reopened", person_id=person_id, at=now)
    return False


async def _make_whole(payment: Payment, pots: list[Pot], person_id: int, now: datetime) -> None:
    """A locked payment is paid with what came and did not count."""
    missing_dong = int(payment.asked_dong - payment.received_dong)
    event = await PaymentEvent.create(
        payment=payment, kind="revived", amount_dong=missing_dong, person_id=person_id, at=now
    )
    await _count(payment, pots, missing_dong, event.id, now)
    payment.received_dong = payment.asked_dong
    payment.state, payment.paid_at = PaymentState.PAID, now
    payment.confirmed_by, payment.needs_review = f"person:{person_id}", False
    await payment.save()


def may_be_revived(payment: Payment, *, now: datetime) -> bool:
    """Whether late money could still make a payment whole: it has expired, or is held with a part after its time."""
    is_held = payment.state is PaymentState.PENDING and payment.received_dong > 0 and now > payment.expires_at
    return payment.state in REVIVES or is_held


async def _count(payment: Payment, pots: list[Pot], missing_dong: int, event_id: int, now: datetime) -> None:
    for pot in sorted(pots, key=lambda one: one.attempt is not None):
        dong = min(pot.left_dong, missing_dong)
        if dong <= 0:
            continue
        missing_dong -= dong
        if pot.attempt is None:
            reference = f"payment_event:{event_id}"
            entries = [
                (ledger.owed_to_buyer(payment.reference), dong),
                (ledger.paid(payment.reference), -dong),
            ]
        else:
            reference = f"attempt:{pot.attempt.id}"
            counted = await entries_of_counted(payment, pot.attempt, dong, now)
            entries = [(ledger.owed_by(payment.reference, pot.attempt.gate), dong), *counted]
        await ledger.post("revived", reference, [one for one in entries if one[1]], at=now)
