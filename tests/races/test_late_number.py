"""A notice's number is given before its commit: another provider's higher number may be seen, and counted, first."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from kit.clock import StoppedClock
from kit.db import transaction
from orders.models import TillSale
from orders.services import settle_notice, settle_waiting
from payments.gate import StatementLine
from payments.models import Notice
from payments.services import Source, assert_balanced, balances
from tests.factories import recorded, vendor

pytestmark = pytest.mark.usefixtures("committed")
CASSO, SEPAY = Source("casso"), Source("sepay")
A_WHILE_SECONDS = 0.3
T = TypeVar("T")
TOGETHER = pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])
# What the higher number lacks or not, and what becomes of the lower one.
SURE_OR_NOT = pytest.mark.parametrize(
    ("reference", "verdict"), [("FT1", "told_twice"), ("", "none")], ids=["the same line", "alike"]
)


@asynccontextmanager
async def uncommitted(act: Awaitable[T]) -> AsyncIterator["asyncio.Task[T]"]:
    """An act that is done on a connection of its own inside, and committed at the end; its task gives its result."""
    done, may_commit = asyncio.Event(), asyncio.Event()

    async def held() -> T:
        async with transaction():
            result = await act
            done.set()
            await may_commit.wait()
        return result

    task = asyncio.create_task(held())
    await asyncio.wait([task, waits := asyncio.create_task(done.wait())], return_when="FIRST_COMPLETED")
    waits.cancel()
    yield task
    may_commit.set()
    await task


async def told(clock: StoppedClock, source: Source, reference: str, number: int = 1) -> int:
    """Money on the plate as this provider tells of it; one sum, in one second."""
    line = StatementLine(
        str(number), "", 35_000, True, clock.now(), "0123456789", "NGUYEN THI HOA", bank_reference=reference
    )
    return await recorded(line, now=clock.now(), source=source)


async def worked(number: int, clock: StoppedClock, *, together: bool) -> None:
    """A worker's round with this notice."""
    if together:
        assert await settle_waiting([number], now=clock.now()) == {}
    else:
        await settle_notice(number, now=clock.now())


async def is_one_sale(first: int, second: int, verdict: str) -> None:
    """The higher number is the sale, the lower one is not; the books hold."""
    verdicts = dict(await Notice.all().values_list("id", "verdict"))
    assert first < second and verdicts == {first: verdict, second: "stall"}
    assert await TillSale.all().count() == 1
    assert sum((await balances("suspense:")).values()) == (-35_000 if verdict == "none" else 0)
    await assert_balanced()


@TOGETHER
@SURE_OR_NOT
async def test_a_lower_number_that_is_seen_later_is_no_second_sale(
    clock: StoppedClock, together: bool, reference: str, verdict: str
) -> None:
    """A person looks at what may be another transfer; what is surely the same is told twice."""
    await vendor()
    async with uncommitted(told(clock, SEPAY, "FT1")) as writing:
        second = await told(clock, CASSO, reference)
        await worked(second, clock, together=together)
    first = writing.result()
    await worked(first, clock, together=together)
    await is_one_sale(first, second, verdict)


@TOGETHER
@SURE_OR_NOT
async def test_it_waits_for_who_settles_the_higher_number(
    clock: StoppedClock, together: bool, reference: str, verdict: str
) -> None:
    """Another worker has the higher number in hand, and has looked before the lower one was there."""
    await vendor()
    async with uncommitted(told(clock, SEPAY, "FT1")) as writing:
        second = await told(clock, CASSO, reference)
        settling = uncommitted(worked(second, clock, together=together))
        await settling.__aenter__()
    first = writing.result()
    waits = asyncio.create_task(worked(first, clock, together=together))
    await asyncio.sleep(A_WHILE_SECONDS)
    assert not waits.done()
    await settling.__aexit__(None, None, None)
    await waits
    await is_one_sale(first, second, verdict)


@TOGETHER
async def test_who_gives_the_higher_number_up_leaves_the_sale_to_the_lower(
    clock: StoppedClock, together: bool
) -> None:
    """The worker that had it in hand was killed: nothing of it stands, and the money is a sale all the same."""
    await vendor()
    first, second = await told(clock, SEPAY, "FT1"), await told(clock, CASSO, "FT1")

    async def killed() -> None:
        async with transaction():
            await worked(second, clock, together=together)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await killed()
    await worked(first, clock, together=together)
    await worked(second, clock, together=together)
    verdicts = dict(await Notice.all().values_list("id", "verdict"))
    assert verdicts == {first: "stall", second: "told_twice"} and await TillSale.all().count() == 1
    await assert_balanced()


async def test_both_by_two_workers_are_one_sale_and_nobody_waits_for_ever(clock: StoppedClock) -> None:
    """Groups that hold each other's first and second: each pair is one sale."""
    await vendor()
    pairs = [
        [await told(clock, source, f"FT{number}", number) for source in (SEPAY, CASSO)]
        for number in range(1, 11)
    ]
    left = [pair[number % 2] for number, pair in enumerate(pairs)]
    right = [pair[1 - number % 2] for number, pair in enumerate(pairs)]
    await asyncio.gather(*(settle_waiting(some, now=clock.now()) for some in (left, right, right, left)))
    verdicts = dict(await Notice.all().values_list("id", "verdict"))
    assert {(verdicts[one], verdicts[other]) for one, other in pairs} == {("stall", "told_twice")}
    assert await TillSale.all().count() == len(pairs)
    await assert_balanced()
