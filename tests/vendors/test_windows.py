"""Shop windows on other floors: whose address it is, who looked when, files for floors, counts for the province."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.models import DatedRule
from kit.roles import Role
from tests.factories import listing, vendor
from vendors.floors import BadAddress, floor_address, heads_of
from vendors.models import Floor, Listing, Photo, ShopWindow

SELLER, OTHER, BOARD = "+84912345678", "+84987654321", "+84912000444"
NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)
TODAY = date(2026, 11, 21)
URL = "https://shopee.vn/che-moc-cau-i.1.2"


@pytest.fixture
def clock() -> StoppedClock:
    """Noon in Vietnam on 21/11/2026."""
    return StoppedClock(NOON)


@pytest.fixture
async def goods(db: None, client: Any, sign_in_as: Any) -> Listing:
    """Tea on sale, its seller signed in."""
    made = await listing()
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.vendor_id)))
    return made


async def window(goods: Listing, **changes: Any) -> ShopWindow:
    """Tea on Shopee since August, never looked at again."""
    fields: dict[str, Any] = {
        "floor": Floor.SHOPEE,
        "url": URL,
        "listed_on": date(2026, 8, 1),
        "created_at": NOON,
    }
    return await ShopWindow.create(listing=goods, **{**fields, **changes})


# --- addresses ---


@pytest.mark.parametrize(
    ("typed", "floor", "kept"),
    [
        (URL, "shopee", URL),
        ("HTTPS://Shopee.VN/x#top", "shopee", "https://shopee.vn/x"),
        (
            "https://www.tiktok.com/view/product/17?a=1",
            "tiktok",
            "https://www.tiktok.com/view/product/17?a=1",
        ),
        ("https://shop.tiktok.com:443/x", "tiktok", "https://shop.tiktok.com/x"),
        ("https://voso.vn/che", "voso", "https://voso.vn/che"),
        ("https://nongsan.buudien.vn/che", "postmart", "https://nongsan.buudien.vn/che"),
        ("https://san.thainguyen.gov.vn/che", "provincial", "https://san.thainguyen.gov.vn/che"),
        ("https://lazada.vn/che", "other", "https://lazada.vn/che"),
    ],
)
def test_an_address_is_kept_in_one_form(typed: str, floor: str, kept: str) -> None:
    assert floor_address(typed, floor, ("san.thainguyen.gov.vn",)) == kept


@pytest.mark.parametrize(
    ("typed", "floor"),
    [
        ("http://shopee.vn/x", "shopee"),
        ("shopee.vn/x", "shopee"),
        ("javascript:alert(1)", "shopee"),
        ("https://shopee.vn.evil.com/x", "shopee"),
        ("https://evilshopee.vn/x", "shopee"),
        ("https://shopee.vn@evil.com/x", "shopee"),
        ("https://evil.com\\@shopee.vn/x", "shopee"),
        ("https://shopee.vn:8443/x", "shopee"),
        ("https://shopee.vn:99999999/x", "shopee"),
        ("https://shopeе.vn/x", "shopee"),
        ("https://shopee.vn/a b", "shopee"),
        ('https://shopee.vn/"onclick="x', "shopee"),
        ("https://[::1]/x", "other"),
        ("https://127.0.0.1/x", "other"),
        ("https://localhost/x", "other"),
        ("https://", "other"),
        ("https://voso.vn/x", "provincial"),
        ("https://shopee.vn/" + "x" * 500, "shopee"),
    ],
)
def test_what_is_no_address_of_the_floor_is_refused(typed: str, floor: str) -> None:
    with pytest.raises(BadAddress):
        floor_address(typed, floor, ())


# --- the pages ---


async def test_a_seller_keeps_checks_and_removes_an_address(client: Any, goods: Listing) -> None:
    assert "Chưa ghi sàn nào" in (await client.get("/sell/windows")).text
    typed = {"listing": goods.code, "floor": "shopee", "url": URL + "#x", "listed_on": "2026-08-01"}
    assert (await client.submit("/sell/windows", typed)).status_code == 303
    one = await ShopWindow.get()
    assert (one.url, one.listed_on, one.checked_on) == (URL, date(2026, 8, 1), None)
    again = await client.submit("/sell/windows", typed)
    assert again.status_code == 422 and "đã ghi cho món hàng rồi" in again.text
    assert "Nên mở xem lại" in (await client.get("/sell/windows")).text
    assert (await client.submit(f"/sell/windows/{one.id}/check")).status_code == 303
    await one.refresh_from_db()
    assert one.checked_on == TODAY and one.checked_by is not None
    page = (await client.get("/sell/windows?told=checked")).text
    assert "Nên mở xem lại" not in page and "xem lần cuối 21/11/2026" in page
    assert (await client.submit(f"/sell/windows/{one.id}/removal")).status_code == 303
    assert not await ShopWindow.all().exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"listing": ""}, "Hãy chọn món hàng."),
        ({"listing": "HKHONGCO"}, "Hãy chọn món hàng."),
        ({"floor": "ebay"}, "Hãy chọn sàn."),
        ({"url": ""}, "Cần đường dẫn"),
        ({"url": "http://shopee.vn/x"}, "https://"),
        ({"url": "https://voso.vn/x"}, "Sàn này ở shopee.vn"),
        ({"floor": "provincial"}, "Tỉnh chưa khai địa chỉ sàn của mình."),
        ({"listed_on": "2026-11-22"}, "Ngày này chưa tới."),
        ({"listed_on": "mai"}, "Ngày cần viết như"),
    ],
)
async def test_a_mistake_is_told_at_its_field(
    client: Any, goods: Listing, change: dict[str, str], sentence: str
) -> None:
    typed = {"listing": goods.code, "floor": "shopee", "url": URL, "listed_on": "2026-08-01"}
    answer = await client.submit("/sell/windows", {**typed, **change})
    assert answer.status_code == 422 and sentence in answer.text
    assert not await ShopWindow.all().exists()


async def test_the_provinces_floor_is_a_dated_rule(client: Any, goods: Listing) -> None:
    await DatedRule.create(
        name="provincial_floor_hosts", valid_from=date(2026, 1, 1), value="san.thainguyen.vn cho.vn"
    )
    typed = {
        "listing": goods.code,
        "floor": "provincial",
        "url": "https://san.thainguyen.vn/x",
        "listed_on": "2026-08-01",
    }
    assert (await client.submit("/sell/windows", typed)).status_code == 303


async def test_anothers_windows_are_not_there(
    client: Any, browser: Any, goods: Listing, sign_in_as: Any
) -> None:
    one = await window(goods)
    stranger = await vendor("Chè khác", "che-khac", phone=OTHER)
    async with browser() as other:
        await sign_in_as(other, OTHER, (Role.VENDOR, str(stranger.id)))
        assert (await other.submit(f"/sell/windows/{one.id}/check")).status_code == 404
        assert (await other.submit(f"/sell/windows/{one.id}/removal")).status_code == 404
        assert URL not in (await other.get("/sell/windows")).text
        typed = {"listing": goods.code, "floor": "shopee", "url": URL, "listed_on": "2026-08-01"}
        assert (await other.submit("/sell/windows", typed)).status_code == 422
    assert await ShopWindow.all().count() == 1


# --- files ---


async def test_a_file_for_each_floor(client: Any, goods: Listing) -> None:
    await window(goods)
    await Photo.create(listing=goods, key="a" * 40, width_px=640, height_px=480)
    await listing(await goods.vendor, "=Chè cất đi", state="hidden")
    for floor in Floor:
        answer = await client.get(f"/sell/windows/{floor}.csv")
        heads, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert tuple(heads) == heads_of(floor) and len(rows) == 1
        told = dict(zip(heads, rows[0], strict=True))
        if floor == Floor.TIKTOK:
            assert told["Product Name"] == goods.name and told["Seller SKU"] == goods.code
            assert told["Main Product Image"] == f"http://test/media/{'a' * 40}-1280.webp"
        else:
            assert (told["name"], told["price_dong"]) == (goods.name, "220000")
            assert told["floor_url"] == (URL if floor == Floor.SHOPEE else "")
    assert (await client.get("/sell/windows/ebay.csv")).status_code == 404


# --- counts ---


async def test_the_province_counts_sellers_and_goods_on_floors(
    client: Any, browser: Any, goods: Listing, sign_in_as: Any, queries: Any
) -> None:
    seller = await goods.vendor
    other = await listing(seller, "Chè đinh")
    hidden = await listing(seller, "Chè cũ", state="hidden")
    await window(goods, checked_on=TODAY - timedelta(days=29))
    await window(goods, url=URL + "-2")
    await window(other, checked_on=TODAY - timedelta(days=30))
    await window(hidden)
    await window(goods, floor=Floor.VOSO, url="https://voso.vn/x")
    async with browser() as desk:
        await sign_in_as(desk, BOARD, Role.BOARD)
        with queries.at_most(11):
            page = (await desk.get("/board")).text
    cells = page.replace('<td class="num">', "|").replace("</td>", "")
    assert '<th scope="row">Shopee</th>|1|2|1</tr>' in cells
    assert '<th scope="row">Voso</th>|1|1|0</tr>' in cells
    with queries.at_most(5):
        await client.get("/sell/windows")
