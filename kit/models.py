"""The ground's tables: the outbox, administrative units, and answers kept for repeated API calls."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class JobState(StrEnum):
    """Where a job of the outbox stands."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


class Job(Model):
    """A piece of work that a committed act left behind; the truth about it lives here, never in Redis.

    `came_from` is the request whose act left it, and when traces are on its place in the trace (kit/origin.py).
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(80)
    subject_id = fields.BigIntField()
    state = fields.CharEnumField(JobState, max_length=10, default=JobState.WAITING)
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField()
    leased_until = fields.DatetimeField(null=True)
    last_error = fields.TextField(default="")
    came_from = fields.CharField(80, default="")
    created_at = fields.DatetimeField(auto_now_add=True)
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox_job"


class AdminUnit(Model):
    """A province, district or commune of one structure version; codes are reused, so the key is (code, version)."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(8)
    version = fields.CharField(10)
    level = fields.CharField(10)
    parent_code = fields.CharField(8, null=True)
    name = fields.CharField(120)
    short_name = fields.CharField(120)
    type = fields.CharField(40)
    folded = fields.CharField(120)
    valid_from = fields.DateField(null=True)
    valid_to = fields.DateField(null=True)

    class Meta:
        table = "admin_unit"
        unique_together = (("code", "version"),)
        indexes = (("version", "level", "folded"), ("version", "parent_code"))


class AdminUnitSuccessor(Model):
    """What became of an old unit: wholly or partly part of a new one."""

    id = fields.BigIntField(primary_key=True)
    old_code = fields.CharField(8)
    old_version = fields.CharField(10)
    new_code = fields.CharField(8)
    new_version = fields.CharField(10)
    share = fields.CharField(10)

    class Meta:
        table = "admin_unit_successor"
        unique_together = (("old_code", "old_version", "new_code", "new_version"),)
        indexes = (("new_code", "new_version"),)


class DatedRule(Model):
    """A rule's value from a day on, with the law it comes from."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(60)
    valid_from = fields.DateField()
    value = fields.CharField(200)
    source = fields.CharField(300, default="")

    class Meta:
        table = "dated_rule"
        unique_together = (("name", "valid_from"),)


class KeptAnswer(Model):
    """The answer once given to an idempotency key, with the hash of what was asked."""

    id = fields.BigIntField(primary_key=True)
    asker = fields.CharField(80)
    key = fields.CharField(80)
    request_hash = fields.CharField(64)
    status = fields.IntField(null=True)
    body = fields.TextField(default="")
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "kept_answer"
        unique_together = (("asker", "key"),)


class Upload(Model):
    """A file on its way from one person's phone, under an id that the phone made; `received` bytes are here."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    client_id = fields.CharField(40)
    size = fields.IntField()
    sha256 = fields.CharField(64)
    received = fields.IntField(default=0)
    used_at = fields.DatetimeField(null=True)
    touched_at = fields.DatetimeField()
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "upload"
        unique_together = (("person_id", "client_id"),)
        indexes = (("touched_at",),)


class UploadChunk(Model):
    """A piece of an upload, as it arrived; deleted once the whole was used."""

    id = fields.BigIntField(primary_key=True)
    upload: fields.ForeignKeyRelation[Upload] = fields.ForeignKeyField("kit.Upload", related_name="chunks")
    upload_id: int
    starts_at = fields.IntField()
    content = fields.BinaryField()

    class Meta:
        table = "upload_chunk"
        unique_together = (("upload", "starts_at"),)
