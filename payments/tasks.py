"""Jobs and rounds of payments."""

from kit.clock import Clock
from kit.db import transaction
from kit.outbox import Every, Task, TryAgain, every, later
from kit.parts import Parts
from payments.gate import GateFault
from payments.gates.register import Gates
from payments.services import audit_books, end_elsewhere, leave_looks, leave_unhandled
from payments.twins.orders import send_call
from payments.twins.pages import TWINS
from payments.twins.transfers import send_twin_notice

SWEEP_SECONDS = 60
NIGHTLY = 86400
LOOK_SECONDS = 20
OUTSIDE_SECONDS = 60


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


async def look_after_attempts(parts: Parts) -> None:
    """Leaves a look at every try to pay that is due for one."""
    await leave_looks(now=parts[Clock].now())


async def end_attempt(parts: Parts, attempt_id: int) -> None:
    """Ends a try at its provider: the payment was paid otherwise, or its order called off."""
    try:
        await end_elsewhere(attempt_id, parts[Gates].by_name, now=parts[Clock].now())
    except GateFault as fault:
        raise TryAgain(str(fault), seconds=OUTSIDE_SECONDS) from fault


async def send_twin_call(parts: Parts, call_id: int) -> None:
    """Posts what a pretend provider tells."""
    await send_call(parts, call_id, TWINS)


TASKS: list[Task] = [check_books, end_attempt, send_twin_call, send_twin_notice]
CRONS: list[Every] = [
    every(LOOK_SECONDS, look_after_attempts),
    every(SWEEP_SECONDS, sweep_notices),
    every(NIGHTLY, audit_ledger),
]
