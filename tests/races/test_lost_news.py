"""A screen whose news was lost: it looks by itself. On connections of its own, since two tasks ask at once."""

import asyncio

import pytest
from starlette.types import ASGIApp

from kit.clock import StoppedClock
from orders.routes import live
from orders.services import Buyer
from tests.factories import COMMUNES_OF_ORDERS, listing, pay_order, placed, units
from tests.orders.test_live import Listener

pytestmark = pytest.mark.usefixtures("committed")
HOA = Buyer(None, "d" * 22)


async def test_lost_news_is_found_by_looking(
    app: ASGIApp, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is asked again by itself, a heartbeat is sent, and the stream ends after its time."""
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(live, "STREAM_SECONDS", 4)
    await units(*COMMUNES_OF_ORDERS)
    [order] = await placed((await listing(), 1), now=clock.now(), buyer=HOA)
    listener = Listener(app, f"/orders/{order.code}/events", HOA.device)
    task = asyncio.ensure_future(listener.listen())
    await listener.until(": still here")
    await pay_order(order, now=clock.now())
    await listener.until("event: state", 2)
    async with asyncio.timeout(20):
        await task
    assert listener.is_over
