"""Labels as PDF: their paper, their type, codes that read back at the printer's resolution, many in one file."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from accounts.models import AuditEntry
from kit.clock import StoppedClock
from kit.roles import Role
from postal.label_pdf import DOT_MM, MILLIMETRES, LabelParty, LabelSize, LabelWords, label_pdf
from postal.parcel_code import parcel_code
from postal.services.labels import sort_code
from tests.factories import booked_parcel, recipient

SignIn = Callable[..., Awaitable[Any]]
PRINTER_DPI = 203
MADE = datetime(2026, 11, 22, tzinfo=UTC)


def words(number: int = 1, **changes: Any) -> LabelWords:
    code = parcel_code(number, b"a secret for tests, long enough to sign")
    fields: dict[str, Any] = {
        "code": code,
        "carrier": "Bưu tá của chợ",
        "service": "Giao tận nhà",
        "sort_code": "19-05443",
        "sender": LabelParty(
            "HTX chè Hảo Đạt", "0912 345 678", "Xóm Nam Đồng", "Xã Tân Cương, Tỉnh Thái Nguyên"
        ),
        "recipient": LabelParty(
            "Nguyễn Thị Hoa",
            "0987 654 321",
            "Số 5, ngõ 2, đường Bến Tượng",
            "Phường Phan Đình Phùng, Tỉnh Thái Nguyên",
        ),
        "contents": "2 × Chè nõn tôm; 1 × Na La Hiên",
        "weight": "1,2 kg",
        "order_code": "AB12CD34EF",
        "collect": "không thu",
        "day": "22/11/2026",
        "link": f"https://cho.example/parcels/{code}",
    }
    return LabelWords(**{**fields, **changes})


def printed(content: bytes, page: int = 0) -> Image.Image:
    """A page as a label printer of 203 dpi puts it on paper: dots that are black or not."""
    picture = pypdfium2.PdfDocument(content)[page].render(scale=PRINTER_DPI / 72).to_pil().convert("L")
    return picture.point(lambda tone: 255 if tone > 127 else 0)


def codes_on(picture: Image.Image) -> list[str]:
    """The Code 128 codes on a picture."""
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128])
    return [one.text for one in zxingcpp.read_barcodes(picture, formats=formats)]


def text_of(content: bytes, page: int = 0) -> str:
    """What can be read on a page."""
    return str(pypdfium2.PdfDocument(content)[page].get_textpage().get_text_range())


@pytest.mark.parametrize("size", list(LabelSize))
@pytest.mark.parametrize("number", [1, 77, 123_456_789])
def test_the_barcode_reads_back_at_203_dpi(size: LabelSize, number: int) -> None:
    label = words(number)
    content = label_pdf([label], size, made_at=MADE)
    page = pypdfium2.PdfDocument(content)[0]
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [round(one) for one in MILLIMETRES[size]]
    picture = printed(content)
    assert codes_on(picture) == [label.code]
    assert label.link in {one.text for one in zxingcpp.read_barcodes(picture)}


@pytest.mark.parametrize("size", list(LabelSize))
def test_what_people_read_stands_on_it(size: LabelSize) -> None:
    text = text_of(label_pdf([words()], size, made_at=MADE))
    for part in (
        "19-05443",
        "Nguyễn Thị Hoa · 0987 654 321",
        "HTX chè Hảo Đạt",
        "0912 345 678",
        "Đơn: AB12CD34EF",
    ):
        assert part in text
    assert "Phường Phan Đình Phùng" in text.replace("\r\n", " ")
    assert "Thu hộ: không thu" in text and "1,2 kg" in text


@pytest.mark.parametrize("size", list(LabelSize))
def test_the_longest_words_stay_on_the_label(size: LabelSize) -> None:
    """Nothing runs over into the neighbour: the outermost millimetre stays white."""
    long = LabelParty("Nguyễn " * 20, "0987 654 321", "Ngõ ngách hẻm " * 14, "Phường Phan Đình Phùng " * 8)
    content = label_pdf(
        [
            words(
                sender=long,
                recipient=long,
                contents="Chè " * 75,
                carrier="Bưu " * 30,
                sort_code="19-05443-AB-12",
            )
        ],
        size,
        made_at=MADE,
    )
    picture = printed(content)
    assert len(codes_on(picture)) == 1
    edge = round(1 / DOT_MM)
    for box in ((0, 0, picture.width, edge), (picture.width - edge, 0, picture.width, picture.height)):
        assert picture.crop(box).getextrema() == (255, 255)


@pytest.mark.parametrize(("size", "a_sheet"), [(LabelSize.A5, 2), (LabelSize.A6, 4), (LabelSize.A7, 8)])
def test_many_labels_lie_on_a_sheet_and_every_one_reads_back(size: LabelSize, a_sheet: int) -> None:
    labels = [words(number) for number in range(1, a_sheet + 2)]
    content = label_pdf(labels, size, made_at=MADE, on_sheet=True)
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 2
    assert sorted(round(side / 72 * 25.4) for side in document[0].get_size()) == [210, 297]
    read = {code for page in range(2) for code in codes_on(printed(content, page))}
    assert read == {one.code for one in labels}


def test_a_roll_has_one_label_a_page() -> None:
    content = label_pdf([words(1), words(2)], LabelSize.ROLL, made_at=MADE, on_sheet=True)
    assert [codes_on(printed(content, page)) for page in range(2)] == [[words(1).code], [words(2).code]]
    with pytest.raises(ValueError):
        label_pdf([], LabelSize.A6, made_at=MADE)


def test_the_sort_code_is_province_and_commune() -> None:
    assert (sort_code("05443"), sort_code("99999")) == ("19-05443", "99999")


@pytest.fixture
async def clerk(db: None, client: Any, sign_in_as: SignIn) -> int:
    return int((await sign_in_as(client, "0912000111", Role.CLERK)).id)


async def test_a_batch_is_one_file_and_every_label_read_is_recorded(
    client: Any, clerk: int, clock: StoppedClock
) -> None:
    codes = [(await booked_parcel(f"order:{number}", now=clock.now())).code for number in range(5)]
    sent = await client.submit("/post/labels", {"codes": codes, "size": "a7", "sheet": "1"})
    assert (sent.status_code, sent.headers["content-type"]) == (200, "application/pdf")
    assert sent.headers["cache-control"] == "no-store"
    assert set(codes_on(printed(sent.content))) == set(codes)
    assert await AuditEntry.filter(action="label_read").count() == 5


async def test_the_copy_at_the_stall_masks_the_phones(client: Any, clerk: int, clock: StoppedClock) -> None:
    code = (await booked_parcel(now=clock.now())).code
    whole = text_of((await client.get(f"/post/parcels/{code}/label.pdf?size=100x150")).content)
    copy = text_of((await client.get(f"/post/parcels/{code}/label.pdf?copy=1")).content)
    assert "0987 654 321" in whole
    assert "0987 654 321" not in copy and "0912 345 678" not in copy
    assert "0987 *** 321" in copy and "Bản lưu tại quầy" in copy


async def test_an_address_given_in_three_levels_is_printed_too(
    client: Any, clerk: int, clock: StoppedClock
) -> None:
    old = "Phường Tân Thịnh, Thành phố Thái Nguyên, Tỉnh Thái Nguyên"
    code = (await booked_parcel(now=clock.now(), recipient=recipient(old_place=old))).code
    text = text_of((await client.get(f"/post/parcels/{code}/label.pdf")).content)
    assert "(cũ: Phường Tân Thịnh" in " ".join(text.split())


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({}, 422, "Chọn ít nhất một bưu gửi"),
        ({"codes": ["C4NOTHING"]}, 404, "không phải bưu gửi của chợ"),
        ({"codes": ["C4NOTHING"], "size": "a0"}, 422, "Chọn khổ nhãn"),
        ({"codes": [f"C4{number:011}" for number in range(150)], "size": "a6"}, 404, "không phải"),
    ],
)
async def test_a_batch_of_nothing_or_of_strangers_is_refused(
    client: Any, clerk: int, sent: dict[str, Any], status: int, words: str
) -> None:
    answer = await client.submit("/post/labels", sent)
    assert answer.status_code == status and words in answer.text


def test_a_file_of_two_hundred_labels_stays_small() -> None:
    content = label_pdf([words(number) for number in range(1, 201)], LabelSize.A6, made_at=MADE)
    assert len(BytesIO(content).getvalue()) < 2_000_000
