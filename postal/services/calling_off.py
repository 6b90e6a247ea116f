"""Calling a parcel off that is not wanted any more, as long as nobody has taken it along."""

from datetime import datetime

from kit.db import locked, transaction
from postal.carrier import CancelAnswer
from postal.gates.names import BY_FILE
from postal.gates.register import Carriers
from postal.models import Parcel, ParcelEvent
from postal.services.acting import Fact, write_fact
from postal.services.alerts import AlertKind, alert
from postal.services.looking import cancel_at_carrier
from postal.services.reading import row_of
from postal.staff_carrier import ACTS, CODE, Act, outcome_of
from postal.states import FINAL, ParcelState

_EVENT = "called-off"


async def call_off(
    code: str, *, note: str, person_id: int | None, carriers: Carriers | None, now: datetime
) -> bool:
    """Own staff leave it where it is; another carrier is asked. False when it was not left or not yet.

    What is on its way and cannot be stopped is put before a person. Raises NotFound for an unknown code,
    CarrierUnavailable when the carrier must be asked again. Twice is once.
    """
    parcel = await row_of(code)
    is_ours = parcel.carrier == CODE or (parcel.carrier == BY_FILE and parcel.batch_id is None)
    if not is_ours:
        if carriers is None or not parcel.tracking_code:
            return False  # a booking that is found later is called off then
        if parcel.state not in FINAL:
            answer = await cancel_at_carrier(code, carriers, reason=note, person_id=person_id or 0)
            if answer is not CancelAnswer.REFUSED:
                return False
        async with transaction():
            await _not_stopped(parcel, note, now)
        return False
    async with transaction():
        parcel = (await locked(Parcel, [parcel.id]))[parcel.id]
        if await ParcelEvent.exists(parcel_id=parcel.id, event_key=_EVENT):
            return True
        if parcel.state not in ACTS[Act.CANCEL].begins:
            await _not_stopped(parcel, note, now)
            return False
        outcome = outcome_of(Act.CANCEL, note=note)
        await write_fact(parcel, Fact(Act.CANCEL, outcome, _EVENT, person_id, now, now))
    return True


async def _not_stopped(parcel: Parcel, note: str, now: datetime) -> None:
    """Goods that nobody has to pay for are on their way: a person calls the carrier or the buyer."""
    if parcel.state is ParcelState.CANCELLED or parcel.state is ParcelState.RETURNED:
        return
    await alert(
        AlertKind.NOT_STOPPED, parcel.carrier, parcel.code or "", now=now, detail=note, parcel_id=parcel.id
    )
