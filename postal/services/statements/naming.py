"""A person names a statement's columns whose heads nobody knows: the file kept, columns said, confirmed, remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio.to_thread
from tortoise.exceptions import IntegrityError

from accounts.services import record
from kit.db import insert_all, locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.sheets import Sheet, read_sheet
from kit.text import fold
from postal.models import CarrierStatement, Parcel, StatementDraft, StatementMapping
from postal.parcel_code import normal_code
from postal.services.statements.taking import Incoming, digest_of, take_statement
from postal.statement_columns import faults_in, guessed, head_row
from postal.statement_sheet import HEAD_ROWS, StatedSheet, columns_by, heads_mark, read_lines

KEPT_MAX = 500
KNOWN_AMONG = 200
DRAFT_DAYS = 30
HEAD_KEPT = 200
DROPPED_AT_ONCE = 100
GONE = say("Tệp này đã nhập hoặc đã bỏ.")


@dataclass(frozen=True)
class Draft:
    """A file whose columns are to be named, its sheet, and the columns as guessed or said, by their places.

    `read` is what would be taken in, once columns were said.
    """

    id: int
    carrier: str
    name: str
    head: int
    sheet: Sheet
    columns: Mapping[str, int]
    read: StatedSheet | None


async def kept_columns(carrier: str) -> dict[str, tuple[int, dict[str, str]]]:
    """What persons named for this carrier's heads and still stands, by the heads' mark. One query."""
    rows = (
        await StatementMapping.filter(carrier=carrier, ended_at__isnull=True).order_by("-id").limit(KEPT_MAX)
    )
    return {one.mark: (one.id, one.columns) for one in rows}


async def keep_file(
    carrier: str, name: str, raw: bytes, sheet: Sheet, *, person_id: int, now: datetime
) -> int:
    """Keeps a file until its columns are named; its draft. The same file sent again is the same draft.

    Raises Conflict when this very file was taken in before.
    """
    digest, head = digest_of(raw), head_row(sheet, carrier)
    async with transaction():
        if await CarrierStatement.exists(digest=digest):
            raise Conflict(say("Tệp này đã nhập rồi, không nhập lần nữa."))
        row = StatementDraft(
            carrier=carrier,
            name=name[:120],
            digest=digest,
            content=raw,
            head=head,
            columns={},
            person_id=person_id,
            sent_at=now,
        )
        await insert_all([row], "ON CONFLICT (carrier, digest) WHERE closed_at IS NULL DO NOTHING")
        mine = StatementDraft.filter(carrier=carrier, digest=digest, closed_at__isnull=True)
        draft_id = int(str((await mine.values_list("id", flat=True))[0]))
        await record(person_id, "statement_file_kept", "statement_draft", str(draft_id), carrier=carrier)
    return draft_id


async def draft_of(draft_id: int, *, head: int | None = None) -> Draft:
    """A draft that waits, as its page shows it; `head` is another row of heads to look at. Raises NotFound."""
    row = await StatementDraft.get_or_none(id=draft_id, closed_at__isnull=True)
    if row is None:
        raise NotFound()
    kept = await kept_columns(row.carrier)
    return await anyio.to_thread.run_sync(_looked_at, row, kept, head)


async def say_columns(draft_id: int, head: int, said: Mapping[str, int]) -> dict[str, Sentence]:
    """Notes which column a person says holds what; what cannot be right, by field: then nothing is noted.

    Raises NotFound, Conflict when it was taken in or put away meanwhile.
    """
    row = await StatementDraft.get_or_none(id=draft_id, closed_at__isnull=True)
    if row is None:
        raise NotFound()
    sheet = await anyio.to_thread.run_sync(read_sheet, row.content)
    if not 0 <= head < min(len(sheet.rows), HEAD_ROWS):
        return {"head": say("Chọn dòng tiêu đề trong {n} dòng đầu.", n=min(len(sheet.rows), HEAD_ROWS))}
    faults = await anyio.to_thread.run_sync(faults_in, sheet, head, said)
    if not faults:
        async with transaction():
            held = await _held(draft_id)
            held.head, held.columns = head, dict(said)
            await held.save(update_fields=["head", "columns"])
    return faults


async def confirm_columns(draft_id: int, seen: Mapping[str, int], *, person_id: int, now: datetime) -> int:
    """Takes a file in by the columns that were said, and remembers them for this carrier's heads; the statement.

    `seen` is what the person saw a preview of. Raises NotFound, Conflict when columns were said anew since, when the
    draft is closed or the file was taken in; Refusal at `sheet` when a row cannot be read.
    """
    draft = await draft_of(draft_id)
    if draft.read is None or dict(draft.columns) != dict(seen):
        raise Conflict(say("Người khác vừa chọn lại cột. Xem thử lại rồi hãy xác nhận."))
    if draft.read.refused or draft.read.faults:
        raise Refusal(draft.read.refused or say("Có dòng chưa đọc được nên chưa nhập gì."), field="sheet")
    async with transaction():
        row = await _held(draft_id)
        if row.head != draft.head or row.columns != dict(seen):
            raise Conflict(say("Người khác vừa chọn lại cột. Xem thử lại rồi hãy xác nhận."))
        mapping_id = await _remembered(draft, person_id=person_id, now=now)
        incoming = Incoming(row.carrier, row.name, row.digest, draft.read.lines, mapping_id)
        row.statement_id = await take_statement(incoming, person_id=person_id, now=now)
        await _close(row, now)
    return int(row.statement_id)


async def put_away(draft_id: int, *, person_id: int, now: datetime) -> None:
    """Forgets a file whose columns nobody will name. Raises NotFound, Conflict when it is closed."""
    async with transaction():
        row = await _held(draft_id)
        await _close(row, now)
        await record(
            person_id, "statement_file_put_away", "statement_draft", str(row.id), carrier=row.carrier
        )


async def put_old_away(*, now: datetime) -> int:
    """Round, at night: forgets files that have waited for a month; how many."""
    old = StatementDraft.filter(closed_at__isnull=True, sent_at__lt=now - timedelta(days=DRAFT_DAYS))
    ids = [
        int(str(one))
        for one in await old.order_by("sent_at").limit(DROPPED_AT_ONCE).values_list("id", flat=True)
    ]
    async with transaction():
        for row in (await locked(StatementDraft, ids)).values():
            if row.closed_at is None:
                await _close(row, now)
    return len(ids)


async def end_mapping(mapping_id: int, *, person_id: int, now: datetime) -> None:
    """A naming holds no longer: the next file with these heads is asked about. Raises NotFound, Conflict."""
    async with transaction():
        row = (await locked(StatementMapping, [mapping_id])).get(mapping_id)
        if row is None:
            raise NotFound()
        if row.ended_at is not None:
            raise Conflict(say("Cách đọc này đã thôi dùng."))
        row.ended_at, row.ended_by = now, person_id
        await row.save(update_fields=["ended_at", "ended_by"])
        await record(
            person_id, "statement_columns_ended", "statement_mapping", str(row.id), carrier=row.carrier
        )


async def known_among(carrier: str, read: StatedSheet) -> tuple[int, int]:
    """How many of the first 200 lines name a parcel of this carrier, and of how many. Two queries."""
    lines = read.lines[:KNOWN_AMONG]
    waybills = {one.waybill for one in lines}
    codes = {normal_code(one.reference) for one in lines if one.reference}
    mine = Parcel.filter(carrier=carrier)
    found = await mine.filter(tracking_code__in=list(waybills)).values_list("tracking_code", "id")
    ours = await mine.filter(code__in=list(codes)).values_list("code", "id")
    by_waybill, by_code = {str(code) for code, _ in found}, {str(code) for code, _ in ours}
    known = [one for one in lines if one.waybill in by_waybill or normal_code(one.reference) in by_code]
    return len(known), len(lines)


def _looked_at(
    row: StatementDraft, kept: Mapping[str, tuple[int, dict[str, str]]], head: int | None
) -> Draft:
    """Reads the file again: by what was said; else guesses, by what stands for such heads before all."""
    sheet = read_sheet(row.content)
    at = row.head if head is None or not 0 <= head < min(len(sheet.rows), HEAD_ROWS) else head
    is_said = bool(row.columns) and at == row.head
    before = kept.get(heads_mark(sheet.rows[at]))
    guess = columns_by(sheet.rows[at], before[1]) if before else guessed(sheet, at, row.carrier)
    read = read_lines(sheet, at + 1, row.columns) if is_said else None
    return Draft(row.id, row.carrier, row.name, at, sheet, row.columns if is_said else guess, read)


async def _held(draft_id: int) -> StatementDraft:
    row = (await locked(StatementDraft, [draft_id])).get(draft_id)
    if row is None:
        raise NotFound()
    if row.closed_at is not None:
        raise Conflict(GONE)
    return row


async def _close(row: StatementDraft, now: datetime) -> None:
    """The file itself is kept no longer than it is needed."""
    row.content, row.closed_at = b"", now
    await row.save(update_fields=["content", "closed_at", "statement_id"])


async def _remembered(draft: Draft, *, person_id: int, now: datetime) -> int:
    """The naming that stands for these heads from now on: the same as before, or a new one that ends it."""
    heads = draft.sheet.rows[draft.head]
    mark, named = heads_mark(heads), {name: fold(heads[place]) for name, place in draft.columns.items()}
    before = await StatementMapping.get_or_none(carrier=draft.carrier, mark=mark, ended_at__isnull=True)
    if before is not None and before.columns == named:
        return int(before.id)
    try:
        async with transaction():
            standing = StatementMapping.filter(carrier=draft.carrier, mark=mark, ended_at__isnull=True)
            await standing.update(ended_at=now, ended_by=person_id)
            made = await StatementMapping.create(
                carrier=draft.carrier,
                mark=mark,
                heads=_written(heads),
                columns=named,
                said_by=person_id,
                said_at=now,
            )
    except IntegrityError:
        raise Conflict(say("Người khác vừa xác nhận cột cho bảng này. Gửi tệp lại.")) from None
    about = {
        "carrier": draft.carrier,
        "columns": {name: heads[n][:HEAD_KEPT] for name, n in draft.columns.items()},
    }
    await record(person_id, "statement_columns_named", "statement_mapping", str(made.id), **about)
    return int(made.id)


def _written(heads: Sequence[str]) -> list[str]:
    return [one[:HEAD_KEPT] for one in heads if one]
