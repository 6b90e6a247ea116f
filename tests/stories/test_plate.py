"""The plate of a stall: invited by the board, printed, scanned every morning, stuck over, found out, reported."""

import io
import re
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from payments.qr import vietqr
from payments.qr_picture import qr_png
from tests.stories.town import HIEN, PHONE, Town, keep_picture

BINH = "0912000007"
THIEFS_QR = vietqr("970422", "999988887777")
STICKER_SIDE_PX = 430


def test_a_stall_and_its_plate(town: Town, tmp_path: Path) -> None:
    """Cô Hiền prints her plate, scans it, a thief covers it, she and a shopper find out, the board settles it."""
    trader = town.person(HIEN).new_page()
    paper = print_plate(trader, tmp_path)
    stall = read_codes(paper)
    scan(trader, tmp_path, paper, "Đúng biển của cô bác", "good")
    paper.paste(sticker(), ((paper.width - STICKER_SIDE_PX) // 2, 230))
    scan(trader, tmp_path, paper, "Không phải tài khoản của cô bác", "bad")
    report(town.guest().new_page(), stall, tmp_path)
    trader.goto("/sell")
    expect(trader.get_by_text("Có người báo biển này bị khác.")).to_be_visible()
    settle(town.person(BINH, viewport={"width": 1280, "height": 800}).new_page())
    assert town.complaints == []


def print_plate(page: Page, folder: Path) -> Image.Image:
    """From the day's page to the plate; the A6 sheet as a printer would give it, at 200 dots an inch."""
    page.goto("/sell")
    expect(page.get_by_text("Hôm nay chưa quét")).to_be_visible()
    keep_picture(page, "plate-0-today", whole=True)
    page.get_by_role("link", name="Ô 12, Chợ Đình Cả").click()
    page.wait_for_url("**/sell/plates/*")
    keep_picture(page, "plate-1-own", whole=True)
    place = page.get_by_role("link", name="Biển A6, để bàn").get_attribute("href")
    answer = page.request.get(str(place))
    assert answer.ok and answer.body().startswith(b"%PDF")
    (folder / "plate.pdf").write_bytes(answer.body())
    return pypdfium2.PdfDocument(answer.body())[0].render(scale=200 / 72).to_pil().convert("L")


def read_codes(paper: Image.Image) -> str:
    """Both codes come off the paper; gives the address in the small one."""
    texts = {code.text for code in zxingcpp.read_barcodes(paper)}
    assert len(texts) == 2
    [link] = [text for text in texts if re.search(r"/s/[1-9A-Z]+$", text)]
    return link


def sticker() -> Image.Image:
    """A thief's code, as large as the plate's own."""
    drawn = Image.open(io.BytesIO(qr_png(THIEFS_QR, 9))).convert("L")
    return drawn.resize((STICKER_SIDE_PX, STICKER_SIDE_PX), Image.Resampling.NEAREST)


def scan(page: Page, folder: Path, paper: Image.Image, words: str, tone: str) -> None:
    """One photo of the whole plate, and the verdict in one colour."""
    paper.save(folder / "bien.png")
    page.get_by_label("Chụp cả tấm biển").set_input_files(folder / "bien.png")
    page.get_by_role("button", name="So biển").click()
    verdict = page.locator(f".verdict-{tone}")
    expect(verdict).to_contain_text(words)
    keep_picture(page, f"plate-2-{tone}", whole=True)


def report(page: Page, stall: str, folder: Path) -> None:
    """A shopper compares the name, then sends a photo of what stands at the stall."""
    page.goto(stall)
    expect(page.get_by_role("heading", name="Biển của quầy này trả tiền cho")).to_be_visible()
    keep_picture(page, "plate-3-stall", whole=True)
    page.get_by_role("link", name="Biển ở quầy khác thế này").click()
    page.get_by_label("Ảnh biển ở quầy").set_input_files(folder / "bien.png")
    page.get_by_label("Khác thế nào").fill("Tên hiện ra không phải cô Hiền")
    keep_picture(page, "plate-4-report", whole=True)
    page.get_by_role("button", name="Gửi tin báo").click()
    expect(page.get_by_text("Đã nhận tin báo.")).to_be_visible()


def settle(page: Page) -> None:
    """The board sees the report, goes to look, and writes down what was done."""
    page.goto("/board/markets")
    page.get_by_role("link", name="Chợ Đình Cả").click()
    page.wait_for_url("**/board/markets/cho-dinh-ca")
    keep_picture(page, "plate-5-board", whole=True)
    page.get_by_role("link", name="Xem và xử lý").click()
    expect(page.get_by_text("Tên hiện ra không phải cô Hiền")).to_be_visible()
    keep_picture(page, "plate-6-reports", whole=True)
    page.get_by_label("Đã xem thế nào").fill("Đã gỡ mã lạ, báo công an xã")
    page.get_by_role("button", name="Ghi kết quả").click()
    expect(page.get_by_text("Đã ghi kết quả.")).to_be_visible()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_plate_pages_fit_a_phone(town: Town, language: str) -> None:
    """Nothing scrolls sideways on 390 px, in both languages, with big letters too."""
    page = town.person(HIEN, viewport=PHONE).new_page()
    for cookie in (("language", language), ("text_size", "big")):
        page.context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": town.market.url}])
    for place in ("/sell/plates", "/markets/cho-phien-trinh-dien", "/markets"):
        page.goto(place)
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), place
        keep_picture(page, f"plate-{language}{place.replace('/', '-')}", whole=True)
    page.goto("/sell/plates")
    page.locator("main .list a").first.click()
    page.wait_for_url("**/sell/plates/*")
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    keep_picture(page, f"plate-{language}-own", whole=True)
