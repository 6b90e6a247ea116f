"""All measurements one after the other, some twenty minutes at most: `make bench`, or

python -m bench [--only pages,orders] [--rounds 2] [--minutes 20] [--short]

Parts that would begin after so many minutes are left out by name; one that fails does not keep the others from being
measured, and ends the run with an error. At the end one table of all that was measured. --short measures every part for
a moment on one market that they share, and keeps var/bench/short: whether all of it works, no figures to go by.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from bench import (
    carriers,
    checkout,
    imports,
    ledger,
    matching,
    notices,
    orders,
    pages,
    qr,
    scans,
    search,
    till,
)
from bench.market import one_market_for_all
from bench.results import FOLDER, keep_in, show_all


@dataclass(frozen=True)
class Part:
    """What is measured, with what keeps it to some minutes (R for the rounds), and to a moment."""

    run: Callable[[list[str]], None]
    words: str
    short: str


FAILED = "failed"
# In this order, as the minutes may not be enough for the last.
PARTS: dict[str, Part] = {
    "pages": Part(pages.main, "--rounds R --seconds 2", "--rounds 1 --seconds 0.1 --goods 60"),
    "orders": Part(orders.main, "--rounds R --seconds 12", "--rounds 1 --seconds 0.5"),
    "notices": Part(notices.main, "--rounds R", "--rounds 1 --orders 10"),
    "scans": Part(scans.main, "--rounds R --parcels 300", "--rounds 1 --parcels 8"),
    "carriers": Part(carriers.main, "--rounds R", "--rounds 1 --webhooks 100"),
    "till": Part(till.main, "--seconds 8", "--tills 50 --seconds 1 --rate 20 --notice-rate 20"),
    "checkout": Part(checkout.main, "--rounds R --seconds 12", "--rounds 1 --seconds 0.5 --think 0.05"),
    "search": Part(
        search.main,
        "--engine tantivy --rounds 1 --seconds 4",
        "--engine tantivy --rounds 1 --seconds 0.1 --listings 200 --changes 4",
    ),
    "ledger": Part(ledger.main, "--rounds R", "--rounds 1 --bookings 20"),
    "imports": Part(imports.main, "", "--rows 100"),
    "qr": Part(qr.main, "--rounds R", "--rounds 1 --seconds 0.05"),
    "matching": Part(matching.main, "", "--of-each 1"),
}


def main(argv: Sequence[str] | None = None) -> None:
    """Measures one part after the other; exits with 1 when one failed."""
    asked = _asked(argv)
    took: dict[str, tuple[float, str]] = {}
    began = time.monotonic()
    if asked.short:
        keep_in(FOLDER / "short")
    with one_market_for_all() if asked.short else nullcontext():
        for name in asked.only:
            if time.monotonic() - began > asked.minutes * 60:
                took[name] = 0.0, f"left out: {asked.minutes:.0f} minutes were over"
                continue
            part, part_began = PARTS[name], time.monotonic()
            words = part.short if asked.short else part.words.replace("R", str(asked.rounds))
            how = _run(part, words)
            took[name] = time.monotonic() - part_began, how
    show_all(took)
    if any(how.startswith(FAILED) for _, how in took.values()):
        sys.exit(1)


def _asked(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--short", action="store_true")
    asked = parser.parse_args(argv)
    if unknown := set(asked.only) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return asked


def _run(part: Part, words: str) -> str:
    """How it ended: "", or what went wrong, told in full where it happens."""
    try:
        part.run(words.split())
    except Exception as wrong:
        traceback.print_exc()
        return f"{FAILED}: {type(wrong).__name__}"
    return ""


if __name__ == "__main__":
    main()
