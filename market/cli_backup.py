"""The commands `backup` and `restore`."""

import argparse
import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from kit.embedded import Running, find_running
from kit.settings import Settings
from market.backup import drop_old, make_backup
from market.restoring import restore

KEEP = 14
WithServers = Callable[[Settings, ExitStack], tuple[Settings, list[Running]]]


def add_backup_commands(commands: Any, with_servers: WithServers) -> None:
    """Adds both to the market's commands."""
    backing = commands.add_parser("backup", help="database, media and open settings into a new folder")
    backing.add_argument("into", nargs="?", default="", help="where backups lie; by default VAR/backups")
    backing.add_argument("--keep", type=int, default=KEEP, help="how many stay; 0: all")
    backing.set_defaults(run=lambda settings, asked: run_backup(settings, asked, with_servers))
    restoring = commands.add_parser("restore", help="a backup into an empty database, with media and search")
    restoring.add_argument("folder", help="the backup's own folder, cho-…")
    restoring.add_argument("--force", action="store_true", help="empty a database that holds something first")
    restoring.set_defaults(run=lambda settings, asked: run_restore(settings, asked, with_servers))


def run_backup(settings: Settings, asked: argparse.Namespace, with_servers: WithServers) -> int:
    """make backup: beside a market that runs, or one that does not."""
    into = Path(asked.into) if asked.into else settings.var_path / "backups"
    with ExitStack() as servers:
        running = find_running(settings.var_path.resolve(), "postgres")
        if running and not settings.database_url:
            settings = replace(settings, database_url=running.url)
        else:
            settings = _with_database(settings, servers, with_servers)
        folder = asyncio.run(make_backup(settings, into))
    print(f"{folder}: {sum(path.stat().st_size for path in folder.rglob('*') if path.is_file()):,} bytes")
    for past in drop_old(into, asked.keep):
        print(f"{past}: dropped, {asked.keep} are kept")
    return 0


def run_restore(settings: Settings, asked: argparse.Namespace, with_servers: WithServers) -> int:
    """make restore: what the folder holds, into this checkout or the database that is set."""
    with ExitStack() as servers:
        settings = _with_database(settings, servers, with_servers)
        done = asyncio.run(restore(settings, Path(asked.folder), force=asked.force))
    print(
        f"Restored what was at {done.manifest.made_at}: {done.media} files, {done.listings} listings indexed,"
        " the books are balanced."
    )
    return 0


def _with_database(settings: Settings, servers: ExitStack, with_servers: WithServers) -> Settings:
    """The database that is set, else the embedded one, started; Redis is not needed for either."""
    if settings.database_url:
        return settings
    started, _ = with_servers(replace(settings, redis_url="none"), servers)
    return replace(settings, database_url=started.database_url)
