"""Texts to buyers about their orders: only to those who agreed to them."""

from datetime import datetime, timedelta

from accounts.services import Purpose, phone_if_may, tell
from kit.i18n import Sentence, say
from orders.models import Order
from orders.states import OrderState

TEXT_LIFE = timedelta(hours=20)


async def tell_buyer(order: Order, *, now: datetime) -> None:
    """Texts the buyer that goods are on their way or have arrived. Needs the move's open transaction()."""
    words = _words(order)
    phone = await phone_if_may(order.person_id, Purpose.ORDER_TEXTS, now=now) if words else None
    if words and phone:
        await tell(phone, words, now=now, expires_at=now + TEXT_LIFE)


def _words(order: Order) -> Sentence | None:
    if order.state is OrderState.POSTED:
        return say(
            "Chợ 4.0: đơn {code} của {seller} đã gửi đi, mã bưu gửi {parcel}.",
            code=order.code,
            seller=order.vendor_name,
            parcel=order.parcel_code,
        )
    if order.state is OrderState.DELIVERED:
        return say("Chợ 4.0: đơn {code} của {seller} đã giao.", code=order.code, seller=order.vendor_name)
    return None
