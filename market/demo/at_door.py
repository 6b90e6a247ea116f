"""A parcel of the demo that is given for its money at the door."""

from datetime import datetime

from postal.services import delivery_code
from postal.services.collecting import cash_due
from postal.services.door import Told, hear
from postal.services.views import ParcelView
from postal.staff_carrier import Act


async def give_at_door(parcel: ParcelView, *, person_id: int, secret: str, now: datetime) -> None:
    """The buyer reads the code out and pays all that is due; the carrier has not paid it in yet."""
    code = delivery_code(parcel.code, secret)
    told = Told(Act.DELIVER, now, received_by="self", delivery_code=code, collected_dong=cash_due(parcel))
    await hear(parcel.code, told, person_id=person_id, event_key="demo-deliver", secret=secret, now=now)
