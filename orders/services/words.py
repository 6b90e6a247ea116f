"""What the states of an order are called, and what an order and its money say together."""

from datetime import datetime

from kit.i18n import Sentence, say
from kit.money import show_dong
from orders.models import Order, OrderEvent
from orders.services.door.words import said_at_door, said_at_door_to_seller
from orders.services.said import Said, Step
from orders.states import Handing, OrderState
from payments.services import PaymentView

_S = OrderState

WORDS: dict[OrderState, Sentence] = {
    _S.PLACED: say("Chờ chuyển tiền"),
    _S.CONFIRMED: say("Đã đặt, trả tiền khi nhận"),
    _S.PAID: say("Đã nhận tiền"),
    _S.POSTED: say("Đang giao"),
    _S.READY: say("Chờ đến lấy"),
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
    _S.READY: "waiting",
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
_FETCHED_ROAD = (_S.PLACED, _S.PAID, _S.READY, _S.DELIVERED)
_ROADS = {
    Handing.STALL: _FETCHED_ROAD,
    Handing.DESK: _FETCHED_ROAD,
    Handing.POINT: (_S.PLACED, _S.PAID, _S.POSTED, _S.READY, _S.DELIVERED),
}
_STEPS: dict[OrderState, Sentence] = {
    **WORDS,
    _S.PLACED: say("Đặt hàng"),
    _S.CONFIRMED: say("Người bán đã nhận đơn"),
    _S.POSTED: say("Bưu cục đã nhận hàng"),
    _S.READY: say("Sẵn sàng để lấy"),
}
_AHEAD: dict[OrderState, Sentence] = {
    _S.PAID: say("Chuyển tiền cho người bán"),
    _S.POSTED: say("Gửi bưu cục"),
    _S.READY: say("Chuẩn bị để đến lấy"),
    _S.DELIVERED: say("Giao đến nơi"),
}
_FETCHED, _TO_FETCH = say("Đã lấy"), say("Đến lấy, đưa mã nhận hàng")


def steps_of(order: Order, events: list[OrderEvent]) -> list[Step]:
    """The road of an order with the moments that have passed; an order that ended elsewhere ends there."""
    moments: dict[OrderState, datetime] = {}
    for event in events:
        moments.setdefault(event.state, event.at)
    road, fetched = _ROADS.get(order.handing, _ROAD), order.handing in _ROADS
    if order.pays_on_delivery and _S.PAID not in moments:
        road = _ROAD_TO_THE_DOOR
    if order.state in road:
        here = road.index(order.state)
        return [_step(state, moments.get(state), at - here, fetched) for at, state in enumerate(road)]
    passed = [_step(state, moments[state], -1, fetched) for state in road if state in moments]
    end = "done" if order.state is _S.CLOSED else "bad"
    return [*passed, Step(_STEPS[order.state], moments.get(order.state), end)]


def _step(state: OrderState, moment: datetime | None, ahead: int, fetched: bool) -> Step:
    ends = fetched and state is _S.DELIVERED
    if ahead <= 0:
        return Step(_FETCHED if ends else _STEPS[state], moment, "done")
    return Step(_TO_FETCH if ends else _AHEAD[state], None, "current" if ahead == 1 else "next")


def said_of(order: Order, payment: PaymentView | None, *, now: datetime) -> Said:
    """The state of an order in a buyer's words; what came in late or beyond the sum is told by the payment's part."""
    received_dong = payment.received_dong if payment else 0
    if order.state is _S.PLACED:
        return _said_of_placed(order, received_dong, is_over=now > order.expires_at)
    if order.pays_on_delivery and (at_door := said_at_door(order)):
        return at_door
    if order.state in _ENDED:
        extra_dong = payment.extra_dong if payment else 0
        if order.paid_at is not None:
            return Said(WORDS[order.state], "quiet", (_MONEY_BACK,))
        return _said_late(order, extra_dong) if extra_dong else Said(WORDS[order.state], "quiet", (_AGAIN,))
    said = _OTHERWISE.get((order.state, order.handing), _NEXT.get(order.state))
    return Said(WORDS[order.state], TONES[order.state], (said,) if said else ())


_ENDED = (_S.EXPIRED, _S.CANCELLED)
_AGAIN = say("Hàng đã trả lại quầy. Nếu vẫn muốn mua, bạn đặt lại từ đầu; xin đừng chuyển tiền cho đơn này.")
_MONEY_BACK = say(
    "Đơn đã hủy sau khi bạn trả tiền. Người bán hoàn lại đủ cho bạn, xem ở mục «Tiền hoàn lại bạn»."
)
_NEXT: dict[OrderState, Sentence] = {
    _S.PAID: say("Người bán đang gói hàng, bưu tá sẽ đến lấy."),
    _S.POSTED: say("Hàng đang trên đường đến bạn."),
    _S.READY: say("Hàng nằm ở nơi lấy. Bạn đến trong giờ mở cửa và đưa mã nhận hàng."),
    _S.DELIVERED: say("Cảm ơn bạn đã mua hàng của bà con."),
    _S.DISPUTED: say("Khiếu nại của bạn đang được giải quyết. Xem ở mục «Khiếu nại, trả hàng»."),
    _S.CLOSED: say("Cảm ơn bạn đã mua hàng của bà con."),
    _S.RETURNED: say(
        "Hàng không giao được và đã về người bán. Người bán hoàn tiền, ban quản lý chợ theo dõi."
    ),
    _S.LOST: say(
        "Bưu cục chịu trách nhiệm về bưu gửi này. Người bán hoàn tiền cho bạn, ban quản lý chợ theo dõi."
    ),
}


_OTHERWISE: dict[tuple[OrderState, Handing], Sentence] = {
    (_S.PAID, Handing.STALL): say("Người bán đang chuẩn bị hàng. Sẵn sàng thì chợ báo bạn đến lấy."),
    (_S.PAID, Handing.DESK): say("Người bán đang mang hàng ra bàn của chợ. Đến nơi thì chợ báo bạn đến lấy."),
    (_S.PAID, Handing.POINT): say("Người bán đang gói hàng, bưu tá mang đến điểm bưu cục bạn chọn."),
    (_S.PAID, Handing.JOINT): say("Các sạp đang mang hàng ra bàn của chợ để gộp vào một bưu gửi cho bạn."),
    (_S.POSTED, Handing.POINT): say("Hàng đang trên đường đến điểm bưu cục bạn chọn."),
    (_S.RETURNED, Handing.STALL): say("Hết hạn giữ mà chưa có người đến lấy, hàng ở lại chỗ người bán."),
    (_S.RETURNED, Handing.DESK): say("Hết hạn giữ mà chưa có người đến lấy, hàng ở lại chỗ người bán."),
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
    if order.pays_on_delivery and not extra_dong and (at_door := said_at_door_to_seller(order)):
        return at_door
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
    said = _TO_SELLER_OTHERWISE.get((order.state, order.handing), _TO_SELLER.get(order.state))
    lines: tuple[Sentence, ...] = (said,) if said else ()
    if order.state is _S.PAID and payment and payment.through:
        lines = (_COLLECTED, *lines) if order.handing in _BROUGHT else (_COLLECTED_POST,)
    if extra_dong:
        surplus = say("Khách chuyển dư {sum}. Cô bác hoàn lại phần dư cho khách.", sum=show_dong(extra_dong))
        lines += (surplus,)
    return Said(WORDS[order.state], TONES[order.state], lines)


_BROUGHT = (Handing.STALL, Handing.DESK, Handing.JOINT)
_COLLECTED = say("Khách đã trả qua ví hoặc thẻ; bên ấy giữ hộ rồi chuyển cho cô bác.")
_COLLECTED_POST = say(
    "Khách đã trả qua ví hoặc thẻ; bên ấy giữ hộ rồi chuyển cho cô bác. Gói hàng, dán nhãn, bưu tá đến lấy."
)
_TO_SELLER: dict[OrderState, Sentence] = {
    _S.PLACED: say("Chưa có tiền thì chưa giao hàng."),
    _S.PAID: say("Tiền đã vào tài khoản của cô bác. Gói hàng, dán nhãn, bưu tá đến lấy."),
    _S.POSTED: say("Bưu cục đã nhận hàng. Cô bác không cần làm gì thêm."),
    _S.RETURNED: say("Hàng đã về với cô bác. Hoàn tiền cho khách theo đúng cách khách đã trả."),
    _S.LOST: say(
        "Bưu cục chịu trách nhiệm về bưu gửi này. Cô bác hoàn tiền cho khách,"
        " ban quản lý chợ lo phần bưu cục đền cho cô bác."
    ),
    _S.DISPUTED: say("Khách khiếu nại về đơn này. Cô bác xem và trả lời trong hạn."),
}
_TO_SELLER_OTHERWISE: dict[tuple[OrderState, Handing], Sentence] = {
    (_S.PAID, Handing.STALL): say("Khách đến sạp lấy. Chuẩn bị xong cô bác bấm «Sẵn sàng», chợ báo khách."),
    (_S.PAID, Handing.DESK): say(
        "Khách lấy ở bàn của chợ. Gói xong cô bác mang ra bàn, đọc mã đơn cho bàn ghi."
    ),
    (_S.PAID, Handing.JOINT): say(
        "Đơn này đi chung một bưu gửi với sạp khác. Gói xong cô bác mang ra bàn của chợ, đọc mã đơn cho bàn ghi."
    ),
    (_S.READY, Handing.STALL): say("Khách đến thì xin mã nhận hàng, gõ hoặc quét rồi mới trao."),
    (_S.READY, Handing.DESK): say(
        "Hàng nằm ở bàn của chợ, bàn trao cho khách. Cô bác không cần làm gì thêm."
    ),
    (_S.READY, Handing.POINT): say("Hàng nằm ở điểm bưu cục, chờ khách đến lấy."),
    (_S.RETURNED, Handing.STALL): say("Khách không đến lấy, đơn đã kết thúc và tiền hoàn lại cho khách."),
    (_S.RETURNED, Handing.DESK): say("Khách không đến lấy, đơn đã kết thúc và tiền hoàn lại cho khách."),
}
