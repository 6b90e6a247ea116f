"""Counting searches without touching a table: in Redis, emptied into PostgreSQL by a round."""

import json
import logging
import time
from collections import Counter
from collections.abc import Awaitable
from datetime import date
from typing import Protocol, TypeVar

from arq.connections import ArqRedis
from redis.exceptions import RedisError

KEY, KEPT, POPULAR = "searches:now", "searches:kept", "searches:popular"
MOST_WORDS = 20_000
SEND_SECONDS = 1.0
log = logging.getLogger("search")
T = TypeVar("T")
Counts = dict[tuple[date, str, bool], int]


class Tally(Protocol):
    """Counts of searches since they were last taken, by (day, folded words, something was found)."""

    async def note(self, day: date, words: str, *, found: bool) -> None: ...

    async def take(self) -> Counts:
        """What was counted, again and again until `forget` says that it is kept elsewhere."""

    async def forget(self) -> None: ...

    async def popular(self) -> list[str]: ...

    async def use_popular(self, words: list[str]) -> None: ...


class RedisTally:
    """Counts shared by all processes: noted in the process and sent to Redis once a second at most.

    Losing Redis loses at most a minute of counts, a killed process those of its last second; neither ever a search.
    """

    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis
        self._noted: Counter[str] = Counter()
        self._send_at = float("-inf")

    async def close(self) -> None:
        """Sends what is left."""
        await self._send()

    async def note(self, day: date, words: str, *, found: bool) -> None:
        """Counts one search; beyond 20,000 different ones at a time it counts no more."""
        field = f"{day.isoformat()} {int(found)} {words}"
        if field in self._noted or len(self._noted) < MOST_WORDS:
            self._noted[field] += 1
        if time.monotonic() >= self._send_at:
            self._send_at = time.monotonic() + SEND_SECONDS
            await self._send()

    async def _send(self) -> None:
        noted, self._noted = self._noted, Counter()
        if not noted:
            return
        try:
            room = MOST_WORDS - await _answer(self._redis.hlen(KEY))
            async with self._redis.pipeline(transaction=False) as pipe:
                for field, times in list(noted.items())[: max(room, 0)]:
                    pipe.hincrby(KEY, field, times)
                await pipe.execute()
        except (RedisError, OSError) as away:
            log.warning("searches are not counted, Redis is away: %s", away)

    async def take(self) -> Counts:
        """Sets the counts aside and reads them; those set aside before and not forgotten come first."""
        await self._send()
        if not await self._redis.exists(KEPT):
            if not await self._redis.exists(KEY):
                return {}
            await self._redis.rename(KEY, KEPT)
        rows = await _answer(self._redis.hgetall(KEPT))
        return {_key(field.decode()): int(count) for field, count in rows.items()}

    async def forget(self) -> None:
        """Drops the counts that were taken."""
        await self._redis.delete(KEPT)

    async def popular(self) -> list[str]:
        """What many looked for and found, as last worked out; nothing when Redis is away."""
        try:
            kept = await self._redis.get(POPULAR)
        except (RedisError, OSError):
            return []
        return [str(words) for words in json.loads(kept)] if kept else []

    async def use_popular(self, words: list[str]) -> None:
        """Keeps the list for all processes."""
        await self._redis.set(POPULAR, json.dumps(words))


class CountedTally:
    """The same within one process, for tests and one-process use."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[date, str, bool]] = Counter()
        self._popular: list[str] = []

    async def note(self, day: date, words: str, *, found: bool) -> None:
        """Counts one search."""
        self._counts[(day, words, found)] += 1

    async def take(self) -> Counts:
        """What was counted."""
        return dict(self._counts)

    async def forget(self) -> None:
        """Begins anew."""
        self._counts.clear()

    async def popular(self) -> list[str]:
        """What many looked for."""
        return self._popular

    async def use_popular(self, words: list[str]) -> None:
        """Keeps the list."""
        self._popular = words


async def _answer(asked: Awaitable[T] | T) -> T:
    """The client's answer; its types leave open whether it has to be waited for."""
    return await asked if isinstance(asked, Awaitable) else asked


def _key(field: str) -> tuple[date, str, bool]:
    day, found, words = field.split(" ", 2)
    return date.fromisoformat(day), words, found == "1"
