"""The outbox: jobs leave with the commit, run once at a time, come back after trouble, and die visibly."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from kit.db import locked, transaction
from kit.models import Job, JobState
from kit.outbox import (
    ATTEMPTS_MAX,
    NEVER_ENDED,
    Grouped,
    TryAgain,
    announce,
    dead_letters,
    due_jobs,
    later,
    later_each,
    send_again,
    sweep_outbox,
    use_courier,
    work,
)
from kit.parts import Parts

NOTHING = Parts({})


class Carried:
    """A courier that remembers what it was given."""

    def __init__(self, *, broken: bool = False) -> None:
        self.pushed: list[tuple[str, int, int]] = []
        self.said: list[str] = []
        self.broken = broken

    async def push(self, name: str, job_id: int, attempt: int) -> None:
        """Remembers a job, or fails as a lost Redis would."""
        if self.broken:
            raise ConnectionError("no Redis")
        self.pushed.append((name, job_id, attempt))

    async def announce(self, *channels: str) -> None:
        """Remembers news."""
        self.said += channels


@pytest.fixture
def carried() -> Carried:
    """The courier of this test."""
    courier = Carried()
    use_courier(courier)
    return courier


async def well(parts: Parts, subject_id: int) -> None:
    """A task that works."""


async def badly(parts: Parts, subject_id: int) -> None:
    """A task with a fault."""
    raise ValueError("it broke")


async def troubled(parts: Parts, subject_id: int) -> None:
    """A task that meets outside trouble."""
    raise TryAgain("the bank is away", seconds=30)


async def left() -> Job:
    """One job in the outbox."""
    async with transaction():
        await later("well", 7)
    return await Job.filter(name="well").order_by("-id").first()  # type: ignore[return-value]


async def test_a_job_that_no_worker_survives_is_given_up_after_as_many_tries(
    db: None, carried: Carried
) -> None:
    """Killed at every try it was never put off; once more alive, it would kill workers for ever."""
    job = await left()
    over = datetime.now(UTC) - timedelta(minutes=2)
    await Job.filter(id=job.id).update(attempts=ATTEMPTS_MAX - 1, due_at=over, leased_until=over)
    carried.pushed.clear()
    await sweep_outbox(NOTHING)
    assert carried.pushed == [("well", job.id, ATTEMPTS_MAX - 1)]
    await Job.filter(id=job.id).update(attempts=ATTEMPTS_MAX)
    await sweep_outbox(NOTHING)
    assert len(carried.pushed) == 1
    [dead] = await dead_letters()
    assert (dead.id, dead.last_error) == (job.id, NEVER_ENDED)
    assert await send_again(job.id)


async def test_a_job_is_pushed_only_after_the_commit(db: None, carried: Carried) -> None:
    """Neither inside the transaction nor by a savepoint inside it."""
    async with transaction():
        async with transaction():
            await later("well", 7)
            await announce("order:X")
        assert carried.pushed == []
    assert [name for name, *_ in carried.pushed] == ["well"]
    assert carried.said == ["order:X"]


async def test_a_rollback_leaves_no_job_and_no_push(db: None, carried: Carried) -> None:
    """What did not happen has no consequences."""
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await later("well", 7)
            raise ZeroDivisionError
    assert carried.pushed == [] and await Job.all().count() == 0


async def test_a_savepoint_rolled_back_takes_only_its_own_jobs(db: None, carried: Carried) -> None:
    """The outer act still sends what it left."""
    async with transaction():
        await later("outer", 1)
        with pytest.raises(ZeroDivisionError):
            async with transaction():
                await later("inner", 2)
                raise ZeroDivisionError
    assert [name for name, *_ in carried.pushed] == ["outer"]


async def test_work_left_outside_a_transaction_is_a_fault(db: None) -> None:
    """It could be lost without a trace."""
    with pytest.raises(RuntimeError):
        await later("well", 7)
    with pytest.raises(RuntimeError):
        await announce("order:X")
    with pytest.raises(RuntimeError):
        await locked(Job, [1])


async def test_a_job_runs_once_and_is_done(db: None, carried: Carried) -> None:
    """The same push a second time finds nothing to do."""
    job = await left()
    assert await work(NOTHING, well, job.id, 0)
    assert not await work(NOTHING, well, job.id, 0)
    assert (await Job.get(id=job.id)).state == JobState.DONE


async def test_a_job_that_is_held_is_not_run_by_a_second_worker(db: None, carried: Carried) -> None:
    """The lease keeps others away until it ends."""
    job = await left()
    await Job.filter(id=job.id).update(leased_until=datetime.now(UTC) + timedelta(seconds=30))
    assert not await work(NOTHING, well, job.id, 0)


async def test_a_job_whose_worker_died_is_found_again(db: None, carried: Carried) -> None:
    """When the lease has ended the sweeper pushes the next attempt."""
    job = await left()
    past = datetime.now(UTC) - timedelta(seconds=10)
    await Job.filter(id=job.id).update(attempts=1, leased_until=past, due_at=past)
    carried.pushed.clear()
    await sweep_outbox(NOTHING)
    assert carried.pushed == [("well", job.id, 1)]
    assert await work(NOTHING, well, job.id, 1)


async def test_a_lost_push_is_found_by_the_sweeper(db: None) -> None:
    """Redis away at the commit loses nothing."""
    use_courier(Carried(broken=True))
    job = await left()
    await Job.filter(id=job.id).update(due_at=datetime.now(UTC) - timedelta(seconds=10))
    courier = Carried()
    use_courier(courier)
    await sweep_outbox(NOTHING)
    assert courier.pushed == [("well", job.id, 0)]


async def test_trouble_puts_a_job_off_and_keeps_the_reason(db: None, carried: Carried) -> None:
    """It is due again later, with one attempt used."""
    job = await left()
    assert await work(NOTHING, troubled, job.id, 0)
    again = await Job.get(id=job.id)
    assert (again.state, again.attempts, again.last_error) == (JobState.WAITING, 1, "the bank is away")
    assert again.due_at > datetime.now(UTC) + timedelta(seconds=20)
    assert await due_jobs() == []


async def test_a_fault_backs_off_and_ends_as_a_dead_letter(db: None, carried: Carried) -> None:
    """After the last attempt somebody must look; sending it again gives it a new life."""
    job = await left()
    for attempt in range(ATTEMPTS_MAX):
        await Job.filter(id=job.id).update(due_at=datetime.now(UTC))
        assert await work(NOTHING, badly, job.id, attempt)
    dead = await dead_letters()
    assert [one.id for one in dead] == [job.id] and dead[0].last_error == "ValueError: it broke"
    assert await due_jobs() == []
    carried.pushed.clear()
    assert await send_again(job.id) is not None
    assert carried.pushed == [("well", job.id, 0)]
    assert await work(NOTHING, well, job.id, 0)
    assert await dead_letters() == [] and await send_again(job.id) is None


async def test_a_job_for_later_is_not_pushed_before_its_time(db: None, carried: Carried) -> None:
    """`at` keeps it in the outbox until then."""
    async with transaction():
        await later("well", 7, at=datetime.now(UTC) + timedelta(minutes=15))
    assert carried.pushed == [] and await due_jobs() == []


async def test_one_push_brings_all_of_a_group_and_one_waits_in_line_for_the_rest(
    db: None, carried: Carried
) -> None:
    """However many come while a group is worked: the next one takes them all, the others are over at once."""
    worked: list[list[int]] = []
    goes_on, begun = asyncio.Event(), asyncio.Event()

    async def together(parts: Parts, subject_ids: Sequence[int]) -> Mapping[int, Exception]:
        begun.set()
        await goes_on.wait()
        worked.append(list(subject_ids))
        return {}

    async def leave(*subject_ids: int) -> int:
        carried.pushed.clear()
        async with transaction():
            await later_each("together", subject_ids, grouped=True)
        [(_, job_id, _)] = carried.pushed
        return job_id

    task = Grouped(together)
    first = asyncio.create_task(work(NOTHING, task, await leave(1, 2, 3), 0))
    await begun.wait()
    second = asyncio.create_task(work(NOTHING, task, await leave(4), 0))
    await asyncio.sleep(0)
    assert not await work(NOTHING, task, await leave(5, 6), 0)
    goes_on.set()
    assert await first and await second
    assert worked == [[1, 2, 3], [4, 5, 6]]
    assert not await Job.filter(state=JobState.WAITING).exists()
