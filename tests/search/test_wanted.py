"""What people look for is counted by day, without their names; what many look for is offered."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from arq.connections import ArqRedis

from kit.embedded import start_redis
from kit.parts import Parts
from kit.queue import open_queue
from kit.roles import Role
from search.models import SearchCount
from search.tally import CountedTally, RedisTally, Tally
from search.tasks import forget_searches, keep_searches
from search.wanted import keep_counts, note_search, wanted
from tests.conftest import Browser

TODAY = date(2026, 11, 21)


@pytest.fixture
async def redis() -> AsyncIterator[ArqRedis]:
    """A Redis of its own."""
    folder = Path(tempfile.mkdtemp(prefix="cho-redis-"))
    with start_redis(folder) as running:
        made = await open_queue(running.url)
        yield made
        await made.aclose()
    shutil.rmtree(folder)


async def test_searches_and_misses_are_counted_by_folded_words(db: None) -> None:
    tally = CountedTally()
    for typed, found in (("Chè Đinh", True), ("che dinh", True), ("iPhone", False), ("  ", True)):
        await note_search(tally, typed, found=found, today=TODAY)
    assert await keep_counts(tally, today=TODAY) == 2
    assert await keep_counts(tally, today=TODAY) == 0
    rows = {row.words: (row.searches, row.misses) for row in await wanted(since=TODAY)}
    assert rows == {"che dinh": (2, 0), "iphone": (1, 1)}
    assert [row.words for row in await wanted(since=TODAY, only_missed=True)] == ["iphone"]


async def test_numbers_of_people_are_not_kept(db: None) -> None:
    tally = CountedTally()
    for typed in ("0912 000 001", "chè của 0912000001", "079201001234"):
        await note_search(tally, typed, found=False, today=TODAY)
    assert await tally.take() == {}


async def test_what_many_look_for_and_find_is_popular(db: None) -> None:
    tally = CountedTally()
    for typed, times, found in (("mật ong", 3, True), ("na", 2, True), ("ô tô", 9, False)):
        for _ in range(times):
            await note_search(tally, typed, found=found, today=TODAY)
    await keep_counts(tally, today=TODAY)
    assert await tally.popular() == ["mat ong"]


async def test_a_page_counts_once_and_typing_not_at_all(client: Browser, parts: Parts, db: None) -> None:
    await client.get("/search?q=chè")
    await client.get("/search?q=ch", headers={"x-part": "results"})
    await client.get("/search?q=chè&page=2")
    await client.get("/search/box?q=chè")
    assert sum((await parts[Tally].take()).values()) == 1
    await keep_searches(parts)
    assert (await SearchCount.get()).words == "che"
    await SearchCount.all().update(day=TODAY - timedelta(days=500))
    await forget_searches(parts)
    assert await SearchCount.all().count() == 0


async def test_redis_keeps_counts_until_they_are_kept_elsewhere(redis: ArqRedis) -> None:
    """A worker killed between taking and keeping loses nothing: the same counts are taken again."""
    tally = RedisTally(redis)
    await tally.note(TODAY, "mat ong", found=True)
    assert await tally.take() == {(TODAY, "mat ong", True): 1}
    await tally.note(TODAY, "mat ong", found=True)
    assert await tally.take() == {(TODAY, "mat ong", True): 1}
    await tally.forget()
    assert await tally.take() == {(TODAY, "mat ong", True): 1}
    await tally.use_popular(["mat ong"])
    assert await tally.popular() == ["mat ong"]


@pytest.mark.parametrize("asked", ["", "?days=7", "?only=missed", "?days=nonsense"])
async def test_the_administrator_sees_what_lacks(
    client: Browser, sign_in_as: Any, parts: Parts, db: None, asked: str
) -> None:
    await note_search(parts[Tally], "ô tô", found=False, today=TODAY)
    await keep_searches(parts)
    await sign_in_as(client, "0912000004", Role.ADMIN)
    page = (await client.get("/admin/searches" + asked)).text
    assert "o to" in page
    answer = await client.get("/admin/searches.csv" + asked)
    assert "o to,1,1" in answer.text and answer.headers["content-type"].startswith("text/csv")
