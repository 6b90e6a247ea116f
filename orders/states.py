"""The states of orders, stall sales and market fees, and which may follow which."""

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
    DISPUTED = "disputed"
    CLOSED = "closed"


class SaleWay(StrEnum):
    """How a stall sale was paid: by its own QR, on the static plate, in cash, or by QR seen without signal."""

    QR = "qr"
    PLATE = "plate"
    CASH = "cash"
    SEEN = "seen"


class SaleState(StrEnum):
    """Where a stall sale stands. `matched`: its money was counted with the plate's money that came before it."""

    WAITING = "waiting"
    TO_CONFIRM = "to_confirm"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NOT_SALE = "not_sale"
    MATCHED = "matched"


class FeeState(StrEnum):
    """Where a market's fee stands."""

    OPEN = "open"
    PAID = "paid"
    VOID = "void"


FOLLOWS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PLACED: frozenset({OrderState.PAID, OrderState.EXPIRED, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.POSTED, OrderState.DELIVERED, OrderState.CANCELLED}),
    OrderState.POSTED: frozenset({OrderState.DELIVERED, OrderState.RETURNED, OrderState.LOST}),
    OrderState.DELIVERED: frozenset({OrderState.DISPUTED, OrderState.CLOSED}),
    OrderState.DISPUTED: frozenset({OrderState.DELIVERED, OrderState.RETURNED, OrderState.CLOSED}),
    OrderState.EXPIRED: frozenset(),
    OrderState.CANCELLED: frozenset(),
    OrderState.RETURNED: frozenset(),
    OrderState.LOST: frozenset(),
    OrderState.CLOSED: frozenset(),
}


def may_follow(old: OrderState, new: OrderState) -> bool:
    """Whether an order may go from one state to the other."""
    return new in FOLLOWS[old]
