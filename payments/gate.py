"""The protocol of gates to payment providers: what is asked of one, what it answers, how it is refused. No I/O here.

A gate is one file in payments/gates/. It knows its provider's wire forms and secrets
and nothing of the database: services write down before they ask (docs/ledger.md), and book what a gate verified.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kit.gates import (
    BadSignature,
    CallbackRefused,
    GateAway,
    GateFault,
    GateRefused,
    GateUnsure,
    HttpAnswer,
    Malformed,
    NotOffered,
    RawRequest,
    Stale,
    json_answer,
)

# What every gate shares lies in kit; it is had from here as well.
__all__ = [
    "BadSignature",
    "CallbackRefused",
    "GateAway",
    "GateFault",
    "GateRefused",
    "GateUnsure",
    "HttpAnswer",
    "Malformed",
    "NotOffered",
    "RawRequest",
    "Stale",
    "json_answer",
]
VND = "VND"


class EventKind(StrEnum):
    """What a provider's news is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    STATEMENT_LINE = "statement_line"
    TEST = "test"


class Outcome(StrEnum):
    """How something stands with a provider. `suspicious`: money moved, but the provider itself doubts it."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUSPICIOUS = "suspicious"
    REVERSED = "reversed"
    NOT_FOUND = "not_found"

    @property
    def is_final(self) -> bool:
        """Whether asking again would tell nothing new."""
        return self not in (Outcome.PENDING, Outcome.AUTHORIZED, Outcome.SUSPICIOUS)


class Taken(StrEnum):
    """What became of a callback here; each gate says it to its provider in the provider's own words."""

    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    NOT_FOUND = "not_found"
    AMOUNT_MISMATCH = "amount_mismatch"
    BAD_SIGNATURE = "bad_signature"
    MALFORMED = "malformed"
    TEMPORARY_ERROR = "temporary_error"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, and between which sums in đồng it takes a payment."""

    redirect: bool = False
    qr: bool = False
    authorize: bool = False
    cancel: bool = False
    query: bool = True
    refund: bool = False
    partial_refund: bool = False
    query_refund: bool = False
    list_transactions: bool = False
    collects: bool = True
    amount_min_dong: int = 1
    amount_max_dong: int = 500_000_000
    currencies: tuple[str, ...] = (VND,)


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment as it is asked of a provider. `reference` is ours, unique for each try; addresses are absolute.

    `words` is plain ASCII for the payer's screen. `payer_address` is the buyer's IP address.
    """

    reference: str
    code: str
    amount_dong: int
    words: str
    now: datetime
    expires_at: datetime
    return_url: str
    callback_url: str
    payer_address: str = "127.0.0.1"
    language: str = "vi"
    currency: str = VND


@dataclass(frozen=True, slots=True)
class Asked:
    """A try that was asked of a provider before: what a gate needs to find it again."""

    reference: str
    provider_ref: str
    amount_dong: int
    asked_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class RefundAsked:
    """A refund that was asked of a provider before. `reference` is ours and unique; `provider_ref` may be ""."""

    reference: str
    provider_ref: str
    amount_dong: int
    asked_at: datetime
    now: datetime
    payment: Asked


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the buyer's browser there. `provider_ref` is "" as long as the provider has named none."""

    url: str
    provider_ref: str = ""


@dataclass(frozen=True, slots=True)
class QrPayload:
    """Show this text as a QR code."""

    text: str
    expires_at: datetime
    provider_ref: str = ""


Action = Redirect | QrPayload


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of a provider's or bank's list: whole đồng, `our_ref` "" where the provider does not know it.

    `provider_ref` is the provider's number of the line, `bank_reference` the bank's own. `sub_account` is a virtual
    account under the one that was credited, `gateway` the bank's name.
    """

    provider_ref: str
    our_ref: str
    amount_dong: int
    is_incoming: bool
    at: datetime
    account_number: str = ""
    content: str = ""
    kind: EventKind = EventKind.PAYMENT
    sub_account: str = ""
    bank_reference: str = ""
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class VerifiedEvent:
    """News whose signature fitted. `event_key` is the same on every repeat; `amount_dong` None where none is said.

    `our_ref` is Intent.reference, or the refund's own for a refund. `receiver` is our account at the provider, as
    the news names it. `code` is the provider's result code. `line` for a bank's statement lines.
    """

    provider: str
    event_key: str
    kind: EventKind
    our_ref: str
    provider_ref: str
    amount_dong: int | None
    currency: str
    occurred_at: datetime
    outcome: Outcome
    digest: str
    receiver: str = ""
    code: str = ""
    line: StatementLine | None = None


@dataclass(frozen=True, slots=True)
class ProviderState:
    """How a payment stands, as the provider says when asked. `amount_dong` None when it does not say."""

    outcome: Outcome
    our_ref: str
    provider_ref: str = ""
    amount_dong: int | None = None
    currency: str = VND
    at: datetime | None = None
    code: str = ""
    words: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RefundState:
    """How a refund stands, as the provider says: outcome pending, succeeded, failed, reversed or not_found."""

    outcome: Outcome
    provider_ref: str = ""
    amount_dong: int | None = None
    code: str = ""
    words: str = field(default="", compare=False)


class Gate(Protocol):
    """One provider. Acts that go outside raise GateAway, GateUnsure, GateRefused or NotOffered.

    `receiver` is our account there: news for another one is not ours. `is_twin` marks a pretend provider.
    """

    name: str
    receiver: str
    is_twin: bool
    caps: Capabilities

    async def create(self, intent: Intent, *, idem_key: str) -> Action: ...

    def verify_callback(self, request: RawRequest) -> VerifiedEvent:
        """Pure. Raises BadSignature, Stale or Malformed; the body is not read before the signature fits."""
        ...

    def acknowledge(self, event: VerifiedEvent | None, taken: Taken) -> HttpAnswer: ...

    async def query(self, asked: Asked) -> ProviderState: ...

    async def cancel(self, asked: Asked, *, idem_key: str) -> ProviderState: ...

    async def refund(
        self, asked: Asked, amount_dong: int, reason: str, *, idem_key: str, now: datetime
    ) -> RefundState:
        """Asks for money back. `idem_key` is the refund's own reference: the same key is the same refund."""
        ...

    async def query_refund(self, refund: RefundAsked) -> RefundState: ...

    def list_transactions(self, since: datetime, until: datetime) -> AsyncIterator[StatementLine]: ...
