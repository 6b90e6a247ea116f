"""API tokens: bearer secrets a person makes for programs of theirs, shown once, revocable."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import ApiToken, Person
from accounts.services.audit import record
from kit.codes import digest, token
from kit.dates import vietnam_date
from kit.db import locked, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say

TOKEN_LIFE = timedelta(days=365)
TOKENS_MAX = 20
LISTED_MAX = 50


@dataclass(frozen=True)
class TokenLine:
    """An API token for its owner; the secret itself is not known any more."""

    id: int
    label: str
    expires_on: date


async def make_api_token(
    person_id: int,
    label: str,
    *,
    now: datetime,
    life: timedelta = TOKEN_LIFE,
    factor_at: datetime | None = None,
) -> str:
    """A new token (256 bits), good for a year; only its SHA-256 is kept. Raises Refusal at 20 living ones.

    `factor_at` is when its maker showed a second factor: roles that want one work by tokens that have it.
    """
    async with transaction():
        await locked(Person, [person_id])
        living = ApiToken.filter(person_id=person_id, revoked_at__isnull=True, expires_at__gt=now)
        if await living.count() >= TOKENS_MAX:
            raise Refusal(
                say("Bạn đang có {n} mã truy cập. Hãy thu hồi mã không dùng nữa.", n=TOKENS_MAX),
                field="label",
            )
        return await issue_token(person_id, label, now=now, life=life, factor_at=factor_at)


async def issue_token(
    person_id: int, label: str, *, now: datetime, life: timedelta, factor_at: datetime | None = None
) -> str:
    """A new token without a limit on their number. Needs an open transaction()."""
    made = token()
    row = await ApiToken.create(
        person_id=person_id,
        token_hash=digest(made),
        label=label,
        created_at=now,
        expires_at=now + life,
        factor_at=factor_at,
    )
    await record(person_id, "token_made", "token", row.id, label=label)
    return made


async def revoke_token(token_id: int, *, person_id: int, now: datetime) -> None:
    """Makes one of a person's own tokens worthless at once. Raises NotFound for another's or a revoked one."""
    mine = ApiToken.filter(id=token_id, person_id=person_id, revoked_at__isnull=True)
    async with transaction():
        if not await mine.update(revoked_at=now):
            raise NotFound(say("Mã truy cập này đã được thu hồi."))
        await record(person_id, "token_revoked", "token", token_id)


async def tokens_of(person_id: int, now: datetime) -> list[TokenLine]:
    """A person's living tokens, newest first, up to 50."""
    rows = (
        await ApiToken.filter(person_id=person_id, revoked_at__isnull=True, expires_at__gt=now)
        .order_by("-id")
        .limit(LISTED_MAX)
    )
    return [TokenLine(row.id, row.label, vietnam_date(row.expires_at)) for row in rows]
