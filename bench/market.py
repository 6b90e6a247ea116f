"""A real market to measure: `market.cli run` over a folder of its own, with the demo's goods and much in stock."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from kit.db import connect, disconnect
from kit.embedded import find_running, free_port
from kit.outbox import NoCourier, use_courier
from kit.queue import RedisCourier, open_queue
from kit.settings import ROOT, Settings

START_SECONDS = 90
STOP_SECONDS = 30
PART = "CHO_PART"  # names a process in its environment where two of a kind run
T = TypeVar("T")
_for_all: list["BenchMarket"] = []


@dataclass(frozen=True)
class BenchMarket:
    """A running market: one web process, one worker, PostgreSQL and Redis of its own."""

    var: Path
    port: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def pid(self, part: str) -> int:
        """The process number of its "web" or "worker"."""
        found = part_pids(self.var, part)
        if not found:
            raise RuntimeError(f"no {part} runs here")
        return found[0]

    def cpu_seconds(self, part: str) -> float:
        """Processor time that its "web", "worker" or "postgres" has used: what others do here hardly moves it.

        Of PostgreSQL all its processes count, those that have ended as well.
        """
        if part == "postgres":
            return sum(_cpu_seconds(folder, with_ended=True) for folder in self._postgres())
        return _cpu_seconds(Path(f"/proc/{self.pid(part)}"))

    def megabytes(self, part: str) -> float:
        """Memory that its "web", "worker" or "postgres" holds; what PostgreSQL's processes share counts once."""
        folders = self._postgres() if part == "postgres" else [Path(f"/proc/{self.pid(part)}")]
        held = [_pages(folder) for folder in folders]
        shared = max(shared for _, shared in held)
        pages = sum(all_of_it - shared for all_of_it, shared in held) + shared
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def _postgres(self) -> Iterator[Path]:
        found = find_running(self.var, "postgres")
        assert found is not None
        for folder in Path("/proc").glob("[0-9]*"):
            if int(folder.name) == found.pid or _parent(folder) == found.pid:
                yield folder

    @property
    def database_url(self) -> str:
        """The address of its PostgreSQL."""
        found = find_running(self.var, "postgres")
        assert found is not None
        return found.url


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _cpu_seconds(folder: Path, *, with_ended: bool = False) -> float:
    """Of a process; with those of its children that have ended when asked for (proc(5), stat)."""
    try:
        used = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, used[11 : 15 if with_ended else 13])) / os.sysconf("SC_CLK_TCK")


def _pages(folder: Path) -> tuple[int, int]:
    """The pages of memory a process holds, and those of them that it may share (proc(5), statm)."""
    try:
        held = (folder / "statm").read_text().split()
    except OSError:
        return 0, 0
    return int(held[1]), int(held[2])


def part_pids(var: Path, part: str) -> list[int]:
    """The process numbers of the "web" or "worker" of a market in this folder, or of one by its name ("web2")."""
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _is(folder, var, part)]


def _is(folder: Path, var: Path, part: str) -> bool:
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
        around = (folder / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
    if f"VAR={var}".encode() not in around:
        return False
    # What such a process starts itself (a builder of the index) has its name too, but other words.
    return part.encode() in words or (
        f"{PART}={part}".encode() in around and part.rstrip("0123456789").encode() in [*words, b"twins"]
    )


def new_folder(prefix: str) -> Path:
    """A folder for a market's data; open to others, as an embedded PostgreSQL of root runs as another user."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o711)
    return folder


@contextmanager
def running_market(more: Mapping[str, str] | None = None) -> Iterator[BenchMarket]:
    """Starts a market in a new folder, waits until it answers, and removes all of it afterwards.

    `more` are settings beside its own.

    No setting of the caller's environment gets through: what is measured is never somebody's real market.
    """
    if _for_all and not more:
        yield _for_all[0]
        return
    folder = new_folder("cho-bench-")
    market = BenchMarket(folder, free_port())
    with (folder / "run.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "market.cli", "run"],
            cwd=ROOT,
            env=environment_for(market, more or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(f"{market.url}/health", folder / "run.log")
        yield market
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(STOP_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def one_market_for_all() -> Iterator[None]:
    """Starts a market that every running_market() inside of this gets which asks for no settings: starting is slow."""
    with running_market() as market:
        _for_all.append(market)
        try:
            yield
        finally:
            _for_all.clear()


def environment_for(market: BenchMarket, more: Mapping[str, str]) -> dict[str, str]:
    """The environment of its processes. The load is a trusted proxy, so that each shopper has an address."""
    return {
        **plain_environment(),
        "VAR": str(market.var),
        "PORT": str(market.port),
        "BASE_URL": market.url,
        "TRUSTED_PROXIES": "127.0.0.1",
        **more,
    }


def plain_environment() -> dict[str, str]:
    """The caller's environment without any setting of a market."""
    ours = {one.name.upper() for one in fields(Settings)}
    return {name: value for name, value in os.environ.items() if name not in ours}


@contextmanager
def running_floor(database_url: str) -> Iterator[int]:
    """Starts bench.floor, the server that does nothing but answer; gives its port."""
    port = free_port()
    running = subprocess.Popen(  # noqa: S603  our own words, no shell
        [sys.executable, "-m", "bench.floor", str(port), database_url], cwd=ROOT, stdin=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/plain/10")
        yield port
    finally:
        running.terminate()
        running.wait(STOP_SECONDS)


def wait_for(url: str, log: Path | None = None) -> None:
    """Waits until an address answers; RuntimeError with the end of the log when it does not."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  loopback
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer\n{log.read_text(errors='replace')[-3000:] if log else ''}")


def with_database(market: BenchMarket, work: Callable[[], Awaitable[T]], *, connections: int = 8) -> T:
    """Runs something in this process on the market's own database, through the market's own services."""

    async def run() -> T:
        await connect(market.database_url, pool_max=connections)
        try:
            return await work()
        finally:
            await disconnect()

    return asyncio.run(run())


@asynccontextmanager
async def waking(market: BenchMarket) -> AsyncIterator[None]:
    """Jobs that are left inside of this wake the market's worker, as its own do; else it sees them in its rounds."""
    redis = find_running(market.var, "redis")
    assert redis is not None
    queue = await open_queue(redis.url)
    use_courier(RedisCourier(queue))
    try:
        yield
    finally:
        use_courier(NoCourier())
        await queue.aclose()
