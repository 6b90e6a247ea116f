"""Sessions and the caller: hashes only, sliding and ending, revoked at once, bounded queries."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import ApiToken, AuditEntry, Session
from accounts.services import (
    block,
    caller_for,
    forget_old,
    grant,
    make_api_token,
    open_session,
    request_code,
    revoke_session,
    revoke_token,
    sessions_of,
    sign_in,
    sign_out,
    sign_out_everywhere,
    tokens_of,
    unblock,
    withdraw,
)
from kit.clock import StoppedClock
from kit.codes import digest
from kit.errors import NotFound, Refusal
from kit.roles import Role
from tests.factories import HOA, LAN, SECRET, TUAN, code_sent_to, person

pytestmark = pytest.mark.usefixtures("db")


async def opened(clock: StoppedClock, person_id: int) -> str:
    return await open_session(person_id, address="203.0.113.7", browser="Mozilla/5.0", now=clock.now())


async def test_a_session_tells_who_calls_with_roles_and_scopes_in_one_query(
    clock: StoppedClock, queries: Any
) -> None:
    hoa = await person()
    for role, scope in ((Role.VENDOR, "3"), (Role.VENDOR, "7"), (Role.CLERK, "")):
        await grant(hoa.id, role, scope)
    token = await opened(clock, hoa.id)
    with queries.at_most(1):
        caller = await caller_for("session", token, clock.now())
    assert caller is not None and caller.is_signed_in and not caller.by_token
    assert (caller.person_id, caller.name, caller.phone) == (hoa.id, "Nguyễn Thị Hoa", HOA)
    assert caller.roles == {"vendor", "clerk"}
    assert sorted(caller.scope_ids(Role.VENDOR)) == [3, 7]


async def test_a_person_without_roles_calls_too(clock: StoppedClock) -> None:
    hoa = await person()
    caller = await caller_for("session", await opened(clock, hoa.id), clock.now())
    assert caller is not None and (caller.roles, caller.scopes) == (frozenset(), {})


async def test_only_the_hash_of_a_secret_is_kept(clock: StoppedClock) -> None:
    hoa = await person()
    session, token = await opened(clock, hoa.id), await make_api_token(hoa.id, "sổ sách", now=clock.now())
    assert len(session) == len(token) == 43
    assert (await Session.get()).token_hash == digest(session)
    assert (await ApiToken.get()).token_hash == digest(token)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5000, "ñ", "' OR 1=1 --", "\x00"])
@pytest.mark.parametrize("kind", ["session", "token"])
async def test_a_made_up_secret_is_nobody(clock: StoppedClock, kind: str, token: str) -> None:
    await opened(clock, (await person()).id)
    assert await caller_for(kind, token, clock.now()) is None


async def test_a_session_is_no_token_and_a_token_no_session(clock: StoppedClock) -> None:
    hoa = await person()
    session, token = await opened(clock, hoa.id), await make_api_token(hoa.id, "sổ", now=clock.now())
    assert await caller_for("token", session, clock.now()) is None
    assert await caller_for("session", token, clock.now()) is None


async def test_a_session_unused_for_thirty_days_is_over(clock: StoppedClock) -> None:
    token = await opened(clock, (await person()).id)
    clock.forward(days=30, seconds=-1)
    assert await caller_for("session", token, clock.now())
    clock.forward(days=30)
    assert await caller_for("session", token, clock.now()) is None


async def test_a_session_in_use_slides_but_never_past_ninety_days(clock: StoppedClock) -> None:
    token = await opened(clock, (await person()).id)
    began = clock.now()
    for _ in range(4):
        clock.forward(days=22)
        assert await caller_for("session", token, clock.now())
    assert (await Session.get()).expires_at == began + timedelta(days=90)
    clock.forward(days=2)
    assert await caller_for("session", token, clock.now()) is None


async def test_seen_is_written_every_ten_minutes_at_most(clock: StoppedClock, queries: Any) -> None:
    token = await opened(clock, (await person()).id)
    opened_at = clock.now()
    clock.forward(minutes=9, seconds=59)
    with queries.at_most(1):
        await caller_for("session", token, clock.now())
    assert (await Session.get()).seen_at == opened_at
    clock.forward(seconds=1)
    with queries.at_most(2):
        await caller_for("session", token, clock.now())
    assert (await Session.get()).seen_at == clock.now()


async def test_signing_out_counts_at_once(clock: StoppedClock) -> None:
    token = await opened(clock, (await person()).id)
    caller = await caller_for("session", token, clock.now())
    assert caller and caller.session_id
    await sign_out(caller.session_id, clock.now())
    assert await caller_for("session", token, clock.now()) is None


async def test_another_device_of_mine_can_be_signed_out(clock: StoppedClock) -> None:
    hoa = await person()
    phone, laptop = await opened(clock, hoa.id), await opened(clock, hoa.id)
    lost = await Session.get(token_hash=digest(phone))
    await revoke_session(lost.id, person_id=hoa.id, now=clock.now())
    assert await caller_for("session", phone, clock.now()) is None
    assert await caller_for("session", laptop, clock.now())
    assert (
        await AuditEntry.filter(action="session_revoked", subject_id=str(lost.id), person_id=hoa.id).count()
        == 1
    )
    with pytest.raises(NotFound):
        await revoke_session(lost.id, person_id=hoa.id, now=clock.now())


async def test_nobody_ends_anothers_session_or_token(clock: StoppedClock) -> None:
    hoa, tuan = await person(), await person("Trần Văn Tuấn", TUAN)
    session, token = await opened(clock, hoa.id), await make_api_token(hoa.id, "sổ", now=clock.now())
    with pytest.raises(NotFound):
        await revoke_session((await Session.get()).id, person_id=tuan.id, now=clock.now())
    with pytest.raises(NotFound):
        await revoke_token((await ApiToken.get()).id, person_id=tuan.id, now=clock.now())
    assert await caller_for("session", session, clock.now())
    assert await caller_for("token", token, clock.now())


async def test_signing_out_everywhere_ends_mine_and_only_mine(clock: StoppedClock) -> None:
    hoa, tuan = await person(), await person("Trần Văn Tuấn", TUAN)
    mine = [await opened(clock, hoa.id) for _ in range(3)]
    his = await opened(clock, tuan.id)
    assert await sign_out_everywhere(hoa.id, clock.now()) == 3
    assert [await caller_for("session", one, clock.now()) for one in mine] == [None] * 3
    assert await caller_for("session", his, clock.now())


async def test_a_withdrawn_role_is_gone_with_the_next_request(clock: StoppedClock) -> None:
    hoa = await person()
    token = await opened(clock, hoa.id)
    await grant(hoa.id, Role.CLERK)
    before = await caller_for("session", token, clock.now())
    program = await make_api_token(hoa.id, "sổ", now=clock.now())
    await withdraw(hoa.id, Role.CLERK, now=clock.now())
    assert before and before.roles == {"clerk"}
    assert await caller_for("session", token, clock.now()) is None
    after = await caller_for("token", program, clock.now())
    assert after and after.roles == frozenset()


async def test_who_gets_a_role_from_an_administrator_signs_in_anew(clock: StoppedClock) -> None:
    hoa, admin = await person(), await person("Phạm Thị Lan", LAN)
    token = await opened(clock, hoa.id)
    assert await grant(hoa.id, Role.CLERK, by=admin.id, now=clock.now())
    assert await caller_for("session", token, clock.now()) is None
    again = await opened(clock, hoa.id)
    await grant(hoa.id, Role.VENDOR, "1")
    caller = await caller_for("session", again, clock.now())
    assert caller and caller.roles == {"clerk", "vendor"}, "who comes aboard stays signed in"


async def test_a_blocked_person_is_nobody_at_once_by_session_and_token(clock: StoppedClock) -> None:
    hoa, admin = await person(), await person("Phạm Thị Lan", LAN)
    session, token = await opened(clock, hoa.id), await make_api_token(hoa.id, "sổ", now=clock.now())
    await block(hoa.id, by=admin.id, now=clock.now())
    assert await caller_for("session", session, clock.now()) is None
    assert await caller_for("token", token, clock.now()) is None
    await unblock(hoa.id, by=admin.id)
    assert await caller_for("session", session, clock.now()) is None, "old sessions stay ended"
    assert await caller_for("token", token, clock.now())


async def test_a_token_is_good_for_a_year_and_shown_with_its_label(clock: StoppedClock) -> None:
    hoa = await person()
    token = await make_api_token(hoa.id, "sổ sách", now=clock.now())
    caller = await caller_for("token", token, clock.now())
    assert caller and caller.by_token and caller.session_id is None
    assert [line.label for line in await tokens_of(hoa.id, clock.now())] == ["sổ sách"]
    clock.forward(days=365)
    assert await caller_for("token", token, clock.now()) is None
    assert await tokens_of(hoa.id, clock.now()) == []


async def test_a_revoked_token_is_worthless_at_once(clock: StoppedClock) -> None:
    hoa = await person()
    token = await make_api_token(hoa.id, "sổ", now=clock.now())
    await revoke_token((await ApiToken.get()).id, person_id=hoa.id, now=clock.now())
    assert await caller_for("token", token, clock.now()) is None
    acts = await AuditEntry.filter(person_id=hoa.id).order_by("id").values_list("action", flat=True)
    assert list(acts) == ["token_made", "token_revoked"]


async def test_twenty_living_tokens_are_enough(clock: StoppedClock) -> None:
    hoa = await person()
    for n in range(20):
        await make_api_token(hoa.id, f"máy {n}", now=clock.now())
    with pytest.raises(Refusal) as told:
        await make_api_token(hoa.id, "một nữa", now=clock.now())
    assert told.value.field == "label"


async def test_sessions_are_listed_newest_use_first_without_those_that_ended(clock: StoppedClock) -> None:
    hoa = await person()
    old, ended, new = [await opened(clock, hoa.id) for _ in range(3)]
    gone = await Session.get(token_hash=digest(ended))
    await sign_out(gone.id, clock.now())
    clock.forward(minutes=10)
    await caller_for("session", new, clock.now())
    hashes = {row.id: row.token_hash for row in await Session.all()}
    assert [hashes[line.id] for line in await sessions_of(hoa.id, clock.now())] == [digest(new), digest(old)]


async def test_a_long_or_dirty_browser_name_is_kept_short_and_clean(clock: StoppedClock) -> None:
    hoa = await person()
    await open_session(hoa.id, address="x" * 300, browser="Mozilla\x00\n" + "y" * 900, now=clock.now())
    row = await Session.get()
    assert (len(row.address), len(row.browser)) == (64, 200)
    assert row.browser.startswith("Mozilla y")


async def test_what_is_long_over_is_forgotten_and_what_lives_stays(clock: StoppedClock) -> None:
    hoa = await person()
    await opened(clock, hoa.id)
    await make_api_token(hoa.id, "sổ", now=clock.now())
    clock.forward(days=31)
    fresh = await opened(clock, hoa.id)
    clock.forward(days=88, hours=23)
    await forget_old(clock.now())
    assert await Session.all().count() == 2
    clock.forward(hours=2)
    await forget_old(clock.now())
    assert [row.token_hash for row in await Session.all()] == [digest(fresh)]
    assert await ApiToken.all().count() == 1


async def test_codes_and_texts_are_forgotten_after_a_day(clock: StoppedClock) -> None:
    await request_code(HOA, address="", now=clock.now(), secret=SECRET)
    clock.forward(hours=23)
    await forget_old(clock.now())
    assert await code_sent_to(HOA)
    clock.forward(hours=2)
    await forget_old(clock.now())
    with pytest.raises(AssertionError, match="no text"):
        await code_sent_to(HOA)
    with pytest.raises(Refusal):
        await sign_in(HOA, "123456", address="", browser="", now=clock.now(), secret=SECRET)
