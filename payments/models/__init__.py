"""Payments' tables: what was asked, what was told us, and the append-only books."""

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.models import Model

from payments.models.cash import PayIn, PayInState
from payments.models.kinds import BankProvider
from payments.models.links import LinkState, PaymentLink
from payments.models.refunds import (
    Payout,
    PayoutEvent,
    PayoutStatus,
    Refund,
    RefundEvent,
    RefundSource,
    RefundStatus,
    RefundWay,
    ReturnAccount,
)
from payments.models.tallies import NoticeTally
from payments.models.twins import TwinCall, TwinOrder, TwinTransfer

__all__ = [
    "AttemptEvent",
    "BankKey",
    "BankProvider",
    "Difference",
    "DifferenceState",
    "Entry",
    "LedgerTransaction",
    "LinkState",
    "Notice",
    "NoticeTally",
    "PayIn",
    "PayInState",
    "Payment",
    "PaymentAttempt",
    "PaymentEvent",
    "PaymentLink",
    "PaymentState",
    "Payout",
    "PayoutEvent",
    "PayoutStatus",
    "Refund",
    "RefundEvent",
    "RefundSource",
    "RefundStatus",
    "RefundWay",
    "ReturnAccount",
    "TransferDecision",
    "TwinCall",
    "TwinOrder",
    "TwinTransfer",
]


class PaymentState(StrEnum):
    """Where a payment stands; which may follow which is written in payments/states.py."""

    CREATED = "created"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Payment(Model):
    """Money asked of a buyer for one seller, straight to that seller's own account.

    With a `market_id` it is a fee that a market asks of a trader: `vendor_id` is 0, the account is the market's.
    """

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    reference = fields.CharField(40, unique=True)
    vendor_id = fields.BigIntField()
    market_id = fields.BigIntField(null=True)
    bin = fields.CharField(6)
    account_number = fields.CharField(19)
    account_holder = fields.CharField(80)
    bank_name = fields.CharField(120)
    asked_dong = fields.BigIntField()
    received_dong = fields.BigIntField(default=0)
    state = fields.CharEnumField(PaymentState, max_length=12, default=PaymentState.PENDING)
    needs_review = fields.BooleanField(default=False)
    is_paid_late = fields.BooleanField(default=False)
    is_disputed = fields.BooleanField(default=False)
    qr_text = fields.CharField(512)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    paid_at = fields.DatetimeField(null=True)
    confirmed_by = fields.CharField(40, default="")

    class Meta:
        table = "payment"
        indexes = (
            ("vendor_id", "created_at"),
            ("state", "expires_at"),
            ("needs_review", "created_at"),
            ("account_number", "created_at"),
            ("asked_dong", "id"),
        )


class PaymentEvent(Model):
    """One thing that happened to a payment: asked, received, confirmed, expired, and by whom."""

    id = fields.BigIntField(primary_key=True)
    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "payments.Payment", related_name="events"
    )
    payment_id: int
    kind = fields.CharField(30)
    amount_dong = fields.BigIntField(default=0)
    notice_id = fields.BigIntField(null=True)
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "payment_event"
        indexes = (("payment_id",),)


class BankKey(Model):
    """A seller's own key at a provider that tells of transfers; sealed, and shown to nobody again.

    `place` is what cannot be guessed in the address the provider posts to. `list_key` opens the provider's list,
    `link_key` (payOS: client id and API key, a blank between) makes payment links.
    """

    id = fields.BigIntField(primary_key=True)
    vendor_id = fields.BigIntField()
    provider = fields.CharEnumField(BankProvider, max_length=8)
    place = fields.CharField(43, unique=True)
    secret = fields.TextField()
    secret_tail = fields.CharField(4)
    list_key = fields.TextField(default="")
    link_key = fields.TextField(default="")
    created_at = fields.DatetimeField()
    created_by = fields.BigIntField()
    tested_at = fields.DatetimeField(null=True)
    refused_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "bank_key"
        indexes = (("vendor_id", "closed_at"),)


class PaymentAttempt(Model):
    """One try to pay a payment through a collecting provider; written down before the provider is asked.

    `reference` is ours for the provider and the key of its create. `asked_hash` is of all that was asked, so that
    the same key never asks otherwise. `next_query_at` is None when nothing is left to ask.
    """

    id = fields.BigIntField(primary_key=True)
    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "payments.Payment", related_name="attempts"
    )
    payment_id: int
    gate = fields.CharField(20)
    reference = fields.CharField(40, unique=True)
    asked_hash = fields.CharField(64)
    state = fields.CharEnumField(PaymentState, max_length=12, default=PaymentState.CREATED)
    amount_dong = fields.BigIntField()
    received_dong = fields.BigIntField(default=0)
    provider_ref = fields.CharField(80, default="")
    pay_url = fields.TextField(default="")
    qr_text = fields.CharField(512, default="")
    code = fields.CharField(80, default="")
    needs_review = fields.BooleanField(default=False)
    sale_class = fields.CharField(16, default="")
    tax_mode = fields.CharField(10, default="none")
    queries = fields.IntField(default=0)
    next_query_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "payment_attempt"
        indexes = (("payment_id", "id"), ("next_query_at",), ("gate", "created_at"))


class AttemptEvent(Model):
    """One thing that happened to an attempt: asked, answered, told, queried; appended, never changed."""

    id = fields.BigIntField(primary_key=True)
    attempt: fields.ForeignKeyRelation[PaymentAttempt] = fields.ForeignKeyField(
        "payments.PaymentAttempt", related_name="events"
    )
    attempt_id: int
    kind = fields.CharField(30)
    code = fields.CharField(80, default="")
    amount_dong = fields.BigIntField(default=0)
    notice_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "attempt_event"
        indexes = (("attempt_id",),)


class Notice(Model):
    """What a provider told us, as it came; unique by source and the provider's own key.

    With a `bank_key` it came under a seller's own key and may settle that seller's payments only.
    """

    id = fields.BigIntField(primary_key=True)
    source = fields.CharField(20)
    event_key = fields.CharField(120)
    body = fields.TextField()
    received_at = fields.DatetimeField()
    handled_at = fields.DatetimeField(null=True)
    is_incoming = fields.BooleanField(default=True)
    amount_dong = fields.BigIntField(default=0)
    account_number = fields.CharField(40, default="")
    content = fields.TextField(default="")
    sub_account = fields.CharField(40, default="")
    said_code = fields.CharField(100, default="")
    bank_reference = fields.CharField(80, default="")
    event: fields.JSONField[dict[str, Any]] = fields.JSONField(null=True)
    happened_at = fields.DatetimeField(null=True)
    verdict = fields.CharField(20, default="")
    bank_key: fields.ForeignKeyNullableRelation[BankKey] = fields.ForeignKeyField(
        "payments.BankKey", related_name="notices", null=True
    )
    bank_key_id: int | None
    vendor_id = fields.BigIntField(null=True)
    payment: fields.ForeignKeyNullableRelation[Payment] = fields.ForeignKeyField(
        "payments.Payment", related_name="notices", null=True
    )
    payment_id: int | None

    class Meta:
        table = "notice"
        unique_together = (("source", "event_key"),)
        indexes = (
            ("handled_at", "received_at"),
            ("verdict", "received_at"),
            ("payment_id",),
            ("bank_key_id", "received_at"),
            ("bank_reference", "account_number"),
            ("amount_dong", "id"),
        )


class TransferDecision(Model):
    """What a person decided about a notice that did not settle itself; shown beside later ones, never acted on.

    `words` are those of its text without digits and codes, folded: alike texts have alike words.
    """

    id = fields.BigIntField(primary_key=True)
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField(
        "payments.Notice", related_name="decisions"
    )
    notice_id: int
    payment: fields.ForeignKeyNullableRelation[Payment] = fields.ForeignKeyField(
        "payments.Payment", related_name="decisions", null=True
    )
    payment_id: int | None
    decision = fields.CharField(12)
    note = fields.CharField(500, default="")
    words = fields.CharField(200)
    account_number = fields.CharField(40)
    person_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "transfer_decision"
        indexes = (("notice_id",), ("payment_id",), ("account_number", "words"))


class DifferenceState(StrEnum):
    """Whether somebody has worked a difference off."""

    OPEN = "open"
    EXPLAINED = "explained"
    SETTLED = "settled"


class Difference(Model):
    """Something that our notices and a provider's list, or our own states, say differently; for a person."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(20)
    source = fields.CharField(20)
    event_key = fields.CharField(120)
    account_number = fields.CharField(40, default="")
    amount_dong = fields.BigIntField(default=0)
    other_dong = fields.BigIntField(default=0)
    content = fields.CharField(200, default="")
    happened_at = fields.DatetimeField(null=True)
    notice: fields.ForeignKeyNullableRelation[Notice] = fields.ForeignKeyField(
        "payments.Notice", related_name="differences", null=True
    )
    notice_id: int | None
    payment: fields.ForeignKeyNullableRelation[Payment] = fields.ForeignKeyField(
        "payments.Payment", related_name="differences", null=True
    )
    payment_id: int | None
    state = fields.CharEnumField(DifferenceState, max_length=10, default=DifferenceState.OPEN)
    found_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.BigIntField(null=True)
    note = fields.CharField(500, default="")

    class Meta:
        table = "difference"
        unique_together = (("source", "kind", "event_key"),)
        indexes = (("state", "found_at"), ("notice_id",), ("payment_id",))


class LedgerTransaction(Model):
    """One booking: entries that sum to zero, unique by kind and reference, never changed."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(30)
    reference = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "ledger_transaction"
        unique_together = (("kind", "reference"),)


class Entry(Model):
    """One side of a booking: debit positive, credit negative, in whole đồng."""

    id = fields.BigIntField(primary_key=True)
    transaction: fields.ForeignKeyRelation[LedgerTransaction] = fields.ForeignKeyField(
        "payments.LedgerTransaction", related_name="entries"
    )
    transaction_id: int
    account = fields.CharField(80)
    amount_dong = fields.BigIntField()

    class Meta:
        table = "ledger_entry"
        indexes = (("account", "id"), ("transaction_id",))
