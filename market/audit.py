"""The auditors: what must hold of the whole market at any moment, each a question that names what breaks it.

`python -m market.cli audit` asks them all, a job each night, and the fault tests after their load (docs/faults.md).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.dates import vietnam_date
from kit.db import snapshot
from kit.outbox import stuck_jobs
from kit.rows import Row
from orders.services import auditing as orders
from orders.services import auditing_handed as handed
from payments.services import auditing as money
from postal.services import auditing as post
from search.engine import Engine, EngineAway, EngineBroken
from search.services import unlike_listings
from vendors.services import auditing as shelves

GRACE = timedelta(minutes=10)
LOOKED_BACK = timedelta(days=400)


@dataclass(frozen=True)
class Span:
    """What is looked at: all since then; what began after `before` may still be under way."""

    since: datetime
    before: datetime


@dataclass(frozen=True)
class Audited:
    """What one auditor found: nothing, or rows that say what is wrong (twenty at most)."""

    name: str
    rows: list[Row]


class MarketWrong(Exception):
    """What must hold of the market does not; the text says where."""


Auditor = Callable[[Span], Awaitable[list[Row]]]


async def _stuck_jobs(span: Span) -> list[Row]:
    return [
        {
            "job": one.id,
            "name": one.name,
            "of": one.subject_id,
            "state": str(one.state),
            "tries": one.attempts,
        }
        | ({"last_error": one.last_error[:300]} if one.last_error else {})
        for one in await stuck_jobs(before=span.before)
    ]


AUDITORS: Mapping[str, Auditor] = {
    "ledger balanced": lambda _: money.unbalanced(),
    "notices settled": lambda span: money.unsettled_notices(before=span.before),
    "notices booked once": lambda span: money.miscounted_notices(since=span.since),
    "tries booked as paid": lambda span: money.unbooked_tries(since=span.since),
    "payments paid in full": lambda _: money.half_paid(),
    "cash box as paid in": lambda _: money.wrong_box(),
    "orders step by step": lambda span: orders.wrong_steps(since=span.since),
    "orders as their money": lambda span: orders.unlike_money(since=span.since),
    "paid orders have parcels": lambda span: orders.without_parcel(before=span.before),
    "orders as their parcels": lambda span: orders.unlike_parcel(since=span.since, before=span.before),
    "weights paid before sending": lambda span: orders.uneven_weights(before=span.before),
    "parcels booked": lambda span: post.stuck_bookings(before=span.before),
    "parcels as told": lambda span: post.misfolded(since=span.since),
    "carriers' news read": lambda span: post.unread_news(before=span.before),
    "shelves as their moves": lambda _: shelves.wrong_shelves(),
    "goods end once": lambda _: shelves.ended_twice(),
    "goods kept as ordered": lambda _: orders.goods_not_kept(),
    "refunds as booked": lambda _: money.misbooked_refunds(),
    "goods fetched once": lambda span: handed.wrongly_fetched(since=span.since),
    "shared parcels whole": lambda span: handed.broken_joints(since=span.since, before=span.before),
    "shortages as answered": lambda span: handed.wrong_shortages(since=span.since),
    "doors as booked": lambda span: handed.wrong_doors(before=span.before),
    "stall sales as booked": lambda span: handed.wrong_sales(since=span.since),
    "revenue as counted": lambda span: handed.unlike_book(since=span.since, before=span.before),
    "tills without gaps": lambda _: orders.till_gaps(),
    "no job stuck": _stuck_jobs,
}
INDEX = "search as the database"


async def audit(span: Span, engine: Engine | None = None) -> list[Audited]:
    """Asks all auditors in one moment of the database, then the index beside it; needs a connected process."""
    async with snapshot():
        found = await asked(span)
    return found if engine is None else [*found, Audited(INDEX, await _of_index(engine, span))]


async def asked(span: Span) -> list[Audited]:
    """All auditors of the database, one after the other."""
    return [Audited(name, await ask(span)) for name, ask in AUDITORS.items()]


def must_hold(found: list[Audited]) -> None:
    """Raises MarketWrong with all that was found, if anything was."""
    if any(one.rows for one in found):
        raise MarketWrong("\n".join(line for line in lines(found) if not line.startswith("ok")))


async def _of_index(engine: Engine, span: Span) -> list[Row]:
    try:
        return await unlike_listings(engine, today=vietnam_date(span.before))
    except (EngineAway, EngineBroken) as trouble:
        return [{"wrong": f"the index cannot be read: {trouble}"}]


def lines(found: list[Audited]) -> list[str]:
    """The findings for a screen: a line for each auditor, what it found below it."""
    said = []
    for one in found:
        said.append(f"{'BAD ' if one.rows else 'ok  '} {one.name}")
        said += ["       " + ", ".join(f"{name} {value}" for name, value in row.items()) for row in one.rows]
    return said
