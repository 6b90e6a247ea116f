"""The switches of language and letters: kept for a year, back to the page, never to another site."""

from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("db")
YEAR = "Max-Age=31536000"


async def test_the_language_is_kept_and_one_is_back_on_the_page(client: Any) -> None:
    """English for a year, the next page is English."""
    answer = await client.submit("/language", {"to": "en", "back": "/about/rules"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/about/rules"
    assert "language=en" in answer.headers["set-cookie"] and YEAR in answer.headers["set-cookie"]
    assert "Rules and complaints" in (await client.get("/about/rules")).text


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\tevil",
        "/ok\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "about",
        "",
        "/a b",
    ],
)
async def test_a_way_back_to_another_site_leads_home(client: Any, back: str) -> None:
    """No open redirect, no header splitting."""
    for path, more in (("/language", {"to": "vi"}), ("/text-size", {})):
        answer = await client.submit(path, {**more, "back": back})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"


@pytest.mark.parametrize("to", ["", "fr", "EN", "vi en", "<b>"])
async def test_a_language_we_do_not_speak_is_refused(client: Any, to: str) -> None:
    """A sentence, 422, no cookie."""
    answer = await client.submit("/language", {"to": to, "back": "/"})
    assert answer.status_code == 422
    assert "language=" not in answer.headers.get("set-cookie", "")


async def test_a_way_back_that_is_too_long_is_refused(client: Any) -> None:
    """Five hundred characters are enough for any page."""
    assert (await client.submit("/text-size", {"back": "/" + "a" * 600})).status_code == 422


async def test_big_letters_go_on_and_off(client: Any) -> None:
    """The same button twice."""
    await client.submit("/text-size", {"back": "/about"})
    assert 'class="big-text"' in (await client.get("/about")).text
    await client.submit("/text-size", {"back": "/about"})
    assert 'class="big-text"' not in (await client.get("/about")).text


async def test_another_site_cannot_press_the_switches(client: Any) -> None:
    """The form token is asked for."""
    for path in ("/language", "/text-size"):
        assert (await client.post(path, data={"to": "en", "back": "/"})).status_code == 403
