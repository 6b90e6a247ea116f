"""From a parcel's events to where it stands."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from kit.db import sql
from postal.models import Parcel, ParcelEvent
from postal.services.alerts import AlertKind, alert, settled
from postal.states import EventView, Flag, Folded, ParcelState, fold

_KEEP = """
    UPDATE parcel SET state = told.state, flags = told.flags::jsonb, changed_at = $1, tracking_code = told.waybill,
        booking = told.booking, refused_because = told.refused, fee_dong = told.fee, carrier_weight_g = told.weight,
        money = told.money, heard_at = told.heard,
        attempts = told.attempts
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::int[],
        $10::text[], $11::timestamptz[], $12::int[])
        AS told (id, state, flags, waybill, booking, refused, fee, weight, money, heard, attempts)
    WHERE parcel.id = told.id
"""


async def fold_parcel(parcel: Parcel) -> Folded:
    """Reads all events of a locked parcel and keeps in its row what they say together."""
    events = await ParcelEvent.filter(parcel_id=parcel.id).order_by("id")
    folded = fold(map(_seen, events))
    parcel.state = folded.state
    parcel.flags = sorted(folded.flags)
    await parcel.save(update_fields=["state", "flags", "attempts", "changed_at"])
    return folded


async def fold_many(parcels: Sequence[Parcel], *, now: datetime) -> list[int]:
    """Folds locked parcels with two statements, and keeps what carriers told beside; the numbers of those that moved.

    What came after an end, and what asks the seller for a decision, is put before a person.
    """
    if not parcels:
        return []
    told: dict[int, list[ParcelEvent]] = defaultdict(list)
    for event in await ParcelEvent.filter(parcel_id__in=[one.id for one in parcels]).order_by("id"):
        told[event.parcel_id].append(event)  # type: ignore[attr-defined]
    moved = []
    for parcel in parcels:
        folded = fold(map(_seen, told[parcel.id]))
        before = (parcel.state, list(parcel.flags))
        parcel.state, parcel.flags = folded.state, sorted(folded.flags)
        parcel.attempts = sum(event.state is ParcelState.FAILED_ATTEMPT for event in told[parcel.id])
        if before != (parcel.state, parcel.flags):
            moved.append(parcel.id)
            await _ask_persons(parcel, set(before[1]), now=now)
    await sql(_KEEP, _columns(parcels, now))
    return moved


_ASKED_FOR = {Flag.AFTER_FINAL: AlertKind.AFTER_FINAL, Flag.DECISION_NEEDED: AlertKind.DECISION_NEEDED}


async def _ask_persons(parcel: Parcel, before: set[str], *, now: datetime) -> None:
    for flag, kind in _ASKED_FOR.items():
        if flag in parcel.flags and flag not in before:
            await alert(
                kind,
                parcel.carrier,
                parcel.code or "",
                now=now,
                detail=parcel.tracking_code,
                parcel_id=parcel.id,
            )
        elif flag in before and flag not in parcel.flags:
            await settled(parcel.id, kind, now=now)


def _columns(parcels: Sequence[Parcel], now: datetime) -> list[object]:
    return [
        now,
        [one.id for one in parcels],
        [str(one.state) for one in parcels],
        ["[" + ",".join(f'"{flag}"' for flag in one.flags) + "]" for one in parcels],
        [one.tracking_code for one in parcels],
        [str(one.booking) for one in parcels],
        [one.refused_because for one in parcels],
        [one.fee_dong for one in parcels],
        [one.carrier_weight_g for one in parcels],
        [str(one.money) for one in parcels],
        [one.heard_at for one in parcels],
        [one.attempts for one in parcels],
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
    )
