"""Jobs and rounds under watch: an origin for their log lines, their time and end for figures, a span for traces."""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kit import metrics, spans
from kit.models import Job
from kit.origin import request_of, trace_of, working

LINKS_MOST = 20


@dataclass
class Watched:
    """Work that is under way; who does it says how it ended: done, failed, put_off or dead."""

    outcome: str = "done"


@contextmanager
def watched_job(jobs: Sequence[Job]) -> Iterator[Watched]:
    """A job, or several of one kind worked together: alone it belongs to the request that left it."""
    first, alone = jobs[0], len(jobs) == 1
    request_id = request_of(first.came_from) if alone else ""
    job = f"{first.name} {first.id}" if alone else f"{first.name} {first.id} and {len(jobs) - 1} more"
    links = [one for job in jobs[:LINKS_MOST] if (one := trace_of(job.came_from))]
    watched, began = Watched(), time.monotonic()
    with (
        working(request_id, job),
        spans.span(f"job {first.name}", kind="consumer", links=links) as span,
        spans.counted_statements() as asked,
    ):
        try:
            yield watched
        finally:
            metrics.job_seen(first.name, watched.outcome, time.monotonic() - began)
            values: dict[str, spans.Value] = {
                "cho.request_id": request_id,
                "cho.jobs": len(jobs),
                "cho.outcome": watched.outcome,
                "db.statements": asked.count,
                "db.seconds": asked.seconds,
            }
            span.note(**values)


@contextmanager
def watched_round(name: str) -> Iterator[None]:
    """A round; it has a number of its own, which its log lines and the jobs it leaves carry."""
    began, outcome = time.monotonic(), "failed"
    with working(secrets.token_hex(6), f"round {name}"), spans.span(f"round {name}", kind="consumer"):
        try:
            yield
            outcome = "done"
        finally:
            metrics.round_seen(name, outcome, time.monotonic() - began)
