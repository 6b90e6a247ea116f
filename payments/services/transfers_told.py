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

MARKETS_OWN = "0011004000000"


async def take_told_transfer(notice: Notice, *, now: datetime) -> Settled | None:
    """What became of a locked notice that names a refund, a payout or a pay-in; None when it names none."""
    if notice.payment_id is not None:
        return None
    if notice.is_incoming:
        back = await take_bounced(notice, now=now) or await take_payout_bounced(notice, now=now)
        return back or await take_cash_in(notice, now=now)
    return await take_outgoing(notice, now=now) or await take_paid_out(notice, now=now)


async def naming_transfers(notices: Sequence[Notice]) -> set[int]:
    """The numbers of those that name a refund, a payout or a pay-in: money that came back, or cash of the post, is no
    sale. Nor is what may be a pay-in by its slip: the very sum of one that waits. At most four queries.
    """
    named: set[int] = set()
    for model, prefix in ((Refund, REFUND_PREFIX), (Payout, PAYOUT_PREFIX), (PayIn, PAY_IN_PREFIX)):
        said = {one.id: candidate_codes(one.said_code, one.content, prefix=prefix) for one in notices}
        wanted = sorted({code for codes in said.values() for code in codes})
        known = set(await model.filter(code__in=wanted).values_list("code", flat=True)) if wanted else set()
        named |= {id for id, codes in said.items() if known.intersection(codes)}
    sums = [one.amount_dong for one in notices]
    slips = PayIn.filter(state=PayInState.PAID_IN, amount_dong__in=sums) if sums else None
    paid_in = set(await slips.values_list("amount_dong", flat=True)) if slips else set()
    return named | {one.id for one in notices if one.amount_dong in paid_in}


async def leaves_from(code: str) -> str:
    """The account that a refund by transfer with this code has to leave, as far as we know it; "" for any other code.

    For a payout that is the market's own, which the pretend bank calls by a number of its own.
    """
    found = await Refund.get_or_none(code=tidy_code(code)).prefetch_related("payment")
    if found is not None:
        return MARKETS_OWN if found.attempt_id else str(found.payment.account_number)
    return MARKETS_OWN if await Payout.exists(code=tidy_code(code)) else ""
