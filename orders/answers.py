"""What the JSON API of orders answers for a line and for a basket that is reviewed."""

from dataclasses import dataclass

from orders.models import OrderLine
from orders.services import Review


@dataclass
class OrderLineAnswer:
    """A line of an order as it was ordered, named by its number; `name` ends with the `variant`, if there was a choice.

    Sold by weight, `sum_dong` is paid for `estimate_g`; `final_weight_g` was packed, worth `less_dong` less.
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
    )


@dataclass
class WayAnswer:
    """One way to bring a seller's part; `way` chooses it."""

    way: str
    carrier: str
    price_dong: int
    days_min: int
    days_max: int


@dataclass
class OfferAnswer:
    """One seller's part of the order to be: its sums in đồng, the days delivery takes, the other ways to bring it."""

    vendor_id: int
    seller: str
    goods_dong: int
    delivery_dong: int
    total_dong: int
    days_min: int
    days_max: int
    way: str
    ways: list[WayAnswer]


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


def review_answer(review: Review) -> ReviewAnswer:
    """A review as programs read it."""
    offers = [
        OfferAnswer(
            vendor_id=offer.vendor.id,
            seller=offer.vendor.name,
            goods_dong=offer.goods_dong,
            delivery_dong=offer.delivery_dong,
            total_dong=offer.total_dong,
            days_min=offer.days_min,
            days_max=offer.days_max,
            way=offer.way.key,
            ways=[
                WayAnswer(one.key, one.carrier, one.price_dong, one.days_min, one.days_max)
                for one in offer.ways
            ],
        )
        for offer in review.offers
    ]
    return ReviewAnswer(
        offers=offers,
        goods_dong=review.goods_dong,
        delivery_dong=review.delivery_dong,
        total_dong=review.total_dong,
        is_adult_only=review.is_adult_only,
        can_be_ordered=review.can_be_ordered,
        seen=review.seen,
    )
