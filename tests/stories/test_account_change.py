"""A seller changes where money goes: with a fresh code, told by text and on screen; orders asked before keep theirs.

That the notice stands for seven days and not longer is held with a moved clock in tests/vendors/test_accounts.py.
"""

import json
import re

from playwright.sync_api import Page, expect

from payments.qr import parse
from tests.running import eventually
from tests.stories.town import HIEN, MINH, Town, choose_commune, keep_picture, shown_qr

OLD_TAIL = re.compile(r"DEMO\d{8}")
NEW_BIN, NEW_ACCOUNT = "970415", "110022003300"


def test_money_goes_to_the_new_account_from_now_on(town: Town) -> None:
    """Two orders at Cô Hiền's, one before the change and one after it."""
    shopper, seller = town.person(MINH).new_page(), town.person(HIEN).new_page()
    before = order(shopper)
    old = asked_account(shopper)
    assert OLD_TAIL.fullmatch(old)
    change(town, seller)
    told_on_screen(seller)
    told_by_text(town)
    shopper.goto(before)
    assert asked_account(shopper) == old, "what was asked before keeps its account"
    order(shopper)
    assert asked_account(shopper) == NEW_ACCOUNT
    keep_picture(shopper, "account-5-new-order", whole=True)
    give_back(town, seller)
    refused = ("status of 429", "status of 422")  # waiting for a code, and the wrong one
    assert [one for one in town.complaints if not any(words in one for words in refused)] == []


def order(page: Page) -> str:
    """A kilo of custard apples; gives the order's address."""
    page.goto("/search?q=na+la+hien")
    page.get_by_role("link", name="Na La Hiên").first.click()
    page.wait_for_url("**/goods/**")
    page.get_by_role("button", name="Bỏ vào giỏ").click()
    page.wait_for_url("**/basket")
    page.get_by_role("link", name="Đặt hàng").click()
    page.get_by_label("Tên người nhận").fill("Nguyễn Văn Minh")
    page.get_by_label("Số điện thoại").fill("0912 000 002")
    choose_commune(page, "phan dinh phung", "Phường Phan Đình Phùng, Thái Nguyên")
    page.get_by_label("Số nhà, đường").fill("Số 5, tổ 3")
    page.get_by_role("button", name="Tính phí giao").click()
    page.get_by_role("button", name="Đặt hàng ·").click()
    page.wait_for_url("**/orders/*")
    return page.url


def asked_account(page: Page) -> str:
    """The account in the code on the screen, as a camera reads it."""
    return str(parse(shown_qr(page)[0]).account)


def change(town: Town, page: Page) -> None:
    """A second account that receives from now on; a wrong code changes nothing, the texted one does."""
    page.goto("/sell/accounts")
    page.get_by_role("link", name="Thêm tài khoản").click()
    page.get_by_label("Ngân hàng hoặc Mobile Money").select_option(NEW_BIN)
    page.get_by_label("Số tài khoản").fill("1100 2200 3300")
    page.get_by_label("Tên chủ tài khoản").fill("Nguyễn Thị Hiền")
    ask_for_code(page, "Gửi mã cho tôi")
    keep_picture(page, "account-1-code", whole=True)
    code = eventually(lambda: change_code(town), 20, town.market.last_words)
    page.get_by_label("Mã trong tin nhắn").fill(f"{(int(code) + 1) % 10**6:06}")
    page.get_by_role("button", name="Đổi tài khoản").click()
    expect(page.locator(".field-error").first).to_be_visible()
    keep_picture(page, "account-2-wrong-code", whole=True)
    page.get_by_label("Mã trong tin nhắn").fill(code)
    page.get_by_role("button", name="Đổi tài khoản").click()
    expect(page.get_by_text("Đã đổi xong.")).to_be_visible()
    row = page.locator(".list-row", has_text="3300")
    expect(row).to_contain_text("Đang nhận tiền")
    keep_picture(page, "account-3-changed", whole=True)


def ask_for_code(page: Page, button: str) -> None:
    """A phone gets one code in thirty seconds: whoever has just had one waits and presses again."""

    def asked() -> bool:
        page.get_by_role("button", name=button).first.click()
        page.wait_for_load_state()
        return page.get_by_role("heading", level=1).inner_text() == "Xác nhận đổi tài khoản"

    while not asked():
        expect(page.get_by_text("Mã vừa được gửi đi.").first).to_be_visible()
        page.wait_for_timeout(10_000)


def told_on_screen(page: Page) -> None:
    """The seller's day says it first."""
    page.goto("/sell")
    expect(page.get_by_text("Tài khoản nhận tiền đã đổi lúc").first).to_be_visible()
    expect(page.get_by_text("Không phải cô bác làm? Gọi ngay ban quản lý chợ.").first).to_be_visible()
    keep_picture(page, "account-4-told", whole=True)


def told_by_text(town: Town) -> None:
    """A text to the seller's phone names the change, and only the end of the number."""

    def told() -> list[str]:
        return [words for words in texts(town) if "3300" in words and not re.search(r"\b[0-9]{6}\b", words)]

    [words] = eventually(told, 20, town.market.last_words)
    assert NEW_ACCOUNT not in words


def give_back(town: Town, page: Page) -> None:
    """The first account receives again, so that other stories find the market as it was."""
    page.goto("/sell/accounts")
    known = len(texts(town))
    ask_for_code(page, "Nhận tiền vào đây")
    code = eventually(lambda: change_code(town, after=known), 60, town.market.last_words)
    page.get_by_label("Mã trong tin nhắn").fill(str(code))
    page.get_by_role("button", name="Đổi tài khoản").click()
    expect(page.get_by_text("Đã đổi xong.")).to_be_visible()


def change_code(town: Town, *, after: int = 0) -> str:
    """The code in the newest text about a change."""
    found = [re.search(r"\b[0-9]{6}\b", words) for words in texts(town)[after:] if "tài khoản" in words]
    return next((hit[0] for hit in reversed(found) if hit), "")


def texts(town: Town) -> list[str]:
    """Everything texted to Cô Hiền, the oldest first."""
    path = town.market.var / "twins" / "texts.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [one["words"] for one in lines if one["phone"] == f"+84{HIEN[1:]}"]
