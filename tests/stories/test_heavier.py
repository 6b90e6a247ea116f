"""Goods by the kilogram that weigh more, in browsers: told before ordering, paid by a code of its own, delivered."""

from playwright.sync_api import Page, expect

from payments.qr import parse
from tests.running import eventually
from tests.stories.test_overpay_and_refund import order_things
from tests.stories.test_paid_at_the_door import parcel_code
from tests.stories.town import THAO, Town, amount_in, assert_balanced, keep_picture, shown_qr

THOA_NGUYEN = "0912000108"
MEAT, MORE_DONG, MOST = (
    "Thịt lợn gác bếp Thoa Nguyễn",
    36_800,
    "46.000",
)  # 80 g and 100 g at 460.000 ₫ a kilogram


def test_the_difference_of_heavier_goods_is_paid_by_its_own_code(town: Town) -> None:
    """The scales say 80 g more: the buyer pays it on the page that waits, the parcel goes, a part comes back."""
    buyer, seller, clerk = (
        town.guest().new_page(),
        town.person(THOA_NGUYEN).new_page(),
        town.person(THAO).new_page(),
    )
    order_things(buyer, (MEAT,))
    order = buyer.url.rsplit("/", 1)[-1]
    expect(buyer.get_by_text(f"tối đa {MOST}").first).to_be_visible()
    keep_picture(buyer, "heavier-1-ordered", whole=True)
    pay(town, buyer)
    expect(buyer.locator(".order-state")).to_have_text("Đã nhận tiền")
    weigh(seller, order)
    expect(buyer.locator(".order-state")).to_have_text("Chờ bạn trả phần chênh")
    text, _ = shown_qr(buyer)
    asked = parse(text)
    assert asked.amount_dong == MORE_DONG and asked.purpose != order
    keep_picture(buyer, "heavier-3-to-pay", whole=True)
    pay(town, buyer)
    expect(buyer.get_by_text("bạn đã trả đủ phần chênh")).to_be_visible()
    keep_picture(buyer, "heavier-4-paid", whole=True)
    seller.reload()
    expect(seller.get_by_text("Gói xong lúc")).to_be_visible()
    deliver(buyer, clerk)
    give_back(seller, order)
    buyer.reload()
    rows = buyer.locator("#money-back .money").all_inner_texts()
    assert [amount_in(one) for one in rows] == [MORE_DONG, 460_000]
    keep_picture(buyer, "heavier-6-given-back", whole=True)
    assert_balanced(town.market)
    assert town.complaints == []


def pay(town: Town, page: Page) -> None:
    """The bank reads the QR code off the screen."""
    done = town.market.command("bank", shown_qr(page)[0])
    assert done.returncode == 0, done.stdout + done.stderr


def weigh(page: Page, order: str) -> None:
    """The seller types the weight, reads what comes of it, and packs."""
    page.goto(f"/sell/orders/{order}")
    page.get_by_label("cân được bao nhiêu").fill("1080")
    expect(page.get_by_text("Nặng hơn: khách trả thêm")).to_be_visible()
    keep_picture(page, "heavier-2-scales", whole=True)
    page.get_by_role("button", name="Gói xong").click()
    expect(page.locator(".order-state")).to_have_text("Chờ khách trả phần chênh")
    keep_picture(page, "heavier-2-asked", whole=True)


def deliver(buyer: Page, clerk: Page) -> None:
    """The parcel, booked only now, goes to the door."""
    parcel = parcel_code(buyer)
    for act in ("Nhận hàng", "Mang đi giao"):
        clerk.goto(f"/post/parcels/{parcel}")
        clerk.get_by_role("button", name=act, exact=True).click()
        expect(clerk.get_by_text(f"Đã ghi «{act}».")).to_be_visible()
    digits = eventually(lambda: door_code(buyer), 30, lambda: buyer.inner_text("main"))
    clerk.goto(f"/post/parcels/{parcel}/door?act=deliver")
    clerk.locator("#f-code").fill(digits)
    clerk.get_by_role("button", name="Giao xong").click()
    expect(clerk.get_by_text("Đã ghi «Giao xong».")).to_be_visible()


def door_code(page: Page) -> str:
    """What the buyer reads out at the door, once the parcel is on its way."""
    page.reload()
    shown = page.locator("[data-live-part] .code-text")
    return shown.last.inner_text() if "Đang giao" in page.inner_text("main") and shown.count() else ""


def give_back(page: Page, order: str) -> None:
    """The seller gives the goods' money back, with what was paid on top."""
    page.goto(f"/sell/orders/{order}")
    page.get_by_role("link", name="Hoàn tiền cho khách").click()
    page.get_by_label(MEAT).check()
    page.get_by_label("Vì sao").fill("Thịt còn ẩm")
    keep_picture(page, "heavier-5-give-back", whole=True)
    page.get_by_role("button", name="Hoàn cho khách").click()
    page.wait_for_url("**/sell/orders/*")
