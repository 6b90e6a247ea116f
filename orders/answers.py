"""What the JSON API of orders answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from orders.models import OrderLine
from orders.services import Placed
from orders.services.handing.shown import FetchFacts
from orders.services.offers import Way
from orders.states import Handing, OrderState
from payments.services import PaymentView


@dataclass
class OrderLineAnswer:
    """A line of an order as it was ordered, named by its number; `name` ends with the `variant`, if there was a choice.

    Sold by weight, `sum_dong` is paid for `estimate_g`; `final_weight_g` was packed, worth `less_dong` less, or costs
    `more_dong` on top, at most `more_most_dong` (0: heavier is not charged).
    `short_quantity` pieces were not there and `short_dong` goes back.
    """

    line: int
    name: str
    variant: str
    unit: str
    price_dong: int
    quantity: int
    sum_dong: int
    lots: list[str]
    estimate_g: int | None
    final_weight_g: int | None
    less_dong: int
    more_most_dong: int
    more_dong: int
    short_quantity: int
    short_dong: int


@dataclass
class LineAnswer:
    """A line of the basket with today's price; `note` says in words what changed.

    `line` names it when its quantity changes; `listing` is empty for goods that are no longer sold. `variant` is the
    size or quality that was chosen, also the end of `name`. What weighs more may cost up to `more_most_dong` on top.
    """

    line: int
    listing: str
    variant: str
    name: str
    seller: str
    unit: str
    price_dong: int
    quantity: int
    sum_dong: int
    stock: int
    note: str
    more_most_dong: int


@dataclass
class WayAnswer:
    """One way to bring a seller's part; `way` chooses it. What is fetched has its place and when that is open."""

    way: str
    carrier: str
    price_dong: int
    days_min: int
    days_max: int
    handing: Handing
    place: str
    address: str
    hours: str


@dataclass
class JointAnswer:
    """Sellers of one market whose goods may share a parcel for `fee_dong`, `saved_dong` less than apart."""

    market: str
    vendor_ids: list[int]
    fee_dong: int
    saved_dong: int
    is_agreed: bool


@dataclass
class FetchAnswer:
    """Where an order is fetched; `ready_by` while it is not ready, `kept_until` once it is."""

    place: str
    address: str
    hours: str
    ready_by: datetime | None
    kept_until: date | None


@dataclass
class OfferAnswer:
    """One seller's part of the order to be: its sums in đồng, the days delivery takes, the other ways to bring it.

    Goods sold by weight that weigh more when packed cost up to `more_most_dong` on top; placing the order agrees to it.
    """

    vendor_id: int
    seller: str
    goods_dong: int
    delivery_dong: int
    total_dong: int
    days_min: int
    days_max: int
    way: str
    ways: list[WayAnswer]
    can_be_paid_at_door: bool
    more_most_dong: int


@dataclass
class ReviewAnswer:
    """What an order would cost; `seen` goes back with the order, so that nothing changes unread."""

    offers: list[OfferAnswer]
    goods_dong: int
    delivery_dong: int
    total_dong: int
    is_adult_only: bool
    can_be_ordered: bool
    seen: str
    joints: list[JointAnswer]
    more_most_dong: int


@dataclass
class PaymentAnswer:
    """What to transfer and where to, while money is awaited. `amount_dong` is what is still missing."""

    qr_text: str
    amount_dong: int
    received_dong: int
    expires_at: datetime
    bank_name: str
    account_number: str
    account_holder: str
    content: str


@dataclass
class PlacedOrderAnswer:
    """An order just placed; `payment` is null where its money is collected at the door."""

    code: str
    seller: str
    total_dong: int
    expires_at: datetime
    payment: PaymentAnswer | None


@dataclass
class PlacedAnswer:
    """The orders placed, one for each seller, and what to transfer for each; `codes` are theirs."""

    codes: list[str]
    orders: list[PlacedOrderAnswer]


@dataclass
class OrderAnswer:
    """One order; goods that weighed more cost up to `more_most_dong` on top, and `more_dong` was paid."""

    code: str
    state: OrderState
    words: str
    seller: str
    goods_dong: int
    delivery_dong: int
    total_dong: int
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    pays_on_delivery: bool
    delivered_at: datetime | None
    ships_from: date | None
    ships_to: date | None
    parcel_code: str
    give_back_dong: int
    given_back_at: datetime | None
    more_most_dong: int
    more_dong: int
    handing: Handing
    fetch: FetchAnswer | None
    lines: list[OrderLineAnswer]
    payment: PaymentAnswer | None


@dataclass
class OrderRowAnswer:
    """An order in the list."""

    code: str
    words: str
    seller: str
    things: str
    total_dong: int
    placed_at: datetime


def way_answer(way: Way) -> WayAnswer:
    """A way as it is told."""
    place = way.place
    return WayAnswer(
        way=way.key,
        carrier=way.carrier,
        price_dong=way.price_dong,
        days_min=way.days_min,
        days_max=way.days_max,
        handing=way.handing,
        place=place.name if place else "",
        address=place.address if place else "",
        hours=place.hours if place else "",
    )


def payment_answer(payment: PaymentView) -> PaymentAnswer:
    """What to transfer, as it is told."""
    return PaymentAnswer(
        qr_text=payment.qr_text,
        amount_dong=payment.rest_dong,
        received_dong=payment.received_dong,
        expires_at=payment.expires_at,
        bank_name=payment.bank_name,
        account_number=payment.account_number,
        account_holder=payment.account_holder,
        content=payment.code,
    )


def placed_answer(placed: Sequence[Placed]) -> PlacedAnswer:
    """Orders just placed, as they are told."""
    orders = [
        PlacedOrderAnswer(
            code=one.order.code,
            seller=one.order.vendor_name,
            total_dong=one.order.total_dong,
            expires_at=one.order.expires_at,
            payment=payment_answer(one.payment) if one.payment else None,
        )
        for one in placed
    ]
    return PlacedAnswer([one.code for one in orders], orders)


def fetch_answer(fetch: FetchFacts) -> FetchAnswer:
    """Where an order is fetched, as it is told."""
    return FetchAnswer(fetch.place, fetch.address, fetch.hours, fetch.ready_by, fetch.kept_until)


def line_answer(line: OrderLine) -> OrderLineAnswer:
    """A line as it is told."""
    return OrderLineAnswer(
        line=line.id,
        name=line.name,
        variant=line.variant,
        unit=line.unit,
        price_dong=line.price_dong,
        quantity=line.quantity,
        sum_dong=line.sum_dong,
        lots=list(line.lots),
        estimate_g=line.estimate_g,
        final_weight_g=line.final_weight_g,
        less_dong=line.less_dong,
        more_most_dong=line.more_most_dong,
        more_dong=line.more_dong,
        short_quantity=line.short_quantity,
        short_dong=line.short_dong,
    )
