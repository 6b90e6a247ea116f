"""When the engine is away, pages still answer: from memory, else from the database; and they say so."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date
from typing import cast

import pytest

from kit.clock import StoppedClock
from kit.parts import Parts
from search import services
from search.documents import ListingDoc
from search.engine import Engine, EngineAway, EngineBroken, Hits, Query, Sort
from search.steady import SteadyEngine
from search.tantivy_engine import TantivyEngine
from tests import factories
from tests.conftest import Browser
from vendors.models import Listing

TODAY = date(2026, 11, 21)


class Moody:
    """An engine that can be told to be away, spoilt or slow."""

    def __init__(self, inner: Engine) -> None:
        self.inner, self.mood, self.asked = inner, "well", 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    async def search(self, query: Query) -> Hits:
        """As the mood is."""
        self.asked += 1
        if self.mood == "slow":
            await asyncio.sleep(60)
        if self.mood != "well":
            raise {"away": EngineAway, "spoilt": EngineBroken}[self.mood]("not today")
        return await self.inner.search(query)


class Overtaken:
    """An engine that one process writes late: before its first writing something else happens."""

    def __init__(self, inner: Engine, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.inner, self.meanwhile, self.is_first = inner, meanwhile, True

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    async def put(self, docs: Sequence[ListingDoc]) -> None:
        """Late, the first time."""
        if self.is_first:
            self.is_first = False
            await self.meanwhile()
        await self.inner.put(docs)


@pytest.fixture
async def moody(parts: Parts, clock: StoppedClock, db: None) -> AsyncIterator[Moody]:
    """The engine of the test behind moods, filled with three goods."""
    seller = await factories.vendor("Cô Hoa", "co-hoa")
    await factories.listing(seller, "Chè đinh Tân Cương", kind="tea", price_dong=950_000)
    await factories.listing(seller, "Chè móc câu", kind="tea", price_dong=220_000)
    await factories.listing(seller, "Miến Việt Cường", kind="vermicelli", price_dong=55_000)
    made = Moody(parts[Engine])
    parts.put(Engine, SteadyEngine(made, clock))
    await services.rebuild(parts[Engine], today=TODAY)
    yield made


@pytest.mark.parametrize("mood", ["away", "spoilt"])
async def test_the_last_good_answer_is_given_again_and_called_old(
    moody: Moody, client: Browser, mood: str
) -> None:
    assert "chưa mới" not in (await client.get("/search?q=chè")).text
    moody.mood = mood
    await services.index_listing(moody.inner, (await Listing.get(name="Chè móc câu")).id, today=TODAY)
    page = (await client.get("/search?q=chè")).text
    assert "Chè đinh Tân Cương" in page and "Chè móc câu" in page and "chưa mới" in page


async def test_a_new_question_is_answered_from_the_database(moody: Moody, client: Browser) -> None:
    moody.mood = "away"
    page = (await client.get("/search?q=mien viet")).text
    assert "Miến Việt Cường" in page and "Chè" not in page.split("<main")[1].split("product")[0]
    assert "chưa mới" in page
    page = (await client.get("/search?kind=tea&sort=cheapest")).text
    assert page.index("Chè móc câu") < page.index("Chè đinh Tân Cương")
    assert (await client.get("/")).status_code == 200


async def test_an_engine_in_trouble_is_left_in_peace_for_a_while(moody: Moody, parts: Parts) -> None:
    moody.mood = "away"
    for number in range(5):
        await parts[Engine].search(Query(f"chè {number}"))
    assert moody.asked == 1


async def test_a_slow_engine_is_not_waited_for(
    moody: Moody, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    moody.mood = "slow"
    async with asyncio.timeout(20):
        assert (await parts[Engine].search(Query("miến"))).old


async def test_answers_are_kept_until_something_changes(moody: Moody, parts: Parts, db: None) -> None:
    engine = parts[Engine]
    first = await engine.search(Query("chè"))
    assert await engine.search(Query("chè")) is first
    assert moody.asked == 1
    goods = await Listing.get(name="Chè móc câu")
    goods.price_dong = 1_000
    await goods.save()
    await services.index_listing(engine, goods.id, today=TODAY)
    assert min(doc.price_dong for doc in (await engine.search(Query("chè"))).docs) == 1_000


async def test_a_market_starts_while_its_engine_is_away(clock: StoppedClock) -> None:
    class Away(TantivyEngine):
        def __init__(self) -> None:
            """Nothing is opened."""

        async def start(self) -> bool:
            """Never."""
            raise EngineAway("nobody there")

    assert await SteadyEngine(Away(), clock).start() is False


@pytest.mark.parametrize("sort", [Sort.CHEAPEST, Sort.DEAREST, Sort.NEWEST, Sort.BEST])
async def test_filters_hold_without_the_engine_too(moody: Moody, parts: Parts, sort: Sort) -> None:
    moody.mood = "away"
    hits = await parts[Engine].search(Query("", kind="tea", price_to_dong=300_000, sort=sort))
    assert [doc.name for doc in hits.docs] == ["Chè móc câu"]
    assert (await parts[Engine].search(Query("", stars=3, sort=sort))).total == 0
    assert (await parts[Engine].search(Query("", seller_kind="firm", sort=sort))).total == 0


@pytest.mark.parametrize("change", [{"stock": 0}, {"state": "hidden"}], ids=["sold out", "put away"])
async def test_who_writes_late_writes_what_stands_by_then(
    moody: Moody, clock: StoppedClock, change: dict[str, object]
) -> None:
    """Another process read later and wrote earlier: the index ends as the database, whoever was last."""
    tea = await Listing.get(name="Chè móc câu")

    async def changed_and_indexed() -> None:
        await Listing.filter(id=tea.id).update(**change)
        await services.index_listing(moody.inner, tea.id, today=TODAY)

    late = Overtaken(moody.inner, changed_and_indexed)
    await services.index_listing(cast(Engine, late), tea.id, today=TODAY)
    assert await services.unlike_listings(moody.inner, today=TODAY) == []
