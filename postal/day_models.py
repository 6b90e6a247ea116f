"""The tables of the staff's day: proofs from the door, acts in doubt, hand-over lists and the evening's count."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class ProofKind(StrEnum):
    """What shows that a parcel was given to somebody, or that nobody was there."""

    PHOTO = "photo"
    SIGNATURE = "signature"


class HandOverKind(StrEnum):
    """Between whom parcels change hands."""

    LOAD_OUT = "load_out"
    TRANSFER = "transfer"
    BRING_IN = "bring_in"


class HandOverState(StrEnum):
    """A list is open while the giver scans, closed until the receiver has scanned, then received."""

    OPEN = "open"
    CLOSED = "closed"
    RECEIVED = "received"


class ParcelProof(Model):
    """A sealed picture that belongs to an event; the file is deleted when `delete_at` has come, the row says when."""

    id = fields.BigIntField(primary_key=True)
    parcel: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("postal.Parcel", related_name="proofs")
    parcel_id: int
    event_key = fields.CharField(80)
    kind = fields.CharEnumField(ProofKind, max_length=10)
    key = fields.CharField(80)
    person_id = fields.BigIntField()
    made_at = fields.DatetimeField()
    delete_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "parcel_proof"
        indexes = (("parcel_id", "event_key"), ("deleted_at", "delete_at"))


class DoubtfulAct(Model):
    """An act from a phone that cannot be true beside what others did; it moved nothing and waits for a person."""

    id = fields.BigIntField(primary_key=True)
    parcel: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("postal.Parcel", related_name="doubts")
    parcel_id: int
    event_key = fields.CharField(80)
    person_id = fields.BigIntField()
    act = fields.CharField(30)
    reason = fields.CharField(40, default="")
    note = fields.CharField(300, default="")
    why = fields.CharField(20)
    collected_dong = fields.BigIntField(default=0)
    happened_at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.BigIntField(null=True)
    outcome = fields.CharField(300, default="")

    class Meta:
        table = "doubtful_act"
        unique_together = (("parcel", "event_key"),)
        indexes = (("settled_at", "received_at"),)


class HandOver(Model):
    """A list of parcels that one person gives and another takes, each scanning every parcel."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharEnumField(HandOverKind, max_length=10)
    state = fields.CharEnumField(HandOverState, max_length=10, default=HandOverState.OPEN)
    place = fields.CharField(120, default="")
    giver_id = fields.BigIntField()
    taker_id = fields.BigIntField(null=True)
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    received_at = fields.DatetimeField(null=True)
    note = fields.CharField(300, default="")

    class Meta:
        table = "hand_over"
        indexes = (("state", "opened_at"), ("opened_at",))


class HandOverLine(Model):
    """One parcel of a list: scanned by the giver, by the taker, or by one of them only, and whole or damaged."""

    id = fields.BigIntField(primary_key=True)
    hand_over: fields.ForeignKeyRelation[HandOver] = fields.ForeignKeyField(
        "postal.HandOver", related_name="lines"
    )
    hand_over_id: int
    parcel: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("postal.Parcel", related_name="lists")
    parcel_id: int
    given_at = fields.DatetimeField(null=True)
    taken_at = fields.DatetimeField(null=True)
    is_damaged = fields.BooleanField(default=False)

    class Meta:
        table = "hand_over_line"
        unique_together = (("hand_over", "parcel"),)
        indexes = (("parcel_id",),)


class Debrief(Model):
    """The evening's count with one carrier: parcels and cash as they should be and as they were found."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    day = fields.DateField()
    clerk_id = fields.BigIntField()
    delivered = fields.IntField()
    failed = fields.IntField()
    still_out = fields.IntField()
    cash_due_dong = fields.BigIntField()
    cash_dong = fields.BigIntField()
    notes_counted: fields.JSONField[dict[str, int]] = fields.JSONField(default=dict)
    note = fields.CharField(300, default="")
    closed_at = fields.DatetimeField()
    agreed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "debrief"
        unique_together = (("person_id", "day"),)
        indexes = (("day",),)
