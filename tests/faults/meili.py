"""A real Meilisearch to be killed, started again and slowed down, for the tests of faults."""

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx2

START_SECONDS = 30.0
NONE_HERE = "no `meilisearch` on PATH: what happens when it is killed, slow or spoilt was not tried"


class Meilisearch:
    """One server over a folder; started again it answers at the same address with the same key."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key, self.port = folder, uuid4().hex, free_port()
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> bool:
        """Starts it; whether it answers in the end (it does not over a spoilt folder)."""
        words = ["--no-analytics", "--log-level", "ERROR", "--master-key", self.key]
        places = ["--db-path", "db", "--dump-dir", "dumps", "--snapshot-dir", "snapshots"]
        address = ["--http-addr", f"127.0.0.1:{self.port}"]
        self._running = subprocess.Popen(
            ["meilisearch", *words, *places, *address],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._running.poll() is None:
            with contextlib.suppress(OSError, httpx2.HTTPError):
                if httpx2.get(f"{self.url}/health", timeout=1).status_code == 200:
                    return True
            time.sleep(0.05)
        return False

    def kill(self) -> None:
        """kill -9."""
        if self._running is not None:
            self._running.send_signal(signal.SIGKILL)
            self._running.wait(10)

    def ask(self, method: str, path: str) -> httpx2.Response:
        """Something by its HTTP API, with the master key."""
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx2.request(method, f"{self.url}{path}", headers=headers, timeout=10)

    def spoil(self) -> None:
        """Noise in the middle of every index and of the list of tasks."""
        for file in (self.folder / "db").rglob("data.mdb"):
            with file.open("r+b") as opened:
                opened.seek(0)
                opened.write(b"\xa5" * 65536)


class SlowRoad:
    """A proxy before a server that keeps each piece of an answer back for so many seconds."""

    def __init__(self, port: int) -> None:
        self._to, self.port, self.delay_seconds = port, free_port(), 0.0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Carries while it is open."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        try:
            yield
        finally:
            server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(self._pass(reader, back, slow=False), self._pass(there, writer, slow=True))
        for one in (back, writer):
            one.close()

    async def _pass(self, source: asyncio.StreamReader, into: asyncio.StreamWriter, *, slow: bool) -> None:
        while piece := await source.read(65536):
            if slow:
                await asyncio.sleep(self.delay_seconds)
            into.write(piece)
            await into.drain()
        into.close()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Meilisearch]:
    """A started server, ended and forgotten afterwards."""
    made = Meilisearch(folder)
    try:
        assert made.start()
        yield made
    finally:
        made.kill()


def is_here() -> bool:
    """Whether there is a Meilisearch to try."""
    return shutil.which("meilisearch") is not None


def free_port() -> int:
    """A port nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
