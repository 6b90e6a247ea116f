"""What stands on the label of goods, as their seller writes it."""

from tortoise import fields
from tortoise.models import Model

from vendors.models.goods import Listing


class ListingLabel(Model):
    """The label's words by field (vendors/labels.py names them); kept with the listing, which is never deleted."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.OneToOneRelation[Listing] = fields.OneToOneField("vendors.Listing", related_name="label")
    listing_id: int
    words: fields.JSONField[dict[str, str]] = fields.JSONField(default=dict)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "listing_label"
