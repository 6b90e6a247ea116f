"""The shopper's whole way and the clerk's scans in browsers that run no script at all."""

import re

from playwright.sync_api import Page, expect

from tests.running import eventually
from tests.stories.town import THAO, Town, keep_picture, sign_in

SHOPPER = "0987650202"
GOODS = "Miến Việt Cường"


def test_the_whole_way_without_script(town: Town) -> None:
    """Sign in, find, choose, order, pay; the parcel is scanned by forms; reloading shows each step."""
    shopper = town.guest(java_script_enabled=False).new_page()
    clerk = town.person(THAO, java_script_enabled=False).new_page()
    sign_in(shopper, town.market, SHOPPER, "/me")
    find_and_choose(shopper)
    order_url = order(shopper)
    pay(shopper)
    shopper.goto(order_url)
    parcel = parcel_of_paid(shopper, town)
    for act in ("Nhận hàng", "Mang đi giao"):
        scan(clerk, act, parcel)
    shopper.goto(order_url)
    eventually(lambda: "Đang giao" in state_of(shopper), 20, town.market.last_words)
    clerk.goto(f"/post/parcels/{parcel}/door?act=deliver")
    clerk.locator("#f-code").fill(shopper.locator("[data-live-part] .code-text").last.inner_text())
    clerk.get_by_role("button", name="Giao xong").click()
    expect(clerk.get_by_text("Đã ghi «Giao xong».")).to_be_visible()
    shopper.goto(order_url)
    eventually(lambda: "Đã giao" in state_of(shopper), 20, town.market.last_words)
    keep_picture(shopper, "without-script-delivered", whole=True)
    shopper.goto("/orders")
    expect(shopper.locator(".list-row", has_text=GOODS)).to_contain_text("Đã giao")
    assert [one for one in town.complaints if "422" not in one] == []  # the one that asks which commune


def test_switches_work_without_script(town: Town) -> None:
    """Language and letter size are forms."""
    page = town.guest(java_script_enabled=False).new_page()
    page.goto("/markets")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/markets")
    page.locator(".switch[aria-pressed]").click()
    expect(page.locator("html")).to_have_class("big-text")


def find_and_choose(page: Page) -> None:
    """The search box is a form, the basket's quantity too."""
    page.goto("/")
    page.get_by_label("Tìm hàng trong chợ").fill("mien viet cuong")
    page.get_by_label("Tìm hàng trong chợ").press("Enter")
    page.wait_for_url("**/search?q=mien+viet+cuong")
    page.get_by_role("link", name=GOODS).first.click()
    page.get_by_label("Số lượng").fill("2")
    page.get_by_role("button", name="Bỏ vào giỏ").click()
    page.get_by_role("spinbutton", name=GOODS).fill("3")
    page.get_by_role("button", name=f"Sửa số lượng của {GOODS}").click()
    expect(page.get_by_role("spinbutton", name=GOODS)).to_have_value("3")
    keep_picture(page, "without-script-basket")


def order(page: Page) -> str:
    """A commune typed as text that fits several comes back as a choice, with everything typed kept."""
    page.get_by_role("link", name="Đặt hàng").click()
    page.get_by_label("Tên người nhận").fill("Lý Thị Hà")
    page.get_by_label("Số điện thoại").fill(SHOPPER)
    page.get_by_label("xã, phường").fill("tan thanh")
    page.get_by_label("Số nhà, đường").fill("Xóm Đồng Tâm")
    page.get_by_role("button", name="Tính phí giao").click()
    expect(page.get_by_role("group", name="Chọn một nơi")).to_be_visible()
    expect(page.get_by_label("Tên người nhận")).to_have_value("Lý Thị Hà")
    keep_picture(page, "without-script-choice", whole=True)
    page.get_by_role("radio", name="Thái Nguyên").first.check()
    page.get_by_role("button", name="Tính phí giao").click()
    expect(page.get_by_text("Xã Tân Thành, Thái Nguyên")).to_be_visible()
    page.get_by_role("button", name="Đặt hàng ·").click()
    page.wait_for_url("**/orders/*")
    expect(page.locator(".qr-code img")).to_be_visible()
    keep_picture(page, "without-script-order")
    return page.url


def pay(page: Page) -> None:
    """The page of the order asks to be loaded anew by itself; the pretend bank is a form."""
    assert "refresh" in page.content()
    page.get_by_role("link", name="Trả thử ở ngân hàng giả").click()
    page.get_by_role("button", name="Chuyển tiền").click()
    expect(page.get_by_text("Đã chuyển thử. Thông báo đang đến chợ")).to_be_visible()


def parcel_of_paid(page: Page, town: Town) -> str:
    """The parcel's code, once the order is paid and its parcel booked."""

    def code() -> str:
        page.reload()
        found = re.search(r"/parcels/([0-9A-Z]{13})", page.content())
        return found.group(1) if found and "Đã nhận tiền" in state_of(page) else ""

    return str(eventually(code, 30, town.market.last_words))


def state_of(page: Page) -> str:
    """The state of the order, loaded anew."""
    page.reload()
    return page.locator(".order-state").inner_text()


def scan(page: Page, act: str, parcel: str) -> None:
    """One scan by form."""
    page.goto("/post/scan")
    page.get_by_role("link", name=act, exact=True).click()
    page.get_by_label("Mã trên nhãn").fill(parcel)
    page.get_by_role("button", name=act, exact=True).click()
    expect(page.get_by_text(f"Đã ghi «{act}».")).to_be_visible()
    keep_picture(page, "without-script-scan")
