"""From a parcel's events to where it stands."""

import json
from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import UTC, datetime

from kit.db import select, sql
from postal.models import Parcel, ParcelEvent
from postal.services.alerts import AlertKind, alert, settled
from postal.services.collecting import keep_up
from postal.staff_carrier import CODE as STAFF
from postal.states import EventView, Flag, ParcelState, fold

CORRECTED = "corrected"
_EVENTS = "WHERE parcel_id = ANY($1) ORDER BY id"
_KEEP = """
    UPDATE parcel SET state = told.state, flags = told.flags, attempts = told.attempts,
        changed_at = told.changed,
        tracking_code = told.tracking_code, booking = told.booking, refused_because = told.refused,
        sort_code = told.sort_code, fee_dong = told.fee, carrier_weight_g = told.weight, money = told.money,
        heard_at = told.heard
    FROM unnest($1::bigint[], $2::text[], $3::jsonb[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::bigint[], $10::int[], $11::text[], $12::timestamptz[], $13::timestamptz[])
        AS told (id, state, flags, attempts, tracking_code, booking, refused, sort_code, fee, weight, money, heard,
            changed)
    WHERE parcel.id = told.id
"""
_GONE: dict[str, AlertKind] = {ParcelState.LOST: AlertKind.LOST, ParcelState.DAMAGED: AlertKind.LOST}
_ASKED_FOR: dict[str, AlertKind] = {
    **_GONE,
    ParcelState.CANCELLED: AlertKind.CANCELLED,
    Flag.AFTER_FINAL: AlertKind.AFTER_FINAL,
    Flag.DECISION_NEEDED: AlertKind.DECISION_NEEDED,
}


async def fold_parcel(parcel: Parcel) -> None:
    """Reads all events of a locked parcel and keeps in its row what they say together."""
    await fold_parcels([parcel])


async def fold_parcels(parcels: Sequence[Parcel]) -> list[int]:
    """The same for several, with what their carriers told beside the state: one statement reads, one writes.

    Gives the numbers of those that moved; hearing the same once more is no move. What is lost or damaged is put before
    a person, and of carriers outside the house also what they stopped, what they want decided, and what came after an
    end.
    """
    if not parcels:
        return []
    told = await _told_of([one.id for one in parcels])
    now, moved = datetime.now(UTC), []
    for parcel in parcels:
        before = (parcel.state, parcel.flags)
        folded = fold(map(_seen, told[parcel.id]))
        parcel.state, parcel.flags = folded.state, sorted(folded.flags)
        if before != (parcel.state, parcel.flags):
            moved.append(parcel.id)
            parcel.changed_at = max((one.received_at for one in told[parcel.id]), default=now)
        if parcel.carrier != STAFF:
            parcel.attempts = sum(one.state is ParcelState.FAILED_ATTEMPT for one in told[parcel.id])
        await _ask_persons(parcel, {before[0], *before[1]}, {parcel.state, *parcel.flags}, now=now)
    await keep_up(parcels, now=now)
    await sql(_KEEP, _columns(parcels))
    return moved


async def folded_states(parcel_ids: Sequence[int]) -> dict[int, ParcelState]:
    """Where these parcels stand by all their events, whatever their rows say. One query."""
    told = await _told_of(parcel_ids)
    return {id: fold(map(_seen, told[id])).state for id in parcel_ids}


async def _told_of(parcel_ids: Sequence[int]) -> dict[int, list[ParcelEvent]]:
    told: dict[int, list[ParcelEvent]] = defaultdict(list)
    for event in await select(ParcelEvent, _EVENTS, [list(parcel_ids)]):
        told[event.parcel_id].append(event)
    return told


async def _ask_persons(parcel: Parcel, before: Set[str], after: Set[str], *, now: datetime) -> None:
    """A matter for a person when a flag or an end has come; it ends when that has gone again."""
    asked_for = _GONE if parcel.carrier == STAFF else _ASKED_FOR
    for kind in {asked_for[mark] for mark in before - after if mark in asked_for}:
        await settled(parcel.id, kind, now=now)
    for mark in sorted(after - before):
        if mark in asked_for:
            detail, code = parcel.tracking_code, parcel.code or ""
            await alert(asked_for[mark], parcel.carrier, code, now=now, detail=detail, parcel_id=parcel.id)


def _columns(parcels: Sequence[Parcel]) -> list[object]:
    return [
        [one.id for one in parcels],
        [str(one.state) for one in parcels],
        [json.dumps(one.flags) for one in parcels],
        [one.attempts for one in parcels],
        [one.tracking_code for one in parcels],
        [str(one.booking) for one in parcels],
        [one.refused_because for one in parcels],
        [one.sort_code for one in parcels],
        [one.fee_dong for one in parcels],
        [one.carrier_weight_g for one in parcels],
        [str(one.money) for one in parcels],
        [one.heard_at for one in parcels],
        [one.changed_at for one in parcels],
    ]


def _seen(event: ParcelEvent) -> EventView:
    """The row's number settles which of two events of one moment came first; repeats never become rows."""
    return EventView(
        key=f"{event.id:020}",
        happened_at=event.happened_at,
        received_at=event.received_at,
        state=event.state,
        returning=Flag.RETURN_LEG in event.flags,
        flags=frozenset(map(Flag, event.flags)),
        correction=event.note if event.act == CORRECTED else "",
    )
