"""A person's own page: name and language, places by role, devices, API tokens."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import ApiToken, Person, Session
from accounts.services import make_api_token, open_session
from kit.clock import StoppedClock
from kit.roles import Role
from tests.factories import TUAN, person

pytestmark = pytest.mark.usefixtures("db")
PHONE = "+84912345678"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/me", {"name": "Hoa", "language": "vi"}),
        ("/me/sessions/1/end", {}),
        ("/me/sessions/end", {}),
        ("/me/tokens", {"label": "x"}),
        ("/me/tokens/1/end", {}),
    ],
)
async def test_who_is_not_signed_in_changes_nothing(client: Any, path: str, values: dict[str, str]) -> None:
    assert (await client.submit(path, values)).status_code == 403
    assert await ApiToken.all().count() == 0


async def test_the_page_asks_few_queries(
    client: Any, sign_in_as: Any, clock: StoppedClock, queries: Any
) -> None:
    hoa = await sign_in_as(client, PHONE, (Role.VENDOR, "1"))
    for n in range(12):
        await open_session(hoa.id, address="", browser=ANDROID, now=clock.now())
        await make_api_token(hoa.id, f"sổ {n}", now=clock.now())
    with queries.at_most(3):
        page = await client.get("/me")
    assert page.text.count("Chrome trên Android") == 12 and "sổ 11" in page.text


async def test_name_and_language_are_kept_and_shown(client: Any, sign_in_as: Any) -> None:
    hoa = await sign_in_as(client, PHONE)
    answer = await client.submit("/me", {"name": "  nguyễn thị   hoa ", "language": "en"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me?saved=1")
    row = await Person.get(id=hoa.id)
    assert (row.name, row.language) == ("Nguyễn Thị Hoa", "en")
    page = await client.get("/me?saved=1")
    assert '<html lang="en"' in page.text and "Saved." in page.text and "Nguyễn Thị Hoa</h1>" in page.text


async def test_the_language_follows_the_person_to_another_device(
    client: Any, sign_in_as: Any, browser: Callable[[], Any]
) -> None:
    await sign_in_as(client, PHONE)
    await client.submit("/me", {"name": "Hoa", "language": "en"})
    async with browser() as other:
        await sign_in_as(other, PHONE)
        assert '<html lang="en"' in (await other.get("/me")).text


@pytest.mark.parametrize(
    ("values", "field", "kept"),
    [
        ({"name": "", "language": "vi"}, "name", ""),
        ({"name": "H", "language": "vi"}, "name", "H"),
        ({"name": "<i>" * 60, "language": "vi"}, "name", "&lt;i&gt;" * 60),
        ({"name": "Hoa Mới", "language": "fr"}, "language", "Hoa Mới"),
        ({"name": "Hoa Mới"}, "language", "Hoa Mới"),
        ({}, "name", ""),
    ],
)
async def test_a_bad_profile_changes_nothing_and_keeps_what_was_typed(
    client: Any, sign_in_as: Any, values: dict[str, str], field: str, kept: str
) -> None:
    hoa = await sign_in_as(client, PHONE)
    await Person.filter(id=hoa.id).update(name="Hoa Cũ")
    answer = await client.submit("/me", values)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text and f'value="{kept}"' in answer.text
    assert (await Person.get(id=hoa.id)).name == "Hoa Cũ"


@pytest.mark.parametrize(
    ("role", "there", "missing"),
    [
        (None, "/sell/aboard", "/post"),
        (Role.CLERK, "/post", "/admin"),
        (Role.CARRIER, "/post", "/admin"),
        (Role.BOARD, "/board", "/admin"),
        (Role.ADMIN, "/admin", "/post"),
        (Role.TEAM, "/admin", "/board"),
    ],
)
async def test_each_role_finds_its_places(
    client: Any, sign_in_as: Any, role: Role | None, there: str, missing: str
) -> None:
    await sign_in_as(client, PHONE, *([role] if role else []))
    places = re.findall(r'<a class="list-title" href="([^"]+)"', (await client.get("/me")).text)
    assert "/orders" in places and there in places and missing not in places


async def test_a_seller_finds_the_stall_and_not_the_way_aboard(client: Any, sign_in_as: Any) -> None:
    await sign_in_as(client, PHONE, (Role.VENDOR, "1"))
    places = re.findall(r'<a class="list-title" href="([^"]+)"', (await client.get("/me")).text)
    assert "/sell" in places and "/sell/aboard" not in places


async def test_a_lost_device_is_signed_out_at_once(
    client: Any, sign_in_as: Any, browser: Callable[[], Any]
) -> None:
    hoa = await sign_in_as(client, PHONE)
    async with browser() as lost:
        await sign_in_as(lost, PHONE)
        assert (await lost.get("/me")).status_code == 200
        newest = await Session.filter(person_id=hoa.id).order_by("-id").first()
        assert newest
        assert (await client.submit(f"/me/sessions/{newest.id}/end")).headers["location"] == "/me"
        assert (await lost.get("/me")).status_code == 303
    assert (await client.get("/me")).status_code == 200


async def test_ending_this_devices_session_takes_its_cookie(client: Any, sign_in_as: Any) -> None:
    hoa = await sign_in_as(client, PHONE)
    mine = await Session.get(person_id=hoa.id)
    answer = await client.submit(f"/me/sessions/{mine.id}/end")
    assert answer.headers["location"] == "/sign-in"
    assert any("max-age=0" in one.lower() for one in answer.headers.get_list("set-cookie"))


async def test_signing_out_everywhere_signs_this_device_out_too(
    client: Any, sign_in_as: Any, browser: Callable[[], Any]
) -> None:
    await sign_in_as(client, PHONE)
    async with browser() as other:
        await sign_in_as(other, PHONE)
        await client.submit("/me/sessions/end")
        assert (await other.get("/me")).status_code == 303
    assert (await client.get("/me")).status_code == 303


@pytest.mark.parametrize("kind", ["sessions", "tokens"])
@pytest.mark.parametrize("number", ["999999999", "9" * 15, "9" * 16, "9" * 40])
async def test_what_is_not_there_is_not_found(client: Any, sign_in_as: Any, kind: str, number: str) -> None:
    await sign_in_as(client, PHONE)
    assert (await client.submit(f"/me/{kind}/{number}/end")).status_code == 404


async def test_what_is_anothers_is_not_found(client: Any, sign_in_as: Any, clock: StoppedClock) -> None:
    tuan = await person("Trần Văn Tuấn", TUAN)
    await open_session(tuan.id, address="", browser="", now=clock.now())
    await make_api_token(tuan.id, "của Tuấn", now=clock.now())
    session, token = await Session.get(person_id=tuan.id), await ApiToken.get(person_id=tuan.id)
    await sign_in_as(client, PHONE)
    assert "của Tuấn" not in (await client.get("/me")).text
    assert (await client.submit(f"/me/sessions/{session.id}/end")).status_code == 404
    assert (await client.submit(f"/me/tokens/{token.id}/end")).status_code == 404
    assert await Session.filter(person_id=tuan.id, revoked_at__isnull=True).exists()
    assert await ApiToken.filter(person_id=tuan.id, revoked_at__isnull=True).exists()


async def test_a_token_is_shown_once_works_and_can_be_revoked(
    client: Any, sign_in_as: Any, browser: Callable[[], Any]
) -> None:
    hoa = await sign_in_as(client, PHONE)
    made = await client.submit("/me/tokens", {"label": "Sổ sách"})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    found = re.search(r'<p class="code-text">([\w-]{43})</p>', made.text)
    assert found
    assert found[1] not in (await client.get("/me")).text
    bearer = {"authorization": f"Bearer {found[1]}"}
    async with browser() as program:
        told = await program.get("/api/v1/me", headers=bearer)
        assert told.json()["id"] == hoa.id
        row = await ApiToken.get(person_id=hoa.id)
        assert (await client.submit(f"/me/tokens/{row.id}/end")).status_code == 303
        assert (await program.get("/api/v1/me", headers=bearer)).status_code == 401


@pytest.mark.parametrize("label", ["", "x" * 81])
async def test_a_token_without_a_fit_label_is_not_made(client: Any, sign_in_as: Any, label: str) -> None:
    await sign_in_as(client, PHONE)
    answer = await client.submit("/me/tokens", {"label": label})
    assert answer.status_code == 422
    assert 'id="f-label-error"' in answer.text and f'value="{label}"' in answer.text
    assert await ApiToken.all().count() == 0


async def test_one_token_too_many_is_refused_with_what_was_typed(
    client: Any, sign_in_as: Any, clock: StoppedClock
) -> None:
    hoa = await sign_in_as(client, PHONE)
    for n in range(20):
        await make_api_token(hoa.id, f"máy {n}", now=clock.now())
    answer = await client.submit("/me/tokens", {"label": "một nữa"})
    assert (
        answer.status_code == 422 and "Bạn đang có 20 mã" in answer.text and 'value="một nữa"' in answer.text
    )


async def test_the_page_speaks_english_too(client: Any, sign_in_as: Any) -> None:
    await sign_in_as(client, PHONE, Role.ADMIN, Role.CLERK, Role.BOARD)
    client.cookies.set("language", "en")
    page = (await client.get("/me")).text
    body = re.sub(r"Chợ|Tiếng Việt|Nguyễn Thị Hoa", "", page[page.index("<main") : page.index("</main>")])
    assert not re.search(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", body), body
