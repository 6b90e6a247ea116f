"""The table of sellers who take orders that are paid at the door."""

from tortoise import fields
from tortoise.models import Model


class DoorOffer(Model):
    """Whether a seller takes orders that are paid at the door, since when, and who said so."""

    vendor_id = fields.BigIntField(primary_key=True, generated=False)
    is_on = fields.BooleanField(default=False)
    changed_by = fields.BigIntField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "door_offer"
