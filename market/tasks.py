"""Jobs that need all packages: copies of a person's data, people who asked to be erased, the nightly audit."""

from datetime import timedelta

from kit.clock import Clock
from kit.db import transaction
from kit.media import Media
from kit.outbox import Every, Task, every, later
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings
from market.audit import GRACE, Span, audit, must_hold
from market.copies import drop_past_copies, make_copy_of
from market.erasing import erase_due, forget_old_orders
from search.engine import Engine

NIGHTLY_BACK = timedelta(days=40)


async def make_copy(parts: Parts, request_id: int) -> None:
    """Makes the copy that a person asked for."""
    keys = seal_keys(parts[Settings])
    await make_copy_of(request_id, media=parts[Media], keys=keys, now=parts[Clock].now())


async def erase_people(parts: Parts) -> None:
    """Every ten minutes: people whose erasure is due."""
    await erase_due(now=parts[Clock].now())


async def drop_copies(parts: Parts) -> None:
    """Every hour: copies whose days are over."""
    await drop_past_copies(parts[Media], now=parts[Clock].now())


async def forget_buyers(parts: Parts) -> None:
    """Every hour: buyers in orders whose term of keeping is over."""
    await forget_old_orders(now=parts[Clock].now())


async def leave_audit(parts: Parts) -> None:
    """Leaves the nightly audit as a job, so that what it finds lands among the dead letters."""
    async with transaction():
        await later("audit_market", parts[Clock].now().toordinal())


async def audit_market(parts: Parts, day: int) -> None:
    """Asks all auditors; fails loudly when one finds something. `day` is the ordinal of the night."""
    now = parts[Clock].now()
    must_hold(await audit(Span(now - NIGHTLY_BACK, now - GRACE), parts[Engine]))


TASKS: list[Task] = [make_copy, audit_market]
CRONS: list[Every] = [
    every(86400, leave_audit),
    every(600, erase_people),
    every(3600, drop_copies),
    every(3600, forget_buyers),
]
