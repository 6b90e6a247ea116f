"""What the places of collected money are called on screen, and in which tone."""

from kit.i18n import Sentence, say
from postal.services.collections_shown import CollectedRow
from postal.states import MoneyState

_M = MoneyState
MONEY_WORDS: dict[MoneyState, Sentence] = {
    _M.NONE: say("Không thu nữa"),
    _M.EXPECTED: say("Chờ thu"),
    _M.COLLECTED: say("Bưu tá đã thu"),
    _M.PAID_IN: say("Đã nộp bưu cục"),
    _M.REMITTED: say("Đã chuyển, chờ đối chiếu"),
    _M.RECONCILED: say("Đã về tài khoản"),
    _M.DISPUTED: say("Đang đối chiếu chỗ lệch"),
}
MONEY_TONES: dict[MoneyState, str] = {
    _M.NONE: "quiet",
    _M.EXPECTED: "waiting",
    _M.COLLECTED: "waiting",
    _M.PAID_IN: "waiting",
    _M.REMITTED: "good",
    _M.RECONCILED: "good",
    _M.DISPUTED: "bad",
}
SAID = say("Hãng báo đã thu")


def money_words(row: CollectedRow) -> Sentence:
    """Where one parcel's money is; what a carrier says is told as its word."""
    return SAID if row.is_said else MONEY_WORDS[row.money]
