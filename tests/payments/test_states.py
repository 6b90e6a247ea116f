"""The states of a payment: only the table's steps, only forward."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.models import PaymentState
from payments.states import FOLLOWS, WrongStep, may_follow, stepped

states = st.sampled_from(list(PaymentState))


@given(old=states, new=states)
def test_only_the_table_lets_a_payment_step(old: PaymentState, new: PaymentState) -> None:
    if new in FOLLOWS[old]:
        assert stepped(old, new) is new
    else:
        with pytest.raises(WrongStep):
            stepped(old, new)


@given(walk=st.lists(states, max_size=8))
def test_no_walk_takes_paid_back(walk: list[PaymentState]) -> None:
    state, seen = PaymentState.PENDING, [PaymentState.PENDING]
    for wanted in walk:
        if may_follow(state, wanted):
            state = wanted
            seen.append(state)
    if PaymentState.PAID in seen:
        assert state is PaymentState.PAID
    assert len(seen) == len(set(seen)), "a state came back"


def test_every_state_has_its_row() -> None:
    assert set(FOLLOWS) == set(PaymentState)
