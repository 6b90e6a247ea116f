"""A carrier loses a parcel, in browsers: who sees it first, who gives the money back, and what the books say then."""

import re

from playwright.sync_api import Page, expect

from tests.running import eventually
from tests.stories.test_overpay_and_refund import SELLER, TEA, give_back_by_transfer, tell_account, transfer
from tests.stories.town import DESK, THAO, Town, assert_balanced, choose_commune, keep_picture, shown_qr

PARCEL = re.compile(r"C4[0-9A-Z]{11}")


def test_a_lost_parcel_ends_with_the_money_back(town: Town) -> None:
    """GHN tells of the loss unsigned, is asked, and confirms; clerk, seller and buyer each see their part of it."""
    buyer, seller, bank = town.guest().new_page(), town.person(SELLER).new_page(), town.guest().new_page()
    clerk = town.person(THAO, viewport=DESK).new_page()
    before = books_of(seller)
    goods = order_by_ghn(buyer)
    order_url = buyer.url
    transfer(bank, shown_qr(buyer)[0])
    expect(buyer.locator(".order-state")).to_contain_text("Đã nhận tiền")
    left = stock_of(buyer, goods)
    parcel = parcel_of(buyer, clerk)
    carrier_says(clerk, parcel, "picked")
    expect(buyer.locator(".order-state")).to_contain_text("Đang giao")
    carrier_says(clerk, parcel, "lost")
    expect(buyer.locator(".order-state")).to_contain_text("thất lạc")
    keep_picture(buyer, "lost-1-buyer", whole=True)
    clerk_reads(clerk, parcel, order_url.rsplit("/", 1)[1])
    seller_gives_all_back(seller, order_url)
    expect(buyer.locator("#tell-account")).to_be_visible()
    tell_account(buyer)
    give_back_by_transfer(seller, bank, order_url)
    expect(buyer.locator("#money-back")).to_contain_text("Đã hoàn")
    keep_picture(buyer, "lost-4-money-back", whole=True)
    clerk_is_done(clerk, parcel)
    after = eventually(lambda: found if (found := books_of(seller)) != before else None, 20)
    assert after[0] == before[0] and after[1] > before[1], "what came went back, in the book of the same day"
    assert stock_of(buyer, goods) == left, "lost goods are on no shelf"
    assert_balanced(town.market)
    assert town.complaints == []


def order_by_ghn(page: Page) -> str:
    """Tea to Điềm Thụy by Giao Hàng Nhanh, which the seller offers beside the own staff; gives the goods' code."""
    page.goto(f"/search?q={TEA.replace(' ', '+')}")
    page.get_by_role("link", name=re.compile(TEA)).first.click()
    page.wait_for_url("**/goods/*")
    code = page.url.rsplit("/", 1)[1]
    page.get_by_role("button", name="Bỏ vào giỏ").click()
    page.wait_for_url("**/basket")
    page.get_by_role("link", name="Đặt hàng").click()
    page.get_by_label("Tên người nhận").fill("Trần Văn Bình")
    page.get_by_label("Số điện thoại").fill("0987650808")
    choose_commune(page, "diem thuy", "Xã Điềm Thụy, Thái Nguyên")
    page.get_by_label("Số nhà, đường").fill("Số 4, xóm Trung")
    page.get_by_role("button", name="Tính phí giao").click()
    page.get_by_label("Giao Hàng Nhanh").check()
    keep_picture(page, "lost-0-side-by-side", whole=True)
    page.get_by_role("button", name=re.compile("Đổi (người giao|cách nhận)")).click()
    expect(page.get_by_label("Giao Hàng Nhanh")).to_be_checked()
    page.get_by_role("button", name="Đặt hàng ·").click()
    page.wait_for_url("**/orders/*")
    return code


def parcel_of(buyer: Page, clerk: Page) -> str:
    """The parcel's code once the carrier has given it a waybill."""

    def booked() -> str:
        buyer.reload()
        found = PARCEL.search(buyer.content())
        if found:
            clerk.goto(f"/post/parcels/{found[0]}")
        return found[0] if found and "GTW" in clerk.content() else ""

    code: str = eventually(booked, 30, lambda: buyer.inner_text("main"))
    expect(clerk.get_by_text("Giao Hàng Nhanh chở")).to_be_visible()
    assert clerk.locator("form[action$='/acts']").count() == 0, "nobody here acts on it"
    return code


def carrier_says(page: Page, parcel: str, code: str) -> None:
    """At the pretend carriers' page: the next step of this parcel, told at once."""
    page.goto("/twins/carriers")
    panel = page.locator(".panel", has_text=parcel)
    panel.locator("select[name=code]").select_option(code)
    panel.get_by_role("button", name="Đẩy đi").click()
    page.wait_for_url("**/twins/carriers")


def clerk_reads(page: Page, parcel: str, order: str) -> None:
    """It lies before the desk, with the order it belongs to, and on the supervisor's page."""
    page.goto("/post/problems")
    matter = page.locator(".panel", has_text=parcel)
    expect(matter).to_contain_text("Bưu gửi mất hoặc hỏng")
    expect(matter).to_contain_text(order)
    keep_picture(page, "lost-2-desk", whole=True)
    page.goto("/post/watch")
    expect(page.locator("#lost")).to_contain_text(parcel)
    keep_picture(page, "lost-2-supervisor", whole=True)


def seller_gives_all_back(page: Page, order_url: str) -> None:
    """From the notice to the order, and the whole sum back."""
    order = order_url.rsplit("/", 1)[1]
    page.goto("/me/notices")
    page.locator(".list-row", has_text=f"Đơn {order} thất lạc").get_by_role("link").click()
    page.wait_for_url(f"**/sell/orders/{order}")
    keep_picture(page, "lost-3-seller", whole=True)
    page.get_by_role("link", name="Hoàn tiền cho khách").click()
    page.get_by_label("Cả đơn").check()
    page.get_by_label("Vì sao").fill("Hãng làm mất")
    page.get_by_role("button", name="Hoàn cho khách").click()
    page.wait_for_url("**/sell/orders/*")


def clerk_is_done(page: Page, parcel: str) -> None:
    """The matter is closed, by name."""
    page.goto("/post/problems")
    page.locator(".panel", has_text=parcel).get_by_role("button", name="Đã xem xong").click()
    page.wait_for_url("**/post/problems")
    expect(page.locator(".panel", has_text=parcel)).to_have_count(0)


def books_of(seller: Page) -> tuple[int, int]:
    """What came online to the seller today after what went back, and what went back, in đồng."""
    told = seller.request.get("/api/v1/sell/book?of=day").json()
    [online] = [one for one in told["channels"] if one["channel"] == "online"]
    return online["dong"], online["back_dong"]


def stock_of(page: Page, code: str) -> int:
    """How many are left on the shelf."""
    return int(page.request.get(f"/api/v1/goods/{code}").json()["stock"])
