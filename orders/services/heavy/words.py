"""What an order says while its difference is open, and what the scales come to in words. Pure."""

from collections.abc import Sequence

from kit.dates import show_moment
from kit.i18n import Sentence, say
from kit.money import show_dong
from orders.heavy_models import WeightDifference
from orders.services.heavy.sums import LineWeight
from orders.services.said import Said
from orders.states import HeavyState


def said_while_open(row: WeightDifference | None) -> Said | None:
    """What stands at the top of the buyer's order while its goods wait for the difference; None when they do not."""
    if row is None or row.state not in _TO_BUYER:
        return None
    title, words = _TO_BUYER[row.state]
    return Said(title, "waiting", (_filled(words, row),))


def said_while_open_to_seller(row: WeightDifference | None) -> Said | None:
    """The same for who sells it, with what is theirs to do."""
    if row is None or row.state not in _TO_SELLER:
        return None
    title, words = _TO_SELLER[row.state]
    return Said(title, "waiting" if row.state is HeavyState.ASKED else "bad", (_filled(words, row),))


def weighed_words(found: Sequence[LineWeight], *, at_door: bool) -> Sentence:
    """What packing at these weights would come to, before it is done."""
    less_dong, more_dong = sum(one.less_dong for one in found), sum(one.more_dong for one in found)
    dong = show_dong(more_dong or less_dong)
    if more_dong:
        asked = say("Nặng hơn: khách trả thêm {sum}, trả xong hàng mới gửi đi.", sum=dong)
        return say("Nặng hơn: bưu tá thu thêm {sum}.", sum=dong) if at_door else asked
    if less_dong:
        given = say("Nhẹ hơn: hoàn khách {sum}.", sum=dong)
        return say("Nhẹ hơn: bưu tá thu bớt {sum}.", sum=dong) if at_door else given
    return say("Đủ cân, khách không phải trả thêm.")


def _filled(words: Sentence, row: WeightDifference) -> Sentence:
    return Sentence(words.text, {"sum": show_dong(row.dong), "when": show_moment(row.due_at)})


_TO_BUYER: dict[HeavyState, tuple[Sentence, Sentence]] = {
    HeavyState.ASKED: (
        say("Chờ bạn trả phần chênh"),
        say("Hàng cân lúc gói nặng hơn lúc đặt. Trả thêm {sum} trước {when} thì người bán gửi hàng đi."),
    ),
    HeavyState.LAPSED: (
        say("Người bán đang gói lại"),
        say("Hết giờ trả phần chênh {sum}, bạn đừng chuyển nữa. Bạn nhận hàng đúng số tiền đã trả."),
    ),
}
_TO_SELLER: dict[HeavyState, tuple[Sentence, Sentence]] = {
    HeavyState.ASKED: (
        say("Chờ khách trả phần chênh"),
        say("Khách trả thêm {sum} trước {when}. Chưa gửi hàng vội; khách trả xong thì đơn tự chuyển."),
    ),
    HeavyState.LAPSED: (
        say("Khách chưa trả phần chênh"),
        say("Hết giờ trả {sum}. Cô bác bớt hàng rồi cân lại, hoặc bỏ qua phần chênh để gửi luôn."),
    ),
}
