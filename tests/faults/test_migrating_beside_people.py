"""A revision waits for a table only so long, gives up whole, and what old code writes still fits afterwards."""

import asyncio

import asyncpg
import pytest

from kit import schema
from kit.db import credentials_of

HURRIED = schema.MigrationWaits(lock_ms=200, statement_ms=5000)
BEFORE = "0039"


async def test_a_revision_gives_up_rather_than_hold_everybody_up(server_url: str) -> None:
    """Somebody's long transaction holds the jobs; the second try, when it is over, goes through."""
    async with schema.scratch_database(server_url, prefix="waits") as url:
        await asyncio.to_thread(schema.upgrade, url, BEFORE)
        holder = await asyncpg.connect(**credentials_of(url))
        long_act = holder.transaction()
        await long_act.start()
        await holder.execute("LOCK TABLE outbox_job IN ACCESS SHARE MODE")
        with pytest.raises(schema.LockWaited):
            await asyncio.to_thread(schema.upgrade, url, "0040", waits=HURRIED)
        assert await schema.revision_of(url) == BEFORE
        await long_act.rollback()
        await asyncio.to_thread(schema.upgrade, url, "0040", waits=HURRIED)
        assert await schema.revision_of(url) == "0040"
        await holder.execute(
            "INSERT INTO outbox_job (name, subject_id, state, attempts, due_at, last_error, created_at)"
            " VALUES ('as old code writes it', 1, 'waiting', 0, now(), '', now())"
        )
        await holder.close()
