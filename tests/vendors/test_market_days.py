"""When markets meet, how their days are typed, and the class by selling points."""

from datetime import date

import pytest

from kit.i18n import translated
from vendors.market_days import BadDays, Schedule, class_of, meets_on, read_schedule, schedule_of, today_at
from vendors.models import ScheduleKind

LUNAR, WEEKLY = ScheduleKind.LUNAR, ScheduleKind.WEEKLY


@pytest.mark.parametrize(
    ("points", "number"), [(0, 3), (199, 3), (200, 2), (400, 2), (401, 1), (5000, 1), (None, None)]
)
def test_the_class_is_computed_from_selling_points(points: int | None, number: int | None) -> None:
    """Decree 60/2024: over 400, 200 to 400, below."""
    assert class_of(points) == number


@pytest.mark.parametrize(
    ("kind", "typed", "days"),
    [
        (WEEKLY, "2, 7, CN", (1, 6, 7)),
        (WEEKLY, "thứ 2 và chủ nhật", (1, 7)),
        (WEEKLY, "CN;cn;8", (7,)),
        (LUNAR, "Mùng 3, 8, 13 âm lịch", (3, 8, 13)),
        (LUNAR, "30 1", (1, 30)),
        (ScheduleKind.DAILY, "whatever", ()),
    ],
)
def test_days_are_read_as_people_type_them(kind: ScheduleKind, typed: str, days: tuple[int, ...]) -> None:
    """And kept and shown the same way."""
    schedule = read_schedule(kind, typed)
    assert schedule.days == days
    assert schedule_of(kind, schedule.kept) == schedule
    assert read_schedule(kind, schedule.typed) == schedule


@pytest.mark.parametrize(
    ("kind", "typed"),
    [(WEEKLY, ""), (WEEKLY, "1"), (WEEKLY, "9"), (LUNAR, "31"), (LUNAR, "0"), (LUNAR, "năm")],
)
def test_days_that_are_none_are_refused_with_a_sentence(kind: ScheduleKind, typed: str) -> None:
    """Each with the wrong word in it, or an example."""
    with pytest.raises(BadDays, match=r"Bạn vừa nhập|ví dụ"):
        read_schedule(kind, typed)


def test_a_lunar_market_meets_by_the_moon() -> None:
    """17 February 2026 is Tết, so the 3rd lunar day is the 19th."""
    schedule = Schedule(LUNAR, (3, 8))
    assert meets_on(schedule, date(2026, 2, 19)) and not meets_on(schedule, date(2026, 2, 18))
    told = today_at(schedule, date(2026, 2, 19))
    assert (told.meets, told.next_on, told.lunar.day) == (True, date(2026, 2, 24), 3)


def test_a_weekly_market_and_one_nobody_knows() -> None:
    """22 November 2026 is a Sunday."""
    assert meets_on(Schedule(WEEKLY, (7,)), date(2026, 11, 22))
    assert today_at(Schedule(WEEKLY, (7,)), date(2026, 11, 22)).next_on == date(2026, 11, 29)
    assert meets_on(Schedule(ScheduleKind.UNKNOWN), date(2026, 11, 22)) is None
    assert Schedule(ScheduleKind.UNKNOWN).words is None


def test_schedules_are_said_in_both_languages() -> None:
    """Weekdays are names, not numbers."""
    words = Schedule(WEEKLY, (1, 6, 7)).words
    assert words is not None
    assert translated(words, "vi") == "Họp thứ hai, thứ bảy, chủ nhật"
    assert translated(words, "en") == "Meets on Monday, Saturday, Sunday"
