"""Sales at stalls meanwhile: by QR, in cash, on the plate, seen without signal; each once, as it was paid."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench.chaos.callers import Caller, NobodyAnswers, patiently
from bench.chaos.cast import Cast
from bench.chaos.told import by_bank, transfer
from bench.load import Answer
from kit.db import sql
from kit.rows import Row
from payments.qr import parse

FIRST_KEY = 80_000_000
FIRST_DONG, STEP_DONG = 120_000, 1_000
LESS_DONG = 20_000
# How often each comes among a hundred sales.
KINDS = {
    "matched": 28,
    "told three times": 8,
    "told by two": 5,
    "over": 6,
    "in two parts": 8,
    "never": 5,
    "cancelled": 5,
    "cancelled while paid": 6,
    "rest in cash": 5,
    "cash": 8,
    "cash back": 4,
    "plate": 6,
    "plate told by two": 3,
    "seen, then plate": 3,
}
_ACCOUNTS = "SELECT vendor_id, number FROM receiving_account WHERE is_default AND vendor_id = ANY($1)"
# By when the market got it: banks tell in whole seconds, so money of the run's first second moved before `since`.
_SALES = """
    SELECT id, way, state, received_dong, extra_dong, noted_dong FROM till_sale
    WHERE vendor_id = $1 AND amount_dong = $2 AND received_at > $3 ORDER BY id
"""
Stands = tuple[str, int, int, int]


@dataclass(frozen=True)
class Sale:
    """One sale as its seller means it: the sum names it, as no other of the run has the same."""

    number: int
    vendor_id: int
    kind: str
    dong: int
    dice: random.Random


@dataclass(frozen=True)
class Payable:
    """What a buyer at a stall reads out of the QR."""

    code: str
    account_number: str
    asked_dong: int


@dataclass
class Tills:
    """The stalls that sell, and the ways each sale may stand: (state, received, extra, noted in cash) in đồng."""

    cast: Cast
    accounts: dict[int, str]
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    may_be: list[tuple[Sale, list[Stands]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def sell(self, count: int, seconds_apart: float) -> None:
        """Makes so many sales, one after the other."""
        for number in range(count):
            sale = drawn(number, self.cast.seed, sorted(self.accounts))
            began = asyncio.get_running_loop().time()
            try:
                self.may_be.append((sale, await self._sold(sale)))
            except (NobodyAnswers, RuntimeError, KeyError) as fault:
                self.faults.append(f"sale {number} ({sale.kind}): {type(fault).__name__} {fault}"[:300])
            await asyncio.sleep(max(0.0, began + seconds_apart - asyncio.get_running_loop().time()))

    async def _sold(self, sale: Sale) -> list[Stands]:
        till, dong = self.cast.sellers[sale.vendor_id], sale.dong
        if sale.kind.startswith("plate"):
            await self._on_plate(sale)
            return [("paid", dong, 0, 0)]
        if sale.kind.startswith("cash"):
            made = await self._made(sale, till, "cash")
            if sale.kind == "cash back":
                await self._act(till, made, "cancellation", {})
            return [("cancelled" if sale.kind == "cash back" else "paid", 0, 0, dong)]
        if sale.kind == "seen, then plate":
            await self._made(sale, till, "seen")
            await self._on_plate(sale)
            return [("paid", dong, 0, 0)]
        return await self._by_qr(sale, till)

    async def _by_qr(self, sale: Sale, till: Caller) -> list[Stands]:
        made, dong = await self._made(sale, till, "qr"), sale.dong
        read = parse(made["qr_text"])
        asked = Payable(made["code"], read.account or "", dong)
        if sale.kind == "never":
            return [("waiting", 0, 0, 0)]
        if sale.kind == "cancelled":
            await self._act(till, made, "cancellation", {})
            return [("cancelled", 0, 0, 0)]
        if sale.kind == "cancelled while paid":
            cancelled = self._act(till, made, "cancellation", {}, may_fail=True)
            await asyncio.gather(cancelled, self._tell(sale, asked, "matched"))
            return [("paid", dong, 0, 0), ("cancelled", 0, dong, 0)]
        if sale.kind == "rest in cash":
            await self._act(till, made, "confirmation", {"by": "cash"})
            return [("paid", 0, 0, dong)]
        received_dong, extra_dong = await self._tell(sale, asked, sale.kind)
        # What is too much has gone back when the bank has told of it.
        return [("paid", received_dong, one, 0) for one in {extra_dong, 0}]

    async def _tell(self, sale: Sale, asked: Payable, kind: str) -> tuple[int, int]:
        told = by_bank(kind, asked, FIRST_KEY + 10 * sale.number, sale.dice)
        for message in told.messages:
            await self._bank.tell(message)
            self.cast.accepted.add(message.key)
        return told.received_dong, told.extra_dong

    async def _on_plate(self, sale: Sale) -> None:
        """Money into the stall's own account, with no code of ours."""
        key, account = 10 * (FIRST_KEY + 10 * sale.number), self.accounts[sale.vendor_id]
        at = datetime.now(UTC)
        for by in ("sepay", "casso") if "two" in sale.kind else (sale.dice.choice(("sepay", "casso")),):
            message = transfer(account, sale.dong, "NGUYEN VAN A chuyen tien", key, by=by, at=at)
            await self._bank.tell(message)
            self.cast.accepted.add(message.key)

    async def _made(self, sale: Sale, till: Caller, way: str) -> Any:
        key = f"chaos-{self.cast.seed}-{sale.number:05}"
        sent = {"client_key": key, "way": way, "amount": sale.dong}
        return _clear(await till.act("/till/sales", sent, f"{key}-made")).json()

    async def _act(self, till: Caller, made: Any, what: str, sent: object, *, may_fail: bool = False) -> None:
        answer = await till.act(f"/till/sales/{made['id']}/{what}", sent)
        if not (may_fail and answer.status == 409):
            _clear(answer)

    @property
    def _bank(self) -> Caller:
        assert self.cast.bank is not None
        return self.cast.bank

    async def unlike(self) -> list[Row]:
        """Sales that are not there once, or do not stand as they were paid."""
        wrong: list[Row] = [{"wrong": one} for one in self.faults]
        for sale, may_be in self.may_be:
            rows = await sql(_SALES, [sale.vendor_id, sale.dong, self.since])
            stands = [
                (one["state"], one["received_dong"], one["extra_dong"], one["noted_dong"]) for one in rows
            ]
            if len(stands) != 1 or stands[0] not in may_be:
                wrong.append({"sale": sale.number, "kind": sale.kind, "stands": stands, "may be": may_be})
        return wrong


async def open_tills(cast: Cast) -> Tills:
    """The stalls of these sellers that have an account of their own."""
    rows = await patiently(lambda: sql(_ACCOUNTS, [sorted(cast.sellers)]))
    return Tills(cast, {int(str(row["vendor_id"])): str(row["number"]) for row in rows})


def drawn(number: int, seed: int, vendor_ids: Sequence[int]) -> Sale:
    """The sale of this number; always the same for the same seed and sellers."""
    dice = random.Random(f"sale {number} of {seed}")
    kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
    return Sale(number, dice.choice(vendor_ids), kind, FIRST_DONG + STEP_DONG * number, dice)


def _clear(answer: Answer) -> Answer:
    if answer.status not in (200, 201):
        raise RuntimeError(f"{answer.status} {answer.text()}")
    return answer
