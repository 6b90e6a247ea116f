"""The page for those on watch: the queue, money in limbo, processes that live, and dead letters tried again."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from arq.connections import ArqRedis

from accounts.services import audit_page
from kit.embedded import start_redis
from kit.metrics import RouteTimes
from kit.models import Job, JobState
from kit.parts import Parts
from kit.queue import open_queue
from kit.roles import Role
from kit.settings import Settings
from market.operations import slow_routes, twins_in_use, waited
from market.pulse import KEY, Pulse, pulses, tell
from tests.conftest import Queries

pytestmark = pytest.mark.usefixtures("db")
ADMIN_PHONE = "+84912345000"


def figures_of(page: str) -> dict[str, str]:
    """The big figures of a page by their words."""
    pairs = re.findall(r'figure-value">([^<]+)</span><span class="figure-label">([^<]+)<', page)
    return {words: value for value, words in pairs}


async def job(state: JobState, due: datetime) -> Job:
    """A job of the outbox."""
    return await Job.create(name="send_text", subject_id=7, state=state, due_at=due, last_error="OSError")


@pytest.mark.usefixtures("demo")
async def test_the_page_tells_queue_and_money(client: Any, sign_in_as: Any, queries: Queries) -> None:
    """The demo has money of each kind; one job has been due for ten minutes, one was given up."""
    await job(JobState.WAITING, datetime.now(UTC) - timedelta(minutes=10, seconds=5))
    dead = await job(JobState.DEAD, datetime.now(UTC))
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    with queries.at_most(14):
        page = (await client.get("/admin/operations")).text
    told = figures_of(page)
    assert told["việc cũ nhất đã chờ"] == "10 phút"
    assert (told["việc bị kẹt"], told["bưu gửi chưa rõ đã nhận chưa"]) == ("1", "0")
    for words in ("Tiền vào không rõ của đơn nào", "Tiền vào sau khi hết hạn", "Trả thừa hoặc trả hai lần"):
        assert words in page
    assert f"/admin/dead-letters/{dead.id}/sending" in page
    assert "Đang dùng bản giả lập:" in page and "VNeID" in page
    assert "Không hỏi được Redis" in page, "these tests have none"


async def test_a_dead_letter_is_tried_again_from_here(client: Any, sign_in_as: Any) -> None:
    """Back to the page, the job waits again, and the trail knows who did it."""
    dead, admin = (
        await job(JobState.DEAD, datetime.now(UTC)),
        await sign_in_as(client, ADMIN_PHONE, Role.ADMIN),
    )
    sent = await client.submit(f"/admin/dead-letters/{dead.id}/sending", {"back": "operations"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/admin/operations")
    assert (await Job.get(id=dead.id)).state == JobState.WAITING
    newest = (await audit_page(subject_kind="job")).lines[0]
    assert (newest.action, newest.person_id) == ("dead_letter_sent", admin.id)


async def test_nobody_else_sees_it(client: Any, sign_in_as: Any) -> None:
    """A team member has the desk, not the machines."""
    await sign_in_as(client, "+84912345001", Role.TEAM)
    assert (await client.get("/admin/operations")).status_code == 403


async def test_a_quiet_market_says_that_no_money_waits(client: Any, sign_in_as: Any) -> None:
    """In both languages."""
    await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
    assert "tiền vào đều đã rõ của ai" in (await client.get("/admin/operations")).text
    client.cookies.set("language", "en")
    assert "Money in limbo" in (await client.get("/admin/operations")).text


async def test_processes_that_live_are_told_and_the_dead_forgotten(
    client: Any, sign_in_as: Any, parts: Parts, tmp_path: Any
) -> None:
    """By Redis; a route's times come from every web process."""
    with start_redis(tmp_path) as server:
        queue = await open_queue(server.url)
        parts.put(ArqRedis, queue)
        now = datetime.now(UTC)
        times = [RouteTimes("/goods/{code}", 40, 1, 0.004, 0.015)]
        await tell(queue, Pulse("web", "host:1", now, now, times))
        await tell(queue, Pulse("worker", "host:2", now, now, []))
        await tell(queue, Pulse("worker", "host:3", now, now - timedelta(seconds=50), []))
        assert [one.name for one in await pulses(queue)] == ["host:1", "host:2"]
        assert await queue.hlen(KEY) == 2
        await sign_in_as(client, ADMIN_PHONE, Role.ADMIN)
        page = (await client.get("/admin/operations")).text
        assert "host:1" in page and "/goods/{code}" in page and "host:3" not in page
        await queue.hdel(KEY, "host:2")
        assert "việc nền đang đứng" in (await client.get("/admin/operations")).text
        await queue.aclose()


def test_times_of_several_processes_are_joined() -> None:
    """Counts add up, means are weighed, of the slow end the worst counts."""
    joined = slow_routes(
        [
            [RouteTimes("/", 10, 0, 0.01, 0.05)],
            [RouteTimes("/", 30, 2, 0.03, 0.1), RouteTimes("/a", 1, 0, 1, 1)],
        ]
    )
    assert [one.route for one in joined] == ["/a", "/"]
    assert joined[1] == RouteTimes("/", 40, 2, pytest.approx(0.025), 0.1)


def test_waits_and_twins_are_said_in_words() -> None:
    """Seconds, minutes, hours; nothing pretended, nothing said."""
    assert [str(waited(one)) for one in (0, 59.9, 60, 7199, 7200)] == [
        "0 giây",
        "59 giây",
        "1 phút",
        "119 phút",
        "2 giờ",
    ]
    real = {"bank_twin": False, "pay_twins": False, "carrier_twins": False, "notice_twins": False}
    assert twins_in_use(Settings(**real, sms_gate="webhook", vneid_gate="off", webhook_twin=False)) == []
    assert len(twins_in_use(Settings())) == 7
