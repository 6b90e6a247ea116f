"""Words in paths that name nothing: too long for their column, unprintable, or of another alphabet."""

import re
from urllib.parse import quote

import httpx2
import pytest

from kit.settings import Settings
from kit.web.api import JsonRoute
from kit.web.routing import PageRoute
from market.app import all_routes
from tests.fuzz.people import People

WORDS = (
    "A" * 9,
    "A" * 17,
    "a" * 21,
    "a" * 41,
    "A" * 65,
    "a" * 300,
    "\x00",
    "a\x00b",
    "\u202eẵ",
    "👩‍🌾",
    "'\"\\",
    "%s",
)
PLACE = re.compile(r"\{(\w+)(:\w+)?\}")
ROUTES = sorted(
    {
        (next(iter((route.methods or {"GET"}) - {"HEAD"})), route.path)
        for route in all_routes(Settings())
        if isinstance(route, PageRoute | JsonRoute) and "{" in route.path and "/events" not in route.path
    }
)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_path_of_strange_words_is_no_fault(method: str, path: str, people: People) -> None:
    """The market says that there is no such thing, or that this person may not; it never breaks."""
    for client in people.clients:
        first = ask(client, method, with_words(path, WORDS[0]))
        words = WORDS[1:] if first.status_code not in (401, 403) else ()
        for word, answer in [
            (WORDS[0], first),
            *((one, ask(client, method, with_words(path, one))) for one in words),
        ]:
            assert answer.status_code < 500, f"{method} {path} with {word!r}: {answer.text[:300]}"


def with_words(path: str, word: str) -> str:
    """The path with the word in every place for words and a number in every place for numbers."""
    return PLACE.sub(lambda place: "987654321" if place[2] == ":int" else quote(word, safe=""), path)


def ask(client: httpx2.Client, method: str, path: str) -> httpx2.Response:
    """The bare request, with a key where one is asked for and a body that is an empty object."""
    headers = {"idempotency-key": "a-key-of-these-tests"}
    return client.request(method, path, headers=headers, json={} if path.startswith("/api/") else None)
