"""A household comes aboard with the digital team's help: its own code, its first goods, and the end when it says so."""

import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.stories.test_the_main_job import photo
from tests.stories.town import Town, choose_commune, keep_picture, sign_in

LAN, COC = "0912000006", "0987650606"
BETWEEN_CODES_MS = 31_000
HOUSEHOLD, STALL, GOODS = "Bà Nông Thị Cốc", "Na bà Cốc", "Na dai vườn bà Cốc"


def test_a_household_is_helped_aboard_and_stops_it(town: Town, tmp_path: Path) -> None:
    """Em Lan's queue, bà Cốc's own code, a stall and goods; bà Cốc reads each act and stops; Em Lan is refused."""
    lan = town.person(LAN).new_page()
    add_to_queue(lan)
    texted = hand_over(lan, town)
    open_stall(lan)
    put_up_goods(lan, photo(tmp_path / "na.jpg"))
    note_visit(lan)
    coc = town.guest().new_page()
    coc.wait_for_timeout(max(0, BETWEEN_CODES_MS - (time.monotonic() - texted) * 1000))
    read_and_stop(coc, town)
    refused(lan)
    # The browser notes the mistyped code and the refused act, and nothing else.
    assert [one.split("status of ")[-1][:3] for one in town.complaints] == ["422", "403"]


def test_a_household_signs_with_a_finger_before_a_witness(town: Town) -> None:
    """The box takes the strokes, an empty one is refused, and only who signed sees the picture again."""
    page = town.person(LAN).new_page()
    page.goto("/team")
    page.get_by_role("link", name="Ông Dương Văn Thắng", exact=True).click()
    page.get_by_role("link", name="Ký tên").click()
    page.wait_for_url("**/consent?way=signature")
    page.get_by_text("mở quầy hàng", exact=True).click()
    page.get_by_label("Họ tên người làm chứng").fill("Lý Văn Páo")
    page.get_by_label("Điện thoại người làm chứng").fill("0987650607")
    page.get_by_role("button", name="Ghi lời đồng ý").click()
    expect(page.get_by_role("alert")).to_contain_text("Mời chủ hộ ký tên vào ô")
    sign(page)
    expect(page.get_by_text("Đã có chữ ký.")).to_be_visible()
    keep_picture(page, "helped-11-signed", whole=True)
    page.get_by_role("button", name="Ghi lời đồng ý").click()
    expect(page.get_by_text("Chủ hộ đã đồng ý. Giờ bạn làm giúp được.")).to_be_visible()
    expect(page.get_by_role("link", name="Mở quầy hàng")).to_be_visible()


def sign(page: Page) -> None:
    """A few strokes in the box."""
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 70)
    page.mouse.down()
    for step in range(24):
        page.mouse.move(box["x"] + 30 + step * 10, box["y"] + 70 + (step % 6) * 9)
    page.mouse.up()


def add_to_queue(page: Page) -> None:
    """The queue of La Hiên, and one household more."""
    page.goto("/team")
    expect(page.get_by_role("link", name="Hộ Nguyễn Thị Lan", exact=True)).to_be_visible()
    keep_picture(page, "helped-0-queue", whole=True)
    page.get_by_role("link", name="Thêm hộ").first.click()
    page.get_by_label("Tên chủ hộ").fill(HOUSEHOLD)
    page.get_by_label("Điện thoại di động của chủ hộ").fill(COC)
    expect(page.get_by_role("combobox", name="Xã, phường")).to_have_value("Xã La Hiên, Thái Nguyên")
    page.get_by_label("Số nhà, xóm, thôn").fill("Xóm Trúc Mai")
    page.get_by_role("button", name="Ghi hộ này").click()
    page.wait_for_url("**/team/households/*")
    expect(page.get_by_role("link", name="Gọi 0987 650 606")).to_have_attribute("href", "tel:+84987650606")


def hand_over(page: Page, town: Town) -> float:
    """Lan asks, hands the phone over; bà Cốc mistypes, then types what her own phone says. When it was texted."""
    page.get_by_role("link", name="Xin phép bằng mã").click()
    expect(page.get_by_label("mở quầy hàng")).not_to_be_checked()
    for scope in ("mở quầy hàng", "đăng và sửa hàng", "điền nháp hồ sơ người bán"):
        page.get_by_text(scope, exact=True).click()
    keep_picture(page, "helped-1-consent", whole=True)
    page.get_by_role("button", name="Gửi mã cho chủ hộ").click()
    page.wait_for_url("**/team/consents/*/code")
    texted = time.monotonic()
    code = town.market.last_code(COC)
    assert code not in page.content()
    keep_picture(page, "helped-2-handed", whole=True)
    field = page.get_by_label("Mã trong tin nhắn của cô bác")
    field.fill(f"{(int(code) + 1) % 1_000_000:06}")
    page.get_by_role("button", name="Tôi đồng ý").click()
    expect(page.get_by_role("alert")).to_contain_text("Mã chưa đúng")
    expect(field).to_have_value("")
    field.fill(code)
    page.get_by_role("button", name="Tôi đồng ý").click()
    expect(page.get_by_text("Chủ hộ đã đồng ý. Giờ bạn làm giúp được.")).to_be_visible()
    keep_picture(page, "helped-3-household", whole=True)
    return texted


def open_stall(page: Page) -> None:
    """All but the receiving account."""
    page.get_by_role("link", name="Mở quầy hàng").click()
    page.wait_for_url("**/aboard")
    expect(page.get_by_text(f"Đang làm giúp: {HOUSEHOLD}")).to_be_visible()
    expect(page.get_by_label("Số tài khoản")).to_have_count(0)
    page.get_by_text("Nhà nông").click()
    page.get_by_label("Tên quầy hàng").fill(STALL)
    choose_commune(page, "la hien", "Xã La Hiên, Thái Nguyên")
    keep_picture(page, "helped-4-aboard", whole=True)
    page.get_by_role("button", name="Mở quầy").click()
    expect(page.get_by_text("Đã mở quầy cho hộ.")).to_be_visible()
    keep_picture(page, "helped-5-aboard-done", whole=True)


def put_up_goods(page: Page, picture: Path) -> None:
    """The first goods, with the bar that says for whom."""
    page.get_by_role("link", name="Đăng hàng", exact=True).click()
    page.wait_for_url("**/listings/new")
    expect(page.get_by_text(f"Đang làm giúp: {STALL}")).to_be_visible()
    page.get_by_label("Ảnh (không bắt buộc)").set_input_files(picture)
    expect(page.get_by_text("1 ảnh sẵn sàng")).to_be_visible()
    page.locator("#f-name").fill(GOODS)
    page.locator("#f-kind").select_option("fruit")
    page.locator("#f-price_dong").fill("60000")
    page.locator("#f-unit").fill("kg")
    page.locator("#f-stock").fill("20")
    keep_picture(page, "helped-6-goods", whole=True)
    page.get_by_role("button", name="Gửi duyệt").click()
    expect(page.get_by_text("Đã gửi duyệt. Chủ hộ thấy việc này trên máy của mình.")).to_be_visible()
    expect(page.get_by_role("link", name=GOODS)).to_be_visible()


def note_visit(page: Page) -> None:
    """What was done today, and what is hard."""
    page.get_by_role("link", name="Trang của hộ").click()
    page.get_by_role("link", name="Ghi khó khăn").click()
    page.get_by_text("Không đọc được chữ nhỏ").click()
    page.get_by_text("Sợ bị truy thu thuế").click()
    page.get_by_role("button", name="Ghi lại").click()
    expect(page.get_by_text("Đã ghi khó khăn của hộ.")).to_be_visible()
    page.get_by_role("link", name="Ghi chuyến thăm").click()
    page.get_by_text("Mở quầy hàng", exact=True).click()
    page.get_by_text("Đã đến, còn việc").click()
    keep_picture(page, "helped-7-visit", whole=True)
    page.get_by_role("button", name="Ghi lại").click()
    expect(page.get_by_text("Đã ghi chuyến thăm.")).to_be_visible()


def read_and_stop(page: Page, town: Town) -> None:
    """On her own phone: today's page names the helper, each act is there, and one button stops it."""
    sign_in(page, town.market, COC, "/sell")
    expect(page.get_by_text("Em Lan đang được phép làm giúp cô bác")).to_be_visible()
    expect(page.get_by_text("Chưa có tài khoản nhận tiền")).to_be_visible()
    keep_picture(page, "helped-8-sell", whole=True)
    page.get_by_role("link", name="Xem từng việc, dừng lại").click()
    for words in (f"Mở quầy hàng «{STALL}»", f"Đăng hàng «{GOODS}»"):
        expect(page.get_by_text(words)).to_be_visible()
    keep_picture(page, "helped-9-acts", whole=True)
    page.get_by_role("button", name="Dừng ngay").click()
    expect(page.get_by_text("Đã dừng. Từ giờ người đó không làm gì thay cô bác được nữa.")).to_be_visible()


def refused(page: Page) -> None:
    """Whatever Lan does next for her."""
    page.goto(page.url.replace("/team/households/", "/team/for/").split("?")[0] + "/listings/new")
    expect(page.get_by_text(f"{HOUSEHOLD} đã rút lại sự đồng ý lúc")).to_be_visible()
    keep_picture(page, "helped-10-refused")
