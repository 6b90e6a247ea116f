"""The load: people who order by the JSON API and pay in every way there is, each plan drawn from the seed."""

import asyncio
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from bench.chaos.callers import PATIENCE_SECONDS, PAUSE_SECONDS, Caller, NobodyAnswers
from bench.chaos.cast import fate_of
from bench.chaos.faults import Conductor
from bench.chaos.told import BANK_KINDS, Told, by_bank
from bench.chaos.town import Town
from bench.load import address
from bench.shoppers import COMMUNES, Shopper

BUYERS = 12
TRIES = 6
WALLETS = ("momo", "zalopay", "vnpay", "mobile_money")
MANNERS = {"as_is": 40, "twice": 20, "lost": 15, "late": 5, "misordered": 10, "forged": 5, "less": 5}
# How often each way comes among a hundred orders.
WAYS = {
    "bank": 58,
    "at the door": 8,
    "wallet": 14,
    "wallet and bank": 3,
    "wallet refused": 3,
    "cancelled": 4,
    "cancelled, then paid": 3,
    "cancelled while paid": 4,
    "never paid": 3,
}
FIRST_KEY = 50_000_000
PAY_BEFORE = "lần này bạn trả trước"  # said to who did not take goods at the door
BANKS_FROM = 1_000  # banks call from other addresses than their customers


@dataclass(frozen=True)
class Plan:
    """What one buyer means to do: which goods, to where, paid how, by which wallet, told how."""

    number: int
    goods: tuple[str, ...]
    pieces: int
    commune: str
    way: str
    bank: str
    wallet: str
    manner: str
    dice: random.Random

    def __str__(self) -> str:
        told = f"{self.wallet}, told {self.manner}" if "wallet" in self.way else self.bank
        return f"{self.way}: {told}" if self.way.startswith(("bank", "wallet")) else self.way


@dataclass(frozen=True)
class Asked:
    """What an order asks to be paid, as its buyer reads it."""

    order: str
    code: str
    account_number: str
    asked_dong: int


@dataclass(frozen=True)
class Outcome:
    """An order that was placed and the ways it may stand: (state of its payment or "", received, extra) in đồng."""

    asked: Asked
    way: str
    may_be: list[tuple[str, int, int]]


@dataclass(frozen=True)
class Hands:
    """A buyer's program, and the banks that tell of what this buyer pays."""

    buyer: Caller
    bank: Caller


@dataclass
class Load:
    """What became of all plans."""

    outcomes: list[Outcome] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    at_door: list[str] = field(default_factory=list)
    sold_out: int = 0
    faults: list[str] = field(default_factory=list)
    messages: int = 0


def plan(number: int, seed: int, goods: Sequence[str], scarce: Sequence[str]) -> Plan:
    """The plan of this number; always the same for the same seed and goods."""
    dice = random.Random(f"plan {number} of {seed}")
    wanted, pieces = dice.sample(list(goods), 2 if dice.random() < 0.2 else 1), dice.choice((1, 1, 2))
    if dice.random() < 0.04:
        wanted, pieces = [dice.choice(list(scarce))], 1
    elif fate_of(number, seed).startswith("short"):
        pieces = 3
    drawn = (dice.choices(list(one), list(one.values()))[0] for one in (WAYS, BANK_KINDS, MANNERS))
    way, bank, manner = drawn
    return Plan(
        number, tuple(wanted), pieces, dice.choice(COMMUNES), way, bank, dice.choice(WALLETS), manner, dice
    )


async def shop(
    town: Town, people: Sequence[Shopper], plans: Sequence[Plan], conductor: Conductor, *, rate: float
) -> Load:
    """Works all plans, so many a second at most, while the faults happen."""
    load, left, began = Load(), iter(plans), time.monotonic()

    async def buy(one: Shopper) -> None:
        hands = _hands(town, one)
        for mine in left:
            await asyncio.sleep(max(0.0, began + mine.number / rate - time.monotonic()))
            conductor.look(mine.number / len(plans))
            try:
                await _carry_out(mine, hands, load)
            except (NobodyAnswers, RuntimeError, KeyError) as fault:
                load.faults.append(f"plan {mine.number} ({mine.way}): {type(fault).__name__} {fault}"[:400])
        await hands.buyer.close()
        await hands.bank.close()

    await asyncio.gather(*(buy(one) for one in people))
    conductor.look(1.0)
    return load


def _hands(town: Town, one: Shopper) -> Hands:
    ports = town.webs[one.number % 2 :] + town.webs[: one.number % 2]
    signed_in = {"authorization": f"Bearer {one.token}", "x-forwarded-for": address(one.number)}
    return Hands(
        Caller(ports, signed_in), Caller(ports, {"x-forwarded-for": address(one.number + BANKS_FROM)})
    )


async def _carry_out(mine: Plan, hands: Hands, load: Load) -> None:
    codes = await _ordered(mine, hands.buyer)
    if not codes:
        load.sold_out += 1
    for place, code in enumerate(codes):
        order = await hands.buyer.read(f"/orders/{code}")
        if order["pays_on_delivery"]:
            load.at_door.append(code)
            continue
        pay = order["payment"]
        asked = Asked(code, pay["content"], pay["account_number"], pay["amount_dong"])
        number = FIRST_KEY + 10 * mine.number + place
        load.outcomes.append(Outcome(asked, str(mine), await _paid(mine, asked, number, hands, load)))


async def _ordered(mine: Plan, caller: Caller) -> list[str]:
    """Places the order, read anew as often as prices of carriers change meanwhile; nothing when it is sold out."""
    key = f"chaos-{mine.number:06}"
    await _empty_basket(caller)
    for place, listing in enumerate(mine.goods):
        line = {"listing": listing, "quantity": mine.pieces}
        put = await caller.act("/basket/lines", line, f"{key}-line-{place}")
        if put.status != 201:
            return []
    pays_before = False
    for attempt in range(TRIES):
        sent = await _agreed(mine, caller)
        if sent and pays_before:
            sent["at_door"] = ""
        placed = await caller.act("/orders", sent, f"{key}-order-{attempt}") if sent else None
        if placed is not None and placed.status == 201:
            return list(placed.json()["codes"])
        if placed is None or ("hàng" in placed.text() and attempt):
            return []
        pays_before = pays_before or PAY_BEFORE in placed.text()
    raise RuntimeError(f"not ordered: {placed.status if placed else ''} {placed.text() if placed else ''}")


async def _empty_basket(caller: Caller) -> None:
    """What a plan that was sold out left in it."""
    for line in (await caller.read("/basket/lines"))["items"]:
        await caller.act(f"/basket/lines/{line['line']}", {"quantity": 0})


async def _review(caller: Caller, path: str) -> Any:
    """The review; while carriers say nothing of their prices the market asks to try again, and the buyer does."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = await caller.ask("GET", f"/api/v1{path}")
        if answer.status == 200:
            return answer.json()
        if answer.status != 409 or time.monotonic() > until:
            raise RuntimeError(f"{path}: {answer.status} {answer.text()}")
        await asyncio.sleep(1)


async def _agreed(mine: Plan, caller: Caller) -> dict[str, Any] | None:
    """What the buyer agrees to, with a way for each seller's part; None when nothing is left to be ordered."""
    path = f"/checkout?commune_code={mine.commune}"
    seen = await _review(caller, path)
    dice = random.Random(f"ways of {mine.number}")
    chosen = [(one["vendor_id"], dice.choice(one["ways"])["way"]) for one in seen["offers"] if one["ways"]]
    ways, is_joint = ",".join(f"{vendor}={way}" for vendor, way in chosen), bool(seen["joints"])
    if is_joint:
        ways = ""
    review = await _review(caller, f"{path}&ways={ways}&joint={int(is_joint)}")
    if not review["can_be_ordered"]:
        return None
    at_door = [str(one["vendor_id"]) for one in review["offers"] if one["can_be_paid_at_door"]]
    return {
        "name": "Người Mua Thử",
        "phone": "0912 700 000",
        "line": "Số 5, tổ 3",
        "commune_code": mine.commune,
        "note": f"chaos {mine.number}",
        "seen": review["seen"],
        "ways": ways,
        "joint": is_joint,
        "at_door": ",".join(at_door) if mine.way == "at the door" else "",
    }


async def _paid(
    mine: Plan, asked: Asked, number: int, hands: Hands, load: Load
) -> list[tuple[str, int, int]]:
    """Pays as planned; gives the ways the payment may stand in the end."""
    dong, plain = asked.asked_dong, by_bank("matched", asked, number, mine.dice)
    if mine.way == "at the door":  # it could not be: the goods are fetched, or dear
        await _tell(plain, hands.bank, load)
        return [("paid", dong, 0)]
    if mine.way == "never paid":
        return [("pending", 0, 0)]
    if mine.way == "cancelled while paid":
        await asyncio.gather(_cancel(asked, hands.buyer, may_fail=True), _tell(plain, hands.bank, load))
        return [("paid", dong, 0), ("cancelled", 0, dong)]
    if mine.way.startswith("cancelled"):
        await _cancel(asked, hands.buyer)
        if mine.way == "cancelled":
            return [("cancelled", 0, 0)]
        await _tell(plain, hands.bank, load)
        return [("cancelled", 0, dong)]
    if mine.way.startswith("wallet"):
        paid = await _by_wallet(mine, asked, hands.buyer, pays=mine.way != "wallet refused")
        if paid and mine.way == "wallet":
            return [("paid", dong, 0)]
        await _tell(plain, hands.bank, load)
        return [("paid", dong, dong if paid else 0)]
    told = by_bank(mine.bank, asked, number, mine.dice)
    await _tell(told, hands.bank, load)
    return [("paid" if told.received_dong == dong else "pending", told.received_dong, told.extra_dong)]


async def _tell(told: Told, bank: Caller, load: Load) -> None:
    """The messages one after the other, each until it is taken."""
    for message in told.messages:
        await bank.tell(message)
        load.messages += 1
        load.accepted.add(message.key)


async def _cancel(asked: Asked, caller: Caller, *, may_fail: bool = False) -> None:
    answer = await caller.act(f"/orders/{asked.order}/cancellation", {})
    if answer.status != 200 and not (may_fail and answer.status == 409):
        raise RuntimeError(f"not cancelled: {answer.status} {answer.text()}")


async def _by_wallet(mine: Plan, asked: Asked, caller: Caller, *, pays: bool) -> bool:
    """Pays (or refuses) at the wallet's page. False when there was no page to pay on: then nobody has paid."""
    key = f"chaos-{mine.number:06}-{asked.order}-try"
    try:
        begun = await caller.act(f"/orders/{asked.order}/attempts", {"gate": mine.wallet}, key, patience=25)
    except NobodyAnswers:
        return False
    url = begun.json().get("pay_url", "") if begun.status == 201 else ""
    if not url:
        return False
    await _decide(url, "pay" if pays else "refuse", mine.manner if pays else "as_is")
    return pays


async def _decide(url: str, decision: str, manner: str) -> None:
    """What a person does on the wallet's page, again until the page says that it is done."""
    until, last = time.monotonic() + PATIENCE_SECONDS, ""
    async with httpx2.AsyncClient(timeout=15) as browser:
        while time.monotonic() < until:
            try:
                page = await browser.get(url, follow_redirects=True)
                token = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
                if page.status_code == 200 and 'name="decision"' not in page.text:
                    return
                if page.status_code == 200 and token:
                    sent = {"csrf": token[1], "decision": decision, "manner": manner}
                    done = await browser.post(str(page.url), data=sent)
                    last = str(done.status_code)
                    if done.status_code == 303:
                        return
                else:
                    last = str(page.status_code)
            except httpx2.HTTPError as lost:
                last = f"{type(lost).__name__} {lost}"
            await asyncio.sleep(PAUSE_SECONDS)
    raise NobodyAnswers(f"{url}: {last}")
