"""What the states of an order are called, and what an order and its money say together."""

from datetime import datetime

from kit.i18n import Sentence, say
from kit.money import show_dong
from orders.models import Order, OrderEvent
from orders.services.door.words import said_at_door, said_at_door_to_seller
from orders.services.said import Said, Step
from orders.states import OrderState
from payments.services import PaymentView

_S = OrderState

WORDS: dict[OrderState, Sentence] = {
    _S.PLACED: say("Chờ chuyển tiền"),
    _S.CONFIRMED: say("Đã đặt, trả tiền khi nhận"),
    _S.PAID: say("Đã nhận tiền"),
    _S.POSTED: say("Đang giao"),
    _S.DELIVERED: say("Đã giao"),
    _S.EXPIRED: say("Hết giờ chuyển tiền"),
    _S.CANCELLED: say("Đã hủy"),
    _S.RETURNED: say("Đã trả về người bán"),
    _S.LOST: say("Bưu gửi thất lạc"),
    _S.DISPUTED: say("Đang khiếu nại"),
    _S.CLOSED: say("Đã xong"),
}
TONES: dict[OrderState, str] = {
    _S.PLACED: "waiting",
    _S.CONFIRMED: "waiting",
    _S.PAID: "good",
    _S.POSTED: "good",
    _S.DELIVERED: "good",
    _S.EXPIRED: "quiet",
    _S.CANCELLED: "quiet",
    _S.RETURNED: "bad",
    _S.LOST: "bad",
    _S.DISPUTED: "bad",
    _S.CLOSED: "good",
}
_ROAD = (_S.PLACED, _S.PAID, _S.POSTED, _S.DELIVERED)
# An order that is paid at the door goes this road; the money is told beside it.
_ROAD_TO_THE_DOOR = (_S.PLACED, _S.CONFIRMED, _S.POSTED, _S.DELIVERED)
_STEPS: dict[OrderState, Sentence] = {
    **WORDS,
    _S.PLACED: say("Đặt hàng"),
    _S.CONFIRMED: say("Người bán đã nhận đơn"),
    _S.POSTED: say("Bưu cục đã nhận hàng"),
}
_AHEAD: dict[OrderState, Sentence] = {
    _S.PAID: say("Chuyển tiền cho người bán"),
    _S.POSTED: say("Gửi bưu cục"),
    _S.DELIVERED: say("Giao đến nơi"),
}


def steps_of(order: Order, events: list[OrderEvent]) -> list[Step]:
    """The road of an order with the moments that have passed; an order that ended elsewhere ends there."""
    moments: dict[OrderState, datetime] = {}
    for event in events:
        moments.setdefault(event.state, event.at)
    road = _ROAD if _S.PAID in moments or not order.pays_on_delivery else _ROAD_TO_THE_DOOR
    if order.state in road:
        here = road.index(order.state)
        return [_step(state, moments.get(state), at - here) for at, state in enumerate(road)]
    passed = [_step(state, moments[state], -1) for state in road if state in moments]
    end = "done" if order.state is _S.CLOSED else "bad"
    return [*passed, Step(_STEPS[order.state], moments.get(order.state), end)]


def _step(state: OrderState, moment: datetime | None, ahead: int) -> Step:
    if ahead <= 0:
        return Step(_STEPS[state], moment, "done")
    return Step(_AHEAD[state], None, "current" if ahead == 1 else "next")


def said_of(order: Order, payment: PaymentView | None, *, now: datetime) -> Said:
    """The state of an order in a buyer's words; what came in late or beyond the sum is told by the payment's part."""
    received_dong = payment.received_dong if payment else 0
    if order.state is _S.PLACED:
        return _said_of_placed(order, received_dong, is_over=now > order.expires_at)
    if order.pays_on_delivery and (said := said_at_door(order)):
        return said
    if order.state in _ENDED:
        extra_dong = payment.extra_dong if payment else 0
        return _said_late(order, extra_dong) if extra_dong else Said(WORDS[order.state], "quiet", (_AGAIN,))
    lines = (_NEXT[order.state],) if order.state in _NEXT else ()
    return Said(WORDS[order.state], TONES[order.state], lines)


_ENDED = (_S.EXPIRED, _S.CANCELLED)
_AGAIN = say("Hàng đã trả lại quầy. Nếu vẫn muốn mua, bạn đặt lại từ đầu; xin đừng chuyển tiền cho đơn này.")
_NEXT: dict[OrderState, Sentence] = {
    _S.PAID: say("Người bán đang gói hàng, bưu tá sẽ đến lấy."),
    _S.POSTED: say("Hàng đang trên đường đến bạn."),
    _S.DELIVERED: say("Cảm ơn bạn đã mua hàng của bà con."),
    _S.DISPUTED: say("Khiếu nại của bạn đang được giải quyết. Xem ở mục «Khiếu nại, trả hàng»."),
    _S.CLOSED: say("Cảm ơn bạn đã mua hàng của bà con."),
    _S.RETURNED: say(
        "Hàng không giao được và đã về người bán. Người bán hoàn tiền, ban quản lý chợ theo dõi."
    ),
    _S.LOST: say("Bưu cục chịu trách nhiệm về bưu gửi này. Ban quản lý chợ sẽ gọi cho bạn."),
}


def _said_of_placed(order: Order, received_dong: int, *, is_over: bool) -> Said:
    if received_dong:
        sums = {"received": show_dong(received_dong), "missing": show_dong(order.total_dong - received_dong)}
        title = say("Đã nhận {received}, còn thiếu {missing}", **sums)
        over = say("Đã hết giờ nên xin đừng chuyển thêm. Ban quản lý chợ và người bán sẽ gọi để hỏi ý bạn.")
        return Said(title, "bad", (over,) if is_over else ())
    over = say("Đã hết giờ chuyển tiền. Đơn sắp được đóng, xin đừng chuyển nữa.")
    return Said(WORDS[_S.PLACED], "waiting", (over,) if is_over else ())


def _said_late(order: Order, extra_dong: int) -> Said:
    decided = say(
        "{sum} đến khi đơn đã đóng và đang ở tài khoản của {seller}. Ban quản lý chợ sẽ gọi để hỏi ý bạn: "
        "nhận hàng nếu còn, hoặc được hoàn tiền. Bạn không cần làm gì thêm.",
        sum=show_dong(extra_dong),
        seller=order.vendor_name,
    )
    return Said(say("Tiền đến muộn"), "bad", (decided,))


def said_to_seller(order: Order, payment: PaymentView | None) -> Said:
    """The state of an order in words for who sells it, and what is theirs to do."""
    received_dong, extra_dong = (payment.received_dong, payment.extra_dong) if payment else (0, 0)
    if order.pays_on_delivery and not extra_dong and (said := said_at_door_to_seller(order)):
        return said
    if order.state is _S.PLACED and received_dong:
        sums = {"received": show_dong(received_dong), "missing": show_dong(order.total_dong - received_dong)}
        wait = say("Chưa đủ tiền thì chưa giao hàng. Ban quản lý chợ sẽ gọi nếu khách không chuyển nốt.")
        return Said(say("Khách mới chuyển {received}, còn thiếu {missing}", **sums), "bad", (wait,))
    if order.state in _ENDED and extra_dong:
        late = say(
            "{sum} vào tài khoản cô bác khi đơn đã đóng. Ban quản lý chợ sẽ gọi: giao hàng nếu còn, "
            "hoặc hoàn lại cho khách.",
            sum=show_dong(extra_dong),
        )
        return Said(say("Tiền đến muộn"), "bad", (late,))
    lines: tuple[Sentence, ...] = (_TO_SELLER[order.state],) if order.state in _TO_SELLER else ()
    if order.state is _S.PAID and payment and payment.through:
        lines = (_COLLECTED,)
    if extra_dong:
        surplus = say("Khách chuyển dư {sum}. Cô bác hoàn lại phần dư cho khách.", sum=show_dong(extra_dong))
        lines += (surplus,)
    return Said(WORDS[order.state], TONES[order.state], lines)


_COLLECTED = say(
    "Khách đã trả qua ví hoặc thẻ; bên ấy giữ hộ rồi chuyển cho cô bác. Gói hàng, dán nhãn, bưu tá đến lấy."
)
_TO_SELLER: dict[OrderState, Sentence] = {
    _S.PLACED: say("Chưa có tiền thì chưa giao hàng."),
    _S.PAID: say("Tiền đã vào tài khoản của cô bác. Gói hàng, dán nhãn, bưu tá đến lấy."),
    _S.POSTED: say("Bưu cục đã nhận hàng. Cô bác không cần làm gì thêm."),
    _S.RETURNED: say("Hàng đã về với cô bác. Hoàn tiền cho khách theo đúng cách khách đã trả."),
    _S.LOST: say("Bưu cục chịu trách nhiệm về bưu gửi này. Ban quản lý chợ sẽ gọi cho cô bác."),
    _S.DISPUTED: say("Khách khiếu nại về đơn này. Cô bác xem và trả lời trong hạn."),
}
