"""Second factors by page: added, shown at sign-in and before acts that matter, removed, reset; each works once."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pyotp
import pytest

from accounts.app_codes import STEP_SECONDS, digits_of, recovery_code, step_of_code, tidy_recovery
from accounts.factor_kinds import Party, factor_keys, party_of
from accounts.models import (
    AuditEntry,
    Factor,
    PersonNotice,
    RecoveryCode,
    Session,
    SpentChallenge,
    WrongFactor,
)
from accounts.services import make_api_token, open_session, sign_in_program
from accounts.services.factor_check import forget_old_tries
from accounts.services.factors import seal_secrets_anew
from accounts.services.personal import forget_person, rows_of_person
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Refusal
from kit.parts import Parts
from kit.roles import Role
from kit.settings import BadSettings, Settings, settings_from
from market.app import make_app
from tests.conftest import Browser, WithParts
from tests.factories import HOA, TUAN, code_sent_to, person, vendor, wrong_code
from tests.passkeys import SoftPasskey, options_in
from vendors.models import ReceivingAccount

pytestmark = pytest.mark.usefixtures("db")
SignIn = Callable[..., Any]


async def add_app(client: Browser, clock: StoppedClock) -> tuple[pyotp.TOTP, list[str]]:
    """An app added by page, and the recovery codes that came with it."""
    begun = await client.submit("/me/factors/app")
    assert (begun.status_code, begun.headers["location"]) == (303, "/me/factors/app")
    page = await client.get("/me/factors/app")
    found = re.search(r'<span class="code-text">([A-Z2-7 ]+)</span>', page.text)
    assert found and "data:image/svg+xml" in page.text
    app = pyotp.TOTP(found[1].replace(" ", ""))
    added = await client.submit("/me/factors/app/code", {"code": app.at(clock.now())})
    return app, re.findall(r"<li>([0-9A-Z-]{14})</li>", added.text)


async def add_passkey(client: Browser, key: SoftPasskey | None = None) -> tuple[SoftPasskey, httpx2.Response]:
    made = key or SoftPasskey()
    answer = made.added(options_in((await client.get("/me/factors")).text, "add"))
    return made, await client.submit("/me/factors/passkeys", {"passkey": answer, "label": "Máy của Hoa"})


async def by_code(client: Browser, clock: StoppedClock, phone: str = HOA) -> httpx2.Response:
    """The first step of signing in, done rightly."""
    clock.forward(minutes=5)
    await client.submit("/sign-in", {"phone": phone, "back": "/me"})
    return await client.submit("/sign-in/code", {"code": await code_sent_to(phone)})


async def test_an_app_is_added_and_asked_for_at_sign_in(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    me = await sign_in_as(client, HOA)
    app, codes = await add_app(client, clock)
    assert len(set(codes)) == 10 and await RecoveryCode.filter(person_id=me.id).count() == 10
    assert "Còn 10 mã dự phòng" in (await client.get("/me/factors")).text
    async with browser() as other:
        answer = await by_code(other, clock)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/factor")
        assert "session" not in other.cookies and (await other.get("/me")).status_code == 303
        page = await other.get("/sign-in/factor")
        assert "6 số trong ứng dụng" in page.text
        wrong = await other.submit("/sign-in/factor", {"code": wrong_code(app.at(clock.now()))})
        assert wrong.status_code == 422 and "Mã chưa đúng hoặc đã dùng rồi" in wrong.text
        nothing = await other.submit("/sign-in/factor", {"code": ""})
        assert nothing.status_code == 422 and "Hãy nhập mã" in nothing.text
        entered = await other.submit("/sign-in/factor", {"code": app.at(clock.now())})
        assert (entered.status_code, entered.headers["location"]) == (303, "/me")
        assert (await other.get("/me")).status_code == 200
    told = await PersonNotice.filter(person_id=me.id).count()
    assert told == 1 and await AuditEntry.exists(action="factor_added", person_id=me.id)


async def test_a_code_of_an_app_works_once_and_none_before_it(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    app, _ = await add_app(client, clock)
    async with browser() as one, browser() as other:
        await by_code(other, clock)
        await by_code(one, clock)
        code, before = app.at(clock.now()), app.at(clock.now() - timedelta(seconds=STEP_SECONDS))
        assert (await one.submit("/sign-in/factor", {"code": code})).status_code == 303
        for used in (code, before):
            again = await other.submit("/sign-in/factor", {"code": used})
            assert again.status_code == 422 and "đã dùng rồi" in again.text


async def test_the_second_step_is_nobodys_without_the_first(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    app, _ = await add_app(client, clock)
    async with browser() as other:
        for answer in (
            await other.get("/sign-in/factor"),
            await other.submit("/sign-in/factor", {"code": app.at(clock.now())}),
        ):
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        await other.submit("/sign-in", {"phone": HOA})
        half = await other.get("/sign-in/factor")
        assert (half.status_code, half.headers["location"]) == (303, "/sign-in"), "a phone is no code"
        await by_code(other, clock)
        clock.forward(minutes=10)
        late = await other.submit("/sign-in/factor", {"code": app.at(clock.now())})
        assert (late.status_code, late.headers["location"]) == (303, "/sign-in")


async def test_too_many_wrong_codes_wait_whoever_has_the_phone(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    app, codes = await add_app(client, clock)
    async with browser() as other:
        await by_code(other, clock)
        for _ in range(5):
            await other.submit("/sign-in/factor", {"code": wrong_code(app.at(clock.now()))})
        for right in (app.at(clock.now()), codes[0]):
            full = await other.submit("/sign-in/factor", {"code": right})
            assert full.status_code == 429 and "chờ 15 phút" in full.text and full.headers["retry-after"]
        clock.forward(minutes=16)
        await by_code(other, clock)
        assert (await other.submit("/sign-in/factor", {"code": app.at(clock.now())})).status_code == 303


async def test_a_recovery_code_works_once_however_it_is_typed(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    me = await sign_in_as(client, HOA)
    _, codes = await add_app(client, clock)
    assert not await RecoveryCode.filter(code_hash__in=codes), "only hashes are kept"
    async with browser() as other:
        await by_code(other, clock)
        typed = codes[3].lower().replace("-", " ")
        assert (await other.submit("/sign-in/factor", {"code": typed})).status_code == 303
        await by_code(other, clock)
        again = await other.submit("/sign-in/factor", {"code": codes[3]})
        assert again.status_code == 422 and "không đúng hoặc đã dùng rồi" in again.text
        assert "Còn 9 mã" in (await client.get("/me/factors")).text
    assert await AuditEntry.exists(action="recovery_code_used", person_id=me.id)
    stranger = await person("Tuấn", TUAN)
    assert not await RecoveryCode.filter(person_id=stranger.id).exists()
    fresh = await client.submit("/me/factors/codes", {"proof_sent": "1", "proof_code": codes[5]})
    renewed = re.findall(r"<li>([0-9A-Z-]{14})</li>", fresh.text)
    assert fresh.status_code == 201 and len(renewed) == 10 and not set(renewed) & set(codes)


async def test_a_passkey_is_the_second_step(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    me = await sign_in_as(client, HOA)
    key, added = await add_passkey(client, SoftPasskey(is_verifying=False))
    assert added.status_code == 201 and "Mười mã dự phòng" in added.text
    assert "Khoá trên máy: Máy của Hoa" in (await client.get("/me/factors")).text
    async with browser() as other, browser() as thief:
        assert (await by_code(other, clock)).headers["location"] == "/sign-in/factor"
        asked = options_in((await other.get("/sign-in/factor")).text, "show")
        assert [one["id"] for one in asked["allowCredentials"]] == [(await Factor.get()).credential_id]
        answer = key.shown(asked)
        await by_code(thief, clock)
        stolen = await thief.submit("/sign-in/factor", {"passkey": answer})
        assert stolen.status_code == 422 and "Khoá này không dùng được" in stolen.text, (
            "another device's challenge"
        )
        assert (await other.submit("/sign-in/factor", {"passkey": answer})).status_code == 303
        await by_code(other, clock)
        twice = await other.submit("/sign-in/factor", {"passkey": answer})
        assert twice.status_code == 422, "an answer is good once"
    assert (await Factor.get()).sign_count == key.count and (await Factor.get()).person_id == me.id


@pytest.mark.parametrize(
    "broken",
    [
        {"origin": "http://evil.example"},
        {"host": "evil.example"},
        {"count": 0},
        {"id": b"somebody else's!"},
    ],
)
async def test_a_passkey_for_elsewhere_or_with_an_old_count_is_refused(
    client: Browser, browser: Any, sign_in_as: SignIn, broken: dict[str, Any], clock: StoppedClock
) -> None:
    """A count that goes back says that a copy of the key is about (section 6.1.1)."""
    await sign_in_as(client, HOA)
    key, _ = await add_passkey(client)
    async with browser() as other:
        await by_code(other, clock)
        asked = options_in((await other.get("/sign-in/factor")).text, "show")
        answer = await other.submit("/sign-in/factor", {"passkey": replace(key, **broken).shown(asked)})
        assert answer.status_code == 422 and await WrongFactor.all().count() == 1
        late = replace(key)
        asked = options_in((await other.get("/sign-in/factor")).text, "show")
        clock.forward(minutes=9, seconds=59)
        assert (await other.submit("/sign-in/factor", {"passkey": late.shown(asked)})).status_code == 303


@pytest.mark.parametrize(
    "sent", ["", "{", "[]", "{}", '{"id": 1}', '{"id": "x", "response": {}}', "[" * 9000]
)
async def test_what_is_no_passkey_is_refused_with_a_sentence(
    client: Browser, browser: Any, sign_in_as: SignIn, sent: str, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    await add_passkey(client)
    bad = await client.submit("/me/factors/passkeys", {"passkey": sent})
    assert bad.status_code == 422 and "Máy chưa tạo được khoá" in bad.text
    async with browser() as other:
        alone = await other.submit("/sign-in/passkey", {"passkey": sent})
        assert alone.status_code == 422 and "Chợ không biết khoá này" in alone.text
        await by_code(other, clock)
        assert (await other.submit("/sign-in/factor", {"passkey": sent})).status_code == 422


async def test_a_passkey_alone_signs_in_where_the_browser_made_sure_of_its_person(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    key, _ = await add_passkey(client)
    async with browser() as other:
        asked = options_in((await other.get("/sign-in?back=/orders")).text, "show")
        assert asked["userVerification"] == "required" and not asked.get("allowCredentials")
        unsure = replace(key, is_verifying=False).shown(asked)
        refused = await other.submit("/sign-in/passkey", {"passkey": unsure, "back": "/orders"})
        assert refused.status_code == 422 and "session" not in other.cookies
        asked = options_in((await other.get("/sign-in")).text, "show")
        answer = replace(key, count=5).shown(asked)
        entered = await other.submit("/sign-in/passkey", {"passkey": answer, "back": "/orders"})
        assert (entered.status_code, entered.headers["location"]) == (303, "/orders")
        assert (await other.submit("/sign-in/passkey", {"passkey": answer})).status_code == 422, "once"
    row = await Session.filter(revoked_at=None).order_by("-id").first()
    assert row is not None and row.factor_at == clock.now()


async def test_a_blocked_person_gets_in_by_no_factor(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    me = await sign_in_as(client, HOA)
    key, _ = await add_passkey(client)
    async with browser() as other:
        await by_code(other, clock)
        asked = options_in((await other.get("/sign-in/factor")).text, "show")
        alone = options_in((await other.get("/sign-in")).text, "show")
        me.is_blocked = True
        await me.save()
        assert (await other.submit("/sign-in/factor", {"passkey": key.shown(asked)})).status_code == 403
        assert (await other.submit("/sign-in/passkey", {"passkey": key.shown(alone)})).status_code == 403


async def test_the_same_passkey_is_added_once_and_a_used_challenge_adds_none(
    client: Browser, browser: Any, sign_in_as: SignIn
) -> None:
    await sign_in_as(client, HOA)
    key, _ = await add_passkey(client)
    asked = options_in((await client.get("/me/factors")).text, "add")
    assert [one["id"] for one in asked["excludeCredentials"]] == [(await Factor.get()).credential_id]
    _, again = await add_passkey(client, key)
    assert again.status_code == 422 and "đã được thêm rồi" in again.text
    async with browser() as other:
        await sign_in_as(other, TUAN)
        answer = SoftPasskey().added(asked)
        assert (await other.submit("/me/factors/passkeys", {"passkey": answer})).status_code == 422
    assert await Factor.all().count() == 1


async def test_a_factor_of_somebody_else_is_not_there(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    await add_app(client, clock)
    theirs = (await Factor.get()).id
    async with browser() as other:
        await sign_in_as(other, TUAN)
        assert (await other.submit(f"/me/factors/{theirs}/removal")).status_code == 404
        assert (await other.get("/me/factors/app")).status_code == 303, "nor what somebody else began"
    assert await Factor.exists(id=theirs)


async def test_with_the_last_factor_its_codes_go_and_no_session_has_shown_one(
    client: Browser, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    me = await sign_in_as(client, HOA)
    await add_app(client, clock)
    await add_passkey(client)
    app, passkey = await Factor.all().order_by("id")
    token = await make_api_token(me.id, "phần mềm", now=clock.now(), factor_at=clock.now())
    assert token
    removed = await client.submit(f"/me/factors/{app.id}/removal")
    assert removed.headers["location"] == "/me/factors?told=removed"
    assert await RecoveryCode.all().count() == 10 and await Session.exists(factor_at__isnull=False)
    await client.submit(f"/me/factors/{passkey.id}/removal")
    assert not await RecoveryCode.exists() and not await Session.exists(factor_at__isnull=False)
    assert "Chưa có gì" in (await client.get("/me/factors")).text
    assert await PersonNotice.filter(person_id=me.id).count() == 4


async def test_acts_that_matter_ask_again_and_are_done_with_the_answer(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    """ASVS 7.5.2: devices are ended with a fresh code, or a fresh factor where there is one."""
    me = await sign_in_as(client, HOA)
    other = await open_session(me.id, address="", browser="Firefox", now=clock.now())
    assert other
    line = await Session.all().order_by("-id").first()
    assert line is not None
    place = f"/me/sessions/{line.id}/end"
    clock.forward(minutes=11)
    asked = await client.submit(place)
    assert asked.status_code == 200 and "Xác nhận là bạn" in asked.text
    assert await Session.exists(id=line.id, revoked_at=None)
    code = await code_sent_to(HOA)
    wrong = await client.submit(place, {"proof_sent": "1", "proof_code": wrong_code(code)})
    assert wrong.status_code == 422 and "Mã chưa đúng" in wrong.text
    done = await client.submit(place, {"proof_sent": "1", "proof_code": code})
    assert done.status_code == 303 and not await Session.exists(id=line.id, revoked_at=None)
    label = await client.submit("/me/tokens", {"label": "Máy tính"})
    assert label.status_code == 201, "fresh for ten minutes"


async def test_the_act_is_carried_over_the_question(
    client: Browser, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    app, codes = await add_app(client, clock)
    clock.forward(minutes=11)
    asked = await client.submit("/me/tokens", {"label": 'Sổ "A" <b>'})
    assert 'name="label" value="Sổ &#34;A&#34; &lt;b&gt;"' in asked.text
    assert "một mã dự phòng" in asked.text and "Gửi lại mã" not in asked.text, "who has a factor shows it"
    sent = {"label": "Sổ A", "proof_sent": "1"}
    assert (await client.submit("/me/tokens", sent)).status_code == 422
    assert (await client.submit("/me/tokens", {**sent, "proof_code": "abc"})).status_code == 422
    done = await client.submit("/me/tokens", {**sent, "proof_code": app.at(clock.now())})
    assert done.status_code == 201 and "Sổ A" in done.text
    clock.forward(minutes=11)
    assert (await client.submit("/me/tokens", {**sent, "proof_code": codes[0]})).status_code == 201
    key, _ = await add_passkey(client)
    clock.forward(minutes=11)
    page = (await client.submit("/me/tokens", sent | {"proof_sent": ""})).text
    assert "data-passkey" in page
    shown = key.shown(options_in(page, "show"))
    assert (await client.submit("/me/tokens", {**sent, "proof_passkey": shown})).status_code == 201


async def test_a_code_to_prove_is_for_this_session_alone_and_comes_within_limits(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    async with browser() as other:
        await sign_in_as(other, HOA)
        clock.forward(minutes=11)
        await client.submit("/me/sessions/end")
        code = await code_sent_to(HOA)
        stolen = await other.submit("/me/sessions/end", {"proof_sent": "1", "proof_code": code})
        assert stolen.status_code == 422 and "Mã chưa đúng" in stolen.text
        soon = await client.submit("/me/sessions/end")
        assert soon.status_code == 200 and "Mã vừa được gửi đi" in soon.text
        assert (
            await client.submit("/me/sessions/end", {"proof_sent": "1", "proof_code": code})
        ).status_code == 303


async def test_roles_are_asked_for_a_factor_by_setting(
    client: Browser, sign_in_as: SignIn, settings: Settings, parts: Parts, clock: StoppedClock
) -> None:
    """Where the setting says so the role is nothing without it: pages lead to adding one, acts are refused."""
    strict = replace(settings, factor_required="admin")
    await sign_in_as(client, HOA, Role.ADMIN)
    assert (await client.get("/admin/people")).status_code == 200, "optional in the demo"
    parts.put(Settings, strict)
    async with Browser(WithParts(make_app(strict), parts)) as desk:
        me = await sign_in_as(desk, HOA, Role.ADMIN)
        sent = await desk.get("/admin/people")
        assert (sent.status_code, sent.headers["location"]) == (303, "/me/factors?needed=1")
        assert "Việc của bạn cần lớp bảo vệ thứ hai" in (await desk.get("/me/factors")).text
        act = await desk.submit("/admin/people/1/block")
        assert act.status_code == 403 and "Việc này cần lớp bảo vệ thứ hai" in act.text
        bare = await make_api_token(me.id, "không", now=clock.now())
        shown = await make_api_token(me.id, "có", now=clock.now(), factor_at=clock.now())
        for token, roles in ((bare, []), (shown, ["admin"])):
            told = await desk.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})
            assert [one["role"] for one in told.json()["roles"]] == roles
        await add_app(desk, clock)
        assert (await desk.get("/admin/people")).status_code == 200
        one = await Factor.get()
        last = await desk.submit(f"/me/factors/{one.id}/removal")
        assert last.status_code == 422 and "Hãy thêm cái mới" in last.text and await Factor.exists(id=one.id)


async def test_who_works_with_others_is_asked_at_sign_in(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    async with browser() as other:
        await sign_in_as(other, HOA, Role.CLERK)
    offered = await by_code(client, clock)
    assert offered.headers["location"] == "/me/factors/offer?back=/me"
    page = await client.get("/me/factors/offer?back=/post")
    assert 'href="/post"' in page.text and "Để sau" in page.text
    assert 'href="/me"' in (await client.get("/me/factors/offer?back=//evil.example")).text
    async with browser() as shopper:
        assert (await by_code(shopper, clock, TUAN)).headers["location"] == "/me"


async def test_an_administrator_resets_after_looking_at_who_they_are(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    async with browser() as other:
        them = await sign_in_as(other, TUAN)
        await add_app(other, clock)
        me = await sign_in_as(client, HOA, Role.ADMIN)
        place = f"/admin/people/{them.id}"
        assert "Xem kỹ họ là ai" in (await client.get(place)).text
        unsaid = await client.submit(place + "/factors/reset", {"how": "hearsay"})
        assert unsaid.status_code == 422 and "Hãy chọn cách" in unsaid.text and await Factor.exists()
        done = await client.submit(place + "/factors/reset", {"how": "face"})
        assert done.status_code == 303 and not await Factor.exists() and not await RecoveryCode.exists()
        assert (await other.get("/me")).status_code == 303, "signed out"
        none = await client.submit(place + "/factors/reset", {"how": "face"})
        assert none.status_code == 422 and "chưa có lớp bảo vệ" in none.text
        own = await client.submit(f"/admin/people/{me.id}/factors/reset", {"how": "face"})
        assert own.status_code == 422 and "nhờ một quản trị viên khác" in own.text
        assert (await client.submit("/admin/people/999999/factors/reset", {"how": "face"})).status_code == 404
    entry = await AuditEntry.get(action="factors_reset")
    assert (entry.person_id, entry.subject_id, entry.details) == (me.id, str(them.id), {"how": "face"})
    assert await PersonNotice.filter(person_id=them.id).count() == 2


async def test_programs_send_the_factor_too(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    app, codes = await add_app(client, clock)

    async def given(program: Browser, factor: str) -> httpx2.Response:
        clock.forward(minutes=5)
        await program.post("/api/v1/sign-in/codes", json={"phone": HOA})
        sent = {"phone": HOA, "code": await code_sent_to(HOA), "factor": factor}
        return await program.post("/api/v1/sign-in", json=sent)

    async with browser() as program:
        for factor in ("", "000000x", wrong_code(app.at(clock.now() + timedelta(minutes=5)))):
            refused = await given(program, factor)
            assert refused.status_code == 422 and "factor" in refused.json()["errors"]
        assert (await given(program, codes[0])).status_code == 201
        assert (await given(program, app.at(clock.now() + timedelta(minutes=5)))).status_code == 201


async def test_an_apps_secret_is_sealed_and_sealed_anew(
    client: Browser, sign_in_as: SignIn, settings: Settings, clock: StoppedClock
) -> None:
    me = await sign_in_as(client, HOA)
    app, _ = await add_app(client, clock)
    row = await Factor.get()
    assert app.secret not in row.secret_sealed
    newer = replace(settings, data_key="a newer key, long enough to be one", data_keys_old=settings.data_key)
    assert [await seal_secrets_anew(factor_keys(newer).seal) for _ in range(2)] == [1, 0]
    alone = factor_keys(replace(newer, data_keys_old="")).seal
    assert alone.open((await Factor.get()).secret_sealed, f"factor:{me.id}:app") == app.secret


async def test_a_secret_that_was_begun_waits_an_hour(
    client: Browser, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    await client.submit("/me/factors/app")
    first = (await Factor.get()).secret_sealed
    await client.submit("/me/factors/app")
    assert (await Factor.get()).secret_sealed == first, "the same QR when it is asked for again"
    wrong = await client.submit("/me/factors/app/code", {"code": "12 34"})
    assert wrong.status_code == 422 and not await Factor.exists(confirmed_at__isnull=False)
    clock.forward(minutes=61)
    assert (await client.get("/me/factors/app")).status_code == 303
    await sign_in_as(client, HOA)
    await client.submit("/me/factors/app")
    assert (await Factor.get()).secret_sealed != first


async def test_a_copy_of_ones_data_tells_factors_and_no_secret_and_erasure_takes_them(
    client: Browser, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    me = await sign_in_as(client, HOA)
    app, codes = await add_app(client, clock)
    told = repr(await rows_of_person(me.id))
    assert "'factors'" in told and app.secret not in told and "secret_sealed" not in told
    assert not any(one in told or tidy_recovery(one) in told for one in codes) and "code_hash" not in told
    async with transaction():
        await forget_person(me.id, now=clock.now())
    assert not await Factor.exists() and not await RecoveryCode.exists()


async def test_challenges_and_tries_are_kept_a_day(clock: StoppedClock) -> None:
    await SpentChallenge.create(digest="d" * 64, at=clock.now())
    await WrongFactor.create(person_id=1, at=clock.now())
    await forget_old_tries(clock.now() + timedelta(hours=23))
    assert await SpentChallenge.exists() and await WrongFactor.exists()
    await forget_old_tries(clock.now() + timedelta(hours=25))
    assert not await SpentChallenge.exists() and not await WrongFactor.exists()


def test_the_party_of_passkeys() -> None:
    assert party_of("https://cho.example.vn") == Party("cho.example.vn", "https://cho.example.vn")
    assert party_of("http://127.0.0.1:8000") == Party("localhost", "http://localhost:8000")
    assert party_of("http://[::1]:8000") == Party("localhost", "http://localhost:8000")
    assert party_of("https://203.0.113.7") is None


def test_codes_of_the_standard() -> None:
    """RFC 6238, appendix B: SHA-1, the last six digits; a step is right one before and one after."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = datetime.fromtimestamp(1_111_111_109, UTC)
    assert step_of_code(secret, "081804", at, after=0) == 1_111_111_109 // 30
    for seconds, is_right in ((-31, True), (29, True), (62, False), (-62, False)):
        found = step_of_code(secret, "081804", at + timedelta(seconds=seconds), after=0)
        assert (found is not None) == is_right, seconds
    assert step_of_code(secret, "081804", at, after=1_111_111_109 // 30) is None
    assert digits_of(" 081 804 ") == "081804" and digits_of("08180") == digits_of("0818045") == ""
    assert len({recovery_code() for _ in range(100)}) == 100
    assert tidy_recovery("7kqm 2xwp-9d4t") == "7KQM2XWP9D4T" and tidy_recovery("7kqm") == ""


def test_settings_of_factors() -> None:
    with pytest.raises(BadSettings, match="FACTOR_REQUIRED"):
        settings_from({"FACTOR_REQUIRED": "admin,king"})
    assert settings_from({"FACTOR_REQUIRED": "none", "FACTOR_ASKED": "none"})


async def test_a_program_without_the_phone_learns_of_no_factor(
    client: Browser, sign_in_as: SignIn, settings: Settings, clock: StoppedClock
) -> None:
    await sign_in_as(client, HOA)
    await add_app(client, clock)
    with pytest.raises(Refusal) as refused:
        await sign_in_program(
            HOA, "000000", address="203.0.113.7", now=clock.now(), keys=factor_keys(settings)
        )
    assert refused.value.field == "code"


async def test_who_has_a_factor_shows_it_before_money_moves_elsewhere(
    client: Browser, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    """Receiving accounts, by page and by a page's script; without a factor nothing new is asked."""
    seller = await vendor()
    await sign_in_as(client, HOA, (Role.VENDOR, str(seller.id)))
    clock.forward(minutes=11)
    account = (await ReceivingAccount.get()).id
    asked = await client.submit(f"/sell/accounts/{account}/removal")
    assert "Xác nhận là bạn" not in asked.text
    await sign_in_as(client, HOA)
    app, _ = await add_app(client, clock)
    clock.forward(minutes=11)
    asked = await client.submit(f"/sell/accounts/{account}/default")
    assert asked.status_code == 200 and "Xác nhận là bạn" in asked.text
    headers = {"x-csrf-token": await client.token(), "idempotency-key": "default-0001"}
    place = f"/api/v1/sell/accounts/{account}/default"
    refused = await client.post(place, json={}, headers=headers)
    assert refused.status_code == 403 and "xác nhận lại" in refused.json()["title"]
    proof = {"proof_sent": "1", "proof_code": app.at(clock.now())}
    done = await client.submit(f"/sell/accounts/{account}/default", proof)
    assert "Xác nhận là bạn" not in done.text
    assert (await client.post(place, json={}, headers=headers)).status_code != 403
