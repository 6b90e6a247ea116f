"""A delivery round of ten parcels behind the hill: no signal at any door, told once when there is signal again."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from kit.settings import Settings
from postal.delivery_code import delivery_code
from tests.mast import Mast, mast_before
from tests.running import eventually
from tests.stories import parcels
from tests.stories.test_list_in_eight_taps import phone_picture
from tests.stories.test_listing_offline import find_signal, is_kept, lose_signal
from tests.stories.town import Town, keep_picture

TUAN, ROUND = "0912000005", "/post/round"
PARCELS = 10


@pytest.fixture
def mast(town: Town) -> Iterator[Mast]:
    """The signal between the carrier's phone and the market."""
    with mast_before(town.market.url) as made:
        yield made


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A parcel on a doorstep."""
    return phone_picture(tmp_path / "door.jpg", 7)


def open_round(phone: BrowserContext, codes: list[str]) -> Page:
    """The round, opened once with signal, until the phone has kept its frame and its stops."""
    page = phone.new_page()
    page.goto(ROUND)
    for code in codes:
        expect(stop(page, code)).to_be_visible()
    for path in ("/offline", ROUND):
        eventually(lambda path=path: is_kept(page, path), 20, lambda path=path: f"{path} is not kept")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


def stop(page: Page, code: str) -> Locator:
    """The stop of a parcel."""
    return page.locator(f".round-stop[data-code='{code}']")


def figure(page: Page, name: str) -> Locator:
    """A number at the head of the round: left, done or waiting."""
    return page.locator(f".figure [data-slot='{name}']")


def deliver(page: Page, code: str, way: str, photo: Path) -> None:
    """At the door: by photo, signature, or the code that the buyer reads out."""
    stop(page, code).get_by_role("button", name="Giao xong").click()
    dialog = page.locator("[data-round-dialog=deliver]")
    if way == "photo":
        dialog.locator("#deliver-photo").set_input_files(photo)
    elif way == "signature":
        dialog.get_by_text("Chữ ký", exact=True).click()
        sign(page, dialog.locator("canvas"))
        expect(dialog.get_by_text("Đã có chữ ký.")).to_be_visible()
    else:
        dialog.get_by_text("Mã nhận hàng", exact=True).first.click()
        dialog.locator("#deliver-code").fill(delivery_code(code, Settings().secret_key))
    dialog.get_by_role("button", name="Giao xong").click()
    expect(dialog).to_be_hidden()


def sign(page: Page, canvas: Locator) -> None:
    """A stroke with the finger."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + 30 + step * 18, box["y"] + 60 + (step % 3) * 20)
    page.mouse.up()


def fail(page: Page, code: str, reason: str) -> None:
    """Nobody there."""
    stop(page, code).get_by_role("button", name="Chưa giao được").click()
    dialog = page.locator("[data-round-dialog=fail]")
    dialog.get_by_text(reason, exact=True).click()
    dialog.get_by_role("button", name="Ghi lại").click()
    expect(dialog).to_be_hidden()


def test_a_round_of_ten_without_signal_is_told_once(town: Town, mast: Mast, photo: Path) -> None:
    """Eight delivered and two not, over a closed page, a lost answer and two open pages: each act stands once."""
    codes = parcels.book(town.market, "round", PARCELS, out_with="+84912000005")
    phone = town.person(TUAN, base_url=mast.url)
    page = open_round(phone, codes)
    keep_picture(page, "round", whole=True)
    lose_signal(phone, mast)
    for at, code in enumerate(codes[:5]):
        deliver(page, code, ("photo", "signature", "code")[at % 3], photo)
    expect(figure(page, "waiting")).to_have_text("5")
    expect(page.locator("[data-offline-bar]")).to_contain_text("Đang ngoại tuyến. 5 việc chờ gửi.")
    page.close()

    page = phone.new_page()
    page.goto(ROUND)  # the phone itself serves it
    expect(stop(page, codes[5])).to_be_visible()
    expect(stop(page, codes[0])).to_have_count(0)
    for code, reason in zip(
        codes[5:7], ("Không gọi được người nhận", "Người nhận hẹn ngày khác"), strict=True
    ):
        fail(page, code, reason)
    for at, code in enumerate(codes[7:]):
        deliver(page, code, ("code", "photo", "signature")[at % 3], photo)
    expect(figure(page, "waiting")).to_have_text("10")
    keep_picture(page, "round-waiting", whole=True)

    other = phone.new_page()
    other.goto(ROUND)
    mast.lose_answer("POST /post/round/acts ")
    find_signal(phone, mast)
    expect(figure(page, "waiting")).to_have_text("0", timeout=90_000)
    expect(page.locator("[data-offline-bar]")).to_be_hidden()
    assert mast.lost_answers == []
    done = parcels.acts(town.market, codes)
    assert (done["deliver"], done["fail"], done["take_out"]) == (8, 2, PARCELS)
    for code in codes:
        expect(stop(page, code)).to_have_count(0)
    keep_picture(page, "round-done", whole=True)


def test_a_slip_in_the_code_shows_at_the_door(town: Town, mast: Mast, photo: Path) -> None:
    """Without signal the phone knows a code that cannot be; the stop stays."""
    [code] = parcels.book(town.market, "slip", 1, out_with="+84912000005")
    phone = town.person(TUAN, base_url=mast.url)
    page = open_round(phone, [code])
    lose_signal(phone, mast)
    right = delivery_code(code, Settings().secret_key)
    stop(page, code).get_by_role("button", name="Giao xong").click()
    dialog = page.locator("[data-round-dialog=deliver]")
    dialog.get_by_text("Mã nhận hàng", exact=True).first.click()
    dialog.locator("#deliver-code").fill(right[:-1] + str((int(right[-1]) + 1) % 10))
    dialog.get_by_role("button", name="Giao xong").click()
    expect(dialog.get_by_text("có số nghe nhầm")).to_be_visible()
    keep_picture(page, "round-slip")
    dialog.locator("#deliver-code").fill(right)
    dialog.get_by_role("button", name="Giao xong").click()
    expect(dialog).to_be_hidden()
    find_signal(phone, mast)
    expect(figure(page, "waiting")).to_have_text("0")
    assert parcels.acts(town.market, [code])["deliver"] == 1


def test_alcohol_waits_for_the_age_at_a_door_without_signal(town: Town, mast: Mast, photo: Path) -> None:
    """The phone asks who is old enough before it keeps a delivery; who is too young sends it back; each told once."""
    grown, young = parcels.book(town.market, "wine", 2, out_with="+84912000005", alcohol=True)
    phone = town.person(TUAN, base_url=mast.url)
    page = open_round(phone, [grown, young])
    lose_signal(phone, mast)
    stop(page, grown).get_by_role("button", name="Giao xong").click()
    dialog = page.locator("[data-round-dialog=deliver]")
    dialog.locator("#deliver-photo").set_input_files(photo)
    dialog.get_by_role("button", name="Giao xong").click()
    expect(dialog.get_by_text("Đơn có rượu: xem giấy tờ")).to_be_visible()
    keep_picture(page, "round-age")
    dialog.locator("#deliver-age_checked").check()
    dialog.get_by_role("button", name="Giao xong").click()
    expect(dialog).to_be_hidden()
    fail(page, young, "Người nhận chưa đủ 18 tuổi")
    expect(figure(page, "waiting")).to_have_text("2")
    find_signal(phone, mast)
    expect(figure(page, "waiting")).to_have_text("0", timeout=90_000)
    done = parcels.acts(town.market, [grown, young])
    assert (done["deliver"], done["fail"], done["take_out"]) == (1, 1, 2)
    page.goto(f"/post/parcels/{young}")
    expect(page.locator("main")).to_contain_text("Đang trả về người bán")


def test_an_order_by_hand_stays_and_the_next_person_finds_nothing(town: Town, mast: Mast) -> None:
    """Moved without signal, kept by the market; after signing out no name is left in the phone."""
    codes = parcels.book(town.market, "hand", 3, out_with="+84912000005")
    phone = town.person(TUAN, base_url=mast.url)
    page = open_round(phone, codes)
    shown = page.locator(".round-stop")
    before = [str(shown.nth(at).get_attribute("data-code")) for at in range(shown.count())]
    lose_signal(phone, mast)
    page.get_by_role("button", name="Tự xếp thứ tự").click()
    shown.nth(1).get_by_role("button", name="Đưa lên").click()
    expect(shown.first).to_have_attribute("data-code", before[1])
    find_signal(phone, mast)
    expect(figure(page, "waiting")).to_have_text("0")
    eventually(lambda: any("POST /post/round/order" in head for head in mast.seen), 20)
    other = town.person(TUAN).new_page()
    other.goto(ROUND)
    expect(other.locator(".round-stop").first).to_have_attribute("data-code", before[1])
    page.goto("/me")
    del town.signed_in[TUAN]  # this session ends here
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    page.wait_for_url(lambda address: not re.search(r"/me$", address))
    eventually(
        lambda: (
            "round" not in page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
        ),
        10,
    )
