"""What a person decides about a line that did not fit: it counts, it does not, it is about another parcel."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from accounts.services import record
from kit.db import locked, sql, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from postal.models import CarrierStatement, CarrierStatementLine, Parcel
from postal.parcel_code import is_parcel_code, normal_code
from postal.services.collecting import step_money
from postal.services.statements.taking import make_up_step, match_lines, reconcile
from postal.statements import MAY_COUNT, Verdict
from postal.states import MoneyState

_SHORT = "SELECT coalesce(sum(short_dong), 0)::bigint AS dong FROM collection_step WHERE parcel_id = $1"
Settle = Callable[[CarrierStatementLine, Parcel | None], Awaitable[None]]


async def let_count(line_id: int, words: str, *, person_id: int, now: datetime) -> None:
    """The sums of a line are right after all: the parcel's money is reconciled, what is lacking stays owed.

    Raises NotFound, Conflict when the line is settled or may not count (twice, unknown, not delivered).
    """

    async def settle(line: CarrierStatementLine, parcel: Parcel | None) -> None:
        if parcel is None or Verdict(line.verdict) not in MAY_COUNT:
            raise Conflict(say("Dòng này không ghi có được. Ghi rõ rồi gác lại, hoặc gắn đúng bưu gửi."))
        await reconcile(parcel, line, person_id=person_id, now=now)

    await _settle(line_id, words, settle, person_id=person_id, now=now)


async def set_aside(line_id: int, words: str, *, person_id: int, now: datetime) -> None:
    """A line does not count: a later statement may speak of its parcel again. Raises NotFound, Conflict, Refusal."""

    async def settle(line: CarrierStatementLine, parcel: Parcel | None) -> None:
        held = (MoneyState.DISPUTED, MoneyState.REMITTED)
        if parcel is not None and Verdict(line.verdict) in MAY_COUNT and parcel.money in held:
            await step_money(
                parcel,
                MoneyState.COLLECTED,
                at=now,
                reference=f"aside:{line.id}",
                person_id=person_id,
            )
        line.verdict = Verdict.SET_ASIDE

    await _settle(line_id, words, settle, person_id=person_id, now=now)


async def attach_line(line_id: int, code: str, *, person_id: int, now: datetime) -> None:
    """A line of an unknown waybill is about this parcel: it is looked at anew.

    Raises NotFound, Conflict when the line is settled or known, Refusal at `code`.
    """
    clean = normal_code(code)
    async with transaction():
        statement, line = await _held(line_id)
        if line.settled_at is not None or line.verdict != Verdict.UNKNOWN:
            raise Conflict(say("Dòng này đã có bưu gửi hoặc đã xong."))
        is_theirs = is_parcel_code(clean) and await Parcel.exists(code=clean, carrier=statement.carrier)
        if not is_theirs:
            raise Refusal(say("Hãng này không có bưu gửi nào mang mã {code}.", code=clean[:40]), field="code")
        line.said_code = clean
        await line.save(update_fields=["said_code"])
        await match_lines(statement.carrier, [line], now=now)
        await record(person_id, "statement_line_settled", "carrier_statement", str(statement.id), code=clean)


async def make_up_short(line_id: int, *, is_lost: bool, words: str, person_id: int, now: datetime) -> None:
    """What a carrier still owed by a line that counted has come to the seller, or is given up.

    Raises NotFound, Conflict when nothing is owed any more.
    """
    async with transaction():
        statement, line = await _held(line_id)
        parcel = (await locked(Parcel, [line.parcel_id])).get(line.parcel_id) if line.parcel_id else None
        short_dong = int(str((await sql(_SHORT, [line.parcel_id]))[0]["dong"])) if parcel else 0
        if parcel is None or short_dong <= 0:
            raise Conflict(say("Hãng không còn thiếu gì ở dòng này."))
        kind = "lost" if is_lost else "rest"
        await make_up_step(parcel, short_dong, f"{kind}:{line.id}", person_id=person_id, now=now)
        line.outcome = f"{line.outcome} {words}".strip()[:300]
        await line.save(update_fields=["outcome"])
        done = {"lost": is_lost, "dong": short_dong, "words": words}
        await record(person_id, "statement_line_settled", "carrier_statement", str(statement.id), **done)


async def _settle(line_id: int, words: str, settle: Settle, *, person_id: int, now: datetime) -> None:
    """Settles a line once, with words. Locks the statement, then the parcel; a line changes only under the former."""
    if not words.strip():
        raise Refusal(say("Ghi vài chữ vì sao, để người sau còn biết."), field="words")
    async with transaction():
        statement, line = await _held(line_id)
        if line.settled_at is not None:
            raise Conflict(say("Dòng này đã có người giải quyết."))
        parcel = (await locked(Parcel, [line.parcel_id])).get(line.parcel_id) if line.parcel_id else None
        await settle(line, parcel)
        line.settled_at, line.settled_by, line.outcome = now, person_id, words.strip()[:300]
        await line.save(update_fields=["verdict", "settled_at", "settled_by", "outcome"])
        said = {"row": line.row, "verdict": str(line.verdict), "words": words}
        await record(person_id, "statement_line_settled", "carrier_statement", str(statement.id), **said)


async def _held(line_id: int) -> tuple[CarrierStatement, CarrierStatementLine]:
    """A line under its statement's lock. Raises NotFound."""
    found = await CarrierStatementLine.get_or_none(id=line_id)
    if found is None:
        raise NotFound()
    statement = (await locked(CarrierStatement, [found.statement_id]))[found.statement_id]
    return statement, await CarrierStatementLine.get(id=line_id)
