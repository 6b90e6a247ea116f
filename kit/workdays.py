"""Working days in Vietnam, for terms of law that count them."""

from datetime import date, timedelta

from kit.lunar import lunar_day

SUNDAY, SATURDAY = 6, 5
FIXED = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})
LUNAR = frozenset({(1, 1), (1, 2), (1, 3), (3, 10)})


def is_workday(day: date) -> bool:
    """Whether offices work: no weekend, no holiday of the Labour Code 45/2019/QH14, Art. 112.

    Days that the government adds for a year (the rest of Tết, the second day of September) are counted as worked:
    a term then ends earlier, never later.
    """
    if day.weekday() in (SATURDAY, SUNDAY) or (day.month, day.day) in FIXED:
        return False
    lunar = lunar_day(day)
    return lunar.is_leap or (lunar.month, lunar.day) not in LUNAR


def workdays_after(day: date, count: int) -> date:
    """The last day of a term of so many working days that begins the day after `day`."""
    while count:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day
