"""Looking after tries whose end nobody has told: which are due, and what their provider answers."""

import logging
from datetime import datetime

from kit.db import transaction, unheld
from kit.outbox import later
from payments.gate import Gate, GateFault, ProviderState
from payments.models import PaymentAttempt
from payments.polling import next_look
from payments.services.attempts import OPEN, asked_of

LOOKS_MAX = 200
log = logging.getLogger("payments")


async def leave_looks(*, now: datetime) -> int:
    """Leaves a job for every try that is due to be asked about, and sets its next time; how many."""
    async with transaction():
        due = PaymentAttempt.filter(next_query_at__lte=now, state__in=OPEN).order_by("next_query_at")
        attempts = await unheld(due, limit=LOOKS_MAX)
        for attempt in attempts:
            attempt.queries += 1
            attempt.next_query_at = next_look(now, asked_at=attempt.created_at, expires_at=attempt.expires_at)
            await attempt.save(update_fields=["queries", "next_query_at"])
            await later("query_attempt", attempt.id)
    return len(attempts)


async def look_at(attempt_id: int, gates: dict[str, Gate], *, now: datetime) -> ProviderState | None:
    """What a try's provider says of it; None when it does not answer, is not open, or its gate is switched off.

    Goes outside: call it in no transaction.
    """
    attempt = await PaymentAttempt.get_or_none(id=attempt_id)
    gate = gates.get(attempt.gate) if attempt else None
    if attempt is None or gate is None or attempt.state not in OPEN:
        return None
    try:
        return await gate.query(asked_of(attempt, now))
    except GateFault as fault:
        log.warning("attempt %s was not told of: %s", attempt.reference, fault)
        return None
