"""Models and revisions agree, and every revision can be gone back on."""

import asyncio

from kit import schema


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
