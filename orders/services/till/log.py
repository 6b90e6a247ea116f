"""The till's log: what happened, numbered for each seller in the order of the commits, for screens to catch up from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from kit.db import is_in_transaction, sql
from kit.fanout import Fanout
from kit.outbox import announce
from orders.services.names import day_channel, till_channel

CAUGHT_UP_MAX = 50
CHANNEL = "till:"


class Happened(StrEnum):
    """What a till's event tells. The first six are spoken aloud."""

    PAID = "paid"
    PARTIAL = "partial"
    OVER = "over"
    AGAIN = "again"
    LATE = "late"
    PLATE = "plate"
    PROVED = "proved"
    CONFIRMED = "confirmed"
    ASKED = "asked"
    NOTED = "noted"
    CANCELLED = "cancelled"
    CLOSED = "closed"


@dataclass(frozen=True)
class TillNews:
    """One event. `amount_dong` is what came; `other_dong` what is lacking or too much."""

    seq: int
    kind: Happened
    sale_id: int | None
    amount_dong: int
    other_dong: int
    at: datetime


async def tell_till(
    vendor_id: int,
    kind: Happened,
    *,
    now: datetime,
    sale_id: int | None = None,
    amount_dong: int = 0,
    other_dong: int = 0,
) -> int:
    """Writes an event down and tells open screens after the commit; its number. Needs an open transaction().

    The seller's row is held until the commit, so that the numbers become visible in their order: a screen that
    has seen 7 has missed nothing before. Call it last.
    """
    if not is_in_transaction():
        raise RuntimeError("tell_till() needs an open transaction()")
    rows = await sql(
        "WITH counted AS (INSERT INTO till (vendor_id, seq) VALUES ($1, 1)"
        " ON CONFLICT (vendor_id) DO UPDATE SET seq = till.seq + 1 RETURNING seq)"
        " INSERT INTO till_event (vendor_id, seq, sale_id, kind, amount_dong, other_dong, at)"
        " SELECT $1, seq, $2, $3, $4, $5, $6 FROM counted RETURNING seq",
        [vendor_id, sale_id, str(kind), amount_dong, other_dong, now],
    )
    await announce(till_channel(vendor_id))
    await announce(day_channel(vendor_id))
    return int(str(rows[0]["seq"]))


async def till_news(vendor_id: int, after_seq: int) -> list[TillNews]:
    """Up to 50 events after this one, in order. One query."""
    rows = await sql(
        "SELECT seq, kind, sale_id, amount_dong, other_dong, at FROM till_event"
        " WHERE vendor_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        [vendor_id, after_seq, CAUGHT_UP_MAX],
    )
    return [_news(row) for row in rows]


async def till_seq(vendor_id: int) -> int:
    """The number of the newest event; 0 when there is none."""
    return (await _seqs([vendor_id])).get(vendor_id, 0)


async def wake_behind(fanout: Fanout) -> int:
    """Wakes the open screens that have not seen all there is, because news was lost; how many. One query for all."""
    seen = {int(channel.removeprefix(CHANNEL)): least for channel, least in fanout.seen(CHANNEL).items()}
    newest = await _seqs(list(seen)) if seen else {}
    behind = [vendor_id for vendor_id, seq in newest.items() if seq > seen[vendor_id]]
    for vendor_id in behind:
        fanout.wake(till_channel(vendor_id))
    return len(behind)


async def _seqs(vendor_ids: Sequence[int]) -> dict[int, int]:
    rows = await sql(
        "SELECT vendor_id, seq FROM till WHERE vendor_id = ANY($1::bigint[])", [list(vendor_ids)]
    )
    return {int(str(row["vendor_id"])): int(str(row["seq"])) for row in rows}


def _news(row: dict[str, object]) -> TillNews:
    sale_id = row["sale_id"]
    return TillNews(
        seq=int(str(row["seq"])),
        kind=Happened(str(row["kind"])),
        sale_id=None if sale_id is None else int(str(sale_id)),
        amount_dong=int(str(row["amount_dong"])),
        other_dong=int(str(row["other_dong"])),
        at=cast(datetime, row["at"]),
    )
