"""Two claims of the demo: one that its seller has not answered yet, one that was settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from orders.claims import ClaimAct, ClaimKind, ClaimParty, ClaimWish
from orders.services.claims import act_on_claim, open_claim

WAITS = "Một gói bị ẩm, bóp thấy mềm. Cháu đã chụp ảnh, mong cô bác xem giúp."
MISSING = "Đặt hai gói mà trong thùng chỉ có một. Phiếu ghi hai."
SENT = "Cô gói thiếu, hôm nay gửi bù một gói. Cháu nhận giúp cô."


async def tell_claims(arrived: Sequence[tuple[int, int]], *, seller_id: int, now: datetime) -> None:
    """About the last two orders that have arrived (order and buyer by number); nothing when there are fewer."""
    if len(arrived) < 2:
        return
    (settled_id, first), (waiting_id, second) = arrived[-2:]
    began = now - timedelta(minutes=50)
    await open_claim(settled_id, ClaimKind.MISSING, ClaimWish.REPLACE, MISSING, person_id=first, now=began)
    for minutes, act, words in ((10, ClaimAct.ACCEPT, ""), (30, ClaimAct.SETTLE, SENT)):
        at = began + timedelta(minutes=minutes)
        await act_on_claim(settled_id, act, party=ClaimParty.SELLER, words=words, person_id=seller_id, now=at)
    at = now - timedelta(minutes=20)
    await open_claim(waiting_id, ClaimKind.DAMAGED, ClaimWish.REFUND, WAITS, person_id=second, now=at)
