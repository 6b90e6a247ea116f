"""The table of what the market claims from carriers for parcels that they lost or damaged."""

from tortoise import fields
from tortoise.models import Model

from postal.states import ClaimState


class CarrierClaim(Model):
    """Compensation claimed from an outside carrier for one parcel, in đồng.

    `answer_by` is when the carrier is to answer, `pay_by` when what it agreed to is to be there. `paid_to` is seller or
    market. `words` are the last that somebody wrote; all of them stand in the trail.
    """

    id = fields.BigIntField(primary_key=True)
    parcel: fields.OneToOneRelation[Model] = fields.OneToOneField("postal.Parcel", related_name="claim")
    parcel_id: int
    carrier = fields.CharField(20)
    vendor_id = fields.BigIntField()
    state = fields.CharEnumField(ClaimState, max_length=10, default=ClaimState.OPENED)
    claimed_dong = fields.BigIntField()
    agreed_dong = fields.BigIntField(null=True)
    paid_dong = fields.BigIntField(null=True)
    paid_to = fields.CharField(8, default="")
    words = fields.CharField(300, default="")
    opened_by = fields.BigIntField()
    opened_at = fields.DatetimeField()
    answer_by = fields.DateField()
    answered_at = fields.DatetimeField(null=True)
    pay_by = fields.DateField(null=True)
    paid_at = fields.DatetimeField(null=True)

    class Meta:
        table = "carrier_claim"
        indexes = (("state", "answer_by"),)
