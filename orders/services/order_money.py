"""The payments behind an order: its own, and the one for what its goods weighed more."""

from orders.models import Order
from orders.services.names import difference_reference, reference_of
from payments.services import PaymentView, payment_for, returnable


async def payments_behind(order: Order) -> list[PaymentView]:
    """The order's own payment first, then that of its difference, if one was ever asked. Two queries at most."""
    references = [reference_of(order.id)]
    if order.more_most_dong:
        references.append(difference_reference(order.id))
    found = [await payment_for(one) for one in references]
    return [one for one in found if one is not None]


async def first_back(order: Order) -> list[int]:
    """The payments whose money goes back before that of the order's own: what was paid on top."""
    if not order.more_dong:
        return []
    paid = await payment_for(difference_reference(order.id))
    return [paid.id] if paid else []


async def left_dong(order: Order) -> int:
    """What of all that was paid for an order can still go back, in đồng."""
    behind = await payments_behind(order)
    return (await returnable(*[one.id for one in behind])).paid_dong if behind else 0
