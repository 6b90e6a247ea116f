"""Working days: weekends, fixed holidays, Tết and the Hùng Kings' day are left out."""

from datetime import date

import pytest

from kit.workdays import is_workday, workdays_after


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), False),
        (date(2026, 4, 30), False),
        (date(2026, 5, 1), False),
        (date(2026, 9, 2), False),
        (date(2026, 2, 17), False),  # the first day of the lunar year
        (date(2026, 4, 27), True),
        (date(2027, 4, 16), False),  # the tenth of the third month
    ],
)
def test_a_day_is_worked_or_not(day: date, works: bool) -> None:
    assert is_workday(day) is works


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 11, 23), 2, date(2026, 11, 25)),
        (date(2026, 11, 20), 2, date(2026, 11, 24)),
        (date(2026, 4, 29), 2, date(2026, 5, 5)),
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
def test_a_term_ends_on_its_last_working_day(start: date, count: int, end: date) -> None:
    assert workdays_after(start, count) == end
