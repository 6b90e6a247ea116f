"""What an order costs: eight shoppers, each from basket to paid again and again, by the JSON API; then the audits.

python -m bench.orders [--rounds 3] [--seconds 15] [--polling]

A shopper waits for the money by the API's look that waits (docs/api.md); with --polling by looking every 50 ms.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import uvloop

from bench.audit import audit, pieces
from bench.load import Line, Measured, measure, spread
from bench.market import BenchMarket, running_floor, running_market, with_database
from bench.results import Row, median_row, show
from bench.shoppers import NUMBERS, Shopper, order_once, pay, shoppers, stock_up
from bench.spent import Spent

SHOPPERS = 8
ORDERS_MAX = 20_000
LOOK_AGAIN_SECONDS = 0.05
PAID_WITHIN_SECONDS = 30
ANSWER_BYTES = 700  # what an answer of the API holds on the average
FLOOR_SECONDS = 2.0
AUDIT = "balanced, stock right"
Look = Callable[[Line, str], Awaitable[None]]


@dataclass
class Round:
    """What one round of shopping gave: milliseconds of each order and of its steps, requests, what it cost."""

    whole_ms: list[float] = field(default_factory=list)
    placed_ms: list[float] = field(default_factory=list)
    waited_ms: list[float] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0
    load_cpu: float = 0
    spent: dict[str, float] = field(default_factory=dict)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures, audits and shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.orders", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--polling", action="store_true", help="look every 50 ms instead of waiting")
    asked = parser.parse_args(argv)
    with running_market() as market, running_floor(market.database_url) as floor_port:
        codes = with_database(market, stock_up)
        people = with_database(market, lambda: shoppers(SHOPPERS))
        shop(market, people, codes, seconds=min(2, asked.seconds), is_polling=asked.polling)
        rows = [
            _row(
                shop(market, people, codes, seconds=asked.seconds, is_polling=asked.polling),
                measure(floor_port, [f"/plain/{ANSWER_BYTES}"], seconds=min(FLOOR_SECONDS, asked.seconds)),
            )
            for _ in range(asked.rounds)
        ]
    show("orders", [median_row(rows)], rounds=asked.rounds, by="the client of bench/load.py")


def shop(
    market: BenchMarket,
    people: Sequence[Shopper],
    codes: Sequence[str],
    *,
    seconds: float,
    is_polling: bool = False,
) -> Round:
    """One round and its audits."""
    before = with_database(market, pieces)
    look = _look_again_and_again if is_polling else _look_once
    seen = uvloop.run(_round(market, people, codes, seconds, look))
    with_database(market, lambda: audit(before, paid=len(seen.whole_ms)))
    return seen


async def _round(
    market: BenchMarket, people: Sequence[Shopper], codes: Sequence[str], seconds: float, look: Look
) -> Round:
    seen, began = Round(), time.perf_counter()

    async def shop_again_and_again(one: Shopper) -> None:
        line, bank = one.line(market.port), Line(market.port)
        while time.perf_counter() - began < seconds and len(seen.whole_ms) < ORDERS_MAX:
            await _buy(line, bank, look, seen, codes, next(NUMBERS))
        seen.requests += line.requests + bank.requests
        await line.close()
        await bank.close()

    own, spent = time.process_time(), Spent(market)
    await asyncio.gather(*(shop_again_and_again(one) for one in people))
    seen.seconds = time.perf_counter() - began
    seen.load_cpu = time.process_time() - own
    seen.spent = spent.each(len(seen.whole_ms))
    return seen


async def _buy(line: Line, bank: Line, look: Look, seen: Round, codes: Sequence[str], number: int) -> None:
    began = time.perf_counter()
    order = await order_once(line, f"bench-{number:06}", codes)
    placed = time.perf_counter()
    await pay(bank, order, number)
    sent = time.perf_counter()
    async with asyncio.timeout(PAID_WITHIN_SECONDS):
        await look(line, order["code"])
    ended = time.perf_counter()
    seen.placed_ms.append((placed - began) * 1000)
    seen.waited_ms.append((ended - sent) * 1000)
    seen.whole_ms.append((ended - began) * 1000)


async def _look_once(line: Line, code: str) -> None:
    """Asks once, and is answered when the money has come."""
    while (await line.read(f"/orders/{code}?was=placed"))["state"] != "paid":
        pass


async def _look_again_and_again(line: Line, code: str) -> None:
    while (await line.read(f"/orders/{code}"))["state"] != "paid":  # noqa: ASYNC110  a program that polls
        await asyncio.sleep(LOOK_AGAIN_SECONDS)  # as a program does that knows no better


def _row(seen: Round, floor: Measured) -> Row:
    whole, placed, waited = spread(seen.whole_ms), spread(seen.placed_ms), spread(seen.waited_ms)
    return {
        "orders/s": len(seen.whole_ms) / seen.seconds,
        "whole p50 ms": whole[0],
        "whole p95 ms": whole[1],
        "whole p99 ms": whole[2],
        "placed p50 ms": placed[0],
        "notice to paid p50 ms": waited[0],
        "requests/order": seen.requests / len(seen.whole_ms),
        "load CPU ms": seen.load_cpu * 1000 / len(seen.whole_ms),
        **seen.spent,
        "floor/s": floor.rate,
        "times the floor": floor.rate * seen.seconds / seen.requests,
        "orders": len(seen.whole_ms),
        "audit": AUDIT,
    }


if __name__ == "__main__":
    main()
