"""People's tables: persons, roles, codes, factors, sessions, tokens, the trail, consents, requests, notices."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from accounts.factor_kinds import FactorKind
from accounts.notices import QUIET_FROM, QUIET_TO, NoticeKind, NoticeState, TryState


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
        indexes = (("phone", "created_at"), ("address", "created_at"), ("created_at",))


class WrongCode(Model):
    """A code that was not right when somebody signed in: from which address, and when; kept for a day."""

    id = fields.BigIntField(primary_key=True)
    address = fields.CharField(64)
    at = fields.DatetimeField()

    class Meta:
        table = "wrong_code"
        indexes = (("address", "at"), ("at",))


class Factor(Model):
    """A second factor of a person: a passkey's public key, or an app's secret (sealed); one of an app at most.

    `last_step` is the newest step of time (RFC 6238) whose code was used: none works twice. An app counts only once
    its first code was right (`confirmed_at`).
    """

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "accounts.Person", related_name="factors"
    )
    person_id: int
    kind = fields.CharEnumField(FactorKind, max_length=8)
    label = fields.CharField(60, default="")
    secret_sealed = fields.CharField(300, default="")
    credential_id = fields.CharField(1400, null=True, unique=True)
    public_key = fields.CharField(1400, default="")
    sign_count = fields.BigIntField(default=0)
    last_step = fields.BigIntField(default=0)
    created_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "factor"
        indexes = (("person_id",),)


class RecoveryCode(Model):
    """One of ten codes for when a factor is not at hand; only its HMAC is kept, and it works once."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "accounts.Person", related_name="recovery_codes"
    )
    person_id: int
    code_hash = fields.CharField(64)
    made_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "recovery_code"
        unique_together = (("person", "code_hash"),)


class SpentChallenge(Model):
    """A challenge that a passkey has answered: none is answered twice; kept for a day."""

    digest = fields.CharField(64, primary_key=True)
    at = fields.DatetimeField()

    class Meta:
        table = "spent_challenge"
        indexes = (("at",),)


class WrongFactor(Model):
    """A second factor that was not right: whose, and when; kept for a day."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "wrong_factor"
        indexes = (("person_id", "at"), ("at",))


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
    """A signed-in browser; the cookie's token is kept only as a hash.

    `code_at` and `factor_at` say when its person last showed a code sent to them, and a second factor.
    """

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
    code_at = fields.DatetimeField(null=True)
    factor_at = fields.DatetimeField(null=True)

    class Meta:
        table = "session"
        indexes = (("person_id",),)


class ApiToken(Model):
    """A bearer token a person made for a program of theirs; kept as a hash. `factor_at`: with a second factor."""

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
    factor_at = fields.DatetimeField(null=True)

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


class Consent(Model):
    """One yes or no of a person to one purpose, with its evidence; never changed, the newest one counts."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "accounts.Person", related_name="consents"
    )
    person_id: int
    purpose = fields.CharField(30)
    version = fields.IntField()
    is_given = fields.BooleanField()
    at = fields.DatetimeField()
    page = fields.CharField(120)
    address_mark = fields.CharField(64)
    session_id = fields.BigIntField(null=True)

    class Meta:
        table = "consent"
        indexes = (("person_id", "purpose", "id"),)


class RequestKind(StrEnum):
    """What a person asks for about their own data."""

    COPY = "copy"
    CORRECT = "correct"
    ERASE = "erase"


class RequestState(StrEnum):
    """Where such a request stands."""

    OPEN = "open"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PrivacyRequest(Model):
    """What a person asks about their data, with the clock of the law; a copy's file lies sealed until `file_until`."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "accounts.Person", related_name="requests"
    )
    person_id: int
    kind = fields.CharEnumField(RequestKind, max_length=10)
    state = fields.CharEnumField(RequestState, max_length=10, default=RequestState.OPEN)
    words = fields.CharField(1000, default="")
    asked_at = fields.DatetimeField()
    told_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    erase_at = fields.DatetimeField(null=True)
    extended_at = fields.DatetimeField(null=True)
    extended_because = fields.CharField(300, default="")
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.BigIntField(null=True)
    answer = fields.CharField(1000, default="")
    file_key = fields.CharField(80, default="")
    file_until = fields.DatetimeField(null=True)

    class Meta:
        table = "privacy_request"
        indexes = (("person_id", "state"), ("state", "due_at"))


class PersonNotice(Model):
    """Something a person was told, on their page of notices and by one way out of the market; once for each event.

    Title and words are kept as sentences (`accounts.notices.as_kept`), said in the language of the moment. No foreign
    key: acts that tell somebody must not wait for who changes their profile.
    """

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    event_key = fields.CharField(80)
    kind = fields.CharEnumField(NoticeKind, max_length=12)
    title: fields.JSONField[dict[str, object]] = fields.JSONField()
    words: fields.JSONField[dict[str, object]] = fields.JSONField()
    url = fields.CharField(120)
    state = fields.CharEnumField(NoticeState, max_length=8, default=NoticeState.WAITING)
    channel = fields.CharField(8, default="")
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "person_notice"
        unique_together = (("person_id", "event_key"),)
        indexes = (("person_id", "id"), ("created_at",))


class NoticeTry(Model):
    """How one channel does with one notice: how often it was tried, and the last trouble."""

    id = fields.BigIntField(primary_key=True)
    notice: fields.ForeignKeyRelation[PersonNotice] = fields.ForeignKeyField(
        "accounts.PersonNotice", related_name="tries"
    )
    notice_id: int
    channel = fields.CharField(8)
    state = fields.CharEnumField(TryState, max_length=8, default=TryState.TRYING)
    tries = fields.IntField(default=0)
    why = fields.CharField(200, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "notice_try"
        unique_together = (("notice", "channel"),)


class NoticeChoice(Model):
    """Whether a person wants one kind of notice by one channel, where they said so."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "accounts.Person", related_name="notice_choices"
    )
    person_id: int
    kind = fields.CharField(12)
    channel = fields.CharField(8)
    is_on = fields.BooleanField()

    class Meta:
        table = "notice_choice"
        unique_together = (("person", "kind", "channel"),)


class NoticeHours(Model):
    """A person's quiet hours (full hours in Vietnam) and mailbox; mail goes there only once it is confirmed."""

    id = fields.BigIntField(primary_key=True)
    person: fields.OneToOneRelation[Person] = fields.OneToOneField(
        "accounts.Person", related_name="notice_hours"
    )
    person_id: int
    quiet_from = fields.IntField(default=QUIET_FROM)
    quiet_to = fields.IntField(default=QUIET_TO)
    email = fields.CharField(200, default="")
    confirmed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notice_hours"


class PushDevice(Model):
    """A browser that shows notices by itself (Push API); it is told nothing any more once its session has ended."""

    id = fields.BigIntField(primary_key=True)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField(
        "accounts.Session", related_name="push_devices"
    )
    session_id: int
    endpoint = fields.CharField(600, unique=True)
    p256dh = fields.CharField(100)
    auth = fields.CharField(40)
    created_at = fields.DatetimeField()

    class Meta:
        table = "push_device"
        indexes = (("session_id",),)


class ZaloToken(Model):
    """The keys of the province's Zalo Official Account, sealed. A refresh key works once and gives the next one.

    `origin` marks the ZALO_REFRESH_TOKEN of the settings that this row began with.
    """

    id = fields.IntField(primary_key=True, generated=False)
    origin = fields.CharField(64)
    access = fields.TextField(default="")
    refresh = fields.TextField()
    expires_at = fields.DatetimeField()
    held_until = fields.DatetimeField(null=True)

    class Meta:
        table = "zalo_token"
