"""The states of payments, refunds and payouts, which may follow which, and what is derived from sums. Pure.

Only forward: money that arrived is never taken back by a state, a late "failed" never overrides "paid", and a
time-out is `unknown` until the provider was asked. What came too late stays where it is and is flagged.
"""

from enum import StrEnum
from typing import TypeVar

from payments.models import PayInState, PaymentState, PayoutStatus, RefundStatus

S = TypeVar("S", PaymentState, RefundStatus, PayoutStatus, PayInState)
_ENDS = frozenset({PaymentState.PAID, PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED})

FOLLOWS: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.CREATED: _ENDS | {PaymentState.PENDING, PaymentState.AUTHORIZED, PaymentState.UNKNOWN},
    PaymentState.PENDING: _ENDS | {PaymentState.AUTHORIZED, PaymentState.UNKNOWN},
    PaymentState.AUTHORIZED: _ENDS | {PaymentState.UNKNOWN},
    PaymentState.UNKNOWN: _ENDS,
    PaymentState.PAID: frozenset(),
    PaymentState.FAILED: frozenset(),
    PaymentState.EXPIRED: frozenset(),
    PaymentState.CANCELLED: frozenset(),
}

# Only by a person, who has the goods and the whole money in hand: never by news, however late.
REVIVES = frozenset({PaymentState.EXPIRED})

REFUND_FOLLOWS: dict[RefundStatus, frozenset[RefundStatus]] = {
    RefundStatus.REQUESTED: frozenset(
        {
            RefundStatus.MANUAL,
            RefundStatus.SENT,
            RefundStatus.PENDING,
            RefundStatus.UNKNOWN,
            RefundStatus.SUCCEEDED,
            RefundStatus.FAILED,
            RefundStatus.CANCELLED,
        }
    ),
    RefundStatus.MANUAL: frozenset({RefundStatus.SENT, RefundStatus.SUCCEEDED, RefundStatus.CANCELLED}),
    RefundStatus.SENT: frozenset(
        {RefundStatus.PENDING, RefundStatus.UNKNOWN, RefundStatus.SUCCEEDED, RefundStatus.FAILED}
    ),
    RefundStatus.PENDING: frozenset({RefundStatus.UNKNOWN, RefundStatus.SUCCEEDED, RefundStatus.FAILED}),
    RefundStatus.UNKNOWN: frozenset({RefundStatus.SUCCEEDED, RefundStatus.FAILED}),
    # A provider may take a finished refund back: the buyer's bank returned it.
    RefundStatus.SUCCEEDED: frozenset({RefundStatus.REVERSED}),
    RefundStatus.FAILED: frozenset(),
    RefundStatus.REVERSED: frozenset(),
    RefundStatus.CANCELLED: frozenset(),
}

PAYOUT_FOLLOWS: dict[PayoutStatus, frozenset[PayoutStatus]] = {
    PayoutStatus.DRAFT: frozenset({PayoutStatus.APPROVED, PayoutStatus.CANCELLED}),
    PayoutStatus.APPROVED: frozenset({PayoutStatus.SENT, PayoutStatus.CANCELLED}),
    PayoutStatus.SENT: frozenset({PayoutStatus.UNKNOWN, PayoutStatus.SUCCEEDED, PayoutStatus.FAILED}),
    PayoutStatus.UNKNOWN: frozenset({PayoutStatus.SUCCEEDED, PayoutStatus.FAILED}),
    PayoutStatus.SUCCEEDED: frozenset({PayoutStatus.RETURNED}),
    PayoutStatus.FAILED: frozenset(),
    PayoutStatus.RETURNED: frozenset(),
    PayoutStatus.CANCELLED: frozenset(),
}

PAY_IN_FOLLOWS: dict[PayInState, frozenset[PayInState]] = {
    PayInState.PREPARED: frozenset(
        {PayInState.PAID_IN, PayInState.PROVED, PayInState.DIFFERS, PayInState.CANCELLED}
    ),
    PayInState.PAID_IN: frozenset({PayInState.PROVED, PayInState.DIFFERS, PayInState.CANCELLED}),
    PayInState.DIFFERS: frozenset({PayInState.EXPLAINED}),
    PayInState.PROVED: frozenset(),
    PayInState.EXPLAINED: frozenset(),
    PayInState.CANCELLED: frozenset(),
}

# Whose money still counts against what may be refunded: all but what certainly did not leave, or came back.
REFUND_COUNTS = frozenset(
    set(RefundStatus) - {RefundStatus.FAILED, RefundStatus.REVERSED, RefundStatus.CANCELLED}
)


class Derived(StrEnum):
    """What the sums of a payment say beyond its state."""

    PARTIALLY_PAID = "partially_paid"
    OVERPAID = "overpaid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class WrongStep(Exception):
    """A payment, refund or payout was to make a step that its table does not allow; a fault of ours."""


def may_follow(old: S, new: S) -> bool:
    """Whether a payment (a refund, a payout) may go from one state to the other."""
    return new in _table_of(old)[old]


def stepped(old: S, new: S) -> S:
    """The new state. Raises WrongStep when the table does not allow it."""
    if not may_follow(old, new):
        raise WrongStep(f"{old} may not become {new}")
    return new


def is_open(state: S) -> bool:
    """Whether something may still follow by itself; a state that only a reversal can leave is closed."""
    closed = (RefundStatus.SUCCEEDED, PayoutStatus.SUCCEEDED)
    return state not in closed and bool(_table_of(state)[state])


def derived(
    *, asked_dong: int, received_dong: int, extra_dong: int = 0, refunded_dong: int = 0
) -> frozenset[Derived]:
    """What the sums say: `received_dong` counts towards what was asked, `extra_dong` came beyond, in whole đồng."""
    came_dong = received_dong + extra_dong
    said = {
        Derived.PARTIALLY_PAID: 0 < received_dong < asked_dong,
        Derived.OVERPAID: extra_dong > 0,
        Derived.PARTIALLY_REFUNDED: 0 < refunded_dong < came_dong,
        Derived.REFUNDED: 0 < came_dong <= refunded_dong,
    }
    return frozenset(one for one, is_so in said.items() if is_so)


def _table_of(state: S) -> dict[S, frozenset[S]]:
    tables: dict[type, object] = {
        PaymentState: FOLLOWS,
        RefundStatus: REFUND_FOLLOWS,
        PayoutStatus: PAYOUT_FOLLOWS,
        PayInState: PAY_IN_FOLLOWS,
    }
    return tables[type(state)]  # type: ignore[return-value]
