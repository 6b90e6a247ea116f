"""People's tables: persons, roles, one-time codes, sessions, tokens, and the audit trail."""

from tortoise import fields
from tortoise.models import Model


class Person(Model):
    """Somebody who signs in with a phone number (E.164)."""

    id = fields.BigIntField(primary_key=True)
    phone = fields.CharField(16, unique=True)
    name = fields.CharField(120, default="")
    language = fields.CharField(2, default="")
    speech = fields.CharField(12, default="")
    is_blocked = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(auto_now_add=True)
    grants: fields.ReverseRelation["Grant"]

    class Meta:
        table = "person"


class Grant(Model):
    """A role a person holds, over a scope (a vendor's number, a market's, a commune's code, or all: '')."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "accounts.Person", related_name="grants"
    )
    person_id: int
    role = fields.CharField(20)
    scope = fields.CharField(40, default="")
    granted_by = fields.BigIntField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "role_grant"
        unique_together = (("person", "role", "scope"),)
        indexes = (("role", "scope"),)


class SignInCode(Model):
    """A one-time code sent to a phone; only its hash is kept."""

    id = fields.BigIntField(primary_key=True)
    phone = fields.CharField(16)
    purpose = fields.CharField(20, default="sign_in")
    code_hash = fields.CharField(64)
    address = fields.CharField(64, default="")
    tries = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in_code"
        indexes = (("phone", "created_at"), ("address", "created_at"))


class TextMessage(Model):
    """A text waiting to go to a phone or gone there; its words are wiped once it is sent or came too late."""

    id = fields.BigIntField(primary_key=True)
    phone = fields.CharField(16)
    words = fields.TextField()
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "text_message"


class Session(Model):
    """A signed-in browser; the cookie's token is kept only as a hash."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(64, unique=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "accounts.Person", related_name="sessions"
    )
    person_id: int
    address = fields.CharField(64, default="")
    browser = fields.CharField(200, default="")
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "session"
        indexes = (("person_id",),)


class ApiToken(Model):
    """A bearer token a person made for a program of theirs; kept as a hash."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "accounts.Person", related_name="tokens"
    )
    person_id: int
    token_hash = fields.CharField(64, unique=True)
    label = fields.CharField(80)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_token"
        indexes = (("person_id",),)


class AuditEntry(Model):
    """Who did what to what, when; written in the transaction of the act, never changed."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField(auto_now_add=True)
    person_id = fields.BigIntField(null=True)
    action = fields.CharField(60)
    subject_kind = fields.CharField(40)
    subject_id = fields.CharField(60)
    details: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)

    class Meta:
        table = "audit_entry"
        indexes = (("subject_kind", "subject_id"), ("person_id", "at"))
