"""News for open screens: one Redis subscription per process, handed to as many listeners as there are."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator

from redis.asyncio import Redis
from redis.exceptions import RedisError

PREFIX = "news:"
RETRY_SECONDS = 1.0
log = logging.getLogger("fanout")


class Fanout:
    """Listens to all news and wakes those who wait for a channel. Losing Redis only makes screens slower."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins listening in the background of this process."""
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Stops listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @contextlib.asynccontextmanager
    async def listening(self, channel: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever news for this channel comes in."""
        event = asyncio.Event()
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
