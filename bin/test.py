"""make test: the checks, then all tests in three lots; prints one closing line and fails if anything failed.

What needs no server of its own runs side by side first; then the stories and the fuzz tests, each file whole in one
of two processes that have a market and a browser of their own; last what kills and starts whole servers, alone. Each
lot is a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WITH_A_MARKET, ALONE = ("tests/stories", "tests/fuzz"), ("tests/faults", "tests/smoke")


def main() -> int:
    """The exit code of the first lot that failed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    cores = os.cpu_count() or 1
    pytest = str(BIN / "pytest")
    side_by_side = [f"--ignore={folder}" for folder in (*WITH_A_MARKET, *ALONE)]
    lots = [
        ["make", "--no-print-directory", "check"],
        [pytest, "tests", *side_by_side, "-n", str(min(4, cores))],
        [pytest, *WITH_A_MARKET, "-n", str(min(2, cores)), "--dist", "loadfile"],
        [pytest, *ALONE],
    ]
    for lot in lots:
        print("$", " ".join(Path(word).name if word.startswith("/") else word for word in lot), flush=True)
        status = subprocess.run(lot, cwd=ROOT, env=environment, check=False).returncode
        if status != 0:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
