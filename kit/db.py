"""The database: Tortoise's configuration, transactions that send their news after the commit, and row locks."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from tortoise import Tortoise, connections
from tortoise.exceptions import TransactionManagementError
from tortoise.models import Model
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

PACKAGES = ("kit", "accounts", "vendors", "search", "payments", "postal", "orders")
M = TypeVar("M", bound=Model)
AfterCommit = Callable[[], Awaitable[None]]
_after_commit: ContextVar[list[AfterCommit] | None] = ContextVar("after_commit", default=None)


class TransactionFailed(Exception):
    """A query was asked after another had failed in the same transaction; everything was rolled back."""


def tortoise_config(database_url: str, *, pool_max: int = 10) -> dict[str, object]:
    """Tortoise's configuration for postgres://user:password@host:port/name (or …/name?host=/socket/folder)."""
    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": {
                    **credentials_of(database_url),
                    "minsize": 1,
                    "maxsize": pool_max,
                    "reset": _leave_session,
                },
            }
        },
        "apps": {
            package: {"models": [f"{package}.models"], "default_connection": "default"}
            for package in PACKAGES
        },
        "use_tz": True,
        "timezone": "UTC",
    }


async def _leave_session(_: object) -> None:
    """What asyncpg does when a connection goes back to the pool, beyond ending its transaction and its listeners.

    Its own answer is to ask PostgreSQL to undo all settings and locks of the session: a round trip after each query.
    We make none: locks and settings here end with their transaction (pg_advisory_xact_lock, SET LOCAL).
    """


def credentials_of(database_url: str) -> dict[str, object]:
    """The parts of a database address that a driver asks for one by one."""
    url = urlsplit(database_url)
    query = dict(parse_qsl(url.query))
    return {
        "user": unquote(url.username) if url.username else query.get("user"),
        "password": unquote(url.password) if url.password else None,
        "host": query.get("host") or url.hostname,
        "port": int(query.get("port") or url.port or 5432),
        "database": url.path.lstrip("/"),
    }


async def connect(database_url: str, *, pool_max: int = 10) -> None:
    """Opens the pool for this process and proves that the database answers."""
    await Tortoise.init(config=tortoise_config(database_url, pool_max=pool_max), _enable_global_fallback=True)
    await sql("SELECT 1")


async def disconnect() -> None:
    """Closes the pool."""
    await Tortoise.close_connections()


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """One act, all or nothing. Inside another it is a savepoint; news leaves after the outermost commit."""
    outer = _after_commit.get()
    mine: list[AfterCommit] = []
    mark = _after_commit.set(mine)
    try:
        async with in_transaction("default"):
            try:
                yield
            except TransactionManagementError as poisoned:
                # Tortoise would not roll back on this type and would keep the dead connection for the caller.
                raise TransactionFailed(str(poisoned)) from poisoned
    finally:
        _after_commit.reset(mark)
    if outer is not None:
        outer.extend(mine)
        return
    for send in mine:
        await send()


def is_in_transaction() -> bool:
    """Whether a transaction() is open around the caller."""
    return _after_commit.get() is not None


def after_commit(send: AfterCommit) -> None:
    """Keeps an act for after the outermost commit; a rollback forgets it."""
    waiting = _after_commit.get()
    if waiting is None:
        raise RuntimeError("after_commit() needs an open transaction()")
    waiting.append(send)


async def locked(model: type[M], ids: Iterable[object]) -> dict[object, M]:
    """The rows of these primary keys by key, each locked FOR UPDATE in key order until the commit."""
    if not is_in_transaction():
        raise RuntimeError("locked() needs an open transaction()")
    wanted = set(ids)
    if not wanted:
        return {}
    rows = await model.filter(pk__in=sorted(wanted)).order_by(model._meta.pk_attr).select_for_update()
    return {row.pk: row for row in rows}


async def unheld(query: QuerySet[M], *, limit: int) -> list[M]:
    """Up to `limit` rows of a query that no other transaction holds, locked until the commit; for sweepers."""
    if not is_in_transaction():
        raise RuntimeError("unheld() needs an open transaction()")
    return await query.limit(limit).select_for_update(skip_locked=True)


async def sql(query: str, values: list[object] | None = None) -> list[dict[str, object]]:
    """Rows of a query that the models cannot ask, through the transaction that is open, if any."""
    rows = await connections.get("default").execute_query_dict(query, values)
    return [dict(row) for row in rows]
