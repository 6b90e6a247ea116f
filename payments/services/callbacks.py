"""Callbacks of collecting providers: written down first, once each, and worked later."""

from datetime import datetime

from tortoise.exceptions import IntegrityError

from kit.db import transaction
from kit.outbox import later
from payments.gate import VND, EventKind, Outcome, Taken, VerifiedEvent
from payments.models import Notice, PaymentAttempt


async def record_event(event: VerifiedEvent, raw: str, *, receiver: str, now: datetime) -> Taken:
    """Writes a verified event down and leaves the job that settles it; what to tell the provider.

    What does not fit (another sum, currency or receiver than was asked, a try nobody made) is kept too and never
    pays by itself. A test call is only answered.
    """
    if event.kind is EventKind.TEST:
        return Taken.PROCESSED
    attempt = await PaymentAttempt.get_or_none(reference=event.our_ref, gate=event.provider)
    misfit = _misfit(event, attempt, receiver)
    row = Notice(
        source=event.provider,
        event_key=event.event_key[:120],
        body=raw,
        received_at=now,
        amount_dong=event.amount_dong or 0,
        account_number=f"{event.provider}:{event.receiver}"[:40],
        content=f"{event.our_ref} {event.code}".strip(),
        happened_at=event.occurred_at,
        event=_facts(event, misfit),
    )
    try:
        async with transaction():
            await row.save()
            await later("settle_notice", row.id)
    except IntegrityError:
        return Taken.DUPLICATE
    return misfit or Taken.PROCESSED


def _misfit(event: VerifiedEvent, attempt: PaymentAttempt | None, receiver: str) -> Taken | None:
    if event.kind is not EventKind.PAYMENT:
        return None
    if attempt is None:
        return Taken.NOT_FOUND
    if receiver and event.receiver != receiver:
        return Taken.NOT_FOUND
    is_sum_said = event.amount_dong is not None or event.outcome is Outcome.SUCCEEDED
    if event.currency != VND or (is_sum_said and event.amount_dong != attempt.amount_dong):
        return Taken.AMOUNT_MISMATCH
    return None


def _facts(event: VerifiedEvent, misfit: Taken | None) -> dict[str, object]:
    return {
        "kind": event.kind.value,
        "our_ref": event.our_ref,
        "provider_ref": event.provider_ref,
        "currency": event.currency,
        "outcome": event.outcome.value,
        "code": event.code,
        "receiver": event.receiver,
        "has_amount": event.amount_dong is not None,
        "is_mismatch": misfit is not None,
        "digest": event.digest,
    }
