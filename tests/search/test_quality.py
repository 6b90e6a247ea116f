"""Both engines find what people mean, by kind of query: the given set, our own, and names as fingers make them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from bench.search_quality import GOODS, Answer, Sought, answers, figures, filled, goods, queries
from bench.spelling import telex, vni
from search.engine import Engine
from search.forms import Asked
from search.meili_engine import MeiliEngine
from search.tantivy_engine import TantivyEngine

# What peers were measured by: with marks and without, đ as d, and a slip.
PROBE = {
    "chè đinh": "Chè Đinh Tân Cương",
    "che dinh": "Chè Đinh Tân Cương",
    "chè Tân Cương": "Chè Đinh Tân Cương",
    "che tan cuong": "Chè Đinh Tân Cương",
    "chè dinh tân cương": "Chè Đinh Tân Cương",
    "miến Việt Cường": "Miến Việt Cường",
    "mien viet cuong": "Miến Việt Cường",
    "mien viet cuog": "Miến Việt Cường",
    "na La Hiên": "Na La Hiên",
    "na la hien": "Na La Hiên",
    "banh chung bo dau": "Bánh chưng Bờ Đậu",
}


@pytest.fixture(params=["tantivy", "meilisearch"], scope="module")
async def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine of either sort."""
    if request.param == "tantivy":
        return TantivyEngine(tmp_path_factory.mktemp("quality"))
    url, key = request.getfixturevalue("meili")
    return MeiliEngine(url, key, f"test_{uuid4().hex[:12]}")


@pytest.fixture(params=list(GOODS), scope="module")
async def asked(request: pytest.FixtureRequest, empty: Engine) -> AsyncIterator[tuple[Engine, str]]:
    """The engine filled with the goods of a set, and the name of the set."""
    yield await filled(empty, goods(request.param, bare=request.param == "made")), request.param


async def test_good_answers_come_first(asked: tuple[Engine, str]) -> None:
    engine, name = asked
    found = await answers(engine, queries(name))
    rows, missed = figures(found), [(one.sought.query, one.codes[:3]) for one in found if not one.is_good]
    assert rows["all"]["success@3"] >= 97, missed
    assert rows["all"]["recall@10"] >= 95
    for kind, row in rows.items():
        assert row["success@3"] >= 90, (kind, missed)
        assert row["exact-first"] >= 95, (kind, missed)


async def test_goods_without_further_names_are_found_as_well(empty: Engine) -> None:
    """The market knows no further names of goods; the list of the province does."""
    await filled(empty, goods("own", bare=True))
    rows = figures(await answers(empty, queries("own")))
    assert rows["all"]["success@3"] >= 97
    assert min(row["success@3"] for row in rows.values()) >= 90


async def test_the_probe_of_eleven_finds_eleven(empty: Engine) -> None:
    await filled(empty, goods("given"))
    for typed, name in PROBE.items():
        hits = await empty.search(Asked(q=typed).query(adult=True))
        assert name in [doc.name for doc in hits.docs[:3]], typed


@pytest.mark.parametrize("name", ["given", "own"])
def test_every_label_is_something_on_sale(name: str) -> None:
    codes = {doc.code for doc in goods(name)}
    asked = queries(name)
    assert len({one.query for one in asked}) == len(asked)
    for one in asked:
        assert {*one.wanted, *one.unwanted} <= codes, one.query
        assert not {*one.wanted} & {*one.unwanted}, one.query
        assert one.first is None or one.first in one.wanted, one.query


def test_our_own_queries_are_many_and_of_every_kind() -> None:
    kinds = {one.kind for one in queries("own")}
    assert len(queries("own")) >= 150
    assert len(kinds) == 23
    assert all(sum(one.kind == kind for one in queries("own")) >= 4 for kind in kinds)


def test_an_answer_is_judged_by_what_comes_first() -> None:
    wanted = Sought("k", "q", ("a", "b"), "a", ("z",))
    assert Answer(wanted, ("a", "x"), 2).is_good
    assert not Answer(wanted, ("b", "a"), 2).is_good
    assert not Answer(wanted, ("a", "x", "z"), 3).is_good
    assert Answer(wanted, ("a", "x", "y", "b"), 4).recall == 1.0
    assert Answer(wanted, ("a", "x", "y", "z"), 4).recall == 0.5
    nothing = Sought("zero results", "q", ())
    assert Answer(nothing, (), 0).is_good and not Answer(nothing, ("x",), 1).is_good


@pytest.mark.parametrize(
    ("word", "keys", "digits"),
    [
        ("đường", "dduwowngf", "d9u7o7ng2"),
        ("miến", "mieens", "mie6n1"),
        ("na", "na", "na"),
        ("Ổi", "Ooir", "O6i3"),
    ],
)
def test_names_are_typed_as_input_methods_want_them(word: str, keys: str, digits: str) -> None:
    assert (telex(word), vni(word)) == (keys, digits)


def test_goods_of_the_stalls_are_whole() -> None:
    rows = json.loads((Path(__file__).parent / "stall_goods.json").read_text("utf-8"))
    assert len({row["code"] for row in rows}) == len(rows) > 80
    assert all(row["price_dong"] > 0 and row["commune_code"] and row["kind_name"] for row in rows)
