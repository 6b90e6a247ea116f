"""The pretend bank: reads codes, tells as SePay tells, repeats as SePay repeats, never in production."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from kit.clock import StoppedClock
from kit.db import transaction
from kit.models import Job
from kit.outbox import TryAgain
from kit.parts import Parts
from kit.settings import Settings
from kit.twins import TwinsAreOff
from market.app import all_routes
from payments.models import Notice, Payment, TwinTransfer
from payments.qr import vietqr
from payments.qr_picture import qr_png
from payments.services import assert_balanced, settle
from payments.twins.command import pay_from_command
from payments.twins.transfers import send_twin_notice
from tests.conftest import Browser
from tests.factories import payment

BANK = "/twins/bank"


@pytest.fixture
async def books(db: None) -> AsyncIterator[None]:
    """Whatever a test did, the books hold afterwards."""
    yield
    await assert_balanced()


pytestmark = pytest.mark.usefixtures("books")


def transfer(**changes: str) -> dict[str, str]:
    """The form as the page sends it."""
    fields = {
        "bin": "970436",
        "account_number": "0123456789",
        "amount_dong": "35.000",
        "content": "",
        "mangling": "as_is",
        "delay_seconds": "0",
    }
    return {**fields, **changes}


async def worked(parts: Parts, clock: StoppedClock) -> None:
    """The bank tells, the market settles."""
    for one in await TwinTransfer.filter(sends_left__gt=0):
        await send_twin_notice(parts, one.id)
    for notice in await Notice.filter(handled_at__isnull=True):
        async with transaction():
            await settle(notice.id, now=clock.now())


async def test_the_page_shows_what_a_payment_asks(client: Browser, clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    for params in ({"code": asked.code}, {"qr": asked.qr_text}):
        page = await client.get(BANK, params=params)
        assert page.status_code == 200
        for words in (
            "tiền không có thật",
            "Vietcombank",
            "DAO THANH HAO",
            "0123456789",
            asked.code,
            "35000",
        ):
            assert words in page.text, words


async def test_a_code_of_anybody_can_be_read(client: Browser) -> None:
    text = vietqr("970415", "113366668888", purpose="Ung ho")
    page = await client.get(BANK, params={"qr": text})
    assert "113366668888" in page.text and "Ung ho" in page.text and "DAO THANH HAO" not in page.text


async def test_a_picture_is_read(client: Browser, clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    picture = {"picture": ("ma.png", io.BytesIO(qr_png(asked.qr_text, 6)), "image/png")}
    answer = await client.submit(f"{BANK}/qr", {"qr": ""}, files=picture)
    assert answer.status_code == 303
    assert asked.code in (await client.get(answer.headers["location"])).text


@pytest.mark.parametrize("text", ["", "xin chào", "0002", "00020101021138" + "9" * 400])
async def test_what_is_no_code_is_said_and_kept(client: Browser, text: str) -> None:
    answer = await client.submit(f"{BANK}/qr", {"qr": text})
    assert answer.status_code == 422 and "Không đọc được mã VietQR" in answer.text and text in answer.text
    if text:
        assert (await client.get(BANK, params={"qr": text})).status_code == 422


async def test_a_picture_of_nothing_is_said(client: Browser) -> None:
    picture = {"picture": ("ma.png", io.BytesIO(b"no picture"), "image/png")}
    answer = await client.submit(f"{BANK}/qr", {"qr": ""}, files=picture)
    assert answer.status_code == 422 and "Không đọc được mã VietQR" in answer.text


async def test_a_code_that_is_paid_has_nothing_to_transfer(client: Browser) -> None:
    assert (await client.get(BANK, params={"code": "DH00000000"})).status_code == 404


async def test_a_transfer_pays(client: Browser, parts: Parts, clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    answer = await client.submit(f"{BANK}/transfers", transfer(content=asked.code))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BANK}?made=1")
    assert await Job.filter(name="send_twin_notice").count() == 1
    await worked(parts, clock)
    assert (await Payment.get()).state == "paid"
    page = await client.get(BANK)
    assert "Nhận đủ" in page.text and "200 {" in page.text


@pytest.mark.parametrize("how", ["as_is", "wrapped", "loose"])
async def test_what_banks_do_to_a_content_does_not_matter(
    client: Browser, parts: Parts, clock: StoppedClock, how: str
) -> None:
    asked = await payment(now=clock.now())
    await client.submit(f"{BANK}/transfers", transfer(content=asked.code, mangling=how))
    await worked(parts, clock)
    assert (await Payment.get()).state == "paid"


async def test_a_lost_content_waits_for_a_person(client: Browser, parts: Parts, clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await client.submit(f"{BANK}/transfers", transfer(content=asked.code, mangling="lost"))
    await worked(parts, clock)
    assert (await Payment.get()).state == "pending" and (await Notice.get()).verdict == "none"


async def test_told_twice_is_written_down_once(client: Browser, parts: Parts, clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await client.submit(f"{BANK}/transfers", transfer(content=asked.code, is_twice="yes"))
    await worked(parts, clock)
    row = await TwinTransfer.get()
    assert (row.sends, row.sends_left) == (2, 0)
    assert await Notice.all().count() == 1 and (await Payment.get()).received_dong == 35_000


async def test_a_forged_notice_is_repeated_as_sepay_repeats_and_never_taken(
    client: Browser, parts: Parts, clock: StoppedClock
) -> None:
    asked = await payment(now=clock.now())
    await client.submit(f"{BANK}/transfers", transfer(content=asked.code, is_forged="yes"))
    number = (await TwinTransfer.get()).id
    waits = []
    for _ in range(7):
        with pytest.raises(TryAgain) as again:
            await send_twin_notice(parts, number)
        waits.append(again.value.seconds // 60)
    assert waits == [1, 1, 2, 3, 5, 8, 13]
    await send_twin_notice(parts, number)
    row = await TwinTransfer.get()
    assert (row.sends, row.sends_left, row.last_answer[:3]) == (8, 0, "401")
    await send_twin_notice(parts, number)
    assert (await TwinTransfer.get()).sends == 8, "given up is given up"
    assert await Notice.all().count() == 0 and (await Payment.get()).state == "pending"


async def test_a_market_that_does_not_answer_is_told_again(
    client: Browser, parts: Parts, clock: StoppedClock
) -> None:
    asked = await payment(now=clock.now())
    await client.submit(f"{BANK}/transfers", transfer(content=asked.code))
    working = parts[httpx2.AsyncClient]

    def dead(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("nobody there")

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(dead)) as broken:
        parts.put(httpx2.AsyncClient, broken)
        with pytest.raises(TryAgain):
            await send_twin_notice(parts, (await TwinTransfer.get()).id)
    assert "nobody there" in (await TwinTransfer.get()).last_answer
    parts.put(httpx2.AsyncClient, working)
    await worked(parts, clock)
    assert (await Payment.get()).state == "paid"


async def test_a_delay_keeps_the_notice_back(client: Browser) -> None:
    await client.submit(f"{BANK}/transfers", transfer(content="x", delay_seconds="1200"))
    job = await Job.get(name="send_twin_notice")
    assert (job.due_at - datetime.now(UTC)).total_seconds() > 1000


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("amount_dong", "", "Ô này cần được điền."),
        ("amount_dong", "ba chục", "Số tiền cần là số đồng"),
        ("amount_dong", "0", "Số tiền từ"),
        ("amount_dong", "500.000.001", "Số tiền từ"),
        ("bin", "97", "Mã ngân hàng cần 6 chữ số."),
        ("account_number", "12 34", "Số tài khoản có 1 đến 19"),
        ("mangling", "other", "Hãy chọn một trong các mục."),
        ("delay_seconds", "9999", "Số từ 0 đến 3600"),
        ("content", "x" * 121, "Nhiều nhất 120 chữ"),
    ],
)
async def test_a_wrong_field_moves_nothing(client: Browser, field: str, typed: str, sentence: str) -> None:
    answer = await client.submit(f"{BANK}/transfers", transfer(**{field: typed}))
    assert answer.status_code == 422 and sentence in answer.text
    assert await TwinTransfer.all().count() == 0 and await Job.all().count() == 0


async def test_the_job_refuses_where_twins_are_off(
    parts: Parts, settings: Settings, clock: StoppedClock
) -> None:
    row = await TwinTransfer.create(
        bin="970436", account_number="1", amount_dong=5, content="", made_at=clock.now()
    )
    for off in (replace(settings, bank_twin=False), replace(settings, mode="production")):
        parts.put(Settings, off)
        with pytest.raises(TwinsAreOff):
            await send_twin_notice(parts, row.id)
    assert (await TwinTransfer.get()).sends == 0


def test_without_the_twin_there_are_no_pages(settings: Settings) -> None:
    names = {getattr(route, "name", "") for route in all_routes(replace(settings, bank_twin=False))}
    assert "payments:twin_bank_show" not in names and "payments:qr_show" in names


# The command


def test_the_command_says_what_is_no_code(settings: Settings, tmp_path: Path, capsys: Any) -> None:
    blank = tmp_path / "blank.png"
    blank.write_bytes(b"no picture")
    for wrong in ("xin chào", "", str(blank), str(tmp_path)):
        assert pay_from_command(settings, wrong, amount_dong=None, twice=False, forged=False) == 2
        assert "no QR code" in capsys.readouterr().out
    static = vietqr("970436", "0123456789")
    assert pay_from_command(settings, static, amount_dong=None, twice=False, forged=False) == 2
    assert "--amount" in capsys.readouterr().out


def test_the_command_is_off_where_twins_are(settings: Settings, capsys: Any) -> None:
    text = vietqr("970436", "0123456789", amount_dong=5)
    off = replace(settings, bank_twin=False)
    assert pay_from_command(off, text, amount_dong=None, twice=False, forged=False) == 2


def test_the_command_says_when_nobody_answers(settings: Settings, tmp_path: Path, capsys: Any) -> None:
    picture = tmp_path / "qr.png"
    picture.write_bytes(qr_png(vietqr("970436", "0123456789", amount_dong=5, purpose="DH"), 6))
    nowhere = replace(settings, base_url="http://127.0.0.1:9")
    assert pay_from_command(nowhere, str(picture), amount_dong=7, twice=True, forged=False) == 1
    said = capsys.readouterr().out
    assert said.count("does not answer") == 2 and "7 đồng to 0123456789" in said
