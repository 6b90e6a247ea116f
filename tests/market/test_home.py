"""The first page and the pages about the market: what they show, in two languages, and when search is away."""

import re
from typing import Any

import pytest

from kit.parts import Parts
from market.pages import NEWEST_MAX, varied
from search.documents import ListingDoc
from search.engine import Engine, EngineAway, Hits, Query
from search.tantivy_engine import TantivyEngine
from tests.conftest import Queries

pytestmark = pytest.mark.usefixtures("db")
ABOUT = ("/about", "/about/demo", "/about/ranking", "/about/privacy", "/about/rules")


class AwayEngine(TantivyEngine):
    """An engine that does not answer."""

    async def search(self, query: Query) -> Hits:
        """Nothing."""
        raise EngineAway("gone fishing")


def cards(html: str) -> list[str]:
    """The names on the product cards."""
    return re.findall(r'class="product-name"><a href="/goods/[^"]+">([^<]+)<', html)


@pytest.mark.usefixtures("demo")
async def test_the_first_page_shows_goods_kinds_and_markets_in_few_queries(
    client: Any, queries: Queries
) -> None:
    """What is new, what has stars, tiles of what is sold, the three markets with their stalls."""
    with queries.at_most(3):
        page = (await client.get("/")).text
    shown = cards(page)
    assert len(shown) == NEWEST_MAX + 3
    assert {"Chè Đinh Tân Cương", "Trà tôm nõn hương quê"} <= set(shown[:3])
    assert '"/search?kind=custard_apple"' in page and '"/search?kind=rice"' not in page
    for name in ("Chợ Thái", "Chợ Đại Từ", "Chợ Đình Cả"):
        assert name in page
    assert "6 quầy" in page and "3 quầy" in page


@pytest.mark.usefixtures("demo")
async def test_alcohol_is_not_on_the_first_page(client: Any) -> None:
    """Nobody was asked their age there."""
    page = (await client.get("/")).text
    assert "/search?kind=wine" not in page
    assert not [name for name in cards(page) if "Rượu" in name]


async def test_an_empty_market_has_a_first_page(client: Any) -> None:
    """No goods, no markets, and still a way to search."""
    page = await client.get("/")
    assert page.status_code == 200
    assert not cards(page.text)
    assert 'action="/search"' in page.text


async def test_the_first_page_stands_while_search_is_away(client: Any, parts: Parts, tmp_path: Any) -> None:
    """It says so instead of failing."""
    parts.put(Engine, AwayEngine(tmp_path / "away"))
    page = await client.get("/")
    assert page.status_code == 200
    assert "Chợ chưa cho xem hàng được lúc này" in page.text
    assert "/search?kind=tea" in page.text


@pytest.mark.parametrize("path", ABOUT)
async def test_pages_about_the_market_speak_both_languages(client: Any, path: str) -> None:
    """Each in Vietnamese, and wholly in English."""
    vietnamese = await client.get(path)
    client.cookies.set("language", "en")
    english = await client.get(path)
    assert (vietnamese.status_code, english.status_code) == (200, 200)
    assert vietnamese.headers["content-language"] == "vi"
    assert english.headers["content-language"] == "en"
    heading = r"<h1>([^<]+)</h1>"
    assert re.findall(heading, vietnamese.text) != re.findall(heading, english.text)


async def test_rules_ranking_and_privacy_are_one_click_from_home(client: Any) -> None:
    """As Law 122/2025/QH15 asks of a platform."""
    page = (await client.get("/")).text
    for path in ("/about/rules", "/about/ranking", "/about/privacy"):
        assert f'href="{path}"' in page


async def test_the_ranking_page_says_every_order_there_is(client: Any) -> None:
    """As docs/search.md has it: the criteria and all sorts of the search page."""
    page = (await client.get("/about/ranking")).text
    for said in (
        "đã hết",
        "trong tên hàng",
        "đúng dấu",
        "đứng liền nhau",
        "cùng nghĩa",
        "sao OCOP",
        "hàng gần nhất",
    ):
        assert said in page
    for order in ("giá thấp trước", "giá cao trước", "mới đăng", "gần bạn"):
        assert order in page


async def test_the_demo_page_names_the_people_and_says_what_is_invented(client: Any) -> None:
    """Phones to sign in with, and no pretending."""
    page = (await client.get("/about/demo")).text
    for phone in ("0912\u00a0000\u00a0001", "0912 000 001"):
        if phone in page:
            break
    else:
        raise AssertionError("Cô Hiền's phone is missing")
    assert "Cái gì là giả" in page and "/twins/texts" in page and "/twins/bank" in page


def test_one_seller_does_not_fill_the_window() -> None:
    """At most two goods of each, in the order they came, twelve in all."""
    docs = [doc(number, "one") for number in range(50)] + [doc(100 + n, f"s{n % 9}") for n in range(20)]
    shown = varied(docs)
    assert [one.id for one in shown[:3]] == [0, 1, 100]
    assert len(shown) == NEWEST_MAX
    assert not varied([])


def doc(number: int, seller: str) -> ListingDoc:
    """A listing of a seller."""
    return ListingDoc(
        number,
        f"H{number}",
        f"/goods/H{number}",
        "Chè",
        "tea",
        "Chè",
        1000,
        "gói",
        seller,
        seller_code=seller,
    )
