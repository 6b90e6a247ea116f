"""An order paid at the door, from the basket to the seller's account: cash taken behind the hill, counted, paid on."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.mast import Mast, mast_before
from tests.running import eventually
from tests.stories import parcels
from tests.stories.test_list_in_eight_taps import phone_picture
from tests.stories.test_listing_offline import find_signal, lose_signal
from tests.stories.test_offline_round import TUAN, figure, open_round, stop
from tests.stories.test_overpay_and_refund import CANDY, SELLER, pay_out
from tests.stories.town import (
    DESK,
    THAO,
    Town,
    amount_in,
    assert_balanced,
    choose_commune,
    keep_picture,
)


@pytest.fixture
def mast(town: Town) -> Iterator[Mast]:
    """The signal between the carrier's phone and the market."""
    with mast_before(town.market.url) as made:
        yield made


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A parcel on a doorstep."""
    return phone_picture(tmp_path / "door.jpg", 7)


def test_from_the_basket_to_the_sellers_account(town: Town, mast: Mast, photo: Path) -> None:
    """The buyer pays nobody beforehand; each hand the money goes through is seen, and the books hold."""
    buyer, seller = town.guest().new_page(), town.person(SELLER).new_page()
    sum_dong = order_at_the_door(buyer)
    order_url = buyer.url
    keep_picture(buyer, "door-1-ordered", whole=True)
    seller.goto(order_url.replace("/orders/", "/sell/orders/"))
    expect(seller.get_by_text("Khách trả")).not_to_have_count(0)
    seller.get_by_role("button", name="Gói xong").click()
    expect(seller.get_by_text("Gói xong lúc")).to_be_visible()
    code = parcel_code(buyer)
    parcels.carry(town.market, code, out_with="+84912000005")
    take_behind_the_hill(town, mast, photo, code, sum_dong)
    expect(buyer.locator(".order-state")).to_contain_text("Đã giao")
    count_the_cash(town, sum_dong)
    seller.goto("/sell/collections")
    expect(seller.get_by_text("Đã nộp bưu cục").first).to_be_visible()
    keep_picture(seller, "door-4-paid-in", whole=True)
    pay_out(town)

    def is_with_the_seller() -> bool:
        seller.reload()
        return "Đã về tài khoản" in seller.inner_text("main")

    eventually(is_with_the_seller, 30, lambda: seller.inner_text("main"))
    keep_picture(seller, "door-5-reached-the-seller", whole=True)
    assert_balanced(town.market)


def order_at_the_door(page: Page) -> int:
    """One packet to an address, paid when it comes; the sum that the order's page says in big digits."""
    page.goto(f"/search?q={CANDY.replace(' ', '+')}")
    page.get_by_role("link", name=re.compile(CANDY)).first.click()
    page.get_by_role("button", name="Bỏ vào giỏ").click()
    page.wait_for_url("**/basket")
    page.get_by_role("link", name="Đặt hàng").click()
    page.get_by_label("Tên người nhận").fill("Trần Thị Sáu")
    page.get_by_label("Số điện thoại").fill("0987650666")
    choose_commune(page, "diem thuy", "Xã Điềm Thụy, Thái Nguyên")
    page.get_by_label("Số nhà, đường").fill("Số 6, xóm Núi")
    page.get_by_role("button", name="Tính phí giao").click()
    page.get_by_text("Trả khi nhận hàng", exact=True).click()
    keep_picture(page, "door-0-choice", whole=True)
    page.get_by_role("button", name="Đặt hàng ·").click()
    page.wait_for_url("**/orders/*")
    expect(page.locator(".order-state")).to_contain_text("trả tiền khi nhận")
    return amount_in(page.locator(".till .money-till").first.inner_text())


def parcel_code(page: Page) -> str:
    """The parcel of an order's page, once it is booked."""
    link = page.get_by_role("link", name="Theo dõi bưu gửi")

    def is_booked() -> bool:
        page.reload()
        return link.count() > 0

    eventually(is_booked, 30, lambda: page.inner_text("main"))
    return link.inner_text().rsplit(" ", 1)[-1]


def take_behind_the_hill(town: Town, mast: Mast, photo: Path, code: str, sum_dong: int) -> None:
    """Without signal: the sum in big digits, a delivery without it is stopped, taken it waits in the phone."""
    phone = town.person(TUAN, base_url=mast.url)
    page = open_round(phone, [code])
    assert amount_in(stop(page, code).locator(".round-cash").inner_text()) == sum_dong
    lose_signal(phone, mast)
    stop(page, code).get_by_role("button", name="Giao xong").click()
    dialog = page.locator("[data-round-dialog=deliver]")
    assert amount_in(dialog.locator(".money-till").inner_text()) == sum_dong
    dialog.locator("#deliver-photo").set_input_files(photo)
    dialog.get_by_role("button", name="Giao xong").click()
    expect(dialog.get_by_text("Thu đủ tiền rồi đánh dấu")).to_be_visible()
    keep_picture(page, "door-2-not-taken")
    dialog.locator("#deliver-collected").check()
    dialog.get_by_role("button", name="Giao xong").click()
    expect(dialog).to_be_hidden()
    expect(figure(page, "waiting")).to_have_text("1")
    find_signal(phone, mast)
    expect(figure(page, "waiting")).to_have_text("0", timeout=90_000)


def count_the_cash(town: Town, sum_dong: int) -> None:
    """The evening: the clerk counts with the carrier."""
    clerk = town.person(THAO, viewport=DESK).new_page()
    clerk.goto("/post/statements")
    expect(clerk.get_by_text("Bưu tá chưa nộp")).to_be_visible()
    keep_picture(clerk, "door-3-held", whole=True)
    clerk.goto("/post/debriefs")
    clerk.get_by_role("link", name=re.compile("Tuấn")).first.click()
    clerk.locator("#f-cash").fill(str(sum_dong))
    clerk.locator("#f-note").fill("Còn hàng giao mai")
    keep_picture(clerk, "door-3-count", whole=True)
    clerk.get_by_role("button", name="Chốt ca").click()
    expect(clerk.get_by_text("Đã chốt lúc")).to_be_visible()
