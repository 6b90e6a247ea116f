"""Runs it and says what came of it: `python -m bench.chaos [--orders 2000] [--faults 40] [--rate 7] [--seed N] …`."""

import argparse
import asyncio
import logging
import random
import shutil
import sys
from collections.abc import Sequence

from bench.chaos.run import chaos
from bench.chaos.shown import show
from bench.chaos.town import MEILI, TANTIVY


def main(argv: Sequence[str] | None = None) -> int:
    """0 when nothing was lost, doubled or forgotten; else 1 with what the auditors found."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--rate", type=float, default=7.0, help="orders a second at most")
    parser.add_argument("--seed", type=int, default=None, help="replays the schedule of a run")
    parser.add_argument("--engine", choices=(TANTIVY, MEILI), default=TANTIVY, help="what searches")
    parser.add_argument("--say", action="store_true", help="say what settling waits for")
    asked = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("chaos").setLevel(logging.INFO if asked.say else logging.WARNING)
    if asked.engine == MEILI and shutil.which("meilisearch") is None:
        parser.error("no `meilisearch` on PATH")
    seed = asked.seed if asked.seed is not None else random.randrange(10**6)
    print(f"chaos: seed {seed}, {asked.orders} orders, {asked.faults} faults", flush=True)
    size = {"orders": asked.orders, "faults": asked.faults}
    return show(asyncio.run(chaos(seed, **size, rate=asked.rate, engine=asked.engine)))


if __name__ == "__main__":
    sys.exit(main())
