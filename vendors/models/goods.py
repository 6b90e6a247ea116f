"""Goods: listings, photos, certificates, stock moves."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vendors.models.sellers import Vendor


class ListingState(StrEnum):
    """Where a listing stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ON_SALE = "on_sale"
    RETURNED = "returned"
    HIDDEN = "hidden"
    TAKEN_DOWN = "taken_down"


class CertificateState(StrEnum):
    """How far an OCOP certificate is believed; only a confirmed one gives stars."""

    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    ENDED = "ended"


class StockMoveKind(StrEnum):
    """Why stock changed."""

    STOCKED = "stocked"
    RESERVED = "reserved"
    RELEASED = "released"
    SOLD = "sold"
    UNSOLD = "unsold"


class Listing(Model):
    """Something on sale. `stock` is what can be ordered now; what waits for payment is `reserved`.

    With variants `price_dong` is the lowest of their prices, `price_to_dong` the highest (null without variants),
    `unit` and `weight_g` are the cheapest one's, and the three counts are sums over them. While goods are sold ahead of
    their harvest the four dates are set and `takes_orders` says whether today lies in the window; a round keeps both.
    Sold by weight, a piece is a portion of about `portion_g`, `price_dong` its price at `price_per_kg_dong`, and what
    is packed may weigh `band_percent` more or less; `is_heavier_charged` says whether the buyer pays for more.
    `rated` buyers gave `rated_stars` stars together, without what was taken down.
    `sent_id` is the id that the page or the phone gave the form it came with, so that the same form makes one listing;
    `sent_hash` tells whether it was the same.
    """

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
    price_to_dong = fields.BigIntField(null=True)
    price_per_kg_dong = fields.BigIntField(null=True)
    portion_g = fields.IntField(null=True)
    band_percent = fields.IntField(null=True)
    is_heavier_charged = fields.BooleanField(default=False)
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
    sent_id = fields.CharField(40, null=True)
    sent_hash = fields.CharField(64, default="")
    approved_price_dong = fields.BigIntField(null=True)
    state = fields.CharEnumField(ListingState, max_length=20, default=ListingState.DRAFT)
    returned_because = fields.CharField(300, default="")
    harvested_on = fields.DateField(null=True)
    best_before = fields.DateField(null=True)
    preorder_from = fields.DateField(null=True)
    preorder_to = fields.DateField(null=True)
    ships_from = fields.DateField(null=True)
    ships_to = fields.DateField(null=True)
    takes_orders = fields.BooleanField(default=True)
    rated = fields.IntField(default=0)
    rated_stars = fields.IntField(default=0)
    is_demo = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "listing"
        unique_together = (("vendor", "sent_id"),)
        indexes = (("vendor_id", "state"), ("state", "changed_at"))


class Variant(Model):
    """A size or quality of a listing with a price and a shelf of its own; changed only under its listing's lock.

    One that the seller takes away is kept, not `is_offered`, because orders and stock moves name it.
    """

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="variants"
    )
    listing_id: int
    position = fields.IntField(default=0)
    name = fields.CharField(60)
    price_dong = fields.BigIntField()
    approved_price_dong = fields.BigIntField(null=True)
    unit = fields.CharField(40)
    weight_g = fields.IntField()
    stock = fields.IntField(default=0)
    reserved = fields.IntField(default=0)
    sold = fields.IntField(default=0)
    is_offered = fields.BooleanField(default=True)

    class Meta:
        table = "variant"
        unique_together = (("listing", "name"),)


class HarvestLot(Model):
    """What was harvested or made on one day at one place; `on_shelf` is the part of the shelf's stock from it.

    Written only under its listing's lock.
    """

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="lots"
    )
    listing_id: int
    variant: fields.ForeignKeyNullableRelation[Variant] = fields.ForeignKeyField(
        "vendors.Variant", related_name="lots", null=True
    )
    variant_id: int | None
    harvested_on = fields.DateField()
    best_before = fields.DateField(null=True)
    plot = fields.CharField(160)
    quantity = fields.IntField()
    on_shelf = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "harvest_lot"
        indexes = (("listing_id", "on_shelf"), ("variant_id",))


class LotUse(Model):
    """How many pieces of a lot a reference was served with; given back when the reference was released."""

    id = fields.BigIntField(primary_key=True)
    lot: fields.ForeignKeyRelation[HarvestLot] = fields.ForeignKeyField(
        "vendors.HarvestLot", related_name="uses"
    )
    lot_id: int
    reference = fields.CharField(60)
    quantity = fields.IntField()
    is_back = fields.BooleanField(default=False)

    class Meta:
        table = "lot_use"
        unique_together = (("lot", "reference"),)
        indexes = (("reference",),)


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
    blur_url = fields.CharField(800, default="")
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
    """One change of a listing's stock, or of one variant's; unique by what caused it, so a repeat changes nothing.

    The rule is `stock_move_once_by_hand`: by listing, kind, reference and variant, no variant being one of them.
    """

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "vendors.Listing", related_name="moves"
    )
    listing_id: int
    variant: fields.ForeignKeyNullableRelation[Variant] = fields.ForeignKeyField(
        "vendors.Variant", related_name="moves", null=True
    )
    variant_id: int | None
    kind = fields.CharEnumField(StockMoveKind, max_length=20)
    quantity = fields.IntField()
    reference = fields.CharField(60)
    at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "stock_move"
        indexes = (("reference",), ("variant_id",))
