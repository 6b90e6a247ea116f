"""The money of a parcel that is paid at the door: each step appended under the parcel's lock, the books left to follow.

What a carrier outside the house says it has collected is only its word: its statement releases it (statements).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import insert_all, is_in_transaction, locked, select, sql, transaction
from kit.outbox import announce, later, later_each
from postal.models import CollectionStep, Parcel
from postal.services.alerts import AlertKind, alert
from postal.services.views import ParcelView
from postal.staff_carrier import CODE as STAFF
from postal.states import BookingState, MoneyState, ParcelState

_M = MoneyState
UNPAID_ENDS = frozenset({ParcelState.RETURNED, ParcelState.LOST, ParcelState.DAMAGED, ParcelState.CANCELLED})
# Money that somebody really has, or that a statement speaks of: where the parcel is changes nothing any more.
IN_HAND = frozenset({_M.PAID_IN, _M.REMITTED, _M.RECONCILED, _M.DISPUTED})
_CASH = """
    SELECT p.id AS parcel_id, s.person_id, s.dong, s.at FROM parcel p
    JOIN collection_step s ON s.parcel_id = p.id AND s.became = 'collected'
    WHERE p.carrier = 'staff' AND p.money = 'collected' AND s.at < $1 ORDER BY p.id
"""


@dataclass(frozen=True)
class StepView:
    """One step of a parcel's money, for the books; sums in đồng."""

    id: int
    was: MoneyState
    became: MoneyState
    carrier: str
    dong: int
    fee_dong: int
    short_dong: int
    person_id: int | None
    reference: str
    at: datetime


@dataclass(frozen=True)
class Cash:
    """Cash of one parcel that somebody of the staff took and has not paid in."""

    parcel_id: int
    person_id: int
    dong: int
    at: datetime


def money_after(parcel: Parcel) -> MoneyState:
    """Where a parcel's money is, from where the parcel is. Pure."""
    if parcel.money in IN_HAND or (parcel.money is _M.COLLECTED and parcel.carrier == STAFF):
        return parcel.money
    if not parcel.cod_dong or parcel.booking is not BookingState.BOOKED or parcel.state in UNPAID_ENDS:
        return _M.NONE
    told = parcel.carrier != STAFF and parcel.state is ParcelState.DELIVERED
    return _M.COLLECTED if told else _M.EXPECTED


def is_due(parcel: Parcel) -> bool:
    """Whether whoever gives this parcel to its buyer has to take money for it."""
    return bool(parcel.cod_dong) and parcel.carrier == STAFF and parcel.money is _M.EXPECTED


def cash_due(parcel: ParcelView) -> int:
    """The same of a parcel as pages see it, in đồng."""
    is_asked = parcel.carrier == STAFF and parcel.money is _M.EXPECTED
    return parcel.cod_dong if is_asked else 0


async def keep_up(parcels: Sequence[Parcel], *, now: datetime) -> None:
    """Brings the money of locked parcels to where the parcels are; their rows are kept by who folds them."""
    rows = []
    for parcel in parcels:
        became = money_after(parcel)
        if became is not parcel.money:
            rows.append(_step(parcel, became, at=now))
            parcel.money = became
    if rows:
        await insert_all(rows)
        await later_each("follow_collection", [one.parcel_id for one in rows])


async def take_cash(parcel: Parcel, dong: int, *, person_id: int, reference: str, at: datetime) -> None:
    """A member of the staff took the money for a locked parcel that is folded next."""
    if parcel.money in IN_HAND or parcel.money is _M.COLLECTED:
        return
    await insert_all(
        [_step(parcel, _M.COLLECTED, dong=dong, person_id=person_id, reference=reference, at=at)]
    )
    parcel.money = _M.COLLECTED
    await later("follow_collection", parcel.id)


async def cash_held(before: datetime) -> list[Cash]:
    """All cash that was taken before a moment and is not paid in. One query."""
    rows = await sql(_CASH, [before])
    return [Cash(**row) for row in rows]  # type: ignore[arg-type]


async def pay_in(held: Sequence[Cash], debrief_id: int, *, person_id: int, now: datetime) -> int:
    """The cash of these parcels has been counted at the office: paid in. How much, in đồng. Locks the parcels.

    Needs the open transaction() of the count. What somebody else has counted meanwhile is left out.
    """
    parcels = await locked(Parcel, [one.parcel_id for one in held])
    mine = [one for one in held if parcels[one.parcel_id].money is _M.COLLECTED]
    reference = f"debrief:{debrief_id}"
    await insert_all(
        [
            _step(
                parcels[one.parcel_id],
                _M.PAID_IN,
                dong=one.dong,
                person_id=person_id,
                reference=reference,
                at=now,
            )
            for one in mine
        ]
    )
    await Parcel.filter(id__in=[one.parcel_id for one in mine]).update(money=_M.PAID_IN)
    await later_each("follow_collection", [one.parcel_id for one in mine])
    return sum(one.dong for one in mine)


async def collect_nothing(parcel_id: int, *, now: datetime) -> bool:
    """The buyer has paid otherwise: nothing is to be taken at the door any more. False when it is too late for that.

    A carrier outside the house goes on collecting until somebody calls it: that is put before a person.
    """
    async with transaction():
        parcel = (await locked(Parcel, [parcel_id])).get(parcel_id)
        if parcel is None or not parcel.cod_dong or parcel.money not in (_M.NONE, _M.EXPECTED):
            return False
        if parcel.money is _M.EXPECTED:
            await insert_all([_step(parcel, _M.NONE, at=now)])
            await later("follow_collection", parcel.id)
        if parcel.carrier != STAFF:
            detail = f"{parcel.tracking_code} {parcel.cod_dong}"
            await alert(
                AlertKind.STATEMENT,
                parcel.carrier,
                parcel.code or "",
                now=now,
                detail=detail,
                parcel_id=parcel.id,
            )
        parcel.cod_dong, parcel.money = 0, _M.NONE
        await parcel.save(update_fields=["cod_dong", "money"])
        await announce("post")
    return True


async def step_money(
    parcel: Parcel, became: MoneyState, *, at: datetime, reference: str, **sums: int | None
) -> None:
    """A step of a locked parcel's money that a statement or a payout made; keeps the row and leaves the books.

    Needs an open transaction().
    """
    if not is_in_transaction():
        raise RuntimeError("step_money() needs an open transaction()")
    await insert_all([_step(parcel, became, reference=reference, at=at, **sums)])
    parcel.money = became
    await parcel.save(update_fields=["money"])
    await later("follow_collection", parcel.id)


async def remit_paid_in(
    parcel_ids: Sequence[int], payout_id: int, *, is_proved: bool, is_back: bool, now: datetime
) -> None:
    """A payout brought these parcels' money to their seller; proved when the bank told of it; or it came back."""
    name = f"payout:{payout_id}"
    async with transaction():
        for parcel in (await locked(Parcel, parcel_ids)).values():
            if is_back and parcel.money in (_M.REMITTED, _M.RECONCILED):
                if await _was_remitted_with(parcel.id, name):
                    await step_money(parcel, _M.PAID_IN, at=now, reference=f"{name}:back")
            elif not is_back and parcel.money is _M.PAID_IN:
                await step_money(parcel, _M.REMITTED, at=now, reference=name)
            proved = is_proved and not is_back and parcel.money is _M.REMITTED
            if proved and await _was_remitted_with(parcel.id, name):
                await step_money(parcel, _M.RECONCILED, at=now, reference=f"{name}:proved")


async def _was_remitted_with(parcel_id: int, name: str) -> bool:
    return bool(await CollectionStep.filter(parcel_id=parcel_id, reference=name).exists())


async def steps_of(parcel_id: int) -> list[StepView]:
    """All steps of a parcel's money, oldest first. One query."""
    rows = await select(CollectionStep, "WHERE parcel_id = $1 ORDER BY id", [parcel_id])
    return [
        StepView(
            one.id,
            one.was,
            one.became,
            one.carrier,
            one.dong,
            one.fee_dong,
            one.short_dong,
            one.person_id,
            one.reference,
            one.at,
        )
        for one in rows
    ]


async def parcels_of_steps(step_ids: Sequence[int], *, is_back: bool) -> list[int]:
    """The parcels of these steps whose money a payout moves now: paid in, or (`is_back`) with its seller."""
    moved = [_M.REMITTED, _M.RECONCILED] if is_back else [_M.PAID_IN, _M.REMITTED]
    rows = await sql(
        "SELECT p.id FROM collection_step s JOIN parcel p ON p.id = s.parcel_id"
        " WHERE s.id = ANY($1) AND p.money = ANY($2) ORDER BY p.id",
        [list(step_ids), [str(one) for one in moved]],
    )
    return [int(str(row["id"])) for row in rows]


def _step(
    parcel: Parcel,
    became: MoneyState,
    *,
    at: datetime,
    dong: int | None = None,
    fee_dong: int | None = None,
    short_dong: int | None = None,
    person_id: int | None = None,
    reference: str = "",
) -> CollectionStep:
    return CollectionStep(
        parcel_id=parcel.id,
        was=parcel.money,
        became=became,
        carrier=parcel.carrier,
        dong=parcel.cod_dong if dong is None else dong,
        fee_dong=fee_dong or 0,
        short_dong=short_dong or 0,
        person_id=person_id,
        reference=reference,
        at=at,
    )
