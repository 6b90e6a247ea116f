"""Opening hours as people write them, and what they mean at a moment."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.hours import Hours, open_now, read_hours

DAYS = frozenset(range(7))


@pytest.mark.parametrize(
    ("text", "spans", "days"),
    [
        ("6–11 giờ mỗi ngày", [(360, 660)], DAYS),
        ("6:00–17:00 mỗi ngày", [(360, 1020)], DAYS),
        ("6h30 đến 11h", [(390, 660)], DAYS),
        ("6–11 giờ, 14–17 giờ", [(360, 660), (840, 1020)], DAYS),
        ("14:00-17:30 và 6:00-11:00 hằng ngày", [(360, 660), (840, 1050)], DAYS),
        ("7–17 giờ, thứ 2–thứ 7", [(420, 1020)], frozenset(range(6))),
        ("7:00–17:00 thứ hai đến thứ sáu", [(420, 1020)], frozenset(range(5))),
        ("7:00–17:00 T2–CN", [(420, 1020)], DAYS),
        ("7:00–17:00, trừ chủ nhật", [(420, 1020)], frozenset(range(6))),
        ("0–24 giờ", [(0, 1440)], DAYS),
    ],
)
def test_what_people_write_is_understood(
    text: str, spans: list[tuple[int, int]], days: frozenset[int]
) -> None:
    assert read_hours(text) == Hours(tuple(spans), days)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sáng",
        "gọi trước khi đến",
        "11–6 giờ",
        "6–30 giờ",
        "6:75–9:00",
        "6–11 giờ khi trời đẹp",
        "chợ phiên 5, 10",
    ],
)
def test_nothing_is_claimed_of_what_is_not_understood(text: str) -> None:
    assert read_hours(text) is None and open_now(text, datetime(2026, 11, 21, 3, 0, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("hour", "text", "is_open", "said"),
    [
        (3, "6–11 giờ mỗi ngày", True, "mở tới 11:00"),  # ten o'clock of a Saturday in Vietnam
        (4, "6–11 giờ mỗi ngày", False, "mở lại 6:00 mai"),
        (5, "6–11 giờ, 14–17 giờ", False, "mở lại 14:00 hôm nay"),
        (5, "6–11 giờ, thứ 2–thứ 7", False, "mở lại 6:00 thứ hai"),
        (5, "6–11 giờ, trừ chủ nhật", False, "mở lại 6:00 thứ hai"),
        (3, "6–11 giờ, thứ 2–thứ 6", False, "mở lại 6:00 thứ hai"),
    ],
)
def test_what_they_mean_at_a_moment(hour: int, text: str, is_open: bool, said: str) -> None:
    now = open_now(text, datetime(2026, 11, 21, hour, 0, tzinfo=UTC))
    assert now and (now.is_open, str(now.words)) == (is_open, said)


@given(st.text(max_size=60), st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_no_text_breaks_it(text: str, now: datetime) -> None:
    found = open_now(text, now)
    assert found is None or str(found.words)
