"""Pages kept ready for strangers: the same for all, each with a token of its own, never old for long."""

import gzip
import re
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp

from kit.parts import Parts
from kit.web.ready_made import Asked, ReadyAnswer, ReadyMade, packed, zipped
from search import services
from search.engine import Engine
from search.tally import Tally
from tests import factories
from tests.conftest import Browser
from vendors.models import Listing

TODAY = date(2026, 11, 22)
TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')


class Stamped:
    """A stamp that a test changes."""

    now: object = 1

    def __call__(self) -> object:
        return self.now


@pytest.fixture
def stamp() -> Stamped:
    return Stamped()


@pytest.fixture
def ready(parts: Parts, stamp: Stamped, db: None) -> ReadyMade:
    made = ReadyMade(stamp)
    parts.put(ReadyMade, made)
    return made


def an_answer(stamp: object = 1, seconds: float = 60, body: bytes = b"page") -> ReadyAnswer:
    until = time.monotonic() + seconds
    return ReadyAnswer([], (body,), (), "mark", None, stamp=stamp, until=until)


def asking(*key: object, device: str = "d") -> Asked:
    return Asked(key, device, False, False, b"")


async def test_a_page_is_drawn_once_and_given_to_every_stranger(
    ready: ReadyMade, browser: Callable[[], Browser], queries: Any
) -> None:
    async with browser() as first, browser() as second:
        one = await first.get("/")
        with queries.at_most(0):
            other = await second.get("/")
    assert TOKEN.sub("", one.text) == TOKEN.sub("", other.text)
    for name in ("vary", "content-language", "x-page-of", "content-type", "cache-control"):
        assert one.headers[name].lower() == other.headers[name].lower(), name


async def test_the_form_token_is_the_devices_own_and_works(
    ready: ReadyMade, browser: Callable[[], Browser]
) -> None:
    async with browser() as first, browser() as second:
        one = TOKEN.findall((await first.get("/")).text)
        other = TOKEN.findall((await second.get("/")).text)
        assert one and other and not {*one} & {*other}
        assert len({*first.cookies.values()} & {*second.cookies.values()}) == 0
        sent = await second.post("/language", data={"csrf": other[0], "to": "en", "back": "/"})
        assert sent.status_code == 303
        stolen = await first.post("/language", data={"csrf": other[0], "to": "en", "back": "/"})
        assert stolen.status_code == 403
        assert 'lang="en"' in (await second.get("/")).text
        assert 'lang="vi"' in (await first.get("/")).text


async def test_who_is_signed_in_gets_a_page_of_their_own(
    ready: ReadyMade, client: Browser, browser: Callable[[], Browser], sign_in_as: Any
) -> None:
    assert 'data-page-of="nobody"' in (await client.get("/")).text
    await sign_in_as(client, "0912345678")
    assert 'data-page-of="nobody"' not in (await client.get("/")).text
    async with browser() as stranger:
        assert 'data-page-of="nobody"' in (await stranger.get("/")).text


async def test_big_letters_and_a_basket_are_ones_own(
    ready: ReadyMade, client: Browser, browser: Callable[[], Browser]
) -> None:
    client.cookies.set("text_size", "big")
    assert "big-text" in (await client.get("/")).text
    async with browser() as other:
        assert "big-text" not in (await other.get("/")).text
        other.cookies.set("basket_count", "3")
        assert "bar-count" in (await other.get("/")).text


async def test_what_changed_in_the_index_is_seen_at_once_and_what_changed_in_the_database_soon(
    ready: ReadyMade, client: Browser, stamp: Stamped, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller = await factories.vendor("Cô Hoa", "co-hoa")
    goods = await factories.listing(seller, "Chè đinh", kind="tea", price_dong=950_000)
    await services.index_listing(parts[Engine], goods.id, today=TODAY)
    assert "950.000" in (await client.get("/search?q=che")).text
    await Listing.filter(id=goods.id).update(price_dong=111_000)
    await services.index_listing(parts[Engine], goods.id, today=TODAY)
    assert "950.000" in (await client.get("/search?q=che")).text
    stamp.now = 2
    ready._stamp = (float("-inf"), None)
    assert "111.000" in (await client.get("/search?q=che")).text


async def test_who_acted_sees_what_it_did(ready: ReadyMade, client: Browser) -> None:
    await client.get("/")
    ready.acted("d", time.monotonic())
    (key,) = ready._kept
    assert ready.found(Asked(key, "d", False, False, b""), time.monotonic()) is None
    assert ready.found(Asked(key, "other", False, False, b""), time.monotonic()) is not None


async def test_an_unchanged_page_is_not_sent_again(
    ready: ReadyMade, client: Browser, browser: Callable[[], Browser]
) -> None:
    await client.get("/")
    tag = (await client.get("/")).headers["etag"]
    again = await client.get("/", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    async with browser() as other:
        assert (await other.get("/", headers={"if-none-match": tag})).status_code == 200


async def test_json_for_everybody_may_be_kept_on_the_way(
    ready: ReadyMade, client: Browser, sign_in_as: Any
) -> None:
    first = await client.get("/api/v1/search?q=che")
    assert first.headers["cache-control"] == "public, max-age=1"
    tag = first.headers["etag"]
    for _ in range(2):
        assert (await client.get("/api/v1/search?q=che", headers={"if-none-match": tag})).status_code == 304
    await sign_in_as(client, "0912345678")
    assert (await client.get("/api/v1/search?q=che")).headers["cache-control"] == "private, no-store"


async def test_searches_that_are_given_again_are_counted(
    ready: ReadyMade, client: Browser, parts: Parts
) -> None:
    for _ in range(3):
        await client.get("/search?q=khong co dau")
    assert sum((await parts[Tally].take()).values()) == 3


async def test_packed_pages_read_like_plain_ones(ready: ReadyMade, app: ASGIApp) -> None:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/")
        plain = await client.get("/", headers={"accept-encoding": "identity"})
        small = await client.get("/", headers={"accept-encoding": "gzip"})
    assert small.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert TOKEN.sub("", plain.text) == TOKEN.sub("", small.text)
    assert int(small.headers["content-length"]) < len(plain.content) / 2


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5), st.binary(max_size=90))
def test_what_is_put_between_packed_pieces_comes_out_whole(pieces: list[bytes], between: bytes) -> None:
    whole = tuple(pieces)
    assert gzip.decompress(zipped(whole, packed(whole), between)) == between.join(whole)


def test_of_many_who_find_an_old_answer_one_draws_it_anew() -> None:
    ready, now = ReadyMade(lambda: 1), time.monotonic()
    ready.keep(("a",), an_answer(seconds=-1))
    assert ready.found(asking("a"), now) is None
    assert ready.found(asking("a"), now) is not None
    assert ready.found(asking("a"), now + 0.6) is None


def test_memory_has_an_end() -> None:
    ready = ReadyMade(lambda: 1, most_bytes=1000)
    for number in range(50):
        ready.keep((number,), an_answer(body=b"x" * 100))
    assert [key for (key,) in ready._kept] == list(range(40, 50))
    ready.keep((49,), an_answer(body=b"x" * 200))
    assert sum(one.size for one in ready._kept.values()) <= 1000


@pytest.mark.parametrize("headers", [{"authorization": "Bearer x"}, {"range": "bytes=0-9"}])
async def test_programs_with_a_token_and_parts_of_files_go_their_own_way(
    ready: ReadyMade, client: Browser, headers: dict[str, str]
) -> None:
    await client.get("/", headers=headers)
    assert not ready._kept
