"""The demo's stall: yesterday sold, counted and closed."""

from datetime import datetime, timedelta

from kit.clock import VIETNAM
from kit.dates import vietnam_date
from market.demo.stories import Cast
from orders.services.till.days import Count, close_day
from orders.services.till.selling import SaleTyped, make_sale
from orders.states import SaleWay

STALL_OF = "hien"
YESTERDAY = ((7, 15, 35_000), (8, 40, 120_000), (9, 5, 60_000), (10, 30, 85_000))
FLOAT_DONG, MISSING_DONG = 200_000, 5_000


async def tell_stall_days(cast: Cast, *, now: datetime) -> None:
    """Cash of yesterday, and its close, 5.000 ₫ short."""
    person_id = cast.people[STALL_OF]
    vendor_id = next(vendor for vendor, person in cast.sellers.items() if person == person_id)
    midnight = now.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)
    for hour, minute, dong in YESTERDAY:
        at = midnight - timedelta(days=1) + timedelta(hours=hour, minutes=minute)
        typed = SaleTyped(f"demo-{at:%m%d-%H%M}", SaleWay.CASH, dong)
        await make_sale(vendor_id, typed, person_id=person_id, now=at)
    counted_dong = FLOAT_DONG + sum(dong for _, _, dong in YESTERDAY) - MISSING_DONG
    count = Count(FLOAT_DONG, counted_dong, {}, "Thối nhầm cho khách")
    evening = midnight - timedelta(hours=6)
    await close_day(vendor_id, vietnam_date(evening), count, person_id=person_id, now=evening)
