"""What the post's staff scan: eight of them, each taking parcels through all four acts as fast as they are answered.

python -m bench.scans [--rounds 3] [--parcels 500]

Before each parcel the work list is read once, as the page behind the scanner does. Every act locks its parcel, writes
an event and leaves a job for the order. The floor is a bare Starlette answer after one bare insert.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.services import grant
from bench.load import CONNECTIONS, measure, spread
from bench.market import BenchMarket, running_floor, running_market, with_database
from bench.parcels import parcels
from bench.results import Row, median_row, show
from bench.shoppers import NUMBERS, Shopper, shoppers
from bench.spent import Spent
from kit.db import sql
from kit.roles import Role
from kit.settings import Settings
from postal.delivery_code import delivery_code
from postal.staff_carrier import CODE as STAFF
from postal.staff_carrier import Act

ACTS = (Act.ACCEPT, Act.ARRIVE, Act.TAKE_OUT, Act.DELIVER)
FLOOR_SECONDS = 2.0
_DELIVERED = "SELECT count(*) AS n FROM parcel WHERE tracking_code LIKE $1 AND state = 'delivered'"
_EVENTS = "SELECT count(*) AS n FROM parcel_event e JOIN parcel p ON p.id = e.parcel_id WHERE p.tracking_code LIKE $1"


@dataclass
class Round:
    """Milliseconds of each scan and of each look at the work list."""

    scan_ms: list[float] = field(default_factory=list)
    list_ms: list[float] = field(default_factory=list)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures, checks that every parcel was delivered by four events, and shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.scans", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parcels", type=int, default=500)
    asked = parser.parse_args(argv)
    with running_market() as market, running_floor(market.database_url) as floor_port:
        staff = with_database(market, _clerks)
        _round(market, staff, CONNECTIONS, floor_port)
        rows = [_round(market, staff, asked.parcels, floor_port) for _ in range(asked.rounds)]
    show("scans", [median_row(rows)], rounds=asked.rounds, by="the client of bench/load.py")


async def _clerks() -> list[Shopper]:
    people = await shoppers(CONNECTIONS)
    for row in await sql("SELECT person_id FROM api_token WHERE label = 'bench' ORDER BY id"):
        await grant(int(str(row["person_id"])), Role.CLERK)
    return people


def _round(market: BenchMarket, staff: Sequence[Shopper], count: int, floor_port: int) -> Row:
    prefix = f"S{next(NUMBERS)}X"
    codes = with_database(market, lambda: parcels(prefix, count, STAFF))
    spent, began = Spent(market), time.perf_counter()
    seen = asyncio.run(_scan(market, staff, codes))
    took, acts = time.perf_counter() - began, len(seen.scan_ms)
    cost = spent.each(acts)
    with_database(market, lambda: _check(prefix, count))
    floor = measure(floor_port, ["/write/600"], seconds=min(FLOOR_SECONDS, count / 50))
    p50, p95, p99 = spread(seen.scan_ms)
    return {
        "scans/s": acts / took,
        "p50 ms": p50,
        "p95 ms": p95,
        "p99 ms": p99,
        "list p95 ms": spread(seen.list_ms)[1],
        **cost,
        "floor/s": floor.rate,
        "times the floor": floor.rate * took / acts,
    }


async def _scan(market: BenchMarket, staff: Sequence[Shopper], codes: Sequence[str]) -> Round:
    seen, left = Round(), iter(codes)

    async def work(one: Shopper) -> None:
        line = one.line(market.port)
        for code in left:
            proof, asked = delivery_code(code, Settings().secret_key), time.perf_counter()
            await line.read("/post/pickups")
            seen.list_ms.append((time.perf_counter() - asked) * 1000)
            for act in ACTS:
                key, asked = f"{code}-{act}", time.perf_counter()
                sent = {
                    "act": act,
                    "event_key": f"scan-{key}",
                    "delivery_code": proof if act is Act.DELIVER else "",
                }
                answer = await line.act(f"/post/parcels/{code}/acts", sent, key)
                seen.scan_ms.append((time.perf_counter() - asked) * 1000)
                if answer.status != 201:
                    raise RuntimeError(f"{act} {code}: {answer.status} {answer.text()[-300:]}")
        await line.close()

    await asyncio.gather(*map(work, staff))
    return seen


async def _check(prefix: str, count: int) -> None:
    [delivered], [events] = await sql(_DELIVERED, [f"{prefix}%"]), await sql(_EVENTS, [f"{prefix}%"])
    if (delivered["n"], events["n"]) != (count, count * len(ACTS)):
        raise RuntimeError(f"{delivered['n']} of {count} delivered by {events['n']} events")


if __name__ == "__main__":
    main()
