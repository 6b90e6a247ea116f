"""A program's look that waits until an order has moved on."""

import asyncio
from collections.abc import Callable

import pytest

from accounts.services import make_api_token, person_of
from kit.clock import StoppedClock
from kit.fanout import Fanout
from kit.parts import Parts
from orders import waiting
from orders.services import Buyer, order_channel
from tests.conftest import Browser
from tests.factories import listing, pay_order, placed

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
async def program(client: Browser, clock: StoppedClock) -> Browser:
    """A program with the token of somebody who buys."""
    await _sign(client, "+84912345678", clock)
    return client


async def _sign(program: Browser, phone: str, clock: StoppedClock) -> None:
    token = await make_api_token((await person_of(phone)).id, "tests", now=clock.now())
    program.headers["authorization"] = f"Bearer {token}"


async def _buyer() -> Buyer:
    return Buyer((await person_of("+84912345678")).id, "")


async def test_it_answers_when_the_money_has_come(
    program: Browser, clock: StoppedClock, parts: Parts
) -> None:
    [order] = await placed((await listing(), 1), now=clock.now(), buyer=await _buyer())
    looking = asyncio.create_task(program.get(f"/api/v1/orders/{order.code}?was=placed"))
    async with asyncio.timeout(5):
        while order_channel(order.code) not in parts[Fanout].seen("order:"):  # noqa: ASYNC110  no news of listeners
            await asyncio.sleep(0)
    parts[Fanout].wake(order_channel(order.code))  # news that changed no state: it waits on
    await asyncio.sleep(0.05)
    assert not looking.done()
    await pay_order(order, now=clock.now())
    parts[Fanout].wake(order_channel(order.code))
    answer = await asyncio.wait_for(looking, waiting.LOOK_SECONDS - 1)
    assert answer.json()["state"] == "paid" and answer.json()["payment"] is None
    assert not parts[Fanout].seen("order:"), "nobody listens any more"


async def test_it_does_not_wait_for_what_has_happened(program: Browser, clock: StoppedClock) -> None:
    [order] = await placed((await listing(), 2), now=clock.now(), buyer=await _buyer())
    for was in ("paid", "delivered"):
        answer = await asyncio.wait_for(program.get(f"/api/v1/orders/{order.code}?was={was}"), 5)
        assert answer.json()["state"] == "placed"
        assert [one["quantity"] for one in answer.json()["lines"]] == [2]


async def test_a_state_that_is_none_is_refused_by_name(program: Browser, clock: StoppedClock) -> None:
    [order] = await placed((await listing(), 1), now=clock.now(), buyer=await _buyer())
    answer = await program.get(f"/api/v1/orders/{order.code}?was=lunch")
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["was"]


async def test_nobody_waits_at_an_order_of_somebody_else(
    program: Browser, browser: Callable[[], Browser], clock: StoppedClock, parts: Parts
) -> None:
    [order] = await placed((await listing(), 1), now=clock.now(), buyer=await _buyer())
    async with browser() as other:
        await _sign(other, "+84912345679", clock)
        answer = await asyncio.wait_for(other.get(f"/api/v1/orders/{order.code}?was=placed"), 5)
    assert answer.status_code == 404 and not parts[Fanout].seen("order:")
