"""Listing a simple product with three photos on a phone: at most eight taps and sixty seconds."""

import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.stories.town import HIEN, Town, keep_picture

TAPS_MAX, SECONDS_MAX = 8, 60
LOOKING_SECONDS = 2.5  # what somebody of sixty looks before each tap
KEY_MS = 300  # and before each key
CPU_SLOWER = 4
UPLOAD_BYTES_A_SECOND, LATENCY_MS = 100_000, 300  # one bar of signal
COUNTS = """addEventListener("pointerdown", (event) => {
  if (event.isTrusted) window.countTap(event.target.tagName);
}, { capture: true, passive: true });"""
HEARS = """window.SpeechRecognition = class {
  start() { window.heard = this; }
  stop() { this.onend(); }
};"""
SAYS = """([words]) => {
  const result = Object.assign([{ transcript: words }], { isFinal: true });
  window.heard.onresult({ resultIndex: 0, results: [result] });
}"""


def test_a_product_with_three_photos_takes_eight_taps(town: Town, tmp_path: Path) -> None:
    """Taps in the page are counted by the browser; the gallery of the phone takes one for each photo and one to
    confirm. Letters, figures and the keyboard's Next key are typing. The phone is slow and so is the network."""
    phone, taps = town.person(HIEN, has_touch=True, is_mobile=True), list[str]()
    phone.expose_function("countTap", lambda name: taps.append(name))
    phone.add_init_script(COUNTS)
    page = phone.new_page()
    page.goto("/sell/listings/new")
    make_slow(phone, page)
    photos = [phone_picture(tmp_path / f"{number}.jpg", number) for number in range(3)]
    began = time.monotonic()
    in_gallery = choose(page, photos)
    page.get_by_label("Tên hàng").tap()
    page.keyboard.type("mang tuoi", delay=KEY_MS)
    page.get_by_role("option", name="Măng tươi lục trúc MTQ").tap()
    page.keyboard.type("65000", delay=KEY_MS)
    page.keyboard.press("Enter", delay=KEY_MS)
    page.keyboard.type("20", delay=KEY_MS)
    assert written(page) == ["bamboo_shoot", "65.000", "kg", "20", "1100"]
    keep_picture(page, "list-in-eight-taps", whole=True)
    page.get_by_role("button", name="Gửi duyệt").tap()
    expect(page.get_by_text("Đã gửi duyệt.")).to_be_visible()
    count = len(taps) + in_gallery
    seconds = time.monotonic() - began + count * LOOKING_SECONDS
    print(f"{count} taps ({len(taps)} in the page), {seconds:.0f} s")
    assert len(taps) >= 4, "the counting itself works"
    assert count <= TAPS_MAX and seconds <= SECONDS_MAX, f"{count} taps, {seconds:.0f} s: {taps}"
    sent = page.locator(".shelf-row", has_text="Măng tươi lục trúc MTQ").locator("img").get_attribute("src")
    assert sent is not None and sent.endswith("-320.webp")
    page.get_by_role("link", name="Măng tươi lục trúc MTQ").first.click()
    expect(page.locator("input[name=drop_photo]")).to_have_count(3)
    assert town.complaints == []


def test_photos_add_up_and_can_be_left_out(town: Town, tmp_path: Path) -> None:
    """Taking one picture after the other keeps the earlier ones."""
    page = town.person(HIEN).new_page()
    page.goto("/sell/listings/new")
    field, tray = page.locator("#f-photos"), page.locator("[data-shrink-tray] li")
    for number in range(3):
        field.set_input_files(phone_picture(tmp_path / f"{number}.jpg", number))
        expect(tray).to_have_count(number + 1)
    page.get_by_role("button", name="Bỏ ảnh này: Ảnh 2").click()
    expect(tray).to_have_count(2)
    expect(page.get_by_text("2 ảnh sẵn sàng")).to_be_visible()
    assert field.evaluate("field => field.files.length") == 2
    assert town.complaints == []


@pytest.mark.parametrize("hears", [True, False])
def test_speaking_is_offered_only_where_the_phone_hears(town: Town, hears: bool) -> None:
    """What is said becomes sentences behind what stands there already."""
    phone = town.person(HIEN)
    phone.add_init_script(
        HEARS if hears else "delete window.SpeechRecognition; delete window.webkitSpeechRecognition"
    )
    page = phone.new_page()
    page.goto("/sell/listings/new")
    speak, about = page.get_by_role("button", name="Nói thay vì gõ"), page.get_by_label("Lời tả")
    expect(speak).to_be_visible(visible=hears)
    if not hears:
        return
    about.fill("Na dai.")
    speak.click()
    expect(page.get_by_text("Đang nghe")).to_be_visible()
    assert page.evaluate("heard.lang") == "vi-VN"
    page.evaluate(SAYS, ["chín cây, hái buổi sáng"])
    expect(about).to_have_value("Na dai. Chín cây, hái buổi sáng.")
    speak.click()
    expect(page.get_by_text("Đang nghe")).to_be_hidden()
    speak.click()
    page.evaluate("heard.onerror({ error: 'not-allowed' }); heard.onend()")
    expect(page.get_by_text("Điện thoại chưa cho dùng micro.")).to_be_visible()
    expect(speak).to_have_attribute("aria-pressed", "false")
    assert town.complaints == []


def choose(page: Page, photos: list[Path]) -> int:
    """Photos from the gallery; the taps that the phone's own gallery takes."""
    with page.expect_file_chooser() as opened:
        page.locator("#f-photos").tap()
    assert opened.value.is_multiple()
    opened.value.set_files(photos)
    return len(photos) + 1


def written(page: Page) -> list[str]:
    """What stands in the fields that were filled."""
    names = ("kind", "price_dong", "unit", "stock", "weight_g")
    return [page.locator(f"#f-{name}").input_value() for name in names]


def phone_picture(path: Path, number: int) -> Path:
    """A 12-megapixel JPEG of a few megabytes."""
    size = (4032, 3024)
    bands = [Image.effect_noise((126, 95), 90).resize(size, Image.Resampling.BICUBIC) for _ in range(3)]
    grain = Image.effect_noise(size, 25)
    picture = Image.merge("RGB", [Image.blend(band, grain, 0.2) for band in bands])
    picture.paste((number * 90, 120, 60), (0, 0, 900, 900))
    picture.save(path, "JPEG", quality=88)
    return path


def make_slow(phone: BrowserContext, page: Page) -> None:
    """As an old phone far from the mast."""
    wire = phone.new_cdp_session(page)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    wire.send("Network.enable")
    wire.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": UPLOAD_BYTES_A_SECOND * 2,
            "uploadThroughput": UPLOAD_BYTES_A_SECOND,
        },
    )
