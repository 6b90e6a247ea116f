"""A market day at Cô Hiền's stall: the code, the words, the wrong sum made up, two sales without signal, the close."""

import re

from playwright.sync_api import Page, expect

from payments.qr import parse
from tests.mast import mast_before
from tests.running import eventually
from tests.stories.test_listing_offline import find_signal, is_kept, lose_signal, phone_behind
from tests.stories.town import HIEN, Town, assert_balanced, keep_picture, shown_qr

EXPECTED = re.compile(r"net::ERR_|status of 422")  # the lost signal, and the close that wants a reason
TILL, NOTE = "/sell/till", "/sell/till/note"
SPEAKS = """() => { window.spoken = []; const speech = window.speechSynthesis; if (speech) {
  speech.getVoices = () => [{lang: 'vi-VN', name: 'a voice'}];
  window.SpeechSynthesisUtterance = function (words) { this.text = words; };
  speech.speak = (one) => window.spoken.push(`${one.lang}: ${one.text}`); } }"""


def test_a_market_day(town: Town) -> None:
    """Everything that money does at a stall, seen and heard on one phone."""
    trader, bank = town.person(HIEN).new_page(), town.guest().new_page()
    trader.add_init_script(f"({SPEAKS})()")
    key_in(trader, "200", "000")
    sell_by_qr(trader, bank)
    sell_with_a_wrong_sum(trader, bank)
    the_plate_is_paid(trader, bank)
    sell_without_signal(town)
    close_the_day(trader)
    assert [one for one in town.complaints if not EXPECTED.search(one)] == []
    assert_balanced(town.market)


def key_in(page: Page, *keys: str) -> None:
    """Types a sum on the big keys and asks for its code."""
    page.goto(TILL)
    for key in "".join(keys[:-1]):
        page.get_by_role("button", name=key, exact=True).click()
    page.get_by_role("button", name=keys[-1], exact=True).click()
    if not (page.viewport_size or {}).get("width", 0) > 500:
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    keep_picture(page, "till-0-keys")
    page.get_by_role("button", name="Hiện mã QR").click()
    page.wait_for_url("**/sell/till/sales/*")


def transfer(bank: Page, qr: str, amount: str = "", content: str | None = None) -> None:
    """At the pretend bank: what the code asks, unless told otherwise."""
    bank.goto("/twins/bank")
    bank.locator("[name=qr]").fill(qr)
    bank.locator("form[action$='/qr'] button[type=submit]").first.click()
    bank.wait_for_url("**qr=*")
    if amount:
        bank.locator("[name=amount_dong]").fill(amount)
    if content is not None:
        bank.locator("[name=content]").fill(content)
    bank.locator("form[action$='/transfers'] button[type=submit]").click()
    bank.wait_for_url("**made=1")


def sell_by_qr(trader: Page, bank: Page) -> None:
    """The code is read off the screen, paid, and the phone says so in words with their unit."""
    qr, _ = shown_qr(trader)
    assert parse(qr).amount_dong == 200_000
    keep_picture(trader, "till-1-code")
    transfer(bank, qr)
    said = trader.locator("[data-till-said]")
    expect(said).to_have_text("Đã nhận hai trăm nghìn đồng.")
    expect(said).to_have_class(re.compile("till-said-good"))
    expect(trader.locator(".till-good")).to_contain_text("hai trăm nghìn đồng")
    assert trader.evaluate("window.spoken") == ["vi-VN: Đã nhận hai trăm nghìn đồng."]
    keep_picture(trader, "till-2-paid")


def sell_with_a_wrong_sum(trader: Page, bank: Page) -> None:
    """200 đ in place of 35.000 ₫ is red and heard for what it is; the rest makes it green."""
    key_in(trader, "35", "000")
    qr, _ = shown_qr(trader)
    transfer(bank, qr, "200")
    said = trader.locator("[data-till-said]")
    short = "Thiếu tiền. Mới nhận hai trăm đồng, còn thiếu ba mươi tư nghìn tám trăm đồng."
    expect(said).to_have_text(short)
    expect(said).to_have_class(re.compile("till-said-bad"))
    expect(trader.locator(".till-bad")).to_contain_text("còn thiếu 34.800")
    keep_picture(trader, "till-3-short", whole=True)
    rest, _ = shown_qr(trader)
    assert parse(rest).amount_dong == 34_800
    transfer(bank, rest)
    expect(said).to_have_text("Đã nhận đủ ba mươi lăm nghìn đồng.")
    expect(trader.locator(".till-good")).to_be_visible()


def the_plate_is_paid(trader: Page, bank: Page) -> None:
    """Somebody scans the plate and types the sum: the keys' page tells it too."""
    key_in(trader, "9", "000")
    qr, _ = shown_qr(trader)
    trader.get_by_role("button", name="Hủy lần bán này").click()
    trader.wait_for_url(f"**{TILL}")
    transfer(bank, qr, "45000", "NGUYEN THI HOA chuyen tien")
    expect(trader.locator("[data-till-said]")).to_have_text("Có người vừa trả bốn mươi lăm nghìn đồng.")
    expect(trader.locator(".till-last")).to_contain_text("Biển QR")
    keep_picture(trader, "till-4-plate", whole=True)


def sell_without_signal(town: Town) -> None:
    """Two cash sales without signal lie in the phone; with signal they are the market's, once."""
    with mast_before(town.market.url) as mast:
        phone = phone_behind(town, mast)
        page = phone.new_page()
        page.goto(NOTE)
        eventually(lambda: is_kept(page, NOTE), 20, lambda: f"{NOTE} is not kept")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        lose_signal(phone, mast)
        page.goto(NOTE)
        for dong in ("15000", "25000"):
            page.get_by_label("Số tiền").fill(dong)
            page.get_by_role("button", name="Ghi tiền mặt").click()
        expect(page.locator("[data-till-rows] [data-state=waiting]")).to_have_count(2)
        keep_picture(page, "till-5-no-signal", whole=True)
        find_signal(phone, mast)
        expect(page.locator("[data-till-rows] [data-state=sent]")).to_have_count(2)
        page.evaluate("() => window.dispatchEvent(new Event('online'))")
        page.goto(TILL)
        expect(page.locator(".till-last")).to_contain_text("15.000")
        for shown in ("15.000", "25.000"):
            expect(page.locator(".till-last li", has_text=shown)).to_have_count(1)


def close_the_day(trader: Page) -> None:
    """5.000 ₫ are missing in the box: the reason is asked for, then the day is closed for good."""
    trader.goto("/sell/till/days")
    trader.get_by_role("link", name="Sổ hôm nay").click()
    trader.get_by_label("Tiền lẻ đầu buổi").fill("100000")
    trader.get_by_label("Tiền mặt đếm được").fill("135000")
    trader.get_by_role("button", name="Chốt sổ").click()
    expect(trader.get_by_role("alert")).to_contain_text("thiếu 5.000")
    trader.get_by_label("Vì sao lệch").fill("Thối nhầm cho khách")
    trader.get_by_role("button", name="Chốt sổ").click()
    expect(trader.get_by_text("Đã chốt sổ")).to_be_visible()
    expect(trader.get_by_text("Vì sao lệch: Thối nhầm cho khách")).to_be_visible()
    expect(trader.get_by_role("button", name="Chốt sổ")).to_have_count(0)
    keep_picture(trader, "till-6-closed", whole=True)
