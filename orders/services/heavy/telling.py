"""Who is told of the difference of heavier goods: the buyer what to pay, both how it ended."""

from datetime import datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services.notices import notify, notify_phone, notify_role
from kit.dates import show_moment
from kit.i18n import Sentence, say
from kit.money import show_dong
from kit.roles import Role
from orders.heavy_models import WeightDifference
from orders.models import Order
from orders.states import HeavyState

NEWS_LIFE = timedelta(hours=20)


async def tell_asked(order: Order, row: WeightDifference, *, now: datetime) -> None:
    """Tells the buyer what to pay on top, and until when; who ordered without an account gets a text."""
    words = say(
        "Đơn {code} cân lúc gói nặng hơn. Mở đơn trả thêm {sum} trước {when} để {seller} gửi hàng.",
        code=order.code,
        sum=show_dong(row.dong),
        when=show_moment(row.due_at),
        seller=order.vendor_name,
    )
    await _tell_buyer(order, say("Đơn {code}: trả thêm phần chênh", code=order.code), words, "asked", now)


async def tell_ended(order: Order, row: WeightDifference, *, now: datetime) -> None:
    """Tells of the end: the seller that it was paid or that its time is over, the buyer of what others decided."""
    title = say("Đơn {code}: phần chênh {sum}", code=order.code, sum=show_dong(row.dong))
    if row.state in _TO_BUYER:
        words = Sentence(_TO_BUYER[row.state].text, {"code": order.code, "seller": order.vendor_name})
        await _tell_buyer(order, title, words, str(row.state), now)
    if row.state in _TO_SELLER:
        telling = Telling(
            NoticeKind.SALE, title, _TO_SELLER[row.state], f"/sell/orders/{order.code}", NEWS_LIFE
        )
        key = f"difference:{order.id}:{row.state}:sale"
        await notify_role(Role.VENDOR, str(order.vendor_id), telling, event_key=key, now=now)


async def tell_too_late(order: Order, dong: int, *, now: datetime) -> None:
    """Tells both that money came when it was wanted no more, and goes back."""
    title = say("Đơn {code}: phần chênh trả muộn", code=order.code)
    values: dict[str, object] = {"sum": show_dong(dong), "code": order.code, "seller": order.vendor_name}
    words = say("Đơn {code}: {sum} đến khi đã hết giờ, {seller} hoàn lại cho bạn.", **values)
    await _tell_buyer(order, title, words, f"late:{dong}", now)
    said = say("{sum} đến khi phần chênh không còn chờ trả. Cô bác hoàn lại cho khách.", **values)
    telling = Telling(NoticeKind.SALE, title, said, f"/sell/orders/{order.code}", NEWS_LIFE)
    key = f"difference:{order.id}:late:{dong}:sale"
    await notify_role(Role.VENDOR, str(order.vendor_id), telling, event_key=key, now=now)


async def _tell_buyer(order: Order, title: Sentence, words: Sentence, key: str, now: datetime) -> None:
    telling = Telling(NoticeKind.ORDER, title, words, f"/orders/{order.code}", NEWS_LIFE)
    event_key = f"difference:{order.id}:{key}"
    if order.person_id is not None:
        await notify([order.person_id], telling, event_key=event_key, now=now)
    elif order.recipient_phone:
        await notify_phone(order.recipient_phone, telling, event_key=event_key, now=now)


_TO_BUYER: dict[HeavyState, Sentence] = {
    HeavyState.LAPSED: say(
        "Đơn {code} hết giờ trả phần chênh, bạn đừng chuyển nữa. {seller} gói lại cho đúng số tiền bạn đã trả."
    ),
    HeavyState.WAIVED: say("Đơn {code}: {seller} không thu phần chênh nữa, bạn không phải trả thêm."),
    HeavyState.LOWERED: say(
        "Đơn {code}: {seller} đã gói lại cho đúng số tiền bạn trả, bạn không phải trả thêm."
    ),
}
_TO_SELLER: dict[HeavyState, Sentence] = {
    HeavyState.PAID: say("Khách đã trả đủ phần chênh. Hàng gửi được rồi."),
    HeavyState.LAPSED: say(
        "Hết giờ mà khách chưa trả. Cô bác bớt hàng cho đúng số tiền khách đã trả, hoặc bỏ qua phần chênh."
    ),
}
