"""Bank notices of money going back, on or in: refunds, payouts and cash of the post, told by their codes."""

from collections.abc import Sequence
from datetime import datetime

from kit.codes import tidy_code
from payments.models import Notice, PayIn, PayInState, Payout, Refund
from payments.services.cash_box.paying_in import PAY_IN_PREFIX
from payments.services.cash_box.told import take_cash_in
from payments.services.payouts.gathering import PAYOUT_PREFIX
from payments.services.payouts.told import take_paid_out, take_payout_bounced
from payments.services.refunds.asking import REFUND_PREFIX
from payments.services.refunds.told import take_bounced, take_outgoing
from payments.services.settling import Settled
from payments.transfer_text import candidate_codes

_PREFIXES = (REFUND_PREFIX, PAYOUT_PREFIX, PAY_IN_PREFIX)
MARKETS_OWN = "0011004000000"


async def take_told_transfer(notice: Notice, *, now: datetime) -> Settled | None:
    """What became of a locked notice that names a refund, a payout or a pay-in; None when it names none."""
    if notice.payment_id is not None:
        return None
    if notice.is_incoming:
        back = await take_bounced(notice, now=now) or await take_payout_bounced(notice, now=now)
        return back or await take_cash_in(notice, now=now)
    return await take_outgoing(notice, now=now) or await take_paid_out(notice, now=now)


async def leaves_from(code: str) -> str:
    """The account that a refund by transfer with this code has to leave, as far as we know it; "" for any other code.

    For a payout, and for cash paid in, that is the market's own, which the pretend bank calls by a number of its own.
    """
    found = await Refund.get_or_none(code=tidy_code(code)).prefetch_related("payment")
    if found is not None:
        return MARKETS_OWN if found.attempt_id else str(found.payment.account_number)
    is_ours = await Payout.exists(code=tidy_code(code))
    return MARKETS_OWN if is_ours else ""


async def may_be_told(notices: Sequence[Notice]) -> set[int]:
    """Those of these notices that take_told_transfer() has to look at one by one. One query."""
    sums = [one.amount_dong for one in notices]
    slips = PayIn.filter(state=PayInState.PAID_IN, amount_dong__in=sums) if sums else None
    paid_in = set(await slips.values_list("amount_dong", flat=True)) if slips else set()
    return {one.id for one in notices if one.amount_dong in paid_in or _names_one(one)}


def _names_one(notice: Notice) -> bool:
    return any(candidate_codes(notice.said_code, notice.content, prefix=prefix) for prefix in _PREFIXES)
