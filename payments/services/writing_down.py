"""Writing notices down: those that come in while one is being written go into the next statement together.

Each is answered only after its own row and job are committed; a statement is all or nothing for those in it.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from kit.db import is_in_transaction, sql
from kit.outbox import LEAVE_JOBS, push_left

AT_ONCE = 100


class Told(NamedTuple):
    """A notice's columns, in the order of the statement; at the end what its job takes along."""

    source: str
    event_key: str
    body: str
    received_at: datetime
    is_incoming: bool
    amount_dong: int
    account_number: str
    content: str
    sub_account: str
    said_code: str
    bank_reference: str
    happened_at: datetime
    bank_key_id: int | None
    vendor_id: int | None
    came_from: str


_TOLD = """
    WITH told AS (
        INSERT INTO notice (source, event_key, body, received_at, is_incoming, amount_dong, account_number, content,
            sub_account, said_code, bank_reference, happened_at, bank_key_id, vendor_id, verdict)
        SELECT *, '' FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bool[], $6::bigint[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::bigint[],
            $14::bigint[])
        ON CONFLICT (source, event_key) DO NOTHING RETURNING id, source, event_key
    ), subjects AS (
        SELECT DISTINCT ON (id) 'settle_notice' AS name, id, came_from FROM told
        JOIN unnest($1::text[], $2::text[], $15::text[]) AS sent (source, event_key, came_from)
            USING (source, event_key)
    ), jobs AS ("""
_NEW = """, subject_id)
    SELECT told.source, told.event_key, jobs.id AS job FROM told JOIN jobs ON jobs.subject_id = told.id
    ORDER BY jobs.id"""
_WRITE = _TOLD + LEAVE_JOBS + _NEW


class _Desk:
    """Who waits to be written down in this process; one of them at a time writes for all."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Told, asyncio.Future[bool]]] = []
        self.pen = asyncio.Lock()

    async def write(self, told: Told) -> bool:
        """Whether it is new, once it is committed."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waiting.append((told, answer))
        async with self.pen:
            if not answer.done():
                some, self.waiting = self.waiting[:AT_ONCE], self.waiting[AT_ONCE:]
                await self._write(some)
        return await answer

    async def _write(self, some: Sequence[tuple[Told, asyncio.Future[bool]]]) -> None:
        try:
            new = await _written([told for told, _ in some])
        except BaseException as fault:
            for _, answer in some:
                if not answer.done():
                    answer.set_exception(fault if isinstance(fault, Exception) else RuntimeError(repr(fault)))
            raise
        for told, answer in some:
            key = told.source, told.event_key
            if not answer.done():
                answer.set_result(key in new)
            new.discard(key)


_desk = _Desk()


async def write_down(told: Told) -> bool:
    """Writes a notice and leaves its settling job, in one statement with others that wait; False when it was known."""
    if is_in_transaction():
        return bool(await _written([told]))
    return await _desk.write(told)


async def _written(some: Sequence[Told]) -> set[tuple[str, str]]:
    """Source and key of those that are new. One job is pushed: whoever works it takes all that wait."""
    rows = await sql(_WRITE, [list(column) for column in zip(*some, strict=True)])
    await push_left("settle_notice", [int(str(row["job"])) for row in rows[:1]])
    return {(str(row["source"]), str(row["event_key"])) for row in rows}
