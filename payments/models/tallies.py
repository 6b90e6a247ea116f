"""How many notices ended with each verdict, kept so that nobody counts them all again."""

from tortoise import fields
from tortoise.models import Model


class NoticeTally(Model):
    """So many notices were settled with a verdict `until` then; it only grows. All rows are of one moment."""

    id = fields.BigIntField(primary_key=True)
    verdict = fields.CharField(20, unique=True)
    count = fields.BigIntField(default=0)
    until = fields.DatetimeField()

    class Meta:
        table = "notice_tally"
