"""The end of packing: from here on the goods may go out."""

from datetime import datetime

from kit.outbox import later
from orders.models import Order
from orders.services.handing.ready import make_ready
from orders.services.moves import tell_screens
from orders.states import BY_ITSELF, Handing, OrderState


async def finish_packing(order: Order, *, person_id: int | None, now: datetime) -> None:
    """A locked order is packed, and nothing is owed for its weight that would hold it back.

    What may cost more is only now booked at the post; what is fetched at the stall lies ready from now on.
    """
    order.packed_at = now
    await order.save(update_fields=["packed_at", "give_back_dong", "more_dong"])
    if order.more_most_dong and order.state is OrderState.PAID and order.handing in BY_ITSELF:
        await later("book_parcel", order.id)
    if order.handing is Handing.STALL:
        await make_ready(order, now=now, person_id=person_id)
    await tell_screens(order)
