"""The administrator's desk: what waits, and dead letters sent again by an administrator's hand only."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.services import audit_page
from kit.clock import StoppedClock
from kit.models import Job, JobState
from kit.parts import Parts
from kit.roles import Role
from market.overview import overview, stuck_parcels
from search.engine import Engine
from search.services import note_standing, owe
from search.tasks import keep_index, pay_index
from tests.conftest import Queries
from tests.factories import booked_parcel

pytestmark = pytest.mark.usefixtures("db")
ADMIN_PHONE = "+84912345000"


async def dead_job(**changes: Any) -> Job:
    """A job that was given up."""
    fields: dict[str, Any] = {
        "state": JobState.DEAD,
        "attempts": 12,
        "last_error": "OSError: <no> line",
        "due_at": datetime.now(UTC),
    }
    return await Job.create(name="send_text", subject_id=7, **{**fields, **changes})


@pytest.mark.usefixtures("demo")
async def test_the_desk_counts_what_waits(client: Any, sign_in_as: Any, queries: Queries) -> None:
    """One listing, four kinds of money trouble, the parcel nobody could collect."""
    await dead_job()
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    with queries.at_most(30):
        page = (await client.get("/admin")).text
    figures = dict(
        reversed(pair)
        for pair in re.findall(r'figure-value">([^<]+)</span><span class="figure-label">([^<]+)<', page)
    )
    assert figures["hàng chờ duyệt"] == "1"
    assert figures["khoản tiền cần xem"] == "3"
    assert figures["bưu gửi cần xem"] == "1"
    assert figures["việc bị kẹt"] == "1"
    assert figures["mặt hàng đang bán"] == "63"
    assert "/admin/listings" in page and "/admin/payments" in page and "/admin/dead-letters" in page


async def test_a_quiet_market_says_so(client: Any, sign_in_as: Any) -> None:
    """Nothing waits."""
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    assert "Chợ đang chạy êm" in (await client.get("/admin")).text


async def test_an_index_in_trouble_is_told(
    client: Any, sign_in_as: Any, parts: Parts, clock: StoppedClock
) -> None:
    """What the worker found, and what is owed; well again, it is gone."""
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    await note_standing(parts[Engine], now=clock.now(), trouble="does not answer: connection refused")
    await owe(7)
    page = (await client.get("/admin")).text
    assert "Ô tìm kiếm cần xem" in page and "connection refused" in page and "1 mặt hàng đã đổi" in page
    assert "Chợ đang chạy êm" not in page
    await keep_index(parts)
    await pay_index(parts)
    assert "Ô tìm kiếm cần xem" not in (await client.get("/admin")).text
    clock.at += timedelta(minutes=6)
    assert "Ô tìm kiếm cần xem" in (await client.get("/admin")).text


async def test_a_late_outbox_is_told(client: Any, sign_in_as: Any) -> None:
    """Due for more than two minutes: the worker is not running."""
    await dead_job(state=JobState.WAITING, due_at=datetime.now(UTC) - timedelta(minutes=3))
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    assert "worker" in (await client.get("/admin")).text


async def test_a_team_member_sees_numbers_but_no_way_to_what_is_not_theirs(
    client: Any, sign_in_as: Any
) -> None:
    """Neither links nor the pages behind them."""
    await sign_in_as(client, "+84912345001", Role.TEAM)
    page = await client.get("/admin")
    assert page.status_code == 200
    assert "/admin/dead-letters" not in page.text and "/admin/people" not in page.text
    assert (await client.get("/admin/dead-letters")).status_code == 403


async def test_a_parcel_untouched_for_days_is_stuck(clock: StoppedClock) -> None:
    """Three days after its last move, not before."""
    await booked_parcel(now=clock.now())
    assert not await stuck_parcels(clock.now() + timedelta(days=2))
    assert len(await stuck_parcels(clock.now() + timedelta(days=4))) == 1
    assert len((await overview(clock.now() + timedelta(days=4))).parcels_stuck) == 1


async def test_a_dead_letter_is_shown_and_sent_again_by_an_administrator(
    client: Any, sign_in_as: Any
) -> None:
    """It waits again with all its tries, and the trail says who did it."""
    job = await dead_job()
    person = await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    page = (await client.get("/admin/dead-letters")).text
    assert "send_text" in page and "OSError: &lt;no&gt; line" in page
    answer = await client.submit(f"/admin/dead-letters/{job.id}/sending")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/dead-letters")
    await job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.WAITING, 0)
    line = (await audit_page(subject_kind="job")).lines[0]
    assert (line.person_id, line.action, line.subject_id) == (person.id, "dead_letter_sent", str(job.id))
    assert "Không có việc nào bị kẹt" in (await client.get("/admin/dead-letters")).text


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.DONE])
async def test_only_dead_letters_are_sent_again(client: Any, sign_in_as: Any, state: JobState) -> None:
    """A job that lives or is done is not found there, nor one that never was."""
    job = await dead_job(state=state)
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    for number in (job.id, job.id + 1000, 10**30):
        assert (await client.submit(f"/admin/dead-letters/{number}/sending")).status_code == 404
    await job.refresh_from_db()
    assert job.state == state
    assert not (await audit_page(subject_kind="job")).lines


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.ADMIN)])
async def test_nobody_else_sends_a_dead_letter(client: Any, sign_in_as: Any, role: Role | None) -> None:
    """Whatever other role they hold, or none."""
    job = await dead_job()
    if role is not None:
        await sign_in_as(client, "+84912345002", role)
    assert (await client.submit(f"/admin/dead-letters/{job.id}/sending")).status_code == 403
    await job.refresh_from_db()
    assert job.state == JobState.DEAD
