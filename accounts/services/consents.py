"""Consents: a yes or a no to one purpose, each written down with its evidence; the newest one counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Consent, Person
from accounts.purposes import ConsentText, Purpose, text_of, text_on
from accounts.services.audit import record
from accounts.services.one_time_codes import network_of
from kit.codes import keyed_digest
from kit.dates import vietnam_date
from kit.db import locked, sql, transaction
from kit.errors import Conflict
from kit.i18n import say

_LAST_WORDS = (
    "SELECT DISTINCT ON (person_id) person_id, is_given, version FROM consent"
    " WHERE purpose = $1 AND person_id = ANY($2) ORDER BY person_id, id DESC"
)


@dataclass(frozen=True)
class Evidence:
    """Where a choice was made: the page, a mark of the network address (HMAC, never the address), the session."""

    page: str
    address_mark: str
    session_id: int | None


@dataclass(frozen=True)
class ConsentLine:
    """One purpose as its person sees it: the words of today, and how they stand to it.

    `is_given` only for the words of today; `is_outdated` when an earlier version was agreed to.
    """

    text: ConsentText
    is_given: bool
    is_outdated: bool
    at: datetime | None


@dataclass(frozen=True)
class ConsentMade:
    """One choice of the past with the words it was about."""

    text: ConsentText
    is_given: bool
    at: datetime
    page: str


def evidence_of(*, page: str, address: str, session_id: int | None, secret: str) -> Evidence:
    """The evidence of a choice made on a page; the address is kept only as a keyed hash of its network."""
    mark = keyed_digest(f"consent:{network_of(address)}", secret.encode())
    return Evidence(page[:120], mark, session_id)


async def choose(
    person_id: int,
    purpose: Purpose,
    *,
    version: int,
    is_given: bool,
    evidence: Evidence,
    now: datetime,
) -> None:
    """Writes a person's yes or no down; the same again changes nothing.

    Conflict when a yes is about other words than today's: they have to be read first.
    """
    text = text_on(purpose, vietnam_date(now))
    if is_given and version != text.version:
        raise Conflict(say("Lời hỏi vừa đổi. Bạn đọc lại rồi chọn giúp."))
    async with transaction():
        await locked(Person, [person_id])
        last = await _last(person_id, purpose)
        if last is None and not is_given:
            return
        if last is not None and (last.is_given, last.version) == (is_given, version):
            return
        await Consent.create(
            person_id=person_id,
            purpose=purpose,
            version=version,
            is_given=is_given,
            at=now,
            page=evidence.page,
            address_mark=evidence.address_mark,
            session_id=evidence.session_id,
        )
        action = "consent_given" if is_given else "consent_withdrawn"
        await record(person_id, action, "person", person_id, purpose=str(purpose), version=version)


async def may(person_id: int | None, purpose: Purpose, *, now: datetime) -> bool:
    """Whether this person's data may be used for a purpose: their last word was yes, to the words of today."""
    if person_id is None:
        return False
    last = await _last(person_id, purpose)
    version = text_on(purpose, vietnam_date(now)).version
    return last is not None and last.is_given and last.version == version


async def phone_if_may(person_id: int | None, purpose: Purpose, *, now: datetime) -> str | None:
    """The phone (E.164) of somebody who agreed to a purpose; None for everybody else."""
    if person_id is None or not await may(person_id, purpose, now=now):
        return None
    person = await Person.get_or_none(id=person_id)
    return person.phone if person and not person.is_blocked else None


async def who_may(person_ids: Collection[int], purpose: Purpose, *, now: datetime) -> set[int]:
    """Those of these people whose last word to today's text of a purpose is yes. One query."""
    version = text_on(purpose, vietnam_date(now)).version
    rows = await sql(_LAST_WORDS, [str(purpose), list(person_ids)])
    return {int(str(row["person_id"])) for row in rows if row["is_given"] and row["version"] == version}


async def those_who_may(purpose: Purpose, *, now: datetime) -> set[int]:
    """The people whose last word to today's text of a purpose is yes. One query."""
    version = text_on(purpose, vietnam_date(now)).version
    rows = Consent.filter(purpose=purpose).order_by("id").values_list("person_id", "is_given", "version")
    last = {int(str(person_id)): (given, said) for person_id, given, said in await rows}
    return {person_id for person_id, standing in last.items() if standing == (True, version)}


async def consents_of(person_id: int, *, now: datetime) -> list[ConsentLine]:
    """Every purpose and how a person stands to it. One query."""
    rows = await Consent.filter(person_id=person_id).order_by("id")
    last = {row.purpose: row for row in rows}
    today = vietnam_date(now)
    return [_line(text_on(purpose, today), last.get(str(purpose))) for purpose in Purpose]


async def consents_made(person_id: int) -> list[ConsentMade]:
    """All choices of a person, newest first, each with the words it was about; up to 100."""
    rows = await Consent.filter(person_id=person_id).order_by("-id").limit(100)
    return [
        ConsentMade(text_of(Purpose(row.purpose), row.version), row.is_given, row.at, row.page)
        for row in rows
    ]


def _line(text: ConsentText, last: Consent | None) -> ConsentLine:
    if last is None:
        return ConsentLine(text, False, False, None)
    is_today = last.version == text.version
    return ConsentLine(text, last.is_given and is_today, last.is_given and not is_today, last.at)


async def _last(person_id: int, purpose: Purpose) -> Consent | None:
    return await Consent.filter(person_id=person_id, purpose=purpose).order_by("-id").first()
