"""What a person decides about a parcel that its carrier refused or that nobody can find."""

from datetime import datetime

from accounts.services import record
from kit.db import transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from postal.gates.register import Carriers
from postal.models import Parcel
from postal.services.booking import adopt, rebook
from postal.services.reading import row_of
from postal.states import BookingState

_LOST = (BookingState.UNKNOWN, BookingState.REJECTED, BookingState.ASKED)


async def found_at_carrier(code: str, tracking_code: str, *, person_id: int, now: datetime) -> None:
    """The waybill of a lost booking, read in the carrier's own list. Raises NotFound, Conflict, Refusal."""
    parcel = await _lost(code)
    if await Parcel.filter(carrier=parcel.carrier, tracking_code=tracking_code).exists():
        raise Refusal(say("Mã vận đơn này đã thuộc về bưu gửi khác."), field="tracking_code")
    async with transaction():
        await record(person_id, "parcel_adopted", "parcel", code, tracking_code=tracking_code)
        await adopt(parcel.id, tracking_code, now=now)


async def give_to_other(
    code: str, carrier: str, carriers: Carriers, *, person_id: int, now: datetime
) -> None:
    """Another carrier, or the same once more after a look found nothing. Raises NotFound, Conflict, Refusal."""
    if carriers.get(carrier) is None:
        raise Refusal(say("Chọn một hãng chuyển phát trong danh sách."), field="carrier")
    parcel = await _lost(code)
    async with transaction():
        await record(person_id, "parcel_rebooked", "parcel", code, carrier=carrier)
        await rebook(parcel.id, carrier, now=now)


async def _lost(code: str) -> Parcel:
    parcel = await row_of(code)
    if parcel.booking not in _LOST:
        raise Conflict(say("Bưu gửi này đã có nơi nhận chuyển rồi."))
    return parcel
