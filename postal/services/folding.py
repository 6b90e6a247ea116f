"""From a parcel's events to where it stands."""

from postal.models import Parcel, ParcelEvent
from postal.states import EventView, Flag, Folded, fold


async def fold_parcel(parcel: Parcel) -> Folded:
    """Reads all events of a locked parcel and keeps in its row what they say together."""
    events = await ParcelEvent.filter(parcel_id=parcel.id).order_by("id")
    folded = fold(map(_seen, events))
    parcel.state = folded.state
    parcel.flags = sorted(folded.flags)
    await parcel.save(update_fields=["state", "flags", "attempts", "changed_at"])
    return folded


def _seen(event: ParcelEvent) -> EventView:
    """The row's number settles which of two events of one moment came first; repeats never become rows."""
    return EventView(
        key=f"{event.id:020}",
        happened_at=event.happened_at,
        received_at=event.received_at,
        state=event.state,
        flags=frozenset(map(Flag, event.flags)),
    )
