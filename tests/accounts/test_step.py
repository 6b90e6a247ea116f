"""The signed step between phone and code."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.step import Step, packed, unpacked

NOW = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
STEP = Step("+84912345678", "/orders?page=2", int(NOW.timestamp()))


@given(st.builds(Step, st.text(max_size=20), st.text(max_size=60), st.just(int(NOW.timestamp()))), st.text())
def test_a_step_comes_back_as_it_was_packed(step: Step, secret: str) -> None:
    assert unpacked(packed(step, secret), secret, NOW) == step


@given(st.integers(min_value=0, max_value=10_000), st.characters(min_codepoint=33, max_codepoint=126))
def test_one_changed_character_makes_a_step_worthless(place: int, letter: str) -> None:
    value = packed(STEP, "secret")
    place %= len(value)
    changed = value[:place] + letter + value[place + 1 :]
    assert unpacked(changed, "secret", NOW) in ((STEP,) if changed == value else (None,))


@given(st.text(max_size=80))
def test_what_we_never_packed_is_nothing(value: str) -> None:
    assert unpacked(value, "secret", NOW) is None


def test_a_step_of_another_secret_is_nothing() -> None:
    assert unpacked(packed(STEP, "another"), "secret", NOW) is None


@pytest.mark.parametrize(("seconds", "lives"), [(0, True), (599, True), (600, False), (-61, False)])
def test_a_step_lives_ten_minutes(seconds: int, lives: bool) -> None:
    then = NOW + timedelta(seconds=seconds)
    assert (unpacked(packed(STEP, "s"), "s", then) is not None) == lives


def test_a_step_knows_how_long_another_code_waits() -> None:
    assert [STEP.waits(NOW + timedelta(seconds=s), 30) for s in (0, 29, 30, 500)] == [30, 1, 0, 0]
