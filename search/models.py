"""Search's tables: what people looked for by day, and what the index is owed, and how it stands."""

from tortoise import fields
from tortoise.models import Model


class SearchCount(Model):
    """How often these folded words were searched on one day of Vietnam, and how often nothing was found."""

    id = fields.BigIntField(primary_key=True)
    day = fields.DateField()
    words = fields.CharField(80)
    searches = fields.IntField(default=0)
    misses = fields.IntField(default=0)

    class Meta:
        table = "search_count"
        unique_together = (("day", "words"),)


class IndexDebt(Model):
    """A listing that changed while the index could not take it; it is brought in step when the index is back."""

    listing_id = fields.BigIntField(primary_key=True, generated=False)
    noted_at = fields.DatetimeField()

    class Meta:
        table = "index_debt"


class IndexStanding(Model):
    """How the worker last found the index: one row, written each minute, for processes that may only search."""

    id = fields.IntField(primary_key=True, generated=False)
    seen_at = fields.DatetimeField()
    engine = fields.CharField(80, default="")
    listings = fields.IntField(default=0)
    trouble = fields.CharField(1000, default="")

    class Meta:
        table = "index_standing"
