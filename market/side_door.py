"""The port for machines that each process may have: /live, /ready and /metrics. It is never for the public.

HTTP/1.1 enough for probes and Prometheus: one GET a connection, answered and closed.
"""

import asyncio
import contextlib
import hmac
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

from kit import metrics
from kit.settings import Settings
from market.figures import as_figures, market_figures
from market.readiness import Readiness

ASK_SECONDS = 5.0
HEAD_MOST_BYTES = 8192
FIGURES_SECONDS = 10.0
WORDS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 503: "Service Unavailable"}
Look = Callable[[], Awaitable[Readiness]]
Answer = tuple[int, str, bytes]
log = logging.getLogger("side_door")


class SideDoor:
    """Answers probes and the scraper of one process."""

    def __init__(self, settings: Settings, look: Look) -> None:
        self._settings, self._look = settings, look
        self._figures: tuple[float, bytes] = (float("-inf"), b"")

    async def answer(self, path: str, authorization: str) -> Answer:
        """Status, content type and body of one GET."""
        if path == "/live":
            return 200, "text/plain", b"ok\n"
        if path == "/ready":
            found = await self._look()
            return (200 if found.is_ready else 503), "application/json", json.dumps(found.said).encode()
        if path == "/metrics" and self._settings.metrics_token:
            return await self._metrics(authorization)
        return 404, "text/plain", b"no such page\n"

    async def _metrics(self, authorization: str) -> Answer:
        wanted = f"Bearer {self._settings.metrics_token}"
        if not hmac.compare_digest(authorization.encode(), wanted.encode()):
            return 401, "text/plain", b"a bearer token is needed\n"
        return 200, metrics.CONTENT_TYPE, await self.figures()

    async def figures(self) -> bytes:
        """This process's own figures, fresh, and the market's, at most ten seconds old."""
        if time.monotonic() - self._figures[0] > FIGURES_SECONDS:
            self._figures = time.monotonic(), metrics.exposed_figures(await _market())
        return metrics.exposed() + self._figures[1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                status, kind, body = await self._asked(reader)
                head = f"HTTP/1.1 {status} {WORDS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
                writer.write(
                    f"{head}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n".encode() + body
                )
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # a scanner, or somebody who went away
        finally:
            writer.close()

    async def _asked(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        words = head[0].split(" ")
        if len(words) != 3 or words[0] != "GET":
            return 400, "text/plain", b"GET only\n"
        lines = dict(line.partition(":")[::2] for line in head[1:] if line)
        authorization = next((v.strip() for name, v in lines.items() if name.lower() == "authorization"), "")
        return await self.answer(words[1].partition("?")[0], authorization)


async def _market() -> list[metrics.Figure]:
    """The market's figures; without a database only that they are missing."""
    try:
        async with asyncio.timeout(ASK_SECONDS / 2):
            found = as_figures(await market_figures(datetime.now(UTC)))
    except Exception as away:  # whatever a driver raises: the process's own figures are told all the same
        log.warning("the market's figures cannot be read: %s", away)
        found = []
    return [*found, metrics.Figure("cho_figures_read", "1 when the database told.", "", {"": bool(found)})]


@contextlib.asynccontextmanager
async def side_door(settings: Settings, look: Look) -> AsyncIterator[None]:
    """The port is open inside, when SIDE_PORT names one."""
    if not settings.side_port:
        yield
        return
    door = SideDoor(settings, look)
    server = await asyncio.start_server(
        door.serve, settings.side_host, settings.side_port, limit=HEAD_MOST_BYTES
    )
    async with server:
        yield
