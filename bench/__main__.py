"""All measurements one after the other, some twenty minutes at most: `make bench`, or

python -m bench [--only pages,orders] [--rounds 2] [--minutes 20]

Parts that would begin after so many minutes are left out by name. At the end one table of all that was measured.
"""

import argparse
import time
from collections.abc import Callable, Sequence

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
from bench.results import show_all

Main = Callable[[list[str]], None]
# In this order, as the minutes may not be enough for the last; each with what keeps it short, R for the rounds.
PARTS: dict[str, tuple[Main, str]] = {
    "pages": (pages.main, "--rounds R --seconds 2"),
    "orders": (orders.main, "--rounds R --seconds 12"),
    "notices": (notices.main, "--rounds R"),
    "scans": (scans.main, "--rounds R --parcels 300"),
    "carriers": (carriers.main, "--rounds R"),
    "till": (till.main, "--seconds 8"),
    "checkout": (checkout.main, "--rounds R --seconds 12"),
    "search": (search.main, "--engine tantivy --rounds 1 --seconds 4"),
    "ledger": (ledger.main, "--rounds R"),
    "imports": (imports.main, ""),
    "qr": (qr.main, "--rounds R"),
    "matching": (matching.main, ""),
}


def main(argv: Sequence[str] | None = None) -> None:
    """Measures one part after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=20)
    asked = parser.parse_args(argv)
    wanted = [name for name in asked.only.split(",") if name]
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    began = time.monotonic()
    for name in wanted:
        if time.monotonic() - began > asked.minutes * 60:
            print(f"{name} is left out: {asked.minutes:.0f} minutes are over", flush=True)
            continue
        run, words = PARTS[name]
        run(words.replace("R", str(asked.rounds)).split())
    show_all(took_seconds=time.monotonic() - began)


if __name__ == "__main__":
    main()
