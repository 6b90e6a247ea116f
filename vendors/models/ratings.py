"""Ratings: what buyers say about goods that were delivered to them, the seller's answer, and moderation of both."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vendors.models.goods import Listing
from vendors.models.moderation import ReportOutcome


class RatingFault(StrEnum):
    """What is wrong with a rating; that it is unkind to the goods is nothing wrong."""

    INSULT = "insult"
    PRIVATE = "private"
    ADVERT = "advert"
    FORBIDDEN = "forbidden"
    OTHER = "other"


class Rating(Model):
    """What the buyer of an order's line says of the goods: 1 to 5 stars and words, once; the seller answers once.

    `line_id` and `order_code` name the line in orders. `shown_name` is the buyer's name, masked; empty when the buyer
    was erased. While `taken_down_at` is set neither words nor photos nor the answer are shown, and it counts in no
    average. While `held_at` is set it waits for an administrator's look (`held_for` says why, also later): nobody but
    its author reads it and it counts nowhere.
    """

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="ratings"
    )
    listing_id: int
    vendor_id = fields.BigIntField()
    line_id = fields.BigIntField(unique=True)
    order_code = fields.CharField(16)
    person_id = fields.BigIntField(null=True)
    shown_name = fields.CharField(120, default="")
    stars = fields.SmallIntField()
    words = fields.CharField(1000, default="")
    at = fields.DatetimeField()
    answer = fields.CharField(1000, default="")
    answered_at = fields.DatetimeField(null=True)
    answered_by = fields.BigIntField(null=True)
    taken_down_at = fields.DatetimeField(null=True)
    held_at = fields.DatetimeField(null=True)
    held_for = fields.CharEnumField(RatingFault, max_length=12, null=True)
    photos: fields.ReverseRelation["RatingPhoto"]

    class Meta:
        table = "rating"
        indexes = (("listing_id", "id"), ("vendor_id", "id"), ("person_id",))


class RatingPhoto(Model):
    """A photo that a buyer sent with a rating; `key` names its files in the media store."""

    id = fields.BigIntField(primary_key=True)
    rating: fields.ForeignKeyRelation[Rating] = fields.ForeignKeyField(
        "vendors.Rating", related_name="photos"
    )
    rating_id: int
    key = fields.CharField(40)
    width_px = fields.IntField()
    height_px = fields.IntField()
    blur_url = fields.TextField(default="")

    class Meta:
        table = "rating_photo"
        indexes = (("rating_id", "id"),)


class RatingReport(Model):
    """Somebody says that a rating should not be shown; to be answered by `due_at`."""

    id = fields.BigIntField(primary_key=True)
    rating: fields.ForeignKeyRelation[Rating] = fields.ForeignKeyField(
        "vendors.Rating", related_name="reports"
    )
    rating_id: int
    fault = fields.CharEnumField(RatingFault, max_length=12)
    words = fields.CharField(1000, default="")
    by_seller = fields.BooleanField(default=False)
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    outcome = fields.CharEnumField(ReportOutcome, max_length=12, default=ReportOutcome.OPEN)
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.BigIntField(null=True)
    answer = fields.CharField(500, default="")

    class Meta:
        table = "rating_report"
        indexes = (("rating_id", "id"), ("outcome", "due_at"), ("person_id",))


class RatingTakeDown(Model):
    """A rating taken down with a reason, and what its author says against it, once; at most one stands for each.

    The appeal (`appealed_at` and after) is decided by another administrator than the one who took it down.
    """

    id = fields.BigIntField(primary_key=True)
    rating: fields.ForeignKeyRelation[Rating] = fields.ForeignKeyField(
        "vendors.Rating", related_name="take_downs"
    )
    rating_id: int
    fault = fields.CharEnumField(RatingFault, max_length=12)
    words = fields.CharField(500)
    taken_by = fields.BigIntField()
    at = fields.DatetimeField()
    lifted_at = fields.DatetimeField(null=True)
    lifted_by = fields.BigIntField(null=True)
    lifted_because = fields.CharField(500, default="")
    appeal_words = fields.CharField(1000, default="")
    appealed_at = fields.DatetimeField(null=True)
    appeal_due_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.BigIntField(null=True)
    is_granted = fields.BooleanField(null=True)
    decision = fields.CharField(500, default="")

    class Meta:
        table = "rating_take_down"
        indexes = (("rating_id", "id"), ("decided_at", "appeal_due_at"))
