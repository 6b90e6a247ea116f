"""From a parcel's events to where it stands."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from kit.db import select, sql
from postal.models import Parcel, ParcelEvent
from postal.states import EventView, Flag, fold

_EVENTS = "WHERE parcel_id = ANY($1) ORDER BY id"
_KEEP = """
    UPDATE parcel SET state = told.state, flags = told.flags, attempts = told.attempts, changed_at = $6,
        tracking_code = told.tracking_code
    FROM unnest($1::bigint[], $2::text[], $3::jsonb[], $4::int[], $5::text[])
        AS told (id, state, flags, attempts, tracking_code)
    WHERE parcel.id = told.id
"""


async def fold_parcel(parcel: Parcel) -> None:
    """Reads all events of a locked parcel and keeps in its row what they say together."""
    await fold_parcels([parcel])


async def fold_parcels(parcels: Sequence[Parcel]) -> None:
    """The same for several, with their attempts and tracking codes: one statement reads, one writes."""
    if not parcels:
        return
    told: dict[int, list[ParcelEvent]] = defaultdict(list)
    for event in await select(ParcelEvent, _EVENTS, [[one.id for one in parcels]]):
        told[event.parcel_id].append(event)
    now = datetime.now(UTC)
    for parcel in parcels:
        folded = fold(map(_seen, told[parcel.id]))
        parcel.state, parcel.flags, parcel.changed_at = folded.state, sorted(folded.flags), now
    columns: list[object] = [
        [one.id for one in parcels],
        [str(one.state) for one in parcels],
        [json.dumps(one.flags) for one in parcels],
        [one.attempts for one in parcels],
        [one.tracking_code for one in parcels],
    ]
    await sql(_KEEP, [*columns, now])


def _seen(event: ParcelEvent) -> EventView:
    """The row's number settles which of two events of one moment came first; repeats never become rows."""
    return EventView(
        key=f"{event.id:020}",
        happened_at=event.happened_at,
        received_at=event.received_at,
        state=event.state,
        flags=frozenset(map(Flag, event.flags)),
    )
