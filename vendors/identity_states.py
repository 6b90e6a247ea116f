"""What the state of an identity may become, and what each state is called."""

from kit.errors import Conflict
from kit.i18n import Sentence, say
from vendors.models import IdentityState, Vendor

MAY_BECOME: dict[IdentityState, frozenset[IdentityState]] = {
    IdentityState.DRAFT: frozenset({IdentityState.SUBMITTED, IdentityState.SUSPENDED}),
    IdentityState.SUBMITTED: frozenset(
        {
            IdentityState.SUBMITTED,
            IdentityState.RETURNED,
            IdentityState.VERIFIED,
            IdentityState.SUSPENDED,
        }
    ),
    IdentityState.RETURNED: frozenset({IdentityState.SUBMITTED, IdentityState.SUSPENDED}),
    IdentityState.VERIFIED: frozenset(
        {IdentityState.CAN_SELL, IdentityState.RETURNED, IdentityState.SUSPENDED}
    ),
    IdentityState.CAN_SELL: frozenset({IdentityState.RETURNED, IdentityState.SUSPENDED}),
    IdentityState.SUSPENDED: frozenset({IdentityState.DRAFT, IdentityState.VERIFIED}),
}
MAY_WRITE = frozenset({IdentityState.DRAFT, IdentityState.SUBMITTED, IdentityState.RETURNED})
NAMES: dict[IdentityState, Sentence] = {
    IdentityState.DRAFT: say("Chưa khai"),
    IdentityState.SUBMITTED: say("Chờ xác minh"),
    IdentityState.RETURNED: say("Cần khai lại"),
    IdentityState.VERIFIED: say("Đã xác minh, chưa có tài khoản nhận tiền"),
    IdentityState.CAN_SELL: say("Đã xác minh"),
    IdentityState.SUSPENDED: say("Tạm dừng bán"),
}
TONES: dict[IdentityState, str] = {
    IdentityState.DRAFT: "quiet",
    IdentityState.SUBMITTED: "waiting",
    IdentityState.RETURNED: "bad",
    IdentityState.VERIFIED: "waiting",
    IdentityState.CAN_SELL: "good",
    IdentityState.SUSPENDED: "bad",
}


def become(vendor: Vendor, state: IdentityState) -> None:
    """Sets the state in memory if the table allows it. Raises Conflict otherwise."""
    if state not in MAY_BECOME[vendor.identity_state]:
        raise Conflict(
            say(
                "Hồ sơ đang ở trạng thái «{state}» nên không làm được việc đó.",
                state=NAMES[vendor.identity_state],
            )
        )
    vendor.identity_state = state
