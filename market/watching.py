"""What every process has beside its work: traces when a collector is set, the port for machines, its pulse."""

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator

from arq.connections import ArqRedis

from kit import spans
from kit.parts import Parts
from kit.settings import Settings
from market.pulse import beating
from market.readiness import readiness
from market.side_door import side_door


@contextlib.asynccontextmanager
async def under_watch(parts: Parts, kind: str) -> AsyncIterator[None]:
    """The port for machines is open and the pulse beats, inside."""
    async with side_door(parts[Settings], lambda: readiness(parts)), beating(parts[ArqRedis], kind):
        yield


@contextlib.asynccontextmanager
async def under_trace(settings: Settings, kind: str) -> AsyncIterator[None]:
    """Traces are kept inside, if a collector is set. To be opened before the database's pool, which then counts."""
    if not settings.otel_endpoint:
        yield
        return
    tracer = importlib.import_module("market.otel").open_tracer(settings, kind)
    spans.use_tracer(tracer)
    try:
        yield
    finally:
        spans.use_tracer(None)
        await asyncio.to_thread(tracer.close)
