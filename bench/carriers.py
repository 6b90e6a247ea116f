"""How fast carriers' webhooks are taken in by one web process and folded by one worker.

python -m bench.carriers [--rounds 3] [--webhooks 10000]
"""

import argparse
import asyncio
import hashlib
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bench.load import CONNECTIONS, Line, address, measure, new_caller, spread
from bench.market import BenchMarket, running_floor, running_market, waking, with_database
from bench.parcels import AT_ONCE, parcels
from bench.results import Row, median_row, show
from bench.spent import Spent
from kit.db import insert_all, sql, transaction
from kit.outbox import later_one
from postal.gates.asking import local_stamp
from postal.models import CarrierNotice
from postal.twins.keys import VIETTEL_POST as KEYS

STEPS = ("105", "300", "400", "500", "501")
TAKEN_IN = 2_000
WITHIN_SECONDS = 300
LOOK_SECONDS, FLOOR_SECONDS = 0.05, 2.0
_DONE = "SELECT count(*) AS n FROM carrier_notice WHERE handled_at IS NULL"
_DELIVERED = "SELECT count(*) AS n FROM parcel WHERE tracking_code LIKE $1 AND state = 'delivered'"


def main(argv: Sequence[str] | None = None) -> None:
    """Measures, checks that every parcel came to its end, and shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.carriers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--webhooks", type=int, default=10_000)
    asked = parser.parse_args(argv)
    with running_market() as market, running_floor(market.database_url) as floor_port:
        rows = [_round(market, number, asked.webhooks, floor_port) for number in range(asked.rounds)]
    show("carriers", [median_row(rows)], rounds=asked.rounds, by="the client of bench/load.py")


def _round(market: BenchMarket, number: int, webhooks: int, floor_port: int) -> Row:
    prefix = f"B{number}X"
    with_database(market, lambda: parcels(prefix, -(-webhooks // len(STEPS)), "viettel_post"))
    with_database(market, lambda: _told(prefix, webhooks))
    folding, began = Spent(market), time.monotonic()
    with_database(market, lambda: _begin(market))
    seconds = with_database(market, lambda: _folded(prefix, webhooks, began))
    folded = folding.each(webhooks)
    taking, began = Spent(market), time.monotonic()
    taken = min(webhooks, TAKEN_IN)
    times_ms = asyncio.run(_posted(market, f"N{number}X", taken))
    accepted, cost = time.monotonic() - began, taking.each(taken)
    p50, p95, p99 = spread(times_ms)
    floor = measure(floor_port, ["/write/20"], seconds=min(FLOOR_SECONDS, webhooks / 1000))
    return {
        "webhooks": webhooks,
        "folded/min": webhooks / seconds * 60,
        "PostgreSQL CPU ms, folding": folded["PostgreSQL CPU ms"],
        "accepted/s": taken / accepted,
        "p50 ms": p50,
        "p95 ms": p95,
        "p99 ms": p99,
        **cost,
        "worker CPU ms": folded["worker CPU ms"],
        "floor/s": floor.rate,
        "times the floor": floor.rate * accepted / taken,
    }


async def _told(prefix: str, count: int) -> None:
    """Every parcel's steps, as webhooks that were written down; then the one job that reads them."""
    now = datetime.now(UTC)
    rows = []
    for number in range(count):
        body = _body(f"{prefix}{number // len(STEPS):07}", number % len(STEPS), now)
        key = hashlib.sha256(body.encode()).hexdigest()
        rows.append(
            CarrierNotice(carrier="viettel_post", event_key=key, source="hook", body=body, received_at=now)
        )
    for place in range(0, count, AT_ONCE):
        await insert_all(rows[place : place + AT_ONCE])


async def _begin(market: BenchMarket) -> None:
    async with waking(market), transaction():
        await later_one("fold_carrier_notices")


async def _folded(prefix: str, count: int, began: float) -> float:
    """Seconds until nothing waits; every parcel has come to its end."""
    while time.monotonic() < began + WITHIN_SECONDS:
        [row] = await sql(_DONE)
        if not row["n"]:
            seconds = time.monotonic() - began
            [done] = await sql(_DELIVERED, [f"{prefix}%"])
            assert int(str(done["n"])) == count // len(STEPS), f"{done['n']} parcels delivered"
            return seconds
        await asyncio.sleep(LOOK_SECONDS)
    raise RuntimeError(f"{row['n']} webhooks still wait")


async def _posted(market: BenchMarket, prefix: str, count: int) -> list[float]:
    """Sends so many webhooks over 8 connections as fast as they are taken; milliseconds of each."""
    now, first, times_ms = datetime.now(UTC), new_caller(), list[float]()
    headers = {"authorization": KEYS.hook_secret, "content-type": "application/json"}
    bodies = iter([_body(f"{prefix}{number:07}", 0, now) for number in range(count)])

    async def post(number: int) -> None:
        line = Line(market.port, {**headers, "x-forwarded-for": address(first + number)})
        for body in bodies:
            asked = time.perf_counter()
            answer = await line.ask("POST", "/post/hooks/viettel_post", body.encode())
            times_ms.append((time.perf_counter() - asked) * 1000)
            assert answer.status == 200, answer.text()
        await line.close()

    await asyncio.gather(*(post(number) for number in range(CONNECTIONS)))
    return times_ms


def _body(waybill: str, step: int, now: datetime) -> str:
    told = {
        "ORDER_NUMBER": waybill,
        "ORDER_STATUSDATE": local_stamp(now + timedelta(minutes=step)),
        "ORDER_STATUS": int(STEPS[step]),
        "MONEY_TOTAL": 22_000,
        "PRODUCT_WEIGHT": 500,
        "IS_RETURNING": False,
    }
    return json.dumps({"DATA": told, "TOKEN": "bench"})


if __name__ == "__main__":
    main()
