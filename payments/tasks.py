"""Jobs and rounds of payments."""

from kit.clock import Clock
from kit.db import transaction
from kit.outbox import Every, Task, every, later
from kit.parts import Parts
from payments.services import audit_books, leave_unhandled
from payments.twins.transfers import send_twin_notice

SWEEP_SECONDS = 60
NIGHTLY = 86400


async def sweep_notices(parts: Parts) -> None:
    """Finds notices whose settling job was lost, and leaves it again."""
    await leave_unhandled(now=parts[Clock].now())


async def audit_ledger(parts: Parts) -> None:
    """Leaves the nightly look into the books as a job, so that what it finds lands among the dead letters."""
    async with transaction():
        await later("check_books", parts[Clock].now().toordinal())


async def check_books(parts: Parts, day: int) -> None:
    """Looks into the books; fails loudly when they are wrong. `day` is the ordinal of the night."""
    await audit_books(now=parts[Clock].now())


TASKS: list[Task] = [check_books, send_twin_notice]
CRONS: list[Every] = [every(SWEEP_SECONDS, sweep_notices), every(NIGHTLY, audit_ledger)]
