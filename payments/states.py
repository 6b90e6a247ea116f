"""The states of a payment and which may follow which: only forward, and paid is never taken back."""

from payments.models import PaymentState

FOLLOWS: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.PENDING: frozenset(
        {PaymentState.PAID, PaymentState.EXPIRED, PaymentState.CANCELLED, PaymentState.UNKNOWN}
    ),
    PaymentState.UNKNOWN: frozenset({PaymentState.PAID, PaymentState.EXPIRED, PaymentState.CANCELLED}),
    PaymentState.PAID: frozenset(),
    PaymentState.EXPIRED: frozenset(),
    PaymentState.CANCELLED: frozenset(),
}


class WrongStep(Exception):
    """A payment was to make a step that the table does not allow; a fault of ours."""


def may_follow(old: PaymentState, new: PaymentState) -> bool:
    """Whether a payment may go from one state to the other."""
    return new in FOLLOWS[old]


def stepped(old: PaymentState, new: PaymentState) -> PaymentState:
    """The new state. Raises WrongStep when the table does not allow it."""
    if not may_follow(old, new):
        raise WrongStep(f"{old} may not become {new}")
    return new
