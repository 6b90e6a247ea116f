"""Many payments of every kind while parts of the market are killed: nothing may be lost, doubled or out of balance.

python -m bench.storm [--payments 10000] [--rate 150]

The web process and the worker are killed (kill -9), Redis is emptied and PostgreSQL restarted while notices and
callbacks come in, many of them twice or in the wrong order; whoever sends repeats until it is taken, as banks do.
tests/faults/test_thousand_payments.py is the short form of it.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx2
from redis.asyncio import Redis
from tortoise.exceptions import BaseORMException

from bench.audit import AuditFailed, audit, pieces
from bench.load import Line, address, new_caller
from bench.market import BenchMarket, running_market, with_database
from bench.results import show
from bench.shoppers import COMMUNES, NOTICE_PATH, notice, signed, stock_up
from kit.db import sql
from kit.embedded import find_running
from kit.embedded.servers import Found
from kit.units import commune
from orders.services import Buyer, Recipient, Wish, place_orders, put_in_basket, reference_of, review_basket
from payments.gate import Intent, Redirect
from payments.gates.momo import Momo, signature
from payments.services import PaymentView, Wanted, payment_for, start_attempt
from payments.twins.keys import MOMO

AT_ONCE = 4
SENDERS = 16
MOMO_PATH = "/payments/callbacks/momo"
TAKEN = (200, 204)
SEND_WITHIN_SECONDS = 60
QUIET_WITHIN_SECONDS = 180
PART_DONG, OVER_DONG = 1_000, 7_000
# How often each kind comes among a hundred payments.
KINDS = {
    "matched": 45,
    "told three times": 14,
    "paid twice": 5,
    "over": 8,
    "in two parts": 10,
    "one part": 4,
    "late": 4,
    "wallet": 5,
    "wallet, cancelled first": 3,
    "wallet, cancelled after": 2,
}
WAITING = (
    "SELECT EXISTS (SELECT 1 FROM notice WHERE handled_at IS NULL) OR EXISTS (SELECT 1 FROM outbox_job"
    " WHERE state = 'waiting' AND name IN ('settle_notice', 'book_parcel', 'follow_parcel')) AS waiting"
)
LEFT = "SELECT name, state, attempts, count(*) FROM outbox_job WHERE state <> 'done' GROUP BY 1, 2, 3"
ON_THEIR_WAY = (
    "SELECT count(*) FILTER (WHERE state = 'paid') AS paid, count(parcel_id) AS posted,"
    " (SELECT count(*) FROM parcel WHERE reference IN (SELECT 'order:' || id FROM customer_order"
    " WHERE group_code LIKE 'G-storm-%')) AS parcels, (SELECT count(*) FROM order_event e JOIN customer_order o"
    " ON o.id = e.order_id WHERE e.state = 'paid' AND o.group_code LIKE 'G-storm-%') AS events"
    " FROM customer_order WHERE group_code LIKE 'G-storm-%'"
)
Message = tuple[str, bytes, Callable[[bytes], dict[str, str]]]


@dataclass(frozen=True)
class Wanting:
    """A payment of the storm: what is sent about it, and how it must stand afterwards."""

    asked: PaymentView
    kind: str
    messages: list[Message]
    received_dong: int
    extra_dong: int

    @property
    def is_paid(self) -> bool:
        """Whether its order goes on."""
        return self.received_dong == self.asked.asked_dong


@dataclass
class Faults:
    """What happens when so much of the messages has been taken."""

    market: BenchMarket
    due: list[tuple[float, str]] = field(
        default_factory=lambda: [
            (0.2, "worker"),
            (0.4, "redis"),
            (0.55, "web"),
            (0.75, "postgres"),
            (0.9, "worker"),
        ]
    )

    async def happen(self, share: float) -> None:
        """The next of them, if it is time."""
        if not self.due or share < self.due[0][0]:
            return
        _, part = self.due.pop(0)
        if part == "redis":
            redis = Redis.from_url(self._server("redis").url)
            await redis.flushall()
            await redis.aclose()
        elif part == "postgres":
            os.kill(self._server("postgres").pid, signal.SIGINT)
        else:
            os.kill(self.market.pid(part), signal.SIGKILL)

    def _server(self, name: str) -> Found:
        found = find_running(self.market.var, name)
        assert found is not None
        return found


class Wallet(Momo):
    """MoMo's gate, with a page to pay on at once: the storm sends the callbacks itself."""

    async def create(self, intent: Intent, *, idem_key: str) -> Redirect:
        """A page that nobody opens."""
        return Redirect("https://momo.example/pay")


def main(argv: Sequence[str] | None = None) -> None:
    """Runs it and shows what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    parser.add_argument("--payments", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=150)
    asked = parser.parse_args(argv)
    with running_market() as market:
        row = storm(market, asked.payments, rate=asked.rate)
    show("storm", [row], rounds=1, by="bench/storm.py, in process")


def storm(market: BenchMarket, count: int, *, rate: int) -> dict[str, float | int | str]:
    """So many payments, settled through all that happens; AuditFailed or LedgerWrong when anything is wrong."""
    codes = with_database(market, stock_up)
    before = with_database(market, pieces)
    wanting = with_database(market, lambda: _asked(codes, count))
    began = time.monotonic()
    sends = asyncio.run(_send_all(market, wanting, rate))
    sent = time.monotonic() - began
    with_database(market, _quiet)
    settled = time.monotonic() - began
    with_database(market, lambda: _check(wanting, before))
    return {
        "payments": count,
        "messages": sends,
        "sent in s": sent,
        "settled in s": settled,
        "audit": "nothing lost",
    }


async def _asked(codes: Sequence[str], count: int) -> list[Wanting]:
    """Orders of one piece each that wait for their money, with all that will be told of it."""
    kinds = random.choices(list(KINDS), list(KINDS.values()), k=count)
    unit = await commune(COMMUNES[0])
    assert unit is not None
    to = Recipient("Người Mua Thử", "+84912700000", "Số 5, tổ 3", unit)
    numbers, left = itertools.count(1), iter(kinds)
    async with httpx2.AsyncClient() as client:
        wallet = Wallet(MOMO, "https://momo.example", client, is_twin=True)

        async def some() -> list[Wanting]:
            return [await _one(kind, next(numbers), random.choice(codes), to, wallet) for kind in left]

        return [one for found in await asyncio.gather(*(some() for _ in range(AT_ONCE))) for one in found]


async def _one(kind: str, number: int, code: str, to: Recipient, wallet: Wallet) -> Wanting:
    buyer, now = Buyer(None, f"storm{number:017}"), datetime.now(UTC)
    await put_in_basket(buyer.owner, code, 1)
    wish = Wish(f"G-storm-{number:06}", (await review_basket(buyer.owner, to.commune.code)).seen, True)
    [placed] = await place_orders(buyer, to, wish, now=now, payment_minutes=120)
    [row] = await sql("SELECT id FROM customer_order WHERE code = $1", [placed])
    asked = await payment_for(reference_of(int(str(row["id"]))))
    assert asked is not None
    if kind.startswith("wallet"):
        page = Wanted("https://cho.example/back", "https://cho.example/call", "127.0.0.1", "vi")
        tried = await start_attempt(asked.reference, wallet, page, now=now)
        return Wanting(asked, kind, _callbacks(kind, asked, tried.reference, number), asked.asked_dong, 0)
    return _by_bank(kind, asked, number)


def _by_bank(kind: str, asked: PaymentView, number: int) -> Wanting:
    all_dong, first = asked.asked_dong, 10 * number

    def told(dong: int, place: int = 0, *, late: bool = False) -> Message:
        at = datetime.now(UTC) + timedelta(days=1 if late else 0)
        return NOTICE_PATH, notice(first + place, asked.account_number, dong, asked.code, at=at), signed

    sums: dict[str, tuple[list[Message], int, int]] = {
        "matched": ([told(all_dong)], all_dong, 0),
        "told three times": ([told(all_dong)] * 3, all_dong, 0),
        "paid twice": ([told(all_dong), told(all_dong, 1)], all_dong, all_dong),
        "over": ([told(all_dong + OVER_DONG)], all_dong, OVER_DONG),
        "in two parts": ([told(PART_DONG), told(all_dong - PART_DONG, 1)], all_dong, 0),
        "one part": ([told(PART_DONG)], PART_DONG, 0),
        "late": ([told(all_dong, late=True)], 0, all_dong),
    }
    return Wanting(asked, kind, *sums[kind])


def _callbacks(kind: str, asked: PaymentView, reference: str, number: int) -> list[Message]:
    """What the wallet tells, each of it twice."""
    paid, cancelled = (_callback(asked, reference, number, code) for code in (0, 1006))
    told = {
        "wallet": [paid],
        "wallet, cancelled first": [cancelled, paid],
        "wallet, cancelled after": [paid, cancelled],
    }
    return [one for one in told[kind] for _ in range(2)]


def _callback(asked: PaymentView, reference: str, number: int, code: int) -> Message:
    body: dict[str, object] = {
        "partnerCode": MOMO.partner_code,
        "orderId": reference,
        "requestId": reference,
        "amount": asked.asked_dong,
        "orderInfo": "storm",
        "orderType": "momo_wallet",
        "transId": number,
        "resultCode": code,
        "message": "",
        "payType": "qr",
        "responseTime": int(time.time() * 1000),
        "extraData": "",
    }
    raw = json.dumps({**body, "signature": signature(MOMO, "ipn", body)}).encode()
    return MOMO_PATH, raw, lambda _: {"content-type": "application/json"}


async def _send_all(market: BenchMarket, wanting: Sequence[Wanting], rate: int) -> int:
    """Sends every message until it is taken, at most so many a second, while the faults happen; how many there were."""
    messages = [message for one in wanting for message in one.messages]
    queues = [[message for one in wanting[at::SENDERS] for message in one.messages] for at in range(SENDERS)]
    faults, taken, began = Faults(market), 0, time.monotonic()

    async def send(mine: Sequence[Message], caller: int) -> None:
        nonlocal taken
        for message in mine:
            await asyncio.sleep(max(0.0, began + taken / rate - time.monotonic()))
            await _until_taken(market.port, message, address(caller))
            taken += 1
            await faults.happen(taken / len(messages))

    first = new_caller()
    await asyncio.gather(*(send(mine, first + place) for place, mine in enumerate(queues)))
    return len(messages)


async def _until_taken(port: int, message: Message, caller: str) -> None:
    """As banks do: again, until somebody says that it was taken."""
    path, raw, headers = message
    until, line = time.monotonic() + SEND_WITHIN_SECONDS, Line(port, {"x-forwarded-for": caller})
    while time.monotonic() < until:
        try:
            answer = await line.ask("POST", path, raw, headers(raw))
            if answer.status in TAKEN:
                return
        except (OSError, EOFError, IndexError, ValueError):
            pass
        finally:
            await line.close()
        line = Line(port, {"x-forwarded-for": caller})
        await asyncio.sleep(0.3)
    raise RuntimeError(f"nobody took it in {SEND_WITHIN_SECONDS} s: {raw!r}")


async def _quiet() -> None:
    """Until every notice is settled and no job of payments waits."""
    until = time.monotonic() + QUIET_WITHIN_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError, BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError):
            [row] = await sql(WAITING)
            if not row["waiting"]:
                return
        await asyncio.sleep(0.2)
    raise AuditFailed(f"after {QUIET_WITHIN_SECONDS} s notices or jobs still wait: {await sql(LEFT)}")


async def _check(wanting: Sequence[Wanting], before: tuple[int, int]) -> None:
    """Every payment stands as it must, every paid order once on its way, the books and the stock right."""
    wrong = Counter[str]()
    for one in wanting:
        now = await payment_for(one.asked.reference)
        assert now is not None
        if (now.received_dong, now.extra_dong) != (one.received_dong, one.extra_dong):
            wrong[
                f"{one.kind}: {now.received_dong - one.received_dong:+} {now.extra_dong - one.extra_dong:+}"
            ] += 1
        if (now.state == "paid") != one.is_paid:
            wrong[f"{one.kind}: {now.state}"] += 1
    if wrong:
        raise AuditFailed(f"payments do not stand as they must: {wrong}")
    paid = sum(one.is_paid for one in wanting)
    [row] = await sql(ON_THEIR_WAY)
    if (row["paid"], row["posted"], row["parcels"], row["events"]) != (paid, paid, paid, paid):
        raise AuditFailed(f"{paid} orders were paid, but {row}")
    if dead := await sql("SELECT name, last_error FROM outbox_job WHERE state = 'dead' LIMIT 3"):
        raise AuditFailed(f"jobs were given up: {dead}")
    await audit(before, paid=paid)


if __name__ == "__main__":
    main()
