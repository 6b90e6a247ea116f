"""The states of a parcel, which may follow which, and the fold that derives a state from carriers' events."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class ParcelState(StrEnum):
    """Where a parcel is; the last five are final."""

    CREATED = "created"
    AWAITING_PICKUP = "awaiting_pickup"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    AT_DELIVERY_OFFICE = "at_delivery_office"
    OUT_FOR_DELIVERY = "out_for_delivery"
    FAILED_ATTEMPT = "failed_attempt"
    RETURNING = "returning"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"
    DAMAGED = "damaged"
    CANCELLED = "cancelled"


class BookingState(StrEnum):
    """How the booking with the carrier stands. `asked`: the question is under way, or died with its worker."""

    WAITING = "waiting"
    ASKED = "asked"
    UNKNOWN = "unknown"
    BOOKED = "booked"
    REJECTED = "rejected"


class ClaimState(StrEnum):
    """Where a claim on a carrier stands; `answered`: the carrier agrees to a sum, `withdrawn`: the parcel was found."""

    OPENED = "opened"
    ANSWERED = "answered"
    PAID = "paid"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


# A carrier that refused may think better of it, or pay all the same.
CLAIM_FOLLOWS: dict[ClaimState, frozenset[ClaimState]] = {
    ClaimState.OPENED: frozenset(
        {ClaimState.ANSWERED, ClaimState.REFUSED, ClaimState.PAID, ClaimState.WITHDRAWN}
    ),
    ClaimState.ANSWERED: frozenset({ClaimState.REFUSED, ClaimState.PAID, ClaimState.WITHDRAWN}),
    ClaimState.REFUSED: frozenset({ClaimState.ANSWERED, ClaimState.PAID}),
    ClaimState.PAID: frozenset(),
    ClaimState.WITHDRAWN: frozenset(),
}


class MoneyState(StrEnum):
    """Where money collected at the door is; only `reconciled` releases it to the seller."""

    NONE = "none"
    EXPECTED = "expected"
    COLLECTED = "collected"
    PAID_IN = "paid_in"
    REMITTED = "remitted"
    RECONCILED = "reconciled"
    DISPUTED = "disputed"


class Flag(StrEnum):
    """What stands beside a state; the last two are raised by the fold and ask for a person."""

    ON_HOLD = "on_hold"
    EXCEPTION = "exception"
    SUBMISSION_UNKNOWN = "submission_unknown"
    RETURN_LEG = "return_leg"
    PARTIAL = "partial"
    PICKUP_FAILED = "pickup_failed"
    DECISION_NEEDED = "decision_needed"
    UNCONFIRMED = "unconfirmed"
    UNKNOWN_CODE = "unknown_code"
    AFTER_FINAL = "after_final"


@dataclass(frozen=True)
class EventView:
    """One event of a parcel as the fold sees it. Both times are aware.

    `key` is the event's dedupe key: a repeat carries the same one. `state` is None when the event moves
    nothing (a money event, a corrected waybill, an unknown code). `returning` is the carrier's own word that
    the parcel travels back. `correction` is the reason of a named person who may move even a final state.
    """

    key: str
    happened_at: datetime
    received_at: datetime
    state: ParcelState | None
    returning: bool = False
    flags: frozenset[Flag] = frozenset()
    correction: str = ""


@dataclass(frozen=True)
class Folded:
    """What all events together say; `skipped` lists the (from, to) steps that no table allows."""

    state: ParcelState
    skipped: tuple[tuple[ParcelState, ParcelState], ...] = ()
    flags: frozenset[Flag] = field(default_factory=frozenset)


_S = ParcelState
_SOMETHING_HAPPENED = {_S.LOST, _S.DAMAGED}

FOLLOWS: dict[ParcelState, frozenset[ParcelState]] = {
    state: frozenset(after)
    for state, after in {
        _S.CREATED: {_S.AWAITING_PICKUP, _S.PICKED_UP, _S.IN_TRANSIT, _S.CANCELLED},
        _S.AWAITING_PICKUP: {_S.CREATED, _S.PICKED_UP, _S.IN_TRANSIT, _S.CANCELLED},
        _S.PICKED_UP: {
            _S.IN_TRANSIT,
            _S.AT_DELIVERY_OFFICE,
            _S.OUT_FOR_DELIVERY,
            _S.DELIVERED,
        }
        | {_S.RETURNING, _S.CANCELLED, *_SOMETHING_HAPPENED},
        _S.IN_TRANSIT: {
            _S.AT_DELIVERY_OFFICE,
            _S.OUT_FOR_DELIVERY,
            _S.DELIVERED,
            _S.FAILED_ATTEMPT,
        }
        | {_S.RETURNING, _S.CANCELLED, *_SOMETHING_HAPPENED},
        _S.AT_DELIVERY_OFFICE: {
            _S.IN_TRANSIT,
            _S.OUT_FOR_DELIVERY,
            _S.DELIVERED,
            _S.FAILED_ATTEMPT,
        }
        | {_S.RETURNING, _S.CANCELLED, *_SOMETHING_HAPPENED},
        _S.OUT_FOR_DELIVERY: {
            _S.DELIVERED,
            _S.FAILED_ATTEMPT,
            _S.AT_DELIVERY_OFFICE,
            _S.IN_TRANSIT,
        }
        | {_S.RETURNING, *_SOMETHING_HAPPENED},
        _S.FAILED_ATTEMPT: {
            _S.OUT_FOR_DELIVERY,
            _S.AT_DELIVERY_OFFICE,
            _S.IN_TRANSIT,
            _S.DELIVERED,
        }
        | {_S.RETURNING, _S.RETURNED, _S.CANCELLED, *_SOMETHING_HAPPENED},
        _S.RETURNING: {
            _S.RETURNED,
            _S.OUT_FOR_DELIVERY,
            _S.CANCELLED,
            *_SOMETHING_HAPPENED,
        },
        _S.DELIVERED: set(),
        _S.RETURNED: set(),
        _S.LOST: set(),
        _S.DAMAGED: set(),
        _S.CANCELLED: set(),
    }.items()
}

FINAL = frozenset(state for state, after in FOLLOWS.items() if not after)

_LASTING = frozenset({Flag.PARTIAL, Flag.UNKNOWN_CODE})
_ON_THE_WAY = frozenset({_S.IN_TRANSIT, _S.OUT_FOR_DELIVERY})
_GOING_BACK = frozenset({_S.RETURNING, _S.RETURNED})


def may_follow(old: ParcelState, new: ParcelState) -> bool:
    """Whether a person may move a parcel from `old` to `new`; staying where it is is no move."""
    return new in FOLLOWS[old]


def fold(events: Iterable[EventView]) -> Folded:
    """The state after all events, in whatever order and however often they arrived.

    Events count by (time at the carrier, time of receipt). A carrier's fact is taken even when steps are
    missing. The earliest final state stays, so a final event that arrives late but happened earlier wins, as
    does a person's correction.
    """
    so_far = Folded(ParcelState.CREATED)
    for event in _once_each(events):
        so_far = _after(so_far, event)
    return so_far


def _once_each(events: Iterable[EventView]) -> list[EventView]:
    first: dict[str, EventView] = {}
    for event in sorted(events, key=lambda event: (event.happened_at, event.received_at, event.key)):
        first.setdefault(event.key, event)
    return list(first.values())


def _after(so_far: Folded, event: EventView) -> Folded:
    state = _meant(event)
    if state is None:
        return replace(so_far, flags=so_far.flags | event.flags)
    if so_far.state in FINAL and not event.correction:
        late = frozenset({Flag.AFTER_FINAL}) if state is not so_far.state else frozenset()
        return replace(so_far, flags=so_far.flags | late | (event.flags & _LASTING))
    expected = state is so_far.state or may_follow(so_far.state, state) or bool(event.correction)
    skipped = so_far.skipped if expected else (*so_far.skipped, (so_far.state, state))
    return Folded(state, skipped, _flags_after(so_far, event, state))


def _meant(event: EventView) -> ParcelState | None:
    """Carriers send the words of the outward leg for the way back too, with a mark beside them."""
    return ParcelState.RETURNING if event.returning and event.state in _ON_THE_WAY else event.state


def _flags_after(so_far: Folded, event: EventView, state: ParcelState) -> frozenset[Flag]:
    flags = (so_far.flags & _LASTING) | event.flags
    turned_back = event.returning or state in _GOING_BACK
    ended_on_the_way_back = state in FINAL and state is not _S.DELIVERED and Flag.RETURN_LEG in so_far.flags
    return flags | {Flag.RETURN_LEG} if turned_back or ended_on_the_way_back else flags


_SHOWN: dict[ParcelState, str] = {
    _S.CREATED: "Đang chuẩn bị hàng",
    _S.AWAITING_PICKUP: "Chờ bưu tá đến lấy",
    _S.PICKED_UP: "Đang trên đường",
    _S.IN_TRANSIT: "Đang trên đường",
    _S.AT_DELIVERY_OFFICE: "Đã đến bưu cục gần người nhận",
    _S.OUT_FOR_DELIVERY: "Bưu tá đang giao",
    _S.FAILED_ATTEMPT: "Chưa giao được",
    _S.RETURNING: "Đang trả về người bán",
    _S.DELIVERED: "Đã giao",
    _S.RETURNED: "Đã trả về người bán",
    _S.LOST: "Bị thất lạc",
    _S.DAMAGED: "Bị hư hỏng",
    _S.CANCELLED: "Đã hủy gửi",
}

_SHOWN_TO_STAFF: dict[ParcelState, str] = {
    **_SHOWN,
    _S.CREATED: "Mới tạo",
    _S.AWAITING_PICKUP: "Chờ lấy",
    _S.PICKED_UP: "Đã lấy hàng",
    _S.IN_TRANSIT: "Đang chuyển đi",
    _S.AT_DELIVERY_OFFICE: "Ở bưu cục giao",
    _S.OUT_FOR_DELIVERY: "Đang đi giao",
}


def shown(state: ParcelState) -> str:
    """The msgid that a shopper or a trader reads: coarse, without the trade's words."""
    return _SHOWN[state]


def shown_to_staff(state: ParcelState) -> str:
    """The msgid that postal staff read: one wording a state."""
    return _SHOWN_TO_STAFF[state]
