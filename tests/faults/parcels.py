"""Many paid orders at once in a running market, for four carriers and the own staff, some of them ill-starred."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from kit.db import connect, disconnect, insert_all, sql, transaction
from kit.outbox import later_each, later_one
from orders.models import Order, OrderLine
from orders.states import OrderState
from postal.models import TwinParcel

T = TypeVar("T")
CARRIERS = ("viettel_post", "vnpost", "ghn", "ghtk", "staff")
WEIGHTS_G = (
    1_200,
    1_504,
    900,
    1_205,
    700,
    600,
)  # of six, one is made without an answer, one with a garbled one
PREFIX = "FAULT"
_SUMS = """
    WITH made AS (SELECT t.* FROM twin_parcel t JOIN parcel p ON p.code = t.reference
        JOIN customer_order o ON p.reference = 'order:' || o.id WHERE o.group_code LIKE 'FAULT%')
    SELECT (SELECT count(*) FROM customer_order WHERE group_code LIKE 'FAULT%') AS orders,
        (SELECT count(*) FROM parcel p JOIN customer_order o ON o.parcel_id = p.id WHERE o.group_code LIKE 'FAULT%')
            AS parcels,
        (SELECT count(*) FROM parcel p JOIN customer_order o ON o.parcel_id = p.id WHERE o.group_code LIKE 'FAULT%'
            AND p.booking = 'booked' AND p.tracking_code <> '') AS booked,
        (SELECT count(*) FROM made) AS made,
        (SELECT count(DISTINCT (carrier, reference)) FROM made) AS distinct_made,
        (SELECT count(*) FROM parcel p JOIN made ON made.carrier = p.carrier AND made.number = p.tracking_code
            AND made.reference = p.code) AS agreed,
        (SELECT count(*) FROM outbox_job WHERE state = 'dead') AS dead
"""


@dataclass(frozen=True)
class Sums:
    """How many there are of everything."""

    orders: int
    parcels: int
    booked: int
    made: int
    distinct_made: int
    agreed: int
    dead: int


def inside(url: str, work: Callable[[], Awaitable[T]]) -> T:
    """Runs something against a running market's database."""

    async def run() -> T:
        await connect(url)
        try:
            return await work()
        finally:
            await disconnect()

    return asyncio.run(run())


async def know_places() -> None:
    """Leaves the job that fetches carriers' communes."""
    async with transaction():
        await later_one("sync_carrier_areas")


async def places_known() -> bool:
    """Whether both carriers with numbers of their own are known."""
    rows = await sql("SELECT count(DISTINCT carrier) AS n FROM carrier_area")
    return int(str(rows[0]["n"])) == 2


async def place_paid(count: int) -> None:
    """So many paid orders, copies of one of the demo's, and the jobs that book their parcels."""
    like = await Order.filter(parcel_code__not="").order_by("id").first().prefetch_related("lines")
    assert like is not None
    line: OrderLine = next(iter(like.lines))
    now = datetime.now(UTC)
    await insert_all([_order(like, number, now) for number in range(count)])
    rows = await sql("SELECT id FROM customer_order WHERE group_code LIKE 'FAULT%' ORDER BY id")
    ids = [int(str(row["id"])) for row in rows]
    await insert_all([_line(line, id, WEIGHTS_G[place % len(WEIGHTS_G)]) for place, id in enumerate(ids)])
    async with transaction():
        await later_each("book_parcel", ids)


def _order(like: Order, number: int, now: datetime) -> Order:
    changed: dict[str, Any] = {
        "code": f"F{number:08}",
        "group_code": f"{PREFIX}{number:06}",
        "state": OrderState.PAID,
        "carrier": CARRIERS[number % len(CARRIERS)],
        "carrier_service": "",
        "parcel_id": None,
        "parcel_code": "",
        "placed_at": now,
        "paid_at": now,
        "ships_from": None,
        "ships_to": None,
    }
    kept = {name: getattr(like, name) for name in like._meta.fields_db_projection if name != "id"}
    return Order(**{**kept, **changed})


def _line(like: OrderLine, order_id: int, weight_g: int) -> OrderLine:
    kept = {name: getattr(like, name) for name in like._meta.fields_db_projection if name != "id"}
    return OrderLine(
        **{**kept, "order_id": order_id, "weight_g": weight_g, "quantity": 1, "sum_dong": like.price_dong}
    )


async def sums() -> Sums:
    """The counts now."""
    [row] = await sql(_SUMS)
    return Sums(**{name: int(str(value)) for name, value in row.items()})


async def waybills() -> int:
    """How many pretend parcels there are, for a look in the middle."""
    return await TwinParcel.all().count()
