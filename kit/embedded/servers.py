"""What the embedded servers share: their errors, one owner per checkout, sockets, leftovers of a kill -9."""

import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kit.embedded.processes import Account, Child

NOTE = "server.json"
LONGEST_SOCKET_FOLDER_BYTES = 80  # sun_path holds 104 on macOS, 108 on Linux; names in it take up to 20
PLAIN_PATH = re.compile(r"/[A-Za-z0-9_./-]*")
PASSED_ON = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class MissingServer(Exception):
    """No server binary here; the text names what to install."""


class ServerFailed(Exception):
    """A server binary is here, but the server does not run; the text says why."""


class AlreadyRunning(Exception):
    """Another living process owns this folder; the text names it."""


@dataclass
class Running:
    """A started server; `url` is what DATABASE_URL or REDIS_URL would be. Use `with`, or `stop()` it."""

    name: str
    url: str
    folder: Path
    child: Child
    locks: list[IO[str]]

    def stop(self) -> None:
        """End the server and give the folder free. Harmless when called twice."""
        self.child.end()
        if self.locks:
            (self.folder / NOTE).unlink(missing_ok=True)
        while self.locks:
            self.locks.pop().close()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass(frozen=True)
class Found:
    """A server of this checkout that some other command runs."""

    url: str
    pid: int


def find_running(var: Path, name: str) -> Found | None:
    """The server `name` ("postgres", "redis") that now runs for this var folder, None when none does."""
    note = _read_note(var / name)
    return note[0] if note and is_ours(note[0].pid, note[1]) else None


def write_note(folder: Path, url: str, pid: int, mark: str) -> None:
    """Remember what runs. `mark` is an argument of its command line that no other checkout has."""
    fresh = folder / f"{NOTE}.new"
    fresh.write_text(json.dumps({"url": url, "pid": pid, "mark": mark}))
    fresh.replace(folder / NOTE)


def _read_note(folder: Path) -> tuple[Found, str] | None:
    try:
        note = json.loads((folder / NOTE).read_text())
        return Found(str(note["url"]), int(note["pid"])), str(note["mark"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def claim(folder: Path) -> IO[str]:
    """Become the one owner of a folder until the returned file is closed or we die.

    Raises AlreadyRunning with the owner's process id, ServerFailed when the folder is not ours.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "owner.lock").open("a+")
    except PermissionError:
        raise ServerFailed(f"{folder} belongs to another user; start as that user, or remove it.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise AlreadyRunning(
            f"Chợ is already running in this checkout (pid {owner}); stop that one first."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[list[IO[str]]]:
    """The lock of the folder in a list that may grow; all given back when the block raises, else kept."""
    locks = [claim(folder)]
    try:
        yield locks
    except BaseException:
        for lock in locks:
            lock.close()
        raise


def end_leftover(pid: int, mark: str, stop_signal: int) -> None:
    """End a server of this folder whose owner died; wait for one that is ending already.

    Raises ServerFailed when it is not ours to signal.
    """
    if not is_ours(pid, mark):
        return
    try:
        os.kill(pid, stop_signal)
        if not wait_ready(lambda: not is_ours(pid, mark), 20):
            os.kill(pid, signal.SIGKILL)
            wait_ready(lambda: not is_ours(pid, mark), 5)
    except ProcessLookupError:
        return
    except PermissionError:
        raise ServerFailed(
            f"A server of this checkout still runs as another user (pid {pid}); stop it first."
        ) from None


def noted_pid(folder: Path) -> int:
    """Process id in the note of the last start, 0 when there is none."""
    note = _read_note(folder)
    return note[0].pid if note else 0


def is_ours(pid: int, mark: str) -> bool:
    """Does that process live and carry the mark in its command line? A recycled id or a zombie does not."""
    return pid > 0 and f" {mark} " in f" {_command_line(pid)} "


def _command_line(pid: int) -> str:
    proc = Path("/proc/self/cmdline")
    if proc.exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return shown.stdout.strip()


def socket_folder(home: Path, account: Account | None = None) -> Path:
    """A folder for sockets that only the server's user (and root) may enter.

    Inside `home` when that path is short and plain; else a private temporary one, remembered by a link.
    """
    inside = home / "socket"
    if _fits(inside):
        inside.mkdir(mode=0o700, exist_ok=True)
        _give(inside, account)
        return inside
    uid = account.uid if account else os.geteuid()
    if inside.is_symlink() and _is_private(Path(os.readlink(inside)), uid):
        return Path(os.readlink(inside))
    parent = tempfile.gettempdir() if _fits(Path(tempfile.gettempdir()) / "cho-12345678") else "/tmp"
    outside = Path(tempfile.mkdtemp(prefix="cho-", dir=parent))
    _give(outside, account)
    link_to(inside, outside)
    return outside


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER_BYTES and bool(PLAIN_PATH.fullmatch(str(folder)))


def _is_private(folder: Path, uid: int) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return _fits(folder) and stat.S_ISDIR(found.st_mode) and found.st_uid == uid and not found.st_mode & 0o077


def _give(folder: Path, account: Account | None) -> None:
    folder.chmod(0o700)
    if account:
        os.chown(folder, account.uid, account.gid)


def link_to(link: Path, target: Path) -> None:
    """Point the link there, replacing an older link."""
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def server_environment() -> dict[str, str]:
    """The little of our environment that a server needs; our secrets and PG* settings stay here."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


def start_and_await(child: Child, check: Callable[[], bool], seconds: float) -> None:
    """Start the child, wait until the check passes; else end it, raise ServerFailed with its last lines."""
    log = child.command.log
    already = log.stat().st_size if log else 0
    try:
        child.start()
        wait_ready(lambda: not child.alive or check(), seconds)
        ready = child.alive and check()
    except BaseException:  # Ctrl-C while we wait
        child.end()
        raise
    if not ready:
        child.end()
        last = log.read_bytes()[already:].decode(errors="replace").splitlines()[-3:] if log else []
        raise ServerFailed(f"{child.command.name} did not start. {' '.join(last)} (log: {log})")


def log_file(var: Path, name: str) -> Path:
    """The server's log below var/log, made when it is not there."""
    log = var / "log" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.touch(mode=0o600)
    return log


def wait_ready(check: Callable[[], bool], seconds: float) -> bool:
    """Call the check every 20 ms until it is true; False when that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
