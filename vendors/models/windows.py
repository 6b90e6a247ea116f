"""Shop windows outside: where else a listing is offered."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vendors.models.goods import Listing


class Floor(StrEnum):
    """A trading floor on which sellers of the province show goods."""

    POSTMART = "postmart"
    VOSO = "voso"
    PROVINCIAL = "provincial"
    SHOPEE = "shopee"
    TIKTOK = "tiktok"
    OTHER = "other"


class ShopWindow(Model):
    """A listing's address on a floor; the market never opens it, a person says when they last looked."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="windows"
    )
    listing_id: int
    floor = fields.CharEnumField(Floor, max_length=20)
    url = fields.CharField(500)
    listed_on = fields.DateField()
    checked_on = fields.DateField(null=True)
    checked_by = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "shop_window"
        unique_together = (("listing", "floor", "url"),)
        indexes = (("floor", "listing_id"),)
