"""The ways to fetch a seller's part: at the stall, at the market's desk, at a post office near the buyer."""

from dataclasses import replace

from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.units import commune
from orders.services.offers import FetchPlace, Way
from orders.states import Handing
from postal.services import own_way
from postal.services.points import PointView, points_for
from postal.staff_carrier import CODE as STAFF
from vendors.services import VendorCard, short_province
from vendors.services.fetching import FetchAt, desks_of, stall_place
from vendors.services.sellers import MarketDesk

POINTS_SHOWN = 2
POINTS_LOOKED_AT = 12
AT_STALL, AT_HOME = say("Đến lấy tại sạp"), say("Đến lấy tại chỗ người bán")
AT_DESK, AT_POINT = say("Đến lấy ở bàn giữ hàng của chợ"), say("Đến lấy ở điểm bưu cục")


async def fetch_ways(
    vendor: VendorCard, weight_g: int | None, commune_code: str, *, days_max: int | None
) -> tuple[Way, ...]:
    """What the seller allows: free at the stall and the desk, for the fee to a post office near the buyer's commune.

    The own staff brings parcels to post offices, also for sellers who send by others; without `weight_g` none are
    looked for.
    `days_max` is how long goods that spoil may travel.
    """
    ways = [_at_stall(vendor)] if FetchAt.STALL in vendor.fetch_at else []
    if FetchAt.DESK in vendor.fetch_at:
        ways += [_at_desk(one, vendor.province) for one in desks_of(vendor)]
    if FetchAt.POINT in vendor.fetch_at and weight_g is not None:
        ways += await _at_points(vendor, weight_g, commune_code, days_max)
    return tuple(ways)


def _at_stall(vendor: VendorCard) -> Way:
    at = stall_place(vendor)
    place = FetchPlace(at.name, at.line, vendor.fetch_hours, at.commune_code, at.commune, vendor.province)
    title = AT_STALL if vendor.stalls else AT_HOME
    return Way("stall", STAFF, "", title.text, 0, 0, 0, handing=Handing.STALL, place=place)


def _at_desk(desk: MarketDesk, province: str) -> Way:
    place = FetchPlace(
        desk.market,
        desk.line,
        desk.hours,
        desk.commune_code,
        desk.commune,
        province,
        market_id=desk.market_id,
    )
    return Way(f"desk.{desk.market_id}", STAFF, "", AT_DESK.text, 0, 0, 1, handing=Handing.DESK, place=place)


async def _at_points(vendor: VendorCard, weight_g: int, commune_code: str, days_max: int | None) -> list[Way]:
    found = await points_for(commune_code, limit=POINTS_LOOKED_AT)
    near = [one for one in found if one.keeps_parcels][:POINTS_SHOWN]
    ways = [await _at_point(vendor, one, weight_g, days_max) for one in near]
    return [one for one in ways if one is not None]


async def _at_point(vendor: VendorCard, point: PointView, weight_g: int, days_max: int | None) -> Way | None:
    try:
        asked = (await own_way(vendor.commune_code, point.commune_code, weight_g, days_max=days_max)).quote
    except (Refusal, NotFound):
        return None
    unit = await commune(point.commune_code)
    province = short_province(unit.province) if unit else vendor.province
    place = FetchPlace(
        point.name, point.line, point.hours, point.commune_code, point.commune, province, point_id=point.id
    )
    way = Way(
        f"point.{point.id}", STAFF, asked.service, AT_POINT.text, 0, 0, 0, handing=Handing.POINT, place=place
    )
    return replace(way, price_dong=asked.price_dong, days_min=asked.days_min, days_max=asked.days_max)
