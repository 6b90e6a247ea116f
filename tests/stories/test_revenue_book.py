"""Cô Hiền's revenue book: cash in three taps, a stall sale, an online order, all in one book; the month taken along."""

import re
from datetime import datetime

from playwright.sync_api import Page, expect

from kit.clock import VIETNAM
from kit.sheets import read_sheet
from tests.mast import mast_before
from tests.running import eventually
from tests.stories.test_account_change import order
from tests.stories.test_listing_offline import find_signal, is_kept, lose_signal, phone_behind
from tests.stories.test_stall_sale import NOTE, TILL, key_in, transfer
from tests.stories.town import HIEN, MINH, Town, amount_in, assert_balanced, keep_picture, shown_qr

BOOK = "/sell/money/book"
EXPECTED = re.compile(r"net::ERR_|status of 422")  # the lost signal, and the note that the market refuses
CASH_DONG, STALL_DONG = 73_000, 61_000


def test_every_channel_is_in_one_book(town: Town) -> None:
    """Each is there as soon as its money is seen, and the month says their sum, on screen, as XLSX and as CSV."""
    trader, bank = town.person(HIEN).new_page(), town.guest().new_page()
    before = totals(trader)
    note_cash(trader)
    sell_at_the_stall(trader, bank)
    order_dong = order_online(town, bank)
    eventually(
        lambda: totals(trader)["online"] == before["online"] + order_dong,
        20,
        lambda: "the order is not there",
    )
    after = totals(trader)
    assert after["cash"] == before["cash"] + CASH_DONG
    assert after["qr"] == before["qr"] + STALL_DONG
    keep_picture(trader, "book-1-month", whole=True)
    put_right(trader)
    take_the_month_along(trader, totals(trader))
    print_it(trader)
    assert town.complaints == []
    assert_balanced(town.market)


def test_a_refused_note_of_the_till_is_mended_at_the_till(town: Town) -> None:
    """500 đồng is no sale: the list of what waits leads back to the till's note, which goes up once put right."""
    with mast_before(town.market.url) as mast:
        phone = phone_behind(town, mast)
        page = phone.new_page()
        page.goto(NOTE)
        eventually(lambda: is_kept(page, NOTE), 20, lambda: f"{NOTE} is not kept")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        lose_signal(phone, mast)
        page.goto(NOTE)
        page.get_by_label("Số tiền").fill("500")
        page.get_by_role("button", name="Ghi tiền mặt").click()
        expect(page.locator("[data-till-rows] [data-state=waiting]")).to_have_count(1)
        find_signal(phone, mast)
        page.goto("/sell/waiting")
        failed = page.locator(".waiting-row", has_text="500 ₫")
        expect(failed.locator(".pill")).to_have_text("Chưa gửi được")
        failed.get_by_role("link", name="Sửa rồi gửi").click()
        page.wait_for_url(f"**{NOTE}#waiting=*")
        expect(page.get_by_label("Số tiền")).to_have_value("500")
        page.get_by_label("Số tiền").fill("52000")
        page.get_by_role("button", name="Khách đã quét QR").click()  # no cash: other stories count the box
        expect(page.locator("[data-till-rows] [data-state=sent]")).to_have_count(1)
        expect(page.locator("[data-till-rows] [data-state=failed]")).to_have_count(0)
        page.goto(TILL)
        expect(page.locator(".till-last li", has_text="52.000")).to_have_count(1)
    assert [one for one in town.complaints if not EXPECTED.search(one)] == []


def totals(page: Page) -> dict[str, int]:
    """The month by channel, as the page says it."""
    page.goto(f"{BOOK}/entries?of=month")
    rows = page.locator("table").first.locator("tbody tr")
    sums = [amount_in(rows.nth(n).locator("td").first.inner_text()) for n in range(4)]
    found = dict(zip(("cash", "qr", "online", "floor"), sums, strict=True))
    assert amount_in(page.locator("tfoot td").first.inner_text()) == sum(sums)
    return found


def note_cash(trader: Page) -> None:
    """One tap into the field, the keys, one tap on the button."""
    trader.goto(BOOK)
    today = amount_in(trader.locator(".figure-value").first.inner_text())
    trader.get_by_label("Tiền mặt vừa thu").click()
    trader.keyboard.type(str(CASH_DONG))
    trader.get_by_role("button", name="Ghi tiền mặt").click()
    trader.wait_for_url("**told=noted")
    expect(trader.get_by_text("Đã ghi vào sổ.")).to_be_visible()
    assert amount_in(trader.locator(".figure-value").first.inner_text()) == today + CASH_DONG
    assert trader.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    keep_picture(trader, "book-0-cash")


def sell_at_the_stall(trader: Page, bank: Page) -> None:
    """A code on the screen, paid at the pretend bank."""
    key_in(trader, "61", "000")
    qr, _ = shown_qr(trader)
    transfer(bank, qr)
    expect(trader.locator(".till-good")).to_be_visible()


def order_online(town: Town, bank: Page) -> int:
    """Minh orders custard apples and pays; what he paid."""
    shopper = town.person(MINH).new_page()
    order(shopper)
    qr, _ = shown_qr(shopper)
    paid_dong = amount_in(shopper.locator(".money-till").first.inner_text())
    transfer(bank, qr)
    expect(shopper.locator(".order-state")).to_contain_text("Đã nhận tiền")
    return paid_dong


def put_right(trader: Page) -> None:
    """The slip stays in the book, and a further line puts it right."""
    trader.goto(f"{BOOK}/entries?of=day&channel=cash")
    trader.locator(".list-row", has_text="73.000").get_by_role("link").click()
    trader.get_by_label("Số đúng").fill("63000")
    trader.get_by_label("Vì sao").fill("Bấm nhầm số")
    trader.get_by_role("button", name="Sửa sổ").click()
    trader.wait_for_url("**told=mended")
    expect(trader.locator("tfoot")).to_contain_text("63.000")
    keep_picture(trader, "book-2-mended", whole=True)


def take_the_month_along(trader: Page, said: dict[str, int]) -> None:
    """What is in the files is what the page said."""
    for name in ("XLSX", "CSV"):
        with trader.expect_download() as waiting:
            trader.get_by_role("link", name=f"Tải {name}").click()
        taken = waiting.value
        assert f"{datetime.now(VIETNAM):%Y-%m}" in taken.suggested_filename
        rows = read_sheet(taken.path().read_bytes()).rows
        last = next(row for row in rows if len(row) > 2 and row[1] == "Tổng cộng")
        assert int(last[2]) == sum(said.values()), name


def print_it(trader: Page) -> None:
    """The form as it is printed: black on white, its heads on every sheet, nothing of the page around it."""
    trader.get_by_role("link", name="Xem bản in S1a-HKD").click()
    trader.wait_for_url("**/s1a?*")
    trader.emulate_media(media="print", color_scheme="dark")
    expect(trader.locator(".site-header")).to_be_hidden()
    expect(trader.get_by_text("SỔ DOANH THU BÁN HÀNG HÓA, DỊCH VỤ")).to_be_visible()
    looks = trader.locator(".paper").evaluate(
        "(e) => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    )
    assert looks == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    keep_picture(trader, "book-3-print", whole=True)
    trader.emulate_media(media="screen")
