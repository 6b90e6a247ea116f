"""The nightly look into the books."""

import logging
from datetime import datetime

from kit.db import locked, transaction
from payments.ledger import LedgerWrong, assert_balanced
from payments.models import Payment, PaymentEvent

log = logging.getLogger("payments")


async def audit_books(*, now: datetime) -> None:
    """Checks all books. What is wrong is logged, a payment concerned is put before a person, LedgerWrong is raised."""
    try:
        await assert_balanced()
    except LedgerWrong as wrong:
        log.critical("the books are wrong: %s", wrong)
        if wrong.payment_id is not None:
            await _mark(wrong.payment_id, now)
        raise


async def _mark(payment_id: int, now: datetime) -> None:
    async with transaction():
        payment = (await locked(Payment, [payment_id]))[payment_id]
        if payment.needs_review:
            return
        payment.needs_review = True
        await payment.save(update_fields=["needs_review"])
        await PaymentEvent.create(payment=payment, kind="books_differ", at=now)
