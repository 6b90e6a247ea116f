"""The same second factor shown many times at once opens one session."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from accounts.factor_kinds import Shown, factor_keys
from accounts.models import Factor, RecoveryCode, Session, SpentChallenge
from accounts.passkeys import Purpose, new_challenge, options_to_add, options_to_show
from accounts.services import SignedIn, sign_in_by_factor, sign_in_by_passkey
from accounts.services.factors import add_passkey, begin_app, confirm_app, secret_begun
from kit.errors import Refusal
from kit.settings import Settings
from tests.factories import SECRET, person
from tests.passkeys import SoftPasskey

pytestmark = pytest.mark.usefixtures("committed")
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
KEYS = factor_keys(replace(Settings(), secret_key=SECRET, base_url="http://test"))
WHERE = {"address": "", "browser": "tests", "now": NOW}
TIMES = 6


async def with_app(person_id: int) -> tuple[str, list[str]]:
    """A code that is good now, and recovery codes."""
    before = NOW - timedelta(minutes=5)
    await begin_app(person_id, KEYS, now=before)
    app = pyotp.TOTP((await secret_begun(person_id, KEYS, now=before)).replace(" ", ""))
    codes = await confirm_app(person_id, app.at(before), KEYS, session_id=None, now=before)
    return app.at(NOW), codes


async def with_passkey(person_id: int) -> SoftPasskey:
    assert KEYS.party is not None
    key, challenge = SoftPasskey(count=0), new_challenge(Purpose.ADD, "me", SECRET, NOW)
    answer = key.added(options_to_add(KEYS.party, challenge, handle=b"me", name="me", known=[]))
    await add_passkey(person_id, Shown(passkey=answer, subject="me"), "", KEYS, session_id=None, now=NOW)
    return key


async def one_of_many(act: Callable[[], Awaitable[SignedIn]]) -> None:
    told = await asyncio.gather(*(act() for _ in range(TIMES)), return_exceptions=True)
    assert sum(isinstance(one, SignedIn) for one in told) == 1
    assert sum(isinstance(one, Refusal) for one in told) == TIMES - 1
    assert await Session.all().count() == 1


async def test_the_same_code_of_an_app_at_once() -> None:
    me = await person()
    code, _ = await with_app(me.id)
    await one_of_many(lambda: sign_in_by_factor(me.id, Shown(code), KEYS, **WHERE))  # type: ignore[arg-type]


async def test_the_same_recovery_code_at_once() -> None:
    me = await person()
    _, codes = await with_app(me.id)
    await one_of_many(lambda: sign_in_by_factor(me.id, Shown(codes[0]), KEYS, **WHERE))  # type: ignore[arg-type]
    assert await RecoveryCode.filter(used_at__isnull=False).count() == 1


@pytest.mark.parametrize("is_alone", [False, True])
async def test_the_same_answer_of_a_passkey_at_once(is_alone: bool) -> None:
    """One that does not count its uses: only the spent challenge says that it was answered."""
    me = await person()
    key = await with_passkey(me.id)
    assert KEYS.party is not None
    challenge = new_challenge(Purpose.ALONE if is_alone else Purpose.SHOW, "me", SECRET, NOW)
    answer = key.shown(options_to_show(KEYS.party, challenge, known=[]))
    it = Shown(passkey=answer, subject="me")
    if is_alone:
        await one_of_many(lambda: sign_in_by_passkey(it, KEYS, **WHERE))  # type: ignore[arg-type]
    else:
        await one_of_many(lambda: sign_in_by_factor(me.id, it, KEYS, **WHERE))  # type: ignore[arg-type]
    assert await SpentChallenge.all().count() == 2, "the one it was added by, and this"


async def test_an_app_begun_many_times_at_once_is_one() -> None:
    me = await person()
    await asyncio.gather(*(begin_app(me.id, KEYS, now=NOW) for _ in range(TIMES)))
    assert await Factor.all().count() == 1
