"""People with browsers in front of a running market: how they come in, sign in, look, and what they complain of."""

import subprocess
import sys
import time
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    StorageState,
    expect,
)

from tests.running import ROOT, RunningMarket

PICTURES = ROOT / "tests" / "artefacts"
PHONE = {"width": 390, "height": 844}
SMALL = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 800}
PATIENCE_MS = 30_000
FRESH_SECONDS = 480.0  # acts that matter ask again after ten minutes who it is; a story takes less than two
HIEN, MINH, THAO, SON = "0912000001", "0912000002", "0912000003", "0912000004"
expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class SignedIn:
    """The cookies of somebody's browser, and when they were signed in, by time.monotonic()."""

    state: StorageState
    at: float


@dataclass
class Town:
    """The market, the browser, who is signed in already, and every complaint of a console or the page policy."""

    market: RunningMarket
    browser: Browser
    signed_in: dict[str, SignedIn]
    complaints: list[str] = field(default_factory=list)

    def guest(self, **wishes: Any) -> BrowserContext:
        """Somebody with a phone of 390 × 844 whom the market does not know."""
        wanted = {
            "base_url": self.market.url,
            "viewport": PHONE,
            "locale": "vi-VN",
            "timezone_id": "Asia/Ho_Chi_Minh",
            **wishes,
        }
        context = self.browser.new_context(**wanted)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._hear)
        context.on("weberror", lambda wrong: self.complaints.append(str(wrong.error)))
        return context

    def person(self, phone: str, **wishes: Any) -> BrowserContext:
        """Somebody who is signed in: with a code, then by the cookies kept from it until acts want another."""
        kept = self.signed_in.get(phone)
        if kept is None or time.monotonic() - kept.at > FRESH_SECONDS:
            context = self.guest()
            sign_in(context.new_page(), self.market, phone, "/me")
            kept = self.signed_in[phone] = SignedIn(context.storage_state(), time.monotonic())
            context.close()
        return self.guest(storage_state=kept.state, **wishes)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.location.get('url', '')} {message.text}")


def sign_in(page: Page, market: RunningMarket, phone: str, start: str) -> None:
    """The two steps of signing in, through the pages, then on to `start`."""
    page.goto(f"/sign-in?back={start}")
    page.get_by_label("Số điện thoại").fill(phone)
    market.wait_for_a_new_code(phone)
    page.get_by_role("button", name="Gửi mã cho tôi").click()
    enter_code(page, market, phone)
    page.wait_for_url(f"**{start}")
    if "/me/factors/offer" in page.url:  # who works with other people's money is asked to add a second factor
        page.get_by_role("link", name="Để sau").click()
        page.wait_for_url(lambda url: url.endswith(start) and "/offer" not in url)


def enter_code(page: Page, market: RunningMarket, phone: str) -> None:
    """The second step: the code from the pretend text message."""
    page.wait_for_url("**/sign-in/code")
    page.get_by_label("Mã trong tin nhắn").fill(market.last_code(phone))
    page.get_by_role("button", name="Đăng nhập").click()


def choose_commune(page: Page, typed: str, wanted: str) -> None:
    """Types a commune without accents and takes it from the rows under the field."""
    field_of = page.get_by_role("combobox", name="xã, phường")
    field_of.fill("")
    field_of.press_sequentially(typed, delay=30)
    page.get_by_role("option", name=wanted, exact=True).click()
    expect(field_of).to_have_value(wanted)


def keep_picture(page: Page, name: str, *, whole: bool = False) -> None:
    """A picture of what the person sees, for people to look at; `whole`: as on a screen as long as the page."""
    path, screen = PICTURES / f"{name}.png", page.viewport_size or PHONE
    path.parent.mkdir(parents=True, exist_ok=True)
    if whole:
        height = int(page.evaluate("document.scrollingElement.scrollHeight"))
        page.set_viewport_size({"width": screen["width"], "height": height})
    page.screenshot(path=path, animations="disabled")
    page.set_viewport_size({"width": screen["width"], "height": screen["height"]})


def assert_balanced(market: RunningMarket) -> None:
    """The books of the running market, asked by a process of its own: this one belongs to the browser's loop."""
    lines = (
        "import pathlib, sys",
        "from tests.running import RunningMarket",
        "RunningMarket(pathlib.Path(sys.argv[1]), 0).assert_balanced()",
    )
    command = [sys.executable, "-c", "; ".join(lines), str(market.var)]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr


def shown_qr(page: Page) -> tuple[str, bytes]:
    """The text of the QR code as a camera would read it off the screen, and the picture it was read from."""
    shot = page.locator(".qr-code").screenshot()
    with Image.open(BytesIO(shot)) as picture:
        found = zxingcpp.read_barcodes(picture.convert("L"))
    assert len(found) == 1, f"{len(found)} codes on the screen"
    return found[0].text, shot


def amount_in(text: str) -> int:
    """The đồng of «147.000 ₫»."""
    return int("".join(filter(str.isdecimal, text)))
