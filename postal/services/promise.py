"""By when a parcel was to be there: the days its carrier's own quote named, else our sheet's, and a day to collect it.

The same twice: in Python for a parcel that is shown, in SQL for lists and figures.
"""

from datetime import datetime, timedelta

from postal.services.views import ParcelView
from postal.staff_carrier import RATE_SHEETS, Zone, zone_of

COLLECTED_WITHIN_DAYS = 1
_SHEET = RATE_SHEETS[-1][1]
PROMISED_SQL = (
    f"coalesce(parcel.promised_days, CASE"
    f" WHEN parcel.sender_province <> parcel.recipient_province THEN {_SHEET[Zone.ELSEWHERE].days_max}"
    f" WHEN parcel.sender_commune_code = parcel.recipient_commune_code THEN {_SHEET[Zone.COMMUNE].days_max}"
    f" ELSE {_SHEET[Zone.PROVINCE].days_max} END)"
)
DUE_SQL = f"(parcel.booked_at + make_interval(days => {COLLECTED_WITHIN_DAYS} + {PROMISED_SQL}))"


def promised_days(parcel: ParcelView) -> int:
    """How many days the way may take from collection on: as its carrier said, else as our sheet says for the zone."""
    if parcel.promised_days is not None:
        return parcel.promised_days
    return _SHEET[zone_of(parcel.sender, parcel.recipient)].days_max


def due_at(parcel: ParcelView) -> datetime:
    """The moment from which the parcel is late; DUE_SQL is the same of a row."""
    return parcel.booked_at + timedelta(days=COLLECTED_WITHIN_DAYS + promised_days(parcel))
