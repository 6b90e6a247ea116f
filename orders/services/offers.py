"""What a checkout is made of: ways to bring a seller's part, the part itself, and parts that may share one parcel."""

from dataclasses import dataclass

from orders.services.basket import Thing
from orders.states import Handing
from vendors.services import VendorCard


@dataclass(frozen=True)
class FetchPlace:
    """Where buyers fetch. `market_id` or `point_id` say whose desk or post office it is."""

    name: str
    line: str
    hours: str
    commune_code: str
    commune: str
    province: str
    market_id: int | None = None
    point_id: int | None = None

    @property
    def address(self) -> str:
        """Where it is, in one line."""
        return ", ".join(filter(None, (self.line, self.commune)))


@dataclass(frozen=True)
class Way:
    """One way to bring a seller's part; `key` chooses it, `title` is the msgid of the carrier's or the place's name.

    `place` is where the buyer fetches it, None for what comes to the door.
    """

    key: str
    carrier: str
    service: str
    title: str
    price_dong: int
    days_min: int
    days_max: int
    service_name: str = ""
    handing: Handing = Handing.DOOR
    place: FetchPlace | None = None


@dataclass(frozen=True)
class Offer:
    """One seller's part of the order: who sells, what, and what bringing it costs and takes.

    `ways` are what the seller offers, side by side; the fee and the days are those of `way`. `more_most_dong` is the
    most that goods which weigh more when packed cost on top.
    """

    vendor: VendorCard
    things: tuple[Thing, ...]
    goods_dong: int
    delivery_dong: int
    total_dong: int
    weight_g: int
    days_min: int
    days_max: int
    way: Way
    ways: tuple[Way, ...]
    more_most_dong: int = 0


@dataclass(frozen=True)
class Joint:
    """Parts of sellers in one market that may travel in one parcel for `fee_dong`, `saved_dong` less than apart."""

    market_id: int
    market: str
    sellers: tuple[tuple[int, str], ...]
    fee_dong: int
    saved_dong: int
    is_agreed: bool

    @property
    def names(self) -> str:
        """Whose goods they are."""
        return ", ".join(name for _, name in self.sellers)
