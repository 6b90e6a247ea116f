"""What needs a person: payments with money that does not fit, and notices that belong to no payment."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kit.errors import NotFound
from payments.matching import Verdict
from payments.models import Notice, Payment, PaymentAttempt, PaymentEvent
from payments.services.deciding import Hints, hints_for
from payments.services.reading import payment_with
from payments.services.views import PaymentView, views_of

ROWS_MAX = 50
OPEN_VERDICTS = (Verdict.NONE, Verdict.AMBIGUOUS, "unread")


@dataclass(frozen=True)
class EventLine:
    """One thing that happened to a payment; `kind` as in docs/ledger.md."""

    kind: str
    amount_dong: int
    at: datetime


@dataclass(frozen=True)
class AttemptLine:
    """A try at a provider: how it stands, and the provider's own reference and last result code."""

    gate: str
    reference: str
    provider_ref: str
    state: str
    code: str
    amount_dong: int
    received_dong: int
    needs_review: bool


@dataclass(frozen=True)
class PaymentReview:
    """A payment that needs a person, all that happened to it, and (asked for by itself) its tries, oldest first."""

    payment: PaymentView
    events: list[EventLine]
    attempts: tuple[AttemptLine, ...] = ()


@dataclass(frozen=True)
class NoticeReview:
    """A notice that belongs to no payment: `why` is none, ambiguous or unread (then only `body` tells more)."""

    id: int
    why: str
    amount_dong: int
    account_tail: str
    content: str
    happened_at: datetime | None
    received_at: datetime
    body: str
    hints: Hints | None = None


@dataclass(frozen=True)
class Reviews:
    """Up to 50 of each, oldest first, and how many there are in all."""

    payments: list[PaymentReview]
    notices: list[NoticeReview]
    payments_count: int
    notices_count: int


async def open_reviews() -> Reviews:
    """Everything that waits for a person. Six queries."""
    flagged, unmatched = Payment.filter(needs_review=True), Notice.filter(verdict__in=list(OPEN_VERDICTS))
    payments = await flagged.order_by("created_at").limit(ROWS_MAX)
    notices = await unmatched.order_by("received_at").limit(ROWS_MAX)
    return Reviews(
        await _with_events(payments),
        [_review(one) for one in notices],
        await flagged.count(),
        await unmatched.count(),
    )


async def payment_review(code: str) -> PaymentReview:
    """One payment with all that happened to it, open or done. Raises NotFound."""
    payment = await payment_with(code)
    if payment is None:
        raise NotFound()
    [review] = await _with_events([payment])
    return replace(review, attempts=tuple(await _tries(payment.id)))


async def notice_review(notice_id: int) -> NoticeReview:
    """One notice that waits for a person, with what may help them. Raises NotFound when it does not or is none."""
    notice = await Notice.get_or_none(id=notice_id, verdict__in=list(OPEN_VERDICTS))
    if notice is None:
        raise NotFound()
    return replace(_review(notice), hints=await hints_for(notice))


async def _with_events(payments: Sequence[Payment]) -> list[PaymentReview]:
    if not payments:
        return []
    lines: dict[int, list[EventLine]] = defaultdict(list)
    for event in await PaymentEvent.filter(payment_id__in=[one.id for one in payments]).order_by("id"):
        lines[event.payment_id].append(EventLine(event.kind, event.amount_dong, event.at))
    return [PaymentReview(view, lines[view.id]) for view in await views_of(payments)]


async def _tries(payment_id: int) -> list[AttemptLine]:
    return [
        AttemptLine(
            one.gate,
            one.reference,
            one.provider_ref,
            one.state.value,
            one.code,
            one.amount_dong,
            one.received_dong,
            one.needs_review,
        )
        for one in await PaymentAttempt.filter(payment_id=payment_id).order_by("id")
    ]


def _review(notice: Notice) -> NoticeReview:
    return NoticeReview(
        id=notice.id,
        why=notice.verdict,
        amount_dong=notice.amount_dong,
        account_tail=notice.account_number[-4:],
        content=notice.content,
        happened_at=notice.happened_at,
        received_at=notice.received_at,
        body=notice.body,
    )
