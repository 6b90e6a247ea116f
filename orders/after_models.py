"""What is settled after an order has ended: goods that came back to their seller, parcels that were found again."""

from tortoise import fields
from tortoise.models import Model


class Restock(Model):
    """What a seller did with goods that came back: how many pieces of each line are on sale again. Once for an order.

    `lines` say for each line its id, name, how many pieces came back and how many went to the shelf (`back`);
    `reason` says why not all of them.
    """

    id = fields.BigIntField(primary_key=True)
    order_id = fields.BigIntField(unique=True)
    lines: fields.JSONField[list[dict[str, int | str]]] = fields.JSONField(default=list)
    reason = fields.CharField(300, default="")
    decided_by = fields.BigIntField()
    decided_at = fields.DatetimeField()

    class Meta:
        table = "order_restock"


class FoundParcel(Model):
    """A parcel that was lost and is told to be delivered, or back with its seller: a person says what holds.

    `told` is the parcel's state. Once decided, `follows` says whether the order went there too, `words` why.
    """

    id = fields.BigIntField(primary_key=True)
    order_id = fields.BigIntField(unique=True)
    told = fields.CharField(20)
    told_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.BigIntField(null=True)
    follows = fields.BooleanField(null=True)
    words = fields.CharField(300, default="")

    class Meta:
        table = "found_parcel"
        indexes = (("decided_at", "id"),)
