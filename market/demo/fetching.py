"""Who of the demo market lets buyers fetch, which markets have a desk, and how tales of fetching choose their way."""

from collections.abc import Mapping
from datetime import datetime

from market.demo.tales import Tale
from orders.services import Review
from orders.services.handing.desk import bring, desk_of
from vendors.services import Market, vendor_card
from vendors.services.fetching import allow_fetching, desks_of
from vendors.services.markets.kept import say_desk_hours

DESKS = {"cho-thai": "6:00–17:00 mỗi ngày", "cho-dinh-ca": "5:30–11:00 mỗi ngày"}
STALL_HOURS = "6:00–11:00 mỗi ngày"


async def open_desk(market: Market, *, by: int) -> None:
    """The market's desk with its hours, where it has one."""
    if market.slug in DESKS:
        await say_desk_hours(market.id, DESKS[market.slug], by=by)


async def let_fetch(vendor_id: int, person_id: int) -> None:
    """Whoever stands in a market lets buyers fetch at the stall, at its desk and at post offices."""
    card = await vendor_card(vendor_id)
    if not card.stalls:
        return
    at = ["stall", "point", *(["desk"] if desks_of(card) else [])]
    await allow_fetching(vendor_id, at, STALL_HOURS, person_id=person_id)


def fetch_ways(tale: Tale, review: Review) -> Mapping[int, str]:
    """The way by which a tale's goods are fetched, by seller."""
    return {
        offer.vendor.id: next(way.key for way in offer.ways if way.handing == tale.handing)
        for offer in review.offers
    }


async def bring_to_desk(code: str, *, by: int, now: datetime) -> None:
    """The seller brings an order's goods to the desk it goes through."""
    market_id = await desk_of(code)
    assert market_id is not None
    await bring(code, market_id, person_id=by, now=now)
