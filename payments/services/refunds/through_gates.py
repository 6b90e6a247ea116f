"""Refunds through providers: sent once under their own code, asked about until the end is certain."""

import logging
from datetime import datetime, timedelta

from kit.dates import vietnam_date
from kit.db import transaction, unheld
from kit.outbox import later
from payments.gate import (
    Gate,
    GateAway,
    GateFault,
    GateRefused,
    NotOffered,
    Outcome,
    RefundAsked,
    RefundState,
)
from payments.models import Refund, RefundWay
from payments.models import RefundStatus as State
from payments.polling import next_refund_look
from payments.services.attempts import asked_of
from payments.services.refunds.steps import (
    Case,
    Why,
    advance,
    attempt_of_refund,
    flag,
    locked_case,
    note,
    told_end,
)
from payments.states import is_open

LOOKS_MAX = 200
AWAY = "away"
SAME_KEY_FOR = timedelta(hours=12)  # VNPAY keeps a request's number for a day, ZaloPay for its date
LONG = timedelta(days=3)
UNDER_WAY = (State.SENT, State.PENDING, State.UNKNOWN)
STATES = {
    Outcome.SUCCEEDED: State.SUCCEEDED,
    Outcome.PENDING: State.PENDING,
    Outcome.FAILED: State.FAILED,
    Outcome.CANCELLED: State.FAILED,
    Outcome.EXPIRED: State.FAILED,
    Outcome.REVERSED: State.REVERSED,
}
log = logging.getLogger("payments")


async def send_refund(refund_id: int, gates: dict[str, Gate], *, now: datetime) -> None:
    """Job: asks the provider for the money back. The row says so first, so that a crash leads to a question.

    Raises GateAway to be tried again: nothing was taken. A time-out leaves `unknown`; a no ends it for a person.
    """
    case = await _leaving(refund_id, now)
    if case is None or case.attempt is None:
        return
    gate = gates.get(case.attempt.gate)
    if gate is None or not gate.caps.refund:
        await _ended(refund_id, State.FAILED, Why("switched off"), now)
        return
    asked, reason = asked_of(case.attempt, case.attempt.created_at), _plain(case.refund)
    try:
        state = await gate.refund(asked, case.refund.amount_dong, reason, idem_key=case.refund.code, now=now)
    except GateAway:
        await _note_away(refund_id, now)
        raise
    except (GateRefused, NotOffered) as no:
        await _ended(refund_id, State.FAILED, Why(str(no)), now)
    except GateFault as unsure:
        log.warning("refund %s is unsure: %s", case.refund.code, unsure)
        await _ended(refund_id, State.UNKNOWN, Why(str(unsure)), now)
    else:
        await settle_refund_look(refund_id, state, now=now)


async def look_at_refund(refund_id: int, gates: dict[str, Gate], *, now: datetime) -> RefundState | None:
    """What the provider says of a refund; None when it does not answer or nothing is to be asked. Goes outside."""
    refund = await Refund.get_or_none(id=refund_id)
    attempt = await attempt_of_refund(refund) if refund else None
    gate = gates.get(attempt.gate) if attempt else None
    if refund is None or attempt is None or gate is None or refund.state not in UNDER_WAY:
        return None
    asked = RefundAsked(
        refund.code,
        refund.provider_ref,
        refund.amount_dong,
        refund.sent_at or refund.asked_at,
        now,
        asked_of(attempt, now),
    )
    try:
        return await gate.query_refund(asked)
    except GateFault as fault:
        log.warning("refund %s was not told of: %s", refund.code, fault)
        return None


async def settle_refund_look(refund_id: int, said: RefundState | None, *, now: datetime) -> None:
    """Settles what a provider answered, in a transaction of its own. An answer about something else is no answer.

    Not found means that it was never taken: it is sent again under the same code, as long as that is surely the same
    refund; later a person decides.
    """
    if said is None:
        return
    async with transaction():
        case = await locked_case(refund_id)
        if case is None or not is_open(case.refund.state):
            return
        if said.outcome is Outcome.NOT_FOUND or await _is_of_another(case.refund, said):
            await _not_found(case, now)
            return
        refund = case.refund
        refund.provider_ref = refund.provider_ref or said.provider_ref[:80]
        refund.result = f"{said.code} {said.words}".strip()[:80]
        await refund.save(update_fields=["provider_ref", "result"])
        await settle_outcome(case, said.outcome, said.amount_dong, Why(proof=_proof(case)), now=now)


async def settle_outcome(
    case: Case, outcome: Outcome, amount_dong: int | None, why: Why, *, now: datetime
) -> bool:
    """What a provider says of a locked refund, by answer or callback; another sum than was asked goes to a person."""
    state = STATES.get(outcome)
    if state is None:
        return False
    if amount_dong not in (None, case.refund.amount_dong):
        await flag(case.refund, Why(f"{amount_dong} đồng", why.notice_id), now=now)
        return False
    if state is State.PENDING:
        return await advance(case, state, why, now=now)
    why = Why(why.note, why.notice_id, why.person_id, why.proof or _proof(case))
    return await told_end(case, state, why, now=now)


async def leave_refund_looks(*, now: datetime) -> int:
    """Leaves a job for every refund that is due to be asked about, and sets its next time; how many."""
    async with transaction():
        due = Refund.filter(next_look_at__lte=now, state__in=list(UNDER_WAY)).order_by("next_look_at")
        refunds = await unheld(due, limit=LOOKS_MAX)
        for refund in refunds:
            sent_at = refund.sent_at or refund.asked_at
            refund.looks += 1
            refund.next_look_at = next_refund_look(now, sent_at=sent_at)
            await refund.save(update_fields=["looks", "next_look_at"])
            if now - sent_at > LONG and not refund.needs_review:
                await flag(refund, Why(), now=now)
            await later("query_refund", refund.id)
    return len(refunds)


async def _leaving(refund_id: int, now: datetime) -> Case | None:
    """The refund, marked as sent; None for one that was sent before, unless the provider was away then."""
    async with transaction():
        case = await locked_case(refund_id)
        if case is None or case.refund.way is not RefundWay.GATE:
            return None
        refund = case.refund
        if refund.state is State.SENT and refund.result == AWAY:
            refund.result = ""
        elif not await advance(case, State.SENT, Why(), now=now):
            return None
        refund.sent_at, refund.next_look_at = now, next_refund_look(now, sent_at=now)
        await refund.save(update_fields=["sent_at", "next_look_at", "result"])
        return case


async def _note_away(refund_id: int, now: datetime) -> None:
    async with transaction():
        case = await locked_case(refund_id)
        if case is not None and case.refund.state is State.SENT:
            case.refund.result, case.refund.next_look_at = AWAY, None
            await case.refund.save(update_fields=["result", "next_look_at"])
            await note(case.refund, AWAY, Why(), now=now)


async def _ended(refund_id: int, state: State, why: Why, now: datetime) -> None:
    async with transaction():
        case = await locked_case(refund_id)
        if case is not None and await advance(case, state, why, now=now):
            case.refund.result = why.note[:80]
            await case.refund.save(update_fields=["result"])


async def _not_found(case: Case, now: datetime) -> None:
    refund = case.refund
    sent_at = refund.sent_at or refund.asked_at
    is_same_key = now - sent_at < SAME_KEY_FOR and vietnam_date(now) == vietnam_date(sent_at)
    if refund.state in (State.SENT, State.UNKNOWN) and not refund.provider_ref and is_same_key:
        await note(refund, "not_found", Why(), now=now)
        await later("resend_refund", refund.id)
    elif not refund.needs_review:
        await flag(refund, Why("not found"), now=now)


async def resend_refund(refund_id: int, gates: dict[str, Gate], *, now: datetime) -> None:
    """Job: sends a refund that the provider does not know once more, under the same code and so never twice."""
    refund = await Refund.get_or_none(id=refund_id)
    attempt = await attempt_of_refund(refund) if refund else None
    gate = gates.get(attempt.gate) if attempt else None
    if refund is None or attempt is None or gate is None or refund.state not in (State.SENT, State.UNKNOWN):
        return
    asked = asked_of(attempt, attempt.created_at)
    try:
        said = await gate.refund(asked, refund.amount_dong, _plain(refund), idem_key=refund.code, now=now)
    except (GateRefused, NotOffered) as no:
        await _flag_refused(refund_id, str(no), now)
    except GateFault as unsure:
        log.warning("refund %s is unsure again: %s", refund.code, unsure)
    else:
        await settle_refund_look(refund_id, said, now=now)


async def _flag_refused(refund_id: int, why: str, now: datetime) -> None:
    async with transaction():
        case = await locked_case(refund_id)
        if case is not None and is_open(case.refund.state):
            await flag(case.refund, Why(why), now=now)


async def _is_of_another(refund: Refund, said: RefundState) -> bool:
    """VNPAY answers for a payment's newest refund: one whose number another refund bears is not this one."""
    if not said.provider_ref:
        return False
    others = Refund.filter(attempt_id=refund.attempt_id, provider_ref=said.provider_ref[:80])
    return bool(await others.exclude(id=refund.id).exists())


def _proof(case: Case) -> str:
    gate = case.attempt.gate if case.attempt else ""
    return f"{gate}:{case.refund.provider_ref or case.refund.code}"


def _plain(refund: Refund) -> str:
    """The reason as every provider takes it: ASCII words."""
    return f"Hoan tien {refund.code}"
