"""Photos beside a sheet: found by name, missing ones named with their cell, hung once, broken ones given back."""

import io
import zipfile
from typing import Any

import pytest

from kit.roles import Role
from kit.sheets import read_sheet
from kit.sheets_out import xlsx_of
from tests.factories import listing, photo_bytes, vendor
from tests.vendors.conftest import Communes
from vendors.models import ImportPhoto, Listing, ListingImport, ListingState, Photo, Vendor

HEADS = ["Mã SP", "Tên hàng", "Loại hàng", "Giá bán", "ĐVT", "Số lượng", "Ảnh"]
RED, GREEN = photo_bytes((200, 30, 30)), photo_bytes((30, 200, 30))


@pytest.fixture
async def seller(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Vendor:
    """A cooperative whose person is signed in."""
    made = await vendor()
    await sign_in_as(client, "+84912345678", (Role.VENDOR, str(made.id)))
    return made


def row(code: str, photos: str, price: int = 50_000) -> list[str | int]:
    """Tea with photos."""
    return [code, f"Chè {code}", "Chè", price, "gói", 5, photos]


def zipped(**files: bytes) -> bytes:
    """A ZIP in a folder, as phones make them."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as book:
        for name, content in files.items():
            book.writestr(f"anh/{name}", content)
    return written.getvalue()


async def sent(client: Any, raw: bytes, photos: bytes | None) -> Any:
    """The answer to a sheet with its ZIP."""
    files = [("sheet", ("bang.xlsx", raw))]
    if photos is not None:
        files.append(("photos", ("anh.zip", photos)))
    return await client.submit("/sell/imports", files=files)


async def looked_through(client: Any, run_jobs: Any, raw: bytes, photos: bytes | None) -> str:
    """The address of a sheet that was looked through."""
    answer = await sent(client, raw, photos)
    assert answer.status_code == 303, answer.text
    address = str(answer.headers["location"])
    one = await ListingImport.get(code=address.rsplit("/", 1)[-1])
    columns = {f"column-{column}": name for column, name in one.mapping.items()}
    assert (await client.submit(f"{address}/columns", columns)).status_code == 303
    await run_jobs()
    return address


async def taken_over(client: Any, run_jobs: Any, raw: bytes, photos: bytes | None) -> str:
    """The same, confirmed and worked through."""
    address = await looked_through(client, run_jobs, raw, photos)
    await client.submit(f"{address}/confirmation")
    await run_jobs()
    return address


async def test_photos_are_found_by_name_and_hung_once(client: Any, seller: Vendor, run_jobs: Any) -> None:
    book = zipped(**{"Chè-1.JPG": RED, "che-2.png": GREEN})
    raw = xlsx_of(HEADS, [row("C1", "CHÈ-1.jpg; che-2"), row("C2", "che-2.png"), row("C3", "")])
    await taken_over(client, run_jobs, raw, book)
    goods = {one.own_code: one for one in await Listing.all()}
    hung = {code: await Photo.filter(listing_id=one.id).order_by("position") for code, one in goods.items()}
    assert [len(hung[code]) for code in ("C1", "C2", "C3")] == [2, 1, 0]
    assert hung["C1"][1].key == hung["C2"][0].key and hung["C1"][0].blur_url.startswith("data:image/webp")
    page = (await client.get(await looked_through(client, run_jobs, raw, book))).text
    assert "Không có dòng nào để nhập." in page, "the same sheet and ZIP again change nothing"
    changed = xlsx_of(HEADS, [row("C1", "che-2.png", 60_000), row("C3", "Chè-1.jpg")])
    await taken_over(client, run_jobs, changed, book)
    assert await Photo.all().count() == 4
    assert (await Listing.get(own_code="C1")).price_dong == 60_000


async def test_a_new_photo_on_goods_on_sale_is_looked_at(client: Any, seller: Vendor, run_jobs: Any) -> None:
    await listing(seller, "Chè C1", own_code="C1", unit="gói", stock=5, price_dong=50_000)
    await taken_over(client, run_jobs, xlsx_of(HEADS, [row("C1", "x")]), zipped(**{"x.jpg": RED}))
    assert (await Listing.get()).state == ListingState.SUBMITTED
    assert await Photo.all().count() == 1


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("la.jpg; che.jpg; lạ.png", "(G2): trong tệp ZIP không có ảnh «la.jpg», «lạ.png»."),
        ("; ".join(["che.jpg"] * 9), "(G2): nhiều nhất 8 ảnh một món. Ô này ghi 9."),
        ("../../etc/passwd", "không có ảnh"),
    ],
)
async def test_photos_that_are_not_there_are_named(
    client: Any, seller: Vendor, run_jobs: Any, cell: str, sentence: str
) -> None:
    raw = xlsx_of(HEADS, [row("C1", cell), row("C2", "che.jpg")])
    address = await looked_through(client, run_jobs, raw, zipped(**{"che.jpg": RED}))
    page = (await client.get(address)).text
    assert sentence in page and "Nhập 1 dòng" in page


async def test_a_photo_column_without_a_zip_is_told(client: Any, seller: Vendor, run_jobs: Any) -> None:
    page = (
        await client.get(await looked_through(client, run_jobs, xlsx_of(HEADS, [row("C1", "x")]), None))
    ).text
    assert "bảng ghi tên ảnh mà chưa gửi tệp ZIP" in page


async def test_a_broken_photo_sends_its_row_back_and_the_mended_one_goes_in(
    client: Any, seller: Vendor, run_jobs: Any
) -> None:
    raw = xlsx_of(HEADS, [row("C1", "a.jpg"), row("C2", "b.jpg"), row("C3", "c.jpg")])
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    address = await taken_over(
        client, run_jobs, raw, zipped(**{"a.jpg": RED, "b.jpg": svg, "c.jpg": RED[:300]})
    )
    page = (await client.get(address)).text
    assert "Dòng 3: ảnh «b.jpg»: Ảnh cần là JPEG" in page
    assert "Dòng 4: ảnh «c.jpg»: Ảnh bị hỏng" in page
    assert [one.own_code for one in await Listing.all()] == ["C1"]
    back = read_sheet((await client.get(f"{address}/faults.xlsx")).content)
    assert [cells[0] for cells in back.rows[1:]] == ["C2", "C3"]
    assert await ImportPhoto.filter(is_ready=False).count() == 0


@pytest.mark.parametrize(
    ("photos", "sentence"),
    [(b"%PDF", "Tệp ảnh cần là ZIP."), (zipped(**{"x.jpg": b"0" * 10_000_000})[:-30], "Tệp ZIP bị hỏng")],
)
async def test_a_bad_zip_is_told_and_nothing_is_kept(
    client: Any, seller: Vendor, photos: bytes, sentence: str
) -> None:
    answer = await sent(client, xlsx_of(HEADS, [row("C1", "x")]), photos)
    assert answer.status_code == 422 and sentence in answer.text
    assert not await ListingImport.all().exists()
