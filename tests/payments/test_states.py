"""The states of payments, refunds and payouts: only the tables' steps, only forward; what the sums say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.models import PaymentState, PayoutStatus, RefundStatus
from payments.states import (
    FOLLOWS,
    PAYOUT_FOLLOWS,
    REFUND_COUNTS,
    REFUND_FOLLOWS,
    Derived,
    WrongStep,
    derived,
    is_open,
    may_follow,
    stepped,
)

TABLES: list[tuple[Any, Any]] = [
    (PaymentState, FOLLOWS),
    (RefundStatus, REFUND_FOLLOWS),
    (PayoutStatus, PAYOUT_FOLLOWS),
]
tables = st.sampled_from(TABLES)
ENDS = {PaymentState.PAID, PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED}
dong = st.integers(0, 10**9)


@given(choice=st.data(), table=tables)
def test_only_the_table_lets_something_step(choice: st.DataObject, table: tuple[Any, Any]) -> None:
    states, follows = table
    old, new = choice.draw(st.sampled_from(list(states))), choice.draw(st.sampled_from(list(states)))
    if new in follows[old]:
        assert stepped(old, new) is new
    else:
        with pytest.raises(WrongStep):
            stepped(old, new)


@given(choice=st.data(), table=tables)
def test_no_state_ever_comes_back(choice: st.DataObject, table: tuple[Any, Any]) -> None:
    states, _ = table
    state = next(iter(states))
    seen = [state]
    for wanted in choice.draw(st.lists(st.sampled_from(list(states)), max_size=12)):
        if may_follow(state, wanted):
            state = wanted
            seen.append(state)
    assert len(seen) == len(set(seen))
    if states is PaymentState and PaymentState.PAID in seen:
        assert state is PaymentState.PAID, "paid was taken back"
    if states is RefundStatus and RefundStatus.SUCCEEDED in seen:
        assert state in (RefundStatus.SUCCEEDED, RefundStatus.REVERSED)


@pytest.mark.parametrize("table", TABLES, ids=lambda one: one[0].__name__)
def test_every_state_has_its_row_and_an_end_in_reach(table: tuple[Any, Any]) -> None:
    states, follows = table
    assert set(follows) == set(states)
    for state in states:
        reached, edge = {state}, {state}
        while edge:
            edge = {new for old in edge for new in follows[old]} - reached
            reached |= edge
        assert any(not follows[one] for one in reached), f"{state} never ends"
        assert not is_open(state) or follows[state]


def test_an_unknown_payment_can_only_end() -> None:
    assert FOLLOWS[PaymentState.UNKNOWN] == ENDS
    assert {state for state in PaymentState if not is_open(state)} == ENDS


def test_a_refund_counts_until_it_certainly_did_not_happen() -> None:
    assert set(RefundStatus) - REFUND_COUNTS == {
        RefundStatus.FAILED,
        RefundStatus.REVERSED,
        RefundStatus.CANCELLED,
    }
    assert not is_open(RefundStatus.SUCCEEDED) and not is_open(PayoutStatus.SUCCEEDED)
    assert is_open(RefundStatus.UNKNOWN) and is_open(PayoutStatus.DRAFT)


@given(asked=st.integers(1, 10**9), received=dong, extra=dong, refunded=dong)
def test_the_sums_say_one_thing_each(asked: int, received: int, extra: int, refunded: int) -> None:
    said = derived(asked_dong=asked, received_dong=received, extra_dong=extra, refunded_dong=refunded)
    assert not {Derived.REFUNDED, Derived.PARTIALLY_REFUNDED} <= said
    assert (Derived.OVERPAID in said) is (extra > 0)
    assert (Derived.PARTIALLY_PAID in said) is (0 < received < asked)
    assert (Derived.REFUNDED in said) is (0 < received + extra <= refunded)
    if not refunded:
        assert not said & {Derived.REFUNDED, Derived.PARTIALLY_REFUNDED}
