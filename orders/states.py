"""The states of orders, stall sales and market fees, and which may follow which; the channels of the revenue book."""

from enum import StrEnum


class OrderState(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    PAID = "paid"
    POSTED = "posted"
    READY = "ready"
    DELIVERED = "delivered"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    LOST = "lost"
    DISPUTED = "disputed"
    CLOSED = "closed"


class Handing(StrEnum):
    """How the goods come to the buyer: to the door, or fetched at the stall, at a market's desk, at a post office.

    `joint`: to the door in one parcel with other stalls' goods, packed at the market's desk.
    """

    DOOR = "door"
    STALL = "stall"
    DESK = "desk"
    POINT = "point"
    JOINT = "joint"


BY_PEOPLE = (Handing.STALL, Handing.DESK)  # given out by a seller or a market's desk, not by the post
BY_ITSELF = (Handing.DOOR, Handing.POINT)  # in a parcel of its own


class JointState(StrEnum):
    """Where one parcel of several stalls stands until the post has it: gathered, then packed; or ended."""

    GATHERING = "gathering"
    PACKED = "packed"
    ENDED = "ended"


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


class AskState(StrEnum):
    """Where a buyer's asking for money back stands."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ShortState(StrEnum):
    """Where a shortage stands: the buyer is asked, takes the rest, has all cancelled; or the goods were found."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class HeavyState(StrEnum):
    """Where the difference of heavier goods stands: asked, or its time over; paid, waived, or less was packed."""

    ASKED = "asked"
    LAPSED = "lapsed"
    PAID = "paid"
    WAIVED = "waived"
    LOWERED = "lowered"


class FeeState(StrEnum):
    """Where a market's fee stands."""

    OPEN = "open"
    PAID = "paid"
    VOID = "void"


class Channel(StrEnum):
    """Where revenue came from: cash noted by hand, QR at the stall, an order in the market, another floor."""

    CASH = "cash"
    QR = "qr"
    ONLINE = "online"
    FLOOR = "floor"


class EntryKind(StrEnum):
    """What a line of the revenue book is: money seen, money given back, or what an earlier line should have said."""

    SALE = "sale"
    RETURNED = "returned"
    CORRECTION = "correction"


FOLLOWS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PLACED: frozenset({OrderState.PAID, OrderState.EXPIRED, OrderState.CANCELLED}),
    # Paid at the door: never "placed", because no money is awaited before it is sent.
    OrderState.CONFIRMED: frozenset(
        {OrderState.PAID, OrderState.POSTED, OrderState.DELIVERED, OrderState.CANCELLED}
    ),
    OrderState.PAID: frozenset(
        {OrderState.POSTED, OrderState.READY, OrderState.DELIVERED, OrderState.CANCELLED}
    ),
    OrderState.POSTED: frozenset(
        {OrderState.READY, OrderState.DELIVERED, OrderState.RETURNED, OrderState.LOST}
    ),
    OrderState.READY: frozenset({OrderState.DELIVERED, OrderState.RETURNED, OrderState.LOST}),
    OrderState.DELIVERED: frozenset({OrderState.DISPUTED, OrderState.CLOSED}),
    OrderState.DISPUTED: frozenset({OrderState.DELIVERED, OrderState.RETURNED, OrderState.CLOSED}),
    # Only by a person, when late money and goods are both there (orders.services.revive).
    OrderState.EXPIRED: frozenset({OrderState.PAID}),
    OrderState.CANCELLED: frozenset(),
    OrderState.RETURNED: frozenset(),
    # Only by a person, when its parcel was found after all (orders.services.found).
    OrderState.LOST: frozenset({OrderState.DELIVERED, OrderState.RETURNED}),
    OrderState.CLOSED: frozenset(),
}


# To be packed and sent: its money is there, or is taken at the door.
TO_SEND = frozenset({OrderState.PAID, OrderState.CONFIRMED})
# The buyer is asked, and it ends; silence cancels what is still there, and takes the rest of what is on its way.
SHORT_FOLLOWS: dict[ShortState, frozenset[ShortState]] = {
    ShortState.ASKED: frozenset({ShortState.ACCEPTED, ShortState.CANCELLED, ShortState.WITHDRAWN}),
    ShortState.ACCEPTED: frozenset(),
    ShortState.CANCELLED: frozenset(),
    ShortState.WITHDRAWN: frozenset(),
}


# Paid it may be only while it is asked; once its time is over the seller decides. Every end packs the order.
HEAVY_FOLLOWS: dict[HeavyState, frozenset[HeavyState]] = {
    HeavyState.ASKED: frozenset({HeavyState.PAID, HeavyState.LAPSED, HeavyState.WAIVED, HeavyState.LOWERED}),
    HeavyState.LAPSED: frozenset({HeavyState.WAIVED, HeavyState.LOWERED}),
    HeavyState.PAID: frozenset(),
    HeavyState.WAIVED: frozenset(),
    HeavyState.LOWERED: frozenset(),
}
HEAVY_OPEN = (HeavyState.ASKED, HeavyState.LAPSED)  # nothing is sent


def may_follow(old: OrderState, new: OrderState) -> bool:
    """Whether an order may go from one state to the other."""
    return new in FOLLOWS[old]
