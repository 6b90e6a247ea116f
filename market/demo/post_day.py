"""The post's day in the demo: collections given to a carrier, a load waiting for its second scan, a code misheard."""

from datetime import datetime, timedelta

from market.demo.stories import Cast
from postal.services import deliveries, delivery_code, pickups
from postal.services.collecting import cash_due
from postal.services.door import Told, hear
from postal.services.hand_overs import HandOverKind, close_list, open_list, scan_into
from postal.services.rounds import assign
from postal.staff_carrier import Act
from postal.states import ParcelState

GIVEN = 2
AT_REST = (ParcelState.AT_DELIVERY_OFFICE, ParcelState.PICKED_UP, ParcelState.FAILED_ATTEMPT)


async def tell_post_day(cast: Cast, *, secret: str, now: datetime) -> None:
    """Chị Thảo gives collections to anh Tuấn and lists a load for him; he heard one code wrong. No parcel moves."""
    thao, tuan = cast.people["thao"], cast.people["tuan"]
    waiting = (await pickups()).parcels
    await assign([one.code for one in waiting[-GIVEN:]], tuan, person_id=thao)
    held = (await deliveries()).parcels
    load = await open_list(HandOverKind.LOAD_OUT, place="", person_id=thao, now=now - timedelta(hours=1))
    for one in [one for one in held if one.state in AT_REST]:
        await scan_into(load, one.code, person_id=thao, now=now - timedelta(minutes=55))
    await close_list(load, person_id=thao, now=now - timedelta(minutes=50))
    out = next(one for one in held if one.state is ParcelState.OUT_FOR_DELIVERY and not cash_due(one))
    misheard = delivery_code(f"{out.code}?", secret)
    said = Told(Act.DELIVER, now - timedelta(minutes=20), received_by="family", delivery_code=misheard)
    await hear(out.code, said, person_id=tuan, event_key="door:demo-misheard", secret=secret, now=now)
