"""Calling a parcel off that is not wanted any more, as long as nobody has taken it along."""

from datetime import datetime

from kit.db import locked, transaction
from postal.gates.names import BY_FILE
from postal.gates.register import Carriers
from postal.models import Parcel, ParcelEvent
from postal.services.acting import Fact, write_fact
from postal.services.looking import cancel_at_carrier
from postal.services.reading import row_of
from postal.staff_carrier import ACTS, CODE, Act, outcome_of

_EVENT = "called-off"


async def call_off(
    code: str, *, note: str, person_id: int | None, carriers: Carriers | None, now: datetime
) -> bool:
    """Own staff leave it where it is; another carrier is asked. False when it is on its way: then it comes back to us.

    Raises NotFound for an unknown code, CarrierUnavailable when the carrier must be asked again. Twice is once.
    """
    parcel = await row_of(code)
    is_ours = parcel.carrier == CODE or (parcel.carrier == BY_FILE and parcel.batch_id is None)
    if not is_ours:
        if carriers is not None and parcel.tracking_code:
            await cancel_at_carrier(code, carriers, reason=note, person_id=person_id or 0)
        return False
    async with transaction():
        parcel = (await locked(Parcel, [parcel.id]))[parcel.id]
        if await ParcelEvent.exists(parcel_id=parcel.id, event_key=_EVENT):
            return True
        if parcel.state not in ACTS[Act.CANCEL].begins:
            return False
        outcome = outcome_of(Act.CANCEL, note=note)
        await write_fact(parcel, Fact(Act.CANCEL, outcome, _EVENT, person_id, now, now))
    return True
