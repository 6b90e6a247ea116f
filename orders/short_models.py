"""Orders that are partly fulfilled: what a seller lacks of a paid order, and what the buyer chose."""

from tortoise import fields
from tortoise.models import Model

from orders.states import ShortState


class Shortage(Model):
    """A seller packs fewer pieces than were paid; the buyer takes the rest or cancels all. Once for an order.

    `lines` say for each line that lacks pieces its id, name, how many were ordered and are packed, and their đồng;
    `short_dong` is their sum. `due_at`: when silence decides.
    """

    id = fields.BigIntField(primary_key=True)
    order_id = fields.BigIntField(unique=True)
    vendor_id = fields.BigIntField()
    state = fields.CharEnumField(ShortState, max_length=10, default=ShortState.ASKED)
    lines: fields.JSONField[list[dict[str, int | str]]] = fields.JSONField(default=list)
    short_dong = fields.BigIntField()
    reason = fields.CharField(300)
    asked_by = fields.BigIntField()
    asked_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    answered_by = fields.BigIntField(null=True)

    class Meta:
        table = "shortage"
        indexes = (("state", "due_at"), ("vendor_id", "state"))
