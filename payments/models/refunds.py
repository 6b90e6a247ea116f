"""Tables of money on its way back to buyers, and on from the market to sellers."""

from enum import StrEnum
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

if TYPE_CHECKING:
    from payments.models import Payment, PaymentAttempt


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


class RefundWay(StrEnum):
    """How money goes back: through the provider it came by, or by a transfer that a person makes."""

    GATE = "gate"
    BANK = "bank"


class RefundSource(StrEnum):
    """What is given back: money that counted as payment, or money that came beyond it."""

    PAID = "paid"
    OWED = "owed"


class Refund(Model):
    """Money on its way back to a buyer, one way out of one pot; written down before anything leaves the house.

    `code` is ours for the provider and the content of a transfer. `key` names the asking, which may need several
    (`part`). With an `attempt` the money came through that provider. `lines` are the goods it is for: id, name, pieces,
    đồng.
    """

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    payment: fields.ForeignKeyRelation["Payment"] = fields.ForeignKeyField(
        "payments.Payment", related_name="refunds"
    )
    payment_id: int
    attempt: fields.ForeignKeyNullableRelation["PaymentAttempt"] = fields.ForeignKeyField(
        "payments.PaymentAttempt", related_name="refunds", null=True
    )
    attempt_id: int | None
    vendor_id = fields.BigIntField()
    key = fields.CharField(60)
    part = fields.IntField(default=1)
    asked_hash = fields.CharField(64)
    way = fields.CharEnumField(RefundWay, max_length=6)
    source = fields.CharEnumField(RefundSource, max_length=6)
    state = fields.CharEnumField(RefundStatus, max_length=10, default=RefundStatus.REQUESTED)
    amount_dong = fields.BigIntField()
    vat_back_dong = fields.BigIntField(default=0)
    income_back_dong = fields.BigIntField(default=0)
    lines: fields.JSONField[list[dict[str, int | str]]] = fields.JSONField(default=list)
    reason = fields.CharField(300, default="")
    provider_ref = fields.CharField(80, default="")
    result = fields.CharField(80, default="")
    needs_review = fields.BooleanField(default=False)
    looks = fields.IntField(default=0)
    next_look_at = fields.DatetimeField(null=True)
    asked_by = fields.BigIntField(null=True)
    asked_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)
    confirmed_by = fields.CharField(60, default="")
    notice_id = fields.BigIntField(null=True)

    class Meta:
        table = "refund"
        unique_together = (("payment_id", "key", "part"),)
        indexes = (
            ("attempt_id",),
            ("vendor_id", "id"),
            ("state", "id"),
            ("next_look_at",),
            ("needs_review", "id"),
        )


class RefundEvent(Model):
    """One thing that happened to a refund; appended, never changed."""

    id = fields.BigIntField(primary_key=True)
    refund: fields.ForeignKeyRelation[Refund] = fields.ForeignKeyField(
        "payments.Refund", related_name="events"
    )
    refund_id: int
    kind = fields.CharField(30)
    note = fields.CharField(300, default="")
    notice_id = fields.BigIntField(null=True)
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "refund_event"
        indexes = (("refund_id",),)


class ReturnAccount(Model):
    """Where a payer wants money back; number and holder sealed under "return:{payment's number}".

    `told_by` is buyer, or the provider of the notice that named the account.
    """

    id = fields.BigIntField(primary_key=True)
    payment: fields.OneToOneRelation["Payment"] = fields.OneToOneField(
        "payments.Payment", related_name="return_account"
    )
    payment_id: int
    bin = fields.CharField(6)
    bank_name = fields.CharField(120)
    number = fields.TextField()
    tail = fields.CharField(4)
    holder = fields.TextField()
    told_by = fields.CharField(20)
    told_at = fields.DatetimeField()

    class Meta:
        table = "return_account"


class Payout(Model):
    """What providers collected for a seller, gathered and paid on by a transfer that a person makes.

    One at a time for a seller (`payout_one_open_by_hand`). The account is the seller's as it was when gathered.
    """

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    vendor_id = fields.BigIntField()
    amount_dong = fields.BigIntField()
    bin = fields.CharField(6)
    bank_name = fields.CharField(120)
    account_number = fields.CharField(19)
    account_holder = fields.CharField(80)
    state = fields.CharEnumField(PayoutStatus, max_length=10, default=PayoutStatus.DRAFT)
    needs_review = fields.BooleanField(default=False)
    gathered_at = fields.DatetimeField()
    gathered_by = fields.BigIntField()
    approved_at = fields.DatetimeField(null=True)
    approved_by = fields.BigIntField(null=True)
    sent_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)
    confirmed_by = fields.CharField(60, default="")
    notice_id = fields.BigIntField(null=True)

    class Meta:
        table = "payout"
        indexes = (("vendor_id", "id"), ("state", "id"))


class PayoutEvent(Model):
    """One thing that happened to a payout; appended, never changed."""

    id = fields.BigIntField(primary_key=True)
    payout: fields.ForeignKeyRelation[Payout] = fields.ForeignKeyField(
        "payments.Payout", related_name="events"
    )
    payout_id: int
    kind = fields.CharField(30)
    note = fields.CharField(300, default="")
    notice_id = fields.BigIntField(null=True)
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "payout_event"
        indexes = (("payout_id",),)
