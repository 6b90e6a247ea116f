"""make test: the checks, then all tests in three lots; prints one closing line and fails if anything failed.

What needs no server of its own runs side by side first, a process more than there are cores, as each waits for its
database now and then. Then two lots beside each other: the stories and the fuzz tests, each file whole in one of two
processes that have a market and a browser of their own, and what kills and starts whole servers, each file whole as
well, two at a time: their servers have folders and ports of their own, and wait more than they work. Each lot is a
process of its own; what the second of a pair says is shown when the first has ended.

All processes of a run, also the hundred that the tests start, share what Python compiled, in a folder of the run.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WITH_A_MARKET, WITH_SERVERS = ("tests/stories", "tests/fuzz"), ("tests/faults", "tests/smoke")


def main() -> int:
    """The exit code of the first lot that failed."""
    with tempfile.TemporaryDirectory(prefix="cho-compiled-", ignore_cleanup_errors=True) as compiled:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return next((status for pair in lots() if (status := run(pair, environment))), 0)


def lots() -> list[list[list[str]]]:
    """The commands: one after the other, some beside another."""
    cores = os.cpu_count() or 1
    pytest, two_files = str(BIN / "pytest"), ["-n", str(min(2, cores)), "--dist", "loadfile"]
    side_by_side = [f"--ignore={folder}" for folder in (*WITH_A_MARKET, *WITH_SERVERS)]
    return [
        [["make", "--no-print-directory", "check"]],
        [[pytest, "tests", *side_by_side, "-n", str(min(4, cores + 1))]],
        [[pytest, *WITH_A_MARKET, *two_files], [pytest, *WITH_SERVERS, *two_files]],
    ]


def run(pair: Sequence[Sequence[str]], environment: Mapping[str, str]) -> int:
    """One of them, or two beside each other, each said before what it says itself; the first exit code that is bad."""
    with ExitStack() as stack:
        said = [None, *(stack.enter_context(tempfile.TemporaryFile()) for _ in pair[1:])]
        begun = [
            subprocess.Popen(lot, cwd=ROOT, env=environment, stdout=words, stderr=words)
            for lot, words in zip(pair, said, strict=True)
        ]
        for lot, words, process in zip(pair, said, begun, strict=True):
            print(
                "$", " ".join(Path(word).name if word.startswith("/") else word for word in lot), flush=True
            )
            process.wait()
            if words is not None:
                words.seek(0)
                sys.stdout.buffer.write(words.read())
                sys.stdout.flush()
        return next((one.returncode for one in begun if one.returncode), 0)


if __name__ == "__main__":
    sys.exit(main())
