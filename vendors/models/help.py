"""Assisted onboarding: households a digital team goes to, visits, difficulties, consents, and acts done for them."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vendors.models.sellers import Vendor


class HouseholdSource(StrEnum):
    """How a household came into the queue."""

    TEAM = "team"
    BOARD = "board"
    STUCK = "stuck"


class HouseholdState(StrEnum):
    """How far the visits to a household are."""

    WAITING = "waiting"
    PLANNED = "planned"
    VISITED = "visited"
    DONE = "done"
    DECLINED = "declined"


class Difficulty(StrEnum):
    """What keeps a household from the market."""

    NO_SMARTPHONE = "no_smartphone"
    NO_BANK_ACCOUNT = "no_bank_account"
    WEAK_SIGNAL = "weak_signal"
    NO_DATA_PLAN = "no_data_plan"
    SMALL_TYPE = "small_type"
    LANGUAGE = "language"
    TAX_FEAR = "tax_fear"
    FRAUD_FEAR = "fraud_fear"
    NO_PAPERS = "no_papers"
    NO_TIME = "no_time"
    OTHER = "other"


class HelpScope(StrEnum):
    """What a household may let a member of the team do for it."""

    ABOARD = "aboard"
    LISTINGS = "listings"
    IDENTITY = "identity"


class ConsentWay(StrEnum):
    """How a consent is proved."""

    CODE = "code"
    SIGNATURE = "signature"


class ConsentEnd(StrEnum):
    """Why a consent ended before its day."""

    PAGE = "page"
    LINK = "link"
    REPLACED = "replaced"


class HelpActKind(StrEnum):
    """What a member did for a household."""

    CAME_ABOARD = "came_aboard"
    LISTING_PUT_UP = "listing_put_up"
    LISTING_CHANGED = "listing_changed"
    IDENTITY_READ = "identity_read"
    IDENTITY_DRAFTED = "identity_drafted"


class HelpedHousehold(Model):
    """A household for the digital team of its commune to visit; known by its phone (E.164)."""

    id = fields.BigIntField(primary_key=True)
    phone = fields.CharField(16, unique=True)
    name = fields.CharField(160)
    line = fields.CharField(200, default="")
    commune_code = fields.CharField(8)
    commune = fields.CharField(120)
    province = fields.CharField(120)
    vendor: fields.ForeignKeyNullableRelation[Vendor] = fields.ForeignKeyField(
        "vendors.Vendor", related_name="households", null=True, on_delete=fields.SET_NULL
    )
    vendor_id: int | None
    source = fields.CharEnumField(HouseholdSource, max_length=10)
    state = fields.CharEnumField(HouseholdState, max_length=10, default=HouseholdState.WAITING)
    next_visit_on = fields.DateField(null=True)
    note = fields.CharField(500, default="")
    difficulty_words = fields.CharField(500, default="")
    added_by = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "helped_household"
        indexes = (("commune_code", "state", "next_visit_on"), ("state", "next_visit_on"), ("vendor_id",))


class HelpVisit(Model):
    """One visit: the day, who went, for how many minutes, what was done."""

    id = fields.BigIntField(primary_key=True)
    household: fields.ForeignKeyRelation[HelpedHousehold] = fields.ForeignKeyField(
        "vendors.HelpedHousehold", related_name="visits"
    )
    household_id: int
    person_id = fields.BigIntField()
    visited_on = fields.DateField()
    minutes = fields.IntField()
    done: fields.JSONField[list[str]] = fields.JSONField(default=list)
    note = fields.CharField(500, default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "help_visit"
        indexes = (("household_id", "visited_on"),)


class HouseholdDifficulty(Model):
    """One difficulty of one household, as it was last told."""

    id = fields.BigIntField(primary_key=True)
    household: fields.ForeignKeyRelation[HelpedHousehold] = fields.ForeignKeyField(
        "vendors.HelpedHousehold", related_name="difficulties"
    )
    household_id: int
    kind = fields.CharEnumField(Difficulty, max_length=20)
    person_id = fields.BigIntField()
    noted_at = fields.DatetimeField()

    class Meta:
        table = "household_difficulty"
        unique_together = (("household", "kind"),)


class HelpConsent(Model):
    """What a household lets one member of the team do for it until when, and how that is proved.

    Asked for (`given_at` None) or given; living while it is given, not ended and before `ends_at`. The picture of a
    signature is kept sealed, like identity papers, until `delete_at`.
    """

    id = fields.BigIntField(primary_key=True)
    household: fields.ForeignKeyRelation[HelpedHousehold] = fields.ForeignKeyField(
        "vendors.HelpedHousehold", related_name="consents", on_delete=fields.RESTRICT
    )
    household_id: int
    person_id = fields.BigIntField()
    member_name = fields.CharField(120)
    member_phone = fields.CharField(16)
    for_person_id = fields.BigIntField(null=True)
    phone = fields.CharField(16)
    purpose = fields.CharField(30, default="assisted_onboarding")
    text_version = fields.CharField(20)
    scopes: fields.JSONField[list[str]] = fields.JSONField(default=list)
    way = fields.CharEnumField(ConsentWay, max_length=10)
    address = fields.CharField(64, default="")
    witness_name = fields.CharField(120, default="")
    witness_phone = fields.CharField(16, default="")
    picture_key = fields.CharField(80, default="")
    delete_at = fields.DatetimeField(null=True)
    asked_at = fields.DatetimeField()
    given_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    ended_how = fields.CharField(10, default="")

    class Meta:
        table = "help_consent"
        indexes = (("household_id", "person_id"), ("for_person_id", "id"))


class HelpAct(Model):
    """One thing a member did for a household under a consent; written in the act's transaction, never changed."""

    id = fields.BigIntField(primary_key=True)
    consent: fields.ForeignKeyRelation[HelpConsent] = fields.ForeignKeyField(
        "vendors.HelpConsent", related_name="acts", on_delete=fields.RESTRICT
    )
    consent_id: int
    person_id = fields.BigIntField()
    for_person_id = fields.BigIntField()
    kind = fields.CharEnumField(HelpActKind, max_length=20)
    subject = fields.CharField(160, default="")
    subject_code = fields.CharField(20, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "help_act"
        indexes = (("for_person_id", "id"), ("consent_id",))
