"""Moderation: reports about goods, goods taken down, and what their sellers say against it."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vendors.models.goods import Listing, ListingState


class ReportReason(StrEnum):
    """What is wrong with goods."""

    FORBIDDEN = "forbidden"
    FAKE = "fake"
    CLAIMS = "claims"
    WRONG = "wrong"
    RIGHTS = "rights"
    OTHER = "other"


class ReportSource(StrEnum):
    """Who says so: each has its own clock."""

    SHOPPER = "shopper"
    RIGHTS_HOLDER = "rights_holder"
    AUTHORITY = "authority"


class ReportOutcome(StrEnum):
    """What became of a report."""

    OPEN = "open"
    TAKEN_DOWN = "taken_down"
    KEPT = "kept"


class ListingReport(Model):
    """Somebody says that goods should not be shown; to be answered by `due_at`."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="reports"
    )
    listing_id: int
    source = fields.CharEnumField(ReportSource, max_length=20)
    reason = fields.CharEnumField(ReportReason, max_length=20)
    words = fields.CharField(1000, default="")
    document = fields.CharField(120, default="")
    phone = fields.CharField(16, default="")
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    outcome = fields.CharEnumField(ReportOutcome, max_length=12, default=ReportOutcome.OPEN)
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.BigIntField(null=True)
    answer = fields.CharField(500, default="")

    class Meta:
        table = "listing_report"
        indexes = (("listing_id", "at"), ("outcome", "due_at"), ("person_id",))


class TakeDown(Model):
    """Goods taken off the market with a reason; at most one stands for each listing."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="take_downs"
    )
    listing_id: int
    reason = fields.CharEnumField(ReportReason, max_length=20)
    words = fields.CharField(500)
    state_before = fields.CharEnumField(ListingState, max_length=20)
    taken_by = fields.BigIntField()
    at = fields.DatetimeField()
    lifted_at = fields.DatetimeField(null=True)
    lifted_by = fields.BigIntField(null=True)
    lifted_because = fields.CharField(500, default="")

    class Meta:
        table = "take_down"
        indexes = (("listing_id", "at"),)


class Appeal(Model):
    """A seller's word against a take-down, once; decided by another administrator than the one who took down."""

    id = fields.BigIntField(primary_key=True)
    take_down: fields.OneToOneRelation[TakeDown] = fields.OneToOneField(
        "vendors.TakeDown", related_name="appeal"
    )
    take_down_id: int
    words = fields.CharField(1000)
    person_id = fields.BigIntField()
    taken_by = fields.BigIntField()
    at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.BigIntField(null=True)
    is_granted = fields.BooleanField(null=True)
    answer = fields.CharField(500, default="")

    class Meta:
        table = "appeal"
        indexes = (("decided_at", "due_at"),)
