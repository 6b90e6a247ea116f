"""What is said of an order that is paid at the door, to its buyer and its seller; None where nothing differs."""

from kit.i18n import Sentence, say
from kit.money import show_dong
from orders.models import Order
from orders.services.said import Said
from orders.states import OrderState

_S = OrderState
_TITLES: dict[OrderState, Sentence] = {
    _S.CONFIRMED: say("Đã đặt, trả tiền khi nhận"),
    _S.POSTED: say("Đang giao"),
    _S.CANCELLED: say("Đã hủy"),
    _S.RETURNED: say("Đã trả về người bán"),
}


def said_at_door(order: Order) -> Said | None:
    """What its buyer reads: what to have ready, or that nothing is owed."""
    if order.paid_at is not None:
        return None
    sum_dong = show_dong(order.total_dong)
    lines: dict[OrderState, tuple[str, Sentence]] = {
        _S.CONFIRMED: (
            "waiting",
            say("Người bán đang gói hàng. Khi bưu tá đến, bạn trả {sum}.", sum=sum_dong),
        ),
        _S.POSTED: ("good", say("Bạn chuẩn bị {sum} để trả khi nhận hàng.", sum=sum_dong)),
        _S.CANCELLED: ("quiet", say("Bạn không phải trả gì cho đơn này.")),
        _S.RETURNED: ("bad", say("Hàng không giao được và đã về người bán. Bạn không phải trả gì.")),
    }
    if order.state not in lines:
        return None
    tone, line = lines[order.state]
    return Said(_TITLES[order.state], tone, (line,))


def said_at_door_to_seller(order: Order) -> Said | None:
    """What its seller reads: what is theirs to do, and that the money comes later."""
    if order.paid_at is not None:
        return None
    sum_dong = show_dong(order.total_dong)
    to_pack = say(
        "Khách trả {sum} khi nhận hàng. Cô bác gói trong hẹn rồi bưu tá đến lấy; quá hẹn đơn tự đóng.",
        sum=sum_dong,
    )
    packed = say("Đã gói, chờ bưu tá đến lấy. Khách trả {sum} khi nhận.", sum=sum_dong)
    lines: dict[OrderState, tuple[str, Sentence]] = {
        _S.CONFIRMED: ("waiting", packed if order.packed_at else to_pack),
        _S.POSTED: ("good", say("Bưu cục đang giao và thu hộ {sum} cho cô bác.", sum=sum_dong)),
        _S.DELIVERED: ("good", say("Khách đã nhận hàng. Tiền thu hộ chưa về: xem ở «Tiền thu hộ».")),
        _S.CANCELLED: ("quiet", say("Hàng đã trả lại quầy, không có tiền nào phải thu.")),
        _S.RETURNED: ("bad", say("Khách không nhận, hàng đã về với cô bác. Không có tiền nào phải hoàn.")),
        _S.LOST: ("bad", say("Bưu cục chịu trách nhiệm về bưu gửi này. Ban quản lý chợ sẽ gọi cho cô bác.")),
    }
    if order.state not in lines:
        return None
    tone, line = lines[order.state]
    titles = {**_TITLES, _S.DELIVERED: say("Đã giao"), _S.LOST: say("Bưu gửi thất lạc")}
    return Said(titles[order.state], tone, (line,))
