"""The database: Tortoise's configuration, transactions that send their news after the commit, and row locks."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from tortoise import Tortoise, connections
from tortoise.exceptions import TransactionManagementError
from tortoise.models import Model
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from kit import replica, spans

PACKAGES = ("kit", "accounts", "vendors", "search", "payments", "postal", "orders")
STATEMENTS_KEPT = (
    500  # prepared statements of a connection; the driver's own 100 are fewer than the market asks
)
M = TypeVar("M", bound=Model)
AfterCommit = Callable[[], Awaitable[None]]
_after_commit: ContextVar[list[AfterCommit] | None] = ContextVar("after_commit", default=None)


class TransactionFailed(Exception):
    """A query was asked after another had failed in the same transaction; everything was rolled back."""


def tortoise_config(database_url: str, *, pool_max: int = 10, replica_url: str = "") -> dict[str, object]:
    """Tortoise's configuration for postgres://user:password@host:port/name (or …/name?host=/socket/folder)."""
    main = _connection(database_url, pool_max)
    config: dict[str, object] = {
        "connections": {"default": main},
        "apps": {
            package: {"models": [f"{package}.models"], "default_connection": "default"}
            for package in PACKAGES
        },
        "use_tz": True,
        "timezone": "UTC",
    }
    if not replica_url:
        return config
    reading: dict[str, object] = {"server_settings": {"default_transaction_read_only": "on"}, "minsize": 0}
    both = {"default": main, replica.REPLICA: _connection(replica_url, pool_max, **reading)}
    return {**config, "connections": both, "routers": [replica.ReplicaRouter]}


def _connection(url: str, pool_max: int, **more: object) -> dict[str, object]:
    credentials = {
        **credentials_of(url),
        "minsize": 1,
        "maxsize": pool_max,
        "reset": _leave_session,
        "init": _watch_statements,
        "statement_cache_size": STATEMENTS_KEPT,
        **more,
    }
    return {"engine": "kit.driver", "credentials": credentials}


def program_environment(database_url: str) -> dict[str, str]:
    """How PostgreSQL's own programs (pg_dump, psql …) are told of a database, its password not among their words."""
    parts = credentials_of(database_url)
    names = {"PGUSER": "user", "PGPASSWORD": "password", "PGHOST": "host", "PGPORT": "port"}
    known = {**names, "PGDATABASE": "database"}
    return {variable: str(parts[name]) for variable, name in known.items() if parts[name]}


async def _leave_session(_: object) -> None:
    """What asyncpg does when a connection goes back to the pool, beyond ending its transaction and its listeners.

    Its own answer is to ask PostgreSQL to undo all settings and locks of the session: a round trip after each query.
    We make none: locks and settings here end with their transaction (pg_advisory_xact_lock, SET LOCAL).
    """


async def _watch_statements(connection: Any) -> None:
    """A new connection of the pool tells how long statements take, when traces are on; else nothing is added."""
    if spans.is_traced():
        connection.add_query_logger(_statement_done)


def _statement_done(record: Any) -> None:
    spans.statement_done(record.elapsed)


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


async def connect(
    database_url: str, *, pool_max: int = 10, replica_url: str = "", lag_most: float = 0.0
) -> None:
    """Opens the pool for this process and proves that the database answers; a replica may be away."""
    config = tortoise_config(database_url, pool_max=pool_max, replica_url=replica_url)
    await Tortoise.init(config=config, _enable_global_fallback=True)
    if replica_url:
        replica.use_replica(lag_most=lag_most)
    await sql("SELECT 1")


async def disconnect() -> None:
    """Closes the pool."""
    replica.forget_replica()
    await Tortoise.close_connections()


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """One act, all or nothing. Inside another it is a savepoint; news leaves after the outermost commit."""
    outer = _after_commit.get()
    mine: list[AfterCommit] = []
    mark = _after_commit.set(mine)
    try:
        with replica.from_main():
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


@asynccontextmanager
async def snapshot() -> AsyncIterator[None]:
    """For looks at everything: all that is read inside is of one moment, and nothing can be written."""
    async with transaction():
        await sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@asynccontextmanager
async def within_transaction() -> AsyncIterator[None]:
    """The open transaction, or one of its own: for an act that has written nothing yet whenever it refuses.

    Such an act needs no savepoint of its own inside another.
    """
    if is_in_transaction():
        yield
        return
    async with transaction():
        yield


def is_in_transaction() -> bool:
    """Whether a transaction() is open around the caller."""
    return _after_commit.get() is not None


async def not_while_locking(_: object) -> None:
    """A client's hook: nobody outside is asked within a transaction: locks would wait, a crash forget the asking."""
    if is_in_transaction():
        raise RuntimeError("somebody outside was asked within an open transaction()")


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
    key = model._meta.db_pk_column
    rows = await select(model, f'WHERE "{key}" = ANY($1) ORDER BY "{key}" FOR UPDATE', [list(wanted)])
    return {row.pk: row for row in rows}


async def unheld(query: QuerySet[M], *, limit: int) -> list[M]:
    """Up to `limit` rows of a query that no other transaction holds, locked until the commit; for sweepers."""
    if not is_in_transaction():
        raise RuntimeError("unheld() needs an open transaction()")
    return await query.limit(limit).select_for_update(skip_locked=True)


async def select(model: type[M], tail: str, values: list[object]) -> list[M]:
    """A model's rows by fixed SQL, for hot paths: `tail` is all that follows FROM and the table's name.

    The models' own queries are written anew each time they are asked; this text is made once, and prepared once.
    """
    rows = await sql(select_text(model, tail), values)
    return [model._init_from_db(**row) for row in rows]


async def select_with(model: type[M], more: str, tail: str, values: list[object]) -> list[tuple[M, object]]:
    """The same, each row with one value more: `more` is an expression that may ask other tables."""
    rows = await sql(select_text(model, tail, more), values)
    return [(model._init_from_db(**row), row["more"]) for row in rows]


@lru_cache(maxsize=500)
def select_text(model: type[Model], tail: str, more: str = "") -> str:
    """The text of select() and select_with()."""
    columns = ", ".join(f'"{column}"' for column in model._meta.fields_db_projection.values())
    also = f", {more} AS more" if more else ""
    return f'SELECT {columns}{also} FROM "{model._meta.db_table}" {tail}'  # noqa: S608  names of ours, no values


async def insert(row: M) -> M:
    """Writes one new row by fixed SQL; it learns its number. Defaults of the model count, not those of the table."""
    model = type(row)
    values = [_column([row], name)[0] for name in _names(model, has_key=False)]
    learn = f'RETURNING "{model._meta.db_pk_column}" AS key'
    query = _insert_one(model, has_key=False, tail=learn)
    [made] = await connections.get("default").execute_query_dict(query, values)
    row.pk, row._saved_in_db = made["key"], True
    return row


@lru_cache(maxsize=100)
def _insert_one(model: type[Model], has_key: bool, tail: str) -> str:
    names = _names(model, has_key)
    named = ", ".join(f'"{model._meta.fields_db_projection[name]}"' for name in names)
    places = ", ".join(f"${place}" for place in range(1, len(names) + 1))
    return f'INSERT INTO "{model._meta.db_table}" ({named}) VALUES ({places}) {tail}'  # noqa: S608  names of ours


async def insert_with(row: M, *belonging: Sequence[Model]) -> M:
    """Writes one new row, which learns its number, and what belongs to it, in one statement of fixed text.

    Each of `belonging` are new rows of one model; its foreign key to the row's model is filled in by the statement.
    """
    groups = [rows for rows in belonging if rows]
    values = [_column([row], name)[0] for name in _names(type(row), has_key=False)]
    for rows in groups:
        columns = [_column(rows, name) for name in _names_but(type(rows[0]), type(row))]
        values += [column[0] for column in columns] if len(rows) == 1 else columns
    query = _insert_with(type(row), tuple((type(rows[0]), len(rows) == 1) for rows in groups))
    [made] = await connections.get("default").execute_query_dict(query, values)
    row.pk, row._saved_in_db = made["key"], True
    return row


@lru_cache(maxsize=100)
def _insert_with(model: type[Model], belonging: tuple[tuple[type[Model], bool], ...]) -> str:
    key = model._meta.db_pk_column
    parts = [f'made AS ({_insert_one(model, has_key=False, tail=f"""RETURNING "{key}" AS key""")})']
    place = len(_names(model, has_key=False))
    for number, (other, is_one) in enumerate(belonging):
        names = _names_but(other, model)
        columns = [_key_to(other, model), *(other._meta.fields_db_projection[name] for name in names)]
        kinds = [str(other._meta.fields_map[name].get_for_dialect("postgres", "SQL_TYPE")) for name in names]
        # A length in a cast would cut what is too long; without it the column refuses.
        kinds = [re.sub(r"\(\d+\)", "", kind) for kind in kinds]
        ends = "" if is_one else "[]"
        places = ", ".join(f"${at}::{kind}{ends}" for at, kind in enumerate(kinds, start=place + 1))
        given = f"key, {places} FROM made" if is_one else f"key, given.* FROM made, unnest({places}) AS given"
        into = ", ".join(f'"{column}"' for column in columns)
        parts.append(f'with{number} AS (INSERT INTO "{other._meta.db_table}" ({into}) SELECT {given})')
        place += len(names)
    return f"WITH {', '.join(parts)} SELECT key FROM made"  # noqa: S608  names of ours, no values


def _names_but(model: type[Model], owner: type[Model]) -> list[str]:
    """The model's columns but for its number and its key to the owner."""
    key = _key_to(model, owner)
    return [name for name in _names(model, has_key=False) if model._meta.fields_db_projection[name] != key]


def _key_to(model: type[Model], owner: type[Model]) -> str:
    meta = model._meta
    [source] = [
        str(meta.fields_map[name].source_field)
        for name in meta.fk_fields
        if getattr(meta.fields_map[name], "related_model", None) is owner
    ]
    return str(meta.fields_db_projection.get(source, source))


async def insert_all(rows: Sequence[Model], tail: str = "") -> None:
    """Writes new rows of one model in one statement of fixed text; `tail` may say what to do ON CONFLICT.

    The rows learn no numbers; where the first has one, all have.
    """
    if not rows:
        return
    model, has_key = type(rows[0]), rows[0].pk is not None
    columns = [_column(rows, name) for name in _names(model, has_key)]
    if len(rows) == 1:
        values: list[object] = [column[0] for column in columns]
        await connections.get("default").execute_query_dict(_insert_one(model, has_key, tail), values)
        return
    await connections.get("default").execute_query_dict(_insert(model, has_key, tail), columns)


def _names(model: type[Model], has_key: bool) -> list[str]:
    return [name for name in model._meta.fields_db_projection if has_key or name != model._meta.pk_attr]


def _column(rows: Sequence[Model], name: str) -> list[object]:
    field = rows[0]._meta.fields_map[name]
    return [field.to_db_value(getattr(row, name), row) for row in rows]


@lru_cache(maxsize=100)
def _insert(model: type[Model], has_key: bool, tail: str) -> str:
    columns = _names(model, has_key)
    kinds = (model._meta.fields_map[name].get_for_dialect("postgres", "SQL_TYPE") for name in columns)
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(kinds, start=1))
    named = ", ".join(f'"{model._meta.fields_db_projection[name]}"' for name in columns)
    into = f'INSERT INTO "{model._meta.db_table}" ({named})'
    return f"{into} SELECT * FROM unnest({arrays}) {tail}"  # noqa: S608  names of ours, no values


async def sql(query: str, values: list[object] | None = None) -> list[dict[str, object]]:
    """Rows of a query that the models cannot ask, through the transaction that is open, if any."""
    if values and any(type(value) is list and len(value) == 1 for value in values):
        query, values = _plainly(query, values)
    rows: list[dict[str, object]] = await connections.get(replica.reading_from()).execute_query_dict(
        query, values
    )
    return rows


def _plainly(query: str, values: list[object]) -> tuple[str, list[object]]:
    """The same with lists of one asked as that one: what compares with a list is planned anew each time it is asked."""
    ones = frozenset(at for at, value in enumerate(values) if isinstance(value, list) and len(value) == 1)
    text, plain = _with_plain(query, ones)
    return text, [one[0] if at in plain and isinstance(one, list) else one for at, one in enumerate(values)]


@lru_cache(maxsize=1000)
def _with_plain(query: str, ones: frozenset[int]) -> tuple[str, frozenset[int]]:
    """The text with `= $1` for `= ANY($1)`, and which of `ones` are asked so: those that are compared and no more."""
    plain = set()
    for at in ones:
        compared, named = rf"= ANY\(\${at + 1}\)", rf"\${at + 1}\b"
        if (count := len(re.findall(compared, query))) and count == len(re.findall(named, query)):
            query = re.sub(compared, f"= ${at + 1}", query)
            plain.add(at)
    return query, frozenset(plain)
