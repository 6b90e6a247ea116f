"""One's own second factors in JSON: by a browser's session that was proved just now, never by a bearer token."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from accounts.models import ApiToken, Factor, RecoveryCode, Session
from accounts.services import make_api_token
from kit.clock import StoppedClock
from kit.parts import Parts
from kit.roles import Role
from kit.settings import Settings
from market.app import make_app
from tests.conftest import Browser, WithParts

pytestmark = pytest.mark.usefixtures("db")
SignIn = Callable[..., Awaitable[Any]]
HOA, TUAN = "0912345678", "0912345679"
PAGES = ("/me/factors/app", "/me/factors/app/code", "/me/factors/codes", "/me/factors/passkeys")
ACTS = ("/me/factors/app", "/me/factors/app/code", "/me/factors/codes", "/me/factors/1/removal")


async def acts(client: Browser, path: str, body: dict[str, str] | None = None) -> Any:
    """An act by a page's script: the session's cookie and the form token."""
    headers = {"x-csrf-token": await client.token()}
    return await client.post(f"/api/v1{path}", json=body or {}, headers=headers)


async def test_an_app_is_added_seen_and_removed_by_a_pages_script(
    client: Browser, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    """/api/v1/me/factors, its app, app/code, codes and {factor_id}/removal: the same services as the pages."""
    me = await sign_in_as(client, HOA)
    assert (await client.get("/api/v1/me/factors")).json() == {"factors": [], "codes_left": 0}
    begun = (await acts(client, "/me/factors/app")).json()
    assert begun["address"].startswith("otpauth://totp/") and begun["secret"] in begun["address"]
    assert (await acts(client, "/me/factors/app")).json() == begun, "the same within the hour"
    app = pyotp.TOTP(begun["secret"])
    wrong = "000000" if app.at(clock.now()) != "000000" else "000001"
    refused = await acts(client, "/me/factors/app/code", {"code": wrong})
    assert refused.status_code == 422 and "code" in refused.json()["errors"]
    given = await acts(client, "/me/factors/app/code", {"code": app.at(clock.now())})
    assert given.status_code == 200 and len(given.json()["codes"]) == 10
    again = await acts(client, "/me/factors/app")
    assert again.status_code == 422 and "đã có ứng dụng" in again.json()["title"]
    anew = (await acts(client, "/me/factors/codes")).json()["codes"]
    assert len(set(anew) | set(given.json()["codes"])) == 20
    held = (await client.get("/api/v1/me/factors")).json()
    assert [one["kind"] for one in held["factors"]] == ["app"] and held["codes_left"] == 10
    number = held["factors"][0]["id"]
    gone = await acts(client, f"/me/factors/{number}/removal")
    assert gone.json() == {"factors": [], "codes_left": 0}
    assert (await acts(client, f"/me/factors/{number}/removal")).status_code == 404
    assert not await RecoveryCode.filter(person_id=me.id).exists()


async def test_anothers_factor_is_not_there(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    async with browser() as other:
        await sign_in_as(other, TUAN)
        secret = (await acts(other, "/me/factors/app")).json()["secret"]
        await acts(other, "/me/factors/app/code", {"code": pyotp.TOTP(secret).at(clock.now())})
        await sign_in_as(client, HOA)
        assert (await acts(client, f"/me/factors/{(await Factor.get()).id}/removal")).status_code == 404
        assert await Factor.exists()


async def test_a_session_that_was_not_proved_just_now_is_sent_to_the_page(
    client: Browser, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    """As pages ask again, JSON says where to."""
    me = await sign_in_as(client, HOA)
    await Session.filter(person_id=me.id).update(code_at=clock.now() - timedelta(minutes=11))
    for path in ACTS:
        answer = await acts(client, path, {"code": "123456"})
        assert answer.status_code == 403 and "xác nhận lại bạn là ai" in answer.json()["title"]
    assert not await Factor.exists()


async def test_a_bearer_token_changes_no_factor_and_makes_no_token(
    client: Browser, browser: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    """Neither by JSON nor by the pages with a form token of its own; a stolen one stays what it was."""
    me = await sign_in_as(client, HOA)
    token = await make_api_token(me.id, "trộm", now=clock.now(), factor_at=clock.now())
    bearer = {"authorization": f"Bearer {token}"}
    async with browser() as thief:
        thief.headers.update(bearer)
        for path in ACTS:
            answer = await thief.post(f"/api/v1{path}", json={"code": "123456"})
            assert answer.status_code == 403 and "chính bạn đăng nhập" in answer.json()["title"]
        assert (await thief.get("/api/v1/me/factors")).json() == {"factors": [], "codes_left": 0}
        for path in (*PAGES, "/me/factors/1/removal", "/me/tokens", "/me/sessions/end"):
            refused = await thief.submit(path, {"label": "thêm", "code": "123456", "passkey": "{}"})
            assert refused.status_code == 403 and "Mã truy cập không làm được việc này" in refused.text, path
        assert (await thief.get("/me/factors/app")).status_code == 403
    assert not await Factor.exists() and await ApiToken.all().count() == 1
    assert (await client.get("/me")).status_code == 200, "nobody was signed out"


@pytest.mark.parametrize("path", ["/admin/people", "/api/v1/admin/found"])
async def test_a_token_made_without_a_factor_is_told_to_be_made_anew(
    client: Browser, sign_in_as: SignIn, settings: Settings, parts: Parts, clock: StoppedClock, path: str
) -> None:
    """An administrator's in production: what is wrong with this token, and what to do; one made with it works."""
    strict = replace(settings, factor_required="admin,board")
    parts.put(Settings, strict)
    async with Browser(WithParts(make_app(strict), parts)) as desk:
        me = await sign_in_as(desk, HOA, Role.ADMIN)
        bare = await make_api_token(me.id, "cũ", now=clock.now())
        shown = await make_api_token(me.id, "mới", now=clock.now(), factor_at=clock.now())
    async with Browser(WithParts(make_app(strict), parts)) as program:
        refused = await program.get(path, headers={"authorization": f"Bearer {bare}"})
        assert refused.status_code == 403
        said = refused.json()["title"] if path.startswith("/api") else refused.text
        assert "tạo khi chưa xác nhận bằng lớp bảo vệ thứ hai" in said and "tạo mã mới ở trang «Tôi»" in said
        assert (await program.get(path, headers={"authorization": f"Bearer {shown}"})).status_code == 200
