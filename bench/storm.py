"""Many payments of every kind while parts of the market are killed: nothing may be lost, doubled or out of balance.

python -m bench.storm [--payments 10000] [--rate 150]

The web process and the worker are killed (kill -9), Redis is emptied and PostgreSQL restarted while notices and
callbacks come in, many of them twice or in the wrong order; whoever sends repeats until it is taken, as banks do.
tests/faults/test_thousand_payments.py is the short form of it.
"""

import argparse
import asyncio
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2

from bench.audit import AuditFailed, audit, pieces
from bench.chaos.callers import Caller, Message
from bench.chaos.faults import Conductor, Fault
from bench.chaos.settling import settle
from bench.chaos.told import by_bank
from bench.load import address, new_caller
from bench.market import BenchMarket, running_market, with_database
from bench.results import show
from bench.shoppers import COMMUNES, stock_up
from kit.db import sql
from kit.units import commune
from orders.services import Buyer, Recipient, Wish, place_orders, put_in_basket, reference_of, review_basket
from payments.gate import Intent, Redirect
from payments.gates.momo import Momo, signature
from payments.services import PaymentView, Wanted, payment_for, refunds_of, start_attempt
from payments.twins.keys import MOMO

AT_ONCE = 4
SENDERS = 16
MOMO_PATH = "/payments/callbacks/momo"
QUIET_WITHIN_SECONDS = 180
# How often each kind comes among a hundred payments.
KINDS = {
    "matched": 45,
    "told three times": 10,
    "told by two": 4,
    "paid twice": 5,
    "over": 8,
    "in two parts": 10,
    "one part": 4,
    "late": 4,
    "wallet": 5,
    "wallet, cancelled first": 3,
    "wallet, cancelled after": 2,
}
ON_THEIR_WAY = (
    "SELECT count(*) FILTER (WHERE state = 'paid') AS paid, count(parcel_id) AS posted,"
    " (SELECT count(*) FROM parcel WHERE reference IN (SELECT 'order:' || id FROM customer_order"
    " WHERE group_code LIKE 'G-storm-%')) AS parcels, (SELECT count(*) FROM order_event e JOIN customer_order o"
    " ON o.id = e.order_id WHERE e.state = 'paid' AND o.group_code LIKE 'G-storm-%') AS events"
    " FROM customer_order WHERE group_code LIKE 'G-storm-%'"
)
# What happens when so much of the messages has begun.
FAULTS = (
    Fault(0.2, "kill", "worker", 0),
    Fault(0.4, "flush", "redis", 0),
    Fault(0.55, "kill", "web", 0),
    Fault(0.75, "restart", "postgres", 0),
    Fault(0.9, "kill", "worker", 0),
)


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
    with_database(market, lambda: settle(QUIET_WITHIN_SECONDS))
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
    told = by_bank(kind, asked, number, random.Random(number))
    return Wanting(asked, kind, told.messages, told.received_dong, told.extra_dong)


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
    return Message(MOMO_PATH, raw, lambda _: {"content-type": "application/json"})


async def _send_all(market: BenchMarket, wanting: Sequence[Wanting], rate: int) -> int:
    """Sends every message until it is taken, at most so many a second, while the faults happen; how many there were."""
    messages = [message for one in wanting for message in one.messages]
    queues = [[message for one in wanting[at::SENDERS] for message in one.messages] for at in range(SENDERS)]
    faults, begun, began = Conductor(market.var, None, list(FAULTS)), 0, time.monotonic()

    async def send(mine: Sequence[Message], caller: int) -> None:
        nonlocal begun
        bank = Caller([market.port], {"x-forwarded-for": address(caller)})
        for message in mine:
            await asyncio.sleep(max(0.0, began + begun / rate - time.monotonic()))
            begun += 1
            faults.look(begun / len(messages))
            await bank.tell(message)
        await bank.close()

    first = new_caller()
    await asyncio.gather(*(send(mine, first + place) for place, mine in enumerate(queues)))
    await faults.finish()
    return len(messages)


async def _check(wanting: Sequence[Wanting], before: tuple[int, int]) -> None:
    """Every payment stands as it must, every paid order once on its way, the books and the stock right."""
    wrong = Counter[str]()
    for one in wanting:
        now = await payment_for(one.asked.reference)
        assert now is not None
        # What is too much is asked back by itself as soon as a worker comes to it.
        extra_dong = now.extra_dong + sum(back.amount_dong for back in await refunds_of(now.id))
        if (now.received_dong, extra_dong) != (one.received_dong, one.extra_dong):
            wrong[
                f"{one.kind}: {now.received_dong - one.received_dong:+} {extra_dong - one.extra_dong:+}"
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
