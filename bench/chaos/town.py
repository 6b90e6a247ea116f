"""A market of seven processes over a folder of its own, behind a line that can be disturbed."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bench.chaos.wire import Wire, opened
from bench.load import Line
from bench.market import STOP_SECONDS, new_folder, plain_environment
from kit.embedded import find_running, free_port
from kit.embedded.processes import dies_with_us
from kit.settings import ROOT

WEBS = ("web1", "web2")
TANTIVY, MEILI = "tantivy", "meili"
STARTED_WITHIN_SECONDS = 240.0  # a busy machine takes its time
PAYMENT_MINUTES = "120"  # whatever is done to it, nobody's time to pay runs out


@dataclass(frozen=True)
class Town:
    """Where it lives, its line, and the ports of its web processes (`twins` is one more of them).

    `meili` is address and key of its search engine; empty where tantivy searches in process.
    """

    var: Path
    wire: Wire
    ports: Mapping[str, int]
    meili: tuple[str, str] = ("", "")

    @property
    def webs(self) -> list[int]:
        """The ports that people and banks call."""
        return [self.ports[name] for name in WEBS]

    @property
    def database_url(self) -> str:
        """The address of its PostgreSQL, which keeps it through every restart."""
        found = find_running(self.var, "postgres")
        if found is None:
            raise OSError("PostgreSQL is not there")
        return found.url

    @property
    def log(self) -> Path:
        """What all its processes say."""
        return self.var / "run.log"


@asynccontextmanager
async def running_town(seed: int, *, engine: str = TANTIVY) -> AsyncIterator[Town]:
    """Starts it with this search engine, waits until all of it answers, and removes it afterwards in any case."""
    folder = new_folder("cho-chaos-")
    ports = {name: free_port() for name in (*WEBS, "twins")}
    wire = Wire(ports["twins"], [ports[name] for name in WEBS], seed)
    async with opened(wire, free_port()):
        meili = (f"http://127.0.0.1:{free_port()}", uuid4().hex) if engine == MEILI else ("", "")
        town = Town(folder, wire, ports, meili)
        running = _started(town)
        try:
            await wait_ready(town, STARTED_WITHIN_SECONDS)
            yield town
        finally:
            await asyncio.to_thread(_end, running)
            shutil.rmtree(folder, ignore_errors=True)


async def wait_ready(town: Town, seconds: float) -> None:
    """Until every web process serves people. RuntimeError with the end of the log when one does not in time."""
    until = time.monotonic() + seconds
    for port in town.ports.values():
        while not await _serves(port):
            if time.monotonic() > until:
                raise RuntimeError(f"port {port} does not serve\n{last_words(town)}")
            await asyncio.sleep(0.2)


def last_words(town: Town) -> str:
    """The end of the log."""
    return town.log.read_text(errors="replace")[-3000:] if town.log.exists() else ""


async def _serves(port: int) -> bool:
    line = Line(port)
    try:
        async with asyncio.timeout(5):
            return (await line.ask("GET", "/ready")).status == 200
    except (OSError, EOFError, TimeoutError, ValueError, IndexError):
        return False
    finally:
        await line.close()


def _started(town: Town) -> subprocess.Popen[bytes]:
    listed = [f"{name}={port}" for name, port in town.ports.items()]
    if town.meili[0]:
        listed.append(f"{MEILI}={town.meili[0].rpartition(':')[2]}")
    settings = {
        "VAR": str(town.var),
        "BASE_URL": f"http://127.0.0.1:{town.wire.port}",
        "TRUSTED_PROXIES": "127.0.0.1",
        "PAYMENT_MINUTES": PAYMENT_MINUTES,
        "MEILI_URL": town.meili[0],
        "MEILI_KEY": town.meili[1],
    }
    with town.log.open("wb") as log:
        return subprocess.Popen(  # noqa: S603  our own words, no shell
            [sys.executable, "-m", "bench.chaos.parts", *listed],
            cwd=ROOT,
            env={**plain_environment(), **settings},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=dies_with_us(signal.SIGINT),
        )


def _end(running: subprocess.Popen[bytes]) -> None:
    running.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(STOP_SECONDS)
        return
    os.killpg(running.pid, signal.SIGKILL)
    running.wait(STOP_SECONDS)
