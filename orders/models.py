"""Orders' tables: baskets, orders, their lines and what happened to them."""

from tortoise import fields
from tortoise.models import Model

from orders.states import OrderState


class BasketLine(Model):
    """Something a person (or a device nobody signed in on) means to buy, as it was called and cost when put in.

    One line for each listing and variant (`basket_line_once_by_hand`, no variant being one of them).
    """

    id = fields.BigIntField(primary_key=True)
    owner = fields.CharField(60)
    listing_id = fields.BigIntField()
    variant_id = fields.BigIntField(null=True)
    quantity = fields.IntField()
    name = fields.CharField(200)
    price_dong = fields.BigIntField()
    added_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "basket_line"


class Order(Model):
    """One buyer's order from one vendor. Orders placed together share a group, one for each vendor.

    `ships_from` to `ships_to` is the promise of goods ordered ahead of their harvest; the post is asked no earlier.
    `give_back_dong` is what goods sold by weight came to less than was paid, until the seller `given_back_at` gave it.
    """

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    group_code = fields.CharField(16)
    person_id = fields.BigIntField(null=True)
    device = fields.CharField(40)
    vendor_id = fields.BigIntField()
    vendor_name = fields.CharField(160)
    state = fields.CharEnumField(OrderState, max_length=12, default=OrderState.PLACED)
    goods_dong = fields.BigIntField()
    delivery_dong = fields.BigIntField()
    total_dong = fields.BigIntField()
    recipient_name = fields.CharField(120)
    recipient_phone = fields.CharField(16)
    recipient_line = fields.CharField(200)
    commune_code = fields.CharField(8)
    commune = fields.CharField(120)
    province = fields.CharField(120)
    note = fields.CharField(300, default="")
    is_adult_only = fields.BooleanField(default=False)
    ships_from = fields.DateField(null=True)
    ships_to = fields.DateField(null=True)
    give_back_dong = fields.BigIntField(default=0)
    given_back_at = fields.DatetimeField(null=True)
    parcel_id = fields.BigIntField(null=True)
    parcel_code = fields.CharField(20, default="")
    placed_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    paid_at = fields.DatetimeField(null=True)
    packed_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)
    lines: fields.ReverseRelation["OrderLine"]
    events: fields.ReverseRelation["OrderEvent"]

    class Meta:
        table = "customer_order"
        unique_together = (("group_code", "vendor_id"),)
        indexes = (
            ("person_id", "placed_at"),
            ("device", "placed_at"),
            ("vendor_id", "placed_at"),
            ("state", "expires_at"),
            ("parcel_id",),
        )


class OrderLine(Model):
    """A line of an order: what it was called and cost when it was ordered; `name` ends with the variant's.

    Sold by weight, `sum_dong` is paid for `estimate_g`; packed were `final_weight_g`, worth `less_dong` less or nothing
    less. `lots` are the codes of the harvest lots it was served from.
    """

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", related_name="lines")
    listing_id = fields.BigIntField()
    variant_id = fields.BigIntField(null=True)
    variant = fields.CharField(60, default="")
    name = fields.CharField(200)
    lots: fields.JSONField[list[str]] = fields.JSONField(default=list)
    unit = fields.CharField(40)
    price_dong = fields.BigIntField()
    quantity = fields.IntField()
    sum_dong = fields.BigIntField()
    weight_g = fields.IntField()
    price_per_kg_dong = fields.BigIntField(null=True)
    estimate_g = fields.IntField(null=True)
    band_percent = fields.IntField(null=True)
    final_weight_g = fields.IntField(null=True)
    less_dong = fields.BigIntField(default=0)
    picture_url = fields.CharField(200)

    class Meta:
        table = "order_line"
        indexes = (("order_id",),)


class OrderEvent(Model):
    """One step of an order: its new state, when, and who made it happen."""

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", related_name="events")
    state = fields.CharEnumField(OrderState, max_length=12)
    person_id = fields.BigIntField(null=True)
    note = fields.CharField(300, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "order_event"
        indexes = (("order_id",),)
