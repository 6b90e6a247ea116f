"""Money at the door of a parcel of our own staff that was lost and found: true again once a person has decided.

Where a parcel is says only that its money is to be collected. Of one that was lost nobody will come by with it:
either whoever had it has taken the money, and brings it in, or nobody has to.
"""

from dataclasses import dataclass
from datetime import datetime

from kit.db import locked, transaction
from kit.errors import Refusal
from kit.i18n import say
from postal.models import Parcel, ParcelEvent
from postal.services.collecting import collect_nothing, is_due, take_cash
from postal.staff_carrier import Act

_IN_HAND = (Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, Act.TAKE_OUT, Act.FAIL, Act.DELIVER)


@dataclass(frozen=True)
class DueAtDoor:
    """What the books still expect of a found parcel, in đồng, and who of the staff had it in hand last."""

    dong: int
    person_id: int | None


async def due_at_door(parcel_id: int | None) -> DueAtDoor | None:
    """What is still expected at the door of a parcel of our own staff; None when nothing is. Two queries."""
    parcel = await Parcel.get_or_none(id=parcel_id) if parcel_id is not None else None
    if parcel is None or not is_due(parcel):
        return None
    return DueAtDoor(parcel.cod_dong, await _last_hand(parcel))


async def settle_found(parcel_id: int, *, is_taken: bool, now: datetime) -> bool:
    """A person decided about a found parcel of our own staff: its money was taken, or is to be taken by nobody.

    Who had it in hand last took it, answers for the whole sum and brings it in with their next count. Locks the parcel.
    False, unchanged, when nothing is expected at its door. Raises Refusal at `money` when nobody ever had it.
    """
    async with transaction():
        parcel = (await locked(Parcel, [parcel_id]))[parcel_id]
        if not is_due(parcel):
            return False
        if not is_taken:
            return await collect_nothing(parcel_id, now=now)
        person_id = await _last_hand(parcel)
        if person_id is None:
            raise Refusal(
                say("Không bưu tá nào từng cầm bưu gửi này, nên không ai thu được tiền."), field="money"
            )
        reference = f"found:{parcel_id}"
        await take_cash(parcel, parcel.cod_dong, person_id=person_id, reference=reference, at=now)
        await parcel.save(update_fields=["money"])
    return True


async def _last_hand(parcel: Parcel) -> int | None:
    held = ParcelEvent.filter(parcel_id=parcel.id, act__in=list(_IN_HAND), person_id__isnull=False)
    last = await held.order_by("-happened_at", "-id").first()
    held_by: int | None = last.person_id if last else parcel.holder_id
    return held_by
