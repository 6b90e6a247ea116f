"""What the market as a whole knows of itself: which parts answer, and what waits for a person."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.services import record
from kit.db import sql, transaction
from kit.errors import NotFound
from kit.i18n import say
from kit.models import Job, JobState
from kit.outbox import send_again

CHECK_SECONDS = 2.0
LATE_SECONDS = 120
INDEX_JOB = "index_listing"
OK, AWAY = "ok", "away"
Check = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class OutboxCounts:
    """Jobs that wait, those of them due for more than two minutes, and the dead letters."""

    waiting: int
    late: int
    dead: int


async def standing(checks: Mapping[str, Check]) -> dict[str, str]:
    """By part "ok" or "away"; a check that raises, says False, or takes over two seconds means away."""
    answers = await asyncio.gather(*(_answers(check) for check in checks.values()))
    return {name: OK if well else AWAY for name, well in zip(checks, answers, strict=True)}


async def _answers(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check() is not False
    except Exception:  # whatever a driver raises, the part does not answer
        return False


async def database_answers() -> None:
    """Asks the database something; raises what the driver raises."""
    await sql("SELECT 1")


async def outbox_counts() -> OutboxCounts:
    """How the outbox stands, in three counts."""
    late_before = datetime.now(UTC) - timedelta(seconds=LATE_SECONDS)
    waiting = Job.filter(state=JobState.WAITING)
    return OutboxCounts(
        waiting=await waiting.count(),
        late=await waiting.filter(due_at__lt=late_before).count(),
        dead=await Job.filter(state=JobState.DEAD).count(),
    )


async def send_dead_letter(job_id: int, *, by: int) -> None:
    """Gives a dead letter a new life and writes down by whose hand. NotFound when it is not dead."""
    async with transaction():
        job = await send_again(job_id)
        if job is None:
            raise NotFound(say("Việc này không còn nằm trong danh sách bị bỏ dở."))
        await record(by, "dead_letter_sent", "job", job.id, name=job.name, of=job.subject_id)


async def indexed_anyway() -> None:
    """Closes the jobs that would put single listings into the index: for those who build it anew right after."""
    waiting = Job.filter(name=INDEX_JOB, state=JobState.WAITING)
    await waiting.update(state=JobState.DONE, done_at=datetime.now(UTC))
