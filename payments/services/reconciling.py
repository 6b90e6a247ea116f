"""Reconciling: a provider's list against what we were told; what is missing is fetched, the rest is listed."""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from accounts.services import record
from kit.db import locked, sql, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import say
from payments.gate import StatementLine
from payments.models import Difference, DifferenceState, Notice
from payments.services.notices import Source, record_notice

UNTOLD, DIFFERS, UNLISTED = "untold", "differs", "unlisted"
PAGE_ROWS = 24
LINES_AT_ONCE = 200
STUCK_NOTICE, STUCK_PART, STUCK_REVIEW = "stuck_notice", "stuck_part", "stuck_review"
NOTICE_WAITS, PART_WAITS, REVIEW_WAITS = timedelta(minutes=10), timedelta(hours=1), timedelta(days=3)
log = logging.getLogger("payments")

_STUCK = """
    INSERT INTO difference (kind, source, event_key, account_number, amount_dong, other_dong, content,
        happened_at, notice_id, payment_id, state, found_at, note)
    {found} ON CONFLICT (source, kind, event_key) DO NOTHING
"""
_FIND_STUCK = (
    _STUCK.format(
        found="""SELECT 'stuck_notice', source, left(event_key, 120), account_number, amount_dong, 0,
            left(content, 200), happened_at, id, NULL, 'open', $1, '' FROM notice
            WHERE handled_at IS NULL AND received_at < $2 ORDER BY received_at LIMIT 200"""
    ),
    _STUCK.format(
        found="""SELECT 'stuck_part', 'market', code, account_number, asked_dong, received_dong, '',
            expires_at, NULL, id, 'open', $1, '' FROM payment
            WHERE state IN ('pending', 'unknown') AND expires_at < $2 AND received_dong > 0
            ORDER BY expires_at LIMIT 200"""
    ),
    _STUCK.format(
        found="""SELECT 'stuck_review', 'market', code, account_number, asked_dong, received_dong, '',
            created_at, NULL, id, 'open', $1, '' FROM payment
            WHERE needs_review AND created_at < $2 ORDER BY created_at LIMIT 200"""
    ),
)
_FREE_AGAIN = (
    "UPDATE difference d SET state = 'settled', closed_at = $1 WHERE state = 'open' AND ("
    " (kind = 'stuck_notice' AND EXISTS (SELECT 1 FROM notice n WHERE n.id = d.notice_id"
    " AND n.handled_at IS NOT NULL))"
    " OR (kind = 'stuck_part' AND EXISTS (SELECT 1 FROM payment p WHERE p.id = d.payment_id"
    " AND (p.state NOT IN ('pending', 'unknown') OR p.received_dong = 0)))"
    " OR (kind = 'stuck_review' AND EXISTS (SELECT 1 FROM payment p WHERE p.id = d.payment_id"
    " AND NOT p.needs_review)))"
)


@dataclass(frozen=True)
class Compared:
    """How a list compared: lines looked at, notices fetched because nobody had told us, differences found."""

    lines: int
    fetched: int
    differences: int


@dataclass(frozen=True)
class DifferencePage:
    """Differences in one state, newest first; `has_more` when the next page holds some; how many are open in all."""

    differences: list[Difference]
    has_more: bool
    open_count: int


async def compare_lines(lines: Sequence[StatementLine], source: Source, *, now: datetime) -> Compared:
    """Takes a provider's lines: those never told are written down as notices would be, and settle like them.

    A line that says otherwise than its notice is a difference for a person: neither is changed.
    """
    fetched = differences = 0
    for start in range(0, len(lines), LINES_AT_ONCE):
        some = lines[start : start + LINES_AT_ONCE]
        keys = [line.provider_ref for line in some]
        told = {one.event_key: one for one in await Notice.filter(source=source.name, event_key__in=keys)}
        for line in some:
            notice = told.get(line.provider_ref)
            if notice is None:
                fetched += await _fetch(line, source, now)
            elif _says_otherwise(notice, line):
                differences += await _note(_difference(DIFFERS, source.name, line, now, notice))
    return Compared(len(lines), fetched, differences)


async def find_unlisted(
    lines: Sequence[StatementLine], source: Source, since: datetime, until: datetime, *, now: datetime
) -> int:
    """Notices of a time that the provider's whole list of that time lacks; how many are new differences."""
    listed = {line.provider_ref for line in lines}
    told = Notice.filter(source=source.name, happened_at__gte=since, happened_at__lte=until)
    found = 0
    for notice in await told.exclude(verdict="unread").order_by("id"):
        if notice.event_key not in listed:
            found += await _note(
                Difference(
                    kind=UNLISTED,
                    source=source.name,
                    event_key=notice.event_key,
                    account_number=notice.account_number,
                    amount_dong=notice.amount_dong,
                    content=notice.content[:200],
                    happened_at=notice.happened_at,
                    notice_id=notice.id,
                    found_at=now,
                )
            )
    return found


async def hunt_stuck(*, now: datetime) -> None:
    """Lists money that has not moved on for too long, once each, and takes off the list what has moved since."""
    async with transaction():
        for statement, waits in zip(_FIND_STUCK, (NOTICE_WAITS, PART_WAITS, REVIEW_WAITS), strict=True):
            await sql(statement, [now, now - waits])
        await sql(_FREE_AGAIN, [now])


async def differences(state: str, page: int) -> DifferencePage:
    """One page of the differences in a state. Two queries."""
    rows = Difference.filter(state=DifferenceState(state)).order_by("-found_at", "-id")
    found = await rows.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1).prefetch_related("payment")
    open_count = await Difference.filter(state=DifferenceState.OPEN).count()
    return DifferencePage(found[:PAGE_ROWS], len(found) > PAGE_ROWS, open_count)


async def difference_of(difference_id: int) -> Difference:
    """One difference. Raises NotFound."""
    row = await Difference.get_or_none(id=difference_id)
    if row is None:
        raise NotFound()
    return row


async def close_difference(
    difference_id: int, state: str, *, person_id: int, note: str, now: datetime
) -> None:
    """A person says what a difference was: explained, or settled. Raises NotFound, or Conflict when it is closed."""
    async with transaction():
        row = (await locked(Difference, [difference_id])).get(difference_id)
        if row is None:
            raise NotFound()
        if row.state is not DifferenceState.OPEN:
            raise Conflict(say("Chỗ lệch này đã có người làm xong."))
        row.state, row.closed_at, row.closed_by, row.note = DifferenceState(state), now, person_id, note
        await row.save(update_fields=["state", "closed_at", "closed_by", "note"])
        await record(person_id, "difference_closed", "difference", row.id, state=state, note=note)


async def _fetch(line: StatementLine, source: Source, now: datetime) -> bool:
    """Writes an untold line down, and says so in the list, already settled: the money finds its way by itself."""
    body = json.dumps({"listed": asdict(line)}, default=str, ensure_ascii=False)
    is_new = await record_notice(line, body, now=now, source=source)
    if is_new:
        told = await Notice.get(source=source.name, event_key=line.provider_ref)
        row = _difference(UNTOLD, source.name, line, now, told)
        row.state, row.closed_at = DifferenceState.SETTLED, now
        await _note(row)
        log.warning("line %s of %s was never told; fetched", line.provider_ref, source.name)
    return is_new


async def _note(row: Difference) -> bool:
    known = Difference.filter(source=row.source, kind=row.kind, event_key=row.event_key)
    if await known.exists():
        return False
    await row.save()
    return True


def _says_otherwise(notice: Notice, line: StatementLine) -> bool:
    if notice.verdict == "unread":
        return False
    said = (notice.amount_dong, notice.is_incoming, notice.account_number)
    return said != (line.amount_dong, line.is_incoming, line.account_number)


def _difference(kind: str, source: str, line: StatementLine, now: datetime, notice: Notice) -> Difference:
    return Difference(
        kind=kind,
        source=source,
        event_key=line.provider_ref,
        account_number=line.account_number,
        amount_dong=notice.amount_dong,
        other_dong=line.amount_dong,
        content=line.content[:200],
        happened_at=line.at,
        notice_id=notice.id,
        found_at=now,
    )
