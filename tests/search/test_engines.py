"""Both engines answer the same: ranking on real goods, filters, writing, rebuilding, breakage.

The Meilisearch half runs against a real one (tests/search/conftest.py); where there is none it is skipped. How good the
answers are is measured in tests/search/test_quality.py.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import pytest

from search.documents import ListingDoc
from search.engine import Engine, EngineAway, EngineBroken, Query, Sort
from search.meili_engine import MeiliEngine
from search.services import suggested
from search.tantivy_engine import TantivyEngine

HERE = Path(__file__).parent
Another = Callable[[], Engine]


def goods() -> list[ListingDoc]:
    found = []
    for number, one in enumerate(json.loads((HERE / "goods.json").read_text("utf-8")), 1):
        lists = {"keywords": tuple(one["keywords"]), "places": tuple(one["places"])}
        found.append(ListingDoc(id=number, url=f"/hang/{one['code']}", **{**one, **lists}))
    return found


def listing(number: int, name: str, **more: Any) -> ListingDoc:
    plain: dict[str, Any] = {
        "kind": "other",
        "kind_name": "Hàng khác",
        "price_dong": 10_000,
        "unit": "kg",
        "seller": "A",
    }
    return ListingDoc(id=number, code=f"c{number}", url=f"/hang/c{number}", name=name, **{**plain, **more})


async def each(docs: list[ListingDoc]) -> AsyncIterator[ListingDoc]:
    for doc in docs:
        yield doc


async def names(engine: Engine, text: str, **more: Any) -> list[str]:
    return [doc.name for doc in (await engine.search(Query(text, **more))).docs]


async def answering(engine: Engine) -> Engine:
    with anyio.fail_after(20):
        while True:
            try:
                await engine.start()
            except EngineAway:
                await anyio.sleep(0.05)
            else:
                return engine


@pytest.fixture(params=["tantivy", "meilisearch"])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Another:
    """Opens the same new index once more, as another process would."""
    if request.param == "tantivy":
        return lambda: TantivyEngine(tmp_path / "search")
    url, key = request.getfixturevalue("meili")
    name = f"test_{uuid4().hex[:12]}"
    return lambda: MeiliEngine(url, key, name)


@pytest.fixture
async def engine(another: Another) -> Engine:
    return await answering(another())


@pytest.fixture(params=["tantivy", "meilisearch"], scope="module")
async def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine filled with the goods of one province; nothing is written to it."""
    made: Engine
    if request.param == "tantivy":
        made = TantivyEngine(tmp_path_factory.mktemp("market"))
    else:
        url, key = request.getfixturevalue("meili")
        made = MeiliEngine(url, key, f"test_{uuid4().hex[:12]}")
    await answering(made)
    assert await made.rebuild(each(goods())) == len(goods())
    return made


async def test_what_was_meant_is_said(market: Engine) -> None:
    assert (await market.search(Query("mien viet cuog"))).meant == "mien viet cuong"
    assert (await market.search(Query("miến việt cường"))).meant is None
    loose = await market.search(Query("mật ong xyzabc"))
    assert loose.loose
    assert loose.docs[0].name == "Mật ong Phúc Thành"
    assert not (await market.search(Query("mật ong"))).loose


@pytest.mark.parametrize("text", ["xe may honda", "!!!", "🍵", "\x00", "zzzz", "''", "xqzw " * 50])
async def test_nothing_is_found_where_nothing_is_meant(market: Engine, text: str) -> None:
    hits = await market.search(Query(text))
    assert (hits.docs, hits.total) == ((), 0)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('"chè" AND (đinh', "chè and đinh"),
        ("chè*", "chè"),
        ("-chè", "chè"),
        ("title:chè", "title chè"),
        ("ch\u00e8\u200b\x00", "chè"),
        ("che\u0300", "chè"),
        ("CHÈ?!", "chè"),
        ('chè "" \\', "chè"),
    ],
)
async def test_signs_are_no_orders_to_the_engine(market: Engine, text: str, plain: str) -> None:
    assert await market.search(Query(text)) == await market.search(Query(plain))


async def test_nearest_goes_by_distance_and_the_unplaced_come_last(engine: Engine) -> None:
    places = [(21.59, 105.84), None, (21.70, 105.60), (21.60, 105.85)]
    await engine.rebuild(
        each(
            [
                listing(
                    number,
                    f"Chè {number}",
                    latitude=place[0] if place else None,
                    longitude=place[1] if place else None,
                )
                for number, place in enumerate(places, 1)
            ]
        )
    )
    near = {"sort": Sort.NEAREST, "near": (21.59, 105.84)}
    assert await names(engine, "chè", **near) == ["Chè 1", "Chè 4", "Chè 3", "Chè 2"]
    assert await names(engine, "chè", offset=1, limit=2, **near) == ["Chè 4", "Chè 3"]
    with pytest.raises(ValueError, match="nearest"):
        Query("chè", sort=Sort.NEAREST)


async def test_what_can_be_chosen_is_counted(engine: Engine) -> None:
    tea = {"kind": "tea", "commune": "Xã Tân Cương", "commune_code": "05503", "seller_kind": "cooperative"}
    await engine.rebuild(
        each(
            [
                listing(1, "Chè đinh", price_dong=450_000, in_season=True, **tea),
                listing(2, "Chè móc câu", price_dong=50_000, **tea),
                listing(
                    3,
                    "Miến",
                    price_dong=49_999,
                    seller_kind="household",
                    market="Chợ Thái",
                    market_code="cho-thai",
                ),
            ]
        )
    )
    facets = (await engine.search(Query("", facets=True))).facets
    assert facets["kind"] == {"tea": 2, "other": 1}
    assert facets["commune_label"] == {"05503|Xã Tân Cương": 2}
    assert facets["market_label"] == {"cho-thai|Chợ Thái": 1}
    assert facets["seller_kind"] == {"cooperative": 2, "household": 1}
    assert facets["price_band"] == {"0": 1, "1": 1, "3": 1}
    assert facets["season"] == {"now": 1}
    assert await names(engine, "", seller_kind="household") == ["Miến"]
    assert await names(engine, "", in_season=True) == ["Chè đinh"]


async def test_ways_to_the_buyer_are_several(engine: Engine) -> None:
    both, post = (
        listing(1, "Chè", ways=("post", "stall"), names=("Tân Cương",)),
        listing(2, "Chè", ways=("post", "fetch")),
    )
    await engine.rebuild(each([both, post, listing(3, "Chè")]))
    hits = await engine.search(Query("chè", way="post", facets=True))
    assert {doc.id for doc in hits.docs} == {1, 2}
    assert hits.facets["ways"] == {"post": 2, "stall": 1, "fetch": 1}
    assert [doc.id for doc in (await engine.search(Query("chè", way="fetch"))).docs] == [2]
    (hit,) = (await engine.search(Query("", way="stall"))).docs
    assert (hit.ways, hit.names) == (("post", "stall"), ("Tân Cương",))
    assert (await engine.search(Query("", way='stall" OR way = "post'))).total == 0


async def test_tea_is_not_sweet_soup(engine: Engine) -> None:
    """«Chè» is tea and a sweet soup; «trà» is tea alone."""
    tea, soup = listing(1, "Chè đinh", kind="tea"), listing(2, "Chè đỗ đen")
    await engine.rebuild(each([tea, soup, listing(3, "Trà tôm nõn", kind="tea")]))
    assert set(await names(engine, "trà")) == {"Trà tôm nõn", "Chè đinh"}
    assert (await names(engine, "trà"))[0] == "Trà tôm nõn"
    assert set(await names(engine, "chè")) == {"Chè đinh", "Chè đỗ đen", "Trà tôm nõn"}


async def test_weights_tell_goods_apart_but_do_not_hide_them(engine: Engine) -> None:
    small, large = listing(1, "Chè đinh 200 g"), listing(2, "Chè đinh", unit="hộp 0,5 kg")
    await engine.rebuild(each([small, large]))
    assert await names(engine, "chè 500g") == ["Chè đinh"]
    assert await names(engine, "chè 2 lạng") == ["Chè đinh 200 g"]
    nothing = await engine.search(Query("chè 3kg"))
    assert nothing.loose
    assert nothing.total == 2


async def test_two_words_that_meet_nowhere_still_show_what_is_near(engine: Engine) -> None:
    await engine.rebuild(each([listing(1, "Nấm hương"), listing(2, "Rượu ngô")]))
    hits = await engine.search(Query("nấm rượu"))
    assert hits.loose
    assert {doc.name for doc in hits.docs} == {"Nấm hương", "Rượu ngô"}


async def test_no_words_show_everything(market: Engine) -> None:
    hits = await market.search(Query("  ", limit=100))
    assert hits.total == len(hits.docs) == len(goods())
    assert [doc.stars for doc in hits.docs] == sorted((doc.stars for doc in hits.docs), reverse=True)


async def test_a_card_comes_back_whole(market: Engine) -> None:
    (hit,) = (await market.search(Query("miến việt cường"))).docs
    (put,) = [doc for doc in goods() if doc.name == "Miến Việt Cường"]
    assert hit == replace(put, keywords=(), places=(), text="")


async def test_filters_join(market: Engine) -> None:
    teas = await market.search(Query("chè", kind="tea", limit=100))
    assert teas.total == sum(doc.kind == "tea" for doc in goods())
    assert {doc.kind for doc in teas.docs} == {"tea"}
    starred = await market.search(Query("", stars=4, limit=100))
    assert starred.total == sum(doc.stars >= 4 for doc in goods())
    there = await market.search(Query("", commune_code="05503", limit=100))
    assert {doc.commune_code for doc in there.docs} == {"05503"}
    priced = await market.search(Query("", price_from_dong=35_000, price_to_dong=45_000, limit=100))
    assert {doc.price_dong for doc in priced.docs} == {35_000, 38_000, 40_000, 45_000}
    assert (await market.search(Query("chè", kind="tea", stars=5, commune_code="05503"))).total == 2
    assert all(
        not doc.age_restricted for doc in (await market.search(Query("", adult=False, limit=100))).docs
    )


@pytest.mark.parametrize("value", ['tea" OR kind = "raw', "tea'", "", "\\", "tea AND stars > 0"])
async def test_filter_values_are_no_orders_to_the_engine(market: Engine, value: str) -> None:
    assert (await market.search(Query("", kind=value))).total == 0


async def test_facets_count_all_that_was_found(market: Engine) -> None:
    hits = await market.search(Query("chè tân cương", limit=1, facets=True))
    assert sum(hits.facets["kind"].values()) == hits.total > 1
    stars = (await market.search(Query(facets=True))).facets["stars"]
    assert stars == {"0": 19, "3": 18, "4": 19, "5": 7}
    assert (await market.search(Query("chè"))).facets == {}


async def test_orders(market: Engine) -> None:
    for sort, falling in ((Sort.CHEAPEST, False), (Sort.DEAREST, True)):
        prices = [doc.price_dong for doc in (await market.search(Query("chè", sort=sort, limit=100))).docs]
        assert prices == sorted(prices, reverse=falling)
        assert len(prices) == 54


async def test_pages_hold_every_listing_once(market: Engine) -> None:
    pages = [await market.search(Query("chè", offset=offset, limit=10)) for offset in range(0, 60, 10)]
    seen = [doc.id for page in pages for doc in page.docs]
    assert len(seen) == len(set(seen)) == pages[0].total
    assert seen == [doc.id for doc in (await market.search(Query("chè", limit=100))).docs]
    beyond = await market.search(Query("chè", offset=500))
    assert (beyond.docs, beyond.total) == ((), pages[0].total)


@pytest.mark.parametrize("page", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 10_001}])
def test_pages_that_cannot_be(page: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="no such page"):
        Query(**page)  # type: ignore[arg-type]


async def test_goods_of_different_names_are_offered_while_typing(market: Engine) -> None:
    assert (await suggested(market, Query("miến v", limit=6))).docs[0].name == "Miến Việt Cường"
    offered = await suggested(market, Query("chè", limit=6))
    assert len({doc.name for doc in offered.docs}) == len(offered.docs) == 6
    assert offered.total > 6
    assert offered.docs[0].name == (await names(market, "chè"))[0]


async def test_marks_as_typed_come_first(engine: Engine) -> None:
    await engine.put([listing(1, "Chế phẩm sinh học"), listing(2, "Chè xanh"), listing(3, "Ché rượu cần")])
    for text, first in (("chè", "Chè xanh"), ("chế", "Chế phẩm sinh học"), ("ché", "Ché rượu cần")):
        assert (await names(engine, text))[0] == first
        assert len(await names(engine, text)) == 3
    await engine.put([listing(4, "Má đào"), listing(5, "Mà chược"), listing(6, "Mạ non")])
    assert (await names(engine, "mạ"))[0] == "Mạ non"


async def test_na_does_not_drown(engine: Engine) -> None:
    place = {"commune": "Xã Na Rì", "seller": "HTX Na Rì"}
    await engine.put([listing(n, f"Miến dong số {n}", stars=5, **place) for n in range(2, 12)])
    await engine.put([listing(1, "Na dai La Hiên"), listing(12, "Nấm hương"), listing(13, "Bánh Na Rì")])
    assert (await names(engine, "na"))[0] == "Na dai La Hiên"
    assert (await names(engine, "na rì"))[0] == "Bánh Na Rì"
    assert (await names(engine, "qua na"))[0] == "Na dai La Hiên"


async def test_sold_out_goods_come_last(engine: Engine) -> None:
    await engine.put(
        [listing(1, "Chè ngon", sold_out=True, stars=5), listing(2, "Kẹo chè"), listing(3, "Bánh chè")]
    )
    assert (await names(engine, "chè ngon")) == ["Chè ngon"]
    assert (await names(engine, "chè"))[-1] == "Chè ngon"
    assert set(await names(engine, "chè", in_stock=True)) == {"Kẹo chè", "Bánh chè"}


@pytest.mark.parametrize("sort", [*Sort])
async def test_sold_out_goods_come_last_in_every_order(engine: Engine, sort: Sort) -> None:
    made = [
        listing(
            1, "Chè một", sold_out=True, price_dong=5_000, listed_at=100, latitude=21.59, longitude=105.84
        ),
        listing(2, "Chè hai", price_dong=9_000, listed_at=50, latitude=21.7, longitude=105.6),
        listing(3, "Chè ba", sold_out=True, price_dong=90_000, listed_at=10),
        listing(4, "Chè bốn", price_dong=20_000, listed_at=20),
    ]
    await engine.rebuild(each(made))
    docs = (await engine.search(Query("chè", sort=sort, near=(21.59, 105.84)))).docs
    assert [doc.sold_out for doc in docs] == [False, False, True, True]
    first = {Sort.CHEAPEST: 2, Sort.DEAREST: 4, Sort.NEWEST: 2, Sort.NEAREST: 2, Sort.BEST: 4}
    assert docs[0].id == first[sort]


async def test_written_is_found_by_every_process_at_once(engine: Engine, another: Another) -> None:
    reader = another()
    await engine.put([listing(1, "Chè xanh")])
    assert await names(reader, "chè") == ["Chè xanh"]
    await engine.put([listing(1, "Rượu mơ", price_dong=5), listing(2, "Chè đen")])
    assert await names(reader, "chè") == ["Chè đen"]
    assert [doc.price_dong for doc in (await reader.search(Query("rượu mơ"))).docs] == [5]
    await engine.drop([2, 777])
    assert await names(reader, "chè") == []
    assert await reader.ids() == {1}
    assert (await reader.stats()).listings == 1


async def test_start_asks_for_a_rebuild_until_it_is_filled(engine: Engine, another: Another) -> None:
    assert await another().start()
    assert await engine.rebuild(each(goods()[:3])) == 3
    assert not await another().start()


async def test_a_rebuild_swaps_without_a_gap(engine: Engine, another: Another) -> None:
    await engine.rebuild(each([listing(1, "Chè cũ"), listing(2, "Chè bỏ")]))
    reader, writer = another(), another()

    async def growing() -> AsyncIterator[ListingDoc]:
        yield listing(1, "Chè mới")
        yield listing(3, "Chè ba")
        assert set(await names(reader, "chè")) == {"Chè cũ", "Chè bỏ"}
        await writer.put([listing(4, "Chè muộn"), listing(3, "Chè ba sửa")])
        await writer.drop([1])
        assert set(await names(reader, "chè")) == {"Chè bỏ", "Chè ba sửa", "Chè muộn"}

    assert await engine.rebuild(growing()) == 2
    assert set(await names(reader, "chè")) == {"Chè ba sửa", "Chè muộn"}
    assert await reader.ids() == {3, 4}


async def test_a_rebuild_that_fails_leaves_the_old_index(engine: Engine, another: Another) -> None:
    await engine.rebuild(each([listing(1, "Chè cũ")]))

    async def failing() -> AsyncIterator[ListingDoc]:
        yield listing(2, "Chè mới")
        raise LookupError("the database went away")

    with pytest.raises(LookupError):
        await engine.rebuild(failing())
    assert await names(another(), "chè") == ["Chè cũ"]
    await engine.put([listing(3, "Chè ba")])
    assert set(await names(another(), "chè")) == {"Chè cũ", "Chè ba"}
    assert await engine.rebuild(each([listing(4, "Chè bốn")])) == 1
    assert await names(another(), "chè") == ["Chè bốn"]


def pointer(folder: Path) -> Path:
    return next(folder.glob("current-*"))


def cut(index: Path) -> None:
    for file in index.glob("*.term"):
        os.truncate(file, 3)


def unindex(index: Path) -> None:
    for file in index.glob("*.idx"):
        file.unlink()


SPOILT: dict[str, Callable[[Path, Path], object]] = {
    "no pointer": lambda folder, _: pointer(folder).unlink(),
    "pointer to nowhere": lambda folder, _: pointer(folder).write_text("1-gone"),
    "pointer is noise": lambda folder, _: pointer(folder).write_bytes(b"\xff\xfe"),
    "pointer to another form": lambda folder, _: pointer(folder).write_text("0-old"),
    "no meta": lambda _, index: (index / "meta.json").unlink(),
    "meta is noise": lambda _, index: (index / "meta.json").write_text("{"),
    "no segments": lambda _, index: unindex(index),
    "cut segments": lambda _, index: cut(index),
    "all gone": lambda _, index: shutil.rmtree(index),
}


def folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()]


def generation(folder: Path) -> Path:
    return folder / pointer(folder).read_text()


@pytest.mark.parametrize("how", SPOILT)
async def test_a_spoilt_folder_is_told_and_mended(tmp_path: Path, how: str) -> None:
    engine = TantivyEngine(tmp_path)
    await engine.start()
    await engine.rebuild(each(goods()))
    SPOILT[how](tmp_path, generation(tmp_path))
    fresh = TantivyEngine(tmp_path)
    with pytest.raises(EngineBroken):
        await fresh.search(Query("chè"))
    assert not await fresh.healthy()
    assert await fresh.start()
    assert await fresh.rebuild(each(goods())) == len(goods())
    assert (await names(fresh, "miến việt cường")) == ["Miến Việt Cường"]
    assert (await names(engine, "miến việt cường")) == ["Miến Việt Cường"]
    assert folders(tmp_path) == [generation(tmp_path)]


HOLDER = """
import sys, time
from pathlib import Path
from search.generations import Generations
with Generations(Path(sys.argv[1]), "1").writing(5):
    print("held", flush=True)
    time.sleep(60)
"""


def held(folder: Path) -> subprocess.Popen[str]:
    """Another process that has the write lock and keeps it."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=HERE.parent.parent
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


async def test_a_writer_that_hangs_is_told_and_one_that_dies_is_forgotten(tmp_path: Path) -> None:
    engine = TantivyEngine(tmp_path, patience_seconds=0.2)
    await engine.start()
    holder = held(tmp_path)
    with pytest.raises(EngineAway):
        await engine.put(goods()[:1])
    assert await names(engine, "chè") == []
    holder.kill()
    holder.wait()
    await engine.put(goods()[:1])
    assert await names(engine, "chè") == [goods()[0].name]


async def test_writers_take_turns(tmp_path: Path) -> None:
    engines = [TantivyEngine(tmp_path) for _ in range(4)]
    await engines[0].start()
    async with anyio.create_task_group() as group:
        for number, doc in enumerate(goods()[:12]):
            group.start_soon(engines[number % 4].put, [doc])
    assert await engines[0].ids() == frozenset(range(1, 13))


async def test_one_rebuild_at_a_time_in_a_folder(tmp_path: Path) -> None:
    engine, other = TantivyEngine(tmp_path), TantivyEngine(tmp_path)
    await engine.start()

    async def meeting() -> AsyncIterator[ListingDoc]:
        yield goods()[0]
        with pytest.raises(EngineAway):
            await other.rebuild(each([]))

    assert await engine.rebuild(meeting()) == 1


async def test_a_server_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    engine = MeiliEngine(f"http://127.0.0.1:{port}", "key")
    for call in (engine.start(), engine.put(goods()[:1]), engine.drop([1]), engine.search(Query("chè"))):
        with pytest.raises(EngineAway):
            await call
    assert not await engine.healthy()


async def test_what_meilisearch_refuses_is_told(meili: tuple[str, str]) -> None:
    url, key = meili
    name = f"test_{uuid4().hex[:12]}"
    await answering(MeiliEngine(url, key, name))
    with pytest.raises(EngineBroken, match="index_not_found"):
        await MeiliEngine(url, key, "test_missing").search(Query("chè"))
    with pytest.raises(EngineBroken, match="no index"):
        await MeiliEngine(url, key, "test_missing").put(goods()[:1])
    with pytest.raises(EngineBroken):
        await MeiliEngine(url, "wrong key", name).search(Query("chè"))
    engine = MeiliEngine(url, key, name)
    with pytest.raises(EngineBroken, match="invalid_document_id"):
        await engine.put([replace(goods()[0], id="no id!")])  # type: ignore[arg-type]
    assert (await engine.stats()).listings == 0
