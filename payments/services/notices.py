"""Notices of banks: written down first, once each, and worked later."""

import hashlib
import logging
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from kit.db import transaction, unheld
from kit.models import Job, JobState
from kit.outbox import later
from payments.models import Notice
from payments.sepay_gate import SepayNotice

SETTLE_JOB = "settle_notice"
SOURCE = "sepay"
FORGOTTEN_AFTER = timedelta(minutes=1)
SWEEP_ROWS_MAX = 100
log = logging.getLogger("payments")


async def record_notice(notice: SepayNotice, raw: str, *, now: datetime) -> bool:
    """Writes a verified notice down and leaves the job that settles it; False when it was known already.

    A known key with another body keeps the first and is logged: SePay's ids are unique.
    """
    row = Notice(
        source=SOURCE,
        event_key=notice.event_key,
        body=raw,
        received_at=now,
        is_incoming=notice.is_incoming,
        amount_dong=notice.amount_dong,
        account_number=notice.account_number,
        content=notice.content,
        happened_at=notice.at,
    )
    async with transaction():
        if not await _is_new(row):
            await _log_if_other(row)
            return False
        await later("settle_notice", row.id)
    return True


async def record_unreadable(raw: str, *, now: datetime, source: str = SOURCE) -> bool:
    """Keeps a rightly signed notice that nobody could read: it may speak of money. For a person, once each body."""
    key = "unread:" + hashlib.sha256(raw.encode()).hexdigest()[:40]
    row = Notice(source=source, event_key=key, body=raw, received_at=now, handled_at=now, verdict="unread")
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


async def _log_if_other(row: Notice) -> None:
    first = await Notice.get(source=row.source, event_key=row.event_key)
    if first.body != row.body:
        log.error("notice %s %s came again with another body; the first is kept", row.source, row.event_key)
