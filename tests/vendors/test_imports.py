"""Sheets of listings: columns guessed and remembered, each mistake with its cell, taken over once, given back."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
import xlsxwriter

from kit.roles import Role
from kit.sheets import read_sheet
from kit.sheets_out import csv_of, xlsx_of
from tests.factories import listing, vendor
from tests.vendors.conftest import Communes
from vendors.columns import guessed, head_row, kind_meant
from vendors.models import (
    HarvestLot,
    ImportRow,
    ImportState,
    Listing,
    ListingImport,
    ListingState,
    StockMove,
    Vendor,
)

SELLER, OTHER, ADMIN = "+84912345678", "+84987654321", "+84973111222"
HEADS = ["Mã SP", "Tên hàng", "Loại hàng", "Giá bán", "ĐVT", "Số lượng", "Xã, phường"]
GOOD: list[list[str | int]] = [
    ["C01", "Chè móc câu", "Chè", 220_000, "gói 500 g", 10, "Tân Cương"],
    ["N01", "Na La Hiên", "Na", "60.000", "kg", 25, "Xã La Hiên, Thái Nguyên"],
    ["R01", "Rượu men lá", "rượu", "90k", "chai", 5, ""],
]


@pytest.fixture
async def seller(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Vendor:
    """A cooperative whose person is signed in."""
    made = await vendor()
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.id)))
    return made


async def sent(
    client: Any, raw: bytes, name: str = "bang-gia.xlsx", place: str = "/sell/imports", **more: str
) -> Any:
    """The answer to a sheet."""
    return await client.submit(place, more, files=[("sheet", (name, raw))])


async def looked_through(
    client: Any, run_jobs: Any, raw: bytes, name: str = "bang-gia.xlsx", **more: str
) -> str:
    """The address of a sheet that was sent, its guessed columns accepted, and looked through."""
    answer = await sent(client, raw, name)
    assert answer.status_code == 303, answer.text
    address = str(answer.headers["location"])
    one = await ListingImport.get(code=address.rsplit("/", 1)[-1])
    columns = {f"column-{column}": name for column, name in one.mapping.items()}
    assert (await client.submit(f"{address}/columns", {**columns, **more})).status_code == 303
    await run_jobs()
    return address


async def taken_over(client: Any, run_jobs: Any, raw: bytes, name: str = "bang-gia.xlsx", **more: str) -> str:
    """The same, confirmed and worked through."""
    address = await looked_through(client, run_jobs, raw, name, **more)
    assert (await client.submit(f"{address}/confirmation")).status_code == 303
    await run_jobs()
    return address


# --- columns ---


def test_columns_are_guessed_in_vietnamese_and_english_without_marks() -> None:
    assert list(guessed(HEADS).values()) == [
        "own_code",
        "name",
        "kind",
        "price_dong",
        "unit",
        "stock",
        "commune",
    ]
    english = ["SKU", "Product name", "Category", "Unit price (VND)", "Unit", "Qty", "STT"]
    assert list(guessed(english).values()) == ["own_code", "name", "kind", "price_dong", "unit", "stock"]
    assert guessed(["TEN HANG", "DON GIA (đồng)", "Giá"]) == {"0": "name", "1": "price_dong"}


def test_heads_are_found_below_a_title() -> None:
    rows = [["HỢP TÁC XÃ CHÈ"], [], ["Bảng giá tháng 11"], HEADS, ["C01", "Chè"]]
    assert head_row(rows) == 3
    assert head_row([[], ["xyz"], ["abc"]]) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [("Chè", "tea"), ("tra", "tea"), ("Chè, trà", "tea"), ("NA", "custard_apple"), ("vàng", "vàng")],
)
def test_kinds_are_known_by_their_words(words: str, code: str) -> None:
    assert kind_meant(words) == code


# --- from the sheet to the shelf ---


@pytest.mark.parametrize("name", ["bang.xlsx", "bang.csv"])
async def test_rows_become_listings_that_wait_for_approval(
    client: Any, seller: Vendor, run_jobs: Any, name: str
) -> None:
    raw = xlsx_of(HEADS, GOOD) if name.endswith("xlsx") else csv_of(HEADS, GOOD)
    address = await looked_through(client, run_jobs, raw, name)
    page = (await client.get(address)).text
    assert "Nhập 3 dòng" in page and "Đăng mới" in page
    assert not await Listing.all().count()
    assert (await client.submit(f"{address}/confirmation")).status_code == 303
    assert "Đang nhập" in (await client.get(address)).text
    await run_jobs()
    made = await Listing.filter(vendor_id=seller.id).order_by("id")
    assert [(one.name, one.kind, one.price_dong, one.stock, one.own_code) for one in made] == [
        ("Chè móc câu", "tea", 220_000, 10, "C01"),
        ("Na La Hiên", "custard_apple", 60_000, 25, "N01"),
        ("Rượu men lá", "wine", 90_000, 5, "R01"),
    ]
    assert {one.state for one in made} == {ListingState.SUBMITTED}
    assert made[2].is_adult_only and made[2].commune_code == seller.commune_code
    assert made[0].weight_g == 300
    assert await StockMove.all().count() == 3
    assert "Đã nhập 3 dòng." in (await client.get(address)).text


async def test_the_same_sheet_again_changes_nothing(client: Any, seller: Vendor, run_jobs: Any) -> None:
    first = await taken_over(client, run_jobs, xlsx_of(HEADS, GOOD))
    again = await looked_through(client, run_jobs, xlsx_of(HEADS, GOOD))
    assert again != first
    assert "Không có dòng nào để nhập." in (await client.get(again)).text
    await client.submit(f"{again}/confirmation")
    await run_jobs()
    assert await Listing.all().count() == 3


async def test_two_sheets_confirmed_before_either_is_worked_make_no_doubles(
    client: Any, seller: Vendor, run_jobs: Any
) -> None:
    one = await looked_through(client, run_jobs, xlsx_of(HEADS, GOOD))
    other = await looked_through(client, run_jobs, xlsx_of([*HEADS, "STT"], [[*row, 1] for row in GOOD]))
    for address in (one, other, one):
        assert (await client.submit(f"{address}/confirmation")).status_code == 303
    await run_jobs()
    assert await Listing.all().count() == 3


async def test_pressing_send_twice_is_one_import(client: Any, seller: Vendor) -> None:
    raw = xlsx_of(HEADS, GOOD)
    answers = [await sent(client, raw), await sent(client, raw)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert await ListingImport.all().count() == 1


async def test_a_change_is_found_by_code_or_name_and_leaves_what_the_sheet_leaves_empty(
    client: Any, seller: Vendor, run_jobs: Any
) -> None:
    goods = await listing(seller, "Chè móc câu", about="Chè ngon.", stock=10)
    other = await listing(seller, "Chè đinh", own_code="D1", price_dong=900_000)
    raw = xlsx_of(["Tên", "Giá", "Mã"], [["CHE MOC CAU", "230.000", ""], ["", 950_000, "D1"]])
    address = await looked_through(client, run_jobs, raw)
    assert "Đổi món đang có" in (await client.get(address)).text
    await Listing.filter(id=goods.id).update(stock=7)  # three were sold between the look through and the yes
    await client.submit(f"{address}/confirmation")
    await run_jobs()
    await goods.refresh_from_db()
    await other.refresh_from_db()
    assert (goods.price_dong, goods.stock, goods.about, goods.unit) == (230_000, 7, "Chè ngon.", "gói 500 g")
    assert (other.price_dong, other.name) == (950_000, "Chè đinh")
    assert await Listing.all().count() == 2


async def test_each_mistake_is_named_with_its_row_column_and_cell(
    client: Any, seller: Vendor, run_jobs: Any
) -> None:
    rows = [
        *GOOD,
        ["", "Miến dong", "Miến", "nhiều", "gói", 5, ""],
        ["", "", "Chè", 50_000, "gói", 5, ""],
        ["", "Mật ong", "vàng", 50_000, "chai", -1, "tan thanh"],
        ["C01", "Chè khác", "Chè", 50_000, "gói", 5, ""],
    ]
    address = await looked_through(client, run_jobs, xlsx_of(HEADS, rows))
    page = (await client.get(address)).text
    assert "Dòng 5, cột Giá bán (D5): Số tiền cần là số đồng, ví dụ 35.000. Bạn vừa nhập «nhiều»." in page
    assert "Dòng 6, cột Tên hàng (B6): Cần tên hàng" in page
    assert "Dòng 7, cột Loại hàng (C7): Hãy chọn loại hàng." in page
    assert "Dòng 7, cột Số lượng (F7): Số từ 0 đến 100000. Bạn vừa nhập -1." in page
    assert "Dòng 7, cột Xã, phường (G7): có nhiều nơi tên như vậy" in page
    assert "Dòng 8, cột Tên hàng (B8): trùng với dòng 2." in page
    assert "Nhập 3 dòng" in page
    await client.submit(f"{address}/confirmation")
    await run_jobs()
    assert await Listing.all().count() == 3
    back = await client.get(f"{address}/faults.xlsx")
    table = read_sheet(back.content).rows
    assert table[0][-1] == "Cần sửa"
    assert [row[1] for row in table[1:]] == ["Miến dong", "", "Mật ong", "Chè khác"]
    assert table[1][-1].startswith("Dòng 5, cột Giá bán (D5):")


async def test_the_failed_rows_mended_and_sent_again_are_taken(
    client: Any, seller: Vendor, run_jobs: Any
) -> None:
    address = await taken_over(client, run_jobs, xlsx_of(HEADS, [["", "Miến", "Miến", "x", "gói", 5, ""]]))
    back = read_sheet((await client.get(f"{address}/faults.xlsx")).content).rows
    back[1][3] = "45.000"
    await taken_over(client, run_jobs, xlsx_of(back[0], back[1:]))
    assert (await Listing.get(vendor_id=seller.id)).price_dong == 45_000


async def test_formulas_and_merged_cells_are_named_as_mistakes(
    client: Any, seller: Vendor, run_jobs: Any
) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    page.merge_range("A1:G1", "BẢNG GIÁ HỢP TÁC XÃ")
    page.write_row("A2", HEADS)
    for number, row in enumerate(GOOD):
        page.write_row(2 + number, 0, row)
    page.write_formula("D3", "=100*5", None, 500)
    page.merge_range("C4:C5", "Na")
    book.close()
    address = await looked_through(client, run_jobs, out.getvalue())
    shown = (await client.get(address)).text
    assert "Dòng 3, cột Giá bán (D3): ô này là công thức." in shown
    assert "Dòng 4, cột Loại hàng (C4): ô này bị gộp với ô khác." in shown
    assert "Dòng 5, cột Loại hàng (C5): ô này bị gộp với ô khác." in shown


async def test_columns_that_were_named_are_remembered_for_the_vendor(
    client: Any, browser: Any, sign_in_as: Any, seller: Vendor, run_jobs: Any
) -> None:
    heads = ["Cột lạ", "Giá", "ĐVT", "SL"]
    raw = xlsx_of(heads, [["Chè", 50_000, "gói", 5]])
    answer = await sent(client, raw)
    address = answer.headers["location"]
    nothing = await client.submit(f"{address}/columns", {"column-1": "price_dong"})
    assert nothing.status_code == 422 and "Hãy chọn cột nào là tên hàng." in nothing.text
    named = {"column-0": "name", "column-1": "price_dong", "column-2": "unit", "column-3": "stock"}
    await client.submit(f"{address}/columns", {**named, "default_kind": "tea"})
    await sent(client, xlsx_of(heads, [["Chè đinh", 70_000, "gói", 1]]))
    newest = await ListingImport.all().order_by("-id").first()
    assert newest is not None and newest.mapping["0"] == "name" and newest.default_kind == "tea"
    other = await vendor("Chè Thái", "che-thai")
    async with browser() as stranger:
        await sign_in_as(stranger, OTHER, (Role.VENDOR, str(other.id)))
        await sent(stranger, raw)
        theirs = await ListingImport.get(vendor_id=other.id)
        assert "0" not in theirs.mapping
        assert (await stranger.get(address)).status_code == 404
        assert (await stranger.submit(f"{address}/confirmation")).status_code == 404
        assert (await stranger.get(f"{address}/faults.xlsx")).status_code == 404


@pytest.mark.parametrize(
    ("raw", "name", "sentence"),
    [
        (b"", "bang.csv", "Hãy chọn tệp bảng hàng."),
        (b"%PDF-1.7 \x00\x00", "bang.xlsx", "Tệp cần là Excel"),
        (b"PK\x03\x04 broken", "bang.xlsx", "Tệp bị hỏng"),
        (b"T\xean,Gi\xe1\n", "bang.csv", "Tệp CSV cần lưu dạng UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "bang.xls", "Tệp .xls cũ hoặc có mật khẩu."),
        ("Tên,Giá\n".encode(), "bang.csv", "Bảng chỉ có tiêu đề"),
    ],
)
async def test_a_file_that_is_no_sheet_is_refused_in_words(
    client: Any, seller: Vendor, raw: bytes, name: str, sentence: str
) -> None:
    answer = await sent(client, raw, name)
    assert answer.status_code == 422 and sentence in answer.text
    assert not await ListingImport.all().count()


async def test_goods_of_another_vendor_are_out_of_reach(client: Any, seller: Vendor, run_jobs: Any) -> None:
    theirs = await listing(await vendor("Chè Thái", "che-thai"), "Chè đinh")
    raw = xlsx_of(["Mã hàng trên chợ", "Tên hàng", "Giá"], [[theirs.code, "Chè đinh", 1_000]])
    address = await taken_over(client, run_jobs, raw)
    assert f"không có món nào của quầy mang mã «{theirs.code}»" in (await client.get(address)).text
    await theirs.refresh_from_db()
    assert theirs.price_dong == 220_000


async def test_a_code_of_ones_own_names_one_thing_only(client: Any, seller: Vendor, run_jobs: Any) -> None:
    first = await listing(seller, "Chè móc câu", own_code="A1")
    second = await listing(seller, "Chè đinh")
    third = await listing(seller, "Miến dong")
    heads = ["Mã hàng trên chợ", "Mã SP", "Tên hàng", "Loại hàng", "Giá", "ĐVT", "SL"]
    rows = [
        [second.code, "A1", "Chè đinh", "Chè", 900_000, "gói", 1],
        [third.code, "B1", "Miến dong", "Miến", 50_000, "gói", 1],
        ["", "B1", "Miến khác", "Miến", 50_000, "gói", 1],
        ["", "C" * 41, "Na", "Na", 50_000, "kg", 1],
    ]
    address = await looked_through(client, run_jobs, xlsx_of(heads, rows))
    page = (await client.get(address)).text
    assert "Dòng 2, cột Mã SP (B2): mã «A1» đang là của món «Chè móc câu»." in page
    assert "Dòng 4, cột Tên hàng (C4): trùng với dòng 3." in page
    assert "Dòng 5, cột Mã SP (B5): Nhiều nhất 40 chữ. Bạn vừa nhập 41." in page
    await Listing.filter(id=first.id).update(own_code="B1")  # taken between the look through and the yes
    await client.submit(f"{address}/confirmation")
    await run_jobs()
    assert "Mã «B1» vừa được dùng cho món khác." in (await client.get(address)).text
    assert (await ListingImport.get()).state == ImportState.DONE
    assert await Listing.all().count() == 3


async def test_the_shelf_goes_out_and_comes_back_unchanged(
    client: Any, seller: Vendor, run_jobs: Any
) -> None:
    await listing(seller, "=HYPERLINK(chè)", about="+ ngon\n- thơm", own_code="-1")
    await listing(seller, "Na La Hiên", kind="custard_apple", unit="kg")
    for path in ("/sell/imports/listings.csv", "/sell/imports/listings.xlsx"):
        out, ending = await client.get(path), path.rsplit(".", 1)[-1]
        assert out.headers["content-disposition"] == f'attachment; filename="hang-cua-toi.{ending}"'
        assert ending == "xlsx" or out.content.startswith(b"\xef\xbb\xbf")
        assert b",=HYPERLINK" not in out.content
        address = await looked_through(client, run_jobs, out.content, f"hang.{ending}")
        rows = await ImportRow.filter(sheet__code=address.rsplit("/", 1)[-1])
        assert [(row.state, row.faults) for row in rows] == [("same", []), ("same", [])]


async def test_an_administrator_sends_a_list_for_a_vendor(
    client: Any, browser: Any, sign_in_as: Any, seller: Vendor, run_jobs: Any
) -> None:
    async with browser() as desk:
        await sign_in_as(desk, ADMIN, Role.ADMIN)
        wrong = await sent(desk, xlsx_of(HEADS, GOOD), place="/admin/imports", vendor="ai đó")
        assert wrong.status_code == 422 and "Không có gian hàng nào như vậy." in wrong.text
        for strange in ("a1" * 75, "9" * 60, "\u0301", "+84" + "9" * 12):
            answer = await sent(desk, xlsx_of(HEADS, GOOD), place="/admin/imports", vendor=strange)
            assert answer.status_code == 422, strange
        answer = await sent(desk, xlsx_of(HEADS, GOOD), place="/admin/imports", vendor="che-hao-dat")
        address = answer.headers["location"]
        assert address.startswith("/admin/imports/")
        one = await ListingImport.get(vendor_id=seller.id)
        columns = {f"column-{column}": name for column, name in one.mapping.items()}
        await desk.submit(f"{address}/columns", columns)
        await run_jobs()
        await desk.submit(f"{address}/confirmation")
        await run_jobs()
        assert seller.name in (await desk.get(f"/admin/imports/{one.code}")).text
        assert (await desk.get("/admin/imports")).status_code == 200
        assert (await desk.get(f"{address}/faults.xlsx")).status_code == 200
    assert await Listing.filter(vendor_id=seller.id).count() == 3
    assert (await client.get(f"/sell/imports/{one.code}")).status_code == 200


async def test_a_vendor_suspended_meanwhile_gets_no_listings(
    client: Any, seller: Vendor, run_jobs: Any
) -> None:
    address = await looked_through(client, run_jobs, xlsx_of(HEADS, GOOD))
    await Vendor.filter(id=seller.id).update(state="suspended")
    await client.submit(f"{address}/confirmation")
    await run_jobs()
    assert not await Listing.all().count()
    assert "Quầy này đang tạm dừng bán." in (await client.get(address)).text
    assert (await ListingImport.get()).state == ImportState.DONE


async def test_the_list_of_sheets_asks_few_queries(client: Any, seller: Vendor, queries: Any) -> None:
    for number in range(5):
        await sent(client, xlsx_of(HEADS, [["", f"Chè {number}", "Chè", 50_000, "gói", 1, ""]]))
    with queries.at_most(6):
        assert (await client.get("/sell/imports")).status_code == 200


async def test_goods_taken_down_or_with_sizes_are_named_and_the_others_change(
    client: Any, seller: Vendor, run_jobs: Any
) -> None:
    for code in ("A", "B", "C", "D"):
        await listing(seller, f"Chè {code}", own_code=code, unit="gói", price_dong=50_000, stock=5)
    rows: list[list[str | int]] = [[code, f"Chè {code}", "Chè", 55_000, "gói", 7, ""] for code in "ABCD"]
    address = await looked_through(client, run_jobs, xlsx_of(HEADS, rows))
    await Listing.filter(own_code="A").update(state=ListingState.TAKEN_DOWN)
    await Listing.filter(own_code="B").update(price_to_dong=90_000)
    await Listing.filter(own_code="D").update(price_per_kg_dong=100_000, portion_g=500, band_percent=10)
    await client.submit(f"{address}/confirmation")
    await run_jobs()
    page = (await client.get(address)).text
    assert "Dòng 2: Hàng này đã bị gỡ" in page and "Dòng 3: «Chè B» có nhiều loại." in page
    assert "Dòng 5: " in page, "a price by the kilogram is not written by the piece"
    prices = {one.own_code: (one.price_dong, one.stock) for one in await Listing.all()}
    assert prices == {"A": (50_000, 5), "B": (50_000, 5), "C": (55_000, 7), "D": (50_000, 5)}
    moves = await StockMove.filter(listing__own_code="C").values_list("quantity", flat=True)
    assert moves == [2]


async def test_a_shelf_counted_down_by_a_sheet_fits_its_lots(
    client: Any, seller: Vendor, run_jobs: Any
) -> None:
    goods = await listing(seller, "Chè A", own_code="A", unit="gói", price_dong=50_000, stock=10)
    lot = await HarvestLot.create(
        listing=goods,
        code="LTEST1",
        harvested_on=date(2026, 11, 1),
        plot="Đồi Tây",
        quantity=10,
        on_shelf=10,
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    await taken_over(client, run_jobs, xlsx_of(HEADS, [["A", "Chè A", "Chè", 50_000, "gói", 3, ""]]))
    await lot.refresh_from_db()
    assert ((await Listing.get()).stock, lot.on_shelf) == (3, 3)
