"""What goes on beside the buyers: carriers bring parcels along and tell of it, sellers take goods off the shelf."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from bench.chaos.callers import patiently
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
PAUSE_SECONDS = 1.0
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


@asynccontextmanager
async def busy(seed: int, goods: Sequence[str]) -> AsyncIterator[None]:
    """Carriers and sellers at work inside."""
    others = [int(str(row["id"])) for row in await sql(_OTHERS, [list(goods)])]
    async with AsyncExitStack() as stack:
        for work in (_carry(random.Random(f"post of {seed}")), _reshelve(random.Random(f"{seed}"), others)):
            task = asyncio.create_task(work)
            stack.push_async_callback(_ended, task)
        yield


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
