"""Pages of payments and the bank's notices over HTTP: who may, what is refused, what is shown."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import html5lib
import httpx2
import pytest

from kit.clock import StoppedClock
from kit.db import transaction
from kit.limits import CountedLimits, Limits
from kit.models import Job
from kit.parts import Parts
from kit.roles import Role
from kit.settings import Settings
from payments.gates.sepay import SIGNATURE, TIMESTAMP, sign, write
from payments.models import Notice, Payment
from payments.qr import parse
from payments.qr_picture import read_qr_picture
from payments.routes.notices import NOTICE_MAX_BYTES, REFUSED_A_MINUTE
from payments.services import assert_balanced, expire, open_reviews, payment_for, settle
from tests.conftest import Browser, Queries
from tests.factories import bank_notice, payment, told, vendor

PATH = "/payments/notices/sepay"
SELLER, ADMIN = "0912345678", "0987654321"


@pytest.fixture
async def books(db: None) -> AsyncIterator[None]:
    """Whatever a test did, the books hold afterwards."""
    yield
    await assert_balanced()


pytestmark = pytest.mark.usefixtures("books")


class Bank:
    """Posts notices as SePay does."""

    def __init__(self, client: Browser, settings: Settings, clock: StoppedClock) -> None:
        self.client, self.secret, self.clock = client, settings.sepay_secret, clock

    async def posts(self, raw: bytes, *, secret: str = "", age_s: int = 0, **headers: str) -> httpx2.Response:
        """One notice, signed."""
        stamp = int(self.clock.now().timestamp()) - age_s
        return await self.client.post(
            PATH, content=raw, headers={**sign(secret or self.secret, stamp, raw), **headers}
        )


@pytest.fixture
def bank(client: Browser, settings: Settings, clock: StoppedClock) -> Bank:
    """The bank."""
    return Bank(client, settings, clock)


async def test_a_signed_notice_is_written_down_and_worked_later(bank: Bank, clock: StoppedClock) -> None:
    raw = write(bank_notice(await payment(now=clock.now()), at=clock.now()))
    answer = await bank.posts(raw)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    notice = await Notice.get()
    assert (notice.body, notice.handled_at, notice.amount_dong) == (raw.decode(), None, 35_000)
    assert await Job.filter(name="settle_notice", subject_id=notice.id).count() == 1
    assert (await Payment.get()).state == "pending", "nothing is paid before the job"


async def test_a_repeat_is_answered_alike_and_changes_nothing(bank: Bank, clock: StoppedClock) -> None:
    raw = write(bank_notice(await payment(now=clock.now()), at=clock.now()))
    for _ in range(3):
        clock.forward(minutes=1)
        answer = await bank.posts(raw)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert await Notice.all().count() == 1 and await Job.all().count() == 1


async def test_a_forged_notice_is_refused_and_not_kept(bank: Bank, clock: StoppedClock) -> None:
    raw = write(bank_notice(await payment(now=clock.now()), at=clock.now()))
    answer = await bank.posts(raw, secret="another")
    assert (answer.status_code, answer.json()["success"]) == (401, False)
    assert await Notice.all().count() == 0 and await Job.all().count() == 0


async def test_a_notice_altered_on_the_way_is_refused(
    bank: Bank, client: Browser, settings: Settings
) -> None:
    raw = b'{"transferAmount":5}'
    headers = sign(settings.sepay_secret, int(bank.clock.now().timestamp()), raw)
    answer = await client.post(PATH, content=raw.replace(b"5", b"9"), headers=headers)
    assert answer.status_code == 401 and await Notice.all().count() == 0


@pytest.mark.parametrize("headers", [{}, {SIGNATURE: "sha256=00"}, {TIMESTAMP: "1"}])
async def test_an_unsigned_notice_is_refused(client: Browser, headers: dict[str, str]) -> None:
    answer = await client.post(PATH, content=b"{}", headers=headers)
    assert answer.status_code == 401 and await Notice.all().count() == 0


async def test_two_signatures_are_none(bank: Bank, client: Browser, settings: Settings) -> None:
    headers = sign(settings.sepay_secret, int(bank.clock.now().timestamp()), b"{}")
    twice = [
        (SIGNATURE, headers[SIGNATURE]),
        (SIGNATURE, headers[SIGNATURE]),
        (TIMESTAMP, headers[TIMESTAMP]),
    ]
    assert (await client.post(PATH, content=b"{}", headers=twice)).status_code == 401


@pytest.mark.parametrize("age_s", [301, -301])
async def test_a_stale_notice_is_refused(bank: Bank, clock: StoppedClock, age_s: int) -> None:
    raw = write(bank_notice(await payment(now=clock.now()), at=clock.now()))
    assert (await bank.posts(raw, age_s=age_s)).status_code == 401
    assert await Notice.all().count() == 0


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"id":1}', b"\x00" * 40, b'{"id":"' + b"9" * 5000 + b'"}'],
)
async def test_a_signed_notice_that_nobody_can_read_is_kept_for_a_person(bank: Bank, raw: bytes) -> None:
    for _ in range(2):
        assert (await bank.posts(raw)).status_code == 400
    assert [one.why for one in (await open_reviews()).notices] == ["unread"]
    assert await Job.all().count() == 0


async def test_a_notice_too_large_is_refused_unread(bank: Bank, client: Browser) -> None:
    answer = await bank.posts(b" " * (NOTICE_MAX_BYTES + 1))
    assert answer.status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 8192

    assert (await client.post(PATH, content=endless())).status_code == 413
    assert await Notice.all().count() == 0


async def test_one_address_may_not_flood(bank: Bank, parts: Parts) -> None:
    limits = parts[Limits]
    assert isinstance(limits, CountedLimits)
    assert (await bank.posts(b"{}", secret="another")).status_code == 401
    key = next(name for name in limits.counts if name.startswith("notices:"))
    limits.counts[key] = REFUSED_A_MINUTE
    assert (await bank.posts(b"{}", secret="another")).status_code == 429
    assert (await bank.posts(b"{}")).status_code == 400, "whoever holds the key is always heard"


async def test_a_notice_cannot_be_got(client: Browser) -> None:
    assert (await client.get(PATH)).status_code == 405


# QR pictures


async def test_the_qr_picture_asks_for_what_is_left(client: Browser, clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    svg = await client.get(asked.qr_svg_url)
    assert svg.headers["content-type"].startswith("image/svg+xml") and "<svg" in svg.text
    assert svg.headers["cache-control"].startswith("private")
    png = await client.get(asked.qr_png_url)
    assert png.headers["content-type"] == "image/png" and read_qr_picture(png.content) == asked.qr_text
    await told(asked, now=clock.now(), amount_dong=20_000)
    partly = await client.get(asked.qr_png_url)
    assert parse(read_qr_picture(partly.content) or "").amount_dong == 15_000


async def test_there_is_no_qr_when_nothing_may_be_paid(client: Browser, clock: StoppedClock) -> None:
    paid = await payment("order:1", now=clock.now())
    await told(paid, now=clock.now())
    over = await payment("order:2", now=clock.now())
    clock.forward(minutes=16)
    await expire("order:2", now=clock.now())
    for address in (
        paid.qr_svg_url,
        over.qr_png_url,
        "/payments/DH00000000/qr.svg",
        f"/payments/{'x' * 200}/qr.png",
    ):
        assert (await client.get(address)).status_code == 404
    alive = await payment("order:3", now=clock.now())
    assert (await client.get(f"/payments/{alive.code}/qr.gif")).status_code == 404


# The seller's money


async def test_a_seller_sees_own_money_only(
    client: Browser, clock: StoppedClock, sign_in_as: Any, queries: Queries
) -> None:
    seller, other = await vendor(), await vendor(slug="che-khac")
    mine = await payment("order:1", now=clock.now(), vendor_id=seller.id)
    theirs = await payment("order:2", now=clock.now(), vendor_id=other.id)
    short = await payment("order:3", now=clock.now(), vendor_id=seller.id, amount_dong=9_000)
    await told(mine, 1, now=clock.now(), amount_dong=50_000)
    await told(short, 2, now=clock.now(), amount_dong=4_000)
    await sign_in_as(client, SELLER, (Role.VENDOR, str(seller.id)))
    with queries.at_most(6):
        page = await client.get("/sell/money")
    assert page.status_code == 200
    assert mine.code in page.text and short.code in page.text and theirs.code not in page.text
    for words in (
        "35.000",
        "Đã nhận tiền",
        "Còn thiếu",
        "15.000",
        "5.000",
        "hôm nay, 1 đơn",
        "đang chờ, 1 đơn",
    ):
        assert words in page.text, words


async def test_money_of_earlier_days_is_not_todays(
    client: Browser, clock: StoppedClock, sign_in_as: Any
) -> None:
    seller = await vendor()
    asked = await payment(now=clock.now(), vendor_id=seller.id)
    await told(asked, now=clock.now())
    await Payment.filter(id=asked.id).update(paid_at=clock.now() - timedelta(days=8))
    await sign_in_as(client, SELLER, (Role.VENDOR, str(seller.id)))
    page = (await client.get("/sell/money")).text
    assert "hôm nay, 0 đơn" in page and "tuần này, 0 đơn" in page


async def test_money_comes_in_pages(client: Browser, clock: StoppedClock, sign_in_as: Any) -> None:
    seller = await vendor()
    for number in range(1, 32):
        await payment(f"order:{number}", now=clock.now(), vendor_id=seller.id)
    await sign_in_as(client, SELLER, (Role.VENDOR, str(seller.id)))
    first = (await client.get("/sell/money")).text
    older = re.search(r'href="(/sell/money\?before=[0-9]+)"', first)
    assert older
    second = (await client.get(older[1])).text
    assert second.count('class="list-row"') == 1
    for wrong in ("x", "-1", "9" * 40, "٣"):
        assert (await client.get("/sell/money", params={"before": wrong})).status_code == 200


async def test_money_without_a_stall_or_a_sale_says_what_to_do(client: Browser, sign_in_as: Any) -> None:
    assert (await client.get("/sell/money")).status_code == 303
    await sign_in_as(client, SELLER, Role.VENDOR)
    assert (await client.get("/sell/money")).status_code == 403
    await sign_in_as(client, "0912345679", (Role.VENDOR, "424242"))
    page = await client.get("/sell/money")
    assert page.status_code == 200 and "Chưa có khoản nào" in page.text


# What needs a person


async def test_only_an_administrator_sees_what_needs_a_person(
    client: Browser, clock: StoppedClock, sign_in_as: Any
) -> None:
    asked = await payment(now=clock.now())
    await told(asked, 1, now=clock.now(), amount_dong=50_000)
    await told(asked, 2, now=clock.now(), content="CHUYEN TIEN", amount_dong=7)
    number = (await open_reviews()).notices[0].id
    pages = ("/admin/payments", f"/admin/payments/{asked.code}", f"/admin/payments/notices/{number}")
    await sign_in_as(client, SELLER, (Role.VENDOR, str(asked.vendor_id)))
    for path in pages:
        assert (await client.get(path)).status_code == 403
    for path in (f"{pages[1]}/resolve", f"{pages[2]}/attach", f"{pages[2]}/set-aside"):
        assert (await client.submit(path, {"note": "không được", "code": asked.code})).status_code == 403
    assert (await open_reviews()).notices_count == 1


async def test_the_list_is_bounded_and_leads_to_each(
    client: Browser, clock: StoppedClock, sign_in_as: Any, queries: Queries
) -> None:
    await sign_in_as(client, ADMIN, Role.ADMIN)
    assert "Không còn khoản nào cần xem" in (await client.get("/admin/payments")).text
    for number in range(1, 8):
        asked = await payment(f"order:{number}", now=clock.now())
        await told(asked, number, now=clock.now(), amount_dong=50_000)
        await told(asked, 100 + number, now=clock.now(), content="<b>CHUYEN</b>", amount_dong=5)
    with queries.at_most(10):
        page = await client.get("/admin/payments")
    assert page.text.count("Không thấy mã nào của chợ") == 7 and page.text.count("Nhận thừa") == 7
    assert "<b>CHUYEN" not in page.text
    links = {
        str(link.get("href")) for link in html5lib.parse(page.text, namespaceHTMLElements=False).iter("a")
    }
    inside = [link for link in links if re.match("/admin/payments/.", link)]
    assert len(inside) == 14
    for link in inside[:4]:
        assert (await client.get(link)).status_code == 200


async def test_an_administrator_attaches_money_to_a_payment(
    client: Browser, clock: StoppedClock, sign_in_as: Any
) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), content="CHUYEN TIEN")
    number = (await open_reviews()).notices[0].id
    page = f"/admin/payments/notices/{number}"
    await sign_in_as(client, ADMIN, Role.ADMIN)
    for code, sentence in (
        ("", "Cần mã của khoản tiền"),
        ("DH000", "Không có khoản tiền nào mang mã «DH000»"),
    ):
        wrong = await client.submit(f"{page}/attach", {"code": code})
        assert wrong.status_code == 422 and sentence in wrong.text
    assert 'value="DH000"' in wrong.text, "what was typed is kept"
    done = await client.submit(f"{page}/attach", {"code": asked.code})
    assert (done.status_code, done.headers["location"]) == (303, "/admin/payments")
    async with transaction():
        await settle(number, now=clock.now())
    now = await payment_for("order:1")
    assert now is not None and now.state == "paid"
    assert (await client.get(page)).status_code == 404
    assert (await client.submit(f"{page}/attach", {"code": asked.code})).status_code == 409


async def test_an_administrator_sets_money_aside_with_a_note(
    client: Browser, clock: StoppedClock, sign_in_as: Any
) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), content="CHUYEN TIEN")
    page = f"/admin/payments/notices/{(await open_reviews()).notices[0].id}"
    await sign_in_as(client, ADMIN, Role.ADMIN)
    for note in ("", "ừ"):
        assert (await client.submit(f"{page}/set-aside", {"note": note})).status_code == 422
    assert (await client.submit(f"{page}/set-aside", {"note": "tiền người nhà gửi"})).status_code == 303
    assert (await open_reviews()).notices_count == 0
    assert (
        await client.submit("/admin/payments/notices/999/set-aside", {"note": "không có"})
    ).status_code == 404


async def test_an_administrator_marks_a_payment_as_seen_to(
    client: Browser, clock: StoppedClock, sign_in_as: Any
) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=50_000)
    page = f"/admin/payments/{asked.code}"
    await sign_in_as(client, ADMIN, Role.ADMIN)
    shown = (await client.get(page)).text
    assert "Nhận thừa" in shown and "15.000" in shown and asked.account_number not in shown
    wrong = await client.submit(f"{page}/resolve", {"note": "", "is_returned": "yes"})
    assert wrong.status_code == 422 and "Cần ghi đã làm gì" in wrong.text and "checked" in wrong.text
    done = await client.submit(f"{page}/resolve", {"note": "đã trả 15.000", "is_returned": "yes"})
    assert done.status_code == 303
    now = await payment_for("order:1")
    assert now is not None and (now.extra_dong, now.needs_review) == (0, False)
    assert "không còn gì phải xem" in (await client.get(page)).text
    assert (await client.submit(f"{page}/resolve", {"note": "lần nữa nhé"})).status_code == 409
    for path in ("DH00000000", "x" * 200, "notices/" + "9" * 30, "notices/0"):
        assert (await client.get(f"/admin/payments/{path}")).status_code == 404


async def test_an_unreadable_notice_shows_its_body(client: Browser, bank: Bank, sign_in_as: Any) -> None:
    await bank.posts(json.dumps({"id": "<script>"}).encode())
    await sign_in_as(client, ADMIN, Role.ADMIN)
    page = await client.get(f"/admin/payments/notices/{(await open_reviews()).notices[0].id}")
    assert page.status_code == 200 and "&lt;script&gt;" in page.text and "/attach" not in page.text


async def test_the_pages_speak_english_too(client: Browser, clock: StoppedClock, sign_in_as: Any) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=50_000)
    await sign_in_as(client, ADMIN, Role.ADMIN, (Role.VENDOR, str(asked.vendor_id)))
    client.cookies.set("language", "en")
    assert "Money to look at" in (await client.get("/admin/payments")).text
    assert "Too much received" in (await client.get(f"/admin/payments/{asked.code}")).text
    assert "Money from sales" in (await client.get("/sell/money")).text
    assert "Pretend bank" in (await client.get("/twins/bank")).text
