"""The search page, the rows under the box, the API: the same results, filters in the address, no table read."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.db import transaction
from kit.outbox import later
from kit.parts import Parts
from search import services, tasks
from search.documents import ListingDoc
from search.engine import Engine, EngineAway, EngineBroken, Hits, Query, Stats
from tests import factories
from tests.conftest import Browser
from vendors.models import Listing, NameUse, ProtectedArea, ProtectedName, Stall, UseState, Vendor
from vendors.services import change_shelf, hide_listing
from vendors.services.fetching import allow_fetching
from vendors.services.markets.kept import say_desk_hours

TODAY = date(2026, 11, 21)


class Away:
    """An engine that does not answer."""

    def __init__(self, fault: type[Exception] = EngineAway) -> None:
        self.fault = fault
        self.rebuilt = 0

    async def start(self) -> bool:
        """Away it does not even start; spoilt it asks to be built."""
        if self.fault is EngineAway:
            raise self.fault("nobody there")
        return True

    async def search(self, query: Query) -> Hits:
        """Never."""
        raise self.fault("nobody there")

    async def stats(self) -> Stats:
        """Never."""
        raise self.fault("nobody there")

    async def put(self, docs: Sequence[ListingDoc]) -> None:
        """Never."""
        raise self.fault("nobody there")

    async def ids(self) -> frozenset[int]:
        """Never."""
        raise self.fault("nobody there")

    async def rebuild(self, docs: AsyncIterator[ListingDoc]) -> int:
        """Counts what it was given."""
        self.rebuilt = len([doc async for doc in docs])
        return self.rebuilt


@pytest.fixture
async def goods(db: None, parts: Parts) -> list[Listing]:
    """Three things on sale, one of them with valid stars, in the index."""
    seller = await factories.vendor("Cô Hoa", "co-hoa")
    made = [
        await factories.listing(seller, "Chè đinh Tân Cương", kind="tea", price_dong=950_000),
        await factories.listing(seller, "Chè móc câu", kind="tea", price_dong=220_000),
        await factories.listing(seller, "Miến Việt Cường", kind="vermicelli", price_dong=55_000),
    ]
    await factories.certificate(made[0], stars=5, valid_to=TODAY + timedelta(days=900))
    await services.rebuild(parts[Engine], today=TODAY)
    return made


async def test_words_without_marks_find_the_goods(client: Browser, goods: list[Listing]) -> None:
    """The page, and the rows under the box with what a choice needs."""
    page = (await client.get("/search?q=che+dinh")).text
    assert "Chè đinh Tân Cương" in page and "Miến Việt Cường" not in page
    rows = (await client.get("/search/box?q=che+dinh")).text
    assert rows.index("Chè đinh Tân Cương") and "950.000" in rows and 'role="option"' in rows
    assert f'data-url="/goods/{goods[0].code}"' in rows


async def test_the_part_for_scripts_is_the_same_results_without_the_frame(
    client: Browser, goods: list[Listing]
) -> None:
    """One template serves both."""
    part = (await client.get("/search?q=mien", headers={"x-part": "results"})).text
    assert "Miến Việt Cường" in part and "<html" not in part
    assert part.strip() in (await client.get("/search?q=mien")).text


async def test_filters_stand_in_the_address_and_can_be_taken_off(
    client: Browser, goods: list[Listing]
) -> None:
    """A chip that is on leads to the same search without it."""
    page = (await client.get("/search?q=che&stars=5")).text
    assert "Chè đinh Tân Cương" in page and "Chè móc câu" not in page
    assert 'href="/search?q=che"' in page
    page = (await client.get("/search?kind=vermicelli")).text
    assert "Miến Việt Cường" in page and "Chè móc câu" not in page


async def test_cheapest_first_is_cheapest_first(client: Browser, goods: list[Listing]) -> None:
    """The order of the address."""
    page = (await client.get("/search?sort=cheapest")).text
    names = ["Miến Việt Cường", "Chè móc câu", "Chè đinh Tân Cương"]
    assert sorted(names, key=page.index) == names


@pytest.mark.parametrize(
    "address",
    [
        "q=%00%FF",
        "kind=nonsense",
        "stars=9",
        "stars=-1",
        "page=0",
        "page=99999999",
        "sort=by_bribe",
        "commune=../x",
    ],
)
async def test_an_address_that_makes_no_sense_still_gives_a_page(
    client: Browser, goods: list[Listing], address: str
) -> None:
    """What cannot be meant is left out."""
    assert (await client.get(f"/search?{address}")).status_code == 200


async def test_nothing_found_says_what_to_try(client: Browser, goods: list[Listing]) -> None:
    """Never a blank page, in both languages."""
    assert "Chưa thấy hàng này" in (await client.get("/search?q=zzzzqqqq")).text
    client.cookies.set("language", "en")
    assert "Nothing like this yet" in (await client.get("/search?q=zzzzqqqq")).text


async def test_a_page_of_results_reads_no_table(client: Browser, goods: list[Listing], queries: Any) -> None:
    """The cards come out of the index."""
    with queries.at_most(0):
        await client.get("/search?q=che")
    with queries.at_most(0):
        await client.get("/search/box?q=che")


async def test_the_api_gives_the_same_results(client: Browser, goods: list[Listing]) -> None:
    """With totals and pages."""
    found = (await client.get("/api/v1/search?kind=tea")).json()
    assert {one["name"] for one in found["items"]} == {"Chè đinh Tân Cương", "Chè móc câu"}
    assert (found["total"], found["page"], found["meant"]) == (2, 1, None)
    assert [one["name"] for one in (await client.get("/api/v1/search?q=moc+cau")).json()["items"]] == [
        "Chè móc câu"
    ]
    assert found["items"][0]["url"] == f"/goods/{found['items'][0]['code']}"


async def test_who_asks_too_often_is_told_to_wait(client: Browser, goods: list[Listing]) -> None:
    """429 with Retry-After."""
    for _ in range(300):
        await client.get("/api/v1/search")
    answer = await client.get("/api/v1/search")
    assert answer.status_code == 429 and answer.headers["retry-after"] == "60"


@pytest.mark.parametrize("fault", [EngineAway, EngineBroken])
async def test_an_engine_that_is_away_is_a_sentence(
    client: Browser, parts: Parts, db: None, fault: type[Exception]
) -> None:
    """503, not a fault; programs get a problem."""
    parts.put(Engine, Away(fault))
    page = await client.get("/search?q=che")
    assert page.status_code == 503 and "Ô tìm kiếm đang nghỉ ít phút" in page.text
    assert (await client.get("/api/v1/search?q=che")).json()["status"] == 503


async def test_the_index_follows_price_stock_and_hiding(
    parts: Parts, goods: list[Listing], run_jobs: Callable[[], Any]
) -> None:
    """Each change leaves its job; the job brings the index in step."""
    tea = goods[1]
    await change_shelf(tea.id, price_dong=199_000, stock=0, stock_seen=tea.stock, person_id=1)
    await run_jobs()
    [doc] = (await parts[Engine].search(Query("moc cau"))).docs
    assert (doc.price_dong, doc.sold_out) == (199_000, True)
    await hide_listing(tea.id, person_id=1)
    await run_jobs()
    assert (await parts[Engine].search(Query("moc cau"))).total == 0


async def test_stars_that_lapsed_are_gone_after_the_nightly_round(
    parts: Parts, goods: list[Listing], clock: StoppedClock
) -> None:
    """The certificate ends; nobody touched the listing."""
    clock.at = clock.at.replace(year=2029)
    await tasks.mend_index(parts)
    [doc] = (await parts[Engine].search(Query("che dinh", limit=1))).docs
    assert doc.stars == 0


async def test_drift_is_found_and_mended(parts: Parts, goods: list[Listing]) -> None:
    """What only the index has goes, what only the database has comes."""
    [stray] = (await parts[Engine].search(Query("mien"))).docs
    await Listing.filter(id=goods[2].id).update(state="hidden")
    await parts[Engine].drop([goods[1].id])
    assert await services.mend_drift(parts[Engine], today=TODAY) == 2
    assert await parts[Engine].ids() == {goods[0].id, goods[1].id} and stray.id == goods[2].id


@pytest.mark.parametrize("trouble", [EngineAway, EngineBroken])
async def test_what_the_index_could_not_take_is_owed_and_paid_later(
    parts: Parts, goods: list[Listing], trouble: type[Exception]
) -> None:
    """However long it is away: the job is done, the debt stays until the index has the listing as it stands then."""
    engine = parts[Engine]
    parts.put(Engine, Away(trouble))
    for _ in range(3):
        await tasks.index_listing(parts, goods[0].id)
    await tasks.index_listing(parts, goods[1].id)
    await tasks.pay_index(parts)
    assert await services.owed() == 2
    await Listing.filter(id=goods[0].id).update(price_dong=12_345)
    await Listing.filter(id=goods[1].id).update(state="hidden")
    parts.put(Engine, engine)
    await tasks.pay_index(parts)
    assert await services.owed() == 0
    assert (await engine.search(Query(goods[0].name))).docs[0].price_dong == 12_345
    assert goods[1].id not in await engine.ids()


async def test_an_index_is_built_when_it_must_be(parts: Parts, goods: list[Listing]) -> None:
    """Spoilt, empty or of an older form; one that is away is left alone, and so is a good one."""
    for trouble, built in ((EngineBroken, 3), (EngineAway, 0)):
        engine = Away(trouble)
        parts.put(Engine, engine)
        await tasks.keep_index(parts)
        assert engine.rebuilt == built
        await tasks.mend_drift(parts)


async def test_a_listing_that_is_gone_leaves_the_index(
    parts: Parts, goods: list[Listing], run_jobs: Callable[[], Any]
) -> None:
    """A job for a seller who may no longer sell drops the listing."""
    await Vendor.all().update(state="suspended")
    async with transaction():
        await later("index_listing", goods[0].id)
    await run_jobs()
    assert goods[0].id not in await parts[Engine].ids()


async def test_similar_goods_are_of_the_kind_and_in_stock(
    client: Browser, parts: Parts, goods: list[Listing]
) -> None:
    """The goods themselves are not among them; noodles are nothing like tea."""
    path = f"/goods/{goods[1].code}/similar"
    page = await client.get(path)
    assert "Chè đinh Tân Cương" in page.text and "Miến Việt Cường" not in page.text
    part = await client.get(path, headers={"x-part": "part"})
    assert part.text.count("<article") == 1 and "<html" not in part.text
    await Listing.filter(id=goods[0].id).update(stock=0)
    await services.rebuild(parts[Engine], today=TODAY)
    assert "<article" not in (await client.get(path, headers={"x-part": "part"})).text


async def test_alcohol_is_recommended_to_nobody(client: Browser, parts: Parts, goods: list[Listing]) -> None:
    """Neither beside other goods nor beside alcohol."""
    seller = await Vendor.get(slug="co-hoa")
    made = [
        await factories.listing(seller, "Chè rượu", kind="tea", is_adult_only=True),
        await factories.listing(seller, "Rượu mơ", kind="wine", is_adult_only=True),
        await factories.listing(seller, "Rượu men lá", kind="wine", is_adult_only=True),
    ]
    await services.rebuild(parts[Engine], today=TODAY)
    assert "Chè rượu" not in (await client.get(f"/goods/{goods[1].code}/similar")).text
    wine = await client.get(f"/goods/{made[1].code}/similar")
    assert "<article" not in wine.text and "Chưa có hàng nào giống món này" in wine.text


async def test_similar_goods_of_nothing_or_without_the_engine_are_a_sentence(
    client: Browser, parts: Parts, goods: list[Listing]
) -> None:
    """Unknown goods are not found; the page of goods itself does not need the engine."""
    assert (await client.get("/goods/H000000000/similar")).status_code == 404
    parts.put(Engine, Away())
    assert (await client.get(f"/goods/{goods[1].code}/similar")).status_code == 503
    assert (await client.get(f"/goods/{goods[1].code}")).status_code == 200


async def test_a_spoken_price_is_a_filter_that_can_be_taken_off(
    client: Browser, goods: list[Listing]
) -> None:
    """«Dưới 300k» leaves the words, narrows the goods and stands as a chip."""
    page = (await client.get("/search?q=chè+dưới+300k")).text
    assert "Chè móc câu" in page and "Chè đinh Tân Cương" not in page
    assert "Dưới 300.000" in page and 'href="/search?q=ch%C3%A8"' in page
    assert (await client.get("/api/v1/search?q=chè+trên+300k")).json()["total"] == 1


async def test_filters_are_offered_with_counts_and_join_in_the_address(
    client: Browser, goods: list[Listing]
) -> None:
    """A chip adds itself to the address; one that is on is shown among the chosen."""
    page = (await client.get("/search")).text
    assert 'href="/search?kind=tea"' in page and 'href="/search?price=1"' in page
    page = (await client.get("/search?kind=tea&price=3")).text
    assert 'href="/search?price=3"' in page and 'href="/search?kind=tea"' in page
    counts = (await client.get("/api/v1/search")).json()["facets"]
    assert counts["kind"] == {"tea": 2, "vermicelli": 1}


async def test_nothing_found_is_never_a_blank_page(client: Browser, goods: list[Listing]) -> None:
    """Filters can be dropped where the words alone find something; else the kinds on sale are shown."""
    page = (await client.get("/search?q=mien&kind=tea")).text
    assert "Bỏ hết bộ lọc: có 1 mặt hàng" in page and 'href="/search?q=mien"' in page
    page = (await client.get("/search?q=xyzzyx")).text
    assert "Chợ đang có" in page and 'href="/search?kind=tea"' in page


async def test_words_that_find_something_are_offered_where_all_together_do_not(
    client: Browser, goods: list[Listing]
) -> None:
    """Two neighbours before one word; a word whose marks are others' is not offered."""
    page = (await client.get("/search?q=thuốc+ho+móc+câu+xyzabc")).text
    assert (
        "Thử ít chữ hơn" in page
        and "«móc câu» <span" in page
        and 'href="/search?q=m%C3%B3c+c%C3%A2u"' in page
    )
    page = (await client.get("/search?q=cường+xyzabc+xyzabd")).text
    assert "«cường» <span" in page
    page = (await client.get("/search?q=cưởng+xyzabc+xyzabd")).text
    assert "«cưởng» <span" not in page and "Chợ đang có" in page


async def test_how_goods_come_to_the_buyer_can_be_chosen(
    client: Browser, parts: Parts, goods: list[Listing]
) -> None:
    """Delivered, or at a stall of a market; a tour is not sent by post."""
    seller = await factories.vendor("Cô Chợ", "co-cho")
    await factories.listing(seller, "Na dai", kind="custard_apple")
    await factories.listing(seller, "Tour vườn chè", kind="tour")
    await Stall.create(market=await factories.market(), vendor=seller, number="A1")
    await services.rebuild(parts[Engine], today=TODAY)
    page = (await client.get("/search")).text
    assert 'href="/search?way=stall"' in page and 'href="/search?way=post"' in page
    page = (await client.get("/search?way=stall")).text
    assert "Na dai" in page and "Tour vườn chè" in page and "Chè móc câu" not in page
    page = (await client.get("/search?way=post&kind=tour")).text
    assert "Tour vườn chè" not in page and "Giao tận nhà" in page
    assert (await client.get("/api/v1/search")).json()["facets"]["ways"] == {"post": 4, "stall": 2}
    assert (await client.get("/search?way=by_bribe")).status_code == 200


async def test_what_can_be_fetched_is_found_as_soon_as_its_seller_or_market_allows_it(
    client: Browser, parts: Parts, goods: list[Listing], run_jobs: Callable[[], Any]
) -> None:
    """At the stall, or at the desk while the market keeps one; a tour is not fetched, nor goods of others."""
    seller, place = await factories.vendor("Cô Chợ", "co-cho"), await factories.market()
    await factories.listing(seller, "Na dai", kind="custard_apple")
    await factories.listing(seller, "Tour vườn chè", kind="tour")
    await Stall.create(market=place, vendor=seller, number="A1")
    await services.rebuild(parts[Engine], today=TODAY)

    async def found() -> tuple[list[str], int]:
        await run_jobs()
        told = (await client.get("/api/v1/search?way=fetch")).json()
        return [one["name"] for one in told["items"]], told["facets"].get("ways", {}).get("fetch", 0)

    assert await found() == ([], 0)
    await allow_fetching(seller.id, ["stall", "point"], "6–11 giờ", person_id=1)
    assert await found() == (["Na dai"], 1)
    page = (await client.get("/search")).text
    assert 'href="/search?way=fetch"' in page and "Đặt rồi đến lấy" in page
    assert "đang lọc, bấm để bỏ" in (await client.get("/search?q=na&way=fetch")).text
    await allow_fetching(seller.id, ["point"], "", person_id=1)
    assert await found() == ([], 0)
    await say_desk_hours(place.id, "6–17 giờ mỗi ngày", by=1)
    await allow_fetching(seller.id, ["desk"], "", person_id=1)
    assert await found() == (["Na dai"], 1)
    await say_desk_hours(place.id, "", by=1)
    assert await found() == ([], 0)


async def test_a_card_says_the_protected_name_it_carries(
    client: Browser, parts: Parts, goods: list[Listing], queries: Any
) -> None:
    """From the index alone; the name's sort finds the goods too."""
    name = await ProtectedName.create(slug="tan-cuong", name="Tân Cương", product="Chè", kinds=["tea"])
    await ProtectedArea.create(of=name, code=goods[0].commune_code, commune="Xã Tân Cương")
    await NameUse.create(
        of=name,
        vendor_id=goods[0].vendor_id,
        decision_no="1",
        decided_on=TODAY,
        state=UseState.CONFIRMED,
    )
    await services.rebuild(parts[Engine], today=TODAY)
    with queries.at_most(0):
        page = (await client.get("/search?q=chỉ+dẫn+địa+lý")).text
    assert "«Tân Cương», tên bảo hộ" in page and "Miến Việt Cường" not in page
    (first, *_) = (await client.get("/api/v1/search?q=che+dinh")).json()["items"]
    assert first["names"] == ["Tân Cương"]


async def test_no_page_beyond_what_exists(client: Browser, goods: list[Listing]) -> None:
    """The reader is led back to the first page of the same search."""
    answer = await client.get("/search?q=che&page=9", follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/search?q=che"
