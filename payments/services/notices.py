"""Notices of banks: written down first, once each, and worked later."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from kit.db import transaction, unheld
from kit.models import Job, JobState
from kit.origin import came_from
from kit.outbox import later
from payments.gate import StatementLine
from payments.models import Notice
from payments.services.writing_down import Told, write_down

SETTLE_JOB = "settle_notice"
FORGOTTEN_AFTER = timedelta(minutes=1)
SWEEP_ROWS_MAX = 100
log = logging.getLogger("payments")


@dataclass(frozen=True)
class Source:
    """Who told: a provider under the platform's key, or under a seller's own, which may settle only that seller's."""

    name: str
    bank_key_id: int | None = None
    vendor_id: int | None = None


SEPAY = Source("sepay")


async def record_notice(
    line: StatementLine, raw: str, *, now: datetime, source: Source = SEPAY, event_key: str = ""
) -> bool:
    """Writes a verified notice down and leaves the job that settles it; False when it was known already.

    A known key with another body keeps the first and is logged: providers' numbers are unique. `event_key` is the
    line's number at the provider unless given.
    """
    told = Told(
        source.name,
        event_key or line.provider_ref,
        raw,
        now,
        line.is_incoming,
        line.amount_dong,
        line.account_number,
        line.content,
        line.sub_account,
        line.our_ref,
        line.bank_reference,
        line.at,
        source.bank_key_id,
        source.vendor_id,
        came_from(),
    )
    if await write_down(told):
        return True
    await _log_if_other(told.source, told.event_key, raw)
    return False


async def record_unreadable(raw: str, *, now: datetime, source: Source = SEPAY) -> bool:
    """Keeps a rightly signed notice that nobody could read: it may speak of money. For a person, once each body."""
    key = "unread:" + hashlib.sha256(raw.encode()).hexdigest()[:40]
    row = Notice(
        source=source.name,
        event_key=key,
        body=raw,
        received_at=now,
        handled_at=now,
        verdict="unread",
        bank_key_id=source.bank_key_id,
        vendor_id=source.vendor_id,
    )
    return await _is_new(row)


async def leave_unhandled(*, now: datetime) -> int:
    """Leaves the settling job again for notices that wait for over a minute and have no job; how many.

    Those with a waiting job are on their way; those with a dead one are in an administrator's list.
    """
    async with transaction():
        waiting = Notice.filter(handled_at__isnull=True, received_at__lt=now - FORGOTTEN_AFTER)
        notices = await unheld(waiting.order_by("received_at"), limit=SWEEP_ROWS_MAX)
        jobs = Job.filter(name=SETTLE_JOB, subject_id__in=[one.id for one in notices])
        known = set(await jobs.exclude(state=JobState.DONE).values_list("subject_id", flat=True))
        forgotten = [one for one in notices if one.id not in known]
        for one in forgotten:
            await later("settle_notice", one.id)
    if forgotten:
        log.warning("%s notices had lost their job", len(forgotten))
    return len(forgotten)


async def _is_new(row: Notice) -> bool:
    try:
        async with transaction():
            await row.save()
    except IntegrityError:
        return False
    return True


async def _log_if_other(source: str, event_key: str, raw: str) -> None:
    first = await Notice.get(source=source, event_key=event_key)
    if first.body != raw:
        log.error("notice %s %s came again with another body; the first is kept", source, event_key)
