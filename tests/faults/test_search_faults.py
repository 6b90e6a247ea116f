"""Search in trouble: engines killed, started again, slow, their index deleted or spoilt.

Pages answer throughout, from memory or the database and with a notice; nothing that changes meanwhile is lost; what was
spoilt is built anew. The Meilisearch half runs against a real one and is skipped where there is none on PATH.
"""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.parts import Parts
from search import services, tasks
from search.documents import ListingDoc
from search.engine import Engine, EngineAway, EngineBroken, Query
from search.meili_engine import MeiliEngine, search_keys
from search.steady import SteadyEngine
from search.tantivy_engine import TantivyEngine
from tests import factories
from tests.conftest import Browser
from tests.faults.meili import NONE_HERE, Meilisearch, SlowRoad, is_here, running
from vendors.models import Listing

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("/", "/search", "/search?q=che", "/search?q=che&kind=tea&sort=cheapest", "/api/v1/search?q=mien")
OLD = "chưa mới"
BACK_SECONDS = 20.0


@pytest.fixture(scope="module")
def meili(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meilisearch]:
    """A real Meilisearch."""
    if not is_here():
        pytest.skip(NONE_HERE)
    with running(tmp_path_factory.mktemp("meili")) as server:
        yield server


@pytest.fixture
async def goods(db: None) -> list[Listing]:
    """Three things on sale."""
    seller = await factories.vendor("Cô Hoa", "co-hoa")
    return [
        await factories.listing(seller, "Chè đinh Tân Cương", kind="tea", price_dong=950_000),
        await factories.listing(seller, "Chè móc câu", kind="tea", price_dong=220_000),
        await factories.listing(seller, "Miến Việt Cường", kind="vermicelli", price_dong=55_000),
    ]


async def filled(parts: Parts, inner: Engine, clock: StoppedClock) -> Engine:
    """An engine among the parts of a process, its index built."""
    await inner.start()
    parts.put(Engine, SteadyEngine(inner, clock))
    await services.rebuild(inner, today=vietnam_date(clock.now()))
    return inner


async def all_pages_answer(client: Browser) -> str:
    """Every page that lives on the index answers; gives the search page."""
    for path in PAGES:
        answer = await client.get(path)
        assert answer.status_code == 200, path
        assert "Chè" in answer.text or "Miến" in answer.text, path
    return (await client.get("/search?q=che")).text


async def price_changes(parts: Parts, goods: Listing, price_dong: int) -> None:
    """A new price, as the seller's form and its job bring it."""
    await Listing.filter(id=goods.id).update(price_dong=price_dong)
    await tasks.index_listing(parts, goods.id)


async def back(parts: Parts) -> None:
    """Waits until the engine is asked again after its rest."""
    until = time.monotonic() + BACK_SECONDS
    while (await parts[Engine].search(Query("chè"))).old:
        assert time.monotonic() < until, "the engine never came back"
        await asyncio.sleep(0.2)


async def shown_prices(parts: Parts) -> set[int]:
    return {doc.price_dong for doc in (await parts[Engine].search(Query("chè"))).docs}


async def test_killed_and_started_again(
    meili: Meilisearch, parts: Parts, clock: StoppedClock, goods: list[Listing], client: Browser
) -> None:
    """Away, pages answer with a notice and a change is owed; back, the change is there."""
    await filled(parts, MeiliEngine(meili.url, meili.key, f"test_{uuid4().hex[:8]}"), clock)
    assert OLD not in await all_pages_answer(client)
    meili.kill()
    await asyncio.sleep(1.1)  # for so long an answer counts without asking again
    assert OLD in await all_pages_answer(client)
    assert (await client.get("/search?q=mong+gia")).status_code == 200
    await price_changes(parts, goods[1], 77_000)
    await tasks.pay_index(parts)
    await tasks.keep_index(parts)
    assert await services.owed() == 1
    assert meili.start()
    await back(parts)
    await tasks.pay_index(parts)
    assert await services.owed() == 0
    await asyncio.sleep(1.1)  # answers of other processes' writes are a second late
    assert 77_000 in await shown_prices(parts)
    assert OLD not in await all_pages_answer(client)


async def test_a_slow_one_is_not_waited_for(
    meili: Meilisearch, parts: Parts, clock: StoppedClock, goods: list[Listing], client: Browser
) -> None:
    """Answers that take too long are given up; while it rests pages do not wait at all."""
    road = SlowRoad(meili.port)
    async with road.open():
        await filled(
            parts, MeiliEngine(f"http://127.0.0.1:{road.port}", meili.key, f"test_{uuid4().hex[:8]}"), clock
        )
        assert OLD not in await all_pages_answer(client)
        await asyncio.sleep(1.1)
        road.delay_seconds = 4.0
        began = time.monotonic()
        assert OLD in (await client.get("/search?q=che")).text
        assert time.monotonic() - began < 4.0
        began = time.monotonic()
        await all_pages_answer(client)
        assert time.monotonic() - began < 4.0
        road.delay_seconds = 0.0
        await back(parts)
        assert OLD not in await all_pages_answer(client)


async def test_a_deleted_index_is_built_anew(
    meili: Meilisearch, parts: Parts, clock: StoppedClock, goods: list[Listing], client: Browser
) -> None:
    """Somebody takes the index away by hand."""
    name = f"test_{uuid4().hex[:8]}"
    inner = await filled(parts, MeiliEngine(meili.url, meili.key, name), clock)
    for one in meili.ask("GET", "/indexes?limit=1000").json()["results"]:
        if one["uid"].startswith(name):
            assert meili.ask("DELETE", f"/indexes/{one['uid']}").status_code == 202
    await asyncio.sleep(2)
    assert OLD in await all_pages_answer(client)
    await price_changes(parts, goods[0], 66_000)
    assert await services.owed() == 1
    await tasks.keep_index(parts)
    await back(parts)
    await tasks.pay_index(parts)
    assert 66_000 in await shown_prices(parts) and await services.owed() == 0
    assert (await inner.stats()).listings == 3


async def test_a_spoilt_server_is_emptied_and_filled_again(
    tmp_path: Path, parts: Parts, clock: StoppedClock, goods: list[Listing], client: Browser
) -> None:
    """Its files are noise: it does not start, or answers with faults. Given an empty folder, it is filled again."""
    if not is_here():
        pytest.skip(NONE_HERE)
    with running(tmp_path) as server:
        await filled(parts, MeiliEngine(server.url, server.key), clock)
        server.kill()
        server.spoil()
        server.start()
        await asyncio.sleep(1.1)
        assert OLD in await all_pages_answer(client)
        await tasks.mend_drift(parts)
        await price_changes(parts, goods[2], 44_000)
        server.kill()
        shutil.rmtree(tmp_path / "db")
        assert server.start()
        await tasks.keep_index(parts)
        await tasks.pay_index(parts)
        await back(parts)
        assert OLD not in await all_pages_answer(client)
        assert [doc.price_dong for doc in (await parts[Engine].search(Query("miến"))).docs] == [44_000]


async def test_killed_in_the_middle_of_building(
    meili: Meilisearch, parts: Parts, clock: StoppedClock, goods: list[Listing]
) -> None:
    """The server dies while a new index is filled: the old one serves, and the next build is whole."""
    inner = await filled(parts, MeiliEngine(meili.url, meili.key, f"test_{uuid4().hex[:8]}"), clock)

    async def dying() -> AsyncIterator[ListingDoc]:
        for doc in (await inner.search(Query())).docs:
            yield doc
        meili.kill()

    with pytest.raises(EngineAway):
        await inner.rebuild(dying())
    assert meili.start()
    assert (await inner.search(Query("chè"))).total == 3
    assert await services.rebuild(inner, today=vietnam_date(clock.now())) == 3


BUILDER = """
import asyncio, sys
from pathlib import Path
from search.documents import ListingDoc
from search.meili_engine import MeiliEngine
from search.tantivy_engine import TantivyEngine

async def docs():
    for number in range(100, 3100):
        yield ListingDoc(id=number, code=f"c{number}", url="/", name="Hàng dở dang", kind="other",
            kind_name="Hàng khác", price_dong=1, unit="kg", seller="A")
    print("half", flush=True)
    await asyncio.sleep(60)

words = sys.argv[1:]
engine = TantivyEngine(Path(words[1])) if words[0] == "tantivy" else MeiliEngine(*words[1:])
asyncio.run(engine.rebuild(docs()))
"""


def half_built(*words: str) -> None:
    """Another process builds the index and is killed in the middle of it."""
    builder = subprocess.Popen(
        [sys.executable, "-c", BUILDER, *words], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert builder.stdout is not None and builder.stdout.readline() == "half\n"
    builder.kill()
    builder.wait()


@pytest.mark.parametrize("which", ["tantivy", "meilisearch"])
async def test_a_builder_that_is_killed_leaves_the_old_index_serving(
    which: str, request: pytest.FixtureRequest, tmp_path: Path, parts: Parts, clock: StoppedClock, goods: Any
) -> None:
    """Nothing of the half-built one is seen, what is written goes on, and the next build is whole and alone."""
    inner: Engine
    if which == "tantivy":
        inner, words = TantivyEngine(tmp_path), (which, str(tmp_path))
    else:
        server, name = request.getfixturevalue("meili"), f"test_{uuid4().hex[:8]}"
        inner, words = MeiliEngine(server.url, server.key, name), (which, server.url, server.key, name)
    await filled(parts, inner, clock)
    half_built(*words)
    assert (await inner.search(Query("hàng dở dang"))).total == 0
    await price_changes(parts, goods[0], 88_000)
    assert 88_000 in {doc.price_dong for doc in (await inner.search(Query("chè"))).docs}
    assert await inner.ids() == {one.id for one in goods}
    assert await services.rebuild(inner, today=vietnam_date(clock.now())) == 3
    if which == "tantivy":
        assert len(generations(tmp_path)) == 1


def generations(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if one.is_dir()]


def noise(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix not in (".lock", ".jsonl"):
            file.write_bytes(b"\xa5" * 200)


def unlink_all(folder: Path) -> None:
    for file in folder.rglob("*.*"):
        file.unlink()


SPOILT: dict[str, Callable[[Path], None]] = {
    "noise in every file": noise,
    "folder deleted": lambda folder: shutil.rmtree(folder),
    "files deleted": lambda folder: unlink_all(folder),
}


@pytest.mark.parametrize("how", SPOILT)
async def test_a_spoilt_folder(
    how: str, tmp_path: Path, parts: Parts, clock: StoppedClock, goods: list[Listing], client: Browser
) -> None:
    """A process that starts over it serves from the database, owes what changes, and builds it anew."""
    await filled(parts, TantivyEngine(tmp_path / "index"), clock)
    SPOILT[how](tmp_path / "index")
    inner = TantivyEngine(tmp_path / "index")
    parts.put(Engine, SteadyEngine(inner, clock))
    assert OLD in await all_pages_answer(client)
    await price_changes(parts, goods[0], 66_000)
    await tasks.mend_drift(parts)
    await tasks.keep_index(parts)
    await tasks.pay_index(parts)
    await back(parts)
    assert 66_000 in await shown_prices(parts) and await services.owed() == 0
    assert OLD not in await all_pages_answer(client)


async def test_keys_can_do_what_they_are_for_and_no_more(
    meili: Meilisearch, parts: Parts, clock: StoppedClock, goods: list[Listing]
) -> None:
    """One searches our indexes, one writes them; neither sees others or makes keys; asked again they are the same."""
    name = f"test_{uuid4().hex[:8]}"
    searching, writing = await search_keys(meili.url, meili.key, name)
    assert (searching, writing) == await search_keys(meili.url, meili.key, name)
    await filled(parts, MeiliEngine(meili.url, writing, name), clock)
    web = MeiliEngine(meili.url, "", name, search_key=searching)
    assert await web.start() is False
    assert (await web.search(Query("chè"))).total == 3 and await web.healthy()
    for refused in (
        web.drop([goods[0].id]),
        web.ids(),
        web.rebuild(nothing()),
        search_keys(meili.url, writing),
    ):
        with pytest.raises(EngineBroken):
            await refused
    with pytest.raises(EngineBroken):
        await MeiliEngine(meili.url, searching, name).drop([goods[0].id])
    with pytest.raises(EngineBroken):
        await MeiliEngine(meili.url, writing, "other").start()
    assert (await web.search(Query("chè"))).total == 3


async def nothing() -> AsyncIterator[ListingDoc]:
    for doc in ():
        yield doc


async def test_tasks_that_failed_are_told(
    meili: Meilisearch, parts: Parts, clock: StoppedClock, goods: list[Listing]
) -> None:
    """What Meilisearch refuses later, in its queue, stands in the figures of the index."""
    name = f"test_{uuid4().hex[:8]}"
    inner = await filled(parts, MeiliEngine(meili.url, meili.key, name), clock)
    assert (await inner.stats()).troubles == ()
    [doc] = (await inner.search(Query("miến"))).docs
    with pytest.raises(EngineBroken):
        await inner.put([ListingDoc(**{**vars(doc), "id": "no id!"})])
    [trouble] = (await inner.stats()).troubles
    assert "document" in trouble
