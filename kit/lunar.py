"""The lunar calendar as Vietnam keeps it (UTC+7): which lunar day a day is, and the days of a lunar month.

A month begins on the day of the new moon; the month that holds the winter solstice is the eleventh; of thirteen
months between two elevenths, the first without a principal term is the leap month. New moons and the sun's
longitude by the series of Jean Meeus, Astronomical Algorithms (1998), chapters 25 and 49, shortened as in Hồ Ngọc
Đức's published method; good to a few minutes from 1900 to 2100.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from math import floor, pi, radians, sin

ZONE_DAYS = 7 / 24
SYNODIC_DAYS = 29.530588853
NEW_MOON_0 = 2415021.076998695  # Julian date of the first new moon of 1900
JULIAN_OF_ORDINAL = 1721425  # the Julian day that begins at noon is date.toordinal() + this
TERMS = 12


@dataclass(frozen=True)
class LunarDay:
    """A day of the lunar calendar; `is_leap` for a month that stands a second time."""

    year: int
    month: int
    day: int
    is_leap: bool = False


def lunar_day(day: date) -> LunarDay:
    """The lunar day that begins at midnight in Vietnam. For days from 1900 to 2100."""
    number = _julian(day)
    count = floor((number - NEW_MOON_0) / SYNODIC_DAYS)
    start = _new_moon_day(count + 1)
    if start > number:
        start = _new_moon_day(count)
    eleventh, following = _eleventh_month(day.year), _eleventh_month(day.year + 1)
    year = day.year + 1
    if eleventh >= start:
        following, eleventh, year = eleventh, _eleventh_month(day.year - 1), day.year
    return _placed(start, eleventh, following, year, number - start + 1)


def _placed(start: int, eleventh: int, following: int, year: int, day: int) -> LunarDay:
    """The month that begins on `start`, counted from the eleventh month before it."""
    months = floor((start - eleventh) / 29)
    month, is_leap = months + 11, False
    if following - eleventh > 365:
        leap = _leap_offset(eleventh)
        if months >= leap:
            month, is_leap = months + 10, months == leap
    if month > 12:
        month -= 12
    return LunarDay(year - 1 if month >= 11 and months < 4 else year, month, day, is_leap)


@cache
def _eleventh_month(year: int) -> int:
    """The Julian day on which the month of this year's winter solstice begins."""
    count = floor((_julian(date(year, 12, 31)) - 2415021) / SYNODIC_DAYS)
    start = _new_moon_day(count)
    return _new_moon_day(count - 1) if _sun_sector(start) >= 9 else start


@cache
def _leap_offset(eleventh: int) -> int:
    """How many months after this eleventh the leap month stands: the first month without a principal term."""
    count = floor((eleventh - NEW_MOON_0) / SYNODIC_DAYS + 0.5)
    sector = _sun_sector(_new_moon_day(count + 1))
    for offset in range(1, 14):
        following = _sun_sector(_new_moon_day(count + offset + 1))
        if following == sector:
            return offset
        sector = following
    raise ValueError("a year of thirteen months has a leap month")


@cache
def _new_moon_day(count: int) -> int:
    """The Julian day in Vietnam of the `count`-th new moon since that of 1 January 1900."""
    t = count / 1236.85
    anomaly_sun = radians(359.2242 + 29.10535608 * count - 0.0000333 * t**2 - 0.00000347 * t**3)
    anomaly = radians(306.0253 + 385.81691806 * count + 0.0107306 * t**2 + 0.00001236 * t**3)
    latitude = radians(21.2964 + 390.67050646 * count - 0.0016528 * t**2 - 0.00000239 * t**3)
    mean = 2415020.75933 + 29.53058868 * count + 0.0001178 * t**2 - 0.000000155 * t**3
    mean += 0.00033 * sin(radians(166.56 + 132.87 * t - 0.009173 * t**2))
    turn = (0.1734 - 0.000393 * t) * sin(anomaly_sun) + 0.0021 * sin(2 * anomaly_sun)
    turn += -0.4068 * sin(anomaly) + 0.0161 * sin(2 * anomaly) - 0.0004 * sin(3 * anomaly)
    turn += 0.0104 * sin(2 * latitude) - 0.0051 * sin(anomaly_sun + anomaly)
    turn += -0.0074 * sin(anomaly_sun - anomaly) + 0.0004 * sin(2 * latitude + anomaly_sun)
    turn += -0.0004 * sin(2 * latitude - anomaly_sun) - 0.0006 * sin(2 * latitude + anomaly)
    turn += 0.0010 * sin(2 * latitude - anomaly) + 0.0005 * sin(2 * anomaly + anomaly_sun)
    return floor(mean + turn - _earth_slows_days(t) + 0.5 + ZONE_DAYS)


def _earth_slows_days(t: float) -> float:
    if t < -11:
        return 0.001 + 0.000839 * t + 0.0002261 * t**2 - 0.00000845 * t**3 - 0.000000081 * t**4
    return -0.000278 + 0.000265 * t + 0.000262 * t**2


def _sun_sector(number: int) -> int:
    """In which twelfth of its circle the sun stands when this Julian day begins in Vietnam; 0 from the equinox."""
    t = (number - 2451545.5 - ZONE_DAYS) / 36525
    anomaly = radians(357.52910 + 35999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3)
    mean = 280.46645 + 36000.76983 * t + 0.0003032 * t**2
    mean += (1.914600 - 0.004817 * t - 0.000014 * t**2) * sin(anomaly)
    mean += (0.019993 - 0.000101 * t) * sin(2 * anomaly) + 0.000290 * sin(3 * anomaly)
    return floor((radians(mean) % (2 * pi)) / (2 * pi) * TERMS)


def _julian(day: date) -> int:
    return day.toordinal() + JULIAN_OF_ORDINAL
