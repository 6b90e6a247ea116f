"""A real streaming replica: what may lag is read from it, what was just written never, and it may go away."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from kit import replica, schema
from kit.db import connect, disconnect, sql, transaction
from kit.embedded import free_port
from kit.embedded.postgres_home import Home, Programs, find_home, find_programs, reachable_programs
from kit.models import DatedRule
from kit.replica import lagging, look_at_replica
from kit.settings import Settings
from market.board import board_page
from market.doctor import report
from tests.running import eventually, new_folder

LAG_MOST = 1.0
BEHIND = "SELECT pg_is_in_recovery() AS yes"


@dataclass
class Server:
    """One PostgreSQL of this test on a port of its own."""

    programs: Programs
    home: Home
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its database `postgres`."""
        return f"postgres://cho@127.0.0.1:{self.port}/postgres"

    def run(self, *words: str) -> None:
        """One of its programs, to its end."""
        done = subprocess.run(
            [str(self.programs.bin / words[0]), *words[1:]], capture_output=True, text=True, **self._who()
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """The server, until it answers."""
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "fsync": "off", "hot_standby": "on"}
        more = {"unix_socket_directories": "", "wal_level": "replica", "max_wal_senders": "4"}
        words = [f"{name}={value}" for name, value in (settings | more).items()]
        argv = [str(self.programs.bin / "postgres"), "-D", str(self.home.cluster)]
        argv += [part for word in words for part in ("-c", word)]
        with (self.home.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log, **self._who())
        ready = [str(self.programs.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        eventually(lambda: subprocess.run(ready, check=False).returncode == 0, 60, self.said)

    def stop(self) -> None:
        """At once, as when its machine is lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def said(self) -> str:
        """The end of its log."""
        return (self.home.folder / "log").read_text()[-2000:]

    def _who(self) -> dict[str, Any]:
        account = self.home.account
        if account is None:
            return {"cwd": "/"}
        return {"cwd": "/", "user": account.uid, "group": account.gid, "extra_groups": []}


def server_in(folder: Path) -> Server:
    """A server whose cluster is to lie in this folder."""
    folder.mkdir()
    home = find_home(folder)
    if home.account is not None:
        os.chown(folder, home.account.uid, home.account.gid)
    return Server(reachable_programs(find_programs(), folder, home.account), home)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    """A main server and its replica, made by pg_basebackup."""
    folder = new_folder()
    folder.chmod(0o755)
    main, other = server_in(folder / "main"), server_in(folder / "other")
    try:
        main.run(
            "initdb", "-D", str(main.home.cluster), "-U", "cho", "-A", "trust", "-E", "UTF8", "--no-locale"
        )
        main.start()
        schema.upgrade(main.url)
        source = ["-h", "127.0.0.1", "-p", str(main.port), "-U", "cho", "-X", "stream", "-c", "fast"]
        main.run("pg_basebackup", *source, "-R", "-D", str(other.home.cluster))
        other.start()
        yield main, other
    finally:
        other.stop()
        main.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def market(servers: tuple[Server, Server]) -> AsyncIterator[tuple[Server, Server]]:
    """This process connected to both, the replica found close behind."""
    main, other = servers
    await connect(main.url, pool_max=4, replica_url=other.url, lag_most=LAG_MOST)
    await until_read(True)
    yield servers
    await disconnect()


async def until_read(from_replica: bool, seconds: float = 30) -> None:
    """Looks until what may lag is read from there."""
    deadline = time.monotonic() + seconds
    while await is_behind() is not from_replica:
        assert time.monotonic() < deadline, replica._standing
        await asyncio.sleep(0.1)
        await look_at_replica()


async def is_behind() -> bool:
    """Whether what may lag is read from the replica now."""
    rows = await lagging(lambda: sql(BEHIND))
    return bool(rows[0]["yes"])


async def noted(name: str) -> int:
    """How many rules of this name what may lag finds."""
    return await lagging(lambda: DatedRule.filter(name=name).count())


async def note(name: str) -> None:
    """Writes something down."""
    await DatedRule.create(name=name, valid_from=datetime.now(UTC).date(), value="1")


async def ask(server: Server, query: str) -> None:
    """Something of one server itself."""
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute(query)
    finally:
        await connection.close()


async def test_only_what_may_lag_is_read_there(market: tuple[Server, Server]) -> None:
    """By models and by SQL; beside it, in a transaction, and whatever writes is for the main database."""
    assert not (await sql(BEHIND))[0]["yes"]

    async def within() -> bool:
        async with transaction():
            await note("written while reading")
            return bool((await sql(BEHIND))[0]["yes"])

    assert await lagging(within) is False
    assert await DatedRule.filter(name="written while reading").count() == 1
    assert (await board_page(datetime.now(UTC))).markets == []


async def test_what_was_just_written_is_there_for_who_wrote_it(market: tuple[Server, Server]) -> None:
    """The replica stands still: what may lag is old, all else is new; once it is too far behind, all is new."""
    _, other = market
    await ask(other, "SELECT pg_wal_replay_pause()")
    try:
        await note("just written")
        assert await DatedRule.filter(name="just written").count() == 1
        assert await noted("just written") == 0, "it may lag"
        await until_read(False)
        assert await noted("just written") == 1
    finally:
        await ask(other, "SELECT pg_wal_replay_resume()")
    await until_read(True)
    assert await noted("just written") == 1


async def test_a_replica_that_goes_away_is_not_felt(market: tuple[Server, Server]) -> None:
    """The very read that finds it gone is answered; back again, it is read again."""
    _, other = market
    other.stop()
    assert await is_behind() is False
    assert await noted("written while reading") >= 0
    await look_at_replica()
    await note("while it was away")
    other.start()
    await until_read(True, 60)
    eventually_there = time.monotonic() + 20
    while await noted("while it was away") == 0:
        assert time.monotonic() < eventually_there
        await asyncio.sleep(0.1)


async def test_the_doctor_says_whether_the_replica_follows(servers: tuple[Server, Server]) -> None:
    """It does, it follows nobody, or it is away."""
    main, other = servers
    told: list[str] = []
    for url in (other.url, main.url, f"postgres://cho@127.0.0.1:{free_port()}/cho"):
        await report(
            Settings(database_url="postgres://127.0.0.1:1/x", database_replica_url=url), say=told.append
        )
    said = [line for line in told if "replica" in line]
    assert [line.split()[0] for line in said] == ["ok", "BAD", "BAD"]
    assert "follows nobody" in said[1] and "does not answer" in said[2]


async def test_a_server_that_is_no_replica_is_never_read(servers: tuple[Server, Server]) -> None:
    """A wrong address must not show another market's goods as ours."""
    main, _ = servers
    await connect(main.url, pool_max=2, replica_url=main.url, lag_most=LAG_MOST)
    try:
        await look_at_replica()
        assert not replica._standing.is_usable(time.monotonic())
    finally:
        await disconnect()


async def test_what_is_not_there_yet_is_looked_for_in_the_main_database(
    market: tuple[Server, Server],
) -> None:
    """A page of something new is not «not found» only because the replica is a moment behind."""
    _, other = market
    await ask(other, "SELECT pg_wal_replay_pause()")
    try:
        await note("brand new")
        found = await lagging(lambda: DatedRule.get(name="brand new"))
        assert found.name == "brand new"
    finally:
        await ask(other, "SELECT pg_wal_replay_resume()")
