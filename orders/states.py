"""The states of an order and which may follow which."""

from enum import StrEnum


class OrderState(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    PAID = "paid"
    POSTED = "posted"
    DELIVERED = "delivered"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    LOST = "lost"


FOLLOWS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PLACED: frozenset({OrderState.PAID, OrderState.EXPIRED, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.POSTED, OrderState.DELIVERED, OrderState.CANCELLED}),
    OrderState.POSTED: frozenset({OrderState.DELIVERED, OrderState.RETURNED, OrderState.LOST}),
    OrderState.DELIVERED: frozenset(),
    OrderState.EXPIRED: frozenset(),
    OrderState.CANCELLED: frozenset(),
    OrderState.RETURNED: frozenset(),
    OrderState.LOST: frozenset(),
}


def may_follow(old: OrderState, new: OrderState) -> bool:
    """Whether an order may go from one state to the other."""
    return new in FOLLOWS[old]
