"""Waking workers for grouped jobs: Redis holds the names of the kinds that wait, each once, however many wait.

One idle worker takes a name the moment it is put there; nobody has to look. What does not go first is gathered for a
moment, so that one group does what several would; what goes first only while it comes again and again, and for less.
Like all of Redis it may be lost: the sweeper names again what still waits (kit.outbox).
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

AWAKE = "outbox:awake"
FIRST, AFTERWARDS = 0, 1
GATHER_SECONDS = 0.2
# Named again so soon after, what goes first is gathered for so long.
BUSY_SECONDS, BUSY_GATHER_SECONDS = 0.05, 0.008
WAIT_SECONDS = 5
RETRY_SECONDS = 1.0
END_SECONDS = 45.0
log = logging.getLogger("waking")


async def wake(redis: Redis, name: str, *, is_first: bool) -> None:
    """Names a kind of job that waits; those that go first are taken before all others."""
    await redis.zadd(AWAKE, {name: FIRST if is_first else AFTERWARDS})


class Waking:
    """Works what is named, in the background of a worker process."""

    def __init__(self, redis: Redis, work: Callable[[str], Awaitable[None]]) -> None:
        self._redis, self._work = redis, work
        self._listening: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._gathering: set[str] = set()
        self._ran_at: dict[str, float] = {}

    def start(self) -> None:
        """Begins to listen."""
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Listens no more, and waits until what is being worked is done."""
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        if self._running:
            await asyncio.wait(self._running, timeout=END_SECONDS)

    async def _listen(self) -> None:
        while True:
            try:
                named = await self._redis.bzpopmin([AWAKE], timeout=WAIT_SECONDS)
            except (RedisError, OSError) as away:
                log.warning("nobody is woken, Redis is away: %s", away)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if named is not None:
                self._begin(bytes(named[1]).decode(), is_first=float(named[2]) == FIRST)

    def _begin(self, name: str, *, is_first: bool) -> None:
        if name in self._gathering:
            return  # whoever gathers takes what has come since
        self._gathering.add(name)
        task = asyncio.create_task(self._run(name, is_first=is_first))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, name: str, *, is_first: bool) -> None:
        await asyncio.sleep(self._pause(name) if is_first else GATHER_SECONDS)
        self._gathering.discard(name)
        self._ran_at[name] = time.monotonic()
        try:
            async with asyncio.timeout(END_SECONDS):
                await self._work(name)
        except Exception:
            log.exception("the jobs of %s wait for the sweeper", name)

    def _pause(self, name: str) -> float:
        """Nobody waits alone for what goes first: only while it comes again and again it is worth gathering."""
        is_busy = time.monotonic() - self._ran_at.get(name, 0.0) < BUSY_SECONDS
        return BUSY_GATHER_SECONDS if is_busy else 0.0
