"""What buyers and sellers are told of steps of orders that are paid at the door; None where nothing differs."""

from kit.dates import show_moment
from kit.i18n import say
from kit.money import show_dong
from orders.models import Order, OrderEvent
from orders.services.said import Words
from orders.states import OrderState

_S = OrderState


def to_buyer_at_door(event: OrderEvent, order: Order) -> Words | None:
    """To the buyer: what to have ready, and that an order nobody packed costs nothing."""
    if order.paid_at is not None:
        return None
    named = {"code": order.code, "seller": order.vendor_name, "sum": show_dong(order.total_dong)}
    told: dict[OrderState, Words] = {
        _S.POSTED: Words(
            say("Đơn {code} đã gửi đi", **named),
            say("Đơn {code} của {seller} đã gửi đi. Bạn chuẩn bị {sum} để trả khi nhận.", **named),
        ),
        _S.RETURNED: Words(
            say("Đơn {code} không giao được", **named),
            say("Hàng của đơn {code} đã về {seller}. Bạn không phải trả gì.", **named),
        ),
    }
    if event.state is _S.CANCELLED and event.person_id is None:
        late = say("{seller} không gói kịp hẹn nên đơn {code} tự đóng. Bạn không phải trả gì.", **named)
        return Words(say("Đơn {code} bị hủy", **named), late)
    return told.get(event.state)


def to_seller_at_door(event: OrderEvent, order: Order, things: str) -> Words | None:
    """To the seller: pack in time; nothing has to be given back for what came back unpaid."""
    if order.paid_at is not None:
        return None
    named = {"code": order.code, "sum": show_dong(order.total_dong), "things": things}
    told: dict[OrderState, Words] = {
        _S.CONFIRMED: Words(
            say("Đơn mới {code}", **named),
            say(
                "Khách trả {sum} khi nhận: {things}. Cô bác gói trước {end}, quá hẹn đơn tự đóng.",
                end=show_moment(order.expires_at),
                **named,
            ),
        ),
        _S.CANCELLED: Words(
            say("Đơn {code} đã hủy", **named), say("Cô bác không phải gửi đơn {code} nữa.", **named)
        ),
        _S.RETURNED: Words(
            say("Đơn {code} trả về", **named),
            say("Khách không nhận đơn {code}, hàng về với cô bác. Không có tiền nào phải hoàn.", **named),
        ),
    }
    return told.get(event.state)
