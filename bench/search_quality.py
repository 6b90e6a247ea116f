"""How well search finds what people mean, by kind of query and engine: `make search-quality`.

Three sets. The given one over the goods of the province's OCOP list; our own, labelled by rule and by eye, over these
and what else stands on a market's stalls; and the names of all these goods as fingers make them (`bench.spelling`),
each wanted back. Queries go the way of the search page: prices leave the words, the rest is asked of the engine.
Meilisearch's column needs one, see `bench.meili`.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.meili import NONE_HERE, meilisearch
from bench.results import FOLDER, Row, table
from bench.spelling import spelt
from kit.settings import ROOT
from search.documents import ListingDoc
from search.engine import Engine, EngineAway
from search.forms import Asked
from search.meili_engine import MeiliEngine
from search.tantivy_engine import TantivyEngine

SHELF = ROOT / "tests" / "search"
LIST, STALLS = "goods.json", "stall_goods.json"
QUERIES = {"given": "queries.json", "own": "own_queries.json"}
GOODS = {"given": (LIST,), "own": (LIST, STALLS), "made": (LIST, STALLS)}
SEED = 1
FIRST = ("as written", "taken apart (NFD)")
START_SECONDS = 30


@dataclass(frozen=True)
class Sought:
    """A query with its answers by code. `wanted` is empty where nothing of the kind is sold.

    `first` must come first; none of `unwanted` may come among the first three.
    """

    kind: str
    query: str
    wanted: tuple[str, ...]
    first: str | None = None
    unwanted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What an engine gave for a query: the codes of its first ten, and how many there were."""

    sought: Sought
    codes: tuple[str, ...]
    total: int

    @property
    def is_good(self) -> bool:
        """One of those wanted among the first three and none unwanted; nothing at all where nothing is wanted."""
        top = {*self.codes[:3]}
        if not self.sought.wanted:
            return not self.total
        return bool(top & {*self.sought.wanted}) and not top & {*self.sought.unwanted} and self.is_first_right

    @property
    def is_first_right(self) -> bool:
        """Whether what must come first does."""
        return self.sought.first is None or self.codes[:1] == (self.sought.first,)

    @property
    def recall(self) -> float:
        """The share of those wanted among the first ten, of ten where more are wanted."""
        wanted = {*self.sought.wanted}
        return len(wanted & {*self.codes}) / min(10, len(wanted)) if wanted else 1.0 - bool(self.total)


def queries(name: str) -> list[Sought]:
    """The queries of a set, "given", "own" or "made"; of exact ones the first wanted must come first."""
    if name == "made":
        made = spelt(goods(name, bare=True), SEED)
        return [
            Sought(one.kind, one.query, (one.code,), one.code if one.kind in FIRST else None) for one in made
        ]
    rows = json.loads((SHELF / QUERIES[name]).read_text("utf-8"))
    return [_sought(row) for row in rows]


def goods(name: str, *, bare: bool = False) -> list[ListingDoc]:
    """The goods a set is asked over; `bare` without the further names that the list has and the market has not."""
    rows = [row for file in GOODS[name] for row in json.loads((SHELF / file).read_text("utf-8"))]
    return [_doc(number, row, bare=bare) for number, row in enumerate(rows, 1)]


async def answers(engine: Engine, sought: Iterable[Sought]) -> list[Answer]:
    """What the engine gives for each query, as the first page of the search page would ask."""
    found = []
    for one in sought:
        hits = await engine.search(Asked(q=one.query).query(adult=True, limit=10, facets=False))
        found.append(Answer(one, tuple(doc.code for doc in hits.docs), hits.total))
    return found


def figures(given: Sequence[Answer]) -> dict[str, dict[str, float]]:
    """By kind, and "all" last: number of queries, success@3, recall@10 and exact-first in percent."""
    kinds = dict.fromkeys(answer.sought.kind for answer in given)
    rows = {kind: _figures([one for one in given if one.sought.kind == kind]) for kind in kinds}
    return {**rows, "all": _figures(given)}


async def filled(engine: Engine, docs: Sequence[ListingDoc]) -> Engine:
    """The engine with these goods in its index, once it answers. Raises EngineAway when it does not."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            await engine.start()
            await engine.rebuild(_each(docs))
            return engine
        except EngineAway:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.1)


def main(argv: Sequence[str] | None = None) -> None:
    """Asks both engines everything, prints a table of each set and what was missed, and writes JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.search_quality", description=__doc__)
    parser.add_argument("--bare", action="store_true", help="goods without their further names")
    asked = parser.parse_args(argv)
    with meilisearch() as running, tempfile.TemporaryDirectory(prefix="cho-quality-") as folder:
        if running is None:
            print(f"Meilisearch's columns are left out: {NONE_HERE}", file=sys.stderr)
        kept = asyncio.run(_measured(Path(folder), running, bare=asked.bare))
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "search_quality.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
    for name, columns in kept.items():
        print(f"\n{name} set, percent of queries; {' beside '.join(columns)}")
        print(table(_beside({engine: column["figures"] for engine, column in columns.items()})))
        for engine, column in columns.items():
            for missed in column["missed"]:
                print(f"  {engine} missed {missed['kind']}: «{missed['query']}» gave {missed['gave']}")


async def _measured(folder: Path, running: tuple[str, str] | None, *, bare: bool) -> dict[str, Any]:
    """By set and engine with its version: the figures and the queries that were missed."""
    kept: dict[str, Any] = {}
    for name in GOODS:
        engines: list[Engine] = [TantivyEngine(folder / name)]
        engines += [MeiliEngine(*running, f"quality_{name}_{uuid4().hex[:8]}")] if running else []
        kept[name] = {}
        for engine in engines:
            await filled(engine, goods(name, bare=bare))
            given = await answers(engine, queries(name))
            missed = [_told(one) for one in given if not one.is_good]
            kept[name][(await engine.stats()).engine] = {"figures": figures(given), "missed": missed}
    return kept


def _sought(row: dict[str, Any]) -> Sought:
    first = row.get("first") or (row["wanted"][0] if row["kind"] == "exact" else None)
    return Sought(row["kind"], row["query"], tuple(row["wanted"]), first, tuple(row.get("unwanted", ())))


def _doc(number: int, row: dict[str, Any], *, bare: bool) -> ListingDoc:
    lists = {
        "keywords": () if bare else tuple(row.get("keywords", ())),
        "places": tuple(row.get("places", ())),
    }
    return ListingDoc(id=number, url=f"/goods/{row['code']}", **{**row, **lists})


async def _each(docs: Iterable[ListingDoc]) -> AsyncIterator[ListingDoc]:
    for doc in docs:
        yield doc


def _figures(given: Sequence[Answer]) -> dict[str, float]:
    firsts = [one.is_first_right for one in given if one.sought.first]
    return {
        "queries": len(given),
        "success@3": _percent([one.is_good for one in given]),
        "recall@10": _percent([one.recall for one in given]),
        "exact-first": _percent(firsts) if firsts else 100.0,
    }


def _percent(shares: Sequence[float]) -> float:
    return round(100 * sum(shares) / len(shares), 1)


def _beside(columns: dict[str, dict[str, dict[str, float]]]) -> list[Row]:
    """One row for each kind, the engines side by side."""
    kinds = next(iter(columns.values()))
    return [
        {
            "kind": kind,
            "queries": int(kinds[kind]["queries"]),
            **{
                f"{engine.split()[0]} {name}": f"{column[kind][name]:.1f}"
                for engine, column in columns.items()
                for name in ("success@3", "recall@10", "exact-first")
            },
        }
        for kind in kinds
    ]


def _told(one: Answer) -> dict[str, Any]:
    return {
        "kind": one.sought.kind,
        "query": one.sought.query,
        "gave": list(one.codes[:3]),
        "total": one.total,
    }


if __name__ == "__main__":
    main()
