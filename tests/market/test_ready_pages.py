"""What strangers get from what is kept ready: no query while nothing changes, and every change within two seconds."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from kit.db import transaction
from kit.outbox import later
from kit.parts import Parts
from kit.web.ready_made import ReadyMade
from search.engine import Engine
from tests import factories
from tests.conftest import Browser, Queries
from vendors.models import Listing, ListingState, Market, ReportReason
from vendors.services.moderation.acts import take_down

pytestmark = pytest.mark.usefixtures("db")
SEEN_SECONDS = 2.0
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@dataclass
class Town:
    """Goods of one seller at one market, and all pages that show them."""

    goods: Listing
    market: Market
    run_jobs: Any
    stranger: Browser

    @property
    def page(self) -> str:
        """The goods' own page."""
        return f"/goods/{self.goods.code}"

    @property
    def lists(self) -> tuple[str, ...]:
        """Pages that list them."""
        return (
            "/",
            "/search?q=moc+cau",
            "/sellers/che-hao-dat",
            "/sellers/che-hao-dat/goods",
            "/markets/cho-thai/goods",
        )

    async def change(self, **fields: Any) -> None:
        """Changes the goods as every act does: the row, and the job that tells the index."""
        async with transaction():
            await Listing.filter(id=self.goods.id).update(**fields)
            await later("index_listing", self.goods.id)
        await self.run_jobs()

    async def text(self, path: str) -> str:
        """What a stranger reads there now."""
        return str((await self.stranger.get(path)).text)


@pytest.fixture
async def town(parts: Parts, browser: Callable[[], Browser], run_jobs: Any) -> AsyncIterator[Town]:
    parts.put(ReadyMade, ReadyMade(parts[Engine].stamp))
    seller = await factories.vendor()
    market = await factories.market()
    await factories.stall(seller, place=market)
    goods = await factories.listing(seller)
    async with browser() as stranger:
        made = Town(goods, market, run_jobs, stranger)
        await made.change(price_dong=220_000)
        yield made


async def seen(town: Town, path: str, sign: Callable[[str], bool]) -> None:
    """Waits until a stranger reads it; at most two seconds."""
    until = time.monotonic() + SEEN_SECONDS
    while not sign(await town.text(path)):
        assert time.monotonic() < until, f"{path} is still the old one after {SEEN_SECONDS} s"
        await asyncio.sleep(0.05)
    for _ in range(3):
        assert sign(await town.text(path)), f"{path} went back to the old one"


async def test_kept_pages_cost_no_query_and_are_confirmed_by_their_mark(town: Town, queries: Queries) -> None:
    for path in (*town.lists, town.page, "/markets", "/markets/cho-thai"):
        first = await town.stranger.get(path)
        with queries.at_most(0):
            again = await town.stranger.get(path)
            unchanged = await town.stranger.get(path, headers={"if-none-match": again.headers["etag"]})
        assert (first.status_code, again.status_code, unchanged.status_code) == (200, 200, 304), path
        assert (unchanged.content == b"" and "220.000" in again.text) or path.startswith("/markets"), path


async def test_a_price_is_seen_within_two_seconds_on_every_page(town: Town) -> None:
    for path in (*town.lists, town.page):
        assert "220.000" in await town.text(path), path
    await town.change(price_dong=333_000)
    for path in (*town.lists, town.page):
        await seen(town, path, lambda text: "333.000" in text and "220.000" not in text)


async def test_what_ran_out_is_seen_within_two_seconds(town: Town) -> None:
    def can_be_had(text: str) -> bool:
        return "Chè móc câu" in text and "ết hàng" not in text

    for path in (*town.lists, town.page):
        assert can_be_had(await town.text(path)), path
    await town.change(stock=0)
    for path in (*town.lists, town.page):
        await seen(town, path, lambda text: not can_be_had(text))


async def test_what_goes_to_review_or_is_taken_down_is_gone_within_two_seconds(town: Town) -> None:
    for path in (*town.lists, town.page):
        assert "Chè móc câu" in await town.text(path), path
    await town.change(state=ListingState.SUBMITTED)
    for path in (*town.lists, town.page):
        await seen(town, path, lambda text: "220.000" not in text)
    await town.change(state=ListingState.ON_SALE)
    for path in (*town.lists, town.page):
        await seen(town, path, lambda text: "Chè móc câu" in text)
    await take_down(town.goods.code, ReportReason.CLAIMS, "Không đúng sự thật.", by=1, now=NOW)
    await town.run_jobs()
    for path in (*town.lists, town.page):
        await seen(town, path, lambda text: "220.000" not in text)


async def test_the_days_of_a_market_are_seen_within_two_seconds(town: Town) -> None:
    assert "Họp ngày 3 và 8" not in await town.text("/markets/cho-thai")
    await Market.filter(id=town.market.id).update(schedule="Họp ngày 3 và 8")
    await seen(town, "/markets/cho-thai", lambda text: "Họp ngày 3 và 8" in text)
    await seen(town, "/markets", lambda text: "Họp ngày 3 và 8" in text)
