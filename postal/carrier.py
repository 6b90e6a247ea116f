"""What a carrier is to the market: one protocol, the values that go in and out, the ways it can fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from postal.states import EventView, ParcelState


class Capability(StrEnum):
    """What a carrier's interface can be asked for beyond making a parcel."""

    QUOTE = "quote"
    REPEATABLE_CREATE = "repeatable_create"
    FIND_BY_REFERENCE = "find_by_reference"
    CANCEL = "cancel"
    TRACK = "track"


class CancelAnswer(StrEnum):
    """How a carrier answers a cancellation; `requested` waits for its own approval."""

    DONE = "done"
    REQUESTED = "requested"
    REFUSED = "refused"


@dataclass(frozen=True)
class Party:
    """A sender or recipient in the two-level address; codes are those of the statistics office.

    `old_commune_code` and `old_place` are the same place in three levels, when the person gave it so.
    """

    name: str
    phone: str
    line: str
    commune_code: str
    commune: str
    province: str
    old_commune_code: str = ""
    old_place: str = ""


@dataclass(frozen=True)
class ParcelRequest:
    """A parcel to be carried. `reference` is the order's code, for people to read on the label.

    `value_dong` is the worth of the goods, `cod_dong` what is collected at the door (0 = nothing), `market` where
    the sender's stall stands, if anywhere.
    Raises ValueError when the weight is not positive or an amount is negative.
    """

    reference: str
    sender: Party
    recipient: Party
    weight_g: int
    value_dong: int
    contents: str
    cod_dong: int = 0
    market: str = ""

    def __post_init__(self) -> None:
        if self.weight_g <= 0:
            raise ValueError(f"weight {self.weight_g} g is not positive")
        if self.value_dong < 0 or self.cod_dong < 0:
            raise ValueError("an amount of money is negative")


@dataclass(frozen=True)
class Quote:
    """A price with everything in it, and how many days it takes from collection to the door."""

    price_dong: int
    days_min: int
    days_max: int
    service: str = ""


@dataclass(frozen=True)
class Booked:
    """A parcel the carrier knows; the tracking code is None while it has not given one."""

    tracking_code: str | None
    state: ParcelState


class Carrier(Protocol):
    """A gate to one carrier. Every call may leave the house: never make one inside a transaction."""

    @property
    def code(self) -> str:
        """The carrier's short name in our tables."""
        ...

    def capabilities(self) -> frozenset[Capability]:
        """What may be asked; anything else is not called."""
        ...

    async def quote(self, request: ParcelRequest) -> Sequence[Quote]:
        """The offers for a parcel, cheapest first. Raises CarrierRejected, CarrierUnavailable."""
        ...

    async def create(self, request: ParcelRequest, *, reference: str) -> Booked:
        """Books the parcel under `reference`, our key for this booking; each parcel of an order has its own.

        Raises CarrierRejected (do not repeat), CarrierUnavailable (nothing was made, repeat later) and
        CarrierAmbiguous (it may have been made: look for it, never repeat blindly).
        """
        ...

    async def find_by_reference(self, reference: str) -> Booked | None:
        """The parcel booked under our key, or None when the carrier has none."""
        ...

    async def cancel(self, tracking_code: str, *, reason: str) -> CancelAnswer:
        """Asks to stop a parcel."""
        ...

    async def track(self, tracking_code: str) -> Sequence[EventView]:
        """All events the carrier remembers, in any order."""
        ...


class CarrierFault(Exception):
    """A carrier did not do what it was asked."""


class CarrierRejected(CarrierFault):
    """The carrier says no to `field` for the reason `code`; repeating does not help."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


class CarrierUnavailable(CarrierFault):
    """Nothing reached the carrier; try again after `retry_after_s` seconds."""

    def __init__(self, retry_after_s: int = 60) -> None:
        super().__init__(f"try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class CarrierAmbiguous(CarrierFault):
    """The answer to a booking was lost: a parcel may or may not exist under `reference`."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"unknown whether {reference} was booked")
        self.reference = reference
