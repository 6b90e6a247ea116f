"""How fast bookings are posted, beside the bare statements that they need: one connection, a commit each.

python -m bench.ledger [--rounds 5] [--bookings 500]
"""

import argparse
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from bench.load import spread
from bench.market import BenchMarket, running_market, with_database
from bench.results import Row, median_row, show
from bench.shoppers import NUMBERS
from bench.spent import Spent
from kit.db import credentials_of, transaction
from payments.ledger import post

SUM_DONG = 35_000
BARE_BOOKING = "INSERT INTO ledger_transaction (kind, reference, at) VALUES ($1, $2, $3) RETURNING id"
BARE_SIDES = (
    "INSERT INTO ledger_entry (transaction_id, account, amount_dong) VALUES ($1, $2, $3), ($1, $4, $5)"
)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bookings", type=int, default=500)
    asked = parser.parse_args(argv)
    with running_market() as market:
        rows = [_round(market, asked.bookings) for _ in range(asked.rounds)]
    show("ledger", [median_row(rows)], rounds=asked.rounds, by="one connection in process")


def _round(market: BenchMarket, count: int) -> Row:
    bare = count / with_database(market, lambda: _bare(market, count))
    spent = Spent(market)
    times_ms = with_database(market, lambda: _posted(count))
    posted, (p50, p95, p99) = count * 1000 / sum(times_ms), spread(times_ms)
    return {
        "bookings": count,
        "posted/s": posted,
        "p50 ms": p50,
        "p95 ms": p95,
        "p99 ms": p99,
        "PostgreSQL CPU ms": spent.each(count)["PostgreSQL CPU ms"],
        "PostgreSQL MB": market.megabytes("postgres"),
        "floor/s": bare,
        "times the floor": bare / posted,
    }


async def _posted(count: int) -> list[float]:
    """Milliseconds of each booking with its commit."""
    times_ms = []
    for _ in range(count):
        number, began = next(NUMBERS), time.perf_counter()
        async with transaction():
            entries = [(f"bench:{number}:bank", SUM_DONG), (f"bench:{number}:paid", -SUM_DONG)]
            await post("bench", f"bench:{number}", entries, at=datetime.now(UTC))
        times_ms.append((time.perf_counter() - began) * 1000)
    return times_ms


async def _bare(market: BenchMarket, count: int) -> float:
    """The same two inserts and the commit, through asyncpg alone."""
    connection = await asyncpg.connect(**credentials_of(market.database_url))
    began = time.perf_counter()
    for _ in range(count):
        number = next(NUMBERS)
        async with connection.transaction():
            made = await connection.fetchval(BARE_BOOKING, "bench", f"bench:{number}", datetime.now(UTC))
            await connection.execute(
                BARE_SIDES, made, f"bench:{number}:bank", SUM_DONG, f"bench:{number}:paid", -SUM_DONG
            )
    took = time.perf_counter() - began
    await connection.close()
    return took


if __name__ == "__main__":
    main()
