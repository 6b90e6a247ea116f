"""What the bank tells of payouts: money that left the market's account with a payout's code, or came back with it."""

from datetime import datetime

from kit.errors import NotFound
from payments.models import Notice, Payout, PayoutStatus
from payments.services.payouts.gathering import (
    PAYOUT_PREFIX,
    Because,
    advance_payout,
    flag_payout,
    locked_payout,
    prove_payout,
)
from payments.services.settling import Settled
from payments.transfer_text import candidate_codes

PAYOUT, PAYOUT_BACK = "payout", "payout_back"


async def take_paid_out(notice: Notice, *, now: datetime) -> Settled | None:
    """A payout that left: it succeeded, or a person looks at another sum. None when the text names no payout.

    The caller has locked the notice. Notices under a seller's own key say nothing about the market's money.
    """
    payout = await _named(notice)
    if payout is None:
        return None
    because = Because(notice_id=notice.id, proof=f"notice:{notice.id}")
    if notice.amount_dong != payout.amount_dong:
        await flag_payout(payout, Because(f"{notice.amount_dong} đồng", notice.id), now=now)
    elif payout.state is PayoutStatus.SUCCEEDED and payout.notice_id is None:
        await prove_payout(payout, notice.id, now=now)
    elif payout.state in (PayoutStatus.APPROVED, PayoutStatus.SENT, PayoutStatus.UNKNOWN):
        if payout.state is PayoutStatus.APPROVED:
            await advance_payout(payout, PayoutStatus.SENT, Because(notice_id=notice.id), now=now)
        await advance_payout(payout, PayoutStatus.SUCCEEDED, because, now=now)
    else:
        await flag_payout(payout, Because(f"paid while {payout.state}", notice.id), now=now)
    return Settled("", PAYOUT, False, None)


async def take_payout_bounced(notice: Notice, *, now: datetime) -> Settled | None:
    """A payout that the seller's bank sent back: it is owed again. None when the notice is nothing of the kind."""
    payout = await _named(notice)
    if payout is None or notice.amount_dong != payout.amount_dong:
        return None
    if payout.state is not PayoutStatus.SUCCEEDED:
        return None
    await advance_payout(payout, PayoutStatus.RETURNED, Because(notice_id=notice.id), now=now)
    return Settled("", PAYOUT_BACK, False, None)


async def _named(notice: Notice) -> Payout | None:
    if notice.vendor_id is not None:
        return None
    codes = candidate_codes(notice.said_code, notice.content, prefix=PAYOUT_PREFIX)
    ids = await Payout.filter(code__in=codes).limit(2).values_list("id", flat=True) if codes else []
    if len(ids) != 1:
        return None
    try:
        return await locked_payout(int(str(ids[0])))
    except NotFound:
        return None
