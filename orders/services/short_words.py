"""What stands at the top of an order that lacks pieces while its buyer has not chosen. Pure."""

from kit.dates import show_moment
from kit.i18n import say
from orders.services.said import Said
from orders.short_models import Shortage
from orders.states import ShortState


def said_while_asked(row: Shortage | None) -> Said | None:
    """To the buyer, what is theirs to do; None when nothing lacks or they have chosen."""
    if row is None or row.state is not ShortState.ASKED:
        return None
    words = say(
        "Người bán không gói đủ hàng. Chọn nhận phần còn lại hoặc hủy cả đơn trước {when}.",
        when=show_moment(row.due_at),
    )
    return Said(say("Chờ bạn chọn"), "waiting", (words,))


def said_while_asked_to_seller(row: Shortage | None) -> Said | None:
    """The same for who sells it."""
    if row is None or row.state is not ShortState.ASKED:
        return None
    return Said(say("Thiếu hàng, chờ khách chọn"), "waiting", (say("Chưa gói vội, đợi khách trả lời."),))
