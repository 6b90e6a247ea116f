"""The seller's own word that money has come: a second way to paid, with who and when."""

from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from payments import ledger
from payments.models import Payment, PaymentEvent, PaymentState
from payments.states import may_follow, stepped


async def confirm_by_seller(reference: str, *, person_id: int, now: datetime, in_cash: bool = False) -> int:
    """The seller has the rest of what was asked: seen in their own banking app, or taken in cash; how much, in đồng.

    0 and nothing changed when the payment is paid or closed. A notice that comes later proves the word and is no
    second payment; for cash it would be one. Locks the payment.
    """
    async with transaction():
        ids = await Payment.filter(reference=reference).values_list("id", flat=True)
        payment = next(iter((await locked(Payment, ids)).values()), None)
        if payment is None or not may_follow(payment.state, PaymentState.PAID):
            return 0
        rest_dong = int(payment.asked_dong - payment.received_dong)
        payment.received_dong = payment.asked_dong
        payment.state = stepped(payment.state, PaymentState.PAID)
        payment.paid_at, payment.confirmed_by = now, f"person:{person_id}"
        await payment.save(update_fields=["received_dong", "state", "paid_at", "confirmed_by"])
        await _book(payment, rest_dong, person_id, now, in_cash=in_cash)
        await record(person_id, "payment_confirmed", "payment", payment.code, dong=rest_dong, in_cash=in_cash)
    return rest_dong


async def unproved_dong(reference: str) -> int:
    """What counts on the seller's word alone, in đồng: no bank has told of it yet."""
    return await ledger.balance(ledger.said(reference))


async def _book(payment: Payment, rest_dong: int, person_id: int, now: datetime, *, in_cash: bool) -> None:
    event = await PaymentEvent.create(
        payment=payment, kind="confirmed", amount_dong=rest_dong, person_id=person_id, at=now
    )
    account = ledger.cash(payment.reference) if in_cash else ledger.said(payment.reference)
    entries = [(account, rest_dong), (ledger.paid(payment.reference), -rest_dong)]
    await ledger.post("confirmed", f"payment_event:{event.id}", entries, at=now)
