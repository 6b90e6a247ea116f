"""The web ground: form tokens, headers, errors, languages, static files."""

from collections.abc import Callable

import pytest

from kit.settings import Settings
from tests.conftest import Browser


async def test_a_token_is_masked_anew_and_each_one_is_good(db: None, client: Browser) -> None:
    """Two pages never carry the same text, and both forms are taken."""
    one, other = await client.token(), await client.token()
    assert one != other
    for token in (one, other):
        answer = await client.post("/language", data={"csrf": token, "to": "en", "back": "/about"})
        assert answer.status_code == 303


async def test_a_token_of_another_device_is_refused(db: None, browser: Callable[[], Browser]) -> None:
    """It hangs on the device cookie."""
    async with browser() as mine, browser() as theirs:
        await mine.token()
        answer = await mine.post("/language", data={"csrf": await theirs.token(), "to": "en", "back": "/"})
        assert answer.status_code == 403


async def test_a_broken_token_is_refused_and_not_a_fault(db: None, client: Browser) -> None:
    """Whatever its length and letters."""
    good = await client.token()
    for token in ("", "x", good[:-2], good + "00", good.upper(), "ă" * 80, "0" * 80):
        answer = await client.post("/language", data={"csrf": token, "to": "en", "back": "/"})
        assert answer.status_code == 403, token


async def test_a_form_from_another_site_is_refused_though_its_token_is_good(
    db: None, client: Browser
) -> None:
    """The browser says where it comes from."""
    values = {"csrf": await client.token(), "to": "en", "back": "/"}
    answer = await client.post("/language", data=values, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


async def test_a_form_without_a_length_or_too_large_is_refused_before_it_is_read(
    db: None, client: Browser
) -> None:
    """413, in words."""
    answer = await client.post("/language", data={"csrf": "0" * 80, "back": "/" * 300_000})
    assert answer.status_code == 413


async def test_an_unknown_page_is_a_page_in_the_readers_language(db: None, client: Browser) -> None:
    """404 with one sentence; JSON for programs."""
    assert "Không tìm thấy trang này." in (await client.get("/nowhere")).text
    client.cookies.set("language", "en")
    assert "This page was not found." in (await client.get("/nowhere")).text
    problem = await client.get("/api/v1/nowhere", headers={"accept-language": "en"})
    assert problem.headers["content-type"] == "application/problem+json" and problem.json()["status"] == 404


async def test_every_answer_has_its_headers(db: None, client: Browser, settings: Settings) -> None:
    """A strict policy, no sniffing, an id to find the request by."""
    answer = await client.get("/about")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.headers["x-request-id"]) == 12
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 40_000, b"9" * 5000, b"\xff{}", b'{"phone": NaN', b"null"]
)
async def test_json_that_cannot_be_read_is_no_fault(db: None, client: Browser, body: bytes) -> None:
    """Nested without end, numbers without end, letters that are none."""
    headers = {"x-csrf-token": await client.token(), "content-type": "application/json"}
    answer = await client.post("/api/v1/sign-in/codes", content=body, headers=headers)
    assert answer.status_code == 400 and answer.json()["title"]


async def test_static_files_may_be_kept_when_they_carry_their_mark(db: None, client: Browser) -> None:
    """For ever with the mark, five minutes without."""
    marked = await client.get("/static/css/tokens.css?v=0123456789")
    assert "immutable" in marked.headers["cache-control"]
    assert "max-age=300" in (await client.get("/static/css/tokens.css")).headers["cache-control"]


async def test_pages_are_sent_compressed(db: None, client: Browser) -> None:
    """A phone on 3G thanks."""
    answer = await client.get("/", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
