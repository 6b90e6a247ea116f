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
from kit.limits import OwnLimits, RedisLimits
from kit.queue import RedisCourier, dumps, loads, open_queue
from kit.waking import Waking


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


async def test_limits_are_counted_in_the_process_when_redis_is_away(queue: ArqRedis) -> None:
    """They protect without Redis too: nothing is refused that the limit allows, and no more passes."""
    limits = RedisLimits(ArqRedis(unix_socket_path="/nowhere/redis.sock"))
    assert [await limits.allows("a", times=2, seconds=60) for _ in range(4)] == [True, True, False, False]
    assert await limits.allows("b", times=1, seconds=60)


async def test_own_windows_end_and_their_number_is_bounded() -> None:
    now = 0.0
    limits = OwnLimits(keys_max=100, clock=lambda: now)
    assert [await limits.allows("a", times=1, seconds=10) for _ in range(2)] == [True, False]
    now = 10.0
    assert await limits.allows("a", times=1, seconds=10)
    for number in range(1000):
        assert await limits.allows(f"flood {number}", times=1, seconds=10)
        assert len(limits) <= 100
    assert not await limits.allows("flood 999", times=1, seconds=10), "the newest are still counted"
    now = 30.0
    assert await limits.allows("flood 999", times=1, seconds=10)


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


async def test_grouped_jobs_are_named_once_and_money_is_taken_first(queue: ArqRedis) -> None:
    """However many are pushed; what failed before goes alone, by arq."""
    courier = RedisCourier(queue, first={"settle_notice"}, grouped={"send_notice", "settle_notice"})
    for job_id in range(50):
        await courier.push("send_notice", job_id, 0)
        await courier.push("settle_notice", job_id, 0)
    await courier.push("send_notice", 7, 1)
    assert [job.args for job in await queue.queued_jobs()] == [[7, 1]]
    worked: list[str] = []
    done = asyncio.Event()

    async def work(name: str) -> None:
        worked.append(name)
        if name == "settle_notice":
            raise ValueError("a fault in one kind stops nobody")
        done.set()

    waking = Waking(queue, work)
    waking.start()
    await asyncio.wait_for(done.wait(), 5)
    assert worked == ["settle_notice", "send_notice"]
    done.clear()
    await courier.push("send_notice", 99, 0)
    await asyncio.wait_for(done.wait(), 5)
    await waking.close()
    assert worked == ["settle_notice", "send_notice", "send_notice"]


async def test_what_comes_within_a_moment_is_worked_together(queue: ArqRedis) -> None:
    """But for money, which is worked at once, and hardly later where much of it comes."""
    courier = RedisCourier(queue, first={"settle_notice"}, grouped={"send_notice", "settle_notice"})
    worked: list[str] = []
    settled = asyncio.Event()

    async def work(name: str) -> None:
        worked.append(name)
        settled.set()

    waking = Waking(queue, work)
    waking.start()
    for job_id in range(3):
        settled.clear()
        await courier.push("send_notice", job_id, 0)
        await courier.push("settle_notice", job_id, 0)
        await asyncio.wait_for(settled.wait(), 5)
    assert worked == ["settle_notice"] * 3
    await waking.close()
    assert worked == [*["settle_notice"] * 3, "send_notice"]


async def test_what_is_being_worked_is_done_before_a_worker_ends(queue: ArqRedis) -> None:
    begun, ended = asyncio.Event(), list[str]()

    async def work(name: str) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        ended.append(name)

    waking = Waking(queue, work)
    waking.start()
    await RedisCourier(queue, grouped={"send_notice"}).push("send_notice", 1, 0)
    await asyncio.wait_for(begun.wait(), 5)
    await waking.close()
    assert ended == ["send_notice"]


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
