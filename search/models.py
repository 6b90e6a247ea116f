"""Search's table: what people looked for, by day, and how often nothing was found."""

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
