"""Runs the revisions; for autogenerate and check, the wanted tables are those the models make."""

import asyncio
import os

from sqlalchemy import Connection, MetaData, text

from alembic import context
from kit.schema import MigrationWaits, engine, models_metadata

HANDWRITTEN = ("_by_hand",)


def address() -> str:
    """The database: from the caller, else from the environment."""
    given = context.config.attributes.get("database_url") or os.environ.get("DATABASE_URL", "")
    if not given:
        raise SystemExit("Set DATABASE_URL, or run `make run` and copy the address that `make doctor` shows.")
    return str(given)


def compares() -> bool:
    """Whether this run holds the models against the database: check, and revision --autogenerate."""
    typed = context.config.cmd_opts
    if typed is None:
        return bool(context.config.attributes.get("compares"))
    return bool(getattr(typed, "autogenerate", False)) or typed.cmd[0].__name__ == "check"


def is_compared(item: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
    """Leaves out what is written by hand in revisions and no model can say."""
    if kind == "table" and name == "alembic_version":
        return False
    return not (kind in ("index", "unique_constraint") and (name or "").endswith(HANDWRITTEN))


def run(connection: Connection, metadata: MetaData | None) -> None:
    """Runs each revision in a transaction of its own, so that no lock is held for longer than one of them.

    The waits are the session's: they also count where a revision leaves its transaction (CREATE INDEX CONCURRENTLY).
    """
    waits = context.config.attributes.get("waits") or MigrationWaits()
    connection.execute(text(f"SET lock_timeout = {waits.lock_ms}"))
    connection.execute(text(f"SET statement_timeout = {waits.statement_ms}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=is_compared,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    """Connects, finds out what the models want when that is asked, and runs."""
    database_url = address()
    metadata = await models_metadata(database_url) if compares() else None
    connectable = engine(database_url)
    async with connectable.connect() as connection:
        await connection.run_sync(run, metadata)
        await connection.commit()
    await connectable.dispose()


asyncio.run(main())
