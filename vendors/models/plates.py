"""Plates and who is asked in: invitations of traders, scans of plates, reports about them."""

from tortoise import fields
from tortoise.models import Model

from vendors.models.sellers import Market, MarketZone, PlateVerdict, Stall


class TraderInvitation(Model):
    """A trader whom a market's board knows by phone and stall, invited to come aboard."""

    id = fields.BigIntField(primary_key=True)
    market: fields.ForeignKeyRelation[Market] = fields.ForeignKeyField(
        "vendors.Market", related_name="invitations"
    )
    zone: fields.ForeignKeyNullableRelation[MarketZone] = fields.ForeignKeyField(
        "vendors.MarketZone", related_name="invitations", null=True, on_delete=fields.SET_NULL
    )
    market_id: int
    zone_id: int | None
    phone = fields.CharField(16)
    name = fields.CharField(160)
    stall_number = fields.CharField(20)
    invited_by = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    texted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "trader_invitation"
        unique_together = (("market", "phone"), ("market", "stall_number"))
        indexes = (("zone_id",),)


class PlateScan(Model):
    """One self-scan of a trader's plate: which account it named, by hash and last four, and the verdict."""

    id = fields.BigIntField(primary_key=True)
    stall: fields.ForeignKeyRelation[Stall] = fields.ForeignKeyField("vendors.Stall", related_name="scans")
    stall_id: int
    person_id = fields.BigIntField()
    verdict = fields.CharEnumField(PlateVerdict, max_length=20)
    seen_bin = fields.CharField(6, default="")
    seen_tail = fields.CharField(8, default="")
    seen_hash = fields.CharField(64, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "plate_scan"
        indexes = (("stall_id", "at"),)


class PlateReport(Model):
    """Somebody says that the plate at a stall is not the one its page shows."""

    id = fields.BigIntField(primary_key=True)
    stall: fields.ForeignKeyRelation[Stall] = fields.ForeignKeyField(
        "vendors.Stall", related_name="plate_reports"
    )
    stall_id: int
    person_id = fields.BigIntField(null=True)
    note = fields.CharField(500, default="")
    seen_bin = fields.CharField(6, default="")
    seen_tail = fields.CharField(8, default="")
    verdict = fields.CharField(20, default="")
    photo_key = fields.CharField(64, default="")
    at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.BigIntField(null=True)
    closing_note = fields.CharField(300, default="")

    class Meta:
        table = "plate_report"
        indexes = (("stall_id", "closed_at"),)
