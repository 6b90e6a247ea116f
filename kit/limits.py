"""Rate limits counted in Redis: cheap, shared by all processes, and disposable."""

import logging
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger("limits")


class Limits(Protocol):
    """Counts acts by key."""

    async def allows(self, key: str, *, times: int, seconds: int) -> bool: ...


class RedisLimits:
    """Fixed windows in Redis. If Redis is away, everything is allowed: limits protect, they do not decide."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

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
            log.warning("limits are off, Redis is away: %s", away)
            return True
        return int(count) <= times


class CountedLimits:
    """Limits within one process, for tests and one-process use; windows never end."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    async def allows(self, key: str, *, times: int, seconds: int) -> bool:
        """Counts one act; False when it is one too many."""
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key] <= times
