"""What buyers may claim after delivery, the states of a claim, and which may follow which by whose act.

Law 19/2023/QH15 on consumers: Articles 38.3 and 38.4 (information that was wrong or lacking: the contract ends within
30 days, free, refunded within 30 days by the same way of paying); Decree 55/2024/NĐ-CP, Article 22 (steps with time
limits); Law 122/2025/QH15, Article 17 (goods not as described are taken back). Terms are counted from the delivery.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from kit.i18n import Sentence, say

CLAIM_DAYS = 30


class ClaimKind(StrEnum):
    """What is wrong."""

    WRONG_INFORMATION = "wrong_information"
    NOT_AS_DESCRIBED = "not_as_described"
    DAMAGED = "damaged"
    MISSING = "missing"
    OTHER = "other"


class ClaimWish(StrEnum):
    """What the buyer asks for."""

    REFUND = "refund"
    REPLACE = "replace"
    ANSWER = "answer"


class ClaimState(StrEnum):
    """Where a claim stands. `denied`: the seller says no; `raised`: the market's management decides."""

    OPEN = "open"
    ACCEPTED = "accepted"
    SENT_BACK = "sent_back"
    DENIED = "denied"
    RAISED = "raised"
    SETTLED = "settled"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class ClaimParty(StrEnum):
    """Who acts: the buyer, the seller, the market's management, or the clock."""

    BUYER = "buyer"
    SELLER = "seller"
    OFFICE = "office"
    CLOCK = "clock"


class ClaimAct(StrEnum):
    """What somebody does about a claim."""

    WITHDRAW = "withdraw"
    SEND_BACK = "send_back"
    RAISE = "raise"
    ACCEPT = "accept"
    DENY = "deny"
    SETTLE = "settle"
    UPHOLD = "uphold"
    DISMISS = "dismiss"


@dataclass(frozen=True)
class Step:
    """An act: whose it is, from which states, and where it leads; `needs_words` when it wants a reason."""

    party: ClaimParty
    old: frozenset[ClaimState]
    new: ClaimState
    needs_words: bool


_S = ClaimState
LIVING = frozenset({_S.OPEN, _S.ACCEPTED, _S.SENT_BACK, _S.DENIED, _S.RAISED})
STEPS: Mapping[ClaimAct, Step] = {
    ClaimAct.WITHDRAW: Step(
        ClaimParty.BUYER, frozenset({_S.OPEN, _S.ACCEPTED, _S.DENIED, _S.RAISED}), _S.WITHDRAWN, False
    ),
    ClaimAct.SEND_BACK: Step(ClaimParty.BUYER, frozenset({_S.ACCEPTED}), _S.SENT_BACK, True),
    ClaimAct.RAISE: Step(
        ClaimParty.BUYER, frozenset({_S.DENIED, _S.ACCEPTED, _S.SENT_BACK}), _S.RAISED, True
    ),
    ClaimAct.ACCEPT: Step(ClaimParty.SELLER, frozenset({_S.OPEN, _S.DENIED}), _S.ACCEPTED, False),
    ClaimAct.DENY: Step(ClaimParty.SELLER, frozenset({_S.OPEN}), _S.DENIED, True),
    ClaimAct.SETTLE: Step(ClaimParty.SELLER, frozenset({_S.ACCEPTED, _S.SENT_BACK}), _S.SETTLED, True),
    ClaimAct.UPHOLD: Step(ClaimParty.OFFICE, frozenset({_S.RAISED}), _S.ACCEPTED, True),
    ClaimAct.DISMISS: Step(ClaimParty.OFFICE, frozenset({_S.RAISED}), _S.CLOSED, True),
}
# How long each state may last: by dated rules of these names and, without a row, for these days.
CLOCKS: Mapping[ClaimState, tuple[str, int]] = {
    _S.OPEN: ("return_answer_days", 3),
    _S.ACCEPTED: ("claim_refund_days", 30),
    _S.SENT_BACK: ("claim_refund_days", 30),
    _S.DENIED: ("claim_raise_days", 7),
    _S.RAISED: ("claim_decision_days", 10),
}
AT_THE_END: Mapping[ClaimState, ClaimState] = {
    _S.OPEN: _S.RAISED,
    _S.ACCEPTED: _S.RAISED,
    _S.SENT_BACK: _S.RAISED,
    _S.DENIED: _S.CLOSED,
}
KIND_WORDS: Mapping[ClaimKind, Sentence] = {
    ClaimKind.WRONG_INFORMATION: say("Thông tin về hàng hay người bán sai, thiếu"),
    ClaimKind.NOT_AS_DESCRIBED: say("Hàng không đúng mô tả"),
    ClaimKind.DAMAGED: say("Hàng hỏng, vỡ"),
    ClaimKind.MISSING: say("Thiếu hàng"),
    ClaimKind.OTHER: say("Việc khác"),
}
WISH_WORDS: Mapping[ClaimWish, Sentence] = {
    ClaimWish.REFUND: say("Trả hàng, lấy lại tiền"),
    ClaimWish.REPLACE: say("Đổi hàng hoặc gửi bù"),
    ClaimWish.ANSWER: say("Chỉ cần người bán trả lời"),
}
STATE_WORDS: Mapping[ClaimState, Sentence] = {
    _S.OPEN: say("Chờ người bán trả lời"),
    _S.ACCEPTED: say("Người bán đồng ý"),
    _S.SENT_BACK: say("Đã gửi hàng lại"),
    _S.DENIED: say("Người bán không đồng ý"),
    _S.RAISED: say("Ban quản lý chợ đang xem"),
    _S.SETTLED: say("Đã giải quyết"),
    _S.CLOSED: say("Đã đóng"),
    _S.WITHDRAWN: say("Đã rút khiếu nại"),
}
TONES: Mapping[ClaimState, str] = {
    _S.SETTLED: "good",
    _S.CLOSED: "quiet",
    _S.WITHDRAWN: "quiet",
    _S.DENIED: "bad",
    _S.RAISED: "bad",
}


def acts_of(party: ClaimParty, state: ClaimState) -> list[ClaimAct]:
    """What somebody may do about a claim in this state."""
    return [act for act, step in STEPS.items() if step.party is party and state in step.old]


def may_lead(old: ClaimState, new: ClaimState) -> bool:
    """Whether some act, or the clock, leads from one state to the other."""
    return AT_THE_END.get(old) is new or any(old in step.old and step.new is new for step in STEPS.values())


def claim_term() -> timedelta:
    """How long after the delivery something may be claimed."""
    return timedelta(days=CLAIM_DAYS)
