"""Calling a parcel off that its sender still has: it is cancelled, so that nobody comes for it."""

from datetime import datetime

from kit.db import locked
from postal.gates.names import BY_FILE
from postal.models import Parcel, ParcelEvent
from postal.services.folding import fold_parcel
from postal.staff_carrier import CODE as STAFF
from postal.staff_carrier import Act
from postal.states import ParcelState

BEFORE_PICKUP = (ParcelState.CREATED, ParcelState.AWAITING_PICKUP)
CALLED_OFF = "called_off"


async def call_off(reference: str, *, person_id: int | None, now: datetime) -> bool:
    """Cancels the parcel booked under a key, if own staff has not collected it; True also when none was booked.

    A carrier outside the house that knows of it is not called: then False. Locks the parcel. Needs a transaction().
    """
    ids = await Parcel.filter(reference=reference).values_list("id", flat=True)
    parcel = next(iter((await locked(Parcel, ids)).values()), None)
    if parcel is None or parcel.state is ParcelState.CANCELLED:
        return True
    is_ours = parcel.carrier == STAFF or (parcel.carrier == BY_FILE and parcel.batch_id is None)
    if not is_ours or parcel.state not in BEFORE_PICKUP:
        return False
    last = await ParcelEvent.filter(parcel_id=parcel.id).order_by("-happened_at").first()
    await ParcelEvent.create(
        parcel=parcel,
        event_key=CALLED_OFF,
        act=Act.CANCEL,
        state=ParcelState.CANCELLED,
        place=parcel.sender_commune,
        person_id=person_id,
        happened_at=max(now, last.happened_at) if last else now,
        received_at=now,
    )
    await fold_parcel(parcel)
    return True
