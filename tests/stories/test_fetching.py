"""Goods fetched at the stall by code, and two stalls' goods in one parcel from the market's desk to the door."""

from playwright.sync_api import Page, expect

from tests.running import eventually
from tests.stories.town import (
    HIEN,
    MINH,
    THAO,
    Town,
    assert_balanced,
    choose_commune,
    keep_picture,
    shown_qr,
)

BINH, VIET_CUONG, HAO_DAT = "0912000007", "0912000102", "0912000103"
DESK = "/board/markets/cho-thai/desk"


def test_the_buyer_fetches_at_the_stall_by_code(town: Town) -> None:
    """Chosen at checkout, made ready by the seller, given out against six digits; a wrong code gives nothing."""
    shopper, seller = town.person(MINH).new_page(), town.person(HIEN).new_page()
    put_in_basket(shopper, "na la hien", "Na La Hiên")
    fill_address(shopper)
    shopper.get_by_label("Đến lấy tại sạp: 12, Chợ Đình Cả").check()
    keep_picture(shopper, "fetch-1-ways", whole=True)
    shopper.get_by_role("button", name="Đổi cách nhận").click()
    expect(shopper.get_by_label("Đến lấy tại sạp: 12, Chợ Đình Cả")).to_be_checked()
    order = place(shopper)
    pay(town, shopper)
    seller.goto(f"/sell/orders/{order}")
    expect(seller.get_by_text("Khách đến sạp lấy.")).to_be_visible()
    seller.get_by_role("button", name="Sẵn sàng").click()
    expect(shopper.locator(".order-state")).to_have_text("Chờ đến lấy")
    digits = shopper.locator(".fetch-code .code-text").inner_text()
    keep_picture(shopper, "fetch-2-code", whole=True)
    seller.goto("/sell/fetching")
    seller.get_by_label("Mã khách đưa").fill("000001")
    seller.get_by_role("button", name="Trao hàng").click()
    expect(seller.get_by_text("Mã nhận hàng có 6 chữ số").first).to_be_visible()
    seller.get_by_label("Mã khách đưa").fill(f"{order} {digits}")
    seller.get_by_role("button", name="Trao hàng").click()
    expect(seller.get_by_text(f"Đã trao đơn {order}.")).to_be_visible()
    keep_picture(seller, "fetch-3-given")
    expect(shopper.locator(".order-state")).to_have_text("Đã giao")
    assert_balanced(town.market)
    assert [one for one in town.complaints if "422" not in one] == []


def test_two_stalls_send_one_parcel(town: Town) -> None:
    """Agreed at checkout for less; each brings theirs; the desk packs once; one door, and both orders arrive."""
    shopper, desk, clerk = (town.person(one).new_page() for one in (MINH, BINH, THAO))
    put_in_basket(shopper, "mien viet cuong", "Miến Việt Cường")
    put_in_basket(shopper, "che dinh tan cuong", "Chè Đinh Tân Cương")
    fill_address(shopper)
    shopper.get_by_role("button", name="Gộp lại, bớt").click()
    expect(shopper.get_by_text("đi chung một gói từ Chợ Thái")).to_be_visible()
    keep_picture(shopper, "joint-1-agreed", whole=True)
    orders = [place(shopper)]
    pay(town, shopper)
    shopper.get_by_role("link", name="Trả cho người bán tiếp theo").click()
    shopper.wait_for_url(lambda url: orders[0] not in url)
    orders.append(shopper.url.rsplit("/", 1)[-1])
    pay(town, shopper)
    for phone in (VIET_CUONG, HAO_DAT):
        pack(town.person(phone).new_page(), orders)
    desk.goto(DESK)
    for order in orders:
        desk.get_by_label("Mã đơn").fill(order)
        desk.get_by_role("button", name="Nhận vào bàn").click()
        expect(desk.get_by_text(f"Bàn đã nhận đơn {order}.")).to_be_visible()
    keep_picture(desk, "joint-2-desk", whole=True)
    mine = desk.locator(".panel", has_text=orders[0])
    mine.get_by_role("button", name="Đóng gói, gửi đi").click()
    expect(desk.get_by_text("Đã đóng gói.")).to_be_visible()
    parcel = eventually(lambda: parcel_on(desk, orders[0]), 30, town.market.last_words)
    clerk.goto("/post")
    expect(clerk.locator(".list-row", has_text=parcel)).to_have_count(1)
    for act in ("Nhận hàng", "Mang đi giao"):
        clerk.goto(f"/post/parcels/{parcel}")
        clerk.get_by_role("button", name=act, exact=True).click()
        expect(clerk.get_by_text(f"Đã ghi «{act}».")).to_be_visible()
    shopper.goto(f"/orders/{orders[0]}")
    expect(shopper.locator(".order-state")).to_have_text("Đang giao")
    digits = shopper.locator("[data-live-part] .code-text").last.inner_text()
    clerk.goto(f"/post/parcels/{parcel}/door?act=deliver")
    clerk.locator("#f-code").fill(digits)
    clerk.get_by_role("button", name="Giao xong").click()
    expect(clerk.get_by_text("Đã ghi «Giao xong».")).to_be_visible()
    for order in orders:
        shopper.goto(f"/orders/{order}")
        expect(shopper.locator(".order-state")).to_have_text("Đã giao")
    keep_picture(shopper, "joint-3-delivered", whole=True)
    assert_balanced(town.market)
    assert town.complaints == []


def put_in_basket(page: Page, typed: str, goods: str) -> None:
    """Found by typing, opened, put in."""
    page.goto(f"/search?q={typed.replace(' ', '+')}")
    page.get_by_role("link", name=goods, exact=True).first.click()
    page.get_by_role("button", name="Bỏ vào giỏ").click()
    page.wait_for_url("**/basket")


def fill_address(page: Page) -> None:
    """From the basket to the review."""
    page.get_by_role("link", name="Đặt hàng").click()
    page.get_by_label("Tên người nhận").fill("Anh Minh")
    page.get_by_label("Số điện thoại").fill("0912 000 002")
    choose_commune(page, "phan dinh phung", "Phường Phan Đình Phùng, Thái Nguyên")
    page.get_by_label("Số nhà, đường").fill("Số 12, ngõ 5")
    page.get_by_role("button", name="Tính phí giao").click()
    expect(page.get_by_role("button", name="Đặt hàng ·")).to_be_visible()


def place(page: Page) -> str:
    """Orders what is on the review; the code of the (first) order."""
    page.get_by_role("button", name="Đặt hàng ·").click()
    page.wait_for_url("**/orders/*")
    return page.url.rsplit("/", 1)[-1]


def pay(town: Town, page: Page) -> None:
    """The bank reads the QR code off the screen; the open page says that the money has come."""
    text, _ = shown_qr(page)
    done = town.market.command("bank", text)
    assert done.returncode == 0, done.stdout + done.stderr
    expect(page.locator(".order-state")).to_have_text("Đã nhận tiền")


def pack(page: Page, orders: list[str]) -> None:
    """The seller packs whichever of the orders is theirs."""
    page.goto("/sell")
    row = (
        page.locator(".list-row")
        .filter(has_text=orders[0])
        .or_(page.locator(".list-row").filter(has_text=orders[1]))
    )
    row.get_by_role("link").first.click()
    expect(page.get_by_text("Mang hàng ra bàn của chợ")).to_be_visible()
    page.get_by_role("button", name="Gói xong").click()
    expect(page.get_by_text("Gói xong lúc")).to_be_visible()


def parcel_on(page: Page, order: str) -> str:
    """The code of the packed parcel, once the desk's page knows it."""
    page.goto(DESK)
    shown = page.locator(".panel", has_text=order).locator("p > .code-text")
    return shown.first.inner_text() if shown.count() else ""
