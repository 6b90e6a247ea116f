"""Taking a statement in: written down first, once for each file, then every line looked at beside its parcel."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tortoise.exceptions import IntegrityError

from accounts.services import record
from kit.db import insert_all, locked, select, sql, transaction
from kit.errors import Conflict
from kit.i18n import say
from kit.outbox import later
from postal.models import CarrierStatement, CarrierStatementLine, Parcel
from postal.parcel_code import normal_code
from postal.services.alerts import AlertKind, alert
from postal.services.collecting import step_money
from postal.statement_sheet import StatedLine
from postal.statements import BY_THEMSELVES, MAY_COUNT, Known, Stated, Verdict, verdict_on
from postal.states import MoneyState

AT_ONCE = 200
SOON = {Verdict.SHORT: MoneyState.DISPUTED, Verdict.OVER: MoneyState.DISPUTED}
_WAITING = "WHERE statement_id = $1 AND verdict = '' ORDER BY row LIMIT $2"
_STATED = """
    SELECT DISTINCT parcel_id FROM carrier_statement_line
    WHERE parcel_id = ANY($1) AND verdict IN ('fits', 'short', 'over', 'fee_differs')
"""
_SHORT = """
    SELECT parcel_id, sum(short_dong)::bigint AS dong FROM collection_step WHERE parcel_id = ANY($1) GROUP BY parcel_id
"""


@dataclass(frozen=True)
class Incoming:
    """A statement as somebody brings it: whose it is, the file's name and mark, its lines, and whose naming read it."""

    carrier: str
    name: str
    digest: str
    lines: Sequence[StatedLine]
    mapping_id: int | None = None


def digest_of(raw: bytes) -> str:
    """The mark of a file: the same file is taken in once, whatever it is called."""
    return hashlib.sha256(raw).hexdigest()


async def take_statement(incoming: Incoming, *, person_id: int, now: datetime) -> int:
    """Writes a statement down as it came, all its lines or none, and leaves the job that matches them; its number.

    Raises Conflict when this very file was taken in before, by whomever.
    """
    try:
        async with transaction():
            made = await CarrierStatement.create(
                carrier=incoming.carrier,
                name=incoming.name[:120],
                digest=incoming.digest,
                rows=len(incoming.lines),
                person_id=person_id,
                imported_at=now,
                mapping_id=incoming.mapping_id,
            )
            await insert_all([_row(made.id, one) for one in incoming.lines])
            await later("match_statement", made.id)
            await record(
                person_id,
                "statement_imported",
                "carrier_statement",
                str(made.id),
                carrier=incoming.carrier,
                rows=len(incoming.lines),
                **({"mapping": incoming.mapping_id} if incoming.mapping_id else {}),
            )
    except IntegrityError:
        raise Conflict(say("Tệp này đã nhập rồi, không nhập lần nữa.")) from None
    return int(made.id)


async def match_statement(statement_id: int, *, now: datetime) -> None:
    """Job: gives up to 200 lines their verdicts and leaves itself until none is left; what fits is reconciled.

    Locks the statement, then the parcels in the order of their numbers.
    """
    async with transaction():
        statement = (await locked(CarrierStatement, [statement_id]))[statement_id]
        if statement.matched_at is not None:
            return
        lines = await select(CarrierStatementLine, _WAITING, [statement_id, AT_ONCE])
        await match_lines(statement.carrier, lines, now=now)
        if len(lines) == AT_ONCE:
            await later("match_statement", statement_id)
            return
        statement.matched_at = now
        await statement.save(update_fields=["matched_at"])
        open_ones = CarrierStatementLine.filter(statement_id=statement_id, settled_at__isnull=True)
        differing = await open_ones.count()
        if differing:
            name = f"{statement.name} #{statement.id}"
            await alert(AlertKind.STATEMENT, statement.carrier, name, now=now, detail=f"{differing} ≠")


async def match_lines(carrier: str, lines: Sequence[CarrierStatementLine], *, now: datetime) -> None:
    """Finds each line's parcel, and says what the line means; what fits is done. Needs an open transaction()."""
    ids = await _parcels_of(carrier, lines)
    parcels = await locked(Parcel, set(ids.values()))
    known = await _known(parcels)
    for line in lines:
        parcel = parcels.get(ids.get(line.id, 0))
        seen = known.get(parcel.id) if parcel else None
        verdict = verdict_on(said_by(line), seen)
        line.parcel_id, line.verdict = parcel.id if parcel else None, str(verdict)
        if parcel is not None and seen is not None:
            known[parcel.id] = await _move(parcel, line, verdict, seen, now=now)
        if verdict in BY_THEMSELVES:
            line.settled_at = now
        await line.save(update_fields=["parcel_id", "verdict", "settled_at"])


async def reconcile(
    parcel: Parcel, line: CarrierStatementLine, *, person_id: int | None, now: datetime
) -> None:
    """A line counts: the carrier has paid the seller, less its fee and what it still owes. The parcel is locked.

    Of a parcel that was paid beforehand only the fee stands there, unless the carrier collected all the same.
    """
    dong = parcel.cod_dong or line.cod_dong
    if not dong:
        return
    await step_money(
        parcel,
        MoneyState.RECONCILED,
        at=now,
        reference=f"statement_line:{line.id}",
        dong=dong,
        fee_dong=line.fee_dong,
        short_dong=dong - line.fee_dong - line.remitted_dong,
        person_id=person_id,
    )


def said_by(line: CarrierStatementLine) -> Stated:
    """What a row says."""
    return Stated(line.cod_dong, line.fee_dong, line.remitted_dong)


async def known_of(parcel: Parcel) -> Known:
    """What we know of one locked parcel."""
    return (await _known({parcel.id: parcel}))[parcel.id]


async def _move(
    parcel: Parcel, line: CarrierStatementLine, verdict: Verdict, seen: Known, *, now: datetime
) -> Known:
    """What a verdict does to the parcel's money, and what is known of the parcel afterwards."""
    if verdict is Verdict.FITS:
        await reconcile(parcel, line, person_id=None, now=now)
    elif verdict is Verdict.REST:
        await make_up_step(parcel, line.remitted_dong, f"rest:{line.id}", person_id=None, now=now)
        return replace(seen, short_dong=0)
    elif verdict in MAY_COUNT and (parcel.cod_dong or line.cod_dong):
        became = SOON.get(verdict, MoneyState.REMITTED)
        await step_money(parcel, became, at=now, reference=f"stated:{line.id}")
    return replace(seen, is_stated=True) if verdict in MAY_COUNT or verdict is Verdict.FITS else seen


async def make_up_step(
    parcel: Parcel, dong: int, reference: str, *, person_id: int | None, now: datetime
) -> None:
    """What a carrier still owed of a locked parcel has come, or is given up ("lost:…")."""
    await step_money(
        parcel,
        MoneyState.RECONCILED,
        at=now,
        reference=reference,
        dong=dong,
        short_dong=-dong,
        person_id=person_id,
    )


async def _parcels_of(carrier: str, lines: Sequence[CarrierStatementLine]) -> dict[int, int]:
    """The parcels' numbers by line: by waybill, else by our own code where the carrier repeats it."""
    codes = {normal_code(one.said_code) for one in lines if one.said_code}
    waybills = {one.tracking_code for one in lines}
    mine = Parcel.filter(carrier=carrier)
    by_waybill = {
        str(code): int(str(id))
        for code, id in await mine.filter(tracking_code__in=list(waybills)).values_list("tracking_code", "id")
    }
    by_code = {
        str(code): int(str(id))
        for code, id in await mine.filter(code__in=list(codes)).values_list("code", "id")
    }
    found: dict[int, int] = {}
    for line in lines:
        number = by_waybill.get(line.tracking_code) or by_code.get(normal_code(line.said_code))
        if number:
            found[line.id] = number
    return found


async def _known(parcels: dict[object, Parcel]) -> dict[int, Known]:
    ids = [one.id for one in parcels.values()]
    stated = {int(str(row["parcel_id"])) for row in await sql(_STATED, [ids])}
    short = {int(str(row["parcel_id"])): int(str(row["dong"])) for row in await sql(_SHORT, [ids])}
    return {
        one.id: Known(
            one.state, one.money, one.cod_dong, one.fee_dong, short.get(one.id, 0), one.id in stated
        )
        for one in parcels.values()
    }


def _row(statement_id: int, line: StatedLine) -> CarrierStatementLine:
    return CarrierStatementLine(
        statement_id=statement_id,
        row=line.row,
        tracking_code=line.waybill,
        said_code=line.reference,
        cod_dong=line.cod_dong,
        fee_dong=line.fee_dong,
        remitted_dong=line.remitted_dong,
        stated_on=line.stated_on,
        verdict="",
    )
