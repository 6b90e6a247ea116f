"""The table of steps and the fold: any order of arrival, any number of repeats, one answer."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.i18n import catalogue
from postal.states import (
    FINAL,
    FOLLOWS,
    EventView,
    Flag,
    Folded,
    ParcelState,
    fold,
    may_follow,
    shown,
    shown_to_staff,
)

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
S = ParcelState


def event(
    state: ParcelState | None,
    happened: int,
    received: int | None = None,
    *,
    key: str = "",
    returning: bool = False,
    flags: frozenset[Flag] = frozenset(),
    correction: str = "",
) -> EventView:
    received = happened if received is None else received
    return EventView(
        key=key or f"{state} {happened}",
        happened_at=START + timedelta(minutes=happened),
        received_at=START + timedelta(minutes=received),
        state=state,
        returning=returning,
        flags=flags,
        correction=correction,
    )


@st.composite
def histories(draw: st.DrawFn) -> list[EventView]:
    """Events with distinct keys; times often equal, as carriers' clocks show whole minutes."""
    count = draw(st.integers(0, 8))
    return [
        event(
            draw(st.sampled_from([None, *ParcelState])),
            draw(st.integers(0, 5)),
            draw(st.integers(0, 9)),
            key=f"event {number}",
            returning=draw(st.booleans()),
            flags=draw(st.frozensets(st.sampled_from(Flag), max_size=2)),
            correction=draw(st.sampled_from(["", "", "", "scanned by mistake"])),
        )
        for number in range(count)
    ]


def test_the_table_is_the_written_one() -> None:
    table = {str(old): sorted(map(str, after)) for old, after in FOLLOWS.items()}
    assert table == {old: sorted(after) for old, after in VECTORS["allowed_transitions"].items()}
    assert sorted(map(str, FINAL)) == sorted(VECTORS["final"])


@pytest.mark.parametrize("old", ParcelState)
def test_may_follow_agrees_with_the_vectors(old: ParcelState) -> None:
    for new in ParcelState:
        assert may_follow(old, new) == (new in VECTORS["allowed_transitions"][old])


@given(histories(), st.randoms(use_true_random=False), st.integers(0, 6))
def test_order_of_arrival_and_repeats_change_nothing(
    history: list[EventView], dice: Random, repeats: int
) -> None:
    shuffled = history + [dice.choice(history) for _ in range(repeats) if history]
    dice.shuffle(shuffled)
    assert fold(shuffled) == fold(history)


@given(histories(), st.data())
def test_a_repeat_received_later_changes_nothing(history: list[EventView], data: st.DataObject) -> None:
    if not history:
        return
    original = data.draw(st.sampled_from(history))
    later = data.draw(st.timedeltas(timedelta(0), timedelta(days=3)))
    repeat = EventView(**{**vars(original), "received_at": original.received_at + later})
    assert fold([repeat, *history]) == fold(history)


@given(histories())
def test_a_final_state_stays_without_a_correction(history: list[EventView]) -> None:
    plain = [one for one in history if not one.correction]
    finals = [one for one in plain if one.state in FINAL]
    if finals:
        earliest = min(finals, key=lambda one: (one.happened_at, one.received_at, one.key))
        assert fold(plain).state is earliest.state


def test_nothing_yet_is_created() -> None:
    assert fold([]) == Folded(S.CREATED)


def test_a_normal_journey_skips_nothing() -> None:
    states = [
        S.AWAITING_PICKUP,
        S.PICKED_UP,
        S.IN_TRANSIT,
        S.AT_DELIVERY_OFFICE,
        S.OUT_FOR_DELIVERY,
        S.DELIVERED,
    ]
    folded = fold(event(state, minute) for minute, state in enumerate(states))
    assert folded == Folded(S.DELIVERED)


def test_a_fact_is_taken_though_steps_are_missing_and_the_gap_is_recorded() -> None:
    folded = fold([event(S.PICKED_UP, 1), event(S.FAILED_ATTEMPT, 9)])
    assert folded.state is S.FAILED_ATTEMPT
    assert folded.skipped == ((S.PICKED_UP, S.FAILED_ATTEMPT),)


def test_the_missing_step_arriving_late_closes_the_gap() -> None:
    late = event(S.OUT_FOR_DELIVERY, 5, received=60)
    assert fold([event(S.PICKED_UP, 1), event(S.FAILED_ATTEMPT, 9), late]).skipped == ()


def test_an_event_after_the_end_is_noted_and_does_not_move_it() -> None:
    folded = fold([event(S.OUT_FOR_DELIVERY, 1), event(S.DELIVERED, 2), event(S.FAILED_ATTEMPT, 3)])
    assert folded.state is S.DELIVERED
    assert Flag.AFTER_FINAL in folded.flags


def test_delivered_twice_is_no_alarm() -> None:
    folded = fold([event(S.OUT_FOR_DELIVERY, 1), event(S.DELIVERED, 2), event(S.DELIVERED, 3)])
    assert Flag.AFTER_FINAL not in folded.flags


def test_an_earlier_timed_end_that_arrives_late_wins() -> None:
    folded = fold([event(S.DELIVERED, 30), event(S.LOST, 20, received=90)])
    assert folded.state is S.LOST
    assert Flag.AFTER_FINAL in folded.flags


def test_a_named_person_may_move_a_final_state_and_the_journey_goes_on() -> None:
    start = [event(S.PICKED_UP, 0), event(S.OUT_FOR_DELIVERY, 1)]
    wrong_scan = [*start, event(S.DELIVERED, 2), event(S.OUT_FOR_DELIVERY, 3, key="stray")]
    corrected = [*wrong_scan, event(S.OUT_FOR_DELIVERY, 4, correction="quét nhầm bưu gửi")]
    assert fold(corrected) == Folded(S.OUT_FOR_DELIVERY)
    assert fold([*corrected, event(S.FAILED_ATTEMPT, 5)]).state is S.FAILED_ATTEMPT


@pytest.mark.parametrize("outward", [S.IN_TRANSIT, S.OUT_FOR_DELIVERY])
def test_words_of_the_outward_leg_mean_returning_when_the_carrier_says_so(outward: ParcelState) -> None:
    folded = fold([event(S.PICKED_UP, 1), event(S.RETURNING, 2), event(outward, 3, returning=True)])
    assert folded == Folded(S.RETURNING, flags=frozenset({Flag.RETURN_LEG}))


def test_lost_on_the_way_back_is_still_the_way_back() -> None:
    assert Flag.RETURN_LEG in fold([event(S.PICKED_UP, 1), event(S.RETURNING, 2), event(S.LOST, 3)]).flags


def test_the_way_back_ends_when_the_parcel_goes_out_again() -> None:
    back = [event(S.PICKED_UP, 1), event(S.RETURNING, 2)]
    assert Flag.RETURN_LEG not in fold([*back, event(S.OUT_FOR_DELIVERY, 3)]).flags


def test_an_unknown_code_keeps_the_state_and_calls_a_person() -> None:
    strange = event(None, 2, flags=frozenset({Flag.UNKNOWN_CODE}))
    folded = fold([event(S.PICKED_UP, 1), strange, event(S.IN_TRANSIT, 3)])
    assert folded == Folded(S.IN_TRANSIT, flags=frozenset({Flag.UNKNOWN_CODE}))


def test_passing_flags_go_with_the_next_step_and_partial_stays() -> None:
    held = event(S.AWAITING_PICKUP, 1, flags=frozenset({Flag.PICKUP_FAILED, Flag.PARTIAL}))
    assert fold([held]).flags == {Flag.PICKUP_FAILED, Flag.PARTIAL}
    assert fold([held, event(S.PICKED_UP, 2)]).flags == {Flag.PARTIAL}


@pytest.mark.parametrize("state", ParcelState)
def test_every_state_has_words_in_both_languages(state: ParcelState) -> None:
    english = catalogue("postal", "en")
    for words in (shown(state), shown_to_staff(state)):
        message = english.get(words)
        assert message is not None and message.string


def test_staff_can_tell_every_state_from_every_other() -> None:
    assert len({shown_to_staff(state) for state in ParcelState}) == len(ParcelState)
