"""What comes in for a day that its seller has closed: appended as a correction, the day itself stays."""

from datetime import date, datetime

from orders.models import TillCorrection, TillDay, TillSale

LATE_SALE = "Ghi sau khi chốt sổ"


async def correct_if_closed(sale: TillSale, amount_dong: int, *, now: datetime) -> None:
    """Appends a correction when the sale's day is closed already: the amount that the day did not know of."""
    closed = await closed_day(sale.vendor_id, sale.day)
    if closed is None or not amount_dong:
        return
    await TillCorrection.create(
        closed=closed,
        way=sale.way,
        amount_dong=amount_dong,
        reason=LATE_SALE,
        sale_id=sale.id,
        person_id=sale.person_id,
        at=now,
    )


async def closed_day(vendor_id: int, day: date) -> TillDay | None:
    """The day if it was closed."""
    return await TillDay.get_or_none(vendor_id=vendor_id, day=day)
