"""A price list of goods with three bad rows: named with their cells, given back, mended, and nothing twice."""

import zipfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from kit.sheets import read_sheet
from kit.sheets_out import xlsx_of
from tests.stories.town import DESK, HIEN, Town, keep_picture

HEADS = ["Mã SP", "Tên hàng", "Loại hàng", "Giá bán", "ĐVT", "Số lượng", "Ảnh"]
Row = list[str | int]
ROWS: list[Row] = [
    ["N1", "Na bở nhập bảng", "Na", 45_000, "kg", 30, "na-1.jpg"],
    ["N2", "Ổi lê nhập bảng", "Trái cây", "rẻ lắm", "kg", 12, ""],
    ["N3", "Bưởi Diễn nhập bảng", "Trái cây", 25_000, "quả", -4, ""],
    ["N4", "Mật ong nhãn nhập bảng", "Mật ong", 190_000, "chai", 8, "NA-2.JPG"],
    ["N5", "Hồng xiêm nhập bảng", "Trái cây", 40_000, "kg", 20, "hong.jpg"],
    ["N6", "Măng tươi nhập bảng", "Măng", 30_000, "kg", 15, ""],
]
FAULTS = ("Dòng 3, cột Giá bán (D3)", "Dòng 4, cột Số lượng (F4)", "Dòng 6, cột Ảnh (G6)")
MENDED = {"N2": (3, "20.000"), "N3": (5, 4), "N5": (6, "na-1.jpg")}


def test_a_sheet_with_three_bad_rows(town: Town, tmp_path: Path) -> None:
    """Three rows go in, three come back in a file; the mended file brings them in and touches nothing else."""
    page = town.person(HIEN).new_page()
    sheet, photos = written(tmp_path / "bang-gia.xlsx", ROWS), packed(tmp_path / "anh.zip")
    upload(page, sheet, photos)
    expect(page.get_by_label("Giá bán")).to_have_value("price_dong")
    keep_picture(page, "import-1-columns", whole=True)
    check(page)
    for words in FAULTS:
        expect(page.get_by_text(words)).to_be_visible()
    keep_picture(page, "import-2-dry-run", whole=True)
    take_over(page, 3)
    back = failed_rows(page)
    assert [cells[0] for cells in back[1:]] == ["N2", "N3", "N5"] and back[0][-1] == "Cần sửa"
    assert goods_named(page) == ["Măng tươi nhập bảng", "Mật ong nhãn nhập bảng", "Na bở nhập bảng"]
    mended(page, tmp_path, back, photos)
    everything_again(page, tmp_path, photos)
    at_a_desk(town, page.url)
    assert town.complaints == []


def upload(page: Page, sheet: Path, photos: Path) -> None:
    """From the list of goods to the sheet and its ZIP."""
    page.goto("/sell/listings")
    page.get_by_role("link", name="Nhập từ bảng").click()
    page.get_by_label("Tệp bảng hàng").set_input_files(sheet)
    page.get_by_label("Tệp ZIP ảnh").set_input_files(photos)
    page.get_by_role("button", name="Gửi bảng").click()
    page.wait_for_url("**/sell/imports/*")


def check(page: Page) -> None:
    """The columns are as guessed; the page renews itself until a worker has looked through the rows."""
    page.get_by_role("button", name="Kiểm bảng").click()
    expect(page.get_by_text("Chờ xác nhận")).to_be_visible()


def take_over(page: Page, rows: int) -> None:
    """One press; the page follows by itself."""
    page.get_by_role("button", name=f"Nhập {rows} dòng").click()
    expect(page.get_by_text(f"Đã nhập {rows} dòng.")).to_be_visible()
    keep_picture(page, f"import-3-done-{rows}", whole=True)


def failed_rows(page: Page) -> list[list[str]]:
    """The file of failed rows, downloaded."""
    with page.expect_download() as saved:
        page.get_by_role("link", name="Tải dòng lỗi (.xlsx)").click()
    return read_sheet(saved.value.path().read_bytes()).rows


def goods_named(page: Page) -> list[str]:
    """The goods of the sheet that stand among one's own, by name."""
    here = page.url
    page.goto("/sell/listings")
    names = [name for name in page.locator(".shelf-name").all_inner_texts() if name.endswith("nhập bảng")]
    page.goto(here)
    return sorted(names, key=lambda name: name.encode())


def mended(page: Page, folder: Path, back: list[list[str]], photos: Path) -> None:
    """The three rows put right in the file that came back."""
    rows: list[Row] = [list(cells[: len(HEADS)]) for cells in back[1:]]
    for cells in rows:
        at, value = MENDED[str(cells[0])]
        cells[at] = value
    upload(page, written(folder / "da-sua.xlsx", rows), photos)
    check(page)
    expect(page.get_by_role("heading", name="Dòng có lỗi")).to_have_count(0)
    take_over(page, 3)
    assert len(goods_named(page)) == 6
    page.goto("/sell/listings")
    photo = page.locator(".shelf-row", has_text="Na bở nhập bảng").locator("img").get_attribute("src")
    assert photo is not None and photo.endswith("-320.webp")
    keep_picture(page, "import-4-goods", whole=True)


def everything_again(page: Page, folder: Path, photos: Path) -> None:
    """The whole list once more, all of it right: nothing is new, nothing changes."""
    rows: list[Row] = [list(cells) for cells in ROWS]
    for cells in rows:
        if str(cells[0]) in MENDED:
            at, value = MENDED[str(cells[0])]
            cells[at] = value
    upload(page, written(folder / "ca-bang.xlsx", rows), photos)
    check(page)
    expect(page.get_by_text("Không có dòng nào để nhập.")).to_be_visible()
    assert len(goods_named(page)) == 6


def at_a_desk(town: Town, address: str) -> None:
    """The same page on a wide screen."""
    page = town.person(HIEN, viewport=DESK).new_page()
    page.goto(address)
    keep_picture(page, "import-5-desk")
    page.close()


def written(path: Path, rows: list[Row]) -> Path:
    """A sheet as a program writes it."""
    path.write_bytes(xlsx_of(HEADS, rows))
    return path


def packed(path: Path) -> Path:
    """Two photos in a ZIP."""
    with zipfile.ZipFile(path, "w") as book:
        for name, colour in (("na-1.jpg", (120, 160, 70)), ("na-2.jpg", (190, 150, 40))):
            photo = BytesIO()
            Image.new("RGB", (1200, 900), colour).save(photo, "JPEG")
            book.writestr(f"anh/{name}", photo.getvalue())
    return path
