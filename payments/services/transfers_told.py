"""Bank notices that speak of money going back or on: refunds and payouts, told by their codes."""

from collections.abc import Sequence
from datetime import datetime

from kit.codes import tidy_code
from payments.models import Notice, Payout, Refund
from payments.services.payouts.gathering import PAYOUT_PREFIX
from payments.services.payouts.told import take_paid_out, take_payout_bounced
from payments.services.refunds.asking import REFUND_PREFIX
from payments.services.refunds.told import take_bounced, take_outgoing
from payments.services.settling import Settled
from payments.transfer_text import candidate_codes

MARKETS_OWN = "0011004000000"


async def take_told_transfer(notice: Notice, *, now: datetime) -> Settled | None:
    """What became of a locked notice that names a refund or a payout; None when it names neither."""
    if notice.payment_id is not None:
        return None
    if notice.is_incoming:
        return await take_bounced(notice, now=now) or await take_payout_bounced(notice, now=now)
    return await take_outgoing(notice, now=now) or await take_paid_out(notice, now=now)


async def naming_transfers(notices: Sequence[Notice]) -> set[int]:
    """The numbers of those that name a refund or a payout: money that came back is no sale. At most two queries."""
    named: set[int] = set()
    for model, prefix in ((Refund, REFUND_PREFIX), (Payout, PAYOUT_PREFIX)):
        said = {one.id: candidate_codes(one.said_code, one.content, prefix=prefix) for one in notices}
        wanted = sorted({code for codes in said.values() for code in codes})
        known = set(await model.filter(code__in=wanted).values_list("code", flat=True)) if wanted else set()
        named |= {id for id, codes in said.items() if known.intersection(codes)}
    return named


async def leaves_from(code: str) -> str:
    """The account that a refund by transfer with this code has to leave, as far as we know it; "" for any other code.

    For a payout that is the market's own, which the pretend bank calls by a number of its own.
    """
    found = await Refund.get_or_none(code=tidy_code(code)).prefetch_related("payment")
    if found is not None:
        return MARKETS_OWN if found.attempt_id else str(found.payment.account_number)
    return MARKETS_OWN if await Payout.exists(code=tidy_code(code)) else ""
