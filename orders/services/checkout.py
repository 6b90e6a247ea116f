"""What a buyer reads before ordering: each seller's things, delivery and sums, and what the law wants said."""

import hashlib
from dataclasses import dataclass

from kit.errors import Refusal
from kit.units import Unit
from orders.models import Order
from orders.services.basket import Basket, SellerPart, Thing, basket_of
from postal.services import quote
from vendors.services import VendorCard, vendor_cards


@dataclass(frozen=True)
class Offer:
    """One seller's part of the order: who sells, what, and what bringing it costs and takes."""

    vendor: VendorCard
    things: tuple[Thing, ...]
    goods_dong: int
    delivery_dong: int
    total_dong: int
    weight_g: int
    days_min: int
    days_max: int


@dataclass(frozen=True)
class Review:
    """The whole order before it is placed. `seen` stands for exactly these things, prices and fees."""

    offers: tuple[Offer, ...]
    goods_dong: int
    delivery_dong: int
    total_dong: int
    is_adult_only: bool
    can_be_ordered: bool
    seen: str


@dataclass(frozen=True)
class Recipient:
    """Who gets the parcel and where, in the two-level address; the phone is E.164."""

    name: str
    phone: str
    line: str
    commune: Unit
    note: str = ""


@dataclass(frozen=True)
class Address:
    """An address as it was used before."""

    name: str
    phone: str
    line: str
    commune_code: str
    commune: str
    province: str


async def review_basket(owner: str, commune_code: str) -> Review:
    """The basket with the delivery to a commune in force. Raises Refusal when a seller's part is too heavy."""
    return await review_of(await basket_of(owner), commune_code)


async def review_of(basket: Basket, commune_code: str) -> Review:
    """The same of a basket at hand."""
    vendors = await vendor_cards([seller.vendor_id for seller in basket.sellers])
    offers = tuple([await _offer(one, vendors[one.vendor_id], commune_code) for one in basket.sellers])
    return Review(
        offers=offers,
        goods_dong=basket.goods_dong,
        delivery_dong=sum(offer.delivery_dong for offer in offers),
        total_dong=sum(offer.total_dong for offer in offers),
        is_adult_only=basket.is_adult_only,
        can_be_ordered=basket.can_be_ordered,
        seen=_seen(basket, offers),
    )


async def _offer(seller: SellerPart, vendor: VendorCard, commune_code: str) -> Offer:
    try:
        asked = await quote(vendor.commune_code, commune_code, max(1, seller.weight_g))
    except Refusal as refusal:
        raise Refusal(refusal.sentence, status=refusal.status) from None
    return Offer(
        vendor=vendor,
        things=seller.things,
        goods_dong=seller.goods_dong,
        delivery_dong=asked.price_dong,
        total_dong=seller.goods_dong + asked.price_dong,
        weight_g=seller.weight_g,
        days_min=asked.days_min,
        days_max=asked.days_max,
    )


def _seen(basket: Basket, offers: tuple[Offer, ...]) -> str:
    things = sorted(
        (
            thing.listing_id,
            thing.variant_id or 0,
            thing.quantity,
            thing.price_dong,
            str(thing.ships_from or ""),
            str(thing.ships_to or ""),
            (thing.price_per_kg_dong, thing.estimate_g, thing.band_percent) if thing.estimate_g else (),
        )
        for seller in basket.sellers
        for thing in seller.things
    )
    fees = [(offer.vendor.id, offer.delivery_dong) for offer in offers]
    return hashlib.sha256(repr((things, len(basket.gone), fees)).encode()).hexdigest()[:32]


async def last_address(person_id: int) -> Address | None:
    """Where this person's newest order went."""
    order = await Order.filter(person_id=person_id).order_by("-placed_at").first()
    if order is None:
        return None
    return Address(
        name=order.recipient_name,
        phone=order.recipient_phone,
        line=order.recipient_line,
        commune_code=order.commune_code,
        commune=order.commune,
        province=order.province,
    )
