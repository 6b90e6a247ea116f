"""Tables of carriers: what they told, what a person has to see, areas, prices, and pretend parcels."""

from tortoise import fields
from tortoise.models import Model


class CarrierNotice(Model):
    """What a carrier told, as it came, before anybody read it; once for each body.

    `source` is hook, poll, list or sheet. `fault` says why nothing could be made of it.
    """

    id = fields.BigIntField(primary_key=True)
    carrier = fields.CharField(20)
    event_key = fields.CharField(64)
    source = fields.CharField(8)
    body = fields.TextField()
    received_at = fields.DatetimeField()
    handled_at = fields.DatetimeField(null=True)
    fault = fields.CharField(200, default="")

    class Meta:
        table = "carrier_notice"
        unique_together = (("carrier", "event_key"),)


class CarrierAlert(Model):
    """Something about a carrier that a person has to look at; one open for each kind and subject."""

    id = fields.BigIntField(primary_key=True)
    carrier = fields.CharField(20)
    kind = fields.CharField(20)
    subject = fields.CharField(80)
    parcel_id = fields.BigIntField(null=True)
    detail = fields.CharField(300, default="")
    times = fields.IntField(default=1)
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.BigIntField(null=True)

    class Meta:
        table = "carrier_alert"
        indexes = (("closed_at", "last_at"), ("parcel_id", "closed_at"))


class CarrierArea(Model):
    """A commune as a carrier numbers or spells it, and ours; `unit_code` is empty while nobody knows which.

    `structure` is the version of administrative units. `confirmed_by` is the person who chose, else a name matched.
    """

    id = fields.BigIntField(primary_key=True)
    carrier = fields.CharField(20)
    structure = fields.CharField(10)
    carrier_id = fields.CharField(40)
    carrier_name = fields.CharField(120)
    parent_id = fields.CharField(40)
    parent_name = fields.CharField(120)
    unit_code = fields.CharField(8, null=True)
    synced_at = fields.DatetimeField()
    confirmed_by = fields.BigIntField(null=True)

    class Meta:
        table = "carrier_area"
        unique_together = (("carrier", "structure", "carrier_id"),)
        indexes = (("carrier", "structure", "unit_code"),)


class SenderCarrier(Model):
    """A carrier that a seller offers its buyers; one of them is the default."""

    id = fields.BigIntField(primary_key=True)
    vendor_id = fields.BigIntField()
    carrier = fields.CharField(20)
    is_default = fields.BooleanField(default=False)

    class Meta:
        table = "sender_carrier"
        unique_together = (("vendor_id", "carrier"),)


class SenderBox(Model):
    """A box that a seller packs in, in whole centimetres, and what it holds at most."""

    id = fields.BigIntField(primary_key=True)
    vendor_id = fields.BigIntField()
    length_cm = fields.IntField()
    width_cm = fields.IntField()
    height_cm = fields.IntField()
    weight_max_g = fields.IntField()

    class Meta:
        table = "sender_box"
        indexes = (("vendor_id", "weight_max_g"),)


class CarrierQuote(Model):
    """What a carrier asked for a way, a weight and a worth, kept for a while so that it is the same when ordering."""

    id = fields.BigIntField(primary_key=True)
    carrier = fields.CharField(20)
    way = fields.CharField(80)
    offers: fields.JSONField[list[dict[str, str | int]]] = fields.JSONField(default=list)
    quoted_at = fields.DatetimeField()

    class Meta:
        table = "carrier_quote"
        unique_together = (("carrier", "way"),)


class TwinParcel(Model):
    """A parcel at a pretend carrier, with the steps it went; `asked` is the booking as it came."""

    id = fields.BigIntField(primary_key=True)
    carrier = fields.CharField(20)
    number = fields.CharField(40)
    reference = fields.CharField(60)
    asked: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)
    steps: fields.JSONField[list[dict[str, str]]] = fields.JSONField(default=list)
    fee_dong = fields.BigIntField()
    made_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    pushes: fields.ReverseRelation["TwinPush"]

    class Meta:
        table = "twin_parcel"
        unique_together = (("carrier", "number"),)
        indexes = (("carrier", "reference"), ("carrier", "changed_at"))


class TwinPush(Model):
    """A webhook that a pretend carrier sends: which step of which parcel, how often it should still arrive."""

    id = fields.BigIntField(primary_key=True)
    parcel: fields.ForeignKeyRelation[TwinParcel] = fields.ForeignKeyField(
        "postal.TwinParcel", related_name="pushes"
    )
    parcel_id: int
    step = fields.IntField()
    is_forged = fields.BooleanField(default=False)
    sends = fields.IntField(default=0)
    sends_left = fields.IntField(default=1)
    last_answer = fields.CharField(200, default="")
    made_at = fields.DatetimeField()

    class Meta:
        table = "twin_push"
        indexes = (("parcel_id",),)
