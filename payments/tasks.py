"""Jobs and rounds of payments."""

import httpx2

from kit.clock import Clock
from kit.db import transaction
from kit.outbox import Every, Task, TryAgain, every, later
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings
from payments import list_tasks, refund_tasks
from payments.bank_gates import own_gate, own_links
from payments.gate import GateFault
from payments.gates.payos_links import PayosLinks
from payments.gates.register import Gates
from payments.services import audit_books, end_elsewhere, leave_looks, leave_unhandled
from payments.services.bank_keys import opened_key
from payments.services.links import take_back
from payments.services.tallies import tally_notices
from payments.twins.orders import send_call
from payments.twins.pages import TWINS
from payments.twins.transfers import send_twin_notice

SWEEP_SECONDS = 60
TALLY_SECONDS = 600
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


async def try_bank_key(parts: Parts, key_id: int) -> None:
    """Posts a test notice, signed with a seller's key, to that key's own address: both are proved at once."""
    settings = parts[Settings]
    key = await opened_key(key_id, seal_keys(settings))
    if key is None:
        return
    gate = own_gate(key.provider, key.secret, "", settings)
    headers, raw = gate.test_callback(parts[Clock].now())
    try:
        answer = await parts[httpx2.AsyncClient].post(
            settings.base_url + key.path, content=raw, headers=headers
        )
    except httpx2.HTTPError as lost:
        raise TryAgain(f"{type(lost).__name__}: {lost}", seconds=30) from lost
    if answer.status_code != 200:
        raise TryAgain(f"HTTP {answer.status_code}", seconds=30)


async def look_after_attempts(parts: Parts) -> None:
    """Leaves a look at every try to pay that is due for one."""
    await leave_looks(now=parts[Clock].now())


async def end_attempt(parts: Parts, attempt_id: int) -> None:
    """Ends a try at its provider: the payment was paid otherwise, or its order called off."""
    try:
        await end_elsewhere(attempt_id, parts[Gates].by_name, now=parts[Clock].now())
    except GateFault as fault:
        raise TryAgain(str(fault), seconds=OUTSIDE_SECONDS) from fault


async def take_back_link(parts: Parts, link_id: int) -> None:
    """Takes a payOS link back whose payment was paid otherwise."""
    settings, client = parts[Settings], parts[httpx2.AsyncClient]

    def opened(link_key: str, secret: str) -> PayosLinks:
        return own_links(link_key, secret, settings, client)

    try:
        await take_back(link_id, keys=seal_keys(settings), links=opened)
    except GateFault as fault:
        raise TryAgain(str(fault), seconds=OUTSIDE_SECONDS) from fault


async def send_twin_call(parts: Parts, call_id: int) -> None:
    """Posts what a pretend provider tells."""
    await send_call(parts, call_id, TWINS)


async def keep_tally(parts: Parts) -> None:
    """Counts the notices that were settled meanwhile, by verdict."""
    await tally_notices(now=parts[Clock].now())


TASKS: list[Task] = [
    check_books,
    end_attempt,
    send_twin_call,
    send_twin_notice,
    take_back_link,
    try_bank_key,
    *list_tasks.TASKS,
    *refund_tasks.TASKS,
]
CRONS: list[Every] = [
    every(LOOK_SECONDS, look_after_attempts),
    every(SWEEP_SECONDS, sweep_notices),
    every(TALLY_SECONDS, keep_tally),
    every(NIGHTLY, audit_ledger),
    *list_tasks.CRONS,
    *refund_tasks.CRONS,
]
