"""Load on loopback, from a process of its own: connections kept open, each asking again as soon as it is answered.

Plain GETs go through `wrk` where it is installed: it costs little of the two cores. Else, and for everything that
acts, through the small HTTP/1.1 client here (RFC 9112; answers with a content-length, which all of ours have).
"""

import asyncio
import gzip
import itertools
import json
import random
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONNECTIONS = 8
REQUESTS_MAX = 50_000
REQUESTS_A_CALLER = 100
SCRIPT = Path(__file__).with_name("wrk.lua")
AS_BROWSERS_ASK = {"accept-encoding": "gzip"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def text(self) -> str:
        """The body as a browser reads it, unpacked if it was packed."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Measured:
    """One run: requests, their rate a second, times in milliseconds, bytes of one body, answers that were no 2xx."""

    requests: int
    rate: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    size_bytes: int
    failed: int


@dataclass(frozen=True)
class Load:
    """What is asked: these paths in turn, for so long, over so many connections, with these headers."""

    port: int
    paths: Sequence[str]
    seconds: float
    connections: int
    headers: Mapping[str, str]


class Line:
    """One connection, kept open; used by one task at a time."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._port, self._headers = port, {"host": f"127.0.0.1:{port}", **(headers or {})}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.requests = 0

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Sends one request and reads its answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        sent = {**self._headers, **(headers or {}), "content-length": str(len(body))}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        self.requests += 1
        return await _answer(reader)

    async def act(self, path: str, sent: object, key: str) -> Answer:
        """A POST of the JSON API with its idempotency key."""
        headers = {"content-type": "application/json", "idempotency-key": key}
        return await self.ask("POST", f"/api/v1{path}", json.dumps(sent).encode(), headers)

    async def read(self, path: str) -> Any:
        """What a GET of the JSON API gives. RuntimeError for anything but 200."""
        answer = await self.ask("GET", f"/api/v1{path}")
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {answer.body.decode(errors='replace')}")
        return answer.json()

    async def close(self) -> None:
        """Hangs up."""
        if self._streams is not None:
            self._streams[1].close()

    def forget(self) -> None:
        """Begins anew with the next request, whatever became of the last."""
        self._streams = None


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    return Answer(
        int(head[0].split()[1]), headers, await reader.readexactly(int(headers.get("content-length", "0")))
    )


def tool() -> str:
    """What sends the plain GETs here."""
    return "wrk" if shutil.which("wrk") else "the client of bench/load.py"


def measure(
    port: int, paths: Sequence[str], *, seconds: float, connections: int = CONNECTIONS, cookies: str = ""
) -> Measured:
    """GETs these paths in turn over so many connections for so many seconds, with these cookies."""
    sent = {**AS_BROWSERS_ASK, **({"cookie": cookies} if cookies else {})}
    load = Load(port, paths, seconds, connections, sent)
    first = asyncio.run(_one(load))
    if first.status != 200:
        raise RuntimeError(f"GET {paths[0]}: {first.status}")
    return (_by_wrk if _is_for_wrk(load) else _by_ourselves)(load, len(first.body))


def new_caller() -> int:
    """The number of a caller that no run before had: limits count callers by their address."""
    return random.randrange(2**24)


def address(number: int) -> str:
    """A caller's network address, for X-Forwarded-For."""
    return socket.inet_ntoa((0x0A000000 + number % 2**24).to_bytes(4, "big"))


def spread(times_ms: Sequence[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th of a hundred of these times."""
    cuts = statistics.quantiles(times_ms, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


async def _one(load: Load) -> Answer:
    line = Line(load.port, load.headers)
    try:
        return await line.ask("GET", load.paths[0])
    finally:
        await line.close()


def _is_for_wrk(load: Load) -> bool:
    """Whether it is there and the load is long enough: it counts in whole seconds."""
    return load.seconds >= 1 and shutil.which("wrk") is not None


def _by_wrk(load: Load, size_bytes: int) -> Measured:
    asked = ["wrk", "-t1", f"-c{load.connections}", f"-d{round(load.seconds)}", "-s", str(SCRIPT)]
    callers = [str(new_caller()), str(REQUESTS_A_CALLER), load.headers.get("cookie", "-")]
    done = subprocess.run(  # noqa: S603  our own words, no shell
        [*asked, f"http://127.0.0.1:{load.port}", "--", *callers, *load.paths],
        capture_output=True,
        check=True,
        text=True,
    )
    found = json.loads(done.stdout[done.stdout.index('{"requests"') :])
    return Measured(**found, size_bytes=size_bytes)


def _by_ourselves(load: Load, size_bytes: int) -> Measured:
    return asyncio.run(_closed_loop(load, size_bytes))


async def _closed_loop(load: Load, size_bytes: int) -> Measured:
    began = time.perf_counter()
    turns, times_ms, failed, first = itertools.cycle(load.paths), list[float](), 0, new_caller()

    async def ask_again_and_again() -> None:
        nonlocal failed
        line = Line(load.port, load.headers)
        while time.perf_counter() - began < load.seconds and len(times_ms) < REQUESTS_MAX:
            caller = {"x-forwarded-for": address(first + len(times_ms) // REQUESTS_A_CALLER)}
            asked = time.perf_counter()
            answer = await line.ask("GET", next(turns), headers=caller)
            times_ms.append((time.perf_counter() - asked) * 1000)
            failed += answer.status != 200
        await line.close()

    await asyncio.gather(*(ask_again_and_again() for _ in range(load.connections)))
    rate = len(times_ms) / (time.perf_counter() - began)
    return Measured(len(times_ms), rate, *spread(times_ms), size_bytes, failed)
