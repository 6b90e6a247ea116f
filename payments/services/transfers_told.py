"""Bank notices that speak of money going back or on: refunds and payouts, told by their codes."""

from datetime import datetime

from payments.models import Notice
from payments.services.payouts.told import take_paid_out, take_payout_bounced
from payments.services.refunds.told import take_bounced, take_outgoing
from payments.services.settling import Settled


async def take_told_transfer(notice: Notice, *, now: datetime) -> Settled | None:
    """What became of a locked notice that names a refund or a payout; None when it names neither."""
    if notice.payment_id is not None:
        return None
    if notice.is_incoming:
        return await take_bounced(notice, now=now) or await take_payout_bounced(notice, now=now)
    return await take_outgoing(notice, now=now) or await take_paid_out(notice, now=now)
