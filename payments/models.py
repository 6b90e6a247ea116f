"""Payments' tables: what was asked, what was told us, and the append-only books."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


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


class RefundStatus(StrEnum):
    """Where money on its way back to a buyer stands; `manual` for transfers that a person makes."""

    REQUESTED = "requested"
    MANUAL = "manual"
    SENT = "sent"
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REVERSED = "reversed"
    CANCELLED = "cancelled"


class PayoutStatus(StrEnum):
    """Where money on its way to a seller stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Payment(Model):
    """Money asked of a buyer for one seller, straight to that seller's own account."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    reference = fields.CharField(40, unique=True)
    vendor_id = fields.BigIntField()
    bin = fields.CharField(6)
    account_number = fields.CharField(19)
    account_holder = fields.CharField(80)
    bank_name = fields.CharField(120)
    asked_dong = fields.BigIntField()
    received_dong = fields.BigIntField(default=0)
    state = fields.CharEnumField(PaymentState, max_length=12, default=PaymentState.PENDING)
    needs_review = fields.BooleanField(default=False)
    is_paid_late = fields.BooleanField(default=False)
    qr_text = fields.CharField(512)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    paid_at = fields.DatetimeField(null=True)
    confirmed_by = fields.CharField(40, default="")

    class Meta:
        table = "payment"
        indexes = (("vendor_id", "created_at"), ("state", "expires_at"), ("needs_review", "created_at"))


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


class Notice(Model):
    """What a provider told us, as it came; unique by source and the provider's own key."""

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
    happened_at = fields.DatetimeField(null=True)
    verdict = fields.CharField(20, default="")
    payment: fields.ForeignKeyNullableRelation[Payment] = fields.ForeignKeyField(
        "payments.Payment", related_name="notices", null=True
    )
    payment_id: int | None

    class Meta:
        table = "notice"
        unique_together = (("source", "event_key"),)
        indexes = (("handled_at", "received_at"), ("verdict", "received_at"), ("payment_id",))


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


class TwinTransfer(Model):
    """A transfer at the pretend bank (demo only) and how its notice fared."""

    id = fields.BigIntField(primary_key=True)
    bin = fields.CharField(6)
    account_number = fields.CharField(19)
    amount_dong = fields.BigIntField()
    content = fields.CharField(200)
    is_forged = fields.BooleanField(default=False)
    made_at = fields.DatetimeField()
    sends_left = fields.IntField(default=1)
    sends = fields.IntField(default=0)
    last_answer = fields.CharField(200, default="")

    class Meta:
        table = "twin_transfer"
