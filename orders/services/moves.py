"""The one way an order changes its state: by the table, with the event that tells it and news for all it concerns."""

from datetime import datetime

from kit.outbox import announce, later
from orders.handing_models import Fetch
from orders.models import Order, OrderEvent
from orders.services.names import day_channel, order_channel
from orders.states import OrderState, may_follow


async def move(
    order: Order, state: OrderState, *, now: datetime, person_id: int | None = None, note: str = ""
) -> bool:
    """Moves a locked order on; False, with nothing changed, when its state does not allow it."""
    if not may_follow(order.state, state):
        return False
    if order.state is OrderState.READY:
        await Fetch.filter(order_id=order.id).update(is_waiting=False)
    order.state = state
    if state is OrderState.PAID:
        order.paid_at = now
    if state is OrderState.DELIVERED and order.delivered_at is None:
        order.delivered_at = now
    await order.save(update_fields=["state", "paid_at", "delivered_at"])
    event = await OrderEvent.create(order=order, state=state, person_id=person_id, note=note, at=now)
    await later("tell_of_order", event.id)
    await tell_screens(order)
    return True


async def tell_screens(order: Order) -> None:
    """News for whoever looks at the order or at the seller's day."""
    for channel in channels_of(order):
        await announce(channel)


def channels_of(order: Order) -> tuple[str, str]:
    """The live channels of an order's screens and of its seller's day."""
    return order_channel(order.code), day_channel(order.vendor_id)
