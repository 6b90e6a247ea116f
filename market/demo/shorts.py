"""Goods that ran out in the demo: a seller can pack less than was ordered, and the buyer has not chosen yet."""

from datetime import datetime

from kit.roles import Caller, Role
from orders.services import order_for
from orders.services.short import Lack, tell_short
from payments.services import PaymentView

WHY = "Mưa mấy hôm, phơi chưa kịp nên còn thiếu. Phần đã phơi vẫn ngon, cô gửi trước cũng được."


async def tell_lack(payment: PaymentView, *, seller_id: int, now: datetime) -> None:
    """All but one piece of each line of a payment's order can be packed."""
    caller = Caller(person_id=seller_id, scopes={Role.VENDOR: (str(payment.vendor_id),)})
    order = await order_for(payment.code, caller)
    lines = await order.lines.all()
    packed = {line.id: line.quantity - 1 for line in lines}
    await tell_short(order.id, Lack(packed, WHY), person_id=seller_id, now=now)
