"""Goods listed without signal: they wait in the phone, go up once when there is signal, and every loss on the way is
mended: the answer that never came, the photo that was cut in the middle, the session that ended."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from tests.mast import Mast, mast_before
from tests.running import eventually
from tests.stories.test_list_in_eight_taps import phone_picture
from tests.stories.town import HIEN, MINH, Town, keep_picture, sign_in

FORM, WAITING = "/sell/listings/new", "/sell/waiting"
CUT_AFTER_BYTES, PIECE_BYTES = 60_000, 131_072


@pytest.fixture
def mast(town: Town) -> Iterator[Mast]:
    """The signal between this story's phones and the market."""
    with mast_before(town.market.url) as made:
        yield made


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Three photos of a phone."""
    return [phone_picture(tmp_path / f"{number}.jpg", number) for number in range(3)]


def phone_behind(town: Town, mast: Mast, who: str = HIEN) -> BrowserContext:
    """A signed-in phone that reaches the market over the mast."""
    return town.person(who, base_url=mast.url)


def lose_signal(phone: BrowserContext, mast: Mast) -> None:
    """As on the field behind the hill."""
    phone.set_offline(True)
    mast.go_down()


def find_signal(phone: BrowserContext, mast: Mast) -> None:
    """Back on the road."""
    mast.come_back()
    phone.set_offline(False)


def open_and_keep(phone: BrowserContext) -> Page:
    """The form, opened once with signal, until the phone has kept it."""
    page = phone.new_page()
    page.goto(FORM)
    for path in ("/offline", FORM, WAITING):
        eventually(lambda path=path: is_kept(page, path), 20, lambda path=path: f"{path} is not kept")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


def is_kept(page: Page, path: str) -> bool:
    """Whether the phone could show this page without signal."""
    return bool(page.evaluate(f"caches.match('{path}').then(Boolean)"))


def write(page: Page, name: str, photos: list[Path]) -> None:
    """A simple product."""
    if photos:
        page.locator("#f-photos").set_input_files(photos)
        expect(page.locator("[data-shrink-tray] li")).to_have_count(len(photos))
        expect(page.get_by_text(f"{len(photos)} ảnh sẵn sàng")).to_be_visible()
    page.locator("#f-name").fill(name)
    page.locator("#f-kind").select_option("honey")
    page.locator("#f-price_dong").fill("120000")
    page.locator("#f-unit").fill("chai")
    page.locator("#f-stock").fill("5")


def send(page: Page) -> None:
    """The button at the end of the form."""
    page.get_by_role("button", name="Gửi duyệt").click()


def row(page: Page, name: str) -> str:
    """What the list of waiting work says of these goods."""
    return page.locator(".waiting-row", has_text=name).inner_text()


def listed(town: Town, name: str) -> list[int]:
    """The number of photos of each listing of this name, as the seller's own list has them."""
    page = town.person(HIEN).new_page()
    page.goto("/sell/listings")
    counts = []
    links = page.locator(".shelf-name a", has_text=name)
    for address in [links.nth(at).get_attribute("href") for at in range(links.count())]:
        page.goto(str(address))
        counts.append(page.locator("input[name=drop_photo]").count())
    page.context.close()
    return counts


def test_goods_listed_without_signal_go_up_once(town: Town, mast: Mast, photos: list[Path]) -> None:
    """The page is closed and opened again without signal; the phone itself serves it."""
    phone = phone_behind(town, mast)
    page = open_and_keep(phone)
    lose_signal(phone, mast)
    write(page, "Mật ong rừng Thần Sa", photos)
    send(page)
    page.wait_for_url(f"**{WAITING}")
    expect(page.locator(".waiting-row")).to_contain_text("Mật ong rừng Thần Sa")
    expect(page.locator(".waiting-row")).to_contain_text("3 ảnh")
    expect(page.locator(".waiting-row .pill")).to_have_text("Chờ gửi")
    expect(page.locator("[data-offline-bar]")).to_have_text("Đang ngoại tuyến. 1 việc chờ gửi.")
    keep_picture(page, "offline-waiting", whole=True)
    page.close()
    page = phone.new_page()
    page.goto(FORM)
    expect(page.get_by_role("heading", level=1)).to_have_text("Đăng bán")
    expect(page.locator("[data-offline-bar]")).to_contain_text("1 việc chờ gửi.")
    keep_picture(page, "offline-form")
    page.goto("/sell/money")
    expect(page.get_by_role("heading", level=1)).to_have_text("Chưa có mạng")
    keep_picture(page, "offline-page")
    page.get_by_role("link", name="Đang chờ gửi").click()
    expect(page.locator(".waiting-row .pill")).to_have_text("Chờ gửi")
    find_signal(phone, mast)
    expect(page.locator(".waiting-row .pill")).to_have_text("Đã gửi")
    keep_picture(page, "offline-sent", whole=True)
    assert listed(town, "Mật ong rừng Thần Sa") == [3]


def test_several_open_pages_send_it_once(town: Town, mast: Mast) -> None:
    """All of them hear the signal come back; one flushes, the others find nothing left."""
    phone = phone_behind(town, mast)
    page = open_and_keep(phone)
    others = [phone.new_page() for _ in range(3)]
    for other in others:
        other.goto(FORM)
    lose_signal(phone, mast)
    write(page, "Mật ong nhiều trang", [])
    send(page)
    page.wait_for_url(f"**{WAITING}")
    expect(others[0].locator("[data-offline-bar]")).to_contain_text("1 việc chờ gửi.")
    find_signal(phone, mast)
    expect(page.locator(".waiting-row .pill")).to_have_text("Đã gửi")
    expect(others[0].locator("[data-offline-bar]")).to_be_hidden()
    assert len([head for head in mast.seen if head.startswith("POST /sell/listings ")]) == 1
    assert listed(town, "Mật ong nhiều trang") == [0]


def test_an_answer_that_never_came_makes_no_second_listing(town: Town, mast: Mast) -> None:
    """The market had saved the goods when the connection broke."""
    phone = phone_behind(town, mast)
    page = open_and_keep(phone)
    write(page, "Mật ong bạc hà", [])
    mast.lose_answer("POST /sell/listings ")
    send(page)
    page.wait_for_url(re.compile(f"{WAITING}|told=put_up"))
    page.goto(WAITING)
    expect(page.locator(".waiting-row .pill")).to_have_text("Đã gửi")
    assert mast.lost_answers == []
    assert len([line for line in mast.seen if line.startswith("POST /sell/listings ")]) >= 2
    assert listed(town, "Mật ong bạc hà") == [0]


def test_a_photo_that_was_cut_goes_on_where_it_was(town: Town, mast: Mast, photos: list[Path]) -> None:
    """With signal all the while: nobody notices but the mast."""
    phone = phone_behind(town, mast)
    page = open_and_keep(phone)
    write(page, "Mật ong hoa sim", photos)
    mast.cut("PATCH /uploads/", CUT_AFTER_BYTES)
    send(page)
    page.wait_for_url("**told=put_up")
    assert mast.cuts == []
    begun_at = {
        int(found[1]) for head in mast.seen if (found := re.search(r"upload-offset: (\d+)", head, re.I))
    }
    assert [at for at in begun_at if at % PIECE_BYTES], f"what had arrived was sent again: {sorted(begun_at)}"
    assert listed(town, "Mật ong hoa sim") == [3]


def test_what_the_market_refuses_says_why_and_can_be_mended(
    town: Town, mast: Mast, photos: list[Path]
) -> None:
    """Found out only when there is signal again; the goods come back into the form with their photos."""
    phone = phone_behind(town, mast)
    page = open_and_keep(phone)
    lose_signal(phone, mast)
    write(page, "Mật ong hoa vải", photos[:1])
    page.locator("#f-price_dong").fill("12")
    send(page)
    page.wait_for_url(f"**{WAITING}")
    find_signal(phone, mast)
    failed = page.locator(".waiting-row", has_text="Mật ong hoa vải")
    expect(failed.locator(".pill")).to_have_text("Chưa gửi được")
    expect(failed).to_contain_text("Số tiền từ 500")
    expect(page.locator("[data-offline-bar]")).to_contain_text("1 việc gửi chưa được.")
    keep_picture(page, "offline-failed", whole=True)
    failed.get_by_role("link", name="Sửa rồi gửi").click()
    expect(page.locator("#f-name")).to_have_value("Mật ong hoa vải")
    expect(page.locator("[data-shrink-tray] li")).to_have_count(1)
    page.locator("#f-price_dong").fill("130000")
    send(page)
    page.wait_for_url("**told=put_up")
    assert listed(town, "Mật ong hoa vải") == [1]


def test_a_mistake_with_signal_stands_at_its_field(town: Town, mast: Mast, photos: list[Path]) -> None:
    """As without script; the photo is not sent again."""
    phone = phone_behind(town, mast)
    page = open_and_keep(phone)
    write(page, "Mật ong cà phê", photos[:1])
    page.locator("#f-price_dong").fill("12")
    send(page)
    expect(page.locator("#f-price_dong")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("input[name=kept_photo]")).to_have_count(1)
    page.locator("#f-price_dong").fill("130000")
    send(page)
    page.wait_for_url("**told=put_up")
    assert listed(town, "Mật ong cà phê") == [1]


def test_a_session_that_ended_keeps_the_work(town: Town, mast: Mast) -> None:
    """It asks to sign in again, and sends it then; nobody else at this phone sees or sends it."""
    phone = phone_behind(town, mast)
    page = open_and_keep(phone)
    lose_signal(phone, mast)
    write(page, "Mật ong keo", [])
    send(page)
    page.wait_for_url(f"**{WAITING}")
    phone.clear_cookies(name="session")
    find_signal(phone, mast)
    expect(page.get_by_text("Cần đăng nhập lại").first).to_be_visible()
    keep_picture(page, "offline-sign-in", whole=True)
    other = phone.new_page()
    sign_in(other, town.market, MINH, "/me")
    other.goto("/me")
    assert not is_kept(other, FORM), "the pages of the one before are gone"
    phone.clear_cookies(name="session")
    phone.add_cookies(
        town.signed_in[HIEN].state["cookies"]
    )  # as after signing in: nobody gets codes without end
    page.goto(WAITING)
    expect(page.locator(".waiting-row .pill")).to_have_text("Đã gửi")
    assert listed(town, "Mật ong keo") == [0]


def test_what_waits_is_managed_by_keyboard(town: Town, mast: Mast) -> None:
    """Thrown away by two presses; the focus stays in the list."""
    phone = phone_behind(town, mast)
    page = open_and_keep(phone)
    lose_signal(phone, mast)
    for name in ("Mật ong một", "Mật ong hai"):
        page.goto(FORM)
        write(page, name, [])
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{WAITING}")
    expect(page.locator(".waiting-row")).to_have_count(2)
    button = page.locator(".waiting-row", has_text="Mật ong hai").get_by_role("button", name="Xoá")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Bấm lần nữa để xoá")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".waiting-row")).to_have_count(1)
    expect(page.locator(".waiting-row h2")).to_be_focused()
    expect(page.locator("[data-offline-bar]")).to_have_text("Đang ngoại tuyến. 1 việc chờ gửi.")


def test_signing_out_takes_the_kept_pages_along(town: Town, mast: Mast) -> None:
    """Whoever picks the phone up without signal finds the offline page and nobody's form."""
    phone = phone_behind(town, mast)
    page = open_and_keep(phone)
    page.goto("/me")
    del town.signed_in[HIEN]  # this session ends here
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    page.wait_for_url(lambda address: not address.endswith("/me"))
    eventually(lambda: not is_kept(page, FORM), 10, lambda: "the form is still kept")
    lose_signal(phone, mast)
    stranger = phone.new_page()
    with suppress(Error):  # the browser's own page, unless the market's offline page was fetched anew by then
        stranger.goto(FORM)
    assert stranger.locator("#f-name").count() == 0
