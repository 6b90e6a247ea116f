"""The difference of heavier goods, by many hands at once: one end counts, and money and goods agree with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict
from kit.models import AdminUnit
from orders.heavy_models import WeightDifference
from orders.models import OrderLine
from orders.services.auditing import uneven_weights
from orders.services.heavy.ending import confirm_difference, turn_differences, waive_difference
from orders.states import HEAVY_OPEN, HeavyState
from payments.services import assert_balanced
from payments.services.refunds.extra import return_extra
from tests.factories import COMMUNES_OF_ORDERS, units
from tests.orders.heavy import HEAVIER_G, LIGHTER_G, MORE_DONG, PAID_G, Lot, lot


@pytest.fixture(autouse=True)
async def market(committed: None) -> AsyncIterator[None]:
    """Communes while the test runs, and books that hold at its end."""
    had = set(await AdminUnit.all().values_list("id", flat=True))
    await units(*COMMUNES_OF_ORDERS)
    yield
    await assert_balanced()
    await AdminUnit.exclude(id__in=list(had) or [0]).delete()


@pytest.fixture
def clock() -> StoppedClock:
    """Ten o'clock in Vietnam."""
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


async def together(acts: list[Awaitable[object]], attempt: int) -> None:
    """All at once; whoever comes too late is told so, nothing else goes wrong."""
    ends = await asyncio.gather(*(acts if attempt % 2 else reversed(acts)), return_exceptions=True)
    assert all(not isinstance(one, BaseException) or isinstance(one, Conflict) for one in ends), ends


async def agrees(of: Lot) -> HeavyState:
    """How it ended; whatever it was, what came is counted or owed back, and the goods wait or go accordingly."""
    row, order, money = await of.row(), await of.now(), await of.money()
    assert (order.packed_at is None) == (row.state in HEAVY_OPEN)
    assert order.more_dong == (MORE_DONG if row.state is HeavyState.PAID else 0)
    assert (money.state == "paid") == (row.state is HeavyState.PAID)
    assert money.received_dong == (MORE_DONG if row.state is HeavyState.PAID else 0)
    assert await uneven_weights(before=of.clock.now()) == []
    return row.state


@pytest.mark.parametrize("attempt", range(4))
async def test_paid_against_waived(clock: StoppedClock, attempt: int) -> None:
    """The bank's news, the seller's waiver on two phones and their own word meet."""
    of = await lot(clock)
    await of.pack(HEAVIER_G)
    acts = [
        of.told(31),
        waive_difference(of.order.id, person_id=7, now=clock.now()),
        waive_difference(of.order.id, person_id=8, now=clock.now()),
        confirm_difference(of.order.id, person_id=9, now=clock.now()),
    ]
    await together(acts, attempt)
    if await agrees(of) is HeavyState.WAIVED:
        assert (await of.money()).extra_dong == MORE_DONG
        await return_extra((await of.money()).id, now=clock.now())


@pytest.mark.parametrize("attempt", range(4))
async def test_paid_at_the_end_of_the_clock(clock: StoppedClock, attempt: int) -> None:
    """A transfer made in time is told when the round turns, twice; it pays, or it is owed back."""
    of = await lot(clock)
    await of.pack(HEAVIER_G)
    clock.forward(hours=23)
    at = clock.now()
    clock.forward(hours=2)
    acts = [of.told(32, at=at), turn_differences(now=clock.now()), turn_differences(now=clock.now())]
    await together(acts, attempt)
    if await agrees(of) is HeavyState.LAPSED:
        assert (await of.money()).extra_dong == MORE_DONG


@pytest.mark.parametrize("attempt", range(4))
async def test_two_packers(clock: StoppedClock, attempt: int) -> None:
    """Two people at the scales with other weights: one difference at most, and one weight in the line."""
    of = await lot(clock)
    await together([of.pack(HEAVIER_G), of.pack(LIGHTER_G), of.pack(HEAVIER_G)], attempt)
    grams = (await OrderLine.get(id=of.line.id)).final_weight_g
    if grams == HEAVIER_G:
        assert await agrees(of) is HeavyState.ASKED
        return
    assert grams == LIGHTER_G and (await of.now()).packed_at is not None
    assert not await WeightDifference.filter(state=HeavyState.ASKED).exists()


@pytest.mark.parametrize("attempt", range(4))
async def test_paid_against_packed_down(clock: StoppedClock, attempt: int) -> None:
    """The seller packs down while the buyer pays: who is first decides, the other's part is undone or owed back."""
    of = await lot(clock)
    await of.pack(HEAVIER_G)
    await together([of.told(33), of.pack(PAID_G), of.pack(PAID_G)], attempt)
    state, grams = await agrees(of), (await OrderLine.get(id=of.line.id)).final_weight_g
    assert (state, grams) in ((HeavyState.PAID, HEAVIER_G), (HeavyState.LOWERED, PAID_G))
