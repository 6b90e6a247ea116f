"""Money that goes back, in browsers: paid too much, one thing of an order by transfer, and one through a wallet."""

import re

from playwright.sync_api import Page, expect

from payments.qr import parse
from tests.running import eventually
from tests.stories.town import (
    DESK,
    SON,
    Town,
    amount_in,
    assert_balanced,
    choose_commune,
    keep_picture,
    shown_qr,
)

SELLER, SELLERS_ACCOUNT = "0912000103", "DEMO00000003"  # HTX chè Hảo Đạt
TEA, CANDY = "Chè móc câu Hảo Đạt", "Kẹo lạc chè xanh"
BUYERS_ACCOUNT = "1029384756"
REFUND_CODE = re.compile("HT[0-9A-Z]{8}")


def test_who_pays_too_much_gets_it_back(town: Town) -> None:
    """20.000 ₫ too much: the market asks where to, the seller scans the code, the bank's notice ends it."""
    buyer, seller, bank = town.guest().new_page(), town.person(SELLER).new_page(), town.guest().new_page()
    order_things(buyer, (CANDY,))
    order_url = buyer.url
    text, _ = shown_qr(buyer)
    asked_dong = parse(text).amount_dong or 0
    transfer(bank, text, amount=str(asked_dong + 20_000))
    expect(buyer.locator(".order-state")).to_contain_text("Đã nhận tiền")
    expect(buyer.locator("#tell-account")).to_be_visible()
    keep_picture(buyer, "refund-1-where-to", whole=True)
    tell_account(buyer)
    expect(buyer.locator("#money-back")).to_contain_text("20.000")
    give_back_by_transfer(seller, bank, order_url)
    expect(buyer.locator("#money-back")).to_contain_text("Đã hoàn")
    keep_picture(buyer, "refund-1-came-back", whole=True)
    assert_balanced(town.market)
    assert town.complaints == []


def test_one_thing_of_an_order_comes_back_by_transfer(town: Town) -> None:
    """The buyer asks for one line, the seller agrees and transfers; the rest of the order stays paid."""
    buyer, seller, bank = town.guest().new_page(), town.person(SELLER).new_page(), town.guest().new_page()
    order_things(buyer, (TEA, CANDY))
    order_url = buyer.url
    transfer(bank, shown_qr(buyer)[0])
    expect(buyer.locator(".order-state")).to_contain_text("Đã nhận tiền")
    ask_back(buyer, CANDY)
    expect(buyer.locator("#money-back")).to_contain_text("Chờ người bán trả lời")
    keep_picture(buyer, "refund-2-asked", whole=True)
    seller.goto(order_url.replace("/orders/", "/sell/orders/"))
    expect(seller.get_by_text("Hộp bị vỡ")).to_be_visible()
    keep_picture(seller, "refund-2-sellers-answer", whole=True)
    seller.get_by_role("button", name="Đồng ý hoàn").click()
    expect(seller.get_by_text("Chờ số tài khoản của khách")).to_be_visible()
    expect(buyer.locator("#tell-account")).to_be_visible()
    tell_account(buyer)
    give_back_by_transfer(seller, bank, order_url)
    expect(buyer.locator("#money-back")).to_contain_text("Đã hoàn")
    expect(buyer.locator("#money-back")).to_contain_text(CANDY)
    expect(buyer.locator(".order-state")).to_contain_text("Đã nhận tiền")
    assert_balanced(town.market)
    assert town.complaints == []


def test_one_thing_comes_back_through_the_wallet_and_the_rest_is_paid_on(town: Town) -> None:
    """Paid at MoMo, given back there without anybody's transfer; what is left reaches the seller as a payout."""
    buyer, seller = town.guest().new_page(), town.person(SELLER).new_page()
    order_things(buyer, (TEA, CANDY))
    order_url = buyer.url
    buyer.get_by_role("button", name="MoMo (giả)").click()
    buyer.wait_for_url("**/twins/momo/**")
    buyer.get_by_role("button", name="Trả tiền").click()
    buyer.wait_for_url("**/orders/*")
    expect(buyer.locator(".order-state")).to_contain_text("Đã nhận tiền")
    seller.goto(order_url.replace("/orders/", "/sell/orders/"))
    seller.get_by_role("link", name="Hoàn tiền cho khách").click()
    seller.get_by_label(CANDY).check()
    seller.get_by_label("Vì sao").fill("Hết kẹo")
    keep_picture(seller, "refund-3-chosen", whole=True)
    seller.get_by_role("button", name="Hoàn cho khách").click()
    seller.wait_for_url("**/sell/orders/*")
    expect(buyer.locator("#money-back")).to_contain_text("Về qua MoMo")
    expect(buyer.locator("#money-back")).to_contain_text("Đã hoàn")
    keep_picture(buyer, "refund-3-came-back", whole=True)
    pay_out(town)
    seller.goto("/sell/payouts")
    expect(seller.get_by_text("Đã trả")).to_be_visible()
    keep_picture(seller, "payout-own")
    assert_balanced(town.market)
    assert town.complaints == []


def order_things(page: Page, names: tuple[str, ...]) -> None:
    """One of each, to an address; the order's page with its QR code."""
    for name in names:
        page.goto(f"/search?q={name.replace(' ', '+')}")
        page.get_by_role("link", name=re.compile(name)).first.click()
        page.get_by_role("button", name="Bỏ vào giỏ").click()
        page.wait_for_url("**/basket")
    page.get_by_role("link", name="Đặt hàng").click()
    page.get_by_label("Tên người nhận").fill("Nguyễn Thị Hoa")
    page.get_by_label("Số điện thoại").fill("0987650909")
    choose_commune(page, "diem thuy", "Xã Điềm Thụy, Thái Nguyên")
    page.get_by_label("Số nhà, đường").fill("Số 9, xóm Trung")
    page.get_by_role("button", name="Tính phí giao").click()
    page.get_by_role("button", name="Đặt hàng ·").click()
    page.wait_for_url("**/orders/*")


def ask_back(page: Page, name: str) -> None:
    """The buyer ticks one thing and says why."""
    page.get_by_role("link", name="Xin hoàn tiền").click()
    page.get_by_label(name).check()
    page.get_by_label("Vì sao").fill("Hộp bị vỡ")
    keep_picture(page, "refund-2-ask", whole=True)
    page.get_by_role("button", name="Gửi cho người bán").click()
    page.wait_for_url(re.compile("/orders/[0-9A-Z]+$"))


def tell_account(page: Page) -> None:
    """The buyer says where the money should go; a mistake is told at its field."""
    page.locator("#tell-account").click()
    page.locator("#f-bin").select_option("970436")
    page.locator("#f-account").fill("12")
    page.locator("#f-holder").fill("Nguyễn Thị Hoa")
    keep_picture(page, "refund-account", whole=True)
    page.locator("#f-account").fill(BUYERS_ACCOUNT)
    page.get_by_role("button", name="Nhận lại vào đây").click()
    page.wait_for_url(re.compile("/orders/[0-9A-Z]+$"))
    expect(page.locator("#money-back + p")).to_contain_text("…4756")


def give_back_by_transfer(seller: Page, bank: Page, order_url: str) -> None:
    """The seller opens what waits, scans its code with the bank; the notice of money out ends it."""
    seller.goto(order_url.replace("/orders/", "/sell/orders/"))
    seller.locator("a[href*='/sell/refunds/']").last.click()
    expect(seller.get_by_text(BUYERS_ACCOUNT)).to_be_visible()
    keep_picture(seller, "refund-qr", whole=True)
    qr = parse(shown_qr(seller)[0])
    assert qr.account == BUYERS_ACCOUNT and REFUND_CODE.fullmatch(qr.purpose or "")
    assert qr.amount_dong == amount_in(seller.locator(".money-till").first.inner_text())
    transfer(bank, shown_qr(seller)[0], leaves=SELLERS_ACCOUNT)
    told_of(bank, "Tiền hoàn cho khách")
    seller.reload()
    expect(seller.get_by_text("Đã hoàn lúc")).to_be_visible()


def told_of(bank: Page, words: str) -> None:
    """The bank's page says what the market made of the transfer."""

    def is_told() -> bool:
        bank.reload()
        return words in bank.get_by_role("row").nth(1).inner_text()

    eventually(is_told, 30, lambda: bank.inner_text("main"))


def transfer(bank: Page, qr: str, amount: str = "", leaves: str = "") -> None:
    """At the pretend bank: what the code asks, or another sum; `leaves` is the account that it says by itself."""
    bank.goto("/twins/bank")
    bank.locator("[name=qr]").fill(qr)
    bank.locator("form[action$='/qr'] button[type=submit]").first.click()
    bank.wait_for_url("**qr=*")
    expect(bank.locator("[name=from_account]")).to_have_value(leaves)
    if amount:
        bank.locator("[name=amount_dong]").fill(amount)
    bank.locator("form[action$='/transfers'] button[type=submit]").click()
    bank.wait_for_url("**made=1")


def pay_out(town: Town) -> None:
    """The administrator gathers what the wallets collected for the seller, approves it and transfers."""
    admin, bank = town.person(SON, viewport=DESK).new_page(), town.guest().new_page()
    admin.goto("/admin/payouts")
    keep_picture(admin, "payout-owed")
    row = admin.get_by_role("row").filter(has_text="Hảo Đạt").first
    row.get_by_role("button", name="Gom tiền").click()
    admin.get_by_role("row").filter(has_text="Hảo Đạt").get_by_role("link").first.click()
    admin.get_by_role("button", name="Duyệt").click()
    expect(admin.locator(".qr-code")).to_be_visible()
    keep_picture(admin, "payout-qr", whole=True)
    text = shown_qr(admin)[0]
    transfer(bank, text, leaves="0011004000000")
    told_of(bank, "Tiền thu hộ trả người bán")
    admin.reload()
    expect(admin.get_by_text("Đã trả").first).to_be_visible()
    keep_picture(admin, "payout-done", whole=True)
