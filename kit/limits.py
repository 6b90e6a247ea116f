"""Rate limits counted in Redis: cheap, shared by all processes, and disposable; in each process while Redis is away."""

import logging
import time
from collections.abc import Callable
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

KEYS_MAX = 20_000
SAID_EVERY_SECONDS = 30
log = logging.getLogger("limits")


class Limits(Protocol):
    """Counts acts by key."""

    async def allows(self, key: str, *, times: int, seconds: int) -> bool: ...


class RedisLimits:
    """Fixed windows in Redis. While Redis is away each process counts for itself (ASVS 2.4.1): no limit goes off."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._own = OwnLimits()
        self._said_at = -float(SAID_EVERY_SECONDS)

    async def allows(self, key: str, *, times: int, seconds: int) -> bool:
        """Counts one act; False when it is one too many within the window."""
        name = f"limit:{key}"
        try:
            async with self._redis.pipeline() as pipe:
                pipe.incr(name)
                pipe.ttl(name)
                count, ttl = await pipe.execute()
            if ttl < 0:
                await self._redis.expire(name, seconds)
        except (RedisError, OSError) as away:
            self._say(away)
            return await self._own.allows(key, times=times, seconds=seconds)
        return int(count) <= times

    def _say(self, away: Exception) -> None:
        now = time.monotonic()
        if now - self._said_at >= SAID_EVERY_SECONDS:
            self._said_at = now
            log.warning("limits are counted in this process alone, Redis is away: %s", away)


class OwnLimits:
    """Fixed windows within one process, of at most so many keys.

    When full, windows that are over go, then those that began first: who floods with new keys pushes out counts, so
    the memory is bounded and the newest acts are still counted.
    """

    def __init__(self, *, keys_max: int = KEYS_MAX, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys_max, self._clock = keys_max, clock
        self._windows: dict[str, tuple[float, int]] = {}

    async def allows(self, key: str, *, times: int, seconds: int) -> bool:
        """Counts one act; False when it is one too many within the window."""
        now = self._clock()
        ends_at, count = self._windows.get(key, (0.0, 0))
        if ends_at <= now:
            self._windows.pop(key, None)  # a new window stands at the end of the row
            self._make_room(now)
            ends_at, count = now + seconds, 0
        self._windows[key] = (ends_at, count + 1)
        return count < times

    def __len__(self) -> int:
        return len(self._windows)

    def _make_room(self, now: float) -> None:
        if len(self._windows) < self._keys_max:
            return
        self._windows = {key: one for key, one in self._windows.items() if one[0] > now}
        for key in list(self._windows)[: len(self._windows) - self._keys_max + self._keys_max // 10]:
            del self._windows[key]


class CountedLimits:
    """Limits within one process, for tests and one-process use; windows never end."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    async def allows(self, key: str, *, times: int, seconds: int) -> bool:
        """Counts one act; False when it is one too many."""
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key] <= times
