"""Trying to pay through a provider: written down, then asked, then what was answered."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.db import locked, sql, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.outbox import later
from payments.gate import (
    Action,
    Asked,
    Gate,
    GateAway,
    GateFault,
    GateRefused,
    GateUnsure,
    Intent,
    NotOffered,
    QrPayload,
    Redirect,
)
from payments.models import AttemptEvent, Payment, PaymentAttempt, PaymentState
from payments.polling import next_look
from payments.states import is_open, may_follow, stepped
from payments.tax import SaleClass, TaxMode

ATTEMPTS_MAX = 12
OPEN = (PaymentState.CREATED, PaymentState.PENDING, PaymentState.AUTHORIZED, PaymentState.UNKNOWN)
FRESH = timedelta(minutes=1)
_OPEN_TRIES = """
    SELECT 'attempt' AS what, id FROM payment_attempt
        WHERE payment_id = ANY($1) AND state = ANY($2) AND id <> $3
    UNION ALL
    SELECT 'link', id FROM payment_link WHERE payment_id = ANY($1) AND state IN ('open', 'unknown')
    ORDER BY what, id
"""
log = logging.getLogger("payments")


@dataclass(frozen=True)
class Wanted:
    """How somebody wants to pay: addresses are absolute, the payer's is an IP address."""

    return_url: str
    callback_url: str
    payer_address: str
    language: str
    sale_class: SaleClass = SaleClass.UNCLASSIFIED
    tax_mode: TaxMode = TaxMode.NONE


@dataclass(frozen=True)
class AttemptView:
    """One try. `pay_url` is "" when there is none to go to any more; `is_unsure` when nobody knows yet."""

    id: int
    gate: str
    reference: str
    state: PaymentState
    amount_dong: int
    received_dong: int
    pay_url: str
    qr_text: str
    created_at: datetime
    expires_at: datetime
    is_open: bool
    is_unsure: bool


async def start_attempt(reference: str, gate: Gate, wanted: Wanted, *, now: datetime) -> AttemptView:
    """Asks a provider for a way to pay what is left of a payment ("order:17").

    An open try at the same provider is given back instead of a second one. The row is committed before the
    provider is asked; a time-out leaves it `unknown`, to be asked about. Raises NotFound, Conflict when nothing is
    to be paid, and Refusal when the sum does not fit the provider, it is away, or it says no.
    """
    attempt, is_new = await _written(reference, gate, wanted, now)
    if not is_new:
        return view_of_attempt(attempt, now=now)
    payment = await attempt.payment
    intent = _intent(payment, attempt, wanted)
    try:
        action = await gate.create(intent, idem_key=attempt.reference)
    except GateUnsure as unsure:
        log.warning("attempt %s is unsure: %s", attempt.reference, unsure)
        return view_of_attempt(await _answered(attempt.id, PaymentState.UNKNOWN, str(unsure), now), now=now)
    except GateFault as fault:
        await _answered(attempt.id, PaymentState.FAILED, _code_of(fault), now)
        raise _refusal(fault) from fault
    return view_of_attempt(await _pending(attempt.id, action, now), now=now)


async def attempts_of(payment_id: int, *, now: datetime) -> list[AttemptView]:
    """The tries of a payment, newest first. One query."""
    rows = await PaymentAttempt.filter(payment_id=payment_id).order_by("-id").limit(ATTEMPTS_MAX)
    return [view_of_attempt(row, now=now) for row in rows]


async def attempt_of(reference: str, attempt_reference: str, *, now: datetime) -> AttemptView:
    """One try of the payment of a reference. Raises NotFound."""
    row = await PaymentAttempt.get_or_none(reference=attempt_reference, payment__reference=reference)
    if row is None:
        raise NotFound()
    return view_of_attempt(row, now=now)


async def look_soon(reference: str) -> None:
    """Somebody came back from a provider: that moves no money, it only has the open tries asked about."""
    async with transaction():
        for row in await PaymentAttempt.filter(payment__reference=reference, state__in=OPEN).order_by("id"):
            await later("query_attempt", row.id)


async def end_tries(payment_ids: Sequence[int], *, but: int | None = None) -> None:
    """Leaves the end, at their providers, of open tries and links for payments that are paid. In a transaction."""
    values = [list(payment_ids), [str(state) for state in OPEN], but or 0]
    for row in await sql(_OPEN_TRIES, values) if payment_ids else []:
        if row["what"] == "link":
            await later("take_back_link", int(str(row["id"])))
        else:
            await later("end_attempt", int(str(row["id"])))


async def open_attempts(payment_id: int) -> Sequence[PaymentAttempt]:
    """The tries of a payment whose end is not known, oldest first."""
    return await PaymentAttempt.filter(payment_id=payment_id, state__in=OPEN).order_by("id")


async def end_elsewhere(attempt_id: int, gates: dict[str, Gate], *, now: datetime) -> None:
    """Job: nobody is to pay on this try any more; ended at the provider where it can be, then asked about."""
    attempt = await PaymentAttempt.get_or_none(id=attempt_id)
    gate = gates.get(attempt.gate) if attempt else None
    if attempt is None or gate is None or not is_open(attempt.state) or not gate.caps.cancel:
        return
    try:
        await gate.cancel(asked_of(attempt, now), idem_key=f"{attempt.reference}X")
    except (NotOffered, GateRefused) as no:
        log.warning("attempt %s cannot be ended: %s", attempt.reference, no)
    async with transaction():
        await later("query_attempt", attempt.id)


def asked_of(attempt: PaymentAttempt, now: datetime) -> Asked:
    """A try as its gate finds it again."""
    return Asked(attempt.reference, attempt.provider_ref, attempt.amount_dong, attempt.created_at, now)


def view_of_attempt(attempt: PaymentAttempt, *, now: datetime) -> AttemptView:
    """A try as pages see it."""
    may_pay = attempt.state is PaymentState.PENDING and now < attempt.expires_at
    return AttemptView(
        id=attempt.id,
        gate=attempt.gate,
        reference=attempt.reference,
        state=attempt.state,
        amount_dong=attempt.amount_dong,
        received_dong=attempt.received_dong,
        pay_url=attempt.pay_url if may_pay else "",
        qr_text=attempt.qr_text if may_pay else "",
        created_at=attempt.created_at,
        expires_at=attempt.expires_at,
        is_open=attempt.state in OPEN,
        is_unsure=attempt.state is PaymentState.UNKNOWN,
    )


async def _written(reference: str, gate: Gate, wanted: Wanted, now: datetime) -> tuple[PaymentAttempt, bool]:
    """The row of this try, and whether it is new; the payment is locked meanwhile, so that two taps are one try."""
    async with transaction():
        ids = await Payment.filter(reference=reference).values_list("id", flat=True)
        payment = next(iter((await locked(Payment, ids)).values()), None)
        if payment is None:
            raise NotFound()
        rest_dong = _payable(payment, gate, now)
        rows = await PaymentAttempt.filter(payment_id=payment.id).order_by("id")
        for row in rows:
            if row.gate == gate.name and row.amount_dong == rest_dong and _is_usable(row, now):
                return row, False
        if len(rows) >= ATTEMPTS_MAX:
            raise Conflict(say("Đơn này đã thử quá nhiều lần. Bạn quét mã VietQR để trả nhé."))
        attempt = PaymentAttempt(
            payment=payment,
            gate=gate.name,
            reference=f"{payment.code}T{len(rows) + 1}",
            amount_dong=rest_dong,
            sale_class=wanted.sale_class,
            tax_mode=wanted.tax_mode,
            next_query_at=next_look(now, asked_at=now, expires_at=payment.expires_at),
            created_at=now,
            expires_at=payment.expires_at,
        )
        intent = _intent(payment, attempt, wanted)
        attempt.asked_hash = hashlib.sha256(repr(intent).encode()).hexdigest()
        await attempt.save()
        await AttemptEvent.create(attempt=attempt, kind="asked", amount_dong=rest_dong, at=now)
        return attempt, True


def _payable(payment: Payment, gate: Gate, now: datetime) -> int:
    rest_dong = int(payment.asked_dong - payment.received_dong)
    if payment.state is not PaymentState.PENDING or now >= payment.expires_at or rest_dong <= 0:
        raise Conflict(say("Đơn này không còn chờ tiền nữa."))
    least_dong, most_dong = gate.caps.amount_min_dong, gate.caps.amount_max_dong
    if not least_dong <= rest_dong <= most_dong:
        raise Refusal(
            say(
                "Cách trả này chỉ nhận từ {least} ₫ đến {most} ₫ mỗi lần. Bạn chọn cách khác nhé.",
                least=f"{least_dong:,}".replace(",", "."),
                most=f"{most_dong:,}".replace(",", "."),
            )
        )
    return rest_dong


def _is_usable(row: PaymentAttempt, now: datetime) -> bool:
    """A try to go back to: its page is open, nobody knows yet how it stands, or it is being asked this moment."""
    if row.state is PaymentState.CREATED:
        return now - row.created_at < FRESH
    return row.state is PaymentState.UNKNOWN or (row.state is PaymentState.PENDING and now < row.expires_at)


def _intent(payment: Payment, attempt: PaymentAttempt, wanted: Wanted) -> Intent:
    return Intent(
        reference=attempt.reference,
        code=payment.code,
        amount_dong=attempt.amount_dong,
        words=f"Thanh toan don {payment.code}",
        now=attempt.created_at,
        expires_at=attempt.expires_at,
        return_url=wanted.return_url,
        callback_url=wanted.callback_url,
        payer_address=wanted.payer_address or "127.0.0.1",
        language=wanted.language,
    )


async def _pending(attempt_id: int, action: Action, now: datetime) -> PaymentAttempt:
    async with transaction():
        attempt = (await locked(PaymentAttempt, [attempt_id]))[attempt_id]
        if isinstance(action, Redirect):
            attempt.pay_url = action.url
        if isinstance(action, QrPayload):
            attempt.qr_text = action.text
        attempt.provider_ref = attempt.provider_ref or action.provider_ref[:80]
        # A callback may have been quicker than the answer: then the state has moved on already.
        if may_follow(attempt.state, PaymentState.PENDING):
            attempt.state = stepped(attempt.state, PaymentState.PENDING)
        await attempt.save(update_fields=["pay_url", "qr_text", "provider_ref", "state"])
        await AttemptEvent.create(attempt=attempt, kind="answered", at=now)
        return attempt


async def _answered(attempt_id: int, state: PaymentState, code: str, now: datetime) -> PaymentAttempt:
    async with transaction():
        attempt = (await locked(PaymentAttempt, [attempt_id]))[attempt_id]
        if may_follow(attempt.state, state):
            attempt.state, attempt.code = stepped(attempt.state, state), code[:80]
            if not is_open(state):
                attempt.next_query_at = None
            await attempt.save(update_fields=["state", "code", "next_query_at"])
        await AttemptEvent.create(attempt=attempt, kind=state.value, code=code[:80], at=now)
        return attempt


def _code_of(fault: GateFault) -> str:
    return fault.code if isinstance(fault, GateRefused) else type(fault).__name__


def _refusal(fault: GateFault) -> Refusal:
    if isinstance(fault, GateAway):
        return Refusal(say("Bên nhận tiền chưa trả lời. Bạn thử lại, hoặc chọn cách trả khác."), status=503)
    return Refusal(say("Bên nhận tiền không nhận khoản này. Bạn chọn cách trả khác nhé."))
