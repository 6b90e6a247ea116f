"""Child processes: started so that none outlives us, their lines forwarded, the crashed started again."""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
LONGEST_LINE_BYTES = 64 * 1024
YOUNG_S = 20.0
YOUNG_DEATHS_ALLOWED = 6
LONGEST_PAUSE_S = 8.0
LOOK_EVERY_S = 0.2
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Account:
    """The system user a child runs as, when it must not be ours."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Command:
    """What to start. Without `env` the child gets our environment; without `log` its lines are forwarded.

    `stop_signal` asks it to end; after `patience_s` its whole group is killed. `death_signal` is what
    the kernel sends it when we die without a word (Linux only, prctl(2) PR_SET_PDEATHSIG).
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    log: Path | None = None
    account: Account | None = None
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGKILL
    patience_s: float = 8.0


class HasChild(Protocol):
    """A started server: something whose child `run_all` watches but does not stop."""

    @property
    def child(self) -> "Child": ...


def run_all(
    commands: Sequence[Command],
    servers: Sequence[HasChild] = (),
    *,
    deaths_allowed: int = YOUNG_DEATHS_ALLOWED,
) -> int:
    """Start the commands, keep them and the servers alive until SIGINT, SIGTERM or SIGHUP; stop the commands.

    Lines of the children come out as `name     | line`. A child that ends is started again after a
    pause that doubles up to 8 s; one that dies young `deaths_allowed` times in a row stops everything. Returns 0 after
    a signal, 1 when a child could not be kept alive. The servers stay up: their owner stops them, after
    the commands. A second signal kills at once. Call it from the main thread: the kernel ties the
    death signal to the thread that started the child.
    """
    children = [Child(command) for command in commands]
    with _signals_collected() as asked:
        try:
            for child in children:
                child.start()
            return _watch([*(server.child for server in servers), *children], asked, deaths_allowed)
        finally:
            _stop(children, asked)


@contextlib.contextmanager
def _signals_collected() -> Iterator[list[int]]:
    asked: list[int] = []
    before = {number: signal.signal(number, lambda n, _: asked.append(n)) for number in STOP_SIGNALS}
    try:
        yield asked
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _watch(children: Sequence["Child"], asked: Sequence[int], deaths_allowed: int) -> int:
    while not asked:
        _forward(children, LOOK_EVERY_S)
        for child in children:
            if not child.alive and not child.revive(deaths_allowed):
                return 1
    return 0


def _stop(children: Sequence["Child"], asked: Sequence[int]) -> None:
    heard = len(asked)
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + max((child.command.patience_s for child in children), default=0)
    while any(child.alive for child in children) and time.monotonic() < deadline and len(asked) == heard:
        _forward(children, 0.05)
    for child in children:
        child.kill()
    _forward(children, 0)


def _forward(children: Sequence["Child"], seconds: float) -> None:
    pipes = {child.pipe: child for child in children if child.pipe}
    if not pipes:
        time.sleep(seconds)
        return
    ready, _, _ = select.select(list(pipes), [], [], seconds)
    for pipe in ready:
        pipes[pipe].forward()


class Child:
    """One child and what is remembered of it: unfinished line, young deaths, when it may start again.

    `on_start` is told the process id of each start, the restarts too.
    """

    def __init__(self, command: Command, on_start: Callable[[int], None] = lambda pid: None) -> None:
        self.command = command
        self._on_start = on_start
        self.pipe: IO[bytes] | None = None
        self._popen: subprocess.Popen[bytes] | None = None
        self._unfinished = b""
        self._started_at = 0.0
        self._young_deaths = 0
        self._starts_again_at: float | None = None

    @property
    def alive(self) -> bool:
        """Does it run now? Also reaps it when it has ended."""
        return self._popen is not None and self._popen.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the last start, 0 before the first."""
        return self._popen.pid if self._popen else 0

    @property
    def status(self) -> int | None:
        """Exit status as subprocess gives it (-9: killed by signal 9), None while it runs."""
        return self._popen.poll() if self._popen else None

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C in the terminal reaches only us."""
        command = self.command
        with contextlib.ExitStack() as files:
            out: int | IO[bytes] = subprocess.PIPE
            if command.log:
                out = files.enter_context(command.log.open("ab"))
            self._popen = subprocess.Popen(
                list(command.argv),
                env=dict(os.environ if command.env is None else command.env) | {"PYTHONUNBUFFERED": "1"},
                cwd=command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dies_with_us(command.death_signal),
                user=command.account.uid if command.account else None,
                group=command.account.gid if command.account else None,
                extra_groups=[] if command.account else None,
            )
        self.pipe = self._popen.stdout
        if self.pipe:
            os.set_blocking(self.pipe.fileno(), False)
        self._started_at = time.monotonic()
        self._starts_again_at = None
        self._on_start(self._popen.pid)

    def revive(self, deaths_allowed: int = YOUNG_DEATHS_ALLOWED) -> bool:
        """For one that has ended: say so, start it again when its pause is over. False: not worth trying."""
        now = time.monotonic()
        if self._starts_again_at is None:
            self._young_deaths = self._young_deaths + 1 if now - self._started_at < YOUNG_S else 1
            self.kill()
            if self._young_deaths >= deaths_allowed:
                self._say(f"{self._ending()}; {self._young_deaths} times in a row, giving up")
                return False
            pause_s = min(2.0 ** (self._young_deaths - 2), LONGEST_PAUSE_S)
            self._starts_again_at = now + pause_s
            self._say(f"{self._ending()}; starting again in {pause_s:g} s")
        if now >= self._starts_again_at:
            self.start()
        return True

    def _ending(self) -> str:
        status = self.status or 0
        return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"

    def end(self) -> None:
        """Ask it to stop, wait as long as its command is worth waiting for, then kill what is left."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._popen:
                self._popen.wait(self.command.patience_s)
        self.kill()

    def ask_to_stop(self) -> None:
        """Send the stop signal; harmless when it has ended."""
        if self._popen and self.alive:
            self._popen.send_signal(self.command.stop_signal)

    def kill(self) -> None:
        """Kill it and whatever it left in its process group, forward its last lines."""
        if not self._popen:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        self.forward()
        if self.pipe:
            self.pipe.close()
            self.pipe = None

    def forward(self) -> None:
        """Print the whole lines that wait in its pipe; at the end of the pipe the unfinished one too."""
        while self.pipe:
            chunk = self.pipe.read(LONGEST_LINE_BYTES)
            if chunk is None:
                return
            *lines, self._unfinished = (self._unfinished + chunk).split(b"\n")
            if self._unfinished and (not chunk or len(self._unfinished) > LONGEST_LINE_BYTES):
                lines.append(self._unfinished)
                self._unfinished = b""
            for line in lines:
                self._say(line.decode(errors="replace").rstrip("\r"))
            if not chunk:
                self.pipe.close()
                self.pipe = None

    def _say(self, line: str) -> None:
        # A terminal or pipe that went away must not take the servers with it.
        with contextlib.suppress(OSError, ValueError):
            print(f"{self.command.name:<8} | {line}", flush=True)


def dies_with_us(death_signal: int) -> Callable[[], None] | None:
    """What to run in a child between fork and exec so that it gets the signal when its parent thread ends."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:  # we died before the call above
            os._exit(1)

    return ask_the_kernel
