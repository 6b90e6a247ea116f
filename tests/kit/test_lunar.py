"""The lunar calendar against published dates, where Vietnam and China differ, and its own rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.lunar import LunarDay, lunar_day

TET = (
    "1968-01-29", "1985-01-21", "2000-02-05", "2007-02-17", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22",
    "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2030-02-02",
)  # fmt: skip
LEAP = {2004: 2, 2006: 7, 2009: 5, 2012: 4, 2014: 9, 2017: 6, 2020: 4, 2023: 2, 2025: 6, 2028: 5}
DAYS = st.dates(date(1901, 1, 1), date(2099, 12, 30))


@pytest.mark.parametrize("first", TET)
def test_tet_is_the_first_day_of_the_first_month(first: str) -> None:
    """Published dates; 1968, 1985, 2007 and 2030 are a day or a month before China's."""
    day = date.fromisoformat(first)
    assert lunar_day(day) == LunarDay(day.year, 1, 1)
    eve = lunar_day(day - timedelta(days=1))
    assert (eve.year, eve.month) == (day.year - 1, 12) and eve.day in (29, 30)


@pytest.mark.parametrize("year", range(2004, 2030))
def test_leap_months_are_the_published_ones(year: int) -> None:
    """At most one a year, and of the right number."""
    days = [lunar_day(date(year, 1, 1) + timedelta(days=n)) for n in range(366)]
    found = {one.month for one in days if one.is_leap and one.year == year}
    assert found == ({LEAP[year]} if year in LEAP else set())


@pytest.mark.parametrize(
    ("day", "lunar"),
    [
        ("2023-03-22", LunarDay(2023, 2, 1, True)),
        ("2023-04-20", LunarDay(2023, 3, 1)),
        ("2025-07-25", LunarDay(2025, 6, 1, True)),
        ("2026-09-25", LunarDay(2026, 8, 15)),  # Trung thu
        ("2024-04-18", LunarDay(2024, 3, 10)),  # Giỗ Tổ Hùng Vương
        ("2026-01-01", LunarDay(2025, 11, 13)),
        ("2025-12-31", LunarDay(2025, 11, 12)),
    ],
)
def test_days_are_the_published_ones(day: str, lunar: LunarDay) -> None:
    """Festivals and the turn of the sun's year."""
    assert lunar_day(date.fromisoformat(day)) == lunar


@given(DAYS)
def test_each_day_follows_the_one_before(day: date) -> None:
    """The next day of the month, or the first of the next month after 29 or 30 days."""
    one, following = lunar_day(day), lunar_day(day + timedelta(days=1))
    if following.day > 1:
        assert (following.year, following.month, following.is_leap) == (one.year, one.month, one.is_leap)
        assert following.day == one.day + 1 <= 30
    else:
        assert one.day in (29, 30)
        steps = (following.year * 12 + following.month) - (one.year * 12 + one.month)
        assert steps == (0 if following.is_leap else 1)
