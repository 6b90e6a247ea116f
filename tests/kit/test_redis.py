"""What hangs on Redis, on a real one: limits, the courier, news for open screens; and what happens without it."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from arq.connections import ArqRedis

from kit.embedded import Running, start_redis
from kit.fanout import Fanout
from kit.limits import RedisLimits
from kit.queue import RedisCourier, dumps, loads, open_queue


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A Redis of this module."""
    folder = Path(tempfile.mkdtemp(prefix="cho-redis-"))
    with start_redis(folder) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def queue(server: Running) -> AsyncIterator[ArqRedis]:
    """An empty queue."""
    made = await open_queue(server.url)
    await made.flushall()
    yield made
    await made.aclose()


async def test_the_one_too_many_is_refused_until_the_window_ends(queue: ArqRedis) -> None:
    """Counted across processes, by key, and forgotten after the window."""
    limits = RedisLimits(queue)
    assert [await limits.allows("a", times=2, seconds=1) for _ in range(3)] == [True, True, False]
    assert await limits.allows("b", times=2, seconds=1)
    await asyncio.sleep(1.1)
    assert await limits.allows("a", times=2, seconds=1)


async def test_limits_do_not_stand_in_the_way_when_redis_is_away(queue: ArqRedis) -> None:
    """They protect; they do not decide."""
    gone = ArqRedis(unix_socket_path="/nowhere/redis.sock")
    assert await RedisLimits(gone).allows("a", times=0, seconds=1)


async def test_the_same_attempt_pushed_twice_is_one_job(queue: ArqRedis) -> None:
    """The sweeper may push what is still waiting."""
    courier = RedisCourier(queue)
    await courier.push("settle_notice", 7, 0)
    await courier.push("settle_notice", 7, 0)
    await courier.push("settle_notice", 7, 1)
    assert sorted(job.args for job in await queue.queued_jobs()) == [[7, 0], [7, 1]]


async def test_money_goes_before_what_was_pushed_earlier(queue: ArqRedis) -> None:
    """Workers take what is due longest."""
    courier = RedisCourier(queue, first=frozenset({"settle_notice"}))
    await courier.push("send_notice", 7, 0)
    await courier.push("settle_notice", 8, 0)
    waiting = await queue.zrange("arq:queue", 0, -1)
    assert waiting == [b"outbox:8:0", b"outbox:7:0"]


async def test_news_wakes_those_who_listen_and_nobody_else(queue: ArqRedis) -> None:
    """One subscription, many listeners."""
    fanout = Fanout(queue)
    fanout.start()
    try:
        async with fanout.listening("order:A") as mine, fanout.listening("order:B") as other:
            await _until_subscribed(queue)
            await RedisCourier(queue).announce("order:A")
            await asyncio.wait_for(mine.wait(), 2)
            assert not other.is_set()
    finally:
        await fanout.stop()


def test_jobs_travel_as_json() -> None:
    """Nothing in Redis is ever unpickled."""
    assert loads(dumps({"f": "settle_notice", "a": (7, 0)})) == {"f": "settle_notice", "a": [7, 0]}
    with pytest.raises(ValueError):
        loads(b"\x80\x04\x95")


async def _until_subscribed(queue: ArqRedis) -> None:
    for _ in range(100):
        if (await queue.pubsub_numpat()) > 0:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody subscribed")
