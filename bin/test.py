"""make test: the checks, then all tests in three lots; prints one closing line and fails if anything failed.

What needs no server of its own runs side by side first; then the stories and the fuzz tests, each file whole in one
of two processes that have a market and a browser of their own; last what kills and starts whole servers, each file
whole as well, two at a time: their servers have folders and ports of their own, and wait more than they work. Each lot
is a process of its own.

All processes of a run, also the hundred that the tests start, share what Python compiled, in a folder of the run.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WITH_A_MARKET, WITH_SERVERS = ("tests/stories", "tests/fuzz"), ("tests/faults", "tests/smoke")


def main() -> int:
    """The exit code of the first lot that failed."""
    with tempfile.TemporaryDirectory(prefix="cho-compiled-", ignore_cleanup_errors=True) as compiled:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return next((status for lot in lots() if (status := run(lot, environment))), 0)


def lots() -> list[list[str]]:
    """The commands, one after the other."""
    cores = os.cpu_count() or 1
    pytest, two_files = str(BIN / "pytest"), ["-n", str(min(2, cores)), "--dist", "loadfile"]
    side_by_side = [f"--ignore={folder}" for folder in (*WITH_A_MARKET, *WITH_SERVERS)]
    return [
        ["make", "--no-print-directory", "check"],
        [pytest, "tests", *side_by_side, "-n", str(min(4, cores))],
        [pytest, *WITH_A_MARKET, *two_files],
        [pytest, *WITH_SERVERS, *two_files],
    ]


def run(lot: Sequence[str], environment: Mapping[str, str]) -> int:
    """One of them, said before; its exit code."""
    print("$", " ".join(Path(word).name if word.startswith("/") else word for word in lot), flush=True)
    return subprocess.run(lot, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
