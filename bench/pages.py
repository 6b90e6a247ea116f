"""What pages cost: requests a second of one web process, each beside its floor, measured in the same run.

python -m bench.pages [--rounds 3] [--seconds 3]
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

from bench.load import Line, Measured, address, measure, new_caller, tool
from bench.market import BenchMarket, running_floor, running_market
from bench.results import Row, median_row, show

WORDS = ("chè tân cương", "mien viet cuong", "na la hien", "mật ong", "che tan cuog", "ocop 5 sao", "gao nep")
TYPED = ("c", "ch", "che", "che t", "mien", "mat o", "na l")
GOODS = 12


@dataclass(frozen=True)
class Page:
    """A page to measure. `sql` names the floor's queries; "" for a page that asks the database nothing."""

    name: str
    paths: tuple[str, ...]
    sql: str = ""


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and shows."""
    asked = _parser().parse_args(argv)
    with running_market() as market, running_floor(market.database_url) as floor_port:
        pages = asyncio.run(_pages(market))
        rounds = [
            [_row(market, floor_port, page, asked.seconds) for page in pages] for _ in range(asked.rounds)
        ]
    show(
        "pages",
        [median_row(of_page) for of_page in zip(*rounds, strict=True)],
        rounds=asked.rounds,
        by=tool(),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    return parser


async def _pages(market: BenchMarket) -> list[Page]:
    line = Line(market.port, {"x-forwarded-for": address(new_caller())})
    found = (await line.read("/search?q=mien"))["items"] + (await line.read("/search?q=na"))["items"]
    await line.close()
    goods = tuple(dict.fromkeys(f"/goods/{one['code']}" for one in found))[:GOODS]
    return [
        Page("home", ("/",), "home"),
        Page("search page", tuple(f"/search?q={quote_plus(words)}" for words in WORDS)),
        Page("search box", tuple(f"/search/box?q={quote_plus(typed)}" for typed in TYPED)),
        Page("goods", goods, "goods"),
        Page("sign-in", ("/sign-in",)),
        Page("search JSON", tuple(f"/api/v1/search?q={quote_plus(words)}" for words in WORDS)),
    ]


def _row(market: BenchMarket, floor_port: int, page: Page, seconds: float) -> Row:
    measure(market.port, page.paths, seconds=1)
    before = market.cpu_seconds("web")
    seen = measure(market.port, page.paths, seconds=seconds)
    cpu_ms = (market.cpu_seconds("web") - before) * 1000 / seen.requests
    floor = _floor(floor_port, page, seen, seconds)
    return {
        "page": page.name,
        "req/s": seen.rate,
        "CPU ms": cpu_ms,
        "p50 ms": seen.p50_ms,
        "p95 ms": seen.p95_ms,
        "p99 ms": seen.p99_ms,
        "bytes": seen.size_bytes,
        "floor req/s": floor.rate,
        "times the floor": floor.rate / seen.rate,
        "failed": seen.failed,
    }


def _floor(port: int, page: Page, seen: Measured, seconds: float) -> Measured:
    kind = f"sql/{page.sql}" if page.sql else "plain"
    return measure(port, [f"/{kind}/{seen.size_bytes}"], seconds=seconds)


if __name__ == "__main__":
    main()
