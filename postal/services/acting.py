"""What postal staff do with a parcel, each act once and in a possible order."""

from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict
from kit.i18n import say
from kit.outbox import announce, later
from postal.models import Parcel, ParcelEvent, PostalPoint
from postal.services.folding import fold_parcel
from postal.services.reading import row_of
from postal.services.views import ParcelView, view_of
from postal.staff_carrier import ACTS, Act, act_words, step
from postal.states import ParcelState


class AlreadyDone(Conflict):
    """The parcel already stands where the act would bring it: somebody scanned it before."""


async def act(
    code: str,
    act: Act,
    *,
    person_id: int,
    event_key: str,
    now: datetime,
    reason: str = "",
    note: str = "",
) -> ParcelView:
    """The parcel after a person's act on it; the same `event_key` again changes nothing.

    Leaves the job `follow_parcel` and tells the open work lists. Raises NotFound for an unknown code,
    AlreadyDone or Conflict when the parcel's state does not allow the act, Refusal at `reason` or `note`.
    """
    parcel_id = (await row_of(code)).id
    async with transaction():
        parcel = (await locked(Parcel, [parcel_id]))[parcel_id]
        done = await ParcelEvent.get_or_none(parcel_id=parcel_id, event_key=event_key)
        if done is not None:
            return _repeated(parcel, done, act)
        _refuse_done(parcel, act)
        place = await _place(act, parcel)
        moment = await _not_before_the_last(parcel_id, now)
        outcome = step(act, parcel.state, reason=reason, note=note)
        await ParcelEvent.create(
            parcel=parcel,
            event_key=event_key,
            act=act,
            state=outcome.state,
            reason=outcome.reason or "",
            note=outcome.note,
            place=place,
            flags=sorted(outcome.flags),
            person_id=person_id,
            happened_at=moment,
            received_at=moment,
        )
        parcel.attempts += act is Act.FAIL
        await fold_parcel(parcel)
        await record(person_id, "parcel_moved", "parcel", parcel.code, act=str(act), state=str(parcel.state))
        await later("follow_parcel", parcel_id)
        await announce("post")
        return view_of(parcel)


def _repeated(parcel: Parcel, done: ParcelEvent, act: Act) -> ParcelView:
    if done.act != act:
        raise Conflict(say("Lần bấm này đã được dùng cho việc khác. Tải lại trang rồi làm lại."))
    return view_of(parcel)


def _refuse_done(parcel: Parcel, act: Act) -> None:
    rule = ACTS[act]
    if parcel.state is rule.leads_to and parcel.state not in rule.begins:
        raise AlreadyDone(say("Bưu gửi này đã được ghi «{act}» rồi.", act=say(act_words(act))))


_AT_THE_SENDER = frozenset({Act.ACCEPT, Act.FAIL_PICKUP, Act.GIVE_BACK, Act.CANCEL})
_BEFORE_THE_ROAD = frozenset({ParcelState.CREATED, ParcelState.AWAITING_PICKUP, ParcelState.PICKED_UP})
_AT_AN_OFFICE = frozenset({Act.HAND_OVER, Act.ARRIVE})


async def _place(act: Act, parcel: Parcel) -> str:
    """The commune where the act happens, or its post office when the parcel passes through one."""
    at_sender = act in _AT_THE_SENDER or (act is not Act.ARRIVE and parcel.state in _BEFORE_THE_ROAD)
    side = "sender" if at_sender else "recipient"
    commune: str = getattr(parcel, f"{side}_commune")
    if act not in _AT_AN_OFFICE:
        return commune
    office = await PostalPoint.filter(commune_code=getattr(parcel, f"{side}_commune_code")).first()
    return office.name if office else commune


async def _not_before_the_last(parcel_id: int, now: datetime) -> datetime:
    """Acts follow each other as the lock let them in, even when two machines' clocks disagree."""
    last = await ParcelEvent.filter(parcel_id=parcel_id).order_by("-happened_at").first()
    return max(now, last.happened_at) if last else now
