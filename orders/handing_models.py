"""Orders' tables of handing over: what is fetched and where, one parcel of several stalls, where a door is exactly."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from orders.states import Handing, JointState


class Fetch(Model):
    """An order that its buyer fetches, and where: as it was called, and when it was open, when it was ordered.

    `market_id` and `point_id` say whose desk or post office. `ready_at`: it lies there; `kept_until` is its last day.
    `fetched_by` is who gave it out, `ended_at` when its seller ended it because nobody came.
    """

    id = fields.BigIntField(primary_key=True)
    order: fields.OneToOneRelation[Any] = fields.OneToOneField("orders.Order", related_name="fetch")
    order_id: int
    vendor_id = fields.BigIntField()
    handing = fields.CharEnumField(Handing, max_length=8)
    market_id = fields.BigIntField(null=True)
    point_id = fields.BigIntField(null=True)
    commune_code = fields.CharField(8)
    commune = fields.CharField(120)
    province = fields.CharField(120)
    place = fields.CharField(160)
    line = fields.CharField(300, default="")
    hours = fields.CharField(120, default="")
    is_waiting = fields.BooleanField(default=False)
    ready_at = fields.DatetimeField(null=True)
    kept_until = fields.DateField(null=True)
    fetched_at = fields.DatetimeField(null=True)
    fetched_by = fields.BigIntField(null=True)
    ended_at = fields.DatetimeField(null=True)

    @property
    def address(self) -> str:
        """Where it is, in one line."""
        return ", ".join(filter(None, (self.line, self.commune)))

    class Meta:
        table = "order_fetch"
        indexes = (("vendor_id", "is_waiting"), ("market_id", "is_waiting"), ("is_waiting", "kept_until"))


class JointParcel(Model):
    """One parcel that carries the goods of several stalls of one purchase, gathered and packed at a market's desk.

    `fee_dong` is what it costs, shared by its orders; `saved_dong` what sending them apart would have cost more.
    """

    id = fields.BigIntField(primary_key=True)
    group_code = fields.CharField(16)
    market_id = fields.BigIntField()
    state = fields.CharEnumField(JointState, max_length=10, default=JointState.GATHERING)
    fee_dong = fields.BigIntField()
    saved_dong = fields.BigIntField()
    parcel_id = fields.BigIntField(null=True)
    parcel_code = fields.CharField(20, default="")
    opened_at = fields.DatetimeField()
    packed_at = fields.DatetimeField(null=True)
    packed_by = fields.BigIntField(null=True)
    parts: fields.ReverseRelation["JointPart"]

    class Meta:
        table = "joint_parcel"
        unique_together = (("group_code", "market_id"),)
        indexes = (("market_id", "state"),)


class JointPart(Model):
    """One order's part of it: when its seller brought it to the desk, or since when it goes by itself."""

    id = fields.BigIntField(primary_key=True)
    joint: fields.ForeignKeyRelation[JointParcel] = fields.ForeignKeyField(
        "orders.JointParcel", related_name="parts"
    )
    joint_id: int
    order: fields.OneToOneRelation[Any] = fields.OneToOneField("orders.Order", related_name="part")
    order_id: int
    brought_at = fields.DatetimeField(null=True)
    brought_to = fields.BigIntField(null=True)
    left_at = fields.DatetimeField(null=True)

    class Meta:
        table = "joint_part"
        indexes = (("joint_id",),)


class Spot(Model):
    """Where exactly an order's door is, as its buyer said: a digital address (Vpostcode), a point on the map."""

    id = fields.BigIntField(primary_key=True)
    order: fields.OneToOneRelation[Any] = fields.OneToOneField("orders.Order", related_name="spot")
    order_id: int
    digital_address = fields.CharField(64, default="")
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)

    class Meta:
        table = "order_spot"
