"""What persons decided about notices that did not settle themselves: shown beside alike ones, never acted on."""

import re
from dataclasses import dataclass
from datetime import datetime

from kit.text import fold
from payments.models import Notice, Payment, PaymentState, TransferDecision

WORDS_MAX = 200
ROWS_MAX = 5


@dataclass(frozen=True)
class Earlier:
    """A decision about a notice whose text was alike; `payment_code` is "" when it was set aside."""

    decision: str
    payment_code: str
    note: str
    at: datetime


@dataclass(frozen=True)
class Fitting:
    """A payment still open into the same account, short of exactly this sum."""

    code: str
    rest_dong: int
    created_at: datetime


@dataclass(frozen=True)
class Hints:
    """What may help a person to decide; up to five of each, newest first."""

    earlier: list[Earlier]
    fitting: list[Fitting]


async def keep_decision(
    notice: Notice, decision: str, payment_id: int | None, *, person_id: int, note: str, now: datetime
) -> None:
    """Keeps what a person decided about a notice; within the caller's transaction."""
    await TransferDecision.create(
        notice=notice,
        payment_id=payment_id,
        decision=decision,
        note=note,
        words=words_of(notice.content),
        account_number=notice.account_number,
        person_id=person_id,
        at=now,
    )


async def hints_for(notice: Notice) -> Hints:
    """Decisions about alike texts into the same account, and open payments that fit. Two queries."""
    words = words_of(notice.content)
    alike = TransferDecision.filter(account_number=notice.account_number, words=words)
    decided = await alike.order_by("-id").limit(ROWS_MAX).prefetch_related("payment") if words else []
    open_ones = Payment.filter(
        account_number=notice.account_number, state=PaymentState.PENDING, asked_dong__gte=notice.amount_dong
    )
    asked = await open_ones.order_by("-created_at").limit(100)
    fitting = [one for one in asked if one.asked_dong - one.received_dong == notice.amount_dong]
    return Hints(
        [Earlier(one.decision, one.payment.code if one.payment else "", one.note, one.at) for one in decided],
        [Fitting(one.code, one.asked_dong - one.received_dong, one.created_at) for one in fitting[:ROWS_MAX]],
    )


def words_of(content: str) -> str:
    """A text's words without what has digits: "CT tu 0011 NGUYEN AN" and "CT tu 0099 NGUYEN AN" are alike."""
    return " ".join(word for word in fold(content).split() if not re.search("[0-9]", word))[:WORDS_MAX]
