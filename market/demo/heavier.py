"""Goods of the demo that weighed more than was paid for: the buyer is asked for the difference."""

from datetime import datetime

from kit.roles import Caller, Role
from orders.services import order_for, pack_order
from payments.services import PaymentView

MORE_PERMILLE = 80


async def pack_heavier(payment: PaymentView, *, seller_id: int, now: datetime) -> None:
    """The seller puts a payment's order on the scales, and each line weighs 8 per cent more than agreed."""
    caller = Caller(person_id=seller_id, scopes={Role.VENDOR: (str(payment.vendor_id),)})
    order = await order_for(payment.code, caller)
    weights_g = {
        one.id: (one.estimate_g or 0) * (1000 + MORE_PERMILLE) // 1000 for one in await order.lines.all()
    }
    await pack_order(order.id, person_id=seller_id, now=now, weights_g=weights_g)
