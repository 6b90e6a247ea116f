"""Registries of OCOP certificates on their way in: the sheet of a department, and what becomes of each row."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class RegistryState(StrEnum):
    """How far a registry has come."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    WORKING = "working"
    DONE = "done"


class RecordState(StrEnum):
    """What becomes of a row: matched, open to doubt, nobody's here, known already, faulty, left out, or kept."""

    MATCHED = "matched"
    DOUBTFUL = "doubtful"
    UNKNOWN = "unknown"
    SAME = "same"
    FAULTY = "faulty"
    SKIPPED = "skipped"
    DONE = "done"


class CertificateRegistry(Model):
    """A registry of certificates that an administrator sent in."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    person_id = fields.BigIntField()
    file_name = fields.CharField(160)
    file_hash = fields.CharField(64)
    file_key = fields.CharField(120)
    state = fields.CharEnumField(RegistryState, max_length=20, default=RegistryState.UPLOADED)
    heads: fields.JSONField[list[str]] = fields.JSONField(default=list)
    mapping: fields.JSONField[dict[str, str]] = fields.JSONField(default=dict)
    issuer_level = fields.CharField(20, default="")
    rows = fields.IntField(default=0)
    created_at = fields.DatetimeField(auto_now_add=True)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "certificate_registry"
        indexes = (("file_hash", "state"),)


class RegistryRow(Model):
    """One certificate of a registry. `key` is its producer and product folded: a person's decision holds for both.

    `choices` are codes of listings it may be, the likeliest first; `is_decided` when a person chose.
    """

    id = fields.BigIntField(primary_key=True)
    registry: fields.ForeignKeyRelation[CertificateRegistry] = fields.ForeignKeyField(
        "vendors.CertificateRegistry", related_name="lines"
    )
    registry_id: int
    number = fields.IntField()
    cells: fields.JSONField[list[str]] = fields.JSONField(default=list)
    content: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)
    faults: fields.JSONField[list[dict[str, object]]] = fields.JSONField(default=list)
    key = fields.CharField(400, default="")
    choices: fields.JSONField[list[str]] = fields.JSONField(default=list)
    listing_id = fields.BigIntField(null=True)
    is_decided = fields.BooleanField(default=False)
    state = fields.CharEnumField(RecordState, max_length=20)

    class Meta:
        table = "registry_row"
        unique_together = (("registry", "number"),)
        indexes = (("registry_id", "state", "number"), ("key", "is_decided"))
