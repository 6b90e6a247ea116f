"""What a buyer reads before ordering: each seller's things, delivery and sums, and what the law wants said."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kit.errors import Refusal
from kit.i18n import say
from kit.together import ask_four
from kit.units import Unit
from kit.units_old import OldCommune, old_commune
from orders.fresh import days_for
from orders.models import Order
from orders.services.basket import Basket, SellerPart, Thing, basket_of
from orders.services.door.sellers import offering_asked
from orders.services.handing.joint_fees import joined
from orders.services.handing.ways import fetch_ways
from orders.services.offers import Joint, Offer, Way
from postal.gates.names import title_of
from postal.gates.register import Carriers
from postal.services import Offered, offers, others_asked, own_way
from vendors.services import CommuneFound, PayTo, VendorCard, cards_asked, payees_asked


@dataclass(frozen=True)
class Courier:
    """What choosing a way needs: the moment, the carriers that may be asked, and what was chosen by vendor.

    `is_joint`: goods of one market's stalls are to share a parcel where they may. `is_placing`: only what was chosen
    counts, other ways need not be found. `is_fetched`: nobody said an address, stalls and desks alone are offered.
    """

    now: datetime
    carriers: Carriers | None = None
    chosen: Mapping[int, str] = field(default_factory=dict)
    is_joint: bool = False
    is_placing: bool = False
    is_fetched: bool = False


@dataclass(frozen=True)
class Review:
    """The whole order before it is placed. `seen` stands for exactly these things, prices and fees.

    `joints` are parts that may share a parcel, `taken_at_door` the sellers who take money at the door, `payees` the
    sellers' accounts by vendor, read only while placing.
    """

    offers: tuple[Offer, ...]
    goods_dong: int
    delivery_dong: int
    total_dong: int
    is_adult_only: bool
    can_be_ordered: bool
    seen: str
    joints: tuple[Joint, ...] = ()
    taken_at_door: frozenset[int] = frozenset()
    payees: Mapping[int, PayTo] = field(default_factory=dict)

    @property
    def more_most_dong(self) -> int:
        """The most that goods which weigh more when packed cost on top, for all sellers together."""
        return sum(offer.more_most_dong for offer in self.offers)


@dataclass(frozen=True)
class DoorSpot:
    """A digital address as it was typed (Vpostcode, at most 64 characters), and a point on the map in degrees."""

    digital_address: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Recipient:
    """Who gets the parcel and where, in the two-level address; the phone is E.164.

    `before` is the old commune, when the address was given in three levels; `spot` where exactly the door is. Without a
    line nobody said an address: everything is fetched, and the commune is the seller's.
    """

    name: str
    phone: str
    line: str
    commune: Unit
    note: str = ""
    before: OldCommune | None = None
    spot: DoorSpot | None = None


@dataclass(frozen=True)
class Address:
    """An address as it was used before."""

    name: str
    phone: str
    line: str
    place: CommuneFound


async def review_basket(owner: str, commune_code: str, courier: Courier | None = None) -> Review:
    """The basket with the delivery to a commune in force, by the ways that were chosen, else by the sellers' own.

    Without a courier the own staff brings everything. Raises Refusal when nobody takes a seller's part.
    """
    return await review_of(await basket_of(owner), commune_code, courier)


async def review_of(basket: Basket, commune_code: str, courier: Courier | None = None) -> Review:
    """The same of a basket at hand."""
    ids = [seller.vendor_id for seller in basket.sellers]
    payees_of = ids if courier and courier.is_placing else []
    asked = cards_asked(ids), others_asked(ids), offering_asked(ids), payees_asked(payees_of)
    vendors, by_others, at_door, payees = await ask_four(*asked) if ids else ({}, set(), frozenset(), {})
    offered: list[Offer] = []
    for seller in basket.sellers:
        vendor = vendors[seller.vendor_id]
        chosen = courier.chosen.get(vendor.id, "") if courier else ""
        others = courier if vendor.id in by_others else None  # no courier: the own staff brings it
        enough = chosen if courier and courier.is_placing else None
        if courier and courier.is_fetched:
            ways = await _fetched_alone(vendor)
        else:
            ways = await _all_ways(seller, vendor, commune_code, others, enough)
        offered.append(_offer(seller, vendor, ways, chosen))
    is_joint = courier is not None and courier.is_joint
    made, joints = await joined(offered, commune_code, is_agreed=is_joint)
    return Review(
        offers=made,
        goods_dong=basket.goods_dong,
        delivery_dong=sum(offer.delivery_dong for offer in made),
        total_dong=sum(offer.total_dong for offer in made),
        is_adult_only=basket.is_adult_only,
        can_be_ordered=basket.can_be_ordered,
        seen=_seen(basket, made),
        joints=joints,
        taken_at_door=at_door,
        payees=payees,
    )


async def _fetched_alone(vendor: VendorCard) -> tuple[Way, ...]:
    """Stalls and desks. Refusal when the seller lets nobody fetch."""
    ways = await fetch_ways(vendor, None, "", days_max=None)
    if not ways:
        raise Refusal(say("{seller} không cho đến lấy. Bạn ghi địa chỉ để giao tận nhà.", seller=vendor.name))
    return ways


async def _all_ways(
    seller: SellerPart, vendor: VendorCard, commune_code: str, courier: Courier | None, enough: str | None
) -> tuple[Way, ...]:
    """To the door, then what may be fetched; what nobody brings to the door may still be fetched.

    With `enough`, a way's key or "" for the first, nothing more is looked for once that is found.
    """
    no: Refusal | None = None
    to_door: tuple[Way, ...] = ()
    try:
        to_door = await _ways(seller, vendor, commune_code, courier)
    except Refusal as refusal:
        no = refusal
    is_found = bool(to_door) and (enough == "" or enough in {one.key for one in to_door})
    if is_found or not vendor.fetch_at:
        fetched: tuple[Way, ...] = ()
    else:
        days_max = days_for(thing.kind for thing in seller.things)
        fetched = await fetch_ways(vendor, max(1, seller.weight_g), commune_code, days_max=days_max)
    if no is not None and not fetched:
        raise no
    return (*to_door, *fetched)


async def _ways(
    seller: SellerPart, vendor: VendorCard, commune_code: str, courier: Courier | None
) -> tuple[Way, ...]:
    weight_g, days_max = max(1, seller.weight_g), days_for(thing.kind for thing in seller.things)
    try:
        if courier is None:
            return (_way(await own_way(vendor.commune_code, commune_code, weight_g, days_max=days_max)),)
        found = await offers(
            vendor.id,
            vendor.commune_code,
            commune_code,
            weight_g,
            seller.goods_dong,
            now=courier.now,
            carriers=courier.carriers,
            days_max=days_max,
        )
        return tuple(_way(one) for one in found)
    except Refusal as refusal:
        raise Refusal(refusal.sentence, status=refusal.status) from None


def _way(one: Offered) -> Way:
    asked = one.quote
    key = f"{one.carrier}.{asked.service}" if asked.service else one.carrier
    title = title_of(one.carrier)
    days = (asked.days_min, asked.days_max)
    return Way(key, one.carrier, asked.service, title, asked.price_dong, *days, asked.service_name)


def _offer(seller: SellerPart, vendor: VendorCard, ways: tuple[Way, ...], chosen: str) -> Offer:
    way = next((one for one in ways if one.key == chosen), ways[0])
    return Offer(
        vendor=vendor,
        things=seller.things,
        goods_dong=seller.goods_dong,
        delivery_dong=way.price_dong,
        total_dong=seller.goods_dong + way.price_dong,
        weight_g=seller.weight_g,
        days_min=way.days_min,
        days_max=way.days_max,
        way=way,
        ways=ways,
        more_most_dong=sum(thing.more_most_dong for thing in seller.things),
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
            _by_weight(thing) if thing.estimate_g else (),
        )
        for seller in basket.sellers
        for thing in seller.things
    )
    fees = [(one.vendor.id, one.way.key, str(one.way.handing), one.delivery_dong) for one in offers]
    return hashlib.sha256(repr((things, len(basket.gone), fees)).encode()).hexdigest()[:32]


def _by_weight(thing: Thing) -> tuple[int | None, ...]:
    """What was agreed about the weight; what weighs more costs on top where it says so."""
    agreed = (thing.price_per_kg_dong, thing.estimate_g, thing.band_percent)
    return (*agreed, thing.more_most_dong) if thing.more_most_dong else agreed


async def last_address(person_id: int) -> Address | None:
    """Where this person's newest order went."""
    sent = Order.filter(person_id=person_id).exclude(recipient_line="")
    order = await sent.order_by("-placed_at").first()
    if order is None:
        return None
    return Address(
        name=order.recipient_name,
        phone=order.recipient_phone,
        line=order.recipient_line,
        place=CommuneFound(
            order.commune_code,
            order.commune,
            "",
            order.province,
            await old_commune(order.old_commune_code) if order.old_commune_code else None,
        ),
    )
