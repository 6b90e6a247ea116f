"""Orders' tables: baskets, orders and what happened to them; tills and their days; market fees."""

from tortoise import fields
from tortoise.models import Model

from orders.after_models import FoundParcel, Restock  # noqa: F401 : tables of this package
from orders.book_models import RevenueEntry  # noqa: F401 : tables of this package
from orders.claims import ClaimKind, ClaimParty, ClaimState, ClaimWish
from orders.door_models import DoorOffer  # noqa: F401  a table of its own file
from orders.handing_models import Fetch, JointParcel, JointPart, Spot  # noqa: F401 : tables of this package
from orders.heavy_models import WeightDifference  # noqa: F401
from orders.short_models import Shortage  # noqa: F401
from orders.states import BY_PEOPLE, AskState, FeeState, Handing, OrderState, SaleState, SaleWay


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
    `carrier` is who brings it, by its `carrier_service`, in at most `delivery_days`, as the buyer chose.
    `old_place` is the address's commune in three levels, when the buyer gave it so.
    `give_back_dong` is what goods sold by weight came to less than was paid, until the seller `given_back_at` gave it.
    `more_most_dong` is the most that goods which weigh more may cost on top, as agreed when ordered (0: nothing), and
    `more_dong` what was paid on top.
    `pays_on_delivery`: nothing is asked before the door; `expires_at` is then the end of the seller's time to pack, and
    `refused_at_door` says that it came back because its buyer would not take or pay it.
    """

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    group_code = fields.CharField(16)
    person_id = fields.BigIntField(null=True)
    device = fields.CharField(40)
    vendor_id = fields.BigIntField()
    vendor_name = fields.CharField(160)
    state = fields.CharEnumField(OrderState, max_length=12, default=OrderState.PLACED)
    handing = fields.CharEnumField(Handing, max_length=8, default=Handing.DOOR)
    goods_dong = fields.BigIntField()
    delivery_dong = fields.BigIntField()
    total_dong = fields.BigIntField()
    recipient_name = fields.CharField(120)
    recipient_phone = fields.CharField(16)
    recipient_line = fields.CharField(200)
    commune_code = fields.CharField(8)
    commune = fields.CharField(120)
    province = fields.CharField(120)
    old_commune_code = fields.CharField(8, default="")
    old_place = fields.CharField(300, default="")
    note = fields.CharField(300, default="")
    is_adult_only = fields.BooleanField(default=False)
    pays_on_delivery = fields.BooleanField(default=False)
    refused_at_door = fields.BooleanField(default=False)
    ships_from = fields.DateField(null=True)
    ships_to = fields.DateField(null=True)
    give_back_dong = fields.BigIntField(default=0)
    given_back_at = fields.DatetimeField(null=True)
    more_most_dong = fields.BigIntField(default=0)
    more_dong = fields.BigIntField(default=0)
    parcel_id = fields.BigIntField(null=True)
    parcel_code = fields.CharField(20, default="")
    carrier = fields.CharField(20, default="staff")
    carrier_service = fields.CharField(40, default="")
    delivery_days = fields.SmallIntField(null=True)
    placed_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    paid_at = fields.DatetimeField(null=True)
    packed_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)
    lines: fields.ReverseRelation["OrderLine"]
    events: fields.ReverseRelation["OrderEvent"]

    @property
    def recipient_address(self) -> str:
        """Where its buyer lives, in one line; empty when none was asked for, because everything was fetched."""
        if not self.recipient_line and self.handing in BY_PEOPLE:
            return ""
        return ", ".join(filter(None, (self.recipient_line, self.commune, self.province)))

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

    Sold by weight, `sum_dong` is paid for `estimate_g`; packed were `final_weight_g`, worth `less_dong` less, or
    charged `more_dong` on top, at most `more_most_dong` as agreed (0: never). `lots` are the codes of the
    harvest lots it was served from. `short_quantity` pieces were not there; their `short_dong` go back.
    """

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", related_name="lines")
    order_id: int
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
    more_most_dong = fields.BigIntField(default=0)
    more_dong = fields.BigIntField(default=0)
    short_quantity = fields.IntField(default=0)
    short_dong = fields.BigIntField(default=0)
    picture_url = fields.CharField(200)

    class Meta:
        table = "order_line"
        indexes = (("order_id",),)


class OrderEvent(Model):
    """One step of an order: its new state, when, and who made it happen."""

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", related_name="events")
    order_id: int
    state = fields.CharEnumField(OrderState, max_length=12)
    person_id = fields.BigIntField(null=True)
    note = fields.CharField(300, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "order_event"
        indexes = (("order_id",),)


class OrderClaim(Model):
    """What a buyer says is wrong with what was delivered, and what they ask for; one lives at a time for an order.

    `takes_back`: the seller wants the goods back before the money goes. `due_at`: when the clock moves it on.
    `refund_dong`: what the seller gives back, as a refund of the order's payment.
    """

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", related_name="claims")
    order_id: int
    kind = fields.CharEnumField(ClaimKind, max_length=20)
    wish = fields.CharEnumField(ClaimWish, max_length=10)
    state = fields.CharEnumField(ClaimState, max_length=10, default=ClaimState.OPEN)
    takes_back = fields.BooleanField(default=False)
    refund_dong = fields.BigIntField(default=0)
    opened_at = fields.DatetimeField()
    due_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    steps: fields.ReverseRelation["ClaimStep"]

    class Meta:
        table = "order_claim"
        indexes = (("order_id", "id"), ("state", "due_at"))


class ClaimStep(Model):
    """One step of a claim: its new state, by whom, with which words."""

    id = fields.BigIntField(primary_key=True)
    claim: fields.ForeignKeyRelation[OrderClaim] = fields.ForeignKeyField(
        "orders.OrderClaim", related_name="steps"
    )
    claim_id: int
    state = fields.CharEnumField(ClaimState, max_length=10)
    party = fields.CharEnumField(ClaimParty, max_length=8)
    person_id = fields.BigIntField(null=True)
    words = fields.CharField(1000, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "claim_step"
        indexes = (("claim_id",),)


class ReturnAsk(Model):
    """What a buyer asks back of a paid order; the seller or an administrator answers. One open at a time for an order.

    `lines` are the goods meant (id, name, pieces, đồng), none when only a sum is asked.
    """

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", related_name="asks")
    order_id: int
    state = fields.CharEnumField(AskState, max_length=10, default=AskState.ASKED)
    amount_dong = fields.BigIntField()
    lines: fields.JSONField[list[dict[str, int | str]]] = fields.JSONField(default=list)
    reason = fields.CharField(300)
    asked_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    answered_by = fields.BigIntField(null=True)
    answer = fields.CharField(300, default="")

    class Meta:
        table = "return_ask"
        indexes = (("order_id", "id"),)


class Till(Model):
    """A seller's till: `seq` is the number of its newest event; events of a till get their numbers in commit order."""

    vendor_id = fields.BigIntField(primary_key=True, generated=False)
    seq = fields.BigIntField(default=0)

    class Meta:
        table = "till"


class TillSale(Model):
    """One sale at a stall: by QR, from the static plate, in cash, or seen on the buyer's phone without signal.

    `client_key` is made where the sale was typed and is unique for the seller: sent twice it is one sale.
    `received_dong` is what counts as come through a bank, of it `said_dong` on the seller's word alone; `noted_dong`
    is the part of the sale that was taken in cash.
    """

    id = fields.BigIntField(primary_key=True)
    vendor_id = fields.BigIntField()
    client_key = fields.CharField(40)
    body_mark = fields.CharField(64)
    way = fields.CharEnumField(SaleWay, max_length=8)
    state = fields.CharEnumField(SaleState, max_length=12)
    amount_dong = fields.BigIntField()
    received_dong = fields.BigIntField(default=0)
    extra_dong = fields.BigIntField(default=0)
    noted_dong = fields.BigIntField(default=0)
    said_dong = fields.BigIntField(default=0)
    code = fields.CharField(16, default="")
    notice_id = fields.BigIntField(null=True, unique=True)
    person_id = fields.BigIntField(null=True)
    note = fields.CharField(120, default="")
    day = fields.DateField()
    made_at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    confirmed_by = fields.BigIntField(null=True)
    lines: fields.ReverseRelation["TillLine"]

    class Meta:
        table = "till_sale"
        unique_together = (("vendor_id", "client_key"),)
        indexes = (("vendor_id", "day"), ("vendor_id", "id"), ("state", "made_at"))


class TillLine(Model):
    """Goods tapped for a stall sale, as they were called and cost then."""

    id = fields.BigIntField(primary_key=True)
    sale: fields.ForeignKeyRelation[TillSale] = fields.ForeignKeyField(
        "orders.TillSale", related_name="lines"
    )
    sale_id: int
    listing_id = fields.BigIntField()
    name = fields.CharField(120)
    unit = fields.CharField(40)
    price_dong = fields.BigIntField()
    quantity = fields.IntField()
    sum_dong = fields.BigIntField()

    class Meta:
        table = "till_line"
        indexes = (("sale_id",),)


class TillEvent(Model):
    """Something that happened at a till, numbered for each seller without gaps; what open screens catch up from."""

    id = fields.BigIntField(primary_key=True)
    vendor_id = fields.BigIntField()
    seq = fields.BigIntField()
    sale_id = fields.BigIntField(null=True)
    kind = fields.CharField(16)
    amount_dong = fields.BigIntField(default=0)
    other_dong = fields.BigIntField(default=0)
    at = fields.DatetimeField()

    class Meta:
        table = "till_event"
        unique_together = (("vendor_id", "seq"),)


class TillDay(Model):
    """A day of a till as its seller closed it; never changed, corrections are appended."""

    id = fields.BigIntField(primary_key=True)
    vendor_id = fields.BigIntField()
    day = fields.DateField()
    float_dong = fields.BigIntField()
    counted_dong = fields.BigIntField()
    notes: fields.JSONField[dict[str, int]] = fields.JSONField(default=dict)
    cash_dong = fields.BigIntField()
    seen_dong = fields.BigIntField()
    plate_dong = fields.BigIntField()
    said_dong = fields.BigIntField()
    open_dong = fields.BigIntField()
    sales = fields.IntField()
    difference_dong = fields.BigIntField()
    reason = fields.CharField(300, default="")
    closed_by = fields.BigIntField()
    closed_at = fields.DatetimeField()
    corrections: fields.ReverseRelation["TillCorrection"]

    class Meta:
        table = "till_day"
        unique_together = (("vendor_id", "day"),)


class TillCorrection(Model):
    """What a closed day should have said: by the seller with a reason, or by a sale that came in afterwards."""

    id = fields.BigIntField(primary_key=True)
    closed: fields.ForeignKeyRelation[TillDay] = fields.ForeignKeyField(
        "orders.TillDay", related_name="corrections"
    )
    closed_id: int
    way = fields.CharField(8)
    amount_dong = fields.BigIntField()
    reason = fields.CharField(300)
    sale_id = fields.BigIntField(null=True)
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "till_correction"
        indexes = (("closed_id",),)


class MarketFee(Model):
    """What a market asks of a trader for one month: stall, power, cleaning; paid into the market's own account.

    `cash_dong` is what of it the board took in cash, `cash_by` who noted that.
    """

    id = fields.BigIntField(primary_key=True)
    market_id = fields.BigIntField()
    vendor_id = fields.BigIntField()
    stall = fields.CharField(20)
    month = fields.DateField()
    stall_dong = fields.BigIntField(default=0)
    power_dong = fields.BigIntField(default=0)
    cleaning_dong = fields.BigIntField(default=0)
    total_dong = fields.BigIntField()
    state = fields.CharEnumField(FeeState, max_length=8, default=FeeState.OPEN)
    received_dong = fields.BigIntField(default=0)
    extra_dong = fields.BigIntField(default=0)
    cash_dong = fields.BigIntField(default=0)
    cash_by = fields.BigIntField(null=True)
    due_on = fields.DateField()
    billed_by = fields.BigIntField()
    billed_at = fields.DatetimeField()
    paid_at = fields.DatetimeField(null=True)
    voided_at = fields.DatetimeField(null=True)
    voided_because = fields.CharField(200, default="")

    class Meta:
        table = "market_fee"
        indexes = (("market_id", "month"), ("vendor_id", "month"), ("market_id", "state"))
