"""Sessions of browsers: opened at sign-in, found by their cookie, slid on with use, revoked at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Session
from accounts.services.audit import record
from kit.codes import digest, token
from kit.db import sql, transaction
from kit.errors import NotFound
from kit.i18n import say
from kit.roles import Caller
from kit.text import nfc

SLIDING_LIFE = timedelta(days=30)
ABSOLUTE_LIFE = timedelta(days=90)
SEEN_EVERY = timedelta(minutes=10)
TOKEN_LENGTH_MAX = 100
LISTED_MAX = 50
Row = dict[str, object]
# Asked at every request: its text is made once.
_WHOSE = """ held.factor_at, person.id AS person_id, person.name, person.phone, person.language,
    role_grant.role, role_grant.scope
    FROM {} AS held JOIN person ON person.id = held.person_id
    LEFT JOIN role_grant ON role_grant.person_id = person.id
    WHERE held.token_hash = $1 AND held.revoked_at IS NULL AND held.expires_at > $2 AND NOT person.is_blocked
    ORDER BY role_grant.id"""
# Unread notices are counted with the session, so that no page asks by itself; person_notice_unread_by_hand answers it.
_UNREAD = """ (SELECT count(*) FROM (
        SELECT 1 FROM person_notice n WHERE n.person_id = held.person_id AND n.read_at IS NULL LIMIT 100
    ) few) AS unread,"""
_OF_SESSION = "SELECT held.id, held.created_at, held.seen_at," + _UNREAD + _WHOSE.format("session")
_OF_TOKEN = "SELECT held.id," + _WHOSE.format("api_token")


@dataclass(frozen=True)
class SessionLine:
    """A browser that is signed in, for its owner."""

    id: int
    browser: str
    address: str
    seen_at: datetime
    created_at: datetime


async def open_session(
    person_id: int, *, address: str, browser: str, now: datetime, by_factor: bool = False
) -> str:
    """A new session's token (256 bits); only its SHA-256 is kept. Slides by 30 days, ends after 90.

    It begins with a code, or better, that was shown now; `by_factor` with a second factor too.
    """
    made = token()
    await Session.create(
        token_hash=digest(made),
        person_id=person_id,
        address=address[:64],
        browser=nfc(browser)[:200],
        created_at=now,
        seen_at=now,
        expires_at=now + SLIDING_LIFE,
        code_at=now,
        factor_at=now if by_factor else None,
    )
    return made


async def caller_for(kind: str, token: str, now: datetime) -> Caller | None:
    """Who a session cookie ("session") or a bearer token ("token") stands for, roles included; None for nobody.

    One query; a session in use is moved on by a second one, at most every 10 minutes.
    """
    if not token or len(token) > TOKEN_LENGTH_MAX:
        return None
    if kind == "token":
        rows = await _rows_of_token(token, now)
    else:
        rows = await _rows_of_session(token, now)
        if rows:
            await _seen(rows[0], now)
    return _caller(kind, rows) if rows else None


async def sign_out(session_id: int, now: datetime) -> None:
    """Ends a session; its cookie is worth nothing from now on."""
    await Session.filter(id=session_id, revoked_at__isnull=True).update(revoked_at=now)


async def revoke_session(session_id: int, *, person_id: int, now: datetime) -> None:
    """Ends one of a person's own sessions. Raises NotFound for another's and for one that has ended."""
    mine = Session.filter(id=session_id, person_id=person_id, revoked_at__isnull=True)
    async with transaction():
        if not await mine.update(revoked_at=now):
            raise NotFound(say("Thiết bị này đã đăng xuất rồi."))
        await record(person_id, "session_revoked", "session", session_id)


async def sign_out_everywhere(person_id: int, now: datetime) -> int:
    """Ends all sessions of a person and gives how many there were; API tokens stay."""
    async with transaction():
        ended = await end_sessions(person_id, now)
        await record(person_id, "signed_out_everywhere", "person", person_id, sessions=ended)
    return ended


async def end_sessions(person_id: int, now: datetime) -> int:
    """Ends all sessions of a person, within an act that says why, and gives how many there were."""
    return await Session.filter(person_id=person_id, revoked_at__isnull=True).update(revoked_at=now)


async def sessions_of(person_id: int, now: datetime) -> list[SessionLine]:
    """A person's living sessions, the one last seen first, up to 50."""
    rows = (
        await Session.filter(person_id=person_id, revoked_at__isnull=True, expires_at__gt=now)
        .order_by("-seen_at", "-id")
        .limit(LISTED_MAX)
    )
    return [SessionLine(row.id, row.browser, row.address, row.seen_at, row.created_at) for row in rows]


async def _rows_of_session(token: str, now: datetime) -> list[Row]:
    return await sql(_OF_SESSION, [digest(token), now])


async def _rows_of_token(token: str, now: datetime) -> list[Row]:
    return await sql(_OF_TOKEN, [digest(token), now])


async def _seen(row: Row, now: datetime) -> None:
    seen_at, created_at = row["seen_at"], row["created_at"]
    assert isinstance(seen_at, datetime) and isinstance(created_at, datetime)
    if now - seen_at < SEEN_EVERY:
        return
    expires_at = min(now + SLIDING_LIFE, created_at + ABSOLUTE_LIFE)
    await Session.filter(id=row["id"], revoked_at__isnull=True).update(seen_at=now, expires_at=expires_at)


def _caller(kind: str, rows: list[Row]) -> Caller:
    first = rows[0]
    scopes: dict[str, tuple[str, ...]] = {}
    for row in rows:
        role = row["role"]
        if role is not None:
            scopes[str(role)] = (*scopes.get(str(role), ()), str(row["scope"]))
    return Caller(
        person_id=_number(first["person_id"]),
        session_id=_number(first["id"]) if kind == "session" else None,
        name=str(first["name"]),
        phone=str(first["phone"]),
        language=str(first["language"]),
        roles=frozenset(scopes),
        scopes=scopes,
        by_token=kind == "token",
        unread=_number(first.get("unread", 0)),
        has_shown_factor=first["factor_at"] is not None,
    )


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value
