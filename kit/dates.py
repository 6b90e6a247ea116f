"""Days and moments as Vietnam writes them: dd/MM/yyyy and HH:mm dd/MM/yyyy, Asia/Ho_Chi_Minh."""

import re
from datetime import UTC, date, datetime, time

from kit.clock import VIETNAM
from kit.text import nfc

# A moment as a phone writes it, ISO 8601 with its zone.
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)"
_DAY = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MOMENT = re.compile(r"([0-9]{1,2}):([0-9]{2}) (.+)")
_ISO_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})")


def show_day(day: date) -> str:
    """`21/11/2026`. Raises ValueError for a moment: give its `vietnam_date` instead."""
    if isinstance(day, datetime):
        raise ValueError("a moment has no day before its time zone is chosen")
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def show_moment(moment: datetime) -> str:
    """`14:05 21/11/2026` on Vietnam's clocks. Raises ValueError for a moment without time zone."""
    local = _in_vietnam(moment)
    return f"{local.hour:02}:{local.minute:02} {show_day(local.date())}"


def parse_day(text: str) -> date:
    """A day from 21/11/2026, 1/3/2026, 21-11-2026, 21.11.2026 or, as date fields send it, 2026-11-21.

    Day before month, always; years have four digits. Raises ValueError otherwise and for 31/02.
    """
    clean = nfc(text)
    if found := _DAY.fullmatch(clean):
        return date(int(found[4]), int(found[3]), int(found[1]))
    if found := _ISO_DAY.fullmatch(clean):
        return date(int(found[1]), int(found[2]), int(found[3]))
    raise ValueError("not a day of the form dd/MM/yyyy")


def parse_moment(text: str) -> datetime:
    """A UTC moment from `14:05 21/11/2026` or a datetime-local field's 2026-11-21T14:05, on Vietnam's clocks.

    Raises ValueError for anything else.
    """
    clean = nfc(text)
    if found := _ISO_MOMENT.fullmatch(clean):
        day, hour, minute = found[1], found[2], found[3]
    elif found := _MOMENT.fullmatch(clean):
        hour, minute, day = found[1], found[2], found[3]
    else:
        raise ValueError("not a moment of the form HH:mm dd/MM/yyyy")
    return datetime.combine(parse_day(day), time(int(hour), int(minute)), VIETNAM).astimezone(UTC)


def moment_in(made_at: str | None) -> datetime | None:
    """A phone's time (MOMENT); None when it said none or one that no calendar has."""
    try:
        return datetime.fromisoformat(made_at) if made_at else None
    except ValueError:
        return None


def vietnam_date(moment: datetime) -> date:
    """The calendar day in Vietnam at a moment. Raises ValueError for a moment without time zone."""
    return _in_vietnam(moment).date()


def day_start(day: date) -> datetime:
    """The UTC moment at which a day begins in Vietnam; with the next day's it bounds a query."""
    return datetime.combine(day, time(), VIETNAM).astimezone(UTC)


def _in_vietnam(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(VIETNAM)
