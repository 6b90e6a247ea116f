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
_TELL = """
    WITH told AS (
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) WITH ORDINALITY
            AS told (vendor_id, kind, sale_id, amount_dong, other_dong, place)
    ), counted AS (
        INSERT INTO till (vendor_id, seq) SELECT vendor_id, count(*) FROM told GROUP BY vendor_id ORDER BY vendor_id
        ON CONFLICT (vendor_id) DO UPDATE SET seq = till.seq + excluded.seq RETURNING vendor_id, seq
    )
    INSERT INTO till_event (vendor_id, seq, sale_id, kind, amount_dong, other_dong, at)
    SELECT vendor_id, seq + 1 - row_number() OVER (PARTITION BY vendor_id ORDER BY place DESC), sale_id, kind,
        amount_dong, other_dong, $6
    FROM told JOIN counted USING (vendor_id) ORDER BY place
"""


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


@dataclass(frozen=True)
class Said:
    """What is to be told at a seller's till."""

    vendor_id: int
    kind: Happened
    sale_id: int | None = None
    amount_dong: int = 0
    other_dong: int = 0


async def tell_till(
    vendor_id: int,
    kind: Happened,
    *,
    now: datetime,
    sale_id: int | None = None,
    amount_dong: int = 0,
    other_dong: int = 0,
) -> None:
    """Writes an event down and tells open screens after the commit. Needs an open transaction().

    The seller's row is held until the commit, so that the numbers become visible in their order: a screen that
    has seen 7 has missed nothing before. Call it last.
    """
    await tell_tills([Said(vendor_id, kind, sale_id, amount_dong, other_dong)], now=now)


async def tell_tills(events: Sequence[Said], *, now: datetime) -> None:
    """The same for events of several sellers, whose rows are taken in the order of their numbers."""
    if not is_in_transaction():
        raise RuntimeError("tell_tills() needs an open transaction()")
    if not events:
        return
    columns = [
        [one.vendor_id for one in events],
        [str(one.kind) for one in events],
        [one.sale_id for one in events],
        [one.amount_dong for one in events],
        [one.other_dong for one in events],
    ]
    await sql(_TELL, [*columns, now])
    vendor_ids = sorted({one.vendor_id for one in events})
    await announce(*(channel(id) for id in vendor_ids for channel in (till_channel, day_channel)))


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
