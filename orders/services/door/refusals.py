"""Orders that came back because their buyers would not take or pay them: remembered, and not offered for ever."""

from orders.models import Order
from postal.services.tracking import failure_reasons
from postal.staff_carrier import Reason

REFUSED = frozenset({Reason.RECIPIENT_REFUSED, Reason.RECIPIENT_DID_NOT_ORDER, Reason.RECIPIENT_NO_MONEY})


async def note_refusal(order: Order) -> None:
    """Writes into a locked order that came back whether its buyer refused it at the door."""
    if order.refused_at_door or order.parcel_id is None:
        return
    if REFUSED & await failure_reasons(order.parcel_id):
        order.refused_at_door = True
        await order.save(update_fields=["refused_at_door"])
