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
from postal.twins.parcels import push

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
    SELECT (SELECT count(*) FROM customer_order WHERE group_code LIKE 'FAULT%') AS orders,
        (SELECT count(*) FROM parcel p JOIN customer_order o ON o.parcel_id = p.id WHERE o.group_code LIKE 'FAULT%')
            AS parcels,
        (SELECT count(*) FROM parcel p JOIN customer_order o ON o.parcel_id = p.id WHERE o.group_code LIKE 'FAULT%'
            AND p.booking = 'booked' AND p.tracking_code <> '') AS booked,
        (SELECT count(*) FROM twin_parcel) AS made,
        (SELECT count(DISTINCT (carrier, reference)) FROM twin_parcel) AS distinct_made,
        (SELECT count(*) FROM parcel p JOIN twin_parcel t ON t.carrier = p.carrier AND t.number = p.tracking_code
            AND t.reference = p.code) AS agreed,
        (SELECT count(*) FROM outbox_job WHERE state = 'dead') AS dead
"""
# What a killed worker held is free again, as if its leases had run out; what waits for later waits no longer.
_FREE = (
    "UPDATE outbox_job SET leased_until = NULL WHERE state = 'waiting' AND leased_until IS NOT NULL",
    "UPDATE parcel SET asked_at = asked_at - interval '2 minutes' WHERE booking = 'asked'",
)
_HURRY = (
    "UPDATE outbox_job SET due_at = now() WHERE state = 'waiting' AND leased_until IS NULL AND due_at > now()"
)


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


async def free_what_was_held() -> None:
    """Time passes for what a killed worker held."""
    for statement in _FREE:
        await sql(statement)


async def hurry() -> None:
    """What waits for later waits no longer."""
    await sql(_HURRY)


async def sums() -> Sums:
    """The counts now."""
    [row] = await sql(_SUMS)
    return Sums(**{name: int(str(value)) for name, value in row.items()})


async def viettel_tells() -> None:
    """Viettel Post, who can be asked nothing, tells of its parcels: that is how lost ones are adopted."""
    rows = await sql(
        "SELECT t.id FROM twin_parcel t JOIN parcel p ON p.code = t.reference AND p.carrier = t.carrier"
        " WHERE t.carrier = 'viettel_post' AND p.booking = 'unknown' AND jsonb_array_length(t.steps) = 1"
    )
    for row in rows:
        await push(int(str(row["id"])), "103", now=datetime.now(UTC))


async def waybills() -> int:
    """How many pretend parcels there are, for a look in the middle."""
    return await TwinParcel.all().count()
