"""Whether a second factor that somebody shows is theirs: an app's code, a recovery code, a passkey; each once.

Wrong ones are counted for the person, not for the address: whoever shows one has already shown the code that was
sent to the phone, or holds the session.
"""

import logging
from datetime import datetime, timedelta
from math import ceil

from accounts.app_codes import digits_of, step_of_code, tidy_recovery
from accounts.factor_kinds import FactorKeys, FactorKind, Shown
from accounts.models import Factor, RecoveryCode, SpentChallenge, WrongFactor
from accounts.notices import NoticeKind, Telling
from accounts.passkeys import Answered, BadAnswer, KeptPasskey, credential_in, shown
from accounts.services.audit import record
from accounts.services.notices import notify
from accounts.services.one_time_codes import Limit, free_at
from kit.codes import keyed_digest
from kit.db import is_in_transaction, sql
from kit.errors import Refusal, TooMany
from kit.i18n import say

WRONG_LIMITS = (Limit(5, timedelta(minutes=15)), Limit(30, timedelta(days=1)))
FACTORS_URL = "/me/factors"
log = logging.getLogger("accounts")


async def check_factor(person_id: int, it: Shown, keys: FactorKeys, *, now: datetime) -> Refusal | None:
    """Uses up what is shown, or counts a wrong try and gives the refusal. One at a time for a person.

    Needs an open transaction(), which must commit before the refusal is raised: else the try would not count.
    """
    if not is_in_transaction():
        raise RuntimeError("check_factor() needs an open transaction()")
    await one_at_a_time(person_id)
    refusal = await _tried_too_often(person_id, now)
    if refusal is None:
        refusal = await _checked(person_id, it, keys, now)
        if refusal is not None:
            await WrongFactor.create(person_id=person_id, at=now)
    return refusal


async def one_at_a_time(person_id: int) -> None:
    """Whoever touches this person's factors waits here for the other; until the commit."""
    await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text", [f"factor:{person_id}"])


async def passkey_shown(
    row: Factor, it: Shown, keys: FactorKeys, *, now: datetime, alone: bool = False
) -> Refusal | None:
    """Spends the challenge that this passkey answers; the refusal when the answer is wrong or was given before.

    Needs one_at_a_time(). `alone`: nothing else was shown, so the browser must have made sure of its person.
    """
    kept = KeptPasskey(row.credential_id or "", row.public_key, row.sign_count)
    assert keys.party is not None
    try:
        seen = shown(
            it.passkey, kept, keys.party, subject=it.subject, secret=keys.secret, now=now, alone=alone
        )
    except BadAnswer as bad:
        log.warning("a passkey of person %s was refused: %s", row.person_id, bad)
        return wrong_passkey()
    return await _spent(row, seen, now)


def wrong_passkey() -> Refusal:
    """What people are told whose passkey was not taken, whatever was wrong with it."""
    return Refusal(say("Khoá này không dùng được lúc này. Hãy bấm lại, hoặc dùng cách khác."), field="code")


async def spend(challenge: str, now: datetime) -> bool:
    """Whether a challenge (its digest) was not answered before; from now on it was. Needs an open transaction()."""
    made = await sql(
        "INSERT INTO spent_challenge (digest, at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING digest",
        [challenge, now],
    )
    return bool(made)


async def forget_old_tries(now: datetime) -> None:
    """Deletes challenges and wrong tries after a day."""
    for rows in (SpentChallenge, WrongFactor):
        await rows.filter(at__lt=now - timedelta(days=1)).delete()


async def _spent(row: Factor, seen: Answered, now: datetime) -> Refusal | None:
    if not await spend(seen.challenge, now):
        log.warning("a passkey of person %s answered the same challenge twice", row.person_id)
        return wrong_passkey()
    row.sign_count, row.used_at = seen.sign_count, now
    await row.save(update_fields=["sign_count", "used_at"])
    return None


async def _checked(person_id: int, it: Shown, keys: FactorKeys, now: datetime) -> Refusal | None:
    if it.passkey:
        return await _passkey_of(person_id, it, keys, now)
    if digits := digits_of(it.code):
        return await _app_code(person_id, digits, keys, now)
    if typed := tidy_recovery(it.code):
        return await _recovery(person_id, typed, keys, now)
    return Refusal(say("Hãy nhập 6 số trong ứng dụng, hoặc một mã dự phòng 12 ký tự."), field="code")


async def _passkey_of(person_id: int, it: Shown, keys: FactorKeys, now: datetime) -> Refusal | None:
    try:
        named = credential_in(it.passkey)
    except BadAnswer:
        return wrong_passkey()
    row = await Factor.get_or_none(credential_id=named, person_id=person_id)
    if row is None or keys.party is None:
        return wrong_passkey()
    return await passkey_shown(row, it, keys, now=now)


async def _app_code(person_id: int, digits: str, keys: FactorKeys, now: datetime) -> Refusal | None:
    row = await Factor.get_or_none(person_id=person_id, kind=FactorKind.APP, confirmed_at__isnull=False)
    if row is None:
        return Refusal(say("Bạn chưa thêm ứng dụng tạo mã. Hãy dùng cách khác."), field="code")
    return await use_app_code(row, digits, keys, now=now)


async def use_app_code(row: Factor, digits: str, keys: FactorKeys, *, now: datetime) -> Refusal | None:
    """Uses up the step of time whose code this is; the refusal for a wrong or a used one. Needs one_at_a_time()."""
    secret = keys.seal.open(row.secret_sealed, secret_place(row.person_id))
    step = step_of_code(secret, digits, now, after=row.last_step)
    if step is None:
        return Refusal(
            say("Mã chưa đúng hoặc đã dùng rồi. Hãy chờ ứng dụng hiện mã mới rồi nhập lại."), field="code"
        )
    row.last_step, row.used_at = step, now
    await row.save(update_fields=["last_step", "used_at"])
    return None


def secret_place(person_id: int) -> str:
    """What a person's secret of an app is sealed to: moved to another person it does not open."""
    return f"factor:{person_id}:app"


def recovery_hash(person_id: int, tidy: str, secret: str) -> str:
    """How a recovery code is kept."""
    return keyed_digest(f"recovery:{person_id}:{tidy}", secret.encode())


async def _recovery(person_id: int, typed: str, keys: FactorKeys, now: datetime) -> Refusal | None:
    code_hash = recovery_hash(person_id, typed, keys.secret)
    row = await RecoveryCode.get_or_none(person_id=person_id, code_hash=code_hash, used_at__isnull=True)
    if row is None:
        return Refusal(say("Mã dự phòng này không đúng hoặc đã dùng rồi."), field="code")
    row.used_at = now
    await row.save(update_fields=["used_at"])
    left = await RecoveryCode.filter(person_id=person_id, used_at__isnull=True).count()
    await record(person_id, "recovery_code_used", "person", person_id, left=left)
    telling = Telling(
        NoticeKind.SYSTEM,
        say("Vừa dùng một mã dự phòng"),
        say(
            "Có người vừa vào chợ bằng mã dự phòng của bạn, còn {n} mã. Không phải bạn thì báo quản trị ngay.",
            n=left,
        ),
        FACTORS_URL,
    )
    await notify([person_id], telling, event_key=f"recovery:{row.id}", now=now)
    return None


async def _tried_too_often(person_id: int, now: datetime) -> Refusal | None:
    most = max(limit.times for limit in WRONG_LIMITS)
    rows = await WrongFactor.filter(person_id=person_id).order_by("-at").limit(most)
    seconds = ceil((free_at([row.at for row in rows], WRONG_LIMITS, now) - now).total_seconds())
    if seconds <= 0:
        return None
    log.warning("person %s showed too many wrong factors", person_id)
    return TooMany(
        say("Đã nhập sai nhiều lần quá. Bạn chờ {n} phút nữa rồi thử lại.", n=ceil(seconds / 60)),
        wait_seconds=seconds,
    )
