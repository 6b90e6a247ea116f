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


class StockMoveKind(StrEnum):
    """Why stock changed."""

    STOCKED = "stocked"
    RESERVED = "reserved"
    RELEASED = "released"
    SOLD = "sold"


class MarketKind(StrEnum):
    """What a market is for (Decree 60/2024/NĐ-CP)."""

    LOCAL = "local"
    WHOLESALE = "wholesale"


class ScheduleKind(StrEnum):
    """How a market's days are told."""

    UNKNOWN = "unknown"
    DAILY = "daily"
    WEEKLY = "weekly"
    LUNAR = "lunar"


class PlateVerdict(StrEnum):
    """What a scanned plate turned out to be, compared with the stall's receiving accounts."""

    SAME = "same"
    OLD = "old"
    DIFFERENT = "different"
    NOT_PAYMENT = "not_payment"


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
    kind = fields.CharEnumField(MarketKind, max_length=20, default=MarketKind.LOCAL)
    selling_points = fields.IntField(null=True)
    declared_class = fields.IntField(null=True)
    schedule_kind = fields.CharEnumField(ScheduleKind, max_length=10, default=ScheduleKind.UNKNOWN)
    schedule_days = fields.CharField(120, default="")
    operator = fields.CharField(200, default="")
    rules_text = fields.TextField(default="")
    rules_url = fields.CharField(300, default="")
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    has_no_signal = fields.BooleanField(default=False)

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
    photo_key = fields.CharField(64, default="")

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
    """An OCOP certificate of a listing; its stars are shown only while it is valid."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="certificates"
    )
    listing_id: int
    stars = fields.IntField()
    decision_no = fields.CharField(60, default="")
    decided_on = fields.DateField(null=True)
    valid_to = fields.DateField(null=True)
    issuer_level = fields.CharField(20, default="")

    class Meta:
        table = "certificate"
        indexes = (("listing_id", "valid_to"),)


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


class TraderInvitation(Model):
    """A trader whom a market's board knows by phone and stall, invited to come aboard."""

    id = fields.BigIntField(primary_key=True)
    market: fields.ForeignKeyRelation[Market] = fields.ForeignKeyField(
        "vendors.Market", related_name="invitations"
    )
    market_id: int
    phone = fields.CharField(16)
    name = fields.CharField(160)
    stall_number = fields.CharField(20)
    invited_by = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    texted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "trader_invitation"
        unique_together = (("market", "phone"), ("market", "stall_number"))


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
