"""The outbox: work that leaves with the commit, is pushed to arq at once, and is found again if Redis forgets it.

Truth lives in PostgreSQL: attempts, back-off, leases and the dead letters. Redis only carries job numbers.
Its time is the machine's, not the market's clock: it says when to try, never what happened.
"""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from kit.db import after_commit, is_in_transaction, locked, sql, transaction, unheld
from kit.models import Job, JobState
from kit.origin import came_from
from kit.parts import Parts
from kit.watched import watched_job

ATTEMPTS_MAX = 12
LEASE_SECONDS = 60
SWEEP_AFTER_SECONDS = 5
SWEEP_ROWS_MAX = 500
NEVER_ENDED = "its worker died, or it took too long, at every try"
# How a statement of SQL leaves jobs: name, number and came_from() out of a query named `subjects`; then push_left().
LEAVE_JOBS = (
    "INSERT INTO outbox_job (name, subject_id, state, attempts, due_at, last_error, created_at, came_from)"
    " SELECT name, id, 'waiting', 0, now(), '', now(), came_from FROM subjects RETURNING id, name"
)
GROUP_MAX, GROUPS_MAX = 100, 20
GROUP_LEASE_SECONDS = 20
Task = Callable[[Parts, int], Awaitable[None]]
GroupTask = Callable[[Parts, Sequence[int]], Awaitable[Mapping[int, Exception]]]
Round = Callable[[Parts], Awaitable[None]]
log = logging.getLogger("outbox")
_LATER_EACH = (
    "INSERT INTO outbox_job (name, subject_id, state, attempts, due_at, last_error, created_at, came_from)"
    " SELECT $1, unnest($2::bigint[]), 'waiting', 0, $3, '', $3, $4 RETURNING id"
)
_LEASE = (
    "UPDATE outbox_job SET leased_until = $4, attempts = attempts + 1 WHERE id = $1 AND state = 'waiting'"
    " AND attempts = $2 AND due_at <= $3 AND (leased_until IS NULL OR leased_until < $3)"
    " RETURNING id, name, subject_id, attempts, came_from"
)
_LEASE_GROUP = (  # the limit stands in the text, so that its plan can be kept
    "UPDATE outbox_job SET leased_until = $3, attempts = attempts + 1 WHERE id IN (SELECT id FROM outbox_job"
    " WHERE state = 'waiting' AND name = $1 AND attempts = 0 AND due_at <= $2 AND leased_until IS NULL"
    " ORDER BY due_at, id LIMIT :most FOR UPDATE SKIP LOCKED) RETURNING id, name, subject_id, attempts, came_from"
).replace(":most", str(GROUP_MAX))
_DONE = "UPDATE outbox_job SET state = 'done', done_at = $2, leased_until = NULL WHERE id = ANY($1)"

_LATER_ONE = (
    "INSERT INTO outbox_job (name, subject_id, state, attempts, due_at, last_error, created_at, came_from)"
    " SELECT $1::text, 0, 'waiting', 0, $2::timestamptz, '', $2, $3 WHERE NOT EXISTS (SELECT 1 FROM outbox_job"
    " WHERE name = $1::text AND state = 'waiting' AND leased_until IS NULL AND attempts = 0 AND due_at <= $2)"
    " RETURNING id"
)


class Courier(Protocol):
    """Carries what a commit set free: job numbers to the workers, news to open screens."""

    async def push(self, name: str, job_id: int, attempt: int) -> None: ...

    async def announce(self, *channels: str) -> None: ...


class NoCourier:
    """Carries nothing: the sweeper and a page's own refresh find everything later."""

    async def push(self, name: str, job_id: int, attempt: int) -> None:
        """Leaves the job to the sweeper."""

    async def announce(self, *channels: str) -> None:
        """Leaves the screens to their refresh."""


class TryAgain(Exception):
    """Outside trouble: run the job again after `seconds`; counts as an attempt."""

    def __init__(self, reason: str, *, seconds: int) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Grouped:
    """A task that is worked for many subjects at once; it gives what failed by subject, all else is done."""

    def __init__(self, run: GroupTask) -> None:
        self.run, self.__name__ = run, str(getattr(run, "__name__", ""))


@dataclass(frozen=True)
class Every:
    """A round that workers make at an interval."""

    seconds: int
    round: Round


_courier: Courier = NoCourier()
_turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
_in_line: set[str] = set()


def use_courier(courier: Courier) -> None:
    """Sets this process's courier, once at start-up (like the database pool, there is one per process)."""
    global _courier
    _courier = courier


def every(seconds: int, work: Round) -> Every:
    """Declares a round: `CRONS = [every(60, sweep_notices)]`."""
    return Every(seconds, work)


async def later(name: str, subject_id: int, *, at: datetime | None = None) -> None:
    """Leaves a job for after the commit; with `at`, not before that time. Needs an open transaction()."""
    if not is_in_transaction():
        raise RuntimeError("later() needs an open transaction()")
    now = datetime.now(UTC)
    job = await Job.create(name=name, subject_id=subject_id, due_at=at or now, came_from=came_from())
    if at is None or at <= now:
        after_commit(lambda: _push(job))


async def later_each(name: str, subject_ids: Sequence[int], *, grouped: bool = False) -> None:
    """Leaves the same job for each of these, in one statement. Needs an open transaction().

    Of a `grouped` task one job is pushed: whoever works it takes all that wait.
    """
    if not is_in_transaction():
        raise RuntimeError("later_each() needs an open transaction()")
    values = [name, list(subject_ids), datetime.now(UTC), came_from()]
    rows = await sql(_LATER_EACH, values) if subject_ids else []
    await push_left(name, [int(str(row["id"])) for row in rows[: 1 if grouped else None]])


async def later_one(name: str) -> None:
    """Leaves a job that works everything of its kind, unless one is waiting that nobody has begun.

    One that is begun at this very moment may miss what the caller just wrote: a round has to look after it.
    """
    if not is_in_transaction():
        raise RuntimeError("later_one() needs an open transaction()")
    rows = await sql(_LATER_ONE, [name, datetime.now(UTC), came_from()])
    await push_left(name, [int(str(row["id"])) for row in rows])


async def push_left(name: str, job_ids: Sequence[int]) -> None:
    """Sends off jobs that a statement of SQL has written itself (LEAVE_JOBS); after the commit if one is open."""
    now = datetime.now(UTC)
    for job_id in job_ids:
        job = Job(id=job_id, name=name, subject_id=0, attempts=0, due_at=now)
        if is_in_transaction():
            after_commit(lambda job=job: _push(job))  # type: ignore[misc]
        else:
            await _push(job)


async def announce(*channels: str) -> None:
    """Tells open screens that something of these names changed, after the commit."""
    after_commit(lambda: _announce(channels))


async def work(parts: Parts, task: Task | Grouped, job_id: int, attempt: int) -> bool:
    """Runs one job if it is due and nobody else has it. Returns whether it ran (well or badly).

    With a grouped task all that wait for it go with it, a hundred at a time; one that failed before goes alone.
    """
    if isinstance(task, Grouped):
        return await _work_group(parts, task, job_id, attempt)
    job = await _lease(job_id, attempt)
    if job is None:
        return False
    with watched_job([job]) as watched:
        try:
            await task(parts, job.subject_id)
        except Exception as fault:
            watched.outcome = await _failed(job, fault)
        else:
            await _done([job])
    return True


async def work_waiting(parts: Parts, task: Grouped) -> None:
    """Works all that waits for a grouped task; nothing when somebody waits in line to do so already."""
    await _work_group(parts, task, 0, 0)


async def _work_group(parts: Parts, task: Grouped, job_id: int, attempt: int) -> bool:
    """One group of a kind at a time in a process: those who come meanwhile are the next, larger one.

    One waits for its turn on behalf of all of them.
    """
    name = task.__name__
    if not attempt and name in _in_line:
        return False
    if not attempt:
        _in_line.add(name)
    try:
        await _turns[name].acquire()
    finally:
        if not attempt:
            _in_line.discard(name)
    try:
        return await _run_groups(parts, task, job_id, attempt)
    finally:
        _turns[name].release()


async def _run_groups(parts: Parts, task: Grouped, job_id: int, attempt: int) -> bool:
    if attempt:
        alone = await _lease(job_id, attempt)
        await _run_group(parts, task, [alone] if alone else [])
        return alone is not None
    ran = False
    for _ in range(GROUPS_MAX):
        jobs = await _lease_group(task.__name__)
        await _run_group(parts, task, jobs)
        ran = ran or job_id in {job.id for job in jobs}
        if len(jobs) < GROUP_MAX:
            break
    return ran


async def _run_group(parts: Parts, task: Grouped, jobs: Sequence[Job]) -> None:
    if not jobs:
        return
    subjects = sorted({job.subject_id for job in jobs})
    with watched_job(jobs) as watched:
        try:
            failed = await task.run(parts, subjects)
        except Exception as fault:
            failed = dict.fromkeys(subjects, fault)
        await _done([job for job in jobs if job.subject_id not in failed])
        for job in jobs:
            if job.subject_id in failed:
                watched.outcome = await _failed(job, failed[job.subject_id])


async def sweep_outbox(parts: Parts) -> None:
    """Pushes again what is due and not held: lost pushes, put-off jobs, and jobs whose worker died.

    A job whose worker died or was cut off at every try is given up as others are: it may be what kills them.
    """
    now = datetime.now(UTC)
    async with transaction():
        jobs = await unheld(_due(now - timedelta(seconds=SWEEP_AFTER_SECONDS)), limit=SWEEP_ROWS_MAX)
        for job in jobs:
            if job.leased_until is not None and job.attempts >= ATTEMPTS_MAX:
                log.error("job %s %s never came to an end", job.name, job.id)
                await _put_off(job, NEVER_ENDED, 0)
            else:
                after_commit(lambda job=job: _push(job))  # type: ignore[misc]


async def forget_done(parts: Parts) -> None:
    """Deletes jobs done more than a week ago."""
    await Job.filter(state=JobState.DONE, done_at__lt=datetime.now(UTC) - timedelta(days=7)).delete()


async def send_again(job_id: int) -> Job | None:
    """Gives a dead letter a new life, by an administrator's hand. None if it is not dead."""
    async with transaction():
        job = (await locked(Job, [job_id])).get(job_id)
        if job is None or job.state != JobState.DEAD:
            return None
        job.state, job.attempts, job.due_at = JobState.WAITING, 0, datetime.now(UTC)
        await job.save(update_fields=["state", "attempts", "due_at"])
        after_commit(lambda: _push(job))
        return job


async def stuck_jobs(*, before: datetime, limit: int = 20) -> list[Job]:
    """Jobs that were given up, and those that were due before then and wait still, oldest first."""
    late = Q(state=JobState.WAITING, due_at__lt=before) & (
        Q(leased_until__isnull=True) | Q(leased_until__lt=before)
    )
    return await Job.filter(late | Q(state=JobState.DEAD)).order_by("id").limit(limit)


async def due_jobs(*, limit: int = SWEEP_ROWS_MAX) -> list[Job]:
    """Jobs that could run now, oldest first."""
    return await _due(datetime.now(UTC)).limit(limit)


async def dead_letters(*, limit: int = 100) -> list[Job]:
    """Jobs that were given up, newest first."""
    return await Job.filter(state=JobState.DEAD).order_by("-id").limit(limit)


def _due(now: datetime) -> QuerySet[Job]:
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    return Job.filter(free, state=JobState.WAITING, due_at__lte=now).order_by("id")


async def _lease(job_id: int, attempt: int) -> Job | None:
    now = datetime.now(UTC)
    rows = await sql(_LEASE, [job_id, attempt, now, now + timedelta(seconds=LEASE_SECONDS)])
    return Job(**rows[0]) if rows else None


async def _lease_group(name: str) -> list[Job]:
    """Those of a kind that wait and never failed. The lease is short: a group takes moments, and may run twice."""
    now = datetime.now(UTC)
    until = now + timedelta(seconds=GROUP_LEASE_SECONDS)
    return [Job(**row) for row in await sql(_LEASE_GROUP, [name, now, until])]


async def _done(jobs: Sequence[Job]) -> None:
    if jobs:
        await sql(_DONE, [[job.id for job in jobs], datetime.now(UTC)])


async def _failed(job: Job, fault: Exception) -> str:
    """Puts a job off; gives how it ended: put_off, failed or dead."""
    if isinstance(fault, TryAgain):
        return "put_off" if await _put_off(job, str(fault), fault.seconds) else "dead"
    log.error("job %s %s failed", job.name, job.id, exc_info=fault)
    is_tried_again = await _put_off(job, f"{type(fault).__name__}: {fault}", _backoff_seconds(job.attempts))
    return "failed" if is_tried_again else "dead"


async def _put_off(job: Job, reason: str, seconds: float) -> bool:
    if job.attempts >= ATTEMPTS_MAX:
        await Job.filter(id=job.id).update(state=JobState.DEAD, last_error=reason[:2000], leased_until=None)
        return False
    due_at = datetime.now(UTC) + timedelta(seconds=seconds)
    await Job.filter(id=job.id).update(due_at=due_at, last_error=reason[:2000], leased_until=None)
    return True


def _backoff_seconds(attempts: int) -> float:
    return min(3600.0, 2.0**attempts) * random.uniform(0.8, 1.2)


async def _push(job: Job) -> None:
    try:
        await _courier.push(job.name, job.id, job.attempts)
    except Exception as lost:
        log.warning("push of job %s lost, the sweeper will find it: %s", job.id, lost)


async def _announce(channels: Sequence[str]) -> None:
    try:
        await _courier.announce(*channels)
    except Exception as lost:
        log.warning("news for %s lost, screens refresh by themselves: %s", ", ".join(channels), lost)
