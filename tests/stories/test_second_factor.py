"""A second factor with a real browser: a passkey of Chromium's virtual authenticator, and an app without script."""

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.stories.town import Town, enter_code, keep_picture

HANG, DUNG = "0987650101", "0987650102"


def here(town: Town, path: str) -> str:
    """A path of the market by its name: browsers make no passkeys for numbers."""
    return town.market.url.replace("127.0.0.1", "localhost") + path


def ask_code(page: Page, town: Town, phone: str, start: str) -> None:
    page.goto(here(town, f"/sign-in?back={start}"))
    page.get_by_label("Số điện thoại").fill(phone)
    town.market.wait_for_a_new_code(phone)
    page.get_by_role("button", name="Gửi mã cho tôi").click()
    enter_code(page, town.market, phone)


def with_authenticator(page: Page) -> None:
    """A phone that unlocks by finger, as Chromium plays it (WebAuthn, section 11: automation)."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.usefixtures("browser")
def test_a_passkey_from_adding_it_to_removing_it(town: Town) -> None:
    page = town.guest().new_page()
    ask_code(page, town, HANG, "/me")
    page.wait_for_url("**/me")
    with_authenticator(page)
    page.get_by_role("link", name="Lớp bảo vệ thứ hai").click()
    expect(page.get_by_role("button", name="Thêm khoá trên máy này")).to_be_visible()
    keep_picture(page, "factors", whole=True)
    page.get_by_label("Gọi khoá này là").fill("Máy của Hằng")
    page.get_by_role("button", name="Thêm khoá trên máy này").click()
    expect(page.get_by_role("heading", name="Mười mã dự phòng")).to_be_visible()
    expect(page.locator("ol.code-text li")).to_have_count(10)
    page.get_by_role("link", name="Tôi đã cất mã").click()
    expect(page.get_by_text("Khoá trên máy: Máy của Hằng")).to_be_visible()
    for _ in range(2):  # twice: an answer and its count are not used up
        page.goto(here(town, "/me"))
        page.get_by_role("button", name="Đăng xuất", exact=True).last.click()
        page.goto(here(town, "/sign-in?back=/me/factors"))
        page.get_by_role("button", name="Đăng nhập bằng khoá trên máy").click()
        expect(page.get_by_text("Khoá trên máy: Máy của Hằng")).to_be_visible()
    page.goto(here(town, "/me"))
    page.get_by_role("button", name="Đăng xuất", exact=True).last.click()
    ask_code(page, town, HANG, "/me/factors")
    expect(page.get_by_role("button", name="Dùng khoá trên máy")).to_be_visible()
    keep_picture(page, "factor-entry")
    page.get_by_role("button", name="Dùng khoá trên máy").click()
    page.get_by_role("button", name="Gỡ").click()
    expect(page.get_by_text("Đã gỡ.")).to_be_visible()
    assert not town.complaints


@pytest.mark.usefixtures("browser")
def test_an_app_without_script(town: Town) -> None:
    page = town.guest(java_script_enabled=False).new_page()
    ask_code(page, town, DUNG, "/me/factors")
    page.wait_for_url("**/me/factors")
    expect(page.get_by_role("button", name="Thêm khoá trên máy này")).to_be_hidden()
    expect(page.get_by_text("cho chạy JavaScript")).to_be_visible()
    page.get_by_role("button", name="Thêm ứng dụng").click()
    expect(page.get_by_label("6 số trong ứng dụng")).to_be_visible()
    keep_picture(page, "factor-app", whole=True)
    secret = re.sub(r"\s", "", page.locator(".code-text").inner_text())
    page.get_by_label("6 số trong ứng dụng").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Xong").click()
    expect(page.locator("ol.code-text li")).to_have_count(10)
    codes = page.locator("ol.code-text li").all_inner_texts()
    keep_picture(page, "recovery-codes", whole=True)
    page.goto(here(town, "/me"))
    page.get_by_role("button", name="Đăng xuất", exact=True).last.click()
    ask_code(page, town, DUNG, "/me")
    page.get_by_label("một mã dự phòng").fill("12")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_contain_text("Hãy nhập 6 số trong ứng dụng")
    page.get_by_label("một mã dự phòng").fill(codes[0].lower())
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/me")
    assert [one for one in town.complaints if "422" not in one] == []  # the code that was none
