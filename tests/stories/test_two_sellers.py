"""One purchase from two sellers, one paid at once and one too late; and a rating written, read and answered."""

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.factories import photo_bytes
from tests.running import ROOT, RunningMarket, eventually
from tests.stories.test_overpay_and_refund import order_things, transfer
from tests.stories.town import HIEN, MINH, Town, assert_balanced, keep_picture, shown_qr

NOODLES, CANDY = "Miến Việt Cường", "Kẹo lạc chè xanh"
SAID, ANSWER = "Na ngọt, mắt to, gói rơm kỹ.", "Cảm ơn cháu, mùa sau lại ăn na nhà cô."
HOUR_PASSES = """
import asyncio, sys
from kit.db import connect, disconnect, sql
from kit.embedded import find_running
from pathlib import Path

async def pass_an_hour():
    await connect(find_running(Path(sys.argv[1]), "postgres").url)
    for table in ("customer_order", "payment"):
        await sql(f"UPDATE {table} SET expires_at = expires_at - interval '1 hour' WHERE code = $1", [sys.argv[2]])
    await disconnect()

asyncio.run(pass_an_hour())
"""


def test_one_is_paid_at_once_and_the_other_too_late(town: Town) -> None:
    """Two codes for two sellers; the second runs out, its goods are back, and late money waits for people."""
    buyer, bank = town.guest().new_page(), town.guest().new_page()
    before = stock_of(buyer, NOODLES)
    order_things(buyer, (CANDY, NOODLES))
    expect(buyer.locator(".siblings li")).to_have_count(2)
    keep_picture(buyer, "two-sellers-1-first", whole=True)
    if NOODLES in buyer.inner_text(".things"):
        buyer.locator(".siblings a").click()
        buyer.wait_for_load_state()
    transfer(bank, shown_qr(buyer)[0])
    expect(buyer.locator(".order-state")).to_contain_text("Đã nhận tiền")
    buyer.locator("#next-seller").click()
    buyer.wait_for_load_state()
    expect(buyer.locator(".things").first).to_contain_text(NOODLES)
    late_qr, code = shown_qr(buyer)[0], buyer.url.rpartition("/")[2]
    assert stock_of(town.guest().new_page(), NOODLES) == before - 1
    an_hour_passes(town.market, code)
    expect(buyer.locator(".order-state")).to_contain_text("Hết giờ chuyển tiền", timeout=60_000)
    keep_picture(buyer, "two-sellers-2-expired", whole=True)
    eventually(lambda: stock_of(town.guest().new_page(), NOODLES) == before, 30, lambda: "still reserved")
    transfer(bank, late_qr)
    eventually(lambda: is_late(buyer), 30, lambda: buyer.inner_text("main"))
    keep_picture(buyer, "two-sellers-3-late", whole=True)
    assert_balanced(town.market)
    assert town.complaints == []


def test_a_rating_is_written_answered_and_read(town: Town, tmp_path: Path) -> None:
    """The buyer forgets the stars, is told, sends a photo along; the seller answers; a stranger reads both, unnamed."""
    buyer, seller, reader = (
        town.person(MINH).new_page(),
        town.person(HIEN).new_page(),
        town.guest().new_page(),
    )
    photo = tmp_path / "na.jpg"
    photo.write_bytes(photo_bytes())
    open_order_to_rate(buyer, "Na La Hiên")
    buyer.get_by_role("button", name="Gửi đánh giá").scroll_into_view_if_needed()
    buyer.locator("#f-words").fill(SAID)
    buyer.locator("form[enctype]").evaluate("form => form.noValidate = true")
    buyer.get_by_role("button", name="Gửi đánh giá").click()
    expect(buyer.locator(".error-summary, [role=alert]").first).to_contain_text("Hãy chọn từ 1 đến 5 sao")
    buyer.get_by_label("5 sao").check()
    buyer.locator("#f-photos").set_input_files(photo)
    keep_picture(buyer, "rating-1-write", whole=True)
    buyer.get_by_role("button", name="Gửi đánh giá").click()
    expect(buyer.get_by_text("Cảm ơn bạn.")).to_be_visible()
    seller.goto("/sell/ratings")
    mine = seller.locator(".rating").filter(has_text=SAID)
    mine.get_by_text("Trả lời khách").first.click()
    mine.locator("textarea").fill(ANSWER)
    mine.get_by_role("button", name="Trả lời khách").click()
    expect(seller.locator(".rating").filter(has_text=SAID)).to_contain_text(ANSWER)
    keep_picture(seller, "rating-2-answered", whole=True)
    goods = (
        seller.locator(".rating").filter(has_text=SAID).locator("a[href^='/goods/']").get_attribute("href")
    )
    reader.goto(f"{goods}/ratings")
    read = reader.locator(".rating").filter(has_text=SAID)
    expect(read).to_contain_text(ANSWER)
    expect(read).to_contain_text("Anh M.")
    expect(read.locator("img")).to_be_visible()
    assert "Anh Minh" not in read.inner_text()
    keep_picture(reader, "rating-3-read", whole=True)
    reader.goto(str(goods))
    expect(reader.locator("#ratings")).to_contain_text(SAID)
    assert [one for one in town.complaints if "422" not in one] == []


def open_order_to_rate(page: Page, goods: str) -> None:
    """The first of one's orders in which these goods can be rated."""
    page.goto("/orders")
    found = page.locator("main a[href^='/orders/']").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    for path in found:
        page.goto(path)
        link = page.locator("#ratable a").filter(has_text=f"Đánh giá «{goods}")
        if link.count():
            link.first.click()
            page.wait_for_url(re.compile("/ratings/[0-9]+$"))
            return
    raise AssertionError(f"no order of {goods} to rate")


def stock_of(page: Page, name: str) -> int:
    """How many can be ordered, as the API says."""
    found = page.request.get(f"/api/v1/search?q={name}").json()["items"]
    code = next(one["code"] for one in found if one["name"].startswith(name))
    return int(page.request.get(f"/api/v1/goods/{code}").json()["stock"])


def is_late(page: Page) -> bool:
    """Whether the order's page says that money came too late."""
    page.reload()
    return "Tiền đến muộn" in page.locator(".order-state").inner_text()


def an_hour_passes(market: RunningMarket, code: str) -> None:
    """For one order: its time to pay is over, by a process beside the market's."""
    command = [sys.executable, "-c", HOUR_PASSES, str(market.var), code]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
