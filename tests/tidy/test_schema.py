"""Models and revisions agree, and every revision can be gone back on."""

import asyncio

from kit import schema
from kit.db import sql


async def test_models_and_revisions_agree(server_url: str) -> None:
    """`alembic check` finds nothing to do."""
    async with schema.scratch_database(server_url, prefix="drift") as url:
        await asyncio.to_thread(schema.upgrade, url)
        await asyncio.to_thread(schema.check, url)


async def test_every_revision_goes_up_down_and_up_again(server_url: str) -> None:
    """Nothing is left behind on the way down."""
    async with schema.scratch_database(server_url, prefix="updown") as url:
        await asyncio.to_thread(schema.upgrade, url)
        await asyncio.to_thread(schema.downgrade, url, "base")
        assert await schema.revision_of(url) is None
        await asyncio.to_thread(schema.upgrade, url)
        assert await schema.revision_of(url) == schema.head()


async def test_every_foreign_key_leads_an_index(db: None) -> None:
    """PostgreSQL makes none by itself; without one, every look from the other side reads the whole table."""
    lacking = await sql("""
        SELECT c.conrelid::regclass::text AS of_table, a.attname AS of_column
        FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND NOT EXISTS (
            SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1]
        )
    """)
    assert lacking == []
