"""The worker: every job and round of every package, run by arq from the outbox."""

import logging
import sys
from contextlib import AsyncExitStack
from datetime import timedelta, timezone
from typing import Any

from arq.connections import ArqRedis
from arq.cron import CronJob, cron
from arq.worker import Function, Worker, func

import accounts.tasks
import market.tasks
import orders.tasks
import payments.tasks
import postal.tasks
import search.tasks
import vendors.tasks
from kit.outbox import (
    Every,
    Grouped,
    Task,
    due_jobs,
    every,
    forget_done,
    sweep_outbox,
    work,
    work_waiting,
)
from kit.parts import Parts
from kit.queue import dumps, loads, redis_settings
from kit.settings import Settings
from kit.starting import serve_swiftly
from kit.uploads import sweep_uploads
from kit.waking import Waking
from kit.watched import watched_round
from kit.web.idempotency import forget_answers
from market.jobs import GROUPED, TASKS
from market.parts import opened_parts
from market.watching import under_trace, under_watch
from search.builder import IndexBuilder

VIETNAM_TIME = timezone(timedelta(hours=7))  # arq wants a fixed offset; Vietnam has no summer time
JOB_SECONDS_MAX = 45
JOBS_AT_ONCE = 8
# arq starts at most JOBS_AT_ONCE jobs a look, so the pause between two looks bounds the jobs a second.
POLL_SECONDS = 0.02
Context = dict[Any, Any]
log = logging.getLogger("worker")

ROUNDS: list[Every] = [
    every(5, sweep_outbox),
    every(86400, forget_done),
    every(3600, sweep_uploads),
    every(86400, forget_answers),
    *accounts.tasks.CRONS,
    *vendors.tasks.CRONS,
    *search.tasks.CRONS,
    *payments.tasks.CRONS,
    *postal.tasks.CRONS,
    *orders.tasks.CRONS,
    *market.tasks.CRONS,
]


def make_worker(settings: Settings) -> Worker:
    """A worker process, to be started with its own `run()`."""
    stack = AsyncExitStack()

    async def start(ctx: Context) -> None:
        await stack.enter_async_context(under_trace(settings, "worker"))
        parts = await stack.enter_async_context(opened_parts(settings))
        ctx["parts"] = parts
        parts.put(IndexBuilder, IndexBuilder([sys.executable, "-m", "market.cli", "reindex"]))
        stack.push_async_callback(parts[IndexBuilder].close)
        waking = Waking(parts[ArqRedis], lambda name: work_waiting(parts, GROUPED[name]))
        stack.push_async_callback(waking.close)
        waking.start()
        await search.tasks.mend_drift(parts)
        await search.tasks.keep_index(parts)
        await stack.enter_async_context(under_watch(parts, "worker"))
        serve_swiftly()
        log.info("begun: %d kinds of jobs, %d rounds", len(TASKS), len(ROUNDS))

    async def stop(ctx: Context) -> None:
        await stack.aclose()

    return Worker(
        functions=[arq_function(name, task) for name, task in TASKS.items()],
        cron_jobs=[cron_job(one) for one in ROUNDS],
        redis_settings=redis_settings(settings.redis_url),
        on_startup=start,
        on_shutdown=stop,
        job_serializer=dumps,
        job_deserializer=loads,
        keep_result=0,
        max_jobs=JOBS_AT_ONCE,
        max_tries=1000,
        job_timeout=JOB_SECONDS_MAX,
        job_completion_wait=JOB_SECONDS_MAX,
        poll_delay=POLL_SECONDS,
        health_check_interval=30,
        timezone=VIETNAM_TIME,
    )


def arq_function(name: str, task: Task | Grouped) -> Function:
    """A task as arq runs it: with a lease on its outbox row, so that nobody runs it twice at once."""

    async def run(ctx: Context, *args: Any, **kwargs: Any) -> None:
        job_id, attempt = args
        await work(ctx["parts"], task, job_id, attempt)

    return func(run, name=name, keep_result=0, timeout=JOB_SECONDS_MAX)


def cron_job(one: Every) -> CronJob:
    """A round as arq's cron: seconds under a minute, else whole minutes, hours, or once a night at 02:30."""

    async def run(ctx: Context, *args: Any, **kwargs: Any) -> None:
        with watched_round(one.round.__name__):
            await one.round(ctx["parts"])

    name = f"round:{one.round.__name__}"
    return cron(run, name=name, keep_result=0, timeout=JOB_SECONDS_MAX, **cron_times(one.seconds))


def cron_times(seconds: int) -> dict[str, Any]:
    """When arq's cron runs something every so many seconds."""
    if seconds < 60:
        return {"second": set(range(0, 60, seconds))}
    if seconds < 3600:
        return {"minute": set(range(0, 60, seconds // 60)), "second": 0}
    if seconds < 86400:
        return {"hour": set(range(0, 24, seconds // 3600)), "minute": 7, "second": 0}
    return {"hour": 2, "minute": 30, "second": 0}


async def work_all_due(parts: Parts, *, rounds_max: int = 50) -> int:
    """Works every due job in this process until none is left; for commands and tests. Gives how many ran."""
    ran = 0
    for _ in range(rounds_max):
        jobs = await due_jobs()
        if not jobs:
            return ran
        for job in jobs:
            ran += await work(parts, TASKS[job.name], job.id, job.attempts)
    return ran
