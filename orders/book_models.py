"""The revenue book: every seller's money of all channels, line by line."""

from tortoise import fields
from tortoise.models import Model

from orders.states import Channel, EntryKind


class RevenueEntry(Model):
    """One line of a seller's revenue book, in whole đồng; appended, never changed (the database refuses it).

    Each source's own `reference` is in the book once. `subject` is what the money was for ("order:17", "till:5"), `day`
    the day in Vietnam that it belongs to. What is noted by hand is put right by a further line that `corrects` it.
    """

    id = fields.BigIntField(primary_key=True)
    vendor_id = fields.BigIntField()
    channel = fields.CharEnumField(Channel, max_length=8)
    kind = fields.CharEnumField(EntryKind, max_length=12, default=EntryKind.SALE)
    source = fields.CharField(12)
    reference = fields.CharField(120)
    subject = fields.CharField(40, default="")
    day = fields.DateField()
    at = fields.DatetimeField()
    amount_dong = fields.BigIntField()
    floor = fields.CharField(12, default="")
    words = fields.CharField(200, default="")
    corrects: fields.ForeignKeyNullableRelation["RevenueEntry"] = fields.ForeignKeyField(
        "orders.RevenueEntry", related_name="corrections", null=True
    )
    corrects_id: int | None
    person_id = fields.BigIntField(null=True)
    written_at = fields.DatetimeField()
    corrections: fields.ReverseRelation["RevenueEntry"]

    class Meta:
        table = "revenue_entry"
        unique_together = (("source", "reference"),)
        indexes = (("vendor_id", "day", "id"), ("corrects_id",))
