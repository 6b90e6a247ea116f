"""Whoever calls the market and does not give up: a shopper's program, a bank, a wallet; and what they are owed."""

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
from tortoise.exceptions import BaseORMException

from bench.load import Answer, Line

ANSWER_SECONDS = 12.0
PAUSE_SECONDS = 0.3
PATIENCE_SECONDS = 90.0
UNCLEAR = (408, 429)
T = TypeVar("T")


class NobodyAnswers(Exception):
    """Asked again and again, and no answer in all that time."""


@dataclass(frozen=True)
class Message:
    """Something a bank or a wallet tells: where, what, and its headers, which are made anew each time it is sent."""

    path: str
    raw: bytes
    headers: Callable[[bytes], Mapping[str, str]]
    key: str = ""


class Caller:
    """Asks one of several web processes; one that is away, too slow or in trouble is left for the next."""

    def __init__(
        self, ports: Sequence[int], headers: Mapping[str, str], *, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._lines = itertools.cycle([Line(port, headers) for port in ports])
        self._count, self._patience = len(ports), patience
        self._line, self._turn = next(self._lines), asyncio.Lock()

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Callable[[bytes], Mapping[str, str]] = lambda _: {},
        *,
        patience: float = 0,
    ) -> Answer:
        """The first clear answer; one question at a time. Raises NobodyAnswers."""
        async with self._turn:
            return await self._asked(method, path, body, headers, patience)

    async def _asked(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Callable[[bytes], Mapping[str, str]],
        patience: float,
    ) -> Answer:
        until, last = time.monotonic() + (patience or self._patience), "nothing"
        while time.monotonic() < until:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    answer = await self._line.ask(method, path, body, headers(body))
                if answer.status < 500 and answer.status not in UNCLEAR:
                    return answer
                last = f"{answer.status} {answer.text()[:200]}"
            except (OSError, EOFError, TimeoutError, ValueError, IndexError) as lost:
                last = f"{type(lost).__name__} {lost}"
                await self._line.close()
                self._line.forget()
            self._line = next(self._lines)
            await asyncio.sleep(PAUSE_SECONDS)
        raise NobodyAnswers(f"{method} {path}: {last}")

    async def act(self, path: str, sent: object, key: str = "", *, patience: float = 0) -> Answer:
        """A POST of the JSON API; with a key it is one act however often it is sent."""
        headers = {"content-type": "application/json", **({"idempotency-key": key} if key else {})}
        raw = json.dumps(sent).encode()
        return await self.ask("POST", f"/api/v1{path}", raw, lambda _: headers, patience=patience)

    async def read(self, path: str) -> Any:
        """What a GET of the JSON API gives. RuntimeError for anything but 200."""
        answer = await self.ask("GET", f"/api/v1{path}")
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {answer.text()}")
        return answer.json()

    async def tell(self, message: Message) -> None:
        """Sends a message until it is taken, as banks do. RuntimeError when it is refused."""
        answer = await self.ask("POST", message.path, message.raw, message.headers)
        if answer.status not in (200, 204):
            raise RuntimeError(f"{message.path}: {answer.status} {answer.text()}")

    async def close(self) -> None:
        """Hangs up."""
        for _ in range(self._count):
            await next(self._lines).close()


async def patiently(work: Callable[[], Awaitable[T]], *, seconds: float = PATIENCE_SECONDS) -> T:
    """Something in the database, begun again while PostgreSQL is away; it must bear being done twice."""
    until = time.monotonic() + seconds
    while True:
        try:
            return await work()
        except (OSError, BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            if time.monotonic() > until:
                raise
        await asyncio.sleep(PAUSE_SECONDS)
