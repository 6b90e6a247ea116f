"""The post's tables: postal points, parcels, and what happened to them; the rest by subject in files of their own."""

from tortoise import fields
from tortoise.models import Model

from postal.carrier_models import (
    CarrierAlert,
    CarrierArea,
    CarrierNotice,
    CarrierQuote,
    SenderBox,
    SenderCarrier,
    TwinParcel,
    TwinPush,
)
from postal.claim_models import CarrierClaim
from postal.collection_models import (
    CarrierBatch,
    CarrierStatement,
    CarrierStatementLine,
    CollectionStep,
    StatementDraft,
    StatementMapping,
)
from postal.day_models import (
    Debrief,
    DoubtfulAct,
    HandOver,
    HandOverKind,
    HandOverLine,
    HandOverState,
    ParcelProof,
    ProofKind,
)
from postal.states import BookingState, MoneyState, ParcelState

__all__ = [
    "CarrierAlert",
    "CarrierArea",
    "CarrierBatch",
    "CarrierClaim",
    "CarrierNotice",
    "CarrierQuote",
    "CarrierStatement",
    "CarrierStatementLine",
    "CollectionStep",
    "Debrief",
    "DoubtfulAct",
    "HandOver",
    "HandOverKind",
    "HandOverLine",
    "HandOverState",
    "Parcel",
    "ParcelEvent",
    "ParcelProof",
    "PostalPoint",
    "ProofKind",
    "SenderBox",
    "SenderCarrier",
    "StatementDraft",
    "StatementMapping",
    "TwinParcel",
    "TwinPush",
]


class PostalPoint(Model):
    """A post office that collects and delivers for some communes; `keeps_parcels`: people may fetch theirs there."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(120)
    commune_code = fields.CharField(8)
    commune = fields.CharField(120)
    line = fields.CharField(200, default="")
    hours = fields.CharField(120, default="")
    phone = fields.CharField(16, default="")
    keeps_parcels = fields.BooleanField(default=True)

    class Meta:
        table = "postal_point"
        indexes = (("commune_code",),)


class Parcel(Model):
    """One parcel from a vendor to a buyer; booked once per reference.

    `tracking_code` is the carrier's number. `cod_dong` is collected at the door, `fee_dong` what the carrier charges,
    `carrier_weight_g` what it weighed. `wish` is what its seller wants done with it: redeliver or send_back.
    `batch_id` is the list it went to a carrier without an interface in. `is_adult_only`: alcohol, whose taker's age is
    looked at before it is delivered. `market` is where it is collected, `weighed_g` what the scales said when it was
    accepted. `holder_id` is who is to collect it or has it out for delivery, `position` its place in their round when
    they put it in order by hand. `point_id` is the post office where its recipient fetches it, `kept_until` the last
    day there. `promised_days` are the most that its carrier's quote named, from collection on; None: the rate sheet's.
    """

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(20, unique=True, null=True)
    reference = fields.CharField(40, unique=True)
    order_code = fields.CharField(20, default="")
    carrier = fields.CharField(20)
    tracking_code = fields.CharField(40, default="")
    state = fields.CharEnumField(ParcelState, max_length=24, default=ParcelState.CREATED)
    sender_name = fields.CharField(160)
    sender_phone = fields.CharField(16)
    sender_line = fields.CharField(200)
    sender_commune_code = fields.CharField(8)
    sender_commune = fields.CharField(120)
    sender_province = fields.CharField(120)
    recipient_name = fields.CharField(120)
    recipient_phone = fields.CharField(16)
    recipient_line = fields.CharField(200)
    recipient_commune_code = fields.CharField(8)
    recipient_commune = fields.CharField(120)
    recipient_province = fields.CharField(120)
    recipient_old_commune_code = fields.CharField(8, default="")
    recipient_old_place = fields.CharField(300, default="")
    digital_address = fields.CharField(64, default="")
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    point_id = fields.BigIntField(null=True)
    kept_until = fields.DateField(null=True)
    contents = fields.CharField(300)
    weight_g = fields.IntField()
    value_dong = fields.BigIntField()
    attempts = fields.IntField(default=0)
    market = fields.CharField(120, default="")
    weighed_g = fields.IntField(null=True)
    holder_id = fields.BigIntField(null=True)
    position = fields.IntField(null=True)
    flags: fields.JSONField[list[str]] = fields.JSONField(default=list)
    vendor_id = fields.BigIntField(null=True)
    service = fields.CharField(40, default="")
    booking = fields.CharEnumField(BookingState, max_length=10, default=BookingState.WAITING)
    asked_at = fields.DatetimeField(null=True)
    looks = fields.IntField(default=0)
    refused_because = fields.CharField(200, default="")
    sort_code = fields.CharField(40, default="")
    batch_id = fields.BigIntField(null=True)
    cod_dong = fields.BigIntField(default=0)
    money = fields.CharEnumField(MoneyState, max_length=12, default=MoneyState.NONE)
    fee_dong = fields.BigIntField(null=True)
    promised_days = fields.SmallIntField(null=True)
    carrier_weight_g = fields.IntField(null=True)
    wish = fields.CharField(12, default="")
    is_adult_only = fields.BooleanField(default=False)
    heard_at = fields.DatetimeField(null=True)
    booked_at = fields.DatetimeField()
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "parcel"
        indexes = (
            ("state", "changed_at"),
            ("carrier", "tracking_code"),
            ("vendor_id", "booked_at"),
            ("carrier", "state", "heard_at"),
            ("holder_id", "state"),
            ("point_id", "state"),
            ("booked_at",),
        )


class ParcelEvent(Model):
    """One fact about a parcel, as told, never changed; unique by parcel and the teller's own key.

    A carrier's fact has its `code` and the notice it came in; `act` is then "told".
    """

    id = fields.BigIntField(primary_key=True)
    parcel: fields.ForeignKeyRelation[Parcel] = fields.ForeignKeyField("postal.Parcel", related_name="events")
    parcel_id: int
    event_key = fields.CharField(80)
    act = fields.CharField(30)
    state = fields.CharEnumField(ParcelState, max_length=24, null=True)
    reason = fields.CharField(40, default="")
    note = fields.CharField(300, default="")
    place = fields.CharField(120, default="")
    flags: fields.JSONField[list[str]] = fields.JSONField(default=list)
    code = fields.CharField(40, default="")
    notice_id = fields.BigIntField(null=True)
    person_id = fields.BigIntField(null=True)
    received_by = fields.CharField(20, default="")
    age_checked = fields.BooleanField(default=False)
    next_day = fields.DateField(null=True)
    happened_at = fields.DatetimeField()
    received_at = fields.DatetimeField()

    class Meta:
        table = "parcel_event"
        unique_together = (("parcel", "event_key"),)
        indexes = (("person_id", "happened_at"), ("happened_at",))
