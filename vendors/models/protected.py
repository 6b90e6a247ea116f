"""Protected names of places: the registered name, the communes it covers, and who may use it."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vendors.models.sellers import Vendor


class NameSort(StrEnum):
    """What protects a name (Law on Intellectual Property 50/2005/QH11, articles 79 and 87)."""

    INDICATION = "indication"
    CERTIFICATION = "certification"
    COLLECTIVE = "collective"


class UseState(StrEnum):
    """How far a seller's right to a name is believed; only a confirmed one gives the badge."""

    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    ENDED = "ended"


class ProtectedName(Model):
    """A geographical indication or mark: what it is registered for and who manages it. `kinds` are codes of goods.

    `phrases` are the words by which a listing uses the name, one a line; the name itself when there is none.
    """

    id = fields.BigIntField(primary_key=True)
    slug = fields.CharField(80, unique=True)
    name = fields.CharField(120)
    sort = fields.CharEnumField(NameSort, max_length=20, default=NameSort.INDICATION)
    number = fields.CharField(40, default="")
    decision_no = fields.CharField(60, default="")
    registered_on = fields.DateField(null=True)
    product = fields.CharField(160)
    kinds: fields.JSONField[list[str]] = fields.JSONField(default=list)
    phrases = fields.CharField(400, default="")
    body = fields.CharField(200, default="")
    about = fields.TextField(default="")
    is_live = fields.BooleanField(default=True)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "protected_name"


class ProtectedArea(Model):
    """A commune that a name covers: as the register says it (often one that is no more), and what it is today."""

    id = fields.BigIntField(primary_key=True)
    of: fields.ForeignKeyRelation[ProtectedName] = fields.ForeignKeyField(
        "vendors.ProtectedName", related_name="areas"
    )
    of_id: int
    code = fields.CharField(8)
    commune = fields.CharField(120)
    was = fields.CharField(120, default="")

    class Meta:
        table = "protected_area"
        unique_together = (("of", "code", "was"),)


class NameUse(Model):
    """A seller's right to a protected name by a decision of the body that manages it."""

    id = fields.BigIntField(primary_key=True)
    of: fields.ForeignKeyRelation[ProtectedName] = fields.ForeignKeyField(
        "vendors.ProtectedName", related_name="uses"
    )
    of_id: int
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "vendors.Vendor", related_name="name_uses"
    )
    vendor_id: int
    decision_no = fields.CharField(60)
    decided_on = fields.DateField()
    valid_to = fields.DateField(null=True)
    state = fields.CharEnumField(UseState, max_length=20, default=UseState.SUBMITTED)
    returned_because = fields.CharField(300, default="")
    ended_on = fields.DateField(null=True)
    document_key = fields.CharField(80, default="")
    created_at = fields.DatetimeField(auto_now_add=True)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "name_use"
        unique_together = (("of", "vendor", "decision_no"),)
        indexes = (("vendor_id", "state"), ("state", "id"))
