"""Parcels in plenty for the load: copies of one of the demo's that nobody has moved yet."""

from datetime import UTC, datetime

from kit.db import insert_all, sql
from postal.models import Parcel
from postal.parcel_code import parcel_code
from postal.states import BookingState, ParcelState

AT_ONCE = 2_000


async def parcels(prefix: str, count: int, carrier: str) -> list[str]:
    """The codes of so many new parcels with a carrier; their waybills begin with the prefix."""
    [row] = await sql("SELECT coalesce(max(id), 0) AS last FROM parcel")
    now, first = datetime.now(UTC), int(str(row["last"])) + 100_000
    like = await Parcel.all().order_by("id").first()
    assert like is not None
    kept = {name: getattr(like, name) for name in like._meta.fields_db_projection}
    made = [
        Parcel(
            **{
                **kept,
                "id": first + number,
                "code": parcel_code(first + number, b"bench"),
                "reference": f"bench:{prefix}{number}",
                "carrier": carrier,
                "tracking_code": f"{prefix}{number:07}",
                "state": ParcelState.CREATED,
                "booking": BookingState.BOOKED,
                "flags": [],
                "booked_at": now,
            }
        )
        for number in range(count)
    ]
    for place in range(0, count, AT_ONCE):
        await insert_all(made[place : place + AT_ONCE])
    await sql("ANALYZE parcel")
    return [str(one.code) for one in made]
