"""Telling people: a notice on their page, and a message by the first channel that takes it; once for each event."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Person, PersonNotice
from accounts.notices import NoticeKind, Telling, as_kept, from_kept
from accounts.services.texts import tell
from kit.db import is_in_transaction, sql
from kit.errors import NotFound
from kit.i18n import Sentence, say
from kit.outbox import later_each
from kit.roles import Role

PAGE_ROWS = 24
NOTICES_KEPT = timedelta(days=180)
_TELL = """
    INSERT INTO person_notice
        (person_id, event_key, kind, title, words, url, state, channel, created_at, expires_at)
    SELECT told.person_id, told.event_key, told.kind, told.title::jsonb, told.words::jsonb, told.url, 'waiting', '',
        $8::timestamptz, told.expires_at
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
        AS told (person_id, event_key, kind, title, words, url, expires_at)
    ON CONFLICT (person_id, event_key) DO NOTHING RETURNING id
"""
_HOLDERS = """
    SELECT held.scope, held.person_id FROM role_grant AS held JOIN person ON person.id = held.person_id
    WHERE held.role = $1 AND held.scope = ANY($2) AND NOT person.is_blocked ORDER BY held.person_id
"""


@dataclass(frozen=True)
class NoticeLine:
    """A notice as its reader sees it."""

    id: int
    kind: NoticeKind
    title: Sentence
    words: Sentence
    url: str
    at: datetime
    is_read: bool


@dataclass(frozen=True)
class NoticePage:
    """A page of somebody's notices, newest first."""

    lines: list[NoticeLine]
    page: int
    has_more: bool


@dataclass(frozen=True)
class ToTell:
    """Something that people are to be told, each once for its event."""

    person_ids: Sequence[int]
    telling: Telling
    event_key: str


async def notify(person_ids: Iterable[int], telling: Telling, *, event_key: str, now: datetime) -> int:
    """Tells people, each once for an event, whatever comes twice. Gives how many were told now.

    Needs the open transaction() of the act it tells of: notice and message come with its commit. One statement for
    the notices, one for their jobs.
    """
    return await notify_all([ToTell(sorted(set(person_ids)), telling, event_key)], now=now)


async def notify_all(told: Sequence[ToTell], *, now: datetime) -> int:
    """The same for several events at once."""
    if not is_in_transaction():
        raise RuntimeError("notify() needs an open transaction()")
    rows = [
        (
            person_id,
            one.event_key[:80],
            str(one.telling.kind),
            _json(one.telling.title),
            _json(one.telling.words),
            one.telling.url,
            now + one.telling.good_for,
        )
        for one in told
        for person_id in one.person_ids
    ]
    if not rows:
        return 0
    made = await sql(_TELL, [*(list(column) for column in zip(*rows, strict=True)), now])
    await later_each("send_notice", [int(str(row["id"])) for row in made], grouped=True)
    return len(made)


async def notify_role(role: Role, scope: str, telling: Telling, *, event_key: str, now: datetime) -> int:
    """Tells those who hold a role over exactly this scope and are not blocked. Needs an open transaction()."""
    ids = (await holders_of(role, [scope])).get(scope, [])
    return await notify(ids, telling, event_key=event_key, now=now)


async def holders_of(role: Role, scopes: Iterable[str]) -> dict[str, list[int]]:
    """By scope those who hold a role over exactly it and are not blocked; one query."""
    holders: dict[str, list[int]] = {}
    for row in await sql(_HOLDERS, [str(role), sorted(set(scopes))]):
        holders.setdefault(str(row["scope"]), []).append(int(str(row["person_id"])))
    return holders


async def notify_phone(phone: str, telling: Telling, *, event_key: str, now: datetime) -> None:
    """Tells whoever has this phone (E.164); a phone that never signed in gets a text. Needs an open transaction()."""
    person = await Person.get_or_none(phone=phone)
    if person is None:
        words = say("Chợ 4.0: {words}", words=telling.words)
        await tell(phone, words, now=now, expires_at=now + telling.good_for)
    elif not person.is_blocked:
        await notify([person.id], telling, event_key=event_key, now=now)


async def notices_of(person_id: int, *, page: int = 1) -> NoticePage:
    """A page of a person's notices; one query."""
    rows = await (
        PersonNotice.filter(person_id=person_id)
        .order_by("-id")
        .offset((page - 1) * PAGE_ROWS)
        .limit(PAGE_ROWS + 1)
    )
    return NoticePage([_line(row) for row in rows[:PAGE_ROWS]], page, len(rows) > PAGE_ROWS)


async def read_notice(notice_id: int, *, person_id: int, now: datetime) -> str:
    """Notes that a person has read one of theirs; where it leads. Raises NotFound for another's."""
    row = await PersonNotice.get_or_none(id=notice_id, person_id=person_id)
    if row is None:
        raise NotFound()
    await PersonNotice.filter(id=notice_id, read_at__isnull=True).update(read_at=now)
    return str(row.url)


async def set_unread(notice_id: int, *, person_id: int) -> None:
    """A person wants to come back to one of theirs. Raises NotFound for another's."""
    if not await PersonNotice.filter(id=notice_id, person_id=person_id).update(read_at=None):
        raise NotFound()


async def read_all(person_id: int, *, now: datetime) -> int:
    """Notes that a person has read everything; how many that were."""
    return int(await PersonNotice.filter(person_id=person_id, read_at__isnull=True).update(read_at=now))


async def forget_old_notices(now: datetime) -> None:
    """Deletes notices half a year after they came."""
    await PersonNotice.filter(created_at__lt=now - NOTICES_KEPT).delete()


def _line(row: PersonNotice) -> NoticeLine:
    is_read = row.read_at is not None
    return NoticeLine(
        row.id, row.kind, from_kept(row.title), from_kept(row.words), row.url, row.created_at, is_read
    )


def _json(sentence: Sentence) -> str:
    return json.dumps(as_kept(sentence), ensure_ascii=False)
