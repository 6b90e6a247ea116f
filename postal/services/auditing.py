"""What an auditor asks of the post: bookings that ended, news that was read, parcels where their events say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import select, sql
from kit.rows import Row
from postal.models import Parcel
from postal.services.folding import folded_states
from postal.staff_carrier import CODE as STAFF
from postal.states import MoneyState, ParcelState

AUDIT_ROWS_MAX = 20
AT_ONCE = 500
_STUCK = """
    SELECT code AS parcel, reference, carrier, booking, booked_at FROM parcel
    WHERE changed_at < $1 AND (booking = 'waiting' OR (booking = 'asked' AND asked_at < $1)
        OR (booking = 'booked' AND tracking_code = '')) ORDER BY id LIMIT $2
"""
_UNREAD = """
    SELECT id AS notice, carrier, received_at FROM carrier_notice
    WHERE handled_at IS NULL AND received_at < $1 ORDER BY id LIMIT $2
"""
# Where the money of each parcel stands by its last step, while a carrier is to take it or says that it did.
_AT_DOORS = """
    SELECT p.id, p.money, last.became, last.dong, last.carrier, last.at < $1 AND p.changed_at < $1 AS is_old
    FROM parcel p JOIN LATERAL (
        SELECT became, dong, carrier, at FROM collection_step s WHERE s.parcel_id = p.id ORDER BY s.id DESC LIMIT 1
    ) last ON TRUE
    WHERE p.id = ANY($2)
"""
_CHANGED = "WHERE changed_at >= $1 AND id > $2 ORDER BY id LIMIT $3"
_STATES = """
    SELECT id, reference, state, changed_at < $2 AS is_old, EXISTS (
        SELECT 1 FROM carrier_alert a WHERE a.parcel_id = parcel.id AND a.kind = 'not_stopped'
    ) AS is_told FROM parcel WHERE id = ANY($1)
"""


@dataclass(frozen=True)
class Standing:
    """What a parcel is for ("order:17"), where it stands, and whether it did so before the asked moment.

    `is_told`: a person was told that it could not be stopped.
    """

    reference: str
    state: ParcelState
    is_old: bool
    is_told: bool


@dataclass(frozen=True)
class DoorMoney:
    """What is due of a parcel's money by its last step, in đồng; whether the parcel says the same as that step."""

    is_told: bool
    due_dong: int
    is_old: bool


async def stuck_bookings(*, before: datetime) -> list[Row]:
    """Parcels unchanged since then which no carrier has been asked for to the end, or whose number nobody kept."""
    return await sql(_STUCK, [before, AUDIT_ROWS_MAX])


async def unread_news(*, before: datetime) -> list[Row]:
    """Carriers' webhooks that were taken before then and that nobody has read."""
    return await sql(_UNREAD, [before, AUDIT_ROWS_MAX])


async def misfolded(*, since: datetime) -> list[Row]:
    """Parcels that changed since then and do not stand where all their events together say."""
    wrong: list[Row] = []
    last = 0
    while parcels := await select(Parcel, _CHANGED, [since, last, AT_ONCE]):
        said = await folded_states([one.id for one in parcels])
        wrong += [
            {
                "parcel": one.code,
                "carrier": one.carrier,
                "state": str(one.state),
                "events_say": str(said[one.id]),
            }
            for one in parcels
            if said[one.id] is not one.state
        ]
        last = parcels[-1].id
    return wrong[:AUDIT_ROWS_MAX]


async def money_at_doors(parcel_ids: Sequence[int], *, before: datetime) -> dict[int, DoorMoney]:
    """The money of these parcels by their numbers; those that are paid before they are sent are missing."""
    rows = await sql(_AT_DOORS, [before, list(parcel_ids)])
    return {int(str(row["id"])): _door_money(row) for row in rows}


def _door_money(row: Row) -> DoorMoney:
    became = MoneyState(str(row["became"]))
    is_said = became is MoneyState.COLLECTED and row["carrier"] != STAFF
    return DoorMoney(
        is_told=row["money"] == row["became"],
        due_dong=int(str(row["dong"])) if became is MoneyState.EXPECTED or is_said else 0,
        is_old=bool(row["is_old"]),
    )


async def standing_of(parcel_ids: Sequence[int], *, before: datetime) -> dict[int, Standing]:
    """These parcels by their numbers."""
    rows = await sql(_STATES, [list(parcel_ids), before])
    return {
        int(str(row["id"])): Standing(
            str(row["reference"]), ParcelState(str(row["state"])), bool(row["is_old"]), bool(row["is_told"])
        )
        for row in rows
    }
