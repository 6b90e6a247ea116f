"""Restoring a backup: checked first, into an empty database, then brought forward, indexed and audited."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from kit import schema
from kit.db import connect, credentials_of, disconnect
from kit.media import open_media
from kit.settings import Settings
from market.backup import DATABASE, MEDIA, BackupFailed, Manifest, read_manifest, run_program
from market.filling import rebuild_index
from payments.services import assert_balanced

_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class Restored:
    """What came back."""

    manifest: Manifest
    media: int
    listings: int


async def restore(settings: Settings, folder: Path, *, force: bool) -> Restored:
    """Database, media and search as the backup has them, brought forward to this version. Raises BackupFailed.

    With `force` a database that holds something is emptied first, unless somebody is connected to it.
    """
    manifest = await asyncio.to_thread(read_manifest, folder)
    if manifest.revision not in schema.revisions():
        raise BackupFailed(
            f"The backup is of revision {manifest.revision}, which this version does not know."
        )
    await _make_room(settings.database_url, force=force)
    words = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    database = credentials_of(settings.database_url)["database"]
    await asyncio.to_thread(
        run_program,
        "pg_restore",
        settings.database_url,
        [*words, "--dbname", str(database), str(folder / DATABASE)],
    )
    media = await _put_media(settings, folder / MEDIA)
    await asyncio.to_thread(schema.upgrade, settings.database_url)
    listings = await rebuild_index(settings)
    await _audit(settings.database_url)
    return Restored(manifest, media, listings)


async def _make_room(database_url: str, *, force: bool) -> None:
    connection = await asyncpg.connect(**credentials_of(database_url))
    try:
        if not await connection.fetchval(_TABLES):
            return
        if not force:
            raise BackupFailed(
                "The database is not empty: name an empty one, or say --force to lose what it holds."
            )
        if await connection.fetchval(_OTHERS):
            raise BackupFailed(
                "Somebody is connected to the database: stop all processes of the market first."
            )
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    finally:
        await connection.close()


async def _put_media(settings: Settings, folder: Path) -> int:
    media = open_media(settings.media_url, settings.var_path)
    keys = await asyncio.to_thread(_keys_below, folder)
    for key in keys:
        await media.put(key, await asyncio.to_thread((folder / key).read_bytes))
    return len(keys)


def _keys_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


async def _audit(database_url: str) -> None:
    await connect(database_url, pool_max=2)
    try:
        await assert_balanced()
    finally:
        await disconnect()
