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

import httpx2

from bench.load import CONNECTIONS
from bench.market import BenchMarket, running_market, with_database
from bench.results import Row, median_row, show
from kit.db import insert_all, sql, transaction
from kit.outbox import later_one
from postal.gates.asking import local_stamp
from postal.models import CarrierNotice, Parcel
from postal.parcel_code import parcel_code
from postal.states import BookingState, ParcelState
from postal.twins.keys import VIETTEL_POST as KEYS

STEPS = ("105", "300", "400", "500", "501")
AT_ONCE = 2_000
TAKEN_IN = 2_000
WITHIN_SECONDS = 300
LOOK_SECONDS = 0.05
_DONE = "SELECT count(*) AS n FROM carrier_notice WHERE handled_at IS NULL"
_DELIVERED = "SELECT count(*) AS n FROM parcel WHERE tracking_code LIKE $1 AND state = 'delivered'"


def main(argv: Sequence[str] | None = None) -> None:
    """Measures, checks that every parcel came to its end, and shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.carriers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--webhooks", type=int, default=10_000)
    asked = parser.parse_args(argv)
    with running_market() as market:
        rows = [_round(market, number, asked.webhooks) for number in range(asked.rounds)]
    show("carriers", [median_row(rows)], rounds=asked.rounds, by="httpx2 from one process")


def _round(market: BenchMarket, number: int, webhooks: int) -> Row:
    prefix = f"B{number}X"
    with_database(market, lambda: _parcels(prefix, -(-webhooks // len(STEPS))))
    worker_cpu, began = market.cpu_seconds("worker"), time.monotonic()
    with_database(market, lambda: _told(prefix, webhooks))
    seconds = with_database(market, lambda: _folded(prefix, webhooks, began))
    worker_cpu = market.cpu_seconds("worker") - worker_cpu
    web_cpu, began = market.cpu_seconds("web"), time.monotonic()
    taken = min(webhooks, TAKEN_IN)
    asyncio.run(_posted(market, f"N{number}X", taken))
    accepted = time.monotonic() - began
    return {
        "webhooks": webhooks,
        "folded/min": webhooks / seconds * 60,
        "worker CPU ms": worker_cpu * 1000 / webhooks,
        "accepted/s": taken / accepted,
        "web CPU ms": (market.cpu_seconds("web") - web_cpu) * 1000 / taken,
    }


async def _parcels(prefix: str, count: int) -> None:
    """Parcels that Viettel Post has and nobody has moved yet."""
    [row] = await sql("SELECT coalesce(max(id), 0) AS last FROM parcel")
    now, first = datetime.now(UTC), int(str(row["last"])) + 100_000
    like = await Parcel.all().order_by("id").first()
    assert like is not None
    kept = {name: getattr(like, name) for name in like._meta.fields_db_projection}
    made = [
        Parcel(
            **{
                **kept,
                "id": first + number,
                "code": parcel_code(first + number, b"bench"),
                "reference": f"bench:{prefix}{number}",
                "carrier": "viettel_post",
                "tracking_code": f"{prefix}{number:07}",
                "state": ParcelState.CREATED,
                "booking": BookingState.BOOKED,
                "flags": [],
                "booked_at": now,
            }
        )
        for number in range(count)
    ]
    for place in range(0, count, AT_ONCE):
        await insert_all(made[place : place + AT_ONCE])


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
    async with transaction():
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


async def _posted(market: BenchMarket, prefix: str, count: int) -> None:
    now = datetime.now(UTC)
    headers = {"Authorization": KEYS.hook_secret, "Content-Type": "application/json"}
    bodies = iter([_body(f"{prefix}{number:07}", 0, now) for number in range(count)])

    async def post(client: httpx2.AsyncClient) -> None:
        for body in bodies:
            answer = await client.post(f"{market.url}/post/hooks/viettel_post", content=body, headers=headers)
            assert answer.status_code == 200, answer.text

    async with httpx2.AsyncClient(timeout=30) as client:
        await asyncio.gather(*(post(client) for _ in range(CONNECTIONS)))


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
