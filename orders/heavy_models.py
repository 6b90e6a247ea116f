"""Goods that weighed more than was paid for: the difference that is asked of the buyer."""

from tortoise import fields
from tortoise.models import Model

from orders.states import HeavyState


class WeightDifference(Model):
    """What an order's goods weighed more is asked of its buyer until `due_at`, as a payment of its own. Once an order.

    `dong` is what was asked. `ended_by` waived it, or packed less; None when the money or the clock ended it.
    """

    id = fields.BigIntField(primary_key=True)
    order_id = fields.BigIntField(unique=True)
    vendor_id = fields.BigIntField()
    state = fields.CharEnumField(HeavyState, max_length=8, default=HeavyState.ASKED)
    dong = fields.BigIntField()
    asked_by = fields.BigIntField()
    asked_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    ended_by = fields.BigIntField(null=True)

    class Meta:
        table = "weight_difference"
        indexes = (("state", "due_at"), ("vendor_id", "state"))
