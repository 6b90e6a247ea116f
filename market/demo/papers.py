"""Papers of the demo market: a protected name that exists, an invented right to it, zones of a market."""

from datetime import date, datetime, timedelta

from kit.dates import vietnam_date
from kit.units import successors_of
from market.demo.places import ZONES
from vendors.services import NameSort
from vendors.services.markets.kept import market_of_board
from vendors.services.markets.traders import traders_of
from vendors.services.markets.zones import ZoneContent, add_zone, put_in_zone
from vendors.services.protected.names import Area, NameContent, keep_name
from vendors.services.protected.uses import UseContent, ask_for_use, confirm_use

# Register of geographical indications, number 00013: Decision 1144/QĐ-SHTT of 20/09/2007, three communes of then.
TAN_CUONG_AREAS = {"05488": "Phúc Xuân", "05494": "Phúc Trìu", "05503": "Tân Cương"}
USER = "HTX chè Hảo Đạt"


async def load_papers(vendor_ids: dict[str, int], people: dict[int, int], *, by: int, now: datetime) -> None:
    """Keeps the name Tân Cương, gives one seller the right to it, and puts the stalls of Chợ Thái into zones.

    `vendor_ids` by the seller's name, `people` the person of each vendor.
    """
    await _name(by)
    vendor_id = vendor_ids[USER]
    content = UseContent("TRÌNH-DIỄN-01", vietnam_date(now - timedelta(days=200)), None)
    use = await ask_for_use("tan-cuong", vendor_id, content, "", person_id=people[vendor_id])
    await confirm_use(use.id, content, by=by)
    await _zones(by)


async def _name(by: int) -> None:
    areas = [
        Area(found[0].unit, was)
        for code, was in TAN_CUONG_AREAS.items()
        if (found := await successors_of(code))
    ]
    content = NameContent(
        name="Tân Cương",
        sort=NameSort.INDICATION,
        number="00013",
        decision_no="1144/QĐ-SHTT",
        registered_on=date(2007, 9, 20),
        product="Chè",
        kinds=("tea", "tea_flower"),
        phrases="",
        body="",
        about="Chỉ dẫn địa lý của chè vùng Tân Cương, Phúc Xuân, Phúc Trìu. Quyền dùng tên ở đây là trình diễn.",
        areas=tuple(areas),
    )
    await keep_name("", content, by=by)


async def _zones(by: int) -> None:
    market = await market_of_board("cho-thai", None)
    stalls = (await traders_of(market.id, 1)).items
    for position, (name, goods, letter) in enumerate(ZONES, 1):
        zone = await add_zone(market, ZoneContent(name, goods, position), by=by)
        for stall in stalls:
            if stall.number.startswith(letter):
                await put_in_zone(market, stall.stall_id, zone.id, by=by)
