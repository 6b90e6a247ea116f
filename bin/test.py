"""make test: the checks, then all tests in three lots; prints one closing line and fails if anything failed.

Everything that can run side by side does so first; tests that start whole servers and browsers run alone
after, each lot in a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ALONE = (("tests/stories",), ("tests/faults", "tests/smoke"))


def main() -> int:
    """The exit code of the first lot that failed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    workers = str(max(1, min(4, os.cpu_count() or 1)))
    lots = [
        ["make", "--no-print-directory", "check"],
        [
            str(BIN / "pytest"),
            "tests",
            *[f"--ignore={folder}" for lot in ALONE for folder in lot],
            "-n",
            workers,
        ],
        *[[str(BIN / "pytest"), *lot] for lot in ALONE],
    ]
    for lot in lots:
        print("$", " ".join(Path(word).name if word.startswith("/") else word for word in lot), flush=True)
        status = subprocess.run(lot, cwd=ROOT, env=environment, check=False).returncode
        if status != 0:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
