"""The embedded PostgreSQL: the truth of one checkout, on a private socket, entered without a password.

Who may enter is decided by the system user at the other end of the socket (peer authentication, PostgreSQL
manual 20.9), mapped to the role `cho`, which owns the database `cho` and may create others.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from kit.embedded.postgres_home import Home, Programs, find_home, find_programs, reachable_programs
from kit.embedded.processes import Child, Command, dies_with_us
from kit.embedded.servers import (
    Running,
    ServerFailed,
    claim,
    claimed,
    end_leftover,
    log_file,
    server_environment,
    socket_folder,
    start_and_await,
    write_note,
)

ROLE = "cho"
PORT = 5432  # names the socket only: nothing listens on the network
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "fsync": "on",
    "synchronous_commit": "on",
}
START_WAIT_S = 60.0  # crash recovery reads the log of all that was not yet in place
STILL_ENDING = "pre-existing shared memory"
FAST = {"fsync": "off", "full_page_writes": "off"}  # commits still survive a kill -9 of the server


def start_postgres(var: Path, *, fast: bool = False, search: Sequence[Path] | None = None) -> Running:
    """Start the PostgreSQL of this var folder, made on the first call, and wait until it takes connections.

    `fast` gives up safety against power loss, for tests. `search` replaces the folders where the
    binaries are looked for. The URL names a Unix socket (`postgres://cho@/cho?host=/…`). Raises
    MissingServer, AlreadyRunning, ServerFailed.
    """
    folder = var.resolve() / "postgres"
    with claimed(folder) as locks:
        programs = find_programs(search)
        home = find_home(folder)
        if home.folder != folder:
            # A copied checkout brings the link along: two of them must not share one cluster.
            locks.append(claim(home.folder))
        programs = reachable_programs(programs, folder, home.account)
        if not home.cluster.exists():
            _create_cluster(programs, home, fast)
        _check_version(programs, home)
        _end_leftovers(home)
        sockets = socket_folder(home.folder, home.account)
        url = f"postgres://{ROLE}@/{ROLE}?host={sockets}"
        child = Child(
            _command(var.resolve(), programs, home, sockets, SETTINGS | (FAST if fast else {})),
            on_start=lambda pid: write_note(folder, url, pid, str(home.cluster)),
        )
        _start(child, home)
        return Running("postgres", url, folder, child, locks)


def _create_cluster(programs: Programs, home: Home, fast: bool) -> None:
    # Made beside its place and renamed: a kill in the middle leaves nothing that looks finished.
    half = home.folder / "cluster.new"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    if home.account:
        os.chown(half, home.account.uid, home.account.gid)
    options = ["-U", "postgres", "--no-locale", "-E", "UTF8", "-A", "peer", *(["--no-sync"] if fast else [])]
    _run(home, [str(programs.bin / "initdb"), "-D", str(half), *options])
    single = ["--single", "-D", str(half), "-c", "exit_on_error=true", "-c", "log_min_messages=warning"]
    _run(
        home,
        [str(programs.bin / "postgres"), *single, "postgres"],
        f"CREATE ROLE {ROLE} LOGIN CREATEDB\nCREATE DATABASE {ROLE} OWNER {ROLE}\n",
    )
    half.rename(home.cluster)


def _run(home: Home, argv: Sequence[str], typed: str = "") -> None:
    ended = subprocess.run(
        argv,
        input=typed,
        capture_output=True,
        text=True,
        cwd="/",
        env=server_environment(),
        preexec_fn=dies_with_us(signal.SIGKILL),
        user=home.account.uid if home.account else None,
        group=home.account.gid if home.account else None,
        extra_groups=[] if home.account else None,
    )
    if ended.returncode != 0:
        last = " ".join(ended.stderr.strip().splitlines()[-3:])
        raise ServerFailed(f"{Path(argv[0]).name} could not set up the database in {home.folder}. {last}")


def _check_version(programs: Programs, home: Home) -> None:
    major = (home.cluster / "PG_VERSION").read_text().strip()
    if major != str(programs.major):
        raise ServerFailed(
            f"{home.cluster} was made by PostgreSQL {major}, but version {programs.version} is found: "
            f"install version {major}, or remove that folder to begin with an empty database."
        )


def _end_leftovers(home: Home) -> None:
    pid_file = home.cluster / "postmaster.pid"
    pid = int((_pid_lines(home) or ["0"])[0])
    end_leftover(pid, str(home.cluster), signal.SIGINT)
    # PostgreSQL clears the files of a dead process itself, but takes a stranger (or a zombie) that now has
    # the number for a living server.
    if pid_file.exists() and _exists(pid):
        pid_file.unlink()
    for lock in (home.folder / "socket").glob(".s.PGSQL.*"):
        lock.unlink(missing_ok=True)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _command(var: Path, programs: Programs, home: Home, sockets: Path, settings: dict[str, str]) -> Command:
    places = {
        "unix_socket_directories": str(sockets),
        "hba_file": str(_write(home, "pg_hba.conf", f"local all {ROLE} peer map={ROLE}\n")),
        "ident_file": str(_write(home, "pg_ident.conf", f"{ROLE} {_own_name()} {ROLE}\n")),
    }
    argv = [str(programs.bin / "postgres"), "-D", str(home.cluster)]
    for name, setting in (settings | places).items():
        argv += ["-c", f"{name}={setting}"]
    # SIGINT is PostgreSQL's fast shutdown: it throws sessions out and writes everything down.
    return Command(
        "postgres",
        argv,
        env=server_environment(),
        cwd=Path("/"),
        log=log_file(var, "postgres"),
        account=home.account,
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        patience_s=20,
    )


def _start(child: Child, home: Home) -> None:
    for last_try in (False, False, True):
        try:
            start_and_await(child, lambda: _is_ready(home, child.pid), START_WAIT_S)
            return
        except ServerFailed as failed:
            # After a kill -9 of the server its sessions need a moment to notice.
            if last_try or STILL_ENDING not in str(failed):
                raise
            time.sleep(1)


def _write(home: Home, name: str, text: str) -> Path:
    # Beside the cluster, not inside: there the server's user could put a link in the way of root.
    path = home.folder / name
    path.write_text(text)
    path.chmod(0o644)
    return path


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise ServerFailed(
            f"The system knows no name for user {os.geteuid()}; PostgreSQL needs one."
        ) from None


def _is_ready(home: Home, pid: int) -> bool:
    lines = _pid_lines(home)
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _pid_lines(home: Home) -> list[str]:
    # postmaster.pid: line 1 the process id, line 8 the status (utils/pidfile.h)
    try:
        return (home.cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []
