"""Vendors' tables: markets, vendors, stalls, receiving accounts, listings, photos, certificates, stock moves."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class VendorKind(StrEnum):
    """What a vendor is before the law."""

    HOUSEHOLD = "household"
    GROWER = "grower"
    COOPERATIVE = "cooperative"
    FIRM = "firm"


class VendorState(StrEnum):
    """How far a vendor has come aboard."""

    DRAFT = "draft"
    CAN_SELL = "can_sell"
    SUSPENDED = "suspended"


class ListingState(StrEnum):
    """Where a listing stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ON_SALE = "on_sale"
    RETURNED = "returned"
    HIDDEN = "hidden"


class CertificateState(StrEnum):
    """How far an OCOP certificate is believed; only a confirmed one gives stars."""

    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    ENDED = "ended"


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


class StockMoveKind(StrEnum):
    """Why stock changed."""

    STOCKED = "stocked"
    RESERVED = "reserved"
    RELEASED = "released"
    SOLD = "sold"


class Bank(Model):
    """An institution that receives VietQR transfers, by its six-digit BIN; editable by administrators."""

    bin = fields.CharField(6, primary_key=True)
    code = fields.CharField(30)
    name = fields.CharField(120)
    kind = fields.CharField(20)
    is_shown = fields.BooleanField(default=True)

    class Meta:
        table = "bank"


class Market(Model):
    """A traditional market."""

    id = fields.BigIntField(primary_key=True)
    slug = fields.CharField(80, unique=True)
    name = fields.CharField(120)
    commune_code = fields.CharField(8)
    commune = fields.CharField(120)
    line = fields.CharField(200, default="")
    about = fields.TextField(default="")
    schedule = fields.CharField(120, default="")

    class Meta:
        table = "market"


class Vendor(Model):
    """A household, grower, cooperative or firm that sells."""

    id = fields.BigIntField(primary_key=True)
    slug = fields.CharField(120, unique=True)
    kind = fields.CharEnumField(VendorKind, max_length=20)
    name = fields.CharField(160)
    name_key = fields.CharField(400)
    contact_name = fields.CharField(120)
    phone = fields.CharField(16)
    commune_code = fields.CharField(8)
    commune = fields.CharField(120)
    province = fields.CharField(120)
    line = fields.CharField(200, default="")
    about = fields.TextField(default="")
    state = fields.CharEnumField(VendorState, max_length=20, default=VendorState.DRAFT)
    is_demo = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "vendor"


class Stall(Model):
    """A place in a market where a vendor sells."""

    id = fields.BigIntField(primary_key=True)
    market: fields.ForeignKeyRelation[Market] = fields.ForeignKeyField(
        "vendors.Market", related_name="stalls"
    )
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "vendors.Vendor", related_name="stalls"
    )
    market_id: int
    vendor_id: int
    number = fields.CharField(20)

    class Meta:
        table = "stall"
        unique_together = (("market", "number"),)
        indexes = (("vendor_id",),)


class ReceivingAccount(Model):
    """A bank account or Mobile Money account that buyers pay a vendor on."""

    id = fields.BigIntField(primary_key=True)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "vendors.Vendor", related_name="accounts"
    )
    vendor_id: int
    bin = fields.CharField(6)
    number = fields.CharField(19)
    holder = fields.CharField(80)
    is_default = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "receiving_account"
        unique_together = (("vendor", "bin", "number"),)


class Listing(Model):
    """Something on sale. `stock` is what can be ordered now; what waits for payment is `reserved`."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    slug = fields.CharField(160)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "vendors.Vendor", related_name="listings"
    )
    vendor_id: int
    name = fields.CharField(120)
    kind = fields.CharField(30)
    price_dong = fields.BigIntField()
    unit = fields.CharField(40)
    weight_g = fields.IntField()
    stock = fields.IntField()
    reserved = fields.IntField(default=0)
    sold = fields.IntField(default=0)
    commune_code = fields.CharField(8)
    commune = fields.CharField(120)
    province = fields.CharField(120)
    about = fields.TextField(default="")
    art = fields.CharField(30)
    is_adult_only = fields.BooleanField(default=False)
    own_code = fields.CharField(40, default="")
    approved_price_dong = fields.BigIntField(null=True)
    state = fields.CharEnumField(ListingState, max_length=20, default=ListingState.DRAFT)
    returned_because = fields.CharField(300, default="")
    is_demo = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "listing"
        indexes = (("vendor_id", "state"), ("state", "changed_at"))


class Photo(Model):
    """A photo of a listing, kept re-encoded and without metadata."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="photos"
    )
    listing_id: int
    position = fields.IntField(default=0)
    key = fields.CharField(120)
    width_px = fields.IntField()
    height_px = fields.IntField()
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "photo"
        unique_together = (("listing", "key"),)


class Certificate(Model):
    """An OCOP certificate of a listing; its stars are shown only while it is confirmed and valid."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="certificates"
    )
    listing_id: int
    product = fields.CharField(160, default="")
    stars = fields.IntField()
    points = fields.DecimalField(5, 2, null=True)
    decision_no = fields.CharField(60, default="")
    decided_on = fields.DateField(null=True)
    valid_to = fields.DateField(null=True)
    valid_because = fields.CharField(300, default="")
    issuer_level = fields.CharField(20, default="")
    criteria = fields.CharField(40, default="")
    state = fields.CharEnumField(CertificateState, max_length=20, default=CertificateState.CONFIRMED)
    returned_because = fields.CharField(300, default="")
    ended_on = fields.DateField(null=True)
    document_key = fields.CharField(80, default="")
    lapse_shown = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "certificate"
        indexes = (("listing_id", "valid_to"), ("state", "valid_to"))


class CertificateWarning(Model):
    """That the end of a certificate was told so many months ahead; unique, so it is told once."""

    id = fields.BigIntField(primary_key=True)
    certificate: fields.ForeignKeyRelation[Certificate] = fields.ForeignKeyField(
        "vendors.Certificate", related_name="warnings"
    )
    certificate_id: int
    months = fields.IntField()
    valid_to = fields.DateField()
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "certificate_warning"
        unique_together = (("certificate", "months", "valid_to"),)


class StockMove(Model):
    """One change of a listing's stock; unique by what caused it, so a repeat changes nothing."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="moves"
    )
    listing_id: int
    kind = fields.CharEnumField(StockMoveKind, max_length=20)
    quantity = fields.IntField()
    reference = fields.CharField(60)
    at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "stock_move"
        unique_together = (("listing", "kind", "reference"),)
        indexes = (("reference",),)


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
