"""The doctor: says what is missing, what is behind and what is well, and never a password."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from kit import schema
from kit.db import credentials_of
from kit.embedded import start_redis
from kit.settings import ROOT, Settings
from market.doctor import report, shown_address


async def test_it_says_that_nothing_runs_and_what_would_be_started(settings: Settings) -> None:
    """No address is set and no embedded server runs in this folder."""
    lines: list[str] = []
    assert await report(settings, say=lines.append) == 1
    text = "\n".join(lines)
    assert "BAD  database  embedded, does not run now; `run` would start PostgreSQL" in text
    assert "BAD  redis     embedded, does not run now; `run` would start" in text


async def test_a_server_that_does_not_answer_is_named_without_its_password(settings: Settings) -> None:
    """Port 1 of this machine is nobody's."""
    lines: list[str] = []
    away = replace(
        settings,
        database_url="postgres://cho:hush@127.0.0.1:1/cho",
        redis_url="redis://:hush@127.0.0.1:1/0",
    )
    assert await report(away, say=lines.append) == 1
    text = "\n".join(lines)
    assert text.count("does not answer") == 2
    assert "127.0.0.1:1/cho" in text and "hush" not in text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://cho:p%40ss@db.example:5433/cho", "postgres://cho@db.example:5433/cho"),
        ("redis://:secret@cache:6379/0", "redis://@cache:6379/0"),
        ("unix:///var/redis.sock?db=0", "unix:///var/redis.sock?db=0"),
        ("postgres://cho@/cho?host=/run/pg", "postgres://cho@/cho?host=/run/pg"),
        ("http://meili:7700", "http://meili:7700"),
    ],
)
def test_addresses_are_shown_without_passwords(url: str, shown: str) -> None:
    """Whatever stands between name and host."""
    assert shown_address(url) == shown


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A Redis of this test."""
    with tempfile.TemporaryDirectory(prefix="cho-doctor-") as folder, start_redis(Path(folder)) as running:
        yield running.url


async def test_a_filled_market_is_well_until_something_is_amiss(
    server_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Not migrated, then filled and well, then a job given up and an index gone; each told, with what to do."""
    async with schema.scratch_database(server_url, prefix="test_doctor") as url:
        around = {"DATABASE_URL": url, "REDIS_URL": redis_url, "VAR": str(tmp_path)}
        code, text = told(around, "doctor")
        assert code == 1 and "at nothing" in text and "run `migrate`" in text

        assert told(around, "migrate")[0] == 0 and told(around, "fill")[0] == 0
        code, text = told(around, "doctor")
        assert code == 0, text
        assert "PostgreSQL 1" in text and "63 listings, the database has 63 on sale" in text

        code, text = told(around, "audit")
        assert (code, "BAD" in text) == (0, False), text
        assert "ok   ledger balanced" in text and "ok   search as the database" in text

        await run(
            url,
            "INSERT INTO outbox_job (name, subject_id, state, attempts, due_at, last_error,"
            " created_at) VALUES ('send_text', 1, 'dead', 12, now(), '', now())",
        )
        await run(url, "UPDATE listing SET state = 'hidden' WHERE id = (SELECT min(id) FROM listing)")
        code, text = told(around, "doctor")
        assert code == 1
        assert "1 were given up" in text
        assert "63 listings, the database has 62 on sale; run `reindex`" in text

        code, text = told(around, "audit")
        assert code == 1 and "BAD  no job stuck" in text and "name send_text" in text
        assert "BAD  search as the database" in text and "wrong only in the index" in text

        code, text = told(around, "reindex")
        assert (code, "62 listings indexed" in text) == (0, True)
        assert "BAD  search" not in told(around, "doctor")[1]


async def run(url: str, statement: str) -> None:
    """One statement in a database of its own."""
    connection = await asyncpg.connect(**credentials_of(url))
    await connection.execute(statement)
    await connection.close()


def told(around: dict[str, str], command: str) -> tuple[int, str]:
    """What a command of the market answers, in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "market.cli", command],
        cwd=ROOT,
        env={**os.environ, **around},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr
