"""What the scales come to, over made-up orders: nobody pays and is paid back, never more on top than was agreed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kit.clock import VIETNAM
from orders.services.heavy.sums import SMALLEST_DONG, LineWeight, due_after, settled
from vendors.by_weight import band_of, most_on_top, price_of


@st.composite
def weighed_lines(draw: st.DrawFn) -> list[LineWeight]:
    """Lines as they come from the scales: within their bands, some charged, some with fewer pieces than ordered."""
    lines = []
    for number in range(draw(st.integers(1, 4))):
        per_kg, portion_g = draw(st.integers(1_000, 2_000_000)), draw(st.integers(50, 30_000))
        percent, pieces = draw(st.sampled_from([5, 10, 15, 20])), draw(st.integers(1, 20))
        piece_dong = price_of(per_kg, portion_g)
        agreed = most_on_top(per_kg, portion_g * pieces, percent, piece_dong * pieces)
        there = draw(st.integers(1, pieces))
        least_g, most_g = band_of(portion_g * pieces * there // pieces, percent)
        weight_g = draw(st.integers(least_g, max(least_g, most_g)))
        most = agreed if draw(st.booleans()) else 0
        lines.append(LineWeight(number, piece_dong * there, per_kg, most, weight_g))
    return lines


@given(weighed_lines(), st.booleans())
def test_an_order_is_either_paid_on_top_or_given_back(lines: list[LineWeight], asks_small: bool) -> None:
    found = settled(lines, asks_small=asks_small)
    less, more = sum(one.less_dong for one in found), sum(one.more_dong for one in found)
    assert not (less and more)
    assert all(0 <= one.more_dong <= one.more_most_dong for one in found)
    assert all(0 <= one.less_dong <= one.paid_dong for one in found)
    assert asks_small or more == 0 or more >= SMALLEST_DONG


@given(weighed_lines())
def test_it_comes_to_what_the_goods_are_worth(lines: list[LineWeight]) -> None:
    found = settled(lines, asks_small=True)
    final = sum(one.paid_dong - one.less_dong + one.more_dong for one in found)
    worth = sum(_owed(one) for one in lines)
    assert final == worth


@given(weighed_lines())
def test_nothing_is_asked_where_heavier_is_not_charged(lines: list[LineWeight]) -> None:
    uncharged = [
        LineWeight(one.line_id, one.paid_dong, one.price_per_kg_dong, 0, one.weight_g) for one in lines
    ]
    assert sum(one.more_dong for one in settled(uncharged, asks_small=True)) == 0


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), st.integers(1, 72))
def test_the_time_to_pay_never_ends_in_the_night(at: datetime, hours: int) -> None:
    now = at.replace(tzinfo=UTC)
    due = due_after(now, hours)
    assert 9 <= due.astimezone(VIETNAM).hour < 21
    assert timedelta(hours=hours) <= due - now <= timedelta(hours=hours + 12)


def _owed(line: LineWeight) -> int:
    """What a line costs in the end, said in other words than the code's."""
    worth = price_of(line.price_per_kg_dong, line.weight_g)
    return worth if worth <= line.paid_dong else min(worth, line.paid_dong + line.more_most_dong)
