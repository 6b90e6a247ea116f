"""An order, a buyer's browser and a pretend provider; real gates talk to twins through the whole application."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest

from kit.clock import StoppedClock
from kit.parts import Parts
from kit.roles import Role
from kit.settings import Settings
from market.worker import work_all_due
from orders.models import Order
from orders.services import Buyer, reference_of
from payments.models import PaymentAttempt
from payments.services import PaymentView, assert_balanced, leave_looks, payment_for
from tests.conftest import Browser
from tests.doors import Doors, doors
from tests.factories import COMMUNES_OF_ORDERS, listing, placed, units
from tests.gates.carriers import post_office

ALL_GATES = "momo,zalopay,vnpay,mobile_money,stripe"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Every gate is switched on, against its twin."""
    return replace(settings, pay_gates=ALL_GATES)


@pytest.fixture
async def books(db: None) -> AsyncIterator[None]:
    """Communes to deliver to; whatever a test did, the books hold afterwards."""
    await units(*COMMUNES_OF_ORDERS)
    yield
    await assert_balanced()


@dataclass
class Shopper:
    """Somebody with an order, on its page."""

    client: Browser
    parts: Parts
    clock: StoppedClock
    order: Order

    async def chooses(self, gate: str) -> httpx2.Response:
        """Takes one of the other ways to pay; the answer is where the market sends the browser."""
        return await self.client.submit(f"/orders/{self.order.code}/attempts", {"gate": gate})

    async def pays(self, gate: str, decision: str = "pay", manner: str = "as_is") -> httpx2.Response:
        """Chooses a provider, decides on its page, and comes back; no job is worked yet."""
        chosen = await self.chooses(gate)
        assert chosen.status_code == 303, chosen.text[:2000]
        way = await self.client.get(chosen.headers["location"])
        return await self.decides(self.link_in(way), decision, manner)

    async def decides(self, pay_url: str, decision: str = "pay", manner: str = "as_is") -> httpx2.Response:
        """Decides on a provider's page."""
        page = await self.client.get(pay_url, follow_redirects=True)
        assert page.status_code == 200, page.text[:500]
        back = await self.client.submit(str(page.url), {"decision": decision, "manner": manner})
        assert back.status_code == 303, back.text[:2000]
        return await self.client.get(back.headers["location"])

    def link_in(self, page: httpx2.Response) -> str:
        """Where the page leads to the provider."""
        found = re.search(r'href="([^"]+)" id="go-to-provider"', page.text)
        assert found, page.text
        return found[1].replace("&amp;", "&")

    async def works(self) -> None:
        """Works every job that is due."""
        await work_all_due(self.parts)

    async def waits(self, **time: float) -> None:
        """Time passes, and the round looks at tries that are due."""
        self.clock.forward(**time)
        await leave_looks(now=self.clock.now())
        await self.works()

    async def now(self) -> Order:
        """The order as it is."""
        return await Order.get(id=self.order.id)

    async def money(self) -> PaymentView:
        """The order's payment as it is."""
        found = await payment_for(reference_of(self.order.id))
        assert found
        return found

    async def attempt(self) -> PaymentAttempt:
        """The latest try."""
        found = (
            await PaymentAttempt.filter(payment__reference=reference_of(self.order.id))
            .order_by("-id")
            .first()
        )
        assert found
        return found


@pytest.fixture
def shopper(
    books: None, client: Browser, parts: Parts, clock: StoppedClock
) -> Callable[..., Awaitable[Shopper]]:
    """`shop = await shopper()`; `price_dong` sets the sum of the goods."""

    async def make(**goods: Any) -> Shopper:
        await client.get("/basket")
        device = client.cookies.get("device")
        assert device
        [order] = await placed((await listing(**goods), 1), buyer=Buyer(None, device), now=clock.now())
        return Shopper(client, parts, clock, order)

    return make


@pytest.fixture
async def stall(db: None, parts: Parts, clock: StoppedClock) -> AsyncIterator[Doors]:
    """A seller who takes orders at the door and sends by carriers; whatever a test did, the books hold afterwards."""
    await post_office(parts, clock)
    await units(*COMMUNES_OF_ORDERS)
    yield await doors(parts, clock)
    await assert_balanced()


@pytest.fixture
async def clerk(client: Browser, sign_in_as: Callable[..., Any]) -> Browser:
    """A clerk's browser."""
    await sign_in_as(client, "0912345678", Role.CLERK)
    return client
