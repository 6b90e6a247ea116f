"""How many stall tills one web process holds open, and how long a payment takes to reach the right one.

python -m bench.till [--tills 5000] [--rate 200] [--notice-rate 200] [--seconds 15]

Two ways: events written through the till's own service by a process of its own (settled to screen), and whole bank
notices, posted, settled by the worker, told (notice to screen), at the rate that the one worker keeps up with.
"""

import argparse
import asyncio
import json
import random
import resource
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from bench.load import Line, address, measure, new_caller, spread
from bench.market import BenchMarket, running_floor, running_market, with_database
from bench.results import show
from bench.shoppers import NOTICE_PATH, notice, signed
from bench.spent import Spent
from kit.db import connect, disconnect, sql, transaction
from kit.embedded import find_running
from kit.outbox import use_courier
from kit.queue import RedisCourier, open_queue
from kit.settings import ROOT
from orders.services.till.log import Happened, tell_till

FIRST = 7_000_000
TOKEN = "bench-till-{number}-0123456789abcdef0123456789abcdef"
OPEN_AT_ONCE = 50
FILES_WANTED = 20_000
LATE_SECONDS, FLOOR_SECONDS = 20.0, 2.0


class Till(asyncio.Protocol):
    """One open till: asks for its events and notes when each came."""

    def __init__(self, number: int, port: int, heard: dict[int, list[float]]) -> None:
        self.opened = asyncio.get_running_loop().create_future()
        self._number, self._port, self._heard, self._rest = number, port, heard, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        lines = (
            "GET /sell/till/events?after=0 HTTP/1.1",
            f"host: 127.0.0.1:{self._port}",
            f"authorization: Bearer {TOKEN.format(number=self._number)}",
            "accept: text/event-stream",
        )
        transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def data_received(self, received: bytes) -> None:
        """Notes every event with the seconds since it happened; the first words mean that the till is open."""
        now = time.time()
        *whole, self._rest = (self._rest + received).split(b"\n\n")
        if not self.opened.done() and any(b"retry:" in one for one in whole):
            self.opened.set_result(None)
        for event in whole:
            told = event.rpartition(b"data: ")[2] if b"data: " in event else b""
            if told:
                at = datetime.fromisoformat(json.loads(told)["at"]).timestamp()
                self._heard.setdefault(self._number, []).append(now - at)

    def connection_lost(self, exc: Exception | None) -> None:
        """A till that closes before the end is a fault."""
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError(f"till {self._number} was turned away"))


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.till", description=__doc__)
    parser.add_argument("--tills", type=int, default=5000)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--notice-rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--write", nargs=2, metavar=("DATABASE", "REDIS"), help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.write:
        asyncio.run(_write(asked.write[0], asked.write[1], asked.tills, asked.rate, asked.seconds))
        return
    _allow_files()
    with running_market() as market, running_floor(market.database_url) as floor_port:
        with_database(market, lambda: _traders(asked.tills))
        rows = asyncio.run(_measure(market, asked))
        floor = measure(floor_port, ["/write/20"], seconds=min(FLOOR_SECONDS, asked.seconds), connections=1)
    beside = {"floor ms": floor.p50_ms}
    rows = [row | beside | {"times the floor": float(row["p50 ms"]) / floor.p50_ms} for row in rows]
    show("till", rows, rounds=1, by="bench/till.py, a process of its own")


async def _measure(market: BenchMarket, asked: argparse.Namespace) -> list[dict[str, float | int | str]]:
    heard: dict[int, list[float]] = {}
    tills, opening_seconds = await _open(market, asked.tills, heard)
    settled = await _settled_to_screen(market, asked, heard)
    whole = await _notice_to_screen(market, asked, heard)
    for till in tills:
        till.transport.close()
    same = {"tills": asked.tills, "opened in s": opening_seconds}
    return [{**settled, **same}, {**whole, **same}]


async def _open(market: BenchMarket, count: int, heard: dict[int, list[float]]) -> tuple[list[Till], float]:
    began, gate, loop = time.time(), asyncio.Semaphore(OPEN_AT_ONCE), asyncio.get_running_loop()

    async def one(number: int) -> Till:
        async with gate:
            _, till = await loop.create_connection(
                lambda: Till(number, market.port, heard), "127.0.0.1", market.port
            )
            await till.opened
            return till

    tills = await asyncio.gather(*(one(number) for number in range(count)))
    return list(tills), time.time() - began


async def _settled_to_screen(
    market: BenchMarket, asked: argparse.Namespace, heard: dict[int, list[float]]
) -> dict[str, float | int | str]:
    heard.clear()
    redis = find_running(market.var, "redis")
    assert redis is not None
    wanted, spent, began = asked.rate * asked.seconds, Spent(market), time.time()
    sizes = ["--tills", str(asked.tills), "--rate", str(asked.rate), "--seconds", str(asked.seconds)]
    command = [sys.executable, "-m", "bench.till", *sizes, "--write", market.database_url, redis.url]
    writer = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    await writer.wait()
    await _until(heard, wanted)
    return _row("settled to screen", heard, wanted, time.time() - began) | spent.each(wanted)


async def _notice_to_screen(
    market: BenchMarket, asked: argparse.Namespace, heard: dict[int, list[float]]
) -> dict[str, float | int | str]:
    """Each notice goes to a till of its own, so that what that till hears is this notice."""
    heard.clear()
    wanted, spent, began = asked.notice_rate * asked.seconds, Spent(market), time.time()
    numbers = random.sample(range(asked.tills), min(wanted, asked.tills))
    sent: dict[int, float] = {}
    lines = [Line(market.port, {"x-forwarded-for": address(new_caller())}) for _ in range(8)]

    async def tell(line: Line, mine: Sequence[int]) -> None:
        for place, number in enumerate(mine):
            due = began + place * len(lines) / asked.notice_rate
            await asyncio.sleep(max(0.0, due - time.time()))
            raw = notice(FIRST + number, _account(number), 35_000, "chuyen tien")
            sent[number] = time.time()
            answer = await line.ask("POST", NOTICE_PATH, raw, signed(raw))
            if answer.status != 200:
                raise RuntimeError(f"notice: {answer.status}")

    arrived = asyncio.ensure_future(_arrivals(heard, numbers))
    await asyncio.gather(*(tell(line, numbers[at :: len(lines)]) for at, line in enumerate(lines)))
    times = await arrived
    took = {number: [times[number] - sent[number]] for number in times}
    row = _row("notice to screen", took, len(numbers), time.time() - began)
    return row | spent.each(len(numbers))


async def _arrivals(heard: dict[int, list[float]], numbers: Sequence[int]) -> dict[int, float]:
    """When each till first heard something, to 2 ms."""
    times: dict[int, float] = {}
    until = time.time() + len(numbers) / 10 + LATE_SECONDS
    while len(times) < len(numbers) and time.time() < until:
        for number in heard.keys() - times.keys():
            times[number] = time.time()
        await asyncio.sleep(0.002)
    return times


async def _until(heard: dict[int, list[float]], wanted: int) -> None:
    until = time.time() + LATE_SECONDS
    while sum(map(len, heard.values())) < wanted and time.time() < until:  # noqa: ASYNC110  the counts are many
        await asyncio.sleep(0.05)


def _row(
    name: str, heard: dict[int, list[float]], wanted: int, seconds: float
) -> dict[str, float | int | str]:
    times_ms = [one * 1000 for times in heard.values() for one in times]
    p50, p95, p99 = spread(times_ms)
    return {
        "way": name,
        "events": len(times_ms),
        "events/s": wanted / seconds,
        "p50 ms": p50,
        "p95 ms": p95,
        "p99 ms": p99,
        "lost": wanted - len(times_ms),
    }


async def _write(database_url: str, redis_url: str, tills: int, rate: int, seconds: int) -> None:
    """Events at a steady rate for tills drawn by lot, each in a transaction of its own."""
    await connect(database_url, pool_max=8)
    queue = await open_queue(redis_url)
    use_courier(RedisCourier(queue))
    began, ids = time.time(), await _vendor_ids(tills)

    async def write(mine: range) -> None:
        for place in mine:
            await asyncio.sleep(max(0.0, began + place / rate - time.time()))
            async with transaction():
                vendor_id = random.choice(ids)
                await tell_till(vendor_id, Happened.PLATE, now=datetime.now(UTC), amount_dong=35_000)

    await asyncio.gather(*(write(range(at, rate * seconds, 6)) for at in range(6)))
    await queue.aclose()
    await disconnect()


async def _vendor_ids(count: int) -> list[int]:
    rows = await sql("SELECT id FROM vendor WHERE slug LIKE 'bench-till-%' ORDER BY id LIMIT $1", [count])
    return [int(str(row["id"])) for row in rows]


async def _traders(count: int) -> None:
    """So many sellers with an account each, and a person with a token who stands at the till."""
    await sql(
        "INSERT INTO vendor (slug, kind, name, name_key, contact_name, phone, commune_code, commune, province,"
        " line, about, state, identity_state, is_demo, created_at)"
        " SELECT 'bench-till-' || lpad(n::text, 6, '0'), 'household', 'Quầy ' || n, 'quay ' || n, 'Quầy ' || n,"
        " '+84' || (800000000 + n), '05503', 'Xã Tân Cương', 'Tỉnh Thái Nguyên', '', '', 'can_sell', 'draft',"
        " false, now() FROM generate_series(0, $1::int) AS n",
        [count - 1],
    )
    await sql(
        "INSERT INTO receiving_account (vendor_id, bin, number, holder, is_default, created_at)"
        " SELECT id, '970436', '77' || right(slug, 6), 'QUAY', true, now() FROM vendor"
        " WHERE slug LIKE 'bench-till-%'"
    )
    await sql(
        "INSERT INTO person (phone, name, language, is_blocked, created_at)"
        " SELECT '+84' || (800000000 + n), 'Quầy', '', false, now() FROM generate_series(0, $1::int) AS n",
        [count - 1],
    )
    await sql(
        "INSERT INTO role_grant (person_id, role, scope, created_at) SELECT p.id, 'vendor', v.id::text, now()"
        " FROM person p JOIN vendor v ON v.phone = p.phone WHERE v.slug LIKE 'bench-till-%'"
    )
    before, _, after = TOKEN.partition("{number}")
    await sql(
        "INSERT INTO api_token (person_id, token_hash, label, created_at, expires_at)"
        " SELECT p.id, encode(sha256(convert_to($1 || right(v.slug, 6)::int || $2, 'UTF8')), 'hex'), 'bench',"
        " now(), now() + interval '1 day' FROM person p JOIN vendor v ON v.phone = p.phone"
        " WHERE v.slug LIKE 'bench-till-%'",
        [before, after],
    )
    await sql("ANALYZE")


def _account(number: int) -> str:
    return f"77{number:06}"


def _allow_files() -> None:
    """As many open connections as the machine allows, here and in the market that is started from here."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main()
