"""Where the work that runs now comes from: the request, or the job and the request that left it.

Log lines carry it, jobs take it along through the outbox, traces hang on it. It holds numbers of ours, nobody's data.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from kit import spans

CAME_FROM_MOST = 80


class Origin(NamedTuple):
    """A request's number; `job` is the job that runs, as name and number."""

    request_id: str = ""
    job: str = ""


NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def origin() -> Origin:
    """Where we are."""
    return _origin.get()


@contextmanager
def working(request_id: str = "", job: str = "") -> Iterator[None]:
    """What happens inside belongs to this request or job."""
    mark = _origin.set(Origin(request_id, job))
    try:
        yield
    finally:
        _origin.reset(mark)


def came_from() -> str:
    """What a job that is left now takes along: the request's number and, when traces are on, its place in the trace."""
    return f"{_origin.get().request_id} {spans.here()}".strip()[:CAME_FROM_MOST]


def request_of(text: str) -> str:
    """The request's number of what a job took along."""
    return text.partition(" ")[0]


def trace_of(text: str) -> str:
    """The place in the trace of what a job took along (W3C Trace Context, traceparent); "" when it has none."""
    return text.partition(" ")[2]
