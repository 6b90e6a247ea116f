"""Days and moments in Vietnam's time and Vietnam's order."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.dates import day_start, parse_day, parse_moment, show_day, show_moment, vietnam_date

BANGKOK_LIKE = timezone(timedelta(hours=7))
days = st.dates(date(1980, 1, 1), date(2200, 12, 31))
moments = st.datetimes(
    datetime(1980, 1, 1),
    datetime(2200, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))]),
)


def test_days_are_shown_day_first() -> None:
    assert show_day(date(2026, 3, 1)) == "01/03/2026"
    assert show_day(date(45, 12, 31)) == "31/12/0045"


def test_a_moment_is_no_day() -> None:
    with pytest.raises(ValueError):
        show_day(datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "typed",
    ["01/03/2026", "1/3/2026", "01-03-2026", "1.3.2026", "2026-03-01", " 01/03/2026\n", "01/03/2026\u200b"],
)
def test_parse_day(typed: str) -> None:
    assert parse_day(typed) == date(2026, 3, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "31/02/2026",
        "29/02/2027",
        "13/13/2026",
        "03/21/2026",
        "00/01/2026",
        "01/00/2026",
        "01/01/0000",
        "01/03/26",
        "01/03-2026",
        "01/03",
        "2026/03/01",
        "2026-3-1",
        "01 tháng 3",
        "\uff10\uff11/\uff10\uff13/\uff12\uff10\uff12\uff16",
        "01/03/2026 08:00",
        "1/3/20266",
    ],
)
def test_parse_day_refuses(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_day(typed)


@given(days)
def test_shown_days_can_be_read(day: date) -> None:
    assert parse_day(show_day(day)) == parse_day(day.isoformat()) == day


@given(st.text())
def test_any_text_is_a_day_or_refused(typed: str) -> None:
    for read in (parse_day, parse_moment):
        try:
            read(typed)
        except ValueError:
            continue


def test_moments_are_shown_on_vietnams_clocks() -> None:
    assert show_moment(datetime(2026, 11, 20, 17, 5, tzinfo=UTC)) == "00:05 21/11/2026"
    assert show_moment(datetime(2026, 11, 20, 16, 59, 59, tzinfo=UTC)) == "23:59 20/11/2026"


@pytest.mark.parametrize("typed", ["00:05 21/11/2026", "0:05 21/11/2026", "2026-11-21T00:05"])
def test_parse_moment(typed: str) -> None:
    read = parse_moment(typed)
    assert read == datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
    assert read.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "21/11/2026",
        "24:00 21/11/2026",
        "12:60 21/11/2026",
        "12:5 21/11/2026",
        "2026-11-21 00:05",
        "00:05",
    ],
)
def test_parse_moment_refuses(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(typed)


@given(moments)
def test_shown_moments_can_be_read(moment: datetime) -> None:
    assert parse_moment(show_moment(moment)) == moment.astimezone(UTC).replace(second=0, microsecond=0)


@given(moments)
def test_a_moment_lies_in_its_day(moment: datetime) -> None:
    day = vietnam_date(moment)
    assert day == moment.astimezone(BANGKOK_LIKE).date()
    assert day_start(day) <= moment < day_start(day + timedelta(days=1))


@pytest.mark.parametrize("ask", [show_moment, vietnam_date])
def test_a_moment_needs_its_zone(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(ValueError):
        ask(datetime(2026, 1, 1))
