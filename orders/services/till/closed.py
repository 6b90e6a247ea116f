"""What comes in for a day that its seller has closed: appended as a correction, the day itself stays."""

from collections.abc import Mapping
from datetime import date, datetime

from kit.db import sql
from orders.models import TillDay, TillSale

LATE_SALE = "Ghi sau khi chốt sổ"
_CORRECT = """
    INSERT INTO till_correction (closed_id, way, amount_dong, reason, sale_id, person_id, at)
    SELECT day.id, sale.way, told.dong, $3, sale.id, sale.person_id, $4
    FROM unnest($1::bigint[], $2::bigint[]) AS told (sale_id, dong) JOIN till_sale AS sale ON sale.id = told.sale_id
    JOIN till_day AS day ON day.vendor_id = sale.vendor_id AND day.day = sale.day
"""


async def correct_if_closed(sale: TillSale, amount_dong: int, *, now: datetime) -> None:
    """Appends a correction when the sale's day is closed already: the amount that the day did not know of."""
    await correct_closed({sale.id: amount_dong}, now=now)


async def correct_closed(grown: Mapping[int, int], *, now: datetime) -> None:
    """The same for several sales, by their numbers, in one statement."""
    grown = {sale_id: dong for sale_id, dong in grown.items() if dong}
    if grown:
        await sql(_CORRECT, [list(grown), list(grown.values()), LATE_SALE, now])


async def closed_day(vendor_id: int, day: date) -> TillDay | None:
    """The day if it was closed."""
    return await TillDay.get_or_none(vendor_id=vendor_id, day=day)
