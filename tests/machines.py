"""For histories that hypothesis makes up: each is played within a transaction of its own that is undone at its end."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from hypothesis import HealthCheck, Phase, settings
from tortoise.transactions import in_transaction

from kit.clock import StoppedClock
from kit.errors import Refusal
from market.audit import AUDITORS, Audited, Span, lines

# What depends on jobs is asked only when all of them have been worked.
AT_REST = frozenset(
    {
        "notices settled",
        "orders as their money",
        "paid orders have parcels",
        "orders as their parcels",
        "shared parcels whole",
        "doors as booked",
        "revenue as counted",
        "no job stuck",
    }
)
Act = Callable[[], Awaitable[object]]


class _Undo(Exception):
    """Ends a history."""


@asynccontextmanager
async def undone() -> AsyncIterator[None]:
    """What is done inside has never been."""
    try:
        async with in_transaction("default"):  # no transaction() of ours: acts may ask outside
            yield
            raise _Undo
    except _Undo:
        return


class OrdersHistory(Protocol):
    """What people do with orders, and what must hold after each step and when all jobs are worked."""

    clock: StoppedClock

    async def begin(self) -> None: ...
    async def play(self, act: str, which: int, number: int) -> None: ...
    async def rest(self) -> None: ...
    async def holds(self, *, at_rest: bool = False) -> None: ...


async def lived(history: OrdersHistory, acts: Iterable[tuple[str, int, int]]) -> None:
    """Plays a history of orders to its rest, looks after each step, and takes all of it back, its hours too."""
    began = history.clock.now()
    async with undone():
        await history.begin()
        for act, which, number in acts:
            await history.play(act, which, number)
            await history.holds()
        await history.rest()
        await history.holds(at_rest=True)
    history.clock.at = began


def histories(examples: int) -> Any:
    """Settings of a test that plays so many histories; one that fails is shown as it is: shrinking takes minutes."""
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )


async def tried(act: Act) -> bool:
    """Whether an act was done, or refused."""
    try:
        await act()
    except Refusal:
        return False
    return True


async def assert_audited(span: Span, *, at_rest: bool) -> None:
    """No auditor finds anything: after every step those of single commits, at rest all of them."""
    asked: Mapping[str, Any] = {name: ask for name, ask in AUDITORS.items() if at_rest or name not in AT_REST}
    found = [Audited(name, await ask(span)) for name, ask in asked.items()]
    wrong = [one for one in found if one.rows]
    assert not wrong, "\n".join(lines(wrong))
