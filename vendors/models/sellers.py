"""Sellers and where they sell: markets, vendors, stalls, receiving accounts, identities and their papers."""

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


class IdentityState(StrEnum):
    """How far the market knows who a vendor is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    VERIFIED = "verified"
    CAN_SELL = "can_sell"
    SUSPENDED = "suspended"


class AccountChangeKind(StrEnum):
    """What happens to a vendor's receiving accounts."""

    ADD = "add"
    MAKE_DEFAULT = "make_default"
    REMOVE = "remove"


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
    """A traditional market. `desk_hours`: when its desk keeps goods for buyers; empty when it has none."""

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
    desk_hours = fields.CharField(120, default="")

    class Meta:
        table = "market"


class MarketZone(Model):
    """A part of a market where alike goods are sold; shown by `position`, then by name."""

    id = fields.BigIntField(primary_key=True)
    market: fields.ForeignKeyRelation[Market] = fields.ForeignKeyField("vendors.Market", related_name="zones")
    market_id: int
    name = fields.CharField(60)
    goods = fields.CharField(120, default="")
    position = fields.IntField(default=0)

    class Meta:
        table = "market_zone"
        unique_together = (("market", "name"),)


class Vendor(Model):
    """A household, grower, cooperative or firm that sells.

    `fetch_at` is where buyers may fetch (stall, desk, point), `fetch_hours` when somebody is at the stall.
    """

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
    identity_state = fields.CharEnumField(IdentityState, max_length=20, default=IdentityState.DRAFT)
    is_demo = fields.BooleanField(default=False)
    fetch_at: fields.JSONField[list[str]] = fields.JSONField(default=list)
    fetch_hours = fields.CharField(120, default="")
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "vendor"
        indexes = (("identity_state", "id"), ("phone",))


class VendorIdentity(Model):
    """Who a vendor is before the law (Law 122/2025/QH15, Art. 17.1c); a personal number only sealed.

    `full_name` is the person's or the representative's; `number_mark` finds equal numbers without opening any.
    Without `submitted_at` it is a draft that somebody wrote for the seller, who has not handed it in yet.
    """

    id = fields.BigIntField(primary_key=True)
    vendor: fields.OneToOneRelation[Vendor] = fields.OneToOneField("vendors.Vendor", related_name="identity")
    vendor_id: int
    full_name = fields.CharField(120)
    birth_date = fields.DateField(null=True)
    number_sealed = fields.CharField(200, default="")
    number_key_id = fields.CharField(16, default="")
    number_mark = fields.CharField(64, default="")
    number_masked = fields.CharField(20, default="")
    registered_name = fields.CharField(160, default="")
    tax_code = fields.CharField(13, default="")
    registration_no = fields.CharField(40, default="")
    address = fields.CharField(300, default="")
    doubts: fields.JSONField[list[str]] = fields.JSONField(default=list)
    submitted_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.BigIntField(null=True)
    verified_by = fields.CharField(20, default="")
    reference = fields.CharField(80, default="")
    because = fields.CharField(300, default="")

    class Meta:
        table = "vendor_identity"
        indexes = (("number_mark",), ("tax_code",), ("number_key_id",))


class IdentityDocument(Model):
    """A picture of a paper that proves an identity; kept sealed outside the public photos until `delete_at`."""

    id = fields.BigIntField(primary_key=True)
    identity: fields.ForeignKeyRelation[VendorIdentity] = fields.ForeignKeyField(
        "vendors.VendorIdentity", related_name="documents"
    )
    identity_id: int
    key = fields.CharField(80, unique=True)
    created_at = fields.DatetimeField()
    delete_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "identity_document"
        indexes = (("identity_id",), ("delete_at",))


class Stall(Model):
    """A place in a market where a vendor sells. `is_claimed` while the board has not confirmed who holds it."""

    id = fields.BigIntField(primary_key=True)
    market: fields.ForeignKeyRelation[Market] = fields.ForeignKeyField(
        "vendors.Market", related_name="stalls"
    )
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "vendors.Vendor", related_name="stalls"
    )
    zone: fields.ForeignKeyNullableRelation[MarketZone] = fields.ForeignKeyField(
        "vendors.MarketZone", related_name="stalls", null=True, on_delete=fields.SET_NULL
    )
    market_id: int
    vendor_id: int
    zone_id: int | None
    number = fields.CharField(20)
    photo_key = fields.CharField(64, default="")
    is_claimed = fields.BooleanField(default=False)

    class Meta:
        table = "stall"
        unique_together = (("market", "number"),)
        indexes = (("vendor_id",), ("zone_id",))


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
        indexes = (("number",),)


class AccountChange(Model):
    """A change of receiving accounts: asked for, confirmed by a code; once done only the number's end is kept."""

    id = fields.BigIntField(primary_key=True)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "vendors.Vendor", related_name="account_changes"
    )
    vendor_id: int
    kind = fields.CharEnumField(AccountChangeKind, max_length=20)
    account_id = fields.BigIntField(null=True)
    bin = fields.CharField(6)
    number = fields.CharField(19)
    holder = fields.CharField(80)
    makes_default = fields.BooleanField(default=False)
    person_id = fields.BigIntField()
    asked_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "account_change"
        indexes = (("vendor_id", "done_at"),)


class MarketAccount(Model):
    """An account that a market's fees are paid into: asked for, in force once its code was given; the newest counts."""

    id = fields.BigIntField(primary_key=True)
    market: fields.ForeignKeyRelation[Market] = fields.ForeignKeyField(
        "vendors.Market", related_name="accounts"
    )
    market_id: int
    bin = fields.CharField(6)
    number = fields.CharField(19)
    holder = fields.CharField(80)
    person_id = fields.BigIntField()
    asked_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "market_account"
        indexes = (("market_id", "done_at"),)
