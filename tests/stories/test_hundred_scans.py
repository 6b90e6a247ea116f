"""A hundred parcels accepted by a hand scanner, which is a keyboard that types fast and presses Enter."""

import time

from playwright.sync_api import Page, expect

from tests.stories import parcels
from tests.stories.town import DESK, THAO, Town, keep_picture

PARCELS, SECONDS_MAX = 100, 180
KEY_MS, AIM_MS = 3, 150  # a scanner's keys come every few milliseconds; a hand aims at the next label
LONG_MS = 60_000


def scan(page: Page, code: str) -> None:
    """The scanner's beam on a label."""
    page.keyboard.type(code, delay=KEY_MS)
    page.keyboard.press("Enter")
    page.wait_for_timeout(AIM_MS)


def test_a_hundred_parcels_are_accepted_within_three_minutes(town: Town) -> None:
    """None is lost however fast they come; wrong ones and those already done are told apart."""
    codes = parcels.book(town.market, "scan", PARCELS)
    page = town.person(THAO, viewport=DESK).new_page()
    page.goto("/post/scan?act=accept")
    begun = time.monotonic()
    for code in codes:
        scan(page, code)
    expect(page.locator("[data-scan-count]")).to_have_text(str(PARCELS), timeout=LONG_MS)
    took = time.monotonic() - begun
    assert took < SECONDS_MAX, f"{took:.0f} s for {PARCELS} parcels"
    assert parcels.acts(town.market, codes)["accept"] == PARCELS

    rows = page.locator("[data-scan-rows] li")
    scan(page, codes[0])
    expect(rows.first).to_have_attribute("data-sound", "already")
    scan(page, codes[1][:-1] + ("0" if codes[1][-1] != "0" else "1"))
    expect(rows.first).to_have_attribute("data-sound", "wrong")
    expect(page.locator("[data-scan-count]")).to_have_text(str(PARCELS))
    keep_picture(page, "hundred-scans")


def test_scales_and_scanner_together(town: Town) -> None:
    """The scales type the grams, then the label is scanned; a weight not as declared is pointed out."""
    codes = parcels.book(town.market, "weigh", 2)
    page = town.person(THAO).new_page()
    page.goto("/post/scan?act=accept")
    for code, grams, sound in ((codes[0], "510", "right"), (codes[1], "1900", "differs")):
        page.locator("#f-weighed_g").focus()
        scan(page, grams)
        expect(page.locator("#f-code")).to_be_focused()
        scan(page, code)
        expect(page.locator("[data-scan-rows] li").first).to_have_attribute("data-sound", sound)
    expect(page.locator("[data-scan-rows] li").first).to_contain_text(
        "Cân được 1,9 kg, người bán khai 500 g."
    )
    keep_picture(page, "scan-weight", whole=True)


def test_each_result_has_a_sound_of_its_own(town: Town) -> None:
    """Right is one tone, already done two alike, wrong two low ones."""
    [code] = parcels.book(town.market, "sound", 1)
    page = town.person(THAO).new_page()
    page.add_init_script(
        "globalThis.heard = []; const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (at)"
        " { globalThis.heard.push(this.frequency.value); start.call(this, at); };"
    )
    page.goto("/post/scan?act=accept")
    page.locator("#f-code").click()
    heard = []
    for text in (code, code, "HELLO"):
        before = page.locator("[data-scan-rows] li").count()
        scan(page, text)
        expect(page.locator("[data-scan-rows] li")).to_have_count(before + 1)
        heard.append(page.evaluate("globalThis.heard.splice(0)"))
    assert heard == [[880], [660, 660], [220, 180]]
