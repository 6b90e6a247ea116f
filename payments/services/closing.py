"""Closing a payment that nobody paid: its time is over, or its order was called off."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import locked, transaction
from kit.outbox import later
from payments.models import Payment, PaymentAttempt, PaymentEvent, PaymentState
from payments.services.attempts import open_attempts
from payments.states import may_follow, stepped

DOUBTFUL = (PaymentState.UNKNOWN, PaymentState.AUTHORIZED)


async def expire(reference: str, *, now: datetime) -> bool:
    """Ends a payment whose time is over; False when it stays as it is.

    One that was partly paid stays open and is put before a person: money came, goods are waiting. One with a try
    at a provider whose end is not known becomes `unknown` and waits for the provider's word. One that is paid,
    closed or not yet due stays too. Locks the payment.
    """
    return await _close(reference, PaymentState.EXPIRED, now, due_only=True)


async def cancel(reference: str, *, now: datetime) -> bool:
    """Ends a payment because what it was for is called off; False when it is paid, closed, or partly paid.

    A partly paid one is put before a person; one that may have been paid this moment (a try is unknown or
    authorised) stays. Tries still open are ended at their providers. Locks the payment.
    """
    return await _close(reference, PaymentState.CANCELLED, now, due_only=False)


async def _close(reference: str, end: PaymentState, now: datetime, *, due_only: bool) -> bool:
    async with transaction():
        ids = await Payment.filter(reference=reference).values_list("id", flat=True)
        payment = next(iter((await locked(Payment, ids)).values()), None)
        if payment is None or not may_follow(payment.state, end):
            return False
        if due_only and now < payment.expires_at:
            return False
        if payment.received_dong:
            await _hold(payment, now)
            return False
        tries = await open_attempts(payment.id)
        if any(due_only or one.state in DOUBTFUL for one in tries):
            await _wait(payment, tries, now)
            return False
        for one in tries:
            await later("end_attempt", one.id)
        payment.state = stepped(payment.state, end)
        await payment.save(update_fields=["state"])
        await PaymentEvent.create(payment=payment, kind=end.value, at=now)
        return True


async def _wait(payment: Payment, tries: Sequence[PaymentAttempt], now: datetime) -> None:
    """Nobody knows yet whether a provider took the money: the payment is unknown until each has been asked."""
    if not may_follow(payment.state, PaymentState.UNKNOWN) or now < payment.expires_at:
        return
    payment.state = stepped(payment.state, PaymentState.UNKNOWN)
    await payment.save(update_fields=["state"])
    await PaymentEvent.create(payment=payment, kind="unknown", at=now)
    for one in tries:
        await later("query_attempt", one.id)


async def _hold(payment: Payment, now: datetime) -> None:
    if payment.needs_review:
        return
    payment.needs_review = True
    await payment.save(update_fields=["needs_review"])
    await PaymentEvent.create(payment=payment, kind="held", amount_dong=payment.received_dong, at=now)
