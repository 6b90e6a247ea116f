"""The main job, as three people do it: come aboard, list, find, order and pay, and the parcel that arrives."""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
import zxingcpp
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from payments.qr import parse
from payments.twins.sepay import NOTICE_PATH, notice_body, notice_headers
from tests.running import eventually
from tests.stories.town import (
    SON,
    THAO,
    Town,
    amount_in,
    assert_balanced,
    choose_commune,
    enter_code,
    keep_picture,
    shown_qr,
)

SELLER = "0987650101"
STALL = "Trám nhà bà Sáu"
GOODS = "Trám đen Hà Châu"
ACCOUNT = "0071000987650"
BANK_BIN = "970436"
MISSING_DONG = 50_000
FIRST_ROWS = {
    "che dinh": "Chè Đinh Tân Cương",
    "na la hien": "Na La Hiên",
    "mien viet cuong": "Miến Việt Cường",
    "matong": "Mật ong Phúc Thành",
}
SCANS = (
    ("Nhận hàng", "Đang trên đường"),
    ("Chuyển đi", "Đang trên đường"),
    ("Đã đến bưu cục giao", "Đã đến bưu cục gần người nhận"),
    ("Mang đi giao", "Bưu tá đang giao"),
)


@dataclass
class Day:
    """Everybody's screens and what they hold in hand so far."""

    town: Town
    seller: Page
    shopper: Page
    clerk: Page
    bank: Page
    order: str = ""
    parcel: str = ""
    total_dong: int = 0


@pytest.fixture
def day(town: Town) -> Day:
    """Everybody has a browser of their own."""
    clerk = town.person(THAO).new_page()
    seller, shopper, bank = (town.guest().new_page() for _ in range(3))
    return Day(town, seller, shopper, clerk, bank)


def test_the_main_job(day: Day, tmp_path: Path) -> None:
    """Six steps, real processes, and at the end the books are balanced and nobody's browser complained."""
    come_aboard(day)
    put_up_goods(day, photo(tmp_path / "tram.jpg"))
    approve_goods(day)
    find_goods(day)
    order_goods(day)
    pay_too_little(day)
    forge_a_notice(day)
    pay_the_rest_twice(day)
    pack(day)
    carry(day)
    everybody_sees_the_end(day)
    assert_balanced(day.town.market)
    assert day.town.complaints == []


def come_aboard(day: Day) -> None:
    """From the first page to a stall in one sitting."""
    page = day.seller
    page.goto("/")
    keep_picture(page, "0-first-page")
    page.get_by_role("link", name="Bán hàng", exact=True).click()
    page.get_by_label("Số điện thoại").fill(SELLER)
    page.get_by_role("button", name="Gửi mã cho tôi").click()
    enter_code(page, day.town.market, SELLER)
    page.wait_for_url("**/sell/aboard")
    page.get_by_text("Có đăng ký hộ kinh doanh").click()
    page.get_by_label("Tên quầy hàng").fill(STALL)
    page.get_by_label("Họ tên người liên hệ").fill("Nguyễn Thị Sáu")
    choose_commune(page, "diem thuy", "Xã Điềm Thụy, Thái Nguyên")
    page.get_by_label("Số nhà, xóm, thôn").fill("Xóm Trung")
    page.get_by_text("Tại nhà, tại vườn").click()
    page.get_by_label("Ngân hàng hoặc Mobile Money").select_option(BANK_BIN)
    page.get_by_label("Số tài khoản").fill(ACCOUNT)
    page.get_by_label("Tên chủ tài khoản").fill("Nguyễn Thị Sáu")
    keep_picture(page, "1-aboard", whole=True)
    page.get_by_role("button", name="Mở quầy").click()
    page.wait_for_url("**/sell/listings/new")


def put_up_goods(day: Day, picture: Path) -> None:
    """A photo, a name, a price typed as people type it, and where it was grown."""
    page = day.seller
    page.locator("#f-photos").set_input_files(picture)
    expect(page.get_by_text("1 ảnh sẵn sàng")).to_be_visible()
    page.locator("#f-name").fill(GOODS)
    page.locator("#f-kind").select_option("fruit")
    page.locator("#f-price_dong").press_sequentially("120000")
    expect(page.locator("#f-price_dong")).to_have_value("120.000")
    page.locator("#f-unit").fill("kg")
    page.locator("#f-stock").fill("20")
    choose_commune(page, "kha son", "Xã Kha Sơn, Thái Nguyên")
    page.locator("#f-about").fill("Trám đen om sẵn, bùi và thơm. Ăn trong tuần.")
    keep_picture(page, "2-list", whole=True)
    page.get_by_role("button", name="Gửi duyệt").click()
    expect(page.get_by_text("Đã gửi duyệt.")).to_be_visible()
    expect(page.locator(".shelf-row", has_text=GOODS)).to_contain_text("Chờ duyệt")
    keep_picture(page, "2-list-waits")


def approve_goods(day: Day) -> None:
    """One tap of the administrator."""
    page = day.town.person(SON).new_page()
    page.goto("/admin/listings")
    keep_picture(page, "2-review")
    page.locator(".shelf-row", has_text=GOODS).get_by_role("button", name="Duyệt", exact=True).click()
    expect(page.get_by_text("Đã duyệt, hàng đang bán.")).to_be_visible()
    expect(page.locator(".shelf-row", has_text=GOODS)).to_have_count(0)
    page.close()
    found = f"{day.town.market.url}/search/box?q=tram+den"
    eventually(lambda: GOODS in httpx2.get(found).text, 30, day.town.market.last_words)


def find_goods(day: Day) -> None:
    """Rows appear under the box while typing without accents; arrow and Enter open one."""
    page = day.shopper
    page.goto("/")
    box = page.get_by_role("combobox", name="Tìm hàng trong chợ")
    for typed, first in FIRST_ROWS.items():
        box.fill("")
        box.press_sequentially(typed, delay=40)
        expect(page.get_by_role("option").first).to_contain_text(first)
        keep_picture(page, f"3-find-{typed.replace(' ', '-')}")
    box.fill("")
    box.press_sequentially("tram den ha", delay=40)
    expect(page.get_by_role("option").first).to_contain_text(GOODS)
    under, field = page.get_by_role("listbox").bounding_box(), box.bounding_box()
    assert under is not None and field is not None and under["y"] >= field["y"] + field["height"]
    box.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    keep_picture(page, "3-find")
    box.press("Enter")
    page.wait_for_url("**/goods/**")
    expect(page.get_by_role("heading", level=1)).to_have_text(GOODS)
    expect(page.locator(".gallery img")).to_have_js_property("complete", True)
    keep_picture(page, "3-goods")


def order_goods(day: Day) -> None:
    """Basket, address, review, order; the QR on the screen asks for the right money at the right account."""
    page = day.shopper
    page.get_by_label("Số lượng").fill("2")
    page.get_by_role("button", name="Bỏ vào giỏ").click()
    page.wait_for_url("**/basket")
    expect(page.locator(".thing")).to_contain_text("240.000 ₫")
    keep_picture(page, "4-basket")
    page.get_by_role("link", name="Đặt hàng").click()
    page.get_by_label("Tên người nhận").fill("Trần Văn Bảy")
    page.get_by_label("Số điện thoại").fill("0977 123 456")
    choose_commune(page, "phan dinh phung", "Phường Phan Đình Phùng, Thái Nguyên")
    page.get_by_label("Số nhà, đường").fill("Số 7, tổ 12")
    keep_picture(page, "4-address", whole=True)
    page.get_by_role("button", name="Tính phí giao").click()
    placing = page.get_by_role("button", name="Đặt hàng ·")
    day.total_dong = amount_in(placing.inner_text())
    assert day.total_dong > 240_000
    keep_picture(page, "4-review", whole=True)
    placing.click()
    page.wait_for_url("**/orders/*")
    day.order = page.url.rsplit("/", 1)[-1]
    keep_picture(page, "4-order", whole=True)
    check_qr(day, day.total_dong)


def check_qr(day: Day, amount_dong: int) -> bytes:
    """The QR code on the shopper's screen, read by a camera: account, money and order, and nothing else."""
    text, shot = shown_qr(day.shopper)
    qr = parse(text)
    assert (qr.bin, qr.account, qr.amount_dong) == (BANK_BIN, ACCOUNT, amount_dong)
    assert qr.purpose is not None and day.order in qr.purpose
    file = day.shopper.context.request.get(f"/payments/{day.order}/qr.png").body()
    (day_file := day.town.market.var / "qr.png").write_bytes(file)
    with Image.open(day_file) as picture:
        assert [one.text for one in zxingcpp.read_barcodes(picture)] == [text]
    return shot


def pay_too_little(day: Day) -> None:
    """The bank reads the picture of the screen; somebody types less; the open page says what is missing."""
    page, amount_dong = day.shopper, day.total_dong - MISSING_DONG
    page.evaluate("window.neverReloaded = true")
    transfer(day, check_qr(day, day.total_dong), amount_dong=amount_dong)
    expect(page.locator(".order-state")).to_contain_text("còn thiếu 50.000 ₫")
    expect(page.locator(".qr")).to_contain_text("50.000 ₫")
    expect(page.locator(".pay-rows button")).to_have_count(3)
    for button in page.locator(".pay-rows button").all():
        expect(button).to_be_visible()
    assert page.evaluate("window.neverReloaded")
    keep_picture(page, "5-too-little", whole=True)


def forge_a_notice(day: Day) -> None:
    """A notice without the secret is refused at the door, by the page of the bank and by hand."""
    transfer(day, check_qr(day, MISSING_DONG), ticks=("Chữ ký giả",))
    row = last_transfer(day, "401")
    expect(row).to_contain_text("chữ ký giả")
    keep_picture(day.bank, "5-forged", whole=True)
    raw = notice_body(
        77,
        gateway="VCB",
        account_number=ACCOUNT,
        amount_dong=MISSING_DONG,
        content=day.order,
        at=datetime.now(UTC),
    )
    forged = notice_headers("no secret of the market", raw, now=datetime.now(UTC), is_forged=True)
    answer = httpx2.post(day.town.market.url + NOTICE_PATH, content=raw, headers=forged)
    assert answer.status_code == 401
    day.shopper.reload()
    expect(day.shopper.locator(".order-state")).to_contain_text("còn thiếu 50.000 ₫")


def pay_the_rest_twice(day: Day) -> None:
    """The rest comes, and its notice a second time: paid by itself, and no đồng counted twice."""
    page = day.shopper
    page.evaluate("window.neverReloaded = true")
    transfer(day, check_qr(day, MISSING_DONG), ticks=("Báo hai lần",))
    expect(page.locator(".order-state")).to_contain_text("Đã nhận tiền")
    assert page.evaluate("window.neverReloaded")
    row = last_transfer(day, "200")
    expect(row.get_by_role("cell").nth(3)).to_have_text("2")
    keep_picture(page, "5-paid", whole=True)
    page.reload()
    expect(page.locator(".till-good .money-till")).to_have_text(re.compile(f"^{dotted(day.total_dong)}"))
    expect(page.get_by_text("Chuyển thừa")).to_have_count(0)
    keep_picture(day.bank, "5-bank", whole=True)


def pack(day: Day) -> None:
    """The seller sees the money and packs."""
    page = day.seller
    page.goto("/sell")
    keep_picture(page, "6-sell-today", whole=True)
    page.get_by_role("link", name=GOODS).first.click()
    expect(page.get_by_text("Trần Văn Bảy")).to_be_visible()
    page.get_by_role("button", name="Gói xong").click()
    expect(page.get_by_text("Gói xong lúc")).to_be_visible()
    keep_picture(page, "6-packed", whole=True)


def carry(day: Day) -> None:
    """The clerk finds the parcel on the list and scans it on by typing; the shopper's open page follows."""
    page = day.clerk
    page.goto("/post")
    row = page.locator(".list-row", has_text=GOODS)
    day.parcel = row.locator(".code-text").inner_text()
    keep_picture(page, "6-post-list")
    day.shopper.evaluate("window.neverReloaded = true")
    for number, (act, step) in enumerate(SCANS):
        scan(day, act)
        keep_picture(page, f"6-scan-{number + 1}")
        expect(day.shopper.locator("[data-live-part]")).to_contain_text(step)
    hand_over(day)
    expect(day.shopper.locator(".order-state")).to_have_text("Đã giao")
    assert day.shopper.evaluate("window.neverReloaded")


def scan(day: Day, act: str) -> None:
    """One scan by typing the code and Enter, for the act chosen by a tap."""
    page = day.clerk
    page.goto("/post/scan")
    page.get_by_role("link", name=act, exact=True).click()
    expect(page.locator(".post-now")).to_contain_text(act)
    page.get_by_label("Mã trên nhãn").fill(day.parcel)
    page.get_by_label("Mã trên nhãn").press("Enter")
    expect(page.locator("[data-scan-log] [role=status]")).to_contain_text(f"Đã ghi «{act}».")


def hand_over(day: Day) -> None:
    """The last scan leads to the door: nothing is delivered without the digits on the shopper's screen."""
    page, digits = day.clerk, day.shopper.locator("[data-live-part] .code-text").last.inner_text()
    page.goto("/post/scan")
    page.get_by_role("link", name="Giao xong", exact=True).click()
    page.get_by_label("Mã trên nhãn").fill(day.parcel)
    page.get_by_label("Mã trên nhãn").press("Enter")
    page.wait_for_url("**/door?act=deliver")
    page.locator("#f-code").fill(digits)
    page.get_by_role("button", name="Giao xong").click()
    expect(page.get_by_text("Đã ghi «Giao xong».")).to_be_visible()
    keep_picture(page, "6-handed-over")


def everybody_sees_the_end(day: Day) -> None:
    """Delivered on the shopper's page and the public one; the money stands in the seller's book."""
    keep_picture(day.shopper, "6-delivered", whole=True)
    day.shopper.get_by_role("link", name="Theo dõi bưu gửi").click()
    expect(day.shopper.get_by_role("heading", level=1)).to_have_text("Đã giao")
    keep_picture(day.shopper, "6-parcel")
    day.seller.goto("/sell/money")
    row = day.seller.locator(".list-row", has_text=day.order)
    expect(row).to_contain_text(dotted(day.total_dong))
    expect(row).to_contain_text("Đã nhận tiền")
    expect(day.seller.locator(".figure").first).to_contain_text(dotted(day.total_dong))
    keep_picture(day.seller, "6-money")
    day.clerk.goto("/post")
    expect(day.clerk.locator(".list-row", has_text=GOODS)).to_have_count(0)


def transfer(day: Day, shot: bytes, *, amount_dong: int = 0, ticks: tuple[str, ...] = ()) -> None:
    """At the pretend bank: the picture of the screen is read, the amount perhaps changed, the money sent."""
    page = day.bank
    page.goto("/twins/bank")
    page.get_by_label("Hoặc ảnh của mã").set_input_files(
        {"name": "qr.png", "mimeType": "image/png", "buffer": shot}
    )
    page.get_by_role("button", name="Đọc mã").click()
    expect(page.get_by_label(re.compile("^Nội dung"))).to_have_value(re.compile(day.order))
    if amount_dong:
        page.get_by_label("Số tiền").fill(str(amount_dong))
    for tick in ticks:
        page.get_by_label(tick).check()
    page.get_by_role("button", name="Chuyển tiền").click()
    expect(page.get_by_text("Đã chuyển thử. Thông báo đang đến chợ")).to_be_visible()


def last_transfer(day: Day, answer: str) -> Locator:
    """The newest line of the bank's table, once the market has answered so."""

    def answered() -> Locator | None:
        day.bank.goto("/twins/bank")
        row = day.bank.locator("tbody tr").first
        return row if answer in row.inner_text() else None

    found: Locator = eventually(answered, 30, day.town.market.last_words)
    return found


def dotted(amount_dong: int) -> str:
    """147000 as «147.000»."""
    return f"{amount_dong:,}".replace(",", ".")


def photo(path: Path) -> Path:
    """A photograph as a phone takes it: twelve megapixels of dark fruit in a basket, and grain."""
    size = (4000, 3000)
    canvas = Image.new("RGB", size, (196, 158, 104))
    brush, dice = ImageDraw.Draw(canvas), random.Random(7)
    for _ in range(420):
        x, y, r = dice.randrange(size[0]), dice.randrange(size[1]), dice.randrange(90, 150)
        shade = dice.randrange(20, 60)
        brush.ellipse(
            (x - r, y - int(r * 1.4), x + r, y + int(r * 1.4)), fill=(shade, shade - 12, shade + 14)
        )
    grain = Image.merge("RGB", [Image.effect_noise(size, 60)] * 3)
    Image.blend(canvas, grain, 0.12).save(path, quality=88)
    return path
