"""Who is told of money back: the buyer where it stands, the seller what is theirs to do."""

from datetime import datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services.notices import notify, notify_role
from kit.i18n import Sentence, say
from kit.money import show_dong
from kit.roles import Role
from orders.models import Order, ReturnAsk
from orders.states import AskState
from payments.services import RefundView

LIFE = timedelta(days=3)


async def tell_of_refund(order: Order, refund: RefundView, *, now: datetime) -> None:
    """Tells of a refund's step that is news: an account wanted, a transfer to make, given back. In a transaction()."""
    key = f"refund:{refund.id}:{refund.state}"
    if refund.waits_for_account:
        await _tell_buyer(order, key, _WHERE_TO, refund.amount_dong, now)
    elif refund.state == "succeeded":
        await _tell_buyer(order, key, _GIVEN_BACK, refund.amount_dong, now)
    elif refund.state == "manual" and not refund.came_through:
        await _tell_seller(order, key, _TRANSFER, refund.amount_dong, f"/sell/refunds/{refund.code}", now)


async def tell_of_ask(order: Order, ask: ReturnAsk, *, now: datetime) -> None:
    """Tells the seller that money is asked back, or the buyer what they answered. In a transaction()."""
    key = f"ask:{ask.id}:{ask.state}"
    if ask.state is AskState.ASKED:
        await _tell_seller(order, key, _ASKED, ask.amount_dong, f"/sell/orders/{order.code}", now)
    elif ask.state in (AskState.AGREED, AskState.REFUSED):
        words = _AGREED if ask.state is AskState.AGREED else _REFUSED
        await _tell_buyer(order, key, words, ask.amount_dong, now)


async def _tell_buyer(
    order: Order, key: str, said: tuple[Sentence, Sentence], dong: int, now: datetime
) -> None:
    if order.person_id is None:
        return
    title, words = (_filled(one, order, dong) for one in said)
    telling = Telling(NoticeKind.ORDER, title, words, f"/orders/{order.code}", LIFE)
    await notify([order.person_id], telling, event_key=key, now=now)


async def _tell_seller(
    order: Order, key: str, said: tuple[Sentence, Sentence], dong: int, path: str, now: datetime
) -> None:
    title, words = (_filled(one, order, dong) for one in said)
    telling = Telling(NoticeKind.SALE, title, words, path, LIFE)
    await notify_role(Role.VENDOR, str(order.vendor_id), telling, event_key=f"{key}:sale", now=now)


def _filled(one: Sentence, order: Order, dong: int) -> Sentence:
    return Sentence(one.text, {"code": order.code, "sum": show_dong(dong), "seller": order.vendor_name})


_WHERE_TO = (
    say("Đơn {code}: bạn được hoàn {sum}"),
    say("Mở đơn, cho biết bạn muốn nhận lại vào tài khoản nào; {seller} sẽ chuyển cho bạn."),
)
_GIVEN_BACK = (
    say("Đơn {code}: đã hoàn {sum}"),
    say("{seller} đã hoàn {sum} cho bạn. Chưa thấy tiền thì mở đơn báo cho chợ."),
)
_TRANSFER = (
    say("Đơn {code}: chuyển lại khách {sum}"),
    say("Khách đã cho tài khoản. Cô bác mở ra quét mã QR là chuyển đúng chỗ, đúng số."),
)
_ASKED = (
    say("Đơn {code}: khách xin hoàn {sum}"),
    say("Cô bác xem lý do rồi trả lời khách."),
)
_AGREED = (
    say("Đơn {code}: người bán đồng ý hoàn {sum}"),
    say("{seller} đồng ý. Tiền về theo cách bạn đã trả."),
)
_REFUSED = (
    say("Đơn {code}: người bán không hoàn {sum}"),
    say("{seller} đã ghi lý do trong đơn. Bạn không đồng ý thì gọi ban quản lý chợ."),
)
