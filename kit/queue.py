"""The road to the workers: arq over Redis with JSON, numbers only, and nothing kept there."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.constants import default_queue_name, job_key_prefix
from arq.jobs import serialize_job

from kit.fanout import PREFIX
from kit.waking import wake

AHEAD = timedelta(minutes=10)
KEPT_MS = 86_400_000
# What ArqRedis.enqueue_job does in five round trips, in one: a job that is there already stays as it is.
_PUT = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4]) end
"""


def dumps(value: object) -> bytes:
    """arq's job serializer: JSON, so that nothing in Redis can ever run code."""
    return json.dumps(value, default=str).encode()


def loads(raw: bytes) -> dict[str, object]:
    """arq's job deserializer."""
    loaded: dict[str, object] = json.loads(raw)
    return loaded


def redis_settings(redis_url: str) -> RedisSettings:
    """arq's connection settings from redis://, rediss:// or unix:///path?db=0."""
    url = urlsplit(redis_url)
    if url.scheme == "unix":
        password = parse_qs(url.query).get("password", [None])[0]
        settings = RedisSettings(unix_socket_path=url.path, password=password)
    else:
        settings = RedisSettings.from_dsn(redis_url)
    settings.conn_retries, settings.conn_retry_delay, settings.retry_on_timeout = 10, 1, True
    return settings


async def open_queue(redis_url: str) -> ArqRedis:
    """A pool that speaks to Redis and to the workers."""
    return await create_pool(redis_settings(redis_url), job_serializer=dumps, job_deserializer=loads)


class RedisCourier:
    """The outbox's courier over arq and Redis pub/sub.

    Jobs of the kinds in `first` go before all that wait. Of those in `grouped` only the kind is told (kit.waking), as
    whoever works one takes all; what failed before goes alone, by arq.
    """

    def __init__(
        self, queue: ArqRedis, *, first: Collection[str] = (), grouped: Collection[str] = ()
    ) -> None:
        self._queue, self._put = queue, queue.register_script(_PUT)
        self._first, self._grouped = frozenset(first), frozenset(grouped)

    async def push(self, name: str, job_id: int, attempt: int) -> None:
        """Hands a job number to the workers; the same attempt twice is one job."""
        if name in self._grouped and not attempt:
            await wake(self._queue, name, is_first=name in self._first)
            return
        now = int(datetime.now(UTC).timestamp() * 1000)
        # arq works jobs in the order of the time they are due: what is due long since comes first.
        due = now - AHEAD // timedelta(milliseconds=1) if name in self._first else now
        key = f"outbox:{job_id}:{attempt}"
        job = serialize_job(name, (job_id, attempt), {}, None, now, serializer=dumps)
        await self._put(keys=[job_key_prefix + key, default_queue_name], args=[job, KEPT_MS, due, key])

    async def announce(self, *channels: str) -> None:
        """Tells all web processes, in one round trip."""
        async with self._queue.pipeline(transaction=False) as told:
            for channel in channels:
                told.publish(PREFIX + channel, "")
            await told.execute()
