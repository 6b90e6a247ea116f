"""Time passes and everything settles: leases of the dead run out, what was put off comes due, until nothing waits."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta

from bench.chaos.callers import patiently
from kit.db import sql, transaction
from postal.services.booking import rebook
from postal.twins.parcels import push

LOOK_SECONDS = 0.5
log = logging.getLogger("chaos")
DEAD_AFTER_SECONDS = 25  # nobody's job lasts as long: whoever held it is gone
# Notices to people wait for the hours that people chose.
PATIENT = ["send_notice", "ask_mailbox"]
GROUPED = ["settle_notice", "book_parcel", "tell_of_order"]
_LEASES = (
    "UPDATE outbox_job SET leased_until = NULL WHERE state = 'waiting' AND leased_until IS NOT NULL AND leased_until"
    " < now() + (CASE WHEN name = ANY($1) THEN interval '20 s' ELSE interval '60 s' END) - $2 * interval '1 s'"
)
_ASKED = (
    "UPDATE parcel SET asked_at = asked_at - interval '2 minutes' WHERE booking = 'asked'"
    " AND asked_at < now() - $1 * interval '1 s'"
)
_PUT_OFF = (
    "UPDATE outbox_job SET due_at = now() - interval '5 s' WHERE state = 'waiting' AND leased_until IS NULL"
    " AND due_at > now() - interval '5 s'"
    " AND due_at < now() + interval '3 hours' AND name <> ALL($1)"
)
_TRIES = (
    "UPDATE payment_attempt SET next_query_at = now() WHERE next_query_at > now() AND state IN"
    " ('created', 'pending', 'authorized', 'unknown') AND EXISTS (SELECT 1 FROM twin_order t"
    " WHERE t.gate = payment_attempt.gate AND t.reference LIKE '%' || payment_attempt.reference"
    " AND t.state <> 'pending')"
)
_REFUNDS = (
    "UPDATE refund SET next_look_at = now() WHERE next_look_at > now() AND way = 'gate'"
    " AND state IN ('sent', 'pending', 'unknown')"
)
_FORGERS = "UPDATE {} SET sends_left = 0 WHERE is_forged AND sends_left > 0"  # they would try ten times
_WAITING = """
    SELECT (SELECT count(*) FROM notice WHERE handled_at IS NULL) AS notices,
        (SELECT count(*) FROM carrier_notice WHERE handled_at IS NULL) AS news,
        (SELECT count(*) FROM outbox_job WHERE state = 'waiting' AND name <> ALL($1)
            AND due_at < now() + interval '3 hours') AS jobs,
        (SELECT count(*) FROM payment_attempt a JOIN twin_order t ON t.gate = a.gate
            AND t.of_reference = '' AND t.reference LIKE '%' || a.reference 
            WHERE t.state = 'paid' AND a.received_dong = 0) AS tries,
        (SELECT count(*) FROM refund WHERE way = 'gate' AND state IN ('requested', 'sent', 'unknown')) AS refunds,
        (SELECT count(*) FROM index_debt) AS debts,
        (SELECT count(*) FROM joint_parcel WHERE state = 'packed' AND parcel_id IS NULL) AS joints,
        (SELECT count(*) FROM parcel WHERE booking IN ('waiting', 'asked', 'unknown')) AS bookings,
        (SELECT count(*) FROM customer_order WHERE state = 'paid' AND parcel_id IS NULL AND handing IN ('door', 'point')
            AND (ships_from IS NULL OR ships_from <= now()::date)) AS unposted
"""
_UNTOLD = """
    SELECT t.id FROM twin_parcel t JOIN parcel p ON p.code = t.reference AND p.carrier = t.carrier
    WHERE t.carrier = 'viettel_post' AND p.booking = 'unknown' AND t.changed_at < now() - interval '3 s'
"""
_NEVER_GOT = """
    SELECT p.id FROM parcel p WHERE p.carrier = 'viettel_post' AND p.booking = 'unknown'
        AND NOT EXISTS (SELECT 1 FROM twin_parcel t WHERE t.carrier = p.carrier AND t.reference = p.code)
"""
PICKED_UP = "105"


async def settle(seconds: float) -> float:
    """Lets time pass until nothing waits, at most so many seconds; gives how many it took. TimeoutError with counts."""
    began = time.monotonic()
    waiting = {"everything": 1}
    while any(waiting.values()):
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"after {seconds:.0f} s there still wait {waiting}")
        await patiently(pass_time)
        await asyncio.sleep(LOOK_SECONDS)
        [row] = await patiently(lambda: sql(_WAITING, [PATIENT]))
        waiting = {name: int(str(count)) for name, count in row.items()}
        log.info("waiting: %s", waiting)
    return time.monotonic() - began


async def pass_time() -> None:
    """Leases of killed workers are over, what was put off is due, lost bookings are told of or looked for."""
    await free_the_dead()
    await hurry()
    await sql(_TRIES)
    await sql(_REFUNDS)
    for table in ("twin_push", "twin_call"):
        await sql(_FORGERS.format(table))
    await viettel_tells()
    await clerk_looks()


async def free_the_dead(*, after_seconds: int = DEAD_AFTER_SECONDS) -> None:
    """What a worker holds for longer than that is free, as if it had been killed and its lease had run out."""
    await sql(_LEASES, [GROUPED, after_seconds])
    await sql(_ASKED, [after_seconds])


async def hurry() -> None:
    """What was put off for up to three hours is due."""
    await sql(_PUT_OFF, [PATIENT])


async def viettel_tells() -> None:
    """Viettel Post, who can be asked nothing, tells of its parcels: that is how lost ones are adopted."""
    for row in await sql(_UNTOLD):
        await push(int(str(row["id"])), PICKED_UP, now=datetime.now(UTC))


async def clerk_looks() -> None:
    """What Viettel Post never got, for its worker died first, a clerk misses in its list and gives it once more."""
    for row in await sql(_NEVER_GOT):
        async with transaction():
            await rebook(int(str(row["id"])), "viettel_post", now=datetime.now(UTC))


def moment_ago() -> datetime:
    """Before this nothing may be under way any more."""
    return datetime.now(UTC) - timedelta(seconds=1)
