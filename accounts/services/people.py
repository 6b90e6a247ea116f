"""People: made on their first sign-in, found by an administrator, blocked and let in again."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import Person
from accounts.services.audit import record
from accounts.services.names import called
from accounts.services.sessions import end_sessions
from kit.dates import vietnam_date
from kit.db import locked, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.identifiers import BadIdentifier, mask_phone, normal_phone
from kit.text import fold, nfc, shown_name

HITS_MAX = 50
_PLAIN_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_LETTERS_TRIED = [chr(number) for number in (*range(0x30, 0x250), *range(0x1E00, 0x1F00))]


@dataclass(frozen=True)
class RoleHeld:
    """A role and what it is held over: "" for everything."""

    role: str
    scope: str


@dataclass(frozen=True)
class PersonLine:
    """A person as administrators see one: the phone masked."""

    id: int
    name: str
    phone: str
    is_blocked: bool
    joined_on: date
    roles: list[RoleHeld]


async def person_of(phone: str) -> Person:
    """The person with this phone (E.164), made now if there is none."""
    person = await Person.get_or_none(phone=phone)
    if person is None:
        await Person.bulk_create([Person(phone=phone)], ignore_conflicts=True)
        person = await Person.get(phone=phone)
    return person


async def change_profile(person_id: int, *, name: str, language: str = "") -> None:
    """Keeps what a person says about themselves: a name (its capitals mended) and a language, "" as it was."""
    async with transaction():
        person = (await locked(Person, [person_id]))[person_id]
        person.name = shown_name(name)
        person.language = language or person.language
        await person.save(update_fields=["name", "language"])
        await record(person_id, "profile_changed", "person", person_id)


async def speech_kept(person_id: int) -> str:
    """How this person wants numbers spoken (kit.spoken); "" when they never said."""
    rows = await Person.filter(id=person_id).values_list("speech", flat=True)
    return str(rows[0]) if rows else ""


async def keep_speech(person_id: int, speech: str) -> None:
    """Keeps how a person wants numbers spoken."""
    await Person.filter(id=person_id).update(speech=speech)


async def find_people(text: str, *, by: int) -> list[PersonLine]:
    """Up to 50 people whose phone or name holds the text, marks and case optional; newest first without a text.

    Who looked, and whom they were shown, goes into the trail. Three queries.
    """
    rows = Person.all()
    digits = _digits(text)
    if digits:
        rows = rows.filter(phone__contains=digits)
    elif text:
        rows = rows.filter(name__posix_regex=unmarked_pattern(text))
    async with transaction():
        found = await rows.order_by("-id").limit(HITS_MAX).prefetch_related("grants")
        await record(by, "people_looked_up", "person", "", found=[row.id for row in found])
    return [_line(row) for row in found]


async def person_line(person_id: int) -> PersonLine:
    """One person for an administrator. Raises NotFound."""
    row = await Person.get_or_none(id=person_id).prefetch_related("grants")
    if row is None:
        raise NotFound(say("Không có người này."))
    return _line(row)


async def block(person_id: int, *, by: int, now: datetime) -> None:
    """Shuts a person out at once, on every device. Raises NotFound, and Refusal for oneself."""
    if person_id == by:
        raise Refusal(say("Bạn không tự khoá mình được."))
    async with transaction():
        await _set_blocked(person_id, True, by)
        await end_sessions(person_id, now)


async def unblock(person_id: int, *, by: int) -> None:
    """Lets a person sign in again. Raises NotFound."""
    await _set_blocked(person_id, False, by)


def unmarked_pattern(text: str) -> str:
    """A regular expression for names that fold to these words, so that «hoa» finds «Hòa» and «HOÁ».

    It spells out every letter's marked forms, since the database's own case rules may know only ASCII.
    """
    words = [["".join(_FORMS.get(letter, letter)) for letter in word] for word in fold(text).split()]
    return " +".join("".join(f"[{forms}]" for forms in word) for word in words) or "^$"


async def _set_blocked(person_id: int, is_blocked: bool, by: int) -> None:
    async with transaction():
        person = (await locked(Person, [person_id])).get(person_id)
        if person is None:
            raise NotFound(say("Không có người này."))
        if person.is_blocked == is_blocked:
            return
        person.is_blocked = is_blocked
        await person.save(update_fields=["is_blocked"])
        await record(by, "person_blocked" if is_blocked else "person_unblocked", "person", person_id)


def _digits(text: str) -> str:
    """The digits of a whole or partial phone number as they stand in E.164; "" when it is a name."""
    try:
        return normal_phone(text)
    except BadIdentifier:
        squeezed = re.sub(r"[ .()\-+]", "", nfc(text))
        return re.sub(r"^0", "", squeezed) if re.fullmatch(r"[0-9]{2,}", squeezed) else ""


def _line(row: Person) -> PersonLine:
    grants = sorted(row.grants, key=lambda one: (one.role, one.scope))
    held = [RoleHeld(one.role, one.scope) for one in grants]
    return PersonLine(
        row.id,
        called(row.name, row.phone),
        mask_phone(row.phone),
        row.is_blocked,
        vietnam_date(row.created_at),
        held,
    )


def _marked_forms() -> dict[str, str]:
    forms: dict[str, str] = {}
    for letter in _LETTERS_TRIED:
        plain = fold(letter)
        if plain in _PLAIN_LETTERS and len(plain) == 1:
            forms[plain] = forms.get(plain, "") + letter
    return forms


_FORMS = _marked_forms()
