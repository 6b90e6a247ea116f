"""Signing in by page: phone, code, back; cookies; refusals that keep what was typed; out again."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from starlette.responses import Response

from accounts.models import Person, Session, SignInCode
from accounts.routes.cookies import keep_session, keep_step
from accounts.step import Step
from kit.clock import StoppedClock
from kit.settings import Settings
from tests.factories import HOA, TUAN, code_sent_to, wrong_code

pytestmark = pytest.mark.usefixtures("db")


async def asked(client: Any, phone: str = "0912 345 678", back: str = "/me") -> str:
    answer = await client.submit("/sign-in", {"phone": phone, "back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/code")
    return await code_sent_to("+84" + phone.replace(" ", "")[1:])


async def signed_in(client: Any, phone: str = "0912 345 678", back: str = "/me") -> httpx2.Response:
    return await client.submit("/sign-in/code", {"code": await asked(client, phone, back)})


def session_cookie(answer: httpx2.Response) -> str:
    return next((one for one in answer.headers.get_list("set-cookie") if one.startswith("session=")), "")


async def test_a_phone_and_its_code_sign_in_and_lead_back(client: Any) -> None:
    answer = await signed_in(client, back="/orders?page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders?page=2")
    me = await client.get("/me")
    assert me.status_code == 200 and "0912\u00a0345\u00a0678" in me.text


async def test_a_page_for_people_asks_to_sign_in_first_and_remembers_where_from(client: Any) -> None:
    answer = await client.get("/me?saved=1")
    assert answer.status_code == 303
    page = await client.get(answer.headers["location"])
    assert 'name="back" value="/me?saved=1"' in page.text


@pytest.mark.parametrize(
    "back", ["//evil.example/", "/\\evil.example", "https://evil.example", "/\t/evil.example", ""]
)
async def test_nobody_is_led_to_another_site(client: Any, back: str) -> None:
    page = await client.get("/sign-in", params={"back": back})
    assert 'name="back" value="/me"' in page.text
    assert (await signed_in(client, back=back)).headers["location"] == "/me"


async def test_the_phone_is_in_no_address_and_masked_on_the_page(client: Any) -> None:
    await asked(client)
    page = await client.get("/sign-in/code")
    assert "0912 *** 678" in page.text and "345" not in re.sub(
        r"<input[^>]+csrf[^>]+>|\?v=\w+", "", page.text
    )


async def test_the_code_field_is_made_for_phones(client: Any) -> None:
    await asked(client)
    field = re.search(r'<input[^>]+name="code"[^>]*>', (await client.get("/sign-in/code")).text)
    assert field and 'autocomplete="one-time-code"' in field[0] and 'inputmode="numeric"' in field[0]


async def test_the_session_cookie_is_for_this_site_and_no_script(client: Any) -> None:
    cookie = session_cookie(await signed_in(client)).lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie and "domain" not in cookie


def test_in_production_cookies_are_bound_to_the_host_and_to_tls() -> None:
    production, answer = replace(Settings(), mode="production"), Response()
    keep_session(answer, production, "secret")
    keep_step(answer, production, Step(HOA, "/me", 0))
    cookies = answer.headers.getlist("set-cookie")
    assert [one.partition("=")[0] for one in cookies] == ["__Host-session", "__Host-sign_in"]
    assert all("secure" in one.lower() and "path=/" in one.lower() for one in cookies)


async def test_each_sign_in_gives_a_fresh_secret_and_ends_the_one_before(
    client: Any, clock: StoppedClock
) -> None:
    """Session fixation: a secret that somebody planted in the browser is never the one that is signed in."""
    client.cookies.set("session", "p" * 43, domain="test.local")
    await signed_in(client)
    first = client.cookies.get("session")
    assert first and first != "p" * 43
    clock.forward(seconds=31)
    await signed_in(client)
    assert client.cookies.get("session") != first
    assert await Session.filter(revoked_at__isnull=True).count() == 1


async def test_somebody_else_may_sign_in_on_the_same_device(client: Any) -> None:
    await signed_in(client)
    page = await client.get("/sign-in")
    assert "Máy này đang đăng nhập bằng số 0912 *** 678." in page.text
    await signed_in(client, "0987 654 321")
    assert "0987\u00a0654\u00a0321" in (await client.get("/me")).text


async def test_signing_out_removes_the_cookie_and_ends_the_session(client: Any) -> None:
    await signed_in(client)
    token = client.cookies.get("session")
    answer = await client.submit("/sign-out")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "max-age=0" in session_cookie(answer).lower()
    client.cookies.set("session", token)
    assert (await client.get("/me")).status_code == 303


async def test_signing_out_twice_is_no_fault(client: Any) -> None:
    assert (await client.submit("/sign-out")).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/code", "/sign-in/code/again", "/sign-out"])
async def test_a_form_without_its_token_is_refused(client: Any, path: str) -> None:
    await client.get("/sign-in")
    answer = await client.post(path, data={"phone": "0912345678"})
    assert answer.status_code == 403
    assert await SignInCode.all().count() == 0


@pytest.mark.parametrize(
    "typed", ["", "12", "0912 345 67", "không phải số", "0208 385 5123", "<b>0912</b>", "0" * 3000]
)
async def test_a_bad_phone_keeps_what_was_typed_and_sends_nothing(client: Any, typed: str) -> None:
    answer = await client.submit("/sign-in", {"phone": typed, "back": "/orders"})
    assert answer.status_code == 422
    assert 'id="f-phone-error"' in answer.text and 'name="back" value="/orders"' in answer.text
    assert "<b>0912" not in answer.text
    if typed and "<" not in typed:
        assert f'value="{typed}"' in answer.text
    assert await SignInCode.all().count() == 0


async def test_a_form_with_no_field_at_all_is_refused(client: Any) -> None:
    assert (await client.submit("/sign-in")).status_code == 422


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef"])
async def test_a_code_that_cannot_be_one_costs_no_try(client: Any, typed: str) -> None:
    await asked(client)
    answer = await client.submit("/sign-in/code", {"code": typed})
    assert answer.status_code == 422
    assert 'id="f-code-error"' in answer.text and f'value="{typed}"' in answer.text
    assert (await SignInCode.get()).tries == 0


async def test_a_wrong_code_says_how_many_tries_are_left_and_keeps_what_was_typed(client: Any) -> None:
    wrong = wrong_code(await asked(client))
    answer = await client.submit("/sign-in/code", {"code": wrong})
    assert answer.status_code == 422
    assert "Bạn còn 4 lần thử" in answer.text and f'value="{wrong}"' in answer.text
    assert not session_cookie(answer)


async def test_five_wrong_tries_on_the_page_void_the_code(client: Any) -> None:
    code = await asked(client)
    for _ in range(5):
        await client.submit("/sign-in/code", {"code": wrong_code(code)})
    answer = await client.submit("/sign-in/code", {"code": code})
    assert answer.status_code == 422 and "không còn dùng được" in answer.text


async def test_a_code_is_only_good_with_its_own_phone(client: Any, browser: Callable[[], Any]) -> None:
    hoas = await asked(client)
    async with browser() as other:
        tuans = await asked(other, "0987 654 321")
        if hoas == tuans:
            return
        assert (await other.submit("/sign-in/code", {"code": hoas})).status_code == 422
    assert await Person.filter(phone=TUAN).count() == 0


async def test_a_step_made_up_by_somebody_is_none(client: Any) -> None:
    client.cookies.set("sign_in", "eyJwaG9uZSI6ICIrODQ5MTIzNDU2NzgifQ." + "0" * 64)
    assert (await client.get("/sign-in/code")).headers["location"] == "/sign-in"


async def test_after_ten_minutes_the_phone_is_asked_for_again(client: Any, clock: StoppedClock) -> None:
    code = await asked(client)
    clock.forward(minutes=10)
    for path in ("/sign-in/code", "/sign-in/code/again"):
        answer = await client.submit(path, {"code": code})
        assert answer.status_code == 422 and "Đã quá 10 phút" in answer.text
    assert (await client.get("/sign-in/code")).status_code == 303


async def test_another_code_is_sent_after_thirty_seconds(client: Any, clock: StoppedClock) -> None:
    await asked(client, back="/orders")
    clock.forward(seconds=12)
    page = await client.get("/sign-in/code")
    assert 'data-wait-seconds="18"' in page.text
    early = await client.submit("/sign-in/code/again")
    assert (early.status_code, early.headers["retry-after"]) == (429, "18")
    assert "Bạn chờ 18 giây" in early.text
    clock.forward(seconds=18)
    assert (await client.submit("/sign-in/code/again")).status_code == 303
    answer = await client.submit("/sign-in/code", {"code": await code_sent_to(HOA)})
    assert answer.headers["location"] == "/orders"


async def test_too_many_codes_are_refused_at_the_field_with_the_wait_said(client: Any) -> None:
    await asked(client)
    answer = await client.submit("/sign-in", {"phone": "0912 345 678"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert 'value="0912 345 678"' in answer.text and "Bạn chờ 30 giây" in answer.text


async def test_a_blocked_person_is_told_and_stays_out(client: Any) -> None:
    await Person.create(phone=HOA, is_blocked=True)
    answer = await signed_in(client)
    assert answer.status_code == 403 and "đang bị khoá" in answer.text
    assert await Session.all().count() == 0


async def test_the_answer_is_the_same_for_known_and_unknown_phones(
    client: Any, browser: Callable[[], Any]
) -> None:
    await Person.create(phone=HOA)
    pages = []
    for phone in ("0912 345 678", "0987 654 321"):
        async with browser() as one:
            await asked(one, phone)
            page = (await one.get("/sign-in/code")).text
            pages.append(re.sub(r'value="\w+"|09\d\d \*\*\* \d{3}', "", page))
    assert pages[0] == pages[1]


async def test_pretend_texts_are_shown_marked_and_linked_in_the_demo(client: Any, run_jobs: Any) -> None:
    code = await asked(client)
    assert 'href="/twins/texts"' in (await client.get("/sign-in/code")).text
    assert "Chưa có tin nào" in (await client.get("/twins/texts")).text
    await run_jobs()
    page = await client.get("/twins/texts")
    assert code in page.text and "Tin nhắn giả" in page.text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/code", "/twins/texts"])
async def test_pages_speak_english_too(client: Any, path: str) -> None:
    await asked(client)
    client.cookies.set("language", "en")
    page = await client.get(path)
    assert '<html lang="en"' in page.text
    body = re.sub(r"Chợ|Tiếng Việt", "", page.text[page.text.index("<main") : page.text.index("</main>")])
    assert not re.search(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", body), body


async def test_a_code_is_good_for_the_browser_that_asked_alone(
    browser: Any, clock: StoppedClock, client: Any
) -> None:
    """Somebody who overheard the code, with a step of their own for the same phone, gets nowhere with it."""
    async with browser() as eavesdropper:
        await eavesdropper.submit("/sign-in", {"phone": HOA})
        clock.forward(seconds=31)
        await client.submit("/sign-in", {"phone": HOA})
        code = await code_sent_to(HOA)
        refused = await eavesdropper.submit("/sign-in/code", {"code": code})
        assert refused.status_code == 422 and "Mã chưa đúng" in refused.text
    assert (await client.submit("/sign-in/code", {"code": code})).status_code == 303


async def test_who_was_refused_is_logged_by_number(
    client: Any, sign_in_as: Any, caplog: pytest.LogCaptureFixture
) -> None:
    person = await sign_in_as(client, HOA)
    assert (await client.get("/admin/audit")).status_code == 403
    assert f"person {person.id} was refused: GET /admin/audit" in caplog.text
    assert HOA not in caplog.text


async def test_who_asked_for_what_is_hidden_is_logged_by_number_and_told_nothing(
    client: Any, browser: Any, sign_in_as: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """ASVS 16.3.2: a row stands by its number, a code by a mark; the page is that of what never was."""
    async with browser() as other:
        await sign_in_as(other, "+84973000111")
        theirs = (await Session.filter(revoked_at=None).order_by("-id").first()).id
    person = await sign_in_as(client, HOA)
    caplog.clear()
    answers = [await client.submit(f"/me/sessions/{number}/end") for number in (theirs, 999_999)]
    assert [one.status_code for one in answers] == [404, 404]
    assert f"person {person.id} asked for what is hidden or not there: POST" in caplog.text
    assert f"session_id={theirs}" in caplog.text
    assert (await client.get("/orders/D7K2M9P4QX")).status_code == 404
    assert "code=" in caplog.text and "D7K2M9P4QX" not in caplog.text
