"""Sheets of goods on their way in: imports, their rows, and how a seller names columns."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vendors.models.sellers import Vendor


class ImportState(StrEnum):
    """How far a sheet of listings has come."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    WORKING = "working"
    DONE = "done"


class RowState(StrEnum):
    """What becomes of one row of a sheet: new goods, changed ones, nothing to change, or a mistake."""

    NEW = "new"
    CHANGE = "change"
    SAME = "same"
    FAULTY = "faulty"
    DONE = "done"


class ListingImport(Model):
    """A sheet of listings that a vendor, or an administrator for one, sent in."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "vendors.Vendor", related_name="imports"
    )
    vendor_id: int
    person_id = fields.BigIntField()
    file_name = fields.CharField(160)
    file_hash = fields.CharField(64)
    file_key = fields.CharField(120)
    state = fields.CharEnumField(ImportState, max_length=20, default=ImportState.UPLOADED)
    heads: fields.JSONField[list[str]] = fields.JSONField(default=list)
    mapping: fields.JSONField[dict[str, str]] = fields.JSONField(default=dict)
    default_kind = fields.CharField(30, default="")
    fault: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)
    photos_key = fields.CharField(120, default="")
    rows = fields.IntField(default=0)
    created_at = fields.DatetimeField(auto_now_add=True)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "listing_import"
        indexes = (("vendor_id", "id"),)


class ImportRow(Model):
    """One row of a sheet as it stands there, and what becomes of it. `number` is its row in the sheet."""

    id = fields.BigIntField(primary_key=True)
    sheet: fields.ForeignKeyRelation[ListingImport] = fields.ForeignKeyField(
        "vendors.ListingImport", related_name="lines"
    )
    sheet_id: int
    number = fields.IntField()
    cells: fields.JSONField[list[str]] = fields.JSONField(default=list)
    content: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)
    faults: fields.JSONField[list[dict[str, object]]] = fields.JSONField(default=list)
    state = fields.CharEnumField(RowState, max_length=20)
    listing_id = fields.BigIntField(null=True)

    class Meta:
        table = "import_row"
        unique_together = (("sheet", "number"),)
        indexes = (("sheet_id", "state", "number"),)


class ImportMapping(Model):
    """Which columns a vendor said hold what, remembered by the sheet's heads."""

    id = fields.BigIntField(primary_key=True)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "vendors.Vendor", related_name="mappings"
    )
    vendor_id: int
    heads_hash = fields.CharField(64)
    mapping: fields.JSONField[dict[str, str]] = fields.JSONField(default=dict)
    default_kind = fields.CharField(30, default="")

    class Meta:
        table = "import_mapping"
        unique_together = (("vendor", "heads_hash"),)


class ImportPhoto(Model):
    """A photo of a sheet's ZIP, by its name there; kept small once a row needs it, or with what is wrong with it."""

    id = fields.BigIntField(primary_key=True)
    sheet: fields.ForeignKeyRelation[ListingImport] = fields.ForeignKeyField(
        "vendors.ListingImport", related_name="photos"
    )
    sheet_id: int
    name = fields.CharField(200)
    token = fields.CharField(1000, default="")
    reason = fields.CharField(20, default="")
    is_ready = fields.BooleanField(default=False)

    class Meta:
        table = "import_photo"
        unique_together = (("sheet", "name"),)
        indexes = (("sheet_id", "is_ready", "id"),)
