"""An order is paid: the seller is told on her page, by push and in her own software, the buyer by text at a right hour.

The push service of a browser's maker cannot be reached from here: Chromium's subscription is handed keys that this
story made, so that it can read what the market sealed for that browser; the market's own service worker shows it.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import BrowserContext, Page, expect

from kit.clock import VIETNAM
from tests.running import eventually, order_something
from tests.stories.town import HIEN, Town, keep_picture

NEEDS_A_DESKTOP = True  # only the whole browser shows notifications
BUYER = "0987650303"
OWN_KEY, OWN_SECRET = ec.generate_private_key(ec.SECP256R1()), b"sixteen secrets!"
ADDRESS = "https://push.example.net/hien"
SUBSCRIBE = """
([key, secret, endpoint]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  PushManager.prototype.subscribe = async (wish) => {
    if (!wish.userVisibleOnly || wish.applicationServerKey.length !== 65) throw new Error("no such wish");
    return { endpoint, getKey: (name) => bytes(name === "auth" ? secret : key) };
  };
}
"""


def test_a_paid_order_is_told_to_everybody_it_concerns(town: Town) -> None:
    """Each once, each by the way they chose; and a message that failed twice is sent anew."""
    hien = town.person(HIEN, permissions=["notifications"])
    seller = hien.new_page()
    ask_for_push(town, hien, seller)
    secret = connect_software(town, seller)
    with town.market.program(BUYER) as program:
        agree_to_texts(program)
        be_quiet(program, around_now=True)
        order = order_something(program, "told-0001")
        code = str(order["code"])
        town.market.pay(order)
        pushed = eventually(lambda: letter(town, "push", code), 20, town.market.last_words)
        title = str(read_as_browser(pushed)["title"])
        assert title == f"Đơn mới {code}"
        shows_it(hien, seller, read_as_browser(pushed))
        seller_reads(seller, code)
        hears_it_signed(town, seller, secret, code)
        told = program.get("/api/v1/me/notices").json()["items"][0]
        assert told["title"] == f"Đơn {code} đã trả tiền", "the page has it at once"
        assert texts(town, code) == [], "and the telephone is quiet"
        be_quiet(program, around_now=False)
        [words] = eventually(lambda: texts(town, code), 20, town.market.last_words)
        assert words == f"Chợ 4.0: Đơn {code} của Cô Hiền: đã nhận đủ tiền, người bán đang gói hàng."
    assert town.complaints == []


def ask_for_push(town: Town, hien: BrowserContext, page: Page) -> None:
    """One tap on her own telephone; no quiet hours, whenever this story is told."""
    point = OWN_KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = [base64.b64encode(one).decode() for one in (point, OWN_SECRET)]
    hien.add_init_script(f"({SUBSCRIBE})({json.dumps([*keys, ADDRESS])})")
    page.goto("/me/notices/choices")
    page.locator("#f-quiet_from").select_option("3")
    page.locator("#f-quiet_to").select_option("3")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    page.get_by_role("button", name="Nhận báo trên máy này").click()
    expect(page.get_by_text("Từ giờ máy này tự hiện tin báo.")).to_be_visible()
    expect(page.get_by_text("Máy này đang nhận")).to_be_visible()
    keep_picture(page, "told-choices", whole=True)


def connect_software(town: Town, page: Page) -> str:
    """The pretend receiver of the demo, which fails the first two tries; the secret that it is shown once."""
    page.goto("/me")
    page.get_by_role("link", name="Nối phần mềm bán hàng").click()
    page.locator("#f-url").fill(f"{town.market.url}/twins/webhooks/kho?misses=2")
    page.locator("#f-label").fill("Phần mềm kho")
    page.get_by_label("Đơn đã trả tiền").check()
    page.get_by_role("button", name="Thêm địa chỉ").click()
    secret = page.locator(".webhook-secret").inner_text()
    assert secret.startswith("whsec_")
    return secret


def agree_to_texts(program: Any) -> None:
    wish = {"purpose": "order_texts", "version": 1, "is_given": True}
    answer = program.post("/api/v1/me/consents", json=wish, headers={"idempotency-key": "told-consent"})
    assert answer.status_code in (200, 201), answer.text
    off = {"kind": "order", "channel": "zalo", "is_on": False}
    assert program.post("/api/v1/me/notices/choices", json=off).status_code == 200


def be_quiet(program: Any, *, around_now: bool) -> None:
    """The buyer's quiet hours: the hour before, this and the next; or none."""
    hour = datetime.now(VIETNAM).hour
    quiet_from, quiet_to = ((hour - 1) % 24, (hour + 2) % 24) if around_now else (0, 0)
    answer = program.post("/api/v1/me/notices/hours", json={"quiet_from": quiet_from, "quiet_to": quiet_to})
    assert answer.status_code == 200, answer.text


def read_as_browser(letter: dict[str, Any]) -> dict[str, Any]:
    """What only her browser can read of what would have gone over the push service (RFC 8291)."""
    body = base64.b64decode(letter["body"])
    salt, sender = body[:16], body[21 : 21 + body[20]]
    shared = OWN_KEY.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    point = OWN_KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keying = HKDF(hashes.SHA256(), 32, OWN_SECRET, b"WebPush: info\0" + point + sender).derive(shared)
    key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(keying)
    nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(keying)
    plain = AESGCM(key).decrypt(nonce, body[21 + body[20] :], None)
    return dict(json.loads(plain.rstrip(b"\0")[:-1]))


def shows_it(hien: BrowserContext, page: Page, said: dict[str, Any]) -> None:
    """The market's service worker, handed the message as a push service would hand it."""
    page.goto("/sell")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tools = hien.new_cdp_session(page)
    numbers: list[str] = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda seen: numbers.extend(
        one["registrationId"] for one in seen["registrations"] if not one["isDeleted"]
    ))  # fmt: skip
    tools.send("ServiceWorker.enable")
    page.wait_for_timeout(300)
    origin = page.evaluate("location.origin")
    tools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": numbers[-1], "data": json.dumps(said, ensure_ascii=False)},
    )
    shown = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
        .map(({ title, body, data }) => ({ title, body, url: data }))"""
    seen = eventually(lambda: page.evaluate(shown), 10)
    assert seen == [{"title": said["title"], "body": said["body"], "url": said["url"]}]


def seller_reads(page: Page, code: str) -> None:
    """From the number on her bar to the order."""
    page.goto("/me/notices")
    row = page.locator(".list-row", has_text=f"Đơn mới {code}")
    expect(row).to_contain_text("Mới")
    keep_picture(page, "told-notices")
    row.get_by_role("link").click()
    page.wait_for_url(f"**/sell/orders/{code}")
    page.goto("/me/notices")
    expect(page.locator(".list-row", has_text=f"Đơn mới {code}")).not_to_contain_text("Mới ")


def hears_it_signed(town: Town, page: Page, secret: str, code: str) -> None:
    """Two tries fail (the second five seconds later); she sends the message anew and it is taken."""
    eventually(lambda: len(heard(town, code)) >= 2, 30, town.market.last_words)
    page.goto("/sell/webhooks")
    page.get_by_role("link", name="Phần mềm kho").click()
    row = page.locator(".webhook-message", has_text="Đơn đã trả tiền").first
    expect(row).to_contain_text("Chờ gửi")
    with page.expect_navigation():
        row.get_by_role("button", name="Gửi lại").click()
    eventually(lambda: len(heard(town, code)) >= 3, 20, town.market.last_words)
    page.reload()
    expect(page.locator(".webhook-message", has_text="Đơn đã trả tiền").first).to_contain_text("Đã nhận")
    keep_picture(page, "told-webhook", whole=True)
    tries = heard(town, code)
    assert [one["status"] for one in tries] == [500, 500, 204]
    assert len({one["headers"]["webhook-id"] for one in tries}) == 1
    for one in tries:
        signed = (
            f"{one['headers']['webhook-id']}.{one['headers']['webhook-timestamp']}.{one['body']}".encode()
        )
        expected = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)
        assert one["headers"]["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert json.loads(tries[0]["body"])["type"] == "order.paid"


def lines(town: Town, name: str) -> list[dict[str, Any]]:
    """What a twin has kept, the oldest first."""
    path = town.market.var / "twins" / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def letter(town: Town, channel: str, code: str) -> dict[str, Any] | None:
    found = [
        one for one in lines(town, "notices.jsonl") if one["channel"] == channel and code in one["title"]
    ]
    return found[0] if found else None


def texts(town: Town, code: str) -> list[str]:
    own = f"+84{BUYER[1:]}"
    return [
        one["words"] for one in lines(town, "texts.jsonl") if one["phone"] == own and code in one["words"]
    ]


def heard(town: Town, code: str) -> list[dict[str, Any]]:
    return [one for one in lines(town, "webhooks.jsonl") if one["name"] == "kho" and code in one["body"]]
