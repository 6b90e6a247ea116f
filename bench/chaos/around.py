"""What goes on beside the buyers: carriers tell of parcels, goods leave the shelf and come back, all others work."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bench.chaos.callers import NobodyAnswers, patiently
from bench.chaos.cast import Cast
from bench.chaos.money_back import Tellers
from bench.chaos.posting import Post
from bench.chaos.stalls import gather_joints, work_orders
from bench.chaos.tills import Tills, open_tills
from kit.db import insert_all, sql
from kit.errors import Conflict
from postal.gates.statuses import statuses_of
from postal.models import SenderCarrier
from postal.states import ParcelState
from postal.twins.parcels import push
from vendors.services import approve_listing, hide_listing, offer_listing

S = ParcelState
CARRIERS = ("viettel_post", "vnpost", "ghn", "ghtk", "staff")
# How a parcel may travel, and how often each way comes among ten.
WAYS: tuple[tuple[tuple[ParcelState, ...], int], ...] = (
    ((S.PICKED_UP, S.IN_TRANSIT, S.OUT_FOR_DELIVERY, S.DELIVERED), 6),
    ((S.PICKED_UP, S.OUT_FOR_DELIVERY, S.FAILED_ATTEMPT, S.OUT_FOR_DELIVERY, S.DELIVERED), 2),
    ((S.PICKED_UP, S.OUT_FOR_DELIVERY, S.FAILED_ATTEMPT, S.RETURNING, S.RETURNED), 1),
    ((S.PICKED_UP, S.IN_TRANSIT, S.LOST), 1),
)
MANNERS = {"as_is": 55, "twice": 20, "misordered": 15, "lost": 5, "forged": 5}
PUSHED_AT_ONCE = 6
PAUSE_SECONDS, LOOK_SECONDS = 1.0, 0.2
STILL_LOOKS = 6
log = logging.getLogger("chaos")
_UNDER_WAY = """
    SELECT t.id, t.carrier, t.reference, jsonb_array_length(t.steps) AS steps FROM twin_parcel t
    JOIN parcel p ON p.code = t.reference AND p.carrier = t.carrier AND p.reference LIKE 'order:%'
    WHERE jsonb_array_length(t.steps) <= 5 ORDER BY t.changed_at, t.id LIMIT 200
"""
_OFFERED = "SELECT DISTINCT vendor_id FROM listing WHERE code = ANY($1)"
_OTHERS = "SELECT id FROM listing WHERE state = 'on_sale' AND code <> ALL($1) ORDER BY id LIMIT 20"


async def offer_carriers(goods: Sequence[str]) -> None:
    """Has the sellers of these goods offer every carrier."""
    rows = await sql(_OFFERED, [list(goods)])
    ids = [int(str(row["vendor_id"])) for row in rows]
    made = [SenderCarrier(vendor_id=id, carrier=one, is_default=False) for id in ids for one in CARRIERS]
    await insert_all(made, "ON CONFLICT (vendor_id, carrier) DO NOTHING")


@dataclass
class Bustle:
    """Everybody who works beside the buyers, and what they remember."""

    cast: Cast
    tills: Tills
    tellers: Tellers
    post: Post
    _selling: "asyncio.Task[None] | None" = None

    async def quiet(self, seconds: float) -> None:
        """Waits until nobody has anything left to do for a while, at most so many seconds; then the cash is counted."""
        if self._selling is not None:
            await self._selling
        until, before, still = time.monotonic() + seconds, -1, 0
        while time.monotonic() < until and still < STILL_LOOKS:
            await asyncio.sleep(PAUSE_SECONDS)
            done = self.cast.done.total() + len(self.cast.accepted)
            still, before = still + 1 if done == before else 0, done
        await self.post.count_evening()


@asynccontextmanager
async def busy(cast: Cast, goods: Sequence[str], *, sales: int, rate: float) -> AsyncIterator[Bustle]:
    """Everybody else at work inside, and so many sales at stalls, so many a second."""
    seed, others = cast.seed, [int(str(row["id"])) for row in await sql(_OTHERS, [list(goods)])]
    bustle = Bustle(cast, await open_tills(cast), Tellers(cast), Post(cast))
    looks = (partial(work_orders, cast), partial(gather_joints, cast), bustle.tellers.work, bustle.post.work)
    works = (
        _carry(random.Random(f"post of {seed}")),
        _reshelve(random.Random(f"{seed}"), others),
        *(_again(look) for look in looks),
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(cast.close)
        for work in works:
            stack.push_async_callback(_ended, asyncio.create_task(work))
        bustle._selling = asyncio.create_task(bustle.tills.sell(sales, 1 / rate))
        stack.push_async_callback(_ended, bustle._selling)
        yield bustle


async def _again(look: Callable[[], Awaitable[int]]) -> None:
    while True:
        try:
            done = await look()
        except (NobodyAnswers, OSError, RuntimeError) as lost:
            log.warning("%s", lost)
            done = 0
        await asyncio.sleep(LOOK_SECONDS if done else PAUSE_SECONDS)


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _carry(dice: random.Random) -> None:
    """Some parcels come one step further each second; the market is told once, twice, late, in no order or not."""
    while True:
        rows = await patiently(lambda: sql(_UNDER_WAY))
        for row in dice.sample(rows, min(len(rows), PUSHED_AT_ONCE)):
            state = _next(str(row["reference"]), int(str(row["steps"])))
            if state is not None:
                manner = dice.choices(list(MANNERS), list(MANNERS.values()))[0]
                await patiently(partial(_pushed, row, state, manner))
        await asyncio.sleep(PAUSE_SECONDS)


def _next(reference: str, steps: int) -> ParcelState | None:
    """Where the parcel of a reference goes after so many steps (the first is its booking); None at its end."""
    ways, often = zip(*WAYS, strict=True)
    [way] = random.Random(reference).choices(ways, often)
    return way[steps - 1] if steps - 1 < len(way) else None


async def _pushed(row: dict[str, object], state: ParcelState, manner: str) -> None:
    carrier = str(row["carrier"])
    codes = [code for code, one in statuses_of(carrier).items() if one.state is state and not one.flags]
    returning = state in (S.RETURNING, S.RETURNED)
    if codes:
        now = datetime.now(UTC)
        await push(int(str(row["id"])), codes[0], now=now, manner=manner, returning=returning)


async def _reshelve(dice: random.Random, others: Sequence[int]) -> None:
    """Goods that nobody buys here go off the shelf and come back: the index has to follow."""
    [row] = await sql("SELECT min(id) AS id FROM person")
    person, hidden = int(str(row["id"])), set[int]()
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        chosen = dice.choice(list(others))
        acts = (
            [partial(offer_listing, chosen, person_id=person), partial(approve_listing, chosen, by=person)]
            if chosen in hidden
            else [partial(hide_listing, chosen, person_id=person)]
        )
        hidden ^= {chosen}
        for act in acts:
            with contextlib.suppress(Conflict):  # it was done, and the answer was lost
                await patiently(act)
