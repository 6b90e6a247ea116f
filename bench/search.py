"""What search costs in a large market: 100,000 plausible listings, through the whole web stack, with both engines.

python -m bench.search [--listings 100000] [--rounds 3] [--seconds 5] [--changes 40] [--engine tantivy|meilisearch|both]

Meilisearch is measured where a `meilisearch` is on PATH. «popular» asks 2,000 different searches, the n-th most wanted
1/n as often; «each once» asks every search a single time, so that nothing kept helps; «typing» asks what is typed so
far, letter by letter. Every search has its facets counted.
"""

import argparse
import asyncio
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote_plus
from uuid import uuid4

from bench.filling import fill
from bench.goods import popular_first, queries
from bench.load import Line, address, measure, new_caller, spread, tool
from bench.market import (
    BenchMarket,
    environment_for,
    running_floor,
    running_market,
    wait_for,
    waking,
    with_database,
)
from bench.results import Row, median_row, show
from bench.spent import Spent
from kit.db import transaction
from kit.embedded import find_running, free_port
from kit.outbox import later
from kit.settings import ROOT
from vendors.models import Listing

SEARCHES, ASKED, ONCE = 2_000, 6_000, 9_000
CHANGES = 40
LOADS = (8, 64)
LAG_PATIENCE_SECONDS, FLOOR_SECONDS = 30.0, 2.0


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and shows."""
    asked = _parser().parse_args(argv)
    engines = ("tantivy", "meilisearch") if asked.engine == "both" else (asked.engine,)
    for engine in engines:
        if engine == "meilisearch" and shutil.which("meilisearch") is None:
            print("no meilisearch on PATH: its half is left out")
            continue
        with ExitStack() as stack:
            more = stack.enter_context(running_meilisearch()) if engine == "meilisearch" else {}
            market = stack.enter_context(running_market(more))
            with_database(market, lambda: fill(asked.listings))
            built = [_built(market, more, asked.listings)]
            show(f"search index {engine}", built, rounds=1, by="reindex")
            floor_port = stack.enter_context(running_floor(market.database_url))
            rounds = [_round(market, floor_port, number, asked.seconds) for number in range(asked.rounds)]
            rows = [median_row(of_load) for of_load in zip(*rounds, strict=True)]
            show(f"search {engine}", rows, rounds=asked.rounds, by=tool())
            show(f"search update lag {engine}", [_lag(market, asked.changes)], rounds=1, by="bench.search")


@contextmanager
def running_meilisearch() -> Iterator[Mapping[str, str]]:
    """A Meilisearch of its own on loopback; gives the settings that name it."""
    folder, port, key = Path(tempfile.mkdtemp(prefix="cho-meili-")), free_port(), uuid4().hex
    words = ["--db-path", "db", "--dump-dir", "dumps", "--snapshot-dir", "snapshots", "--no-analytics"]
    words += ["--http-addr", f"127.0.0.1:{port}", "--master-key", key, "--log-level", "ERROR"]
    running = subprocess.Popen(["meilisearch", *words], cwd=folder, stdin=subprocess.DEVNULL)  # noqa: S603, S607
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        yield {"MEILI_URL": f"http://127.0.0.1:{port}", "MEILI_KEY": key}
    finally:
        running.terminate()
        running.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--listings", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--changes", type=int, default=CHANGES)
    parser.add_argument("--engine", choices=("tantivy", "meilisearch", "both"), default="both")
    return parser


def _built(market: BenchMarket, more: Mapping[str, str], listings: int) -> Row:
    """Builds the index anew by the command, in a process of its own."""
    redis = find_running(market.var, "redis")
    assert redis is not None
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "market.cli", "reindex"],
        cwd=ROOT,
        env={**environment_for(market, more), "DATABASE_URL": market.database_url, "REDIS_URL": redis.url},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "listings": listings,
        "build s": time.perf_counter() - began,
        "CPU s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "memory MB": after.ru_maxrss / 1024,
        "on disk MB": _megabytes(market.var / "search"),
    }


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def _round(market: BenchMarket, floor_port: int, number: int, seconds: float) -> list[Row]:
    words = queries(SEARCHES + ONCE * 2)
    popular, once = words[:SEARCHES], words[SEARCHES:]
    choose = random.Random(number)
    mixed = popular_first(choose, popular, ASKED)
    typed = [one[: choose.randint(1, len(one))] for one in popular_first(choose, popular, ASKED)]
    loads = {
        "search JSON, popular": _paths("/api/v1/search", mixed),
        "search page, popular": _paths("/search", mixed),
        "search JSON, each once": _paths("/api/v1/search", choose.sample(once, ONCE)),
        "search box, typing": _paths("/search/box", typed),
    }
    return [
        _row(market, floor_port, name, paths, connections, seconds)
        for name, paths in loads.items()
        for connections in LOADS
    ]


def _paths(place: str, words: Sequence[str]) -> list[str]:
    return [f"{place}?q={quote_plus(one)}" for one in words]


def _row(
    market: BenchMarket, floor_port: int, name: str, paths: list[str], connections: int, seconds: float
) -> Row:
    if "once" not in name:
        measure(market.port, paths, seconds=seconds, connections=connections)
    spent = Spent(market)
    seen = measure(market.port, paths, seconds=seconds, connections=connections)
    cost = spent.each(seen.requests)
    floor = measure(
        floor_port,
        [f"/plain/{seen.size_bytes}"],
        seconds=min(FLOOR_SECONDS, seconds),
        connections=connections,
    )
    return {
        "load": name,
        "connections": connections,
        "req/s": seen.rate,
        "p50 ms": seen.p50_ms,
        "p95 ms": seen.p95_ms,
        "p99 ms": seen.p99_ms,
        **cost,
        "floor/s": floor.rate,
        "times the floor": floor.rate / seen.rate,
        "failed": seen.failed,
    }


def _lag(market: BenchMarket, changes: int) -> Row:
    """How long after the commit of a new price the search shows it."""
    lags = with_database(market, lambda: _lags(market, changes))
    p50, p95, _ = spread([lag * 1000 for lag in lags])
    return {"changes": len(lags), "p50 ms": p50, "p95 ms": p95, "longest ms": max(lags) * 1000}


async def _lags(market: BenchMarket, changes: int) -> list[float]:
    line = Line(market.port, {"x-forwarded-for": address(new_caller())})
    try:
        some = await Listing.filter(own_code="", stock__gt=0).order_by("-id").limit(changes)
        async with waking(market):
            return [await _seen_after(line, one, 1_000 + number) for number, one in enumerate(some)]
    finally:
        await line.close()


async def _seen_after(line: Line, listing: Listing, price_dong: int) -> float:
    path = f"/search?q={quote_plus(listing.name)}&sort=cheapest"
    await line.read(path)
    async with transaction():
        await Listing.filter(id=listing.id).update(price_dong=price_dong)
        await later("index_listing", listing.id)
    began = time.perf_counter()
    while time.perf_counter() - began < LAG_PATIENCE_SECONDS:
        found = (await line.read(path))["items"]
        if any(one["code"] == listing.code and one["price_dong"] == price_dong for one in found):
            return time.perf_counter() - began
        await asyncio.sleep(0.02)
    raise RuntimeError(f"{listing.name} never came to its new price")


if __name__ == "__main__":
    main()
