"""Screens that wait: told when something changed, and let go when they leave."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Scope

from accounts.services import withdraw
from kit.clock import StoppedClock
from kit.fanout import Fanout
from kit.parts import Parts
from kit.roles import Role
from orders.models import Order
from orders.routes import live
from orders.services import Buyer, day_channel, order_channel, order_facts
from tests.factories import listing, pay_order, placed, vendor

pytestmark = pytest.mark.usefixtures("books")


class Listener:
    """A browser that listens to an order's events."""

    def __init__(self, app: ASGIApp, path: str, device: str) -> None:
        self.sent: list[Message] = []
        self._gone, self._came = asyncio.Event(), asyncio.Event()
        self._asked = False
        self._app = app
        self.scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"test"), (b"cookie", f"device={device}".encode())],
            "client": ("127.0.0.1", 1),
            "server": ("test", 80),
        }

    @property
    def text(self) -> str:
        """All that came in."""
        return b"".join(one.get("body", b"") for one in self.sent).decode()

    @property
    def is_over(self) -> bool:
        """Whether the server has ended the answer."""
        return any(one["type"] == "http.response.body" and not one.get("more_body") for one in self.sent)

    def leave(self) -> None:
        """Closes the page."""
        self._gone.set()

    async def listen(self) -> None:
        """Asks and takes what comes."""
        await self._app(self.scope, self._receive, self._send)

    async def until(self, words: str, times: int = 1) -> None:
        """Waits until words have come so often."""
        async with asyncio.timeout(20):
            while self.text.count(words) < times:
                self._came.clear()
                await self._came.wait()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.sent.append(message)
        self._came.set()


@pytest.fixture
async def order(clock: StoppedClock, hoa: Buyer) -> Order:
    """An order of Hoa's phone."""
    [made] = await placed((await listing(), 1), now=clock.now(), buyer=hoa)
    return made


async def test_news_wakes_the_page_and_leaving_ends_the_stream(
    app: ASGIApp, parts: Parts, order: Order, hoa: Buyer, clock: StoppedClock
) -> None:
    """The first mark at once, another when money came, the end when the page is closed, and nobody listens on."""
    listener = Listener(app, f"/orders/{order.code}/events", hoa.device)
    task = asyncio.ensure_future(listener.listen())
    await listener.until("event: state")
    assert (await order_facts(order, now=clock.now())).mark in listener.text
    await pay_order(order, now=clock.now())
    parts[Fanout].wake(order_channel(order.code))
    await listener.until("event: state", 2)
    paid = await Order.get(id=order.id)
    assert (await order_facts(paid, now=clock.now())).mark in listener.text
    listener.leave()
    parts[Fanout].wake(order_channel(order.code))
    async with asyncio.timeout(20):
        await task
    assert listener.is_over
    assert not parts[Fanout]._listeners


async def test_a_stranger_hears_nothing(app: ASGIApp, order: Order) -> None:
    """404, no stream."""
    listener = Listener(app, f"/orders/{order.code}/events", "s" * 22)
    with suppress(Exception):
        await asyncio.wait_for(listener.listen(), 5)
    start: dict[str, Any] = dict(listener.sent[0])
    assert start["status"] == 404


async def test_a_screen_is_let_go_when_its_person_may_no_longer_look(
    app: ASGIApp,
    client: Any,
    sign_in_as: Any,
    clock: StoppedClock,
    parts: Parts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A seller whose role was withdrawn: the stream that began before ends."""
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr(live, "LOOK_SECONDS", 60.0)
    seller = await vendor()
    person = await sign_in_as(client, "0912345678", (Role.VENDOR, str(seller.id)))
    listener = Listener(app, "/sell/events", "d" * 22)
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    listener.scope["headers"] = [(b"host", b"test"), (b"cookie", cookies.encode())]
    task = asyncio.ensure_future(listener.listen())
    await listener.until("event: state")
    parts[Fanout].wake(day_channel(seller.id))
    await listener.until("still here")
    await asyncio.sleep(0.05)
    await withdraw(person.id, Role.VENDOR, str(seller.id), now=clock.now())
    parts[Fanout].wake(day_channel(seller.id))
    async with asyncio.timeout(20):
        await task
    assert listener.is_over
