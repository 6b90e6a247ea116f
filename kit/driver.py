"""Tortoise's client for asyncpg, made shorter where every query passes: no task to give a connection back."""

from typing import Any

from asyncpg import (
    DataError,
    IntegrityConstraintViolationError,
    InvalidTransactionStateError,
    SyntaxOrAccessError,
)
from asyncpg.connection import Connection
from asyncpg.pool import Pool, PoolConnectionProxy
from asyncpg.protocol import Record
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.exceptions import IntegrityError, OperationalError, TransactionManagementError

IDLE_SECONDS = 300.0
QUERIES_MOST = 1_000_000  # of a connection; a new one prepares all its statements again
Rows = list[dict[str, Any]]


class QuickPool(Pool):  # type: ignore[misc]  # asyncpg's pool has no types
    """asyncpg's pool, but a connection that has nothing left to end is free at once.

    asyncpg makes a task for each return, so that nobody who is cancelled meanwhile keeps the connection. Where the
    return has nothing to wait for, nobody can be cancelled meanwhile.
    """

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:
        """Takes a connection back."""
        if type(connection) is not PoolConnectionProxy or not self._is_done_with(connection):
            await super().release(connection, timeout=timeout)
            return
        connection._con._on_release()
        await connection._holder.release(timeout)

    def _is_done_with(self, connection: Any) -> bool:
        """Whether nothing is under way in it, and it need not be closed."""
        con, holder = connection._con, connection._holder
        if con is None or con.is_closed() or con.is_in_transaction() or con._top_xact is not None:
            return False
        return bool(
            holder._pool is self
            and not con._protocol._is_cancelling()
            and holder._generation == self._generation
            and con._protocol.queries_count < QUERIES_MOST
        )


class Client(AsyncpgDBClient):
    """The connections of a process: each query takes one for as long as it runs."""

    async def create_pool(self, **settings: Any) -> Pool:
        """Opens the pool."""
        given = {
            "max_queries": QUERIES_MOST,
            "max_inactive_connection_lifetime": IDLE_SECONDS,
            "connection_class": Connection,
            "record_class": Record,
            "loop": None,
        }
        return await QuickPool(None, **(given | settings))

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> Rows:
        """The rows of a query."""
        if self._pool is None:
            return await super().execute_query_dict(query, values)  # type: ignore[no-any-return]
        self.log.debug("%s: %s", query, values)
        connection = await self._pool.acquire()
        try:
            return await _rows(connection, query, values)
        finally:
            await self._pool.release(connection)

    def _in_transaction(self) -> TransactionContext:
        return TransactionContextPooled(InTransaction(self), self._pool_init_lock)


class InTransaction(TransactionWrapper):
    """The one connection of an open transaction."""

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> Rows:
        """The rows of a query."""
        self.log.debug("%s: %s", query, values)
        async with self._lock:
            return await _rows(self._connection, query, values)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(InTransaction(self))


async def _rows(connection: Any, query: str, values: list[Any] | None) -> Rows:
    try:
        found = await connection.fetch(query, *values) if values else await connection.fetch(query)
    except (SyntaxOrAccessError, DataError) as fault:  # told as Tortoise's own client tells them
        raise OperationalError(fault) from fault
    except IntegrityConstraintViolationError as fault:
        raise IntegrityError(fault) from fault
    except InvalidTransactionStateError as fault:
        raise TransactionManagementError(fault) from fault
    return [dict(one) for one in found]


client_class = Client
