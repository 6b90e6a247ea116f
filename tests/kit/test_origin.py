"""A request's number goes along: into its log lines, and into the jobs it leaves and those that they leave."""

import json
import logging
from typing import Any

import pytest

from kit import metrics, outbox
from kit.db import sql, transaction
from kit.models import Job
from kit.origin import came_from, origin, request_of, trace_of, working
from kit.outbox import LEAVE_JOBS, Grouped, TryAgain, later, later_each, later_one, push_left, work
from kit.parts import Parts
from market.logs import JsonLines, PersonalOut, without_personal


def counted(name: str, outcome: str) -> float:
    """How many jobs of this kind ended so, in this process."""
    labels = {"job": name, "outcome": outcome}
    return metrics.REGISTRY.get_sample_value("cho_job_seconds_count", labels) or 0.0


def record(text: str, *values: object, exc_info: Any = None) -> logging.LogRecord:
    """A log record."""
    return logging.LogRecord("payments", logging.WARNING, "a.py", 1, text, values, exc_info)


async def test_jobs_remember_the_request_that_left_them(db: None) -> None:
    """One, many, one for all, and what SQL writes itself."""
    with working("abc123def456"):
        async with transaction():
            await later("one", 1)
            await later_each("many", [2, 3])
            await later_one("for_all")
            by_sql = (
                "WITH subjects AS (SELECT 'by_sql' AS name, 9 AS id, $1::text AS came_from) " + LEAVE_JOBS
            )
            await push_left("by_sql", [int(str(row["id"])) for row in await sql(by_sql, [came_from()])])
    async with transaction():
        await later("from_nowhere", 4)
    told = {job.name: job.came_from for job in await Job.all()}
    mine = dict.fromkeys(("one", "many", "for_all", "by_sql"), "abc123def456")
    assert told == mine | {"from_nowhere": ""}


async def test_a_job_runs_under_its_request_and_hands_it_on(db: None, parts: Parts) -> None:
    """Its own name and number beside; afterwards nothing of it is left."""
    seen = []

    async def look(_: Parts, subject_id: int) -> None:
        seen.append(origin())
        async with transaction():
            await later("next", subject_id)

    with working("abc123def456"):
        async with transaction():
            await later("look", 7)
    job, before = await Job.get(name="look"), counted("look", "done")
    assert await work(parts, look, job.id, 0)
    assert seen == [("abc123def456", f"look {job.id}")] and origin() == ("", "")
    assert (await Job.get(name="next")).came_from == "abc123def456"
    assert counted("look", "done") == before + 1


async def test_how_a_job_ended_is_counted(db: None, parts: Parts) -> None:
    """Put off, failed, and dead after the last try."""

    async def waits(_: Parts, __: int) -> None:
        raise TryAgain("later", seconds=5)

    async def breaks(_: Parts, __: int) -> None:
        raise ValueError("no")

    for name, task, attempts, outcome in (
        ("waits", waits, 0, "put_off"),
        ("breaks", breaks, 0, "failed"),
        ("breaks", breaks, outbox.ATTEMPTS_MAX - 1, "dead"),
    ):
        async with transaction():
            await later(name, 1)
        job = await Job.filter(name=name).order_by("-id").first()
        assert job is not None
        await Job.filter(id=job.id).update(attempts=attempts)
        before = counted(name, outcome)
        await work(parts, task, job.id, attempts)
        assert counted(name, outcome) == before + 1, outcome


async def test_several_jobs_of_a_kind_are_worked_under_no_single_request(db: None, parts: Parts) -> None:
    """Alone, a grouped job has its request; in company only the group is named."""
    seen = []

    async def together(_: Parts, subject_ids: Any) -> dict[int, Exception]:
        seen.append(origin())
        return {}

    task = Grouped(together)
    for request_id in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
        with working(request_id):
            async with transaction():
                await later("together", 1)
        job = await Job.filter(name="together", state="waiting").order_by("-id").first()
        assert job is not None
        if request_id == "aaaaaaaaaaaa":
            await work(parts, task, job.id, 0)
    async with transaction():
        await later("together", 2)
    await work(parts, task, job.id, 0)
    assert [one.request_id for one in seen] == ["aaaaaaaaaaaa", ""]
    assert seen[1].job.endswith(" and 1 more")


def test_what_a_job_takes_along_is_read_again() -> None:
    """A number, and behind it the place in a trace."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert request_of(f"abc123def456 {trace}") == "abc123def456"
    assert (trace_of(f"abc123def456 {trace}"), trace_of("abc123def456"), trace_of("")) == (trace, "", "")
    with working("abc123def456"):
        assert came_from() == "abc123def456"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("text to +84912345678 lost", "text to … lost"),
        ("text to 0912 345 678 lost", "text to … lost"),
        ("account 0123456789012 refused", "account … refused"),
        ("mail to hoa.nguyen@example.vn lost", "mail to … lost"),
        ("Key (phone)=(+84912345678) already exists.", "Key (phone)=…"),
        ("DETAIL:  Failing row contains (7, Hoa)", "DETAIL:  …"),
        ("job settle_notice 4711 failed", "job settle_notice 4711 failed"),
        ("notice from 203.0.113.9 refused: Stale", "notice from 203.0.113.9 refused: Stale"),
        ("GET /goods/{code} 200 12ms", "GET /goods/{code} 200 12ms"),
    ],
)
def test_log_lines_hold_nothing_of_a_person(said: str, told: str) -> None:
    """What looks like it is struck out, all else stays."""
    assert without_personal(said) == told


def test_lines_for_machines_are_one_json_object_each() -> None:
    """With request and job; a fault's own text is struck out too."""
    try:
        raise ValueError("no such phone 0912345678")
    except ValueError as fault:
        told = record("job %s failed", "send_text", exc_info=(type(fault), fault, fault.__traceback__))
    with working("abc123def456", "send_text 7"):
        line = JsonLines().format(told)
        plain = PersonalOut("%(levelname)s %(name)s: %(message)s").format(record("lost"))
    found = json.loads(line)
    assert "\n" not in line and "0912345678" not in line
    assert (found["request"], found["job"], found["level"]) == ("abc123def456", "send_text 7", "WARNING")
    assert found["text"] == "job send_text failed" and "ValueError: no such phone …" in found["fault"]
    assert plain == "WARNING payments: lost [abc123def456] [send_text 7]"
    assert set(json.loads(JsonLines().format(record("lost")))) == {"at", "level", "logger", "text"}
