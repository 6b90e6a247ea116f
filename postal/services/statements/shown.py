"""Statements as the office reads them: all of them, one with its lines, and what carriers and staff still hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.dates import vietnam_date
from kit.db import select, sql, transaction
from kit.errors import NotFound
from kit.rules import rule_on
from postal.models import CarrierStatement, CarrierStatementLine, Parcel
from postal.services.alerts import AlertKind, alert
from postal.services.views import ParcelView, view_of
from postal.statements import MAY_COUNT, Verdict

PAGE_ROWS = 24
PAGES_MAX = 500
LATE_ROWS = 24
REMIT_RULE, REMIT_DAYS = "door_remit_days", 7
_COUNTS = """
    SELECT statement_id, count(*) FILTER (WHERE settled_at IS NULL AND verdict <> '')::int AS open,
        sum(remitted_dong)::bigint AS dong
    FROM carrier_statement_line WHERE statement_id = ANY($1) GROUP BY statement_id
"""
_HOLDING = """
    SELECT carrier, count(*)::int AS parcels, sum(cod_dong)::bigint AS dong FROM parcel
    WHERE cod_dong > 0 AND money IN ('collected', 'remitted', 'disputed')
    GROUP BY carrier ORDER BY carrier
"""
_LATE = """
    WHERE carrier <> 'staff' AND money IN ('collected', 'remitted', 'disputed') AND EXISTS (
        SELECT 1 FROM collection_step s WHERE s.parcel_id = parcel.id AND s.became = 'collected' AND s.at < $1)
    ORDER BY id LIMIT $2
"""
_LATE_BY_CARRIER = """
    SELECT p.carrier, count(*)::int AS parcels, sum(p.cod_dong)::bigint AS dong FROM parcel p
    WHERE p.carrier <> 'staff' AND p.money IN ('collected', 'remitted', 'disputed') AND EXISTS (
        SELECT 1 FROM collection_step s WHERE s.parcel_id = p.id AND s.became = 'collected' AND s.at < $1)
    GROUP BY p.carrier ORDER BY p.carrier
"""
_SHORT = """
    SELECT parcel_id, sum(short_dong)::bigint AS dong FROM collection_step
    WHERE parcel_id = ANY($1) GROUP BY parcel_id HAVING sum(short_dong) > 0
"""
_LINES = "WHERE statement_id = $1 {which} ORDER BY row OFFSET $2 LIMIT $3"


@dataclass(frozen=True)
class Holding:
    """What a carrier (or the own staff) has taken at doors and not brought to sellers, in đồng."""

    carrier: str
    parcels: int
    dong: int


@dataclass(frozen=True)
class StatementRow:
    """A statement in the list; `open` lines wait for a person; `mapping_id`: a person named its columns."""

    id: int
    carrier: str
    name: str
    rows: int
    open: int
    dong: int
    imported_at: datetime
    is_matched: bool
    mapping_id: int | None = None


@dataclass(frozen=True)
class StatementPage:
    """A page of statements, the newest first."""

    rows: list[StatementRow]
    page: int
    has_more: bool


@dataclass(frozen=True)
class LineRow:
    """One line beside its parcel. `short_dong` is what the carrier still owes of a line that counted."""

    line: CarrierStatementLine
    verdict: Verdict | None
    parcel: ParcelView | None
    may_count: bool
    short_dong: int


@dataclass(frozen=True)
class LinePage:
    """A page of one statement's lines, in the order of the file."""

    statement: StatementRow
    rows: list[LineRow]
    page: int
    has_more: bool


async def holdings() -> list[Holding]:
    """What everybody holds. One query."""
    rows = await sql(_HOLDING)
    return [Holding(str(row["carrier"]), int(str(row["parcels"])), int(str(row["dong"]))) for row in rows]


async def late_parcels(*, now: datetime) -> list[ParcelView]:
    """Up to 24 parcels delivered longer ago than carriers have to remit, the oldest first. Two queries."""
    return [view_of(one) for one in await select(Parcel, _LATE, [await _late_before(now), LATE_ROWS])]


async def remind_of_late(*, now: datetime) -> int:
    """Round, at night: puts each carrier before a person that delivered long ago and has not remitted; how many."""
    rows = await sql(_LATE_BY_CARRIER, [await _late_before(now)])
    async with transaction():
        for row in rows:
            detail = f"{row['parcels']} · {row['dong']} ₫"
            await alert(
                AlertKind.UNREMITTED, str(row["carrier"]), str(row["carrier"]), now=now, detail=detail
            )
    return len(rows)


async def _late_before(now: datetime) -> datetime:
    days = await rule_on(REMIT_RULE, vietnam_date(now))
    return now - timedelta(days=int(days or REMIT_DAYS))


async def statements(page: int = 1) -> StatementPage:
    """A page of all statements. Two queries."""
    page = max(1, min(page, PAGES_MAX))
    rows = CarrierStatement.all().order_by("-imported_at", "-id").offset((page - 1) * PAGE_ROWS)
    found = await rows.limit(PAGE_ROWS + 1)
    return StatementPage(await _rows(found[:PAGE_ROWS]), page, len(found) > PAGE_ROWS)


async def statement_lines(statement_id: int, page: int = 1, *, only_open: bool = False) -> LinePage:
    """A page of a statement's lines, all or those that wait. Raises NotFound."""
    found = await CarrierStatement.get_or_none(id=statement_id)
    if found is None:
        raise NotFound()
    page = max(1, min(page, PAGES_MAX))
    which = "AND settled_at IS NULL AND verdict <> ''" if only_open else ""
    rows = await select(
        CarrierStatementLine,
        _LINES.format(which=which),
        [statement_id, (page - 1) * PAGE_ROWS, PAGE_ROWS + 1],
    )
    [head] = await _rows([found])
    return LinePage(head, await _line_rows(rows[:PAGE_ROWS]), page, len(rows) > PAGE_ROWS)


async def _line_rows(lines: Sequence[CarrierStatementLine]) -> list[LineRow]:
    ids = [one.parcel_id for one in lines if one.parcel_id]
    parcels = {one.id: view_of(one) for one in await Parcel.filter(id__in=ids)} if ids else {}
    short = {int(str(row["parcel_id"])): int(str(row["dong"])) for row in await sql(_SHORT, [ids])}
    made = []
    for one in lines:
        verdict = Verdict(one.verdict) if one.verdict else None
        counted = verdict in MAY_COUNT and one.settled_at is not None
        owed_dong = short.get(one.parcel_id or 0, 0) if counted else 0
        may_count = verdict in MAY_COUNT and one.settled_at is None
        made.append(LineRow(one, verdict, parcels.get(one.parcel_id or 0), may_count, owed_dong))
    return made


async def _rows(found: Sequence[CarrierStatement]) -> list[StatementRow]:
    counts = {int(str(row["statement_id"])): row for row in await sql(_COUNTS, [[one.id for one in found]])}
    return [
        StatementRow(
            one.id,
            one.carrier,
            one.name,
            one.rows,
            int(str(counts[one.id]["open"])) if one.id in counts else 0,
            int(str(counts[one.id]["dong"])) if one.id in counts else 0,
            one.imported_at,
            one.matched_at is not None,
            one.mapping_id,
        )
        for one in found
    ]
