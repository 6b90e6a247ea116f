"""Paying by every means the market offers, in a browser: each provider's page, and what the order says afterwards."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from tests.running import RunningMarket, end_market, eventually, new_market
from tests.stories.conftest import chromium_path
from tests.stories.town import Town, assert_balanced, choose_commune, keep_picture

WAYS = {
    "momo": "MoMo",
    "zalopay": "ZaloPay",
    "vnpay": "VNPAY",
    "mobile_money": "Mobile Money",
    "stripe": "Thẻ quốc tế",
}
GOODS = "Miến Việt Cường"


@dataclass
class MarketWithCards(RunningMarket):
    """The market as `make run` starts it, with cards switched on too."""

    extra: dict[str, str] = field(default_factory=lambda: {"PAY_GATES": ",".join(WAYS)})

    def environment(self) -> dict[str, str]:
        """Every provider that the market knows."""
        return super().environment() | self.extra


@pytest.fixture(scope="module")
def running_market() -> Iterator[RunningMarket]:
    """A market of this story's own."""
    chromium_path()
    plain = new_market()
    market = MarketWithCards(plain.var, plain.port)
    market.start()
    yield market
    end_market(market)


def test_paying_by_each_provider(town: Town) -> None:
    """VietQR stands first; each provider leads to its page and back, and the order is paid by what it tells."""
    page = town.guest().new_page()
    for gate, name in WAYS.items():
        order_goods(page)
        expect(page.locator(".qr-code img")).to_be_visible()
        go_to_provider(page, gate, name)
        page.get_by_role("button", name="Trả tiền").click()
        page.wait_for_url("**/orders/*")
        expect(page.locator(".order-state")).to_contain_text("Đã nhận tiền")
        keep_picture(page, f"ways-{gate}-paid")
    assert_balanced(town.market)
    assert town.complaints == []


def test_who_refuses_chooses_again_and_a_lost_callback_is_found(town: Town) -> None:
    """Refused at MoMo, the order still waits; paid at ZaloPay, which tells nobody, it is paid all the same."""
    page = town.guest().new_page()
    order_goods(page)
    go_to_provider(page, "momo", "MoMo")
    page.get_by_role("button", name="Từ chối").click()
    page.wait_for_url("**/orders/*")
    expect(page.get_by_text("Bạn đã thôi trả qua MoMo")).to_be_visible()
    keep_picture(page, "ways-refused", whole=True)
    go_to_provider(page, "zalopay", "ZaloPay")
    page.get_by_label("Báo cho chợ thế nào").select_option("lost")
    page.get_by_role("button", name="Trả tiền").click()
    page.wait_for_url("**/orders/*")
    expect(page.locator(".order-state")).to_contain_text("Đã nhận tiền")
    assert_balanced(town.market)


def test_a_basket_of_two_sellers_is_paid_one_after_the_other(town: Town) -> None:
    """One payment for each seller, the progress in sight, each by another means."""
    page = town.guest().new_page()
    put_in_basket(page, "mien viet cuong", GOODS)
    put_in_basket(page, "mien dong tai hoan", "Miến dong Tài Hoan")
    check_out(page)
    expect(page.get_by_text("Đã trả cho người bán")).to_be_visible()
    go_to_provider(page, "vnpay", "VNPAY")
    page.get_by_role("button", name="Trả tiền").click()
    page.wait_for_url("**/orders/*")
    expect(page.locator(".order-state")).to_contain_text("Đã nhận tiền")
    keep_picture(page, "ways-one-of-two", whole=True)
    page.locator("#next-seller").click()
    go_to_provider(page, "mobile_money", "Mobile Money")
    page.get_by_role("button", name="Trả tiền").click()
    page.wait_for_url("**/orders/*")
    expect(page.locator(".order-state")).to_contain_text("Đã nhận tiền")
    expect(page.locator("#next-seller")).to_have_count(0)
    assert_balanced(town.market)


def test_without_script_every_step_is_a_link_or_a_form(town: Town) -> None:
    """Choosing, the way there, deciding and coming back need no script."""
    page = town.guest(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_label("Tìm hàng trong chợ").fill("mien viet cuong")
    page.get_by_label("Tìm hàng trong chợ").press("Enter")
    page.get_by_role("link", name=GOODS).first.click()
    page.get_by_role("button", name="Bỏ vào giỏ").click()
    page.get_by_role("link", name="Đặt hàng").click()
    page.get_by_label("Tên người nhận").fill("Lý Thị Hà")
    page.get_by_label("Số điện thoại").fill("0987650404")
    page.get_by_label("xã, phường").fill("Xã Điềm Thụy, Thái Nguyên")
    page.get_by_label("Số nhà, đường").fill("Xóm Đồng Tâm")
    page.get_by_role("button", name="Tính phí giao").click()
    page.get_by_role("button", name="Đặt hàng ·").click()
    page.wait_for_url("**/orders/*")
    go_to_provider(page, "momo", "MoMo")
    page.get_by_role("button", name="Trả tiền").click()
    page.wait_for_url("**/orders/*")

    def is_paid() -> bool:
        page.reload()
        return "Đã nhận tiền" in page.locator(".order-state").inner_text()

    eventually(is_paid, 30, town.market.last_words)


def go_to_provider(page: Page, gate: str, name: str) -> None:
    """Chooses it on the order's page; the market says what is coming, then the provider's own page opens."""
    page.get_by_role("button", name=f"{name} (giả)").click()
    page.wait_for_url(f"**/twins/{gate}/**")
    expect(page.get_by_role("heading", level=1)).to_contain_text("giả")
    keep_picture(page, f"ways-{gate}-page", whole=True)


def order_goods(page: Page) -> None:
    """One piece, to an address; the order's page with its QR code."""
    put_in_basket(page, "mien viet cuong", GOODS)
    check_out(page)


def put_in_basket(page: Page, typed: str, name: str) -> None:
    """Finds goods and puts one into the basket."""
    page.goto(f"/search?q={typed.replace(' ', '+')}")
    page.get_by_role("link", name=re.compile(name)).first.click()
    page.get_by_role("button", name="Bỏ vào giỏ").click()
    page.wait_for_url("**/basket")


def check_out(page: Page) -> None:
    """Address, review, order."""
    page.get_by_role("link", name="Đặt hàng").click()
    page.get_by_label("Tên người nhận").fill("Nguyễn Thị Hoa")
    page.get_by_label("Số điện thoại").fill("0987650303")
    choose_commune(page, "diem thuy", "Xã Điềm Thụy, Thái Nguyên")
    page.get_by_label("Số nhà, đường").fill("Số 5, xóm Trung")
    page.get_by_role("button", name="Tính phí giao").click()
    page.get_by_role("button", name="Đặt hàng ·").click()
    page.wait_for_url("**/orders/*")
