"""How fast bank notices are taken in by one web process, and settled by one worker.

python -m bench.notices [--rounds 3] [--orders 300]
"""

import argparse
import asyncio
import os
import signal
import time
from collections.abc import Sequence
from typing import Any

from bench.audit import audit, pieces
from bench.load import CONNECTIONS, Line, Measured, address, measure, new_caller, spread
from bench.market import BenchMarket, running_floor, running_market, with_database
from bench.results import Row, median_row, show
from bench.shoppers import NUMBERS, Shopper, order_once, pay, shoppers, stock_up
from bench.spent import Spent
from kit.db import sql

SETTLED_WITHIN_SECONDS = 180
LOOK_SECONDS, FLOOR_SECONDS = 0.02, 2.0


def main(argv: Sequence[str] | None = None) -> None:
    """Measures, audits and shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.notices", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--orders", type=int, default=300)
    asked = parser.parse_args(argv)
    floor_seconds = min(FLOOR_SECONDS, asked.orders / 100)
    with running_market() as market, running_floor(market.database_url) as floor_port:
        codes = with_database(market, stock_up)
        people = with_database(market, lambda: shoppers(CONNECTIONS))
        rows = [
            _beside(
                _round(market, people, codes, asked.orders),
                measure(floor_port, ["/write/20"], seconds=floor_seconds),
            )
            for _ in range(asked.rounds)
        ]
    show("notices", [median_row(rows)], rounds=asked.rounds, by="the client of bench/load.py")


def _beside(row: dict[str, float], floor: Measured) -> Row:
    """With how many bare answers after a bare insert there are a second."""
    return {**row, "floor/s": floor.rate, "times the floor": floor.rate / row["accepted alone/s"]}


def _round(
    market: BenchMarket, people: Sequence[Shopper], codes: Sequence[str], count: int
) -> dict[str, float]:
    before = with_database(market, pieces)
    orders = asyncio.run(_orders(market, people, codes, 2 * count))
    spent, began = Spent(market), time.time()
    times_ms = asyncio.run(_tell(market, orders[:count]))
    accepted = time.time() - began
    # Committed as seen from outside, not as noted inside.
    last_settled, last_parcel = with_database(market, lambda: _settled(began, count))
    cost = spent.each(count)
    alone = _taken_alone(market, orders[count:])
    with_database(market, lambda: audit(before, paid=2 * count))
    return {
        "notices": count,
        "accepted alone/s": count / alone,
        "accepted/s": count / accepted,
        "accepted p50 ms": spread(times_ms)[0],
        "accepted p95 ms": spread(times_ms)[1],
        "accepted p99 ms": spread(times_ms)[2],
        "settled/s": count / (last_settled - began),
        "settled with parcel/s": count / (last_parcel - began),
        **cost,
    }


def _taken_alone(market: BenchMarket, orders: Sequence[tuple[int, dict[str, Any]]]) -> float:
    """Seconds in which the web process takes these in while the worker stands still; then they are settled too."""
    worker, began = market.pid("worker"), time.time()
    os.kill(worker, signal.SIGSTOP)
    try:
        asyncio.run(_tell(market, orders))
        took = time.time() - began
    finally:
        os.kill(worker, signal.SIGCONT)
    with_database(market, lambda: _settled(began, len(orders)))
    return took


async def _orders(
    market: BenchMarket, people: Sequence[Shopper], codes: Sequence[str], count: int
) -> list[tuple[int, dict[str, Any]]]:
    """Orders that wait for their money, each with a number of its own."""
    mine = [next(NUMBERS) for _ in range(count)]
    left = iter(mine)

    async def place(one: Shopper) -> list[tuple[int, dict[str, Any]]]:
        line = one.line(market.port)
        placed = [(number, await order_once(line, f"bench-{number:06}", codes)) for number in left]
        await line.close()
        return placed

    return [order for found in await asyncio.gather(*map(place, people)) for order in found]


async def _tell(market: BenchMarket, orders: Sequence[tuple[int, dict[str, Any]]]) -> list[float]:
    """Sends every notice over 8 connections as fast as they are taken; milliseconds of each."""
    left, times_ms, first_bank = iter(orders), list[float](), new_caller()

    async def tell(number_of_bank: int) -> None:
        line = Line(market.port, {"x-forwarded-for": address(first_bank + number_of_bank)})
        for number, order in left:
            asked = time.perf_counter()
            await pay(line, order, number)
            times_ms.append((time.perf_counter() - asked) * 1000)
        await line.close()

    await asyncio.gather(*(tell(number) for number in range(CONNECTIONS)))
    return times_ms


async def _settled(since: float, count: int) -> tuple[float, float]:
    """Looks until every notice is settled, then until all parcels are booked; when that was, in Unix seconds."""
    settled = await _until(
        "SELECT count(*) >= $2 AS is_so FROM notice WHERE handled_at >= to_timestamp($1)", [since, count]
    )
    done = await _until(
        "SELECT NOT EXISTS (SELECT 1 FROM outbox_job WHERE state = 'waiting'"
        " AND name IN ('settle_notice', 'book_parcel', 'follow_parcel')) AS is_so",
        [],
    )
    return settled, done


async def _until(question: str, values: list[object]) -> float:
    until = time.monotonic() + SETTLED_WITHIN_SECONDS
    while time.monotonic() < until:
        [row] = await sql(question, values)
        if row["is_so"]:
            return time.time()
        await asyncio.sleep(LOOK_SECONDS)
    raise RuntimeError(f"not done in {SETTLED_WITHIN_SECONDS} s: {question}")


if __name__ == "__main__":
    main()
