"""What pages cost: requests a second of one web process, each beside its floor, measured in the same run.

python -m bench.pages [--rounds 3] [--seconds 3] [--only goods,home] [--signed-in] [--goods 5000]

First for strangers, who may get what is kept ready; then, marked «own», for somebody signed in, whose pages are drawn
each time: also a basket, a seller's goods, a clerk's work list. --signed-in measures those alone. Last, «goods, many»:
the pages of 5,000 more goods, each as often, so that nothing kept ready helps.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace

from bench.asked_pages import SHOPPER, Page, cookies_of, make_busy, many_pages, private_pages, public_pages
from bench.load import Measured, measure, tool
from bench.market import BenchMarket, running_floor, running_market, with_database
from bench.results import Row, median_row, show
from bench.spent import Spent

WARM_SECONDS = 1.0


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and shows."""
    asked = _parser().parse_args(argv)
    with running_market() as market, running_floor(market.database_url) as floor_port:
        make_busy(market)
        pages = _for_whom([*with_database(market, public_pages), *private_pages()], asked)
        rows = _rows(market, floor_port, pages, asked)
        if not asked.only or "goods, many" in asked.only:
            pages = _for_whom(with_database(market, lambda: many_pages(asked.goods)), asked)
            rows += _rows(market, floor_port, pages, asked)
    show("pages", rows, rounds=asked.rounds, by=tool())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", type=lambda names: names.split(","), default=[])
    parser.add_argument("--signed-in", action="store_true")
    parser.add_argument("--goods", type=int, default=5_000)
    return parser


def _for_whom(pages: Sequence[Page], asked: argparse.Namespace) -> list[Page]:
    """Those that are wanted, once for strangers and once for whoever is signed in."""
    wanted = [page for page in pages if not asked.only or page.name in asked.only]
    strangers = [] if asked.signed_in else [page for page in wanted if not page.phone]
    return strangers + [
        replace(page, name=f"{page.name}, own", phone=page.phone or SHOPPER) for page in wanted
    ]


def _rows(
    market: BenchMarket, floor_port: int, pages: Sequence[Page], asked: argparse.Namespace
) -> list[dict[str, float | int | str]]:
    cookies = {"": ""} | {
        phone: with_database(market, lambda phone=phone: cookies_of(phone))  # type: ignore[misc]
        for phone in {page.phone for page in pages} - {""}
    }
    rounds = [
        [_row(market, floor_port, page, cookies[page.phone], asked.seconds) for page in pages]
        for _ in range(asked.rounds)
    ]
    return [median_row(of_page) for of_page in zip(*rounds, strict=True)]


def _row(market: BenchMarket, floor_port: int, page: Page, cookies: str, seconds: float) -> Row:
    measure(market.port, page.paths, seconds=min(WARM_SECONDS, seconds), cookies=cookies)
    spent = Spent(market)
    seen = measure(market.port, page.paths, seconds=seconds, cookies=cookies)
    cost = spent.each(seen.requests)
    floor = _floor(floor_port, page, seen, seconds)
    return {
        "page": page.name,
        "req/s": seen.rate,
        "p50 ms": seen.p50_ms,
        "p95 ms": seen.p95_ms,
        "p99 ms": seen.p99_ms,
        "bytes": seen.size_bytes,
        **cost,
        "floor/s": floor.rate,
        "times the floor": floor.rate / seen.rate,
        "failed": seen.failed,
    }


def _floor(port: int, page: Page, seen: Measured, seconds: float) -> Measured:
    kind = f"sql/{page.sql}" if page.sql else "plain"
    return measure(port, [f"/{kind}/{seen.size_bytes}"], seconds=seconds)


if __name__ == "__main__":
    main()
