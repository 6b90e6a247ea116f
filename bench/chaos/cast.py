"""Who works in the market beside its buyers: sellers, desks, the post's own staff, all of them programs with tokens."""

import logging
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from accounts.services import grant, make_api_token, person_of
from bench.chaos.callers import Caller, NobodyAnswers
from bench.load import address
from bench.shoppers import FIRST_PHONE, Shopper
from kit.clock import SystemClock
from kit.db import sql
from kit.roles import Role
from orders.services.door.offering import offer_at_door

FIRST_OF_CAST = FIRST_PHONE + 5_000
CALLS_FROM = 3_000
ACT_PATIENCE_SECONDS = 20.0
REFUSED_MOST = 3
# What becomes of a paid order at its seller's, and how often among a hundred.
FATES: Mapping[str, int] = {
    "packed": 62,
    "short, rest taken": 7,
    "short, all cancelled": 5,
    "short, found": 4,
    "short, all at once": 4,
    "nothing there": 5,
    "asked back": 6,
    "given back": 4,
    "left lying": 3,
}
_SELLERS = "SELECT DISTINCT vendor_id FROM listing WHERE code = ANY($1) ORDER BY vendor_id"
_MARKETS = "SELECT id, slug FROM market WHERE desk_hours <> '' ORDER BY id"
log = logging.getLogger("chaos")


@dataclass(frozen=True)
class Desk:
    """A market's desk: where its acts are sent, and who sends them."""

    path: str
    hand: Caller


@dataclass
class Cast:
    """Everybody by what they act for, with what was refused them and what they gave up."""

    seed: int
    sellers: dict[int, Caller] = field(default_factory=dict)
    desks: dict[int, Desk] = field(default_factory=dict)
    buyers: dict[int, Caller] = field(default_factory=dict)
    clerk: Caller | None = None
    clerk_id: int = 0
    bank: Caller | None = None
    refused: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    accepted: set[str] = field(default_factory=set)
    _refusals: Counter[str] = field(default_factory=Counter)

    def may(self, thing: str) -> bool:
        """Whether it was not refused too often to be tried again."""
        return self._refusals[thing] < REFUSED_MOST

    async def act(
        self, caller: Caller, what: str, thing: str, path: str, sent: object, key: str = ""
    ) -> bool:
        """One act, sent until its answer is clear; what is refused is counted, and given up in the end."""
        try:
            answer = await caller.act(path, sent, key, patience=ACT_PATIENCE_SECONDS)
        except NobodyAnswers:
            return False
        if answer.status in (200, 201):
            self.done[what] += 1
            return True
        self._refusals[f"{what} {thing}"] += 1
        self.refused[f"{what}: {answer.status}"] += 1
        log.info("%s %s: %s %s", what, thing, answer.status, answer.text()[:200])
        return False

    def tries(self, what: str, thing: str) -> bool:
        """Whether this act on this thing is still to be tried."""
        return self.may(f"{what} {thing}")

    async def close(self) -> None:
        """Everybody hangs up."""
        desks = [one.hand for one in self.desks.values()]
        for one in (*self.sellers.values(), *desks, *self.buyers.values(), self.clerk, self.bank):
            if one is not None:
                await one.close()


def fate_of(number: int, seed: int) -> str:
    """What becomes of the order of a plan at its seller's; always the same for the same seed."""
    dice = random.Random(f"fate {number} of {seed}")
    return dice.choices(list(FATES), list(FATES.values()))[0]


def number_of(note: str) -> int:
    """The number of the plan that an order's note names."""
    return int(note.rpartition(" ")[2])


async def engage(seed: int, ports: Sequence[int], people: Sequence[Shopper], goods: Sequence[str]) -> Cast:
    """Makes them, lets every seller of these goods take money at the door, and gives all of them their tokens."""
    cast, now, made = Cast(seed), SystemClock().now(), iter(range(10_000))

    async def hired(role: Role, scope: str = "") -> tuple[int, Caller]:
        number = next(made)
        person = await person_of(f"+{FIRST_OF_CAST + number}")
        await grant(person.id, role, scope)
        return person.id, _caller(ports, await make_api_token(person.id, "bench", now=now), number)

    for row in await sql(_SELLERS, [list(goods)]):
        vendor_id = int(str(row["vendor_id"]))
        person_id, cast.sellers[vendor_id] = await hired(Role.VENDOR, str(vendor_id))
        await offer_at_door(vendor_id, is_on=True, person_id=person_id, now=now)
    for row in await sql(_MARKETS):
        _, hand = await hired(Role.BOARD, str(row["id"]))
        cast.desks[int(str(row["id"]))] = Desk(f"/board/markets/{row['slug']}/desk", hand)
    cast.clerk_id, cast.clerk = await hired(Role.CLERK)
    await grant(cast.clerk_id, Role.CARRIER)
    for one in people:
        person = await person_of(f"+{FIRST_PHONE + one.number}")
        cast.buyers[person.id] = _caller(ports, one.token, one.number)
    cast.bank = Caller(ports, {"x-forwarded-for": address(CALLS_FROM - 1)})
    return cast


def _caller(ports: Sequence[int], token: str, number: int) -> Caller:
    turned = [*ports[number % len(ports) :], *ports[: number % len(ports)]]
    from_there = address(CALLS_FROM + number)
    return Caller(turned, {"authorization": f"Bearer {token}", "x-forwarded-for": from_there})
