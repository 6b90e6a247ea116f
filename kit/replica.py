"""Reads that may lag: from a streaming replica while it is there and close behind, else from the main database.

Only what nobody has just written is read so: public lists for strangers, figures. How far it is behind is measured by
the main database's own log position, noted at each look and found again on the replica, so no clock but ours counts.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar

from asyncpg import InterfaceError, PostgresError
from tortoise import connections
from tortoise.exceptions import BaseORMException, DoesNotExist

from kit import metrics
from kit.errors import NotFound

MAIN, REPLICA = "default", "replica"
ANSWER_SECONDS = 2.0
STALE_SECONDS = 20.0
NOTES_MOST = 200
T = TypeVar("T")
_from_replica: ContextVar[bool] = ContextVar("from_replica", default=False)
log = logging.getLogger("replica")


@dataclass
class Standing:
    """Where the replica stands, as last seen: `lag` in seconds, None while it is away or was never seen."""

    is_set: bool = False
    lag_most: float = 0.0
    lag: float | None = None
    seen: float = float("-inf")
    noted: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=NOTES_MOST))

    def is_usable(self, now: float) -> bool:
        """Whether it is close enough behind, and was looked at not long ago."""
        return (
            self.is_set
            and self.lag is not None
            and self.lag <= self.lag_most
            and now - self.seen < STALE_SECONDS
        )


_standing = Standing()


class ReplicaRouter:
    """Tells Tortoise where a query goes: to the replica only where lagging() says so."""

    def db_for_read(self, model: object) -> str:
        """The connection of a query that reads."""
        return reading_from()

    def db_for_write(self, model: object) -> str:
        """Writing is for the main database alone."""
        return MAIN


def use_replica(*, lag_most: float) -> None:
    """This process has a replica, which is read once a look has found it close behind."""
    global _standing
    _standing = Standing(is_set=True, lag_most=lag_most)


def forget_replica() -> None:
    """This process has none any more."""
    global _standing
    _standing = Standing()


def reading_from() -> str:
    """The name of the connection that a query which only reads goes to, here and now."""
    return REPLICA if _from_replica.get() else MAIN


@contextmanager
def from_main() -> Iterator[None]:
    """Inside, all is read from the main database: a transaction reads what it writes."""
    mark = _from_replica.set(False)
    try:
        yield
    finally:
        _from_replica.reset(mark)


async def lagging(read: Callable[[], Awaitable[T]]) -> T:
    """What `read` gives, from the replica if it is usable. When it fails there, it is read from the main database.

    `read` only reads, and gives nothing that whoever asks may have written a moment ago.
    """
    if not _standing.is_usable(time.monotonic()):
        return await read()
    mark = _from_replica.set(True)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await read()
    except (DoesNotExist, NotFound):
        pass  # perhaps it has only not come there yet
    except (OSError, TimeoutError, PostgresError, InterfaceError, BaseORMException) as fault:
        _standing.lag = None
        log.warning("the replica failed, the main database is read: %s", type(fault).__name__)
    finally:
        _from_replica.reset(mark)
    return await read()


async def look_at_replica(_: object = None) -> None:
    """Finds out how far the replica is behind; to be called every few seconds."""
    if not _standing.is_set:
        return
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            written = await _position(MAIN, "pg_current_wal_lsn()")
            _standing.noted.append((time.monotonic(), written))
            replayed = await _position(REPLICA, "pg_last_wal_replay_lsn()")
    except (OSError, TimeoutError, PostgresError, InterfaceError, BaseORMException) as away:
        if _standing.lag is not None:
            log.warning("the replica is away: %s", type(away).__name__)
        _standing.lag = None
    else:
        _standing.lag = _lag(replayed)
    _standing.seen = time.monotonic()
    metrics.replica_seen(_standing.is_usable(_standing.seen))


def _lag(replayed: int) -> float | None:
    """Seconds since the newest noted position that the replica has reached; None when it has reached none of them."""
    now, notes = time.monotonic(), list(_standing.noted)
    if replayed >= notes[-1][1]:
        return 0.0
    return next((now - at for at, position in reversed(notes) if position <= replayed), None)


async def _position(connection: str, asked: str) -> int:
    """A position in the log as a number (PostgreSQL manual, pg_lsn). OSError when the server is no replica."""
    rows = await connections.get(connection).execute_query_dict(f"SELECT {asked}::text AS lsn")
    if rows[0]["lsn"] is None:
        raise OSError("the server is no replica")
    high, low = str(rows[0]["lsn"]).split("/")
    return (int(high, 16) << 32) + int(low, 16)
