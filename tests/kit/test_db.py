"""Fixed SQL: rows by text that is made once, lists of one asked as that one, new rows that learn their numbers."""

from datetime import UTC, datetime

import pytest

from accounts.models import ApiToken, Grant, Person
from kit.db import insert, insert_all, insert_with, select, select_with, sql
from kit.models import Job, JobState

pytestmark = pytest.mark.usefixtures("db")


def job(subject_id: int) -> Job:
    now = datetime.now(UTC)
    return Job(name="well", subject_id=subject_id, due_at=now, created_at=now)


async def test_a_new_row_learns_its_number_and_can_be_saved_again() -> None:
    made = await insert(job(7))
    assert made.id
    made.attempts = 3
    await made.save(update_fields=["attempts"])
    [kept] = await select(Job, "WHERE id = $1", [made.id])
    assert (kept.subject_id, kept.attempts, kept.state) == (7, 3, JobState.WAITING)


def token(label: str) -> ApiToken:
    now = datetime.now(UTC)
    return ApiToken(token_hash=label * 8, label=label, created_at=now, expires_at=now)


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_a_row_is_written_with_what_belongs_to_it(count: int) -> None:
    tokens, grants = [token(f"no. {number}") for number in range(count)], [Grant(role="vendor", scope="7")]
    made = await insert_with(Person(phone="+84912000777", name="Hoa"), tokens, grants)
    assert (await Person.get(phone="+84912000777")).id == made.id
    kept = await ApiToken.filter(person_id=made.id).order_by("label")
    assert [(one.label, one.revoked_at) for one in kept] == [(one.label, None) for one in tokens]
    assert [(one.role, one.scope) for one in await Grant.filter(person_id=made.id)] == [("vendor", "7")]


async def test_rows_come_with_one_value_more() -> None:
    made = await insert(job(7))
    [(kept, more)] = await select_with(Job, "subject_id * 2", "WHERE id = $1", [made.id])
    assert (kept.id, more) == (made.id, 14)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
async def test_lists_of_any_length_are_asked_alike(count: int) -> None:
    await insert_all([job(number) for number in range(10)])
    wanted: list[object] = list(range(count))
    rows = await sql("SELECT subject_id FROM outbox_job WHERE subject_id = ANY($1) ORDER BY 1", [wanted])
    assert [row["subject_id"] for row in rows] == wanted
    twice = "SELECT subject_id FROM outbox_job WHERE subject_id = ANY($2) AND name = $1 ORDER BY 1"
    assert [row["subject_id"] for row in await sql(twice, ["well", wanted])] == wanted
    # A list that is more than compared with stays a list.
    counted = (
        "SELECT cardinality($1::bigint[]) AS n, count(*) AS found FROM outbox_job WHERE subject_id = ANY($1)"
    )
    [row] = await sql(counted, [wanted])
    assert (row["n"], row["found"]) == (count, count)


async def test_one_of_a_list_is_compared_plainly(caplog: pytest.LogCaptureFixture) -> None:
    """PostgreSQL keeps no plan for what compares with a list."""
    with caplog.at_level("DEBUG", logger="tortoise.db_client"):
        await sql("SELECT 1 FROM outbox_job WHERE subject_id = ANY($1) AND name = ANY($2)", [[1], ["a", "b"]])
    assert "subject_id = $1 AND name = ANY($2)" in caplog.text
