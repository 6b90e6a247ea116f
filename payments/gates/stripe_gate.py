"""Stripe Checkout Sessions: the one door to Stripe's own client. Cards are typed on Stripe's page, never near us.

VND has no minor unit at Stripe: 50,000 đồng is sent as 50000 (docs.stripe.com/currencies).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NoReturn

import httpx2
import stripe

from kit.wire import JsonObject, json_object, needed, said, text_of, whole_of
from payments.gate import (
    VND,
    Action,
    Asked,
    BadSignature,
    Capabilities,
    EventKind,
    GateAway,
    GateFault,
    GateRefused,
    GateUnsure,
    HttpAnswer,
    Intent,
    Malformed,
    Outcome,
    ProviderState,
    RawRequest,
    Redirect,
    RefundAsked,
    RefundState,
    Stale,
    StatementLine,
    Taken,
    VerifiedEvent,
    json_answer,
)
from payments.gates.names import STRIPE

NAME = STRIPE
PRODUCTION_URL = "https://api.stripe.com"
DRIFT_MAX = timedelta(minutes=5)
SESSION_MIN = timedelta(minutes=30)  # Stripe's least; our own end is asked for by cancel()
AMOUNT_MIN_DONG = 15_000  # Stripe's least is fifty US cents; refused up front with room for the rate
RETRIES = 2

SESSION_OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "checkout.session.completed": Outcome.PENDING,  # paid only when payment_status says so
        "checkout.session.async_payment_succeeded": Outcome.SUCCEEDED,
        "checkout.session.async_payment_failed": Outcome.FAILED,
        "checkout.session.expired": Outcome.EXPIRED,
    }
)
REFUND_OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "pending": Outcome.PENDING,
        "requires_action": Outcome.PENDING,
        "succeeded": Outcome.SUCCEEDED,
        "failed": Outcome.FAILED,
        "canceled": Outcome.FAILED,
    }
)
REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
DISPUTE_EVENTS = "charge.dispute."
DISPUTE_OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {"won": Outcome.SUCCEEDED, "prevented": Outcome.SUCCEEDED, "lost": Outcome.REVERSED}
)
STATUSES: Mapping[Taken, int] = MappingProxyType(
    {Taken.BAD_SIGNATURE: 401, Taken.MALFORMED: 400, Taken.TEMPORARY_ERROR: 500}
)


class StripeGate:
    """The gate to Stripe. `client` carries Stripe's own calls, so that one pool serves all gates."""

    name = NAME
    caps = Capabilities(
        redirect=True,
        cancel=True,
        refund=True,
        partial_refund=True,
        query_refund=True,
        list_transactions=True,
        amount_min_dong=AMOUNT_MIN_DONG,
        amount_max_dong=500_000_000,
    )

    def __init__(
        self, key: str, webhook_secret: str, url: str, client: httpx2.AsyncClient, *, is_twin: bool = False
    ) -> None:
        self._secret, self.is_twin, self.receiver = webhook_secret, is_twin, ""
        self._stripe = stripe.StripeClient(
            key,
            base_addresses={"api": url.rstrip("/")},
            max_network_retries=RETRIES,
            http_client=OurHttp(client),
        )

    async def create(self, intent: Intent, *, idem_key: str) -> Action:
        """A Checkout Session. Stripe gives the same answer to the same key for a day."""
        if intent.amount_dong < AMOUNT_MIN_DONG:
            raise GateRefused("amount_too_small", f"at least {AMOUNT_MIN_DONG} đồng")
        ends = max(intent.expires_at, intent.now + SESSION_MIN)
        try:
            session = await self._stripe.v1.checkout.sessions.create_async(
                {
                    "mode": "payment",
                    "client_reference_id": intent.reference,
                    "metadata": {"reference": intent.reference},
                    "payment_intent_data": {"metadata": {"reference": intent.reference}},
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": VND.lower(),
                                "unit_amount": intent.amount_dong,
                                "product_data": {"name": intent.words},
                            },
                        }
                    ],
                    "success_url": intent.return_url,
                    "cancel_url": intent.return_url,
                    "expires_at": int(ends.timestamp()),
                    "locale": "en" if intent.language == "en" else "vi",
                },
                {"idempotency_key": idem_key},
            )
        except stripe.StripeError as fault:
            _raise(fault)
        if not session.url:
            raise GateUnsure("Stripe gave no page to pay on")
        return Redirect(session.url, session.id)

    def verify_callback(self, request: RawRequest) -> VerifiedEvent:
        """A webhook: the signature over time and raw body first; refused too when it is dated in the future."""
        header = request.header("Stripe-Signature")
        try:
            # Without a tolerance: Stripe's own check would let the future pass and knows no clock but its own.
            stripe.WebhookSignature.verify_header(request.body, header, self._secret, None)
        except (stripe.SignatureVerificationError, ValueError) as wrong:
            raise BadSignature("the signature does not fit the body") from wrong
        _refuse_stale(header, request.at)
        body = json_object(request.body)
        return _event_of(body, request)

    def acknowledge(self, event: VerifiedEvent | None, taken: Taken) -> HttpAnswer:
        """Any 2xx ends it; all else is sent again for three days."""
        return json_answer(STATUSES.get(taken, 200), {"received": taken not in STATUSES})

    async def query(self, asked: Asked) -> ProviderState:
        """How a session stands. A create whose answer was lost is found among the newest sessions."""
        try:
            if asked.provider_ref:
                session: Any = await self._stripe.v1.checkout.sessions.retrieve_async(asked.provider_ref)
            else:
                session = await self._found(asked)
        except stripe.StripeError as fault:
            _raise(fault)
        if session is None:
            return ProviderState(Outcome.NOT_FOUND, asked.reference)
        return _session_state(session, asked)

    async def cancel(self, asked: Asked, *, idem_key: str) -> ProviderState:
        """Ends an open session, so that nobody can pay on it any more."""
        try:
            session = await self._stripe.v1.checkout.sessions.expire_async(
                asked.provider_ref, {}, {"idempotency_key": idem_key}
            )
        except stripe.InvalidRequestError:
            return await self.query(asked)
        except stripe.StripeError as fault:
            _raise(fault)
        return _session_state(session, asked)

    async def refund(
        self, asked: Asked, amount_dong: int, reason: str, *, idem_key: str, now: datetime
    ) -> RefundState:
        """Money back to the card, all or a part."""
        try:
            session = await self._stripe.v1.checkout.sessions.retrieve_async(asked.provider_ref)
            refund = await self._stripe.v1.refunds.create_async(
                {
                    "payment_intent": _id_of(session.payment_intent),
                    "amount": amount_dong,
                    "metadata": {"reference": idem_key, "reason": reason[:200]},
                },
                {"idempotency_key": idem_key},
            )
        except stripe.StripeError as fault:
            _raise(fault)
        return _refund_state(refund)

    async def query_refund(self, refund: RefundAsked) -> RefundState:
        """How a refund stands."""
        try:
            if refund.provider_ref:
                return _refund_state(await self._stripe.v1.refunds.retrieve_async(refund.provider_ref))
            session = await self._stripe.v1.checkout.sessions.retrieve_async(refund.payment.provider_ref)
            listed = await self._stripe.v1.refunds.list_async(
                {"payment_intent": _id_of(session.payment_intent), "limit": 100}
            )
        except stripe.StripeError as fault:
            _raise(fault)
        for one in listed.data:
            if one.metadata and one.metadata.to_dict().get("reference") == refund.reference:
                return _refund_state(one)
        return RefundState(Outcome.NOT_FOUND)

    async def list_transactions(self, since: datetime, until: datetime) -> AsyncIterator[StatementLine]:
        """Stripe's balance transactions between two moments, a page at a time."""
        after = ""
        while True:
            try:
                page = await self._stripe.v1.balance_transactions.list_async(_window(since, until, after))
            except stripe.StripeError as fault:
                _raise(fault)
            for one in page.data:
                yield _line(one)
            if not page.has_more or not page.data:
                return
            after = page.data[-1].id

    async def _found(self, asked: Asked) -> Any:
        page = await self._stripe.v1.checkout.sessions.list_async(
            {"limit": 100, "created": {"gte": int((asked.asked_at - DRIFT_MAX).timestamp())}}
        )
        return next((one for one in page.data if one.client_reference_id == asked.reference), None)


def signed_header(payload: str, secret: str, at: datetime) -> str:
    """The Stripe-Signature of a webhook, made as Stripe makes it: what the pretend Stripe sends."""
    return str(stripe.WebhookSignature.generate_signature_header(payload, secret, int(at.timestamp())))


class OurHttp(stripe.HTTPClient):
    """Stripe's calls through the process's own HTTP client."""

    name = "httpx2"

    def __init__(self, client: httpx2.AsyncClient) -> None:
        super().__init__()
        self._client = client

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One call, as Stripe's client wants it."""
        try:
            answer = await self._client.request(method, url, headers=dict(headers), content=post_data or b"")
        except httpx2.HTTPError as lost:
            raise stripe.APIConnectionError(str(lost), should_retry=True) from lost  # type: ignore[no-untyped-call]
        return answer.content, answer.status_code, answer.headers

    async def sleep_async(self, secs: float) -> None:
        """The pause before a repeat."""
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        """The pool belongs to the process."""


def _raise(fault: stripe.StripeError) -> NoReturn:
    raise _meant(fault) from fault


def _meant(fault: stripe.StripeError) -> GateFault:
    """A fault of Stripe's client in our words. A lost connection is unsure: the call may have arrived."""
    words = str(fault.user_message or fault)
    if isinstance(fault, stripe.RateLimitError) or fault.http_status == 503:
        return GateAway(words)
    if isinstance(fault, stripe.APIConnectionError | stripe.APIError):
        return GateUnsure(words)
    return GateRefused(fault.code or str(fault.http_status or ""), words)


def _refuse_stale(header: str, now: datetime) -> None:
    stamps = [piece.partition("=")[2] for piece in header.split(",") if piece.strip().startswith("t=")]
    if len(stamps) != 1 or not stamps[0].isdecimal() or len(stamps[0]) > 12:
        raise BadSignature("the signature's time must come exactly once")
    if abs(now.timestamp() - int(stamps[0])) > DRIFT_MAX.total_seconds():
        raise Stale(f"signed {stamps[0]}, more than five minutes from now")


def _event_of(body: JsonObject, request: RawRequest) -> VerifiedEvent:
    kind = needed(body, "type", 80)
    inner = body.get("data")
    found = inner.get("object") if isinstance(inner, dict) else None
    if not isinstance(found, dict):
        raise Malformed("data.object is missing")
    if kind in SESSION_OUTCOMES:
        about, our_ref, amount = EventKind.PAYMENT, text_of(found, "client_reference_id", 200), "amount_total"
        outcome = _session_outcome(kind, said(found, "payment_status"))
        provider_ref = needed(found, "id", 255)
    else:
        about, our_ref, amount = _other_kind(kind), _reference_in(found), "amount"
        outcome = _other_outcome(about, said(found, "status"))
        provider_ref = said(found, "id")
    return VerifiedEvent(
        provider=NAME,
        event_key=needed(body, "id", 110),
        kind=about,
        our_ref=our_ref,
        provider_ref=provider_ref,
        amount_dong=whole_of(found, amount) if found.get(amount) is not None else None,
        currency=(said(found, "currency") or VND).upper(),
        occurred_at=datetime.fromtimestamp(whole_of(body, "created", most=9_999_999_999), UTC),
        outcome=outcome,
        digest=request.digest,
        code=kind,
    )


def _session_outcome(kind: str, payment_status: str) -> Outcome:
    if kind == "checkout.session.completed" and payment_status in ("paid", "no_payment_required"):
        return Outcome.SUCCEEDED
    return SESSION_OUTCOMES[kind]


def _other_kind(kind: str) -> EventKind:
    if kind in REFUND_EVENTS:
        return EventKind.REFUND
    return EventKind.DISPUTE if kind.startswith(DISPUTE_EVENTS) else EventKind.TEST


def _other_outcome(about: EventKind, status: str) -> Outcome:
    table = REFUND_OUTCOMES if about is EventKind.REFUND else DISPUTE_OUTCOMES
    return table.get(status, Outcome.PENDING)


def _reference_in(found: JsonObject) -> str:
    kept = found.get("metadata")
    return said(kept, "reference") if isinstance(kept, dict) else ""


def _session_state(session: Any, asked: Asked) -> ProviderState:
    outcome = Outcome.PENDING
    if session.payment_status == "paid":
        outcome = Outcome.SUCCEEDED
    elif session.status == "expired":
        outcome = Outcome.EXPIRED
    return ProviderState(
        outcome=outcome,
        our_ref=session.client_reference_id or "",
        provider_ref=session.id,
        amount_dong=session.amount_total,
        currency=str(session.currency or VND).upper(),
        at=asked.now,
        code=f"{session.status}/{session.payment_status}",
    )


def _refund_state(refund: Any) -> RefundState:
    return RefundState(
        REFUND_OUTCOMES.get(str(refund.status), Outcome.PENDING), refund.id, refund.amount, str(refund.status)
    )


def _id_of(value: Any) -> str:
    return value if isinstance(value, str) else str(getattr(value, "id", ""))


def _window(since: datetime, until: datetime, after: str) -> Any:
    window = {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}, "limit": 100}
    return {**window, "starting_after": after} if after else window


def _line(one: Any) -> StatementLine:
    is_refund = str(one.type) in ("refund", "payment_refund")
    return StatementLine(
        provider_ref=_id_of(one.source) or one.id,
        our_ref=str(one.description or ""),
        amount_dong=abs(int(one.amount)),
        is_incoming=int(one.amount) > 0,
        at=datetime.fromtimestamp(one.created, UTC),
        kind=EventKind.REFUND if is_refund else EventKind.PAYMENT,
    )
