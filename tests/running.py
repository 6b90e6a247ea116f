"""A whole market of real processes, as `make run` starts it, for the tests that want nothing in process."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from kit.db import connect, disconnect
from kit.embedded import find_running
from payments.services import assert_balanced

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90


@dataclass
class RunningMarket:
    """One checkout's processes over a var folder of their own; can be stopped, killed and started again."""

    var: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.var / "run.log"

    @property
    def url(self) -> str:
        """Where the market answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Starts everything and waits until the banner stands in the log; gives the seconds it took."""
        began = time.monotonic()
        environment = {**os.environ, "VAR": str(self.var), "PORT": str(self.port), "BASE_URL": self.url}
        with self.log.open("ab") as log:
            seen = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "market.cli", "run"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        eventually(lambda: self.url.encode() in self.log.read_bytes()[seen:], START_SECONDS, self.last_words)
        return time.monotonic() - began

    def interrupt(self) -> int:
        """Ctrl-C; gives the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def kill(self) -> None:
        """kill -9 of the whole group, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def remains(self) -> list[str]:
        """Processes that still belong to this var folder."""
        found = []
        for folder in Path("/proc").iterdir():
            try:
                words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            except OSError:
                continue
            if str(self.var).encode() in words and folder.name != str(os.getpid()):
                found.append(words[:120].replace(b"\0", b" ").decode(errors="replace"))
        return found

    def database_url(self) -> str:
        """The address of its PostgreSQL."""
        found = find_running(self.var, "postgres")
        assert found is not None
        return found.url

    def assert_balanced(self) -> None:
        """The books of the running market sum to nothing and agree with the payments."""
        asyncio.run(_balanced(self.database_url()))

    def last_code(self, phone_tail: str) -> str:
        """The newest one-time code texted to a phone whose number ends so."""

        def found() -> str:
            path = self.var / "twins" / "texts.jsonl"
            lines = path.read_text().splitlines() if path.exists() else []
            texts = [json.loads(line) for line in lines]
            mine = [one for one in texts if str(one["phone"]).endswith(phone_tail)]
            return mine[-1]["words"][:6] if mine else ""

        return str(eventually(found, 10, self.last_words))

    def last_words(self) -> str:
        """The end of the log, for complaints."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


def new_market() -> RunningMarket:
    """A market in a new folder on a free port, not started yet."""
    folder = Path(tempfile.mkdtemp(prefix="cho-run-"))
    folder.chmod(0o711)
    return RunningMarket(folder, free_port())


def end_market(market: RunningMarket) -> None:
    """Stops it, whatever state it is in, and removes its folder."""
    if market.process is not None and market.process.poll() is None:
        market.interrupt()
    shutil.rmtree(market.var, ignore_errors=True)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(check: Callable[[], Any], seconds: float, complaint: Callable[[], str] = str) -> Any:
    """The first true answer of a check, asked again and again; fails with the complaint."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            answer = check()
        except (OSError, httpx2.HTTPError):
            answer = None
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:.0f} s\n{complaint()}")


async def _balanced(database_url: str) -> None:
    await connect(database_url)
    try:
        await assert_balanced()
    finally:
        await disconnect()
