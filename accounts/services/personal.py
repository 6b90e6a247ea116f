"""A person's own rows in accounts: as a copy to take along, and gone when they are erased."""

from datetime import datetime

from accounts.models import (
    ApiToken,
    AuditEntry,
    Consent,
    Factor,
    Grant,
    NoticeChoice,
    NoticeHours,
    Person,
    PersonNotice,
    PrivacyRequest,
    PushDevice,
    RecoveryCode,
    Session,
    SignInCode,
    TextMessage,
    WrongFactor,
)
from accounts.services.audit import record
from kit.db import is_in_transaction, locked
from kit.models import Upload
from kit.roles import Role
from kit.rows import Row, plain_rows

ACTS_MAX = 20_000
SECRET = frozenset({"token_hash", "code_hash", "auth", "secret_sealed"})


async def rows_of_person(person_id: int) -> dict[str, list[Row]]:
    """Everything accounts holds about a person, by table; hashes of secrets stay out."""
    person = await Person.get(id=person_id)
    mine = {"person_id": person_id}
    return {
        "person": plain_rows([person]),
        "roles": plain_rows(await Grant.filter(**mine).order_by("id")),
        "sessions": plain_rows(await Session.filter(**mine).order_by("id"), leave_out=SECRET),
        "api_tokens": plain_rows(await ApiToken.filter(**mine).order_by("id"), leave_out=SECRET),
        "factors": plain_rows(await Factor.filter(**mine).order_by("id"), leave_out=SECRET),
        "recovery_codes": plain_rows(await RecoveryCode.filter(**mine).order_by("id"), leave_out=SECRET),
        "wrong_factors": plain_rows(await WrongFactor.filter(**mine).order_by("id")),
        "codes": plain_rows(await SignInCode.filter(phone=person.phone).order_by("id"), leave_out=SECRET),
        "texts": plain_rows(await TextMessage.filter(phone=person.phone).order_by("id")),
        "consents": plain_rows(await Consent.filter(**mine).order_by("id")),
        "requests": plain_rows(
            await PrivacyRequest.filter(**mine).order_by("id"), leave_out=frozenset({"file_key"})
        ),
        "notices": plain_rows(await PersonNotice.filter(**mine).order_by("id")),
        "notice_choices": plain_rows(await NoticeChoice.filter(**mine).order_by("id")),
        "notice_hours": plain_rows(await NoticeHours.filter(**mine).order_by("id")),
        "push_devices": plain_rows(
            await PushDevice.filter(session__person_id=person_id).order_by("id"), leave_out=SECRET
        ),
        "uploads": plain_rows(await Upload.filter(**mine).order_by("id")),
        "acts": plain_rows(await AuditEntry.filter(**mine).order_by("id").limit(ACTS_MAX)),
        "acts_on_me": plain_rows(
            await AuditEntry.filter(subject_kind="person", subject_id=str(person_id)).order_by("id")
        ),
    }


async def vendors_alone(person_id: int) -> list[int]:
    """The vendors that nobody but this person sells for."""
    held = await Grant.filter(person_id=person_id, role=Role.VENDOR).values_list("scope", flat=True)
    scopes = [str(scope) for scope in held if str(scope).isdecimal()]
    shared = Grant.filter(role=Role.VENDOR, scope__in=scopes).exclude(person_id=person_id)
    others = {str(scope) for scope in await shared.values_list("scope", flat=True)}
    return [int(scope) for scope in scopes if scope not in others]


async def vendors_held(person_id: int) -> list[int]:
    """The vendors that a person sells for."""
    held = await Grant.filter(person_id=person_id, role=Role.VENDOR).values_list("scope", flat=True)
    return [int(str(scope)) for scope in held if str(scope).isdecimal()]


async def forget_person(person_id: int, *, now: datetime) -> None:
    """Takes name, phone, roles, factors, sessions, tokens and codes off a person; the number stays for what law keeps.

    Needs an open transaction(). The same phone signing in later is a new person.
    """
    if not is_in_transaction():
        raise RuntimeError("forget_person() needs an open transaction()")
    person = (await locked(Person, [person_id]))[person_id]
    await Grant.filter(person_id=person_id).delete()
    await Session.filter(person_id=person_id).delete()
    for held in (PersonNotice, NoticeChoice, NoticeHours, Factor, RecoveryCode, WrongFactor):
        await held.filter(person_id=person_id).delete()
    await ApiToken.filter(person_id=person_id).delete()
    await SignInCode.filter(phone=person.phone).delete()
    await Upload.filter(person_id=person_id).delete()
    person.name, person.phone, person.language, person.is_blocked = "", f"-{person_id}", "", True
    await person.save(update_fields=["name", "phone", "language", "is_blocked"])
    await record(None, "person_forgotten", "person", person_id, at=now.isoformat())
