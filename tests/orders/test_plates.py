"""The plate of a stall: its link, its PDF read back, the self-scan, reports of plates that differ."""

import asyncio
import io
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from accounts.models import AuditEntry
from kit.roles import Role
from orders.plate_pdf import MILLIMETRES, PlateSize, PlateWords, plate_pdf
from payments.qr import parse, vietqr
from payments.qr_picture import qr_png
from tests.factories import bank, listing, photo_bytes, stall, stall_code, vendor
from vendors.models import PlateReport, PlateScan, PlateVerdict, ReceivingAccount, Stall, VendorState

TRADER = "0912345678"
OWN_QR = vietqr("970436", "0123456789")
THIEFS_QR = vietqr("970422", "999988887777")


@pytest.fixture
async def trader(db: None, client: Any, sign_in_as: Any) -> Stall:
    """A trader with a stall and goods, signed in."""
    place = await stall()
    await listing(await place.vendor)
    await sign_in_as(client, TRADER, (Role.VENDOR, str(place.vendor_id)))
    return place


def picture_of(content: bytes) -> Image.Image:
    """The PDF's only page as a printer would put it on paper, at 180 dots an inch."""
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 1
    return document[0].render(scale=2.5).to_pil().convert("L")


def words_of(content: bytes) -> str:
    """What can be read on the page."""
    return str(pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range())


@pytest.mark.parametrize("size", list(PlateSize))
async def test_the_plate_has_its_paper_its_type_and_two_codes_that_read_back(
    client: Any, trader: Stall, size: PlateSize
) -> None:
    """Both codes, from the picture of the page; Vietnamese letters from an embedded font."""
    answer = await client.get(f"/sell/plates/{stall_code(trader)}/plate.pdf?size={size}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    page = pypdfium2.PdfDocument(answer.content)[0]
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [round(one) for one in MILLIMETRES[size]]
    read = {code.text for code in zxingcpp.read_barcodes(picture_of(answer.content))}
    assert f"http://test/s/{stall_code(trader)}" in read
    [pays] = [parse(text) for text in read if text.startswith("0002")]
    assert (pays.bin, pays.account, pays.is_dynamic, pays.amount) == ("970436", "0123456789", False, None)
    for words in (
        "Chợ Thái",
        "Ô A12",
        "Quét để trả tiền",
        "DAO THANH HAO",
        "Vietcombank •••• 6789",
        "Chè Hảo Đạt",
    ):
        assert words in words_of(answer.content)
    assert b"/FontFile2" in answer.content and "0123456789" not in words_of(answer.content)
    assert await AuditEntry.filter(action="plate_printed", subject_id=str(trader.id)).count() == 1


@pytest.mark.parametrize("size", list(PlateSize))
def test_the_longest_names_stay_on_the_plate(clock: Any, size: PlateSize) -> None:
    """160 characters of name and 80 of holder, and an address of 70: everything is there and both codes read."""
    name, holder = "Hợp tác xã ướt ượt " * 8 + "miến", "HOP TAC XA " * 7
    link = "https://cho-so-cua-ba-con.so-cong-thuong.thainguyen.example.gov.vn/s/9ABCDEFGHJKMNP"
    words = PlateWords(
        market="Chợ trung tâm thị trấn Hùng Sơn và các xã lân cận huyện Đại Từ cũ", stall="KIOT-2026-TANG-2/15",
        name=name, holder=holder, account="Ngân hàng TMCP Ngoại thương Việt Nam •••• 6789",
        pay_text=vietqr("970436", "0123456789012345678", merchant_name=holder), link=link, made_at=clock.now(),
    )  # fmt: skip
    content = plate_pdf(words, size)
    assert len(zxingcpp.read_barcodes(picture_of(content))) == 2
    assert "miến" in words_of(content) and words.holder.strip()[-20:] in words_of(content)


async def test_a_paper_that_is_not_ours_is_not_found(client: Any, trader: Stall) -> None:
    """A5 and A6 only."""
    assert (await client.get(f"/sell/plates/{stall_code(trader)}/plate.pdf?size=a0")).status_code == 404


async def test_the_small_code_shows_whom_the_plate_pays_and_what_is_on_sale(
    client: Any, trader: Stall
) -> None:
    """Holder, bank and last four; never the whole number; the link typed small works too."""
    code = stall_code(trader)
    page = await client.get(f"/s/{code.lower()}")
    assert page.status_code == 200
    for words in ("Chè Hảo Đạt", "Ô A12, Chợ Thái", "DAO THANH HAO", "•••• 6789", "Chè móc câu", "220.000"):
        assert words in page.text
    assert "0123456789" not in page.text
    await client.submit(
        f"/sell/plates/{code}/photo", files={"stall_photo": ("quay.jpg", photo_bytes(), "image/jpeg")}
    )
    page = await client.get(f"/s/{code}")
    assert 'class="stall-photo" src="/media/' in page.text


async def test_a_link_that_was_not_signed_here_is_not_found(client: Any, trader: Stall) -> None:
    """The neighbour's number under this signature, a changed character, a plain number."""
    code = stall_code(trader)
    other = await stall(await vendor(slug="khac", phone="+84912000999"), "B1", await trader.market)
    for wrong in (
        str(trader.id),
        code[:-1] + ("A" if code[-1] != "A" else "B"),
        stall_code(other)[:1] + code[1:] + "1",
    ):
        assert (await client.get(f"/s/{wrong}")).status_code == 404, wrong
    assert (await client.get(f"/s/{stall_code(other)}")).status_code == 200
    assert (await client.get(f"/sell/plates/{stall_code(other)}")).status_code == 404, "not one's own plate"
    await (await trader.vendor).update_from_dict({"state": VendorState.SUSPENDED}).save()
    assert (await client.get(f"/s/{code}")).status_code == 404


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        (OWN_QR, PlateVerdict.SAME, "Đúng biển của cô bác"),
        (vietqr("970436", "0123456789", amount_dong=5000), PlateVerdict.SAME, "Đúng biển của cô bác"),
        (vietqr("970415", "555566667777"), PlateVerdict.OLD, "Biển cũ"),
        (THIEFS_QR, PlateVerdict.DIFFERENT, "Không phải tài khoản của cô bác"),
        (vietqr("970415", "0123456789"), PlateVerdict.DIFFERENT, "Không phải tài khoản của cô bác"),
        ("https://evil.example/pay", PlateVerdict.NOT_PAYMENT, "Mã lạ, không phải mã nhận tiền"),
        (OWN_QR[:-1] + "0", PlateVerdict.NOT_PAYMENT, "Mã lạ, không phải mã nhận tiền"),
    ],
)
async def test_the_self_scan_says_same_or_different_and_is_written_down(
    client: Any, trader: Stall, text: str, verdict: PlateVerdict, words: str
) -> None:
    """By hash of bank and account; another own account is an old plate; same number at another bank is not."""
    await bank("970415", "VietinBank")
    await ReceivingAccount.create(
        vendor_id=trader.vendor_id, bin="970415", number="555566667777", holder="DAO THANH HAO"
    )
    answer = await client.submit(f"/sell/plates/{stall_code(trader)}/scans", {"code": text})
    assert answer.status_code == 303
    [scan] = await PlateScan.filter(stall_id=trader.id)
    assert scan.verdict == verdict
    page = await client.get(answer.headers["location"])
    tone = {"same": "good", "old": "waiting"}.get(verdict, "bad")
    assert f"verdict verdict-{tone}" in page.text and words in page.text
    day = await client.get("/sell")
    assert ("Hôm nay đã quét" if verdict == PlateVerdict.SAME else "Xem ngay") in day.text


async def test_a_photo_of_the_whole_plate_is_compared_and_one_strange_code_on_it_is_enough(
    client: Any, trader: Stall
) -> None:
    """The printed page photographed, then the same with a sticker over the large code."""
    code = stall_code(trader)
    paper = picture_of((await client.get(f"/sell/plates/{code}/plate.pdf?size=a6")).content)
    await _scan_photo(client, code, paper)
    sticker = Image.open(io.BytesIO(qr_png(THIEFS_QR, 7))).convert("L")
    paper.paste(sticker, ((paper.width - sticker.width) // 2, 210))
    await _scan_photo(client, code, paper)
    scans = await PlateScan.filter(stall_id=trader.id).order_by("id")
    assert [scan.verdict for scan in scans] == [PlateVerdict.SAME, PlateVerdict.DIFFERENT]
    assert (scans[1].seen_bin, scans[1].seen_tail) == ("970422", "7777")


async def _scan_photo(client: Any, code: str, picture: Image.Image) -> None:
    written = io.BytesIO()
    await asyncio.to_thread(picture.save, written, "PNG")
    files = {"photo": ("bien.png", written.getvalue(), "image/png")}
    answer = await client.submit(f"/sell/plates/{code}/scans", {"by": "photo"}, files=files)
    assert answer.status_code == 303, answer.text


async def test_what_cannot_be_compared_is_said_at_its_field_and_not_written_down(
    client: Any, trader: Stall
) -> None:
    """Nothing, too much, the small code alone, no picture, a picture without a code."""
    place = f"/sell/plates/{stall_code(trader)}/scans"
    for values, files, words in (
        ({}, None, "Chưa có mã nào."),
        ({"code": "x" * 601}, None, "Nhiều nhất 600 chữ."),
        ({"code": f"http://test/s/{stall_code(trader)}"}, None, "Hãy quét mã lớn"),
        ({"by": "photo"}, None, "Chụp hoặc chọn một ảnh của biển."),
        ({"by": "photo"}, {"photo": ("a.jpg", b"<svg/>", "image/jpeg")}, "Ảnh không mở được."),
        ({"by": "photo"}, {"photo": ("a.jpg", photo_bytes(), "image/jpeg")}, "Không thấy mã QR trong ảnh."),
    ):
        answer = await client.submit(place, values, **({"files": files} if files else {}))
        assert answer.status_code == 422 and words in answer.text, words
    answer = await client.submit(
        f"/sell/plates/{stall_code(trader)}/photo", files={"stall_photo": ("a.jpg", b"MZ", "image/jpeg")}
    )
    assert answer.status_code == 422
    assert not await PlateScan.all().count()


async def test_yesterdays_scan_does_not_count_today(client: Any, clock: Any, trader: Stall) -> None:
    """The list asks again every morning of Vietnam."""
    await client.submit(f"/sell/plates/{stall_code(trader)}/scans", {"code": OWN_QR})
    assert "Hôm nay đã quét" in (await client.get("/sell/plates")).text
    clock.forward(days=1)
    assert "Hôm nay chưa quét" in (await client.get("/sell/plates")).text


async def test_a_shopper_reports_a_plate_and_the_board_of_that_market_closes_it(
    client: Any, browser: Any, trader: Stall, sign_in_as: Any
) -> None:
    """The photo's code is compared; the seller sees it; another market's board does not; closing is kept."""
    code = stall_code(trader)
    async with browser() as shopper:
        assert "DAO THANH HAO" in (await shopper.get(f"/s/{code}/report")).text
        answer = await shopper.submit(
            f"/s/{code}/report", {"note": "Tên hiện ra là người khác"},
            files={"photo": ("bien.png", qr_png(THIEFS_QR, 8), "image/png")},
        )  # fmt: skip
        assert answer.status_code == 303
        assert "Đã nhận tin báo" in (await shopper.get(answer.headers["location"])).text
    [kept] = await PlateReport.all()
    assert (kept.verdict, kept.seen_bin, kept.seen_tail) == ("different", "970422", "7777") and kept.photo_key
    assert "Có người báo biển này bị khác." in (await client.get("/sell")).text
    place = f"/admin/plates/{kept.id}/closing"
    async with browser() as stranger:
        await sign_in_as(stranger, "0912000333", (Role.BOARD, str(trader.market_id + 1)))
        assert "Tên hiện ra" not in (await stranger.get("/admin/plates")).text
        assert (await stranger.submit(place, {"note": "không phải việc của tôi"})).status_code == 404
    async with browser() as board:
        await sign_in_as(board, "0912000444", (Role.BOARD, str(trader.market_id)))
        page = await board.get("/admin/plates")
        assert "Tên hiện ra là người khác" in page.text and "•••• 7777" in page.text
        assert (await board.submit(place, {"note": ""})).status_code == 422
        assert (await board.submit(place, {"note": "đã gỡ mã lạ"})).status_code == 303
        assert "Không có biển nào bị báo" in (await board.get("/admin/plates")).text
    await kept.refresh_from_db()
    assert kept.closing_note == "đã gỡ mã lạ" and kept.closed_at is not None


async def test_an_empty_report_is_refused_and_so_is_a_flood(client: Any, trader: Stall) -> None:
    """A word or a photo; ten an hour from one address; a bad photo leaves nothing behind."""
    place = f"/s/{stall_code(trader)}/report"
    assert "Ghi bạn thấy gì ở quầy" in (await client.submit(place)).text
    broken = await client.submit(place, {"note": "khác"}, files={"photo": ("a.jpg", b"GIF89a", "image/jpeg")})
    assert broken.status_code == 422 and not await PlateReport.all().count()
    statuses = [(await client.submit(place, {"note": f"lần {n}"})).status_code for n in range(10)]
    assert statuses[-1] == 429 and await PlateReport.all().count() == 9


async def test_the_list_of_plates_asks_few_queries(client: Any, trader: Stall, queries: Any) -> None:
    """Five stalls of one seller."""
    for number in range(2, 6):
        await stall(await trader.vendor, f"A{number}", await trader.market)
    with queries.at_most(14):
        page = await client.get("/sell/plates")
    assert page.text.count("Hôm nay chưa quét") == 5
