"""Traces as the rest sees them: a span around what takes time. Nothing happens until a tracer is given."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

Value = str | int | float | bool


class Span(Protocol):
    """Something that takes time, open at the moment."""

    def note(self, **values: Value) -> None: ...


class Tracer(Protocol):
    """Who keeps spans: market/otel.py, when a collector is set."""

    def span(
        self, name: str, kind: str, links: Sequence[str], values: dict[str, Value]
    ) -> AbstractContextManager[Span]: ...

    def here(self) -> str: ...


@dataclass
class Statements:
    """What a request or job asked of the database."""

    count: int = 0
    seconds: float = 0.0


class _Nothing:
    def note(self, **values: Value) -> None:
        """Keeps nothing."""


_NOTHING = _Nothing()
_tracer: Tracer | None = None
_statements: ContextVar[Statements | None] = ContextVar("statements", default=None)


def use_tracer(tracer: Tracer | None) -> None:
    """Sets this process's tracer, once at start-up."""
    global _tracer
    _tracer = tracer


def is_traced() -> bool:
    """Whether spans are kept at all."""
    return _tracer is not None


@contextmanager
def span(name: str, *, kind: str = "internal", links: Sequence[str] = (), **values: Value) -> Iterator[Span]:
    """A span around what happens inside; `kind` is server, client, consumer or internal, `links` are traceparents."""
    if _tracer is None:
        yield _NOTHING
        return
    with _tracer.span(name, kind, links, values) as made:
        yield made


@contextmanager
def counted_statements() -> Iterator[Statements]:
    """Counts the statements that are asked inside, when the database is watched (kit.db)."""
    counted = Statements()
    mark = _statements.set(counted)
    try:
        yield counted
    finally:
        _statements.reset(mark)


def statement_done(seconds: float) -> None:
    """One statement more of whoever runs."""
    counted = _statements.get()
    if counted is not None:
        counted.count += 1
        counted.seconds += seconds


def here() -> str:
    """The place in the trace where we are (W3C traceparent); "" when there is none."""
    return _tracer.here() if _tracer is not None else ""
