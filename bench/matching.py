"""How well codes are found in mangled transfer texts, and how fast: no market is started.

python -m bench.matching [--seed 1] [--of-each 8]
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence

from bench.mangling import Case, Chance, cases, payments_made, read
from bench.results import Row, show


def main(argv: Sequence[str] | None = None) -> None:
    """Makes the texts, reads them and shows the figures by kind."""
    parser = argparse.ArgumentParser(prog="python -m bench.matching", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--of-each", type=int, default=8)
    asked = parser.parse_args(argv)
    show("matching", figures(asked.seed, asked.of_each), rounds=1, by="one core in process")


def figures(seed: int, of_each: int) -> list[Row]:
    """By kind: texts, those that may be settled, how many were, how many wrongly; all of them in the last row."""
    population, made = payments_made(Chance(seed)), cases(seed, of_each)
    texts, meant, found, wrong = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    began = time.perf_counter()
    for case in made:
        _, codes = read(case, population)
        for name in (case.kind, "all"):
            texts[name] += 1
            meant[name] += case.is_recoverable
            found[name] += case.is_recoverable and set(codes) == set(case.meant)
            wrong[name] += not set(codes) <= set(case.meant)
    rate = len(made) / (time.perf_counter() - began)
    kinds = [*dict.fromkeys(case.kind for case in made), "all"]
    return [_row(kind, texts[kind], meant[kind], found[kind], wrong[kind], rate) for kind in kinds]


def missed(seed: int, of_each: int) -> list[Case]:
    """The texts whose codes might have been found and were not."""
    population = payments_made(Chance(seed))
    return [case for case in cases(seed, of_each) if case.is_recoverable and not read(case, population)[1]]


def _row(kind: str, texts: int, meant: int, found: int, wrong: int, rate: float) -> Row:
    share = f"{100 * found / meant:.1f} %" if meant else "-"
    return {
        "kind": kind,
        "texts": texts,
        "recoverable": meant,
        "found": found,
        "share": share,
        "false": wrong,
        "texts/s": rate if kind == "all" else "",
    }


if __name__ == "__main__":
    main()
