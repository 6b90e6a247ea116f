"""Step-up: whether a session has shown a code or a second factor within ten minutes, and showing one again."""

from dataclasses import dataclass
from datetime import datetime

from accounts.factor_kinds import FRESH_FOR, FactorKeys, Shown
from accounts.models import Session
from accounts.services.factor_check import check_factor
from accounts.services.factors import has_factor
from accounts.services.one_time_codes import request_code, use_code
from kit.db import sql, transaction
from kit.i18n import say

PROVE = "prove"
_STANDING = """
    SELECT held.code_at, held.factor_at, EXISTS (
        SELECT 1 FROM factor WHERE factor.person_id = held.person_id AND factor.confirmed_at IS NOT NULL
    ) AS has_factor FROM session AS held WHERE held.id = $1
"""


@dataclass(frozen=True)
class Standing:
    """Whether a session was proved within ten minutes, and whether its person has a factor to prove it with."""

    is_fresh: bool
    has_factor: bool


async def standing_of(session_id: int, *, now: datetime) -> Standing:
    """How a session stands: for who has a factor only a factor counts. One query."""
    rows = await sql(_STANDING, [session_id])
    if not rows:
        return Standing(False, False)
    has_one = bool(rows[0]["has_factor"])
    at = rows[0]["factor_at" if has_one else "code_at"]
    return Standing(isinstance(at, datetime) and now - at < FRESH_FOR, has_one)


async def send_prove_code(
    session_id: int, phone: str, *, address: str, now: datetime, secret: str, language: str
) -> None:
    """Texts the code by which somebody without a factor proves this session. Raises TooMany."""
    await request_code(
        phone,
        address=address,
        now=now,
        secret=secret,
        purpose=PROVE,
        subject=_subject(session_id),
        language=language,
        words=say(
            "{code} là mã xác nhận việc bạn đang làm ở Chợ 4.0, dùng trong {n} phút. "
            "Không phải bạn đang làm thì đừng đưa mã này cho ai."
        ),
    )


async def prove(
    session_id: int, person_id: int, phone: str, it: Shown, keys: FactorKeys, *, now: datetime
) -> None:
    """The session is fresh from now on: by a factor, or by the code that was sent to who has none.

    Raises Refusal at "code"; the try is counted all the same.
    """
    async with transaction():
        if await has_factor(person_id):
            refusal = await check_factor(person_id, it, keys, now=now)
            shown = {"code_at": now, "factor_at": now}
        else:
            refusal = await use_code(
                phone, it.code, now=now, secret=keys.secret, purpose=PROVE, subject=_subject(session_id)
            )
            shown = {"code_at": now}
        if refusal is None:
            await Session.filter(id=session_id, person_id=person_id).update(**shown)
    if refusal is not None:
        raise refusal


def _subject(session_id: int) -> str:
    return f"prove:{session_id}"
