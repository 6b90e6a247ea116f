"""What pages cost: requests a second of one web process, each beside its floor, measured in the same run.

python -m bench.pages [--rounds 3] [--seconds 3] [--only goods,home] [--signed-in]

First for strangers, who may get what is kept ready; then, marked «own», for somebody signed in, whose pages are drawn
each time. --signed-in measures those alone.
"""

import argparse
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote_plus

from accounts.services import open_session, person_of
from bench.load import Measured, measure, tool
from bench.market import BenchMarket, running_floor, running_market, with_database
from bench.results import Row, median_row, show
from bench.shoppers import FIRST_PHONE
from kit.db import sql
from search.forms import asked_of

WORDS = ("chè tân cương", "mien viet cuong", "na la hien", "mật ong", "che tan cuog", "ocop 5 sao", "gao nep")
TYPED = ("c", "ch", "che", "che t", "mien", "mat o", "na l")
GOODS = "SELECT code AS it FROM listing WHERE state = 'on_sale' AND NOT is_adult_only ORDER BY id LIMIT 12"
SELLERS = "SELECT slug AS it FROM vendor WHERE state = 'can_sell' ORDER BY id LIMIT 12"
MARKETS = "SELECT slug AS it FROM market ORDER BY id LIMIT 12"
COMMUNES = "SELECT DISTINCT commune_code AS it FROM listing WHERE state = 'on_sale' ORDER BY 1 LIMIT 12"


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
        pages = [one for one in with_database(market, _pages) if not asked.only or one.name in asked.only]
        mine = with_database(market, _signed_in)
        measured = [] if asked.signed_in else [(page, "") for page in pages]
        measured += [(replace(page, name=f"{page.name}, own"), mine) for page in pages]
        rounds = [
            [_row(market, floor_port, page, cookies, asked.seconds) for page, cookies in measured]
            for _ in range(asked.rounds)
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
    parser.add_argument("--only", type=lambda names: names.split(","), default=[])
    parser.add_argument("--signed-in", action="store_true")
    return parser


async def _pages() -> list[Page]:
    """The public pages, by what is on sale and which markets there are."""
    goods, sellers, communes = [await _column(query) for query in (GOODS, SELLERS, COMMUNES)]
    searches, markets = [quote_plus(words) for words in WORDS], await _column(MARKETS)
    return [
        Page("home", ("/",), "home"),
        Page("search page", tuple(f"/search?q={words}" for words in searches)),
        Page("search box", tuple(f"/search/box?q={quote_plus(typed)}" for typed in TYPED)),
        Page("goods", tuple(f"/goods/{code}" for code in goods), "goods"),
        Page("seller", tuple(f"/sellers/{slug}" for slug in sellers)),
        Page("seller's goods", tuple(f"/sellers/{slug}/goods" for slug in sellers)),
        Page("market", tuple(f"/markets/{slug}" for slug in markets)),
        Page("commune", tuple(_communes(communes))),
        Page("sign-in", ("/sign-in",)),
        Page("search JSON", tuple(f"/api/v1/search?q={words}" for words in searches)),
        Page("goods JSON", tuple(f"/api/v1/goods/{code}" for code in goods)),
    ]


async def _column(query: str) -> list[str]:
    return [str(row["it"]) for row in await sql(query)]


def _communes(codes: Sequence[str]) -> list[str]:
    """Where communes are shown: the address that is right, so that nobody is sent on."""
    return [asked_of({"commune": code}).address() for code in codes]


async def _signed_in() -> str:
    """The cookies of somebody who has just signed in."""
    person = await person_of(f"+{FIRST_PHONE}")
    session = await open_session(person.id, address="10.0.0.1", browser="bench", now=datetime.now(UTC))
    return f"session={session}; device={secrets.token_urlsafe(16)}"


def _row(market: BenchMarket, floor_port: int, page: Page, cookies: str, seconds: float) -> Row:
    measure(market.port, page.paths, seconds=1, cookies=cookies)
    before = market.cpu_seconds("web")
    seen = measure(market.port, page.paths, seconds=seconds, cookies=cookies)
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
        "web MB": market.megabytes("web"),
        "floor req/s": floor.rate,
        "times the floor": floor.rate / seen.rate,
        "failed": seen.failed,
    }


def _floor(port: int, page: Page, seen: Measured, seconds: float) -> Measured:
    kind = f"sql/{page.sql}" if page.sql else "plain"
    return measure(port, [f"/{kind}/{seen.size_bytes}"], seconds=seconds)


if __name__ == "__main__":
    main()
