"""Goods of a seller, a market and a commune under addresses of their own, from the index alone."""

from datetime import date
from typing import Any

import pytest

from kit.parts import Parts
from search import services
from search.engine import Engine
from search.forms import Asked, asked_of
from tests import factories
from tests.conftest import Browser
from vendors.models import Listing, Stall

TODAY = date(2026, 11, 21)


@pytest.fixture
async def goods(db: None, parts: Parts) -> list[Listing]:
    """A seller with a stall and one without."""
    hoa, man = await factories.vendor("Cô Hoa", "co-hoa"), await factories.vendor("Cô Mận", "co-man")
    await Stall.create(market=await factories.market("Chợ Thái", "cho-thai"), vendor=hoa, number="A1")
    made = [
        await factories.listing(hoa, "Chè đinh", kind="tea"),
        await factories.listing(hoa, "Mật bạc hà", kind="honey", about=""),
        await factories.listing(man, "Chè khô", kind="tea", commune_code="05740", commune="Xã La Hiên"),
    ]
    await services.rebuild(parts[Engine], today=TODAY)
    return made


@pytest.mark.parametrize(
    ("path", "heading", "there"),
    [
        ("/sellers/co-hoa/goods", "Hàng của Cô Hoa", {"Chè đinh", "Mật bạc hà"}),
        ("/markets/cho-thai/goods", "Hàng bán ở Chợ Thái", {"Chè đinh", "Mật bạc hà"}),
        ("/communes/la-hien-05740", "Hàng ở Xã La Hiên", {"Chè khô"}),
    ],
)
async def test_each_has_a_page_that_reads_no_table(
    client: Browser, goods: list[Listing], queries: Any, path: str, heading: str, there: set[str]
) -> None:
    with queries.at_most(0):
        page = (await client.get(path)).text
    assert f"<h1>{heading}</h1>" in page
    assert {one.name for one in goods if one.name in page} == there
    found = (await client.get(f"{path}?q=chè")).text
    assert "Mật bạc hà" not in found and f'action="{path}"' in found
    part = (await client.get(f"{path}?q=chè", headers={"x-part": "results"})).text
    assert "<html" not in part and part.strip() in found


async def test_filters_stay_on_the_page(client: Browser, goods: list[Listing]) -> None:
    """Chips add to its address; the place itself can be taken off."""
    page = (await client.get("/sellers/co-hoa/goods")).text
    assert 'href="/sellers/co-hoa/goods?kind=tea"' in page
    page = (await client.get("/sellers/co-hoa/goods?kind=tea")).text
    assert 'href="/search?kind=tea"' in page and 'href="/sellers/co-hoa/goods"' in page
    assert "Mật bạc hà" not in page


async def test_addresses_go_there_and_back() -> None:
    for asked, address in (
        (Asked(seller="co-hoa", q="chè"), "/sellers/co-hoa/goods?q=ch%C3%A8"),
        (Asked(market="cho-thai", page=2), "/markets/cho-thai/goods"),
        (Asked(commune="05503", stars=4), "/communes/tan-cuong-05503?stars=4"),
        (Asked(commune="05503", seller="x"), "/sellers/x/goods?commune=05503"),
        (Asked(commune="99999"), "/search?commune=99999"),
    ):
        assert asked.address() == address
    assert asked_of({"seller": "co-hoa"}).path == "/sellers/co-hoa/goods"


async def test_a_commune_is_put_right_by_its_code(client: Browser, goods: list[Listing]) -> None:
    for typed in ("05503", "la-hien-05503", "x-05503"):
        answer = await client.get(f"/communes/{typed}?kind=tea", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (
            301,
            "/communes/tan-cuong-05503?kind=tea",
        )


@pytest.mark.parametrize(
    "path",
    [
        "/sellers/nobody/goods",
        "/markets/nowhere/goods",
        "/communes/x",
        "/communes/la-hien-00000",
        "/sellers/A%20b/goods",
    ],
)
async def test_what_is_not_there_is_not_found(client: Browser, goods: list[Listing], path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_a_place_where_nothing_is_sold_says_so(client: Browser, goods: list[Listing]) -> None:
    """Its name is then asked of the database; words without goods offer what the place has."""
    await factories.vendor("Cô Mai", "co-mai")
    page = await client.get("/sellers/co-mai/goods")
    assert page.status_code == 200 and "Hàng của Cô Mai" in page.text and "Chưa thấy hàng này" in page.text
    page = await client.get("/sellers/co-hoa/goods?q=khô")
    assert "Bỏ hết bộ lọc: có 1 mặt hàng" in page.text


async def test_pages_lead_there(client: Browser, goods: list[Listing]) -> None:
    assert 'href="/sellers/co-hoa/goods"' in (await client.get("/sellers/co-hoa")).text
    assert 'href="/markets/cho-thai/goods"' in (await client.get("/markets/cho-thai")).text
    assert 'href="/communes/05503"' in (await client.get(f"/goods/{goods[0].code}")).text
