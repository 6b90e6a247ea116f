"""What a named person sets right about a parcel, with a reason: the one way round what carriers tell."""

from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from kit.outbox import announce, later
from postal.models import Parcel, ParcelEvent
from postal.services.acting import not_before_the_last
from postal.services.folding import CORRECTED, fold_parcel
from postal.services.reading import row_of
from postal.services.views import ParcelView, view_of
from postal.states import ParcelState, shown_to_staff


async def correct(
    code: str, state: ParcelState, *, words: str, person_id: int, event_key: str, now: datetime
) -> ParcelView:
    """Brings a parcel to where it truly is, even out of an end; what is told afterwards counts again from there.

    Nothing that was told is changed. The same `event_key` again changes nothing. Leaves the job `follow_parcel`.
    Raises NotFound for an unknown code, Refusal at `words` without a reason, Conflict when it stands there already.
    """
    if not words.strip():
        raise Refusal(say("Ghi vì sao sửa, ví dụ ai đã gọi cho hãng và hãng nói gì."), field="words")
    parcel_id = (await row_of(code)).id
    async with transaction():
        parcel = (await locked(Parcel, [parcel_id]))[parcel_id]
        if await ParcelEvent.exists(parcel_id=parcel_id, event_key=event_key):
            return view_of(parcel)
        before = parcel.state
        if state is before:
            raise Conflict(say("Bưu gửi đang ở bước «{state}» rồi.", state=say(shown_to_staff(state))))
        await ParcelEvent.create(
            parcel=parcel,
            event_key=event_key,
            act=CORRECTED,
            state=state,
            note=words.strip(),
            person_id=person_id,
            happened_at=await not_before_the_last(parcel_id, now),
            received_at=now,
        )
        await fold_parcel(parcel)
        said = {"before": str(before), "state": str(state), "words": words.strip()}
        await record(person_id, "parcel_corrected", "parcel", parcel.code, **said)
        await later("follow_parcel", parcel_id)
        await announce("post")
        return view_of(parcel)
