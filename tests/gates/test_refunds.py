"""Money back through each gate against its twin: all, a part, too much, refused, under way, asked twice."""

from collections.abc import Awaitable, Callable

import pytest

from payments.gate import Asked, GateFault, GateRefused, GateUnsure, Outcome, RefundAsked, RefundState
from payments.gates.register import Gates
from payments.services.attempts import asked_of
from payments.twins.pages import TWINS
from tests.gates.conftest import Shopper

MakeShopper = Callable[..., Awaitable[Shopper]]
GATES = sorted(TWINS)
pytestmark = pytest.mark.parametrize("gate", GATES)


async def paid(shopper: MakeShopper, gate: str) -> tuple[Shopper, Asked]:
    shop = await shopper()
    await shop.pays(gate)
    await shop.works()
    return shop, asked_of(await shop.attempt(), shop.clock.now())


async def refunded(shop: Shopper, name: str, asked: Asked, amount_dong: int, key: str = "R1") -> RefundState:
    gate = shop.parts[Gates].by_name[name]
    return await gate.refund(asked, amount_dong, "Hang hong", idem_key=key, now=shop.clock.now())


async def looked(shop: Shopper, name: str, asked: Asked, state: RefundState, amount_dong: int) -> RefundState:
    """The end of a refund: some providers tell at once, some when asked."""
    refund = RefundAsked("R1", state.provider_ref, amount_dong, shop.clock.now(), shop.clock.now(), asked)
    return await shop.parts[Gates].by_name[name].query_refund(refund)


async def test_all_of_it_goes_back(shopper: MakeShopper, gate: str) -> None:
    shop, asked = await paid(shopper, gate)
    state = await refunded(shop, gate, asked, asked.amount_dong)
    assert state.outcome in (Outcome.SUCCEEDED, Outcome.PENDING)
    assert (await looked(shop, gate, asked, state, asked.amount_dong)).outcome is Outcome.SUCCEEDED


async def test_a_part_goes_back_and_no_more_than_is_left(shopper: MakeShopper, gate: str) -> None:
    shop, asked = await paid(shopper, gate)
    state = await refunded(shop, gate, asked, 20_000)
    assert (await looked(shop, gate, asked, state, 20_000)).outcome is Outcome.SUCCEEDED
    try:
        second = await refunded(shop, gate, asked, asked.amount_dong, key="R2")
    except GateRefused:
        return
    assert second.outcome is Outcome.FAILED


async def test_a_refund_may_fail(shopper: MakeShopper, gate: str) -> None:
    shop, asked = await paid(shopper, gate)
    try:
        state = await refunded(shop, gate, asked, 20_001)
    except GateRefused:
        return
    assert (await looked(shop, gate, asked, state, 20_001)).outcome is Outcome.FAILED


async def test_a_refund_may_stay_under_way(shopper: MakeShopper, gate: str) -> None:
    shop, asked = await paid(shopper, gate)
    state = await refunded(shop, gate, asked, 20_002)
    assert state.outcome is Outcome.PENDING
    assert (await looked(shop, gate, asked, state, 20_002)).outcome is Outcome.PENDING


async def test_the_same_key_is_the_same_refund(shopper: MakeShopper, gate: str) -> None:
    """Asked again after a lost answer: the same answer, or a word that it was asked before; never twice the money."""
    shop, asked = await paid(shopper, gate)
    first = await refunded(shop, gate, asked, 20_000)
    try:
        again = await refunded(shop, gate, asked, 20_000)
    except (GateUnsure, GateRefused) as told:
        assert isinstance(told, GateFault)
    else:
        assert again.provider_ref == first.provider_ref
    rest = await refunded(shop, gate, asked, asked.amount_dong - 20_000, key="R3")
    assert rest.outcome is not Outcome.FAILED


async def test_a_refund_nobody_asked_for_is_not_found(shopper: MakeShopper, gate: str) -> None:
    shop, asked = await paid(shopper, gate)
    nothing = RefundState(Outcome.PENDING)
    found = await looked(shop, gate, asked, nothing, 20_000)
    assert found.outcome in (Outcome.NOT_FOUND, Outcome.FAILED)
