"""The pulse of each process: what it is, that it lives, and which routes take its time, kept in Redis for a minute.

The operations page reads it. Redis may lose it: the next beat brings it back.
"""

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from kit.metrics import RouteTimes, slowest_routes

KEY = "pulses"
BEAT_SECONDS, ALIVE_SECONDS = 10, 35
ROUTES_MOST = 12
log = logging.getLogger("pulse")


@dataclass(frozen=True)
class Pulse:
    """One process that lives: web or worker, where, since when, and its slowest routes."""

    kind: str
    name: str
    since: datetime
    seen: datetime
    routes: list[RouteTimes]


@contextlib.asynccontextmanager
async def beating(redis: Redis, kind: str) -> AsyncIterator[None]:
    """While inside, this process tells every ten seconds that it lives; at the end it takes its word back."""
    name, since = f"{socket.gethostname()}:{os.getpid()}", datetime.now(UTC)
    task = asyncio.create_task(_beat(redis, kind, name, since))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        with contextlib.suppress(RedisError, OSError):
            await redis.hdel(KEY, name)  # type: ignore[misc]


async def _beat(redis: Redis, kind: str, name: str, since: datetime) -> None:
    while True:
        try:
            await tell(redis, Pulse(kind, name, since, datetime.now(UTC), slowest_routes(ROUTES_MOST)))
        except (RedisError, OSError) as away:
            log.warning("the pulse is not told, Redis is away: %s", away)
        await asyncio.sleep(BEAT_SECONDS)


async def tell(redis: Redis, pulse: Pulse) -> None:
    """Writes one beat down."""
    said = json.dumps(asdict(pulse), default=lambda moment: moment.isoformat())
    await redis.hset(KEY, pulse.name, said)  # type: ignore[misc]
    await redis.expire(KEY, 2 * ALIVE_SECONDS)


async def pulses(redis: Redis) -> list[Pulse]:
    """Those that live now, web before worker, and forgets those that ended without a word. Raises RedisError."""
    now, alive = datetime.now(UTC), []
    for field, said in (await redis.hgetall(KEY)).items():  # type: ignore[misc]
        one = _read(said)
        if now - one.seen > timedelta(seconds=ALIVE_SECONDS):
            await redis.hdel(KEY, field)  # type: ignore[misc]
        else:
            alive.append(one)
    return sorted(alive, key=lambda one: (one.kind, one.name))


def _read(said: bytes) -> Pulse:
    found = json.loads(said)
    return Pulse(
        str(found["kind"]),
        str(found["name"]),
        datetime.fromisoformat(found["since"]),
        datetime.fromisoformat(found["seen"]),
        [RouteTimes(**one) for one in found["routes"]],
    )
