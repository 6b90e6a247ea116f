"""Health: what answers, what is away, and what machines read."""

import asyncio
import json
from typing import Any

import pytest

from kit.db import sql
from kit.parts import Parts
from market import readiness as looking
from market.routes import health_answer
from market.services import AWAY, OK, database_answers, standing


async def well() -> None:
    """Answers."""


async def refuses() -> None:
    """A part that is gone."""
    raise OSError("connection refused")


async def says_no() -> bool:
    """A part that says it is unwell."""
    return False


async def hangs() -> None:
    """A part that never answers."""
    await asyncio.sleep(60)


async def test_a_part_that_refuses_says_no_or_hangs_is_away() -> None:
    """And the others are still told rightly, within the time one check may take."""
    async with asyncio.timeout(4):
        found = await standing({"database": refuses, "engine": says_no, "redis": hangs, "clock": well})
    assert found == {"database": AWAY, "engine": AWAY, "redis": AWAY, "clock": OK}


async def test_health_is_503_while_the_database_is_away() -> None:
    """With the part named."""
    answer = health_answer(await standing({"database": refuses, "engine": well}), is_well=False)
    assert answer.status_code == 503
    assert json.loads(bytes(answer.body)) == {"database": "away", "engine": "ok"}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("db")
async def test_health_and_ready_answer_200_when_all_is_well(client: Any) -> None:
    """Database and engine here; Redis too where there is one."""
    health, ready = await client.get("/health"), await client.get("/ready")
    assert (health.status_code, ready.status_code) == (200, 200)
    assert health.json() == {"database": "ok", "engine": "ok"}
    assert ready.json() == {"database": "ok", "engine": "ok", "migrated": "ok", "serving": "ok"}
    await database_answers()


@pytest.mark.usefixtures("db")
async def test_a_process_is_ready_before_newer_tables_and_not_before_older_ones(parts: Parts) -> None:
    """The release migrates first: old code serves on beside it, new code waits for it."""
    await sql("UPDATE alembic_version SET version_num = '9999'")
    assert (await looking.readiness(parts)).is_ready
    await sql("UPDATE alembic_version SET version_num = '0033'")
    found = await looking.readiness(parts)
    assert not found.is_ready and found.said["migrated"] == AWAY


def test_search_and_redis_away_leave_a_process_ready() -> None:
    """Pages are drawn from the database; the others are told all the same."""
    said = {"database": OK, "migrated": OK, "serving": OK, "engine": AWAY, "redis": AWAY}
    assert looking.Readiness(said).is_ready
    assert not looking.Readiness({**said, "serving": AWAY}).is_ready


@pytest.mark.usefixtures("db")
async def test_robots_and_the_old_icon_address(client: Any) -> None:
    """Own pages are not for search engines; the icon is where it always was."""
    robots = await client.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Disallow: /admin\n" in robots.text and "Disallow: /\n" not in robots.text
    icon = await client.get("/favicon.ico", follow_redirects=True)
    assert icon.status_code == 200
    assert icon.headers["content-type"].startswith("image/svg+xml")
