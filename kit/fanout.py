"""News for open screens: one Redis subscription per process, handed to as many listeners as there are."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

PREFIX = "news:"
RETRY_SECONDS = 1.0
LOOK_SECONDS = 5.0
Look = Callable[["Fanout"], Awaitable[object]]
log = logging.getLogger("fanout")


class News(asyncio.Event):
    """Set whenever there is news; `seen` is the number of the newest event a numbered channel's listener has read.

    It holds no queue: however much comes in while a reader is slow, the reader finds it in the database at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0


class Fanout:
    """Listens to all news and wakes those who wait for a channel. Losing Redis only makes screens slower."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._listeners: dict[str, set[News]] = defaultdict(set)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, *looks: Look) -> None:
        """Begins listening in the background of this process; `looks` go through what may have been missed."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._look(looks))]

    async def stop(self) -> None:
        """Stops listening."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    @contextlib.asynccontextmanager
    async def listening(self, channel: str) -> AsyncIterator[News]:
        """An event that is set whenever news for this channel comes in."""
        event = News()
        self._listeners[channel].add(event)
        try:
            yield event
        finally:
            self._listeners[channel].discard(event)
            if not self._listeners[channel]:
                del self._listeners[channel]

    def wake(self, channel: str) -> None:
        """Wakes the listeners of a channel in this process."""
        for event in self._listeners.get(channel, ()):
            event.set()

    def seen(self, prefix: str) -> dict[str, int]:
        """The open channels of this prefix, each with the least number that a listener of it has seen."""
        return {
            channel: min(one.seen for one in listeners)
            for channel, listeners in self._listeners.items()
            if channel.startswith(prefix)
        }

    async def _look(self, looks: Sequence[Look]) -> None:
        """Goes through the looks at an interval; one that fails, because the database is away, is tried again."""
        while looks:
            await asyncio.sleep(LOOK_SECONDS)
            for look in looks:
                try:
                    await look(self)
                except (
                    Exception
                ) as fault:  # whatever a driver raises: the next look finds what this one did not
                    log.warning("a look for missed news failed: %s", fault)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.psubscribe(PREFIX + "*")
                    async for message in pubsub.listen():
                        if message["type"] == "pmessage":
                            self.wake(message["channel"].decode().removeprefix(PREFIX))
            except (RedisError, OSError) as lost:
                log.warning("news line lost, dialling again: %s", lost)
                await asyncio.sleep(RETRY_SECONDS)
