"""What a carrier is to the market: one protocol, the values that go in and out, the ways it can fail."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kit.gates import HttpAnswer, RawRequest
from postal.states import Flag, ParcelState

CENTIMETRES_MAX = 200


class Capability(StrEnum):
    """What a carrier's interface can be asked for beyond making a parcel.

    `REPEATABLE_CREATE`: the same reference again is the same parcel. `SIGNED_NEWS`: its webhooks prove who sent
    them, so that even an end may be believed. `AREAS`: it has place numbers of its own.
    """

    QUOTE = "quote"
    REPEATABLE_CREATE = "repeatable_create"
    FIND_BY_REFERENCE = "find_by_reference"
    CANCEL = "cancel"
    REDELIVER = "redeliver"
    SEND_BACK = "send_back"
    LABELS = "labels"
    TRACK = "track"
    LIST_CHANGED = "list_changed"
    WEBHOOK = "webhook"
    SIGNED_NEWS = "signed_news"
    AREAS = "areas"


class CancelAnswer(StrEnum):
    """How a carrier answers a cancellation; `requested` waits for its own approval."""

    DONE = "done"
    REQUESTED = "requested"
    REFUSED = "refused"


class LabelSize(StrEnum):
    """The sheets that carriers print labels on."""

    A5 = "A5"
    A6 = "A6"
    A7 = "A7"


class WebhookVerdict(StrEnum):
    """What became of a webhook here; each carrier is told in its own words."""

    TAKEN = "taken"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    FAULT = "fault"


@dataclass(frozen=True)
class Area:
    """A commune as a carrier numbers or spells it; `parent_id` and `parent_name` are its province's."""

    id: str
    name: str
    parent_id: str
    parent_name: str


@dataclass(frozen=True)
class Party:
    """A sender or recipient in the two-level address; codes are those of the statistics office.

    `area` is the same place in the numbers of the carrier that is asked, if it has some.
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
    area: Area | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Size:
    """A parcel's outside in whole centimetres."""

    length_cm: int
    width_cm: int
    height_cm: int

    @property
    def volume_cm3(self) -> int:
        """Length × width × height."""
        return self.length_cm * self.width_cm * self.height_cm


@dataclass(frozen=True)
class ParcelRequest:
    """A parcel to be carried. `reference` is the order's code, for people to read on the label.

    `value_dong` is the worth of the goods, `cod_dong` what is collected at the door (0 = nothing), `service` the
    carrier's own service as it was quoted ("" = its cheapest), `market` where the sender's stall stands, if anywhere,
    `carrier` who is to carry it and `vendor_id` who sends it. `point_id` is the post office where it is fetched;
    `digital_address` (Vpostcode) and the point on the map are for who looks for the door. With `is_adult_only`
    (alcohol) own staff look at the taker's age; others read it in the contents. `promised_days` are the most that the
    quote named which the buyer ordered by; None: the rate sheet's.
    Raises ValueError when the weight is not positive or an amount is negative.
    """

    reference: str
    sender: Party
    recipient: Party
    weight_g: int
    value_dong: int
    contents: str
    cod_dong: int = 0
    service: str = ""
    size: Size | None = None
    market: str = ""
    carrier: str = "staff"
    vendor_id: int | None = None
    point_id: int | None = None
    digital_address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    is_adult_only: bool = False
    promised_days: int | None = None

    def __post_init__(self) -> None:
        if self.weight_g <= 0:
            raise ValueError(f"weight {self.weight_g} g is not positive")
        if self.value_dong < 0 or self.cod_dong < 0:
            raise ValueError("an amount of money is negative")


@dataclass(frozen=True)
class Quote:
    """A price with everything in it, and how many days it takes from collection to the door.

    `weight_g` is what the carrier charges for: the weight, or the volume where that counts for more; 0 where the
    carrier does not say.
    """

    price_dong: int
    days_min: int
    days_max: int
    service: str = ""
    service_name: str = ""
    weight_g: int = 0


@dataclass(frozen=True)
class Booked:
    """A parcel the carrier knows; the tracking code is None while it has not given one."""

    tracking_code: str | None
    state: ParcelState
    fee_dong: int | None = None
    sort_code: str = ""


@dataclass(frozen=True)
class CarrierEvent:
    """One fact as a carrier tells it. `code` and `reason` are its own; `at` is its time, aware.

    `reference` is our key where the carrier repeats it. `is_sure`: told by somebody who proved to be the carrier.
    Sums are None where it says none. `raw` is the fact as it came, for what was asked for and not sent to us.
    """

    tracking_code: str
    code: str
    at: datetime
    reference: str = ""
    reason: str = ""
    note: str = ""
    place: str = ""
    is_returning: bool = False
    is_sure: bool = True
    fee_dong: int | None = None
    weight_g: int | None = None
    cod_dong: int | None = None
    raw: str = field(default="", compare=False)

    def key(self, carrier: str) -> str:
        """The same for every repeat of this fact; what is not proved never stands in the way of what is."""
        parts = (carrier, self.tracking_code, self.code, self.at.isoformat(), self.reason)
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return digest if self.is_sure else digest[:62] + ":u"


@dataclass(frozen=True)
class MappedStatus:
    """What a carrier's code means here. `state` None moves nothing; `is_known` False: nobody has seen the code."""

    state: ParcelState | None
    flags: frozenset[Flag] = frozenset()
    reason: str = ""
    is_money: bool = False
    is_known: bool = True


@dataclass(frozen=True)
class LabelDocument:
    """Labels to print: the file itself, or the address where the carrier shows it for a while."""

    content: bytes = b""
    url: str = ""
    media_type: str = "application/pdf"


class Carrier(Protocol):
    """A gate to one carrier. Every call may leave the house: never make one inside a transaction.

    Acts that go outside raise CarrierRejected, CarrierUnavailable or CarrierAmbiguous; what is not among the
    capabilities raises CapabilityMissing. `is_twin` marks a pretend carrier.
    """

    is_twin: bool

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

    async def redeliver(self, tracking_code: str, *, note: str) -> None:
        """Asks for another attempt to deliver."""
        ...

    async def send_back(self, tracking_code: str, *, note: str) -> None:
        """Asks that the parcel goes back to the sender."""
        ...

    async def labels(self, tracking_codes: Sequence[str], size: LabelSize) -> LabelDocument:
        """The carrier's own labels, at most a hundred."""
        ...

    async def track(self, tracking_code: str) -> Sequence[CarrierEvent]:
        """All events the carrier remembers, in any order."""
        ...

    async def list_changed(self, since: datetime, until: datetime) -> Sequence[CarrierEvent]:
        """The newest event of every parcel that changed in a time."""
        ...

    async def areas(self) -> Sequence[Area]:
        """Every commune of the two-level structure as the carrier numbers it."""
        ...

    def verify_webhook(self, request: RawRequest) -> None:
        """Pure. Raises BadSignature or Malformed; says nothing more than that the sender knew the secret."""
        ...

    def parse_webhook(self, request: RawRequest) -> Sequence[CarrierEvent]:
        """Pure. The facts in a webhook that was verified. Raises Malformed."""
        ...

    def webhook_reply(self, verdict: WebhookVerdict) -> HttpAnswer:
        """What the carrier wants answered, byte for byte."""
        ...

    def map_status(self, code: str, *, is_returning: bool = False, reason: str = "") -> MappedStatus:
        """What one of its codes means here."""
        ...


class CarrierFault(Exception):
    """Something between the market and a carrier went otherwise than hoped."""


class CarrierRejected(CarrierFault):
    """The carrier says no to `field` for the reason `code`; repeating does not help. `words` are its own."""

    def __init__(self, field: str, code: str, words: str = "") -> None:
        super().__init__(f"{field}: {code} {words}".strip())
        self.field = field
        self.code = code
        self.words = words


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


class CapabilityMissing(CarrierFault):
    """The carrier has no such act; its capabilities said so before."""


class OffersNothing:
    """A carrier that can do nothing yet: each gate overrides what its carrier offers."""

    is_twin = False

    async def find_by_reference(self, reference: str) -> Booked | None:
        """Not offered."""
        raise CapabilityMissing("find_by_reference")

    async def quote(self, request: ParcelRequest) -> Sequence[Quote]:
        """Not offered."""
        raise CapabilityMissing("quote")

    async def cancel(self, tracking_code: str, *, reason: str) -> CancelAnswer:
        """Not offered."""
        raise CapabilityMissing("cancel")

    async def redeliver(self, tracking_code: str, *, note: str) -> None:
        """Not offered."""
        raise CapabilityMissing("redeliver")

    async def send_back(self, tracking_code: str, *, note: str) -> None:
        """Not offered."""
        raise CapabilityMissing("send_back")

    async def labels(self, tracking_codes: Sequence[str], size: LabelSize) -> LabelDocument:
        """Not offered."""
        raise CapabilityMissing("labels")

    async def track(self, tracking_code: str) -> Sequence[CarrierEvent]:
        """Not offered."""
        raise CapabilityMissing("track")

    async def list_changed(self, since: datetime, until: datetime) -> Sequence[CarrierEvent]:
        """Not offered."""
        raise CapabilityMissing("list_changed")

    async def areas(self) -> Sequence[Area]:
        """Not offered."""
        raise CapabilityMissing("areas")

    def verify_webhook(self, request: RawRequest) -> None:
        """Not offered."""
        raise CapabilityMissing("webhook")

    def parse_webhook(self, request: RawRequest) -> Sequence[CarrierEvent]:
        """Not offered."""
        raise CapabilityMissing("webhook")

    def webhook_reply(self, verdict: WebhookVerdict) -> HttpAnswer:
        """Nobody is listening."""
        return HttpAnswer(404)

    def map_status(self, code: str, *, is_returning: bool = False, reason: str = "") -> MappedStatus:
        """No code is known."""
        return MappedStatus(None, is_known=False)
