"""One parcel from several stalls: which parts may share it, what it costs, and whose share of the fee is how much."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from kit.errors import Refusal
from kit.money import share_out
from orders.fresh import days_for
from orders.services.offers import Joint, Offer
from orders.states import Handing
from postal.services import quote
from postal.staff_carrier import CODE as STAFF
from vendors.services.fetching import desks_of
from vendors.services.sellers import MarketDesk

GATHERING_DAYS = 1  # what bringing it to the desk may take


async def joined(
    offers: Sequence[Offer], commune_code: str, *, is_agreed: bool
) -> tuple[tuple[Offer, ...], tuple[Joint, ...]]:
    """The offers and what of them may share a parcel; once agreed, their fees are their shares of its fee.

    Parts share one when they come to the door by the own staff from one market with a desk, none waits for a harvest
    or spoils meanwhile, and it costs less than apart.
    """
    together: dict[int, list[Offer]] = defaultdict(list)
    desks: dict[int, MarketDesk] = {}
    for offer in offers:
        for desk in desks_of(offer.vendor)[:1] if _may_join(offer) else ():
            together[desk.market_id].append(offer)
            desks[desk.market_id] = desk
    joints, made = [], {one.vendor.id: one for one in offers}
    for market_id, parts in together.items():
        joint = await _joint(desks[market_id], parts, commune_code, is_agreed)
        if joint is not None:
            joints.append(joint)
            made |= {one.vendor.id: one for one in shared(parts, joint)} if is_agreed else {}
    return tuple(made.values()), tuple(joints)


def _may_join(offer: Offer) -> bool:
    fresh = days_for(thing.kind for thing in offer.things)
    return (
        offer.way.carrier == STAFF
        and offer.way.handing is Handing.DOOR
        and not any(thing.ships_from for thing in offer.things)
        and (fresh is None or offer.days_max + GATHERING_DAYS <= fresh)
    )


async def _joint(
    desk: MarketDesk, parts: Sequence[Offer], commune_code: str, is_agreed: bool
) -> Joint | None:
    if len(parts) < 2:
        return None
    try:
        asked = await quote(desk.commune_code, commune_code, sum(max(1, one.weight_g) for one in parts))
    except Refusal:
        return None
    saved_dong = sum(one.delivery_dong for one in parts) - asked.price_dong
    sellers = tuple((one.vendor.id, one.vendor.name) for one in parts)
    if saved_dong <= 0:
        return None
    return Joint(desk.market_id, desk.market, sellers, asked.price_dong, saved_dong, is_agreed)


def shared(parts: Sequence[Offer], joint: Joint) -> list[Offer]:
    """The parts with their shares, by what each would have cost alone."""
    shares = share_out(joint.fee_dong, [one.delivery_dong for one in parts])
    return [
        replace(
            one,
            delivery_dong=dong,
            total_dong=one.goods_dong + dong,
            days_max=one.days_max + GATHERING_DAYS,
            way=replace(one.way, handing=Handing.JOINT),
        )
        for one, dong in zip(parts, shares, strict=True)
    ]
