"""What the post holds in doubt: cash taken at doors and not accounted for, bookings nobody knows the end of."""

from dataclasses import dataclass

from kit.db import sql

# The conditions are those of the indexes parcel_money_out_by_hand and parcel_booking_by_hand.
_CASH = """
    SELECT money, count(*) AS count, sum(cod_dong)::bigint AS dong FROM parcel
    WHERE money IN ('collected', 'paid_in', 'remitted', 'disputed') GROUP BY money
"""
_UNKNOWN = "SELECT count(*) AS count FROM parcel WHERE booking <> 'booked' AND booking = 'unknown'"


@dataclass(frozen=True)
class CashOut:
    """Cash of so many parcels that has not reached its sellers, by where it is, in đồng."""

    state: str
    count: int
    dong: int


async def cash_out() -> list[CashOut]:
    """Cash collected at doors and not reconciled. One query."""
    return [
        CashOut(str(row["money"]), int(str(row["count"])), int(str(row["dong"]))) for row in await sql(_CASH)
    ]


async def parcels_unknown() -> int:
    """Parcels of which nobody knows whether their carrier has booked them. One query."""
    return int(str((await sql(_UNKNOWN))[0]["count"]))
