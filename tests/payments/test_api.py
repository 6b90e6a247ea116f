"""The JSON API of payments: what a payer's program may know, and a seller's sums."""

from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.roles import Role
from payments.services import assert_balanced
from tests.conftest import Browser
from tests.factories import payment, told, vendor

pytestmark = pytest.mark.usefixtures("db")


async def test_anyone_may_ask_where_a_payment_stands(client: Browser, clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    answer = await client.get(f"/api/v1/payments/{asked.code}")
    assert answer.status_code == 200
    assert answer.json() == {
        "code": asked.code,
        "state": "pending",
        "asked_dong": 35_000,
        "received_dong": 0,
        "rest_dong": 35_000,
        "extra_dong": 0,
        "is_paid_late": False,
        "expires_at": asked.expires_at.isoformat(),
        "paid_at": None,
        "qr_text": asked.qr_text,
    }


async def test_a_paid_payment_says_so_and_tells_nothing_personal(
    client: Browser, clock: StoppedClock
) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now())
    answer = await client.get(f"/api/v1/payments/{asked.code}")
    told_of = answer.json()
    assert (told_of["state"], told_of["qr_text"]) == ("paid", "")
    assert told_of["paid_at"] == clock.now().isoformat()
    assert asked.account_holder not in answer.text and asked.account_number not in answer.text
    await assert_balanced()


@pytest.mark.parametrize("code", ["DH00000000", "x", "%27", "9" * 200])
async def test_an_unknown_code_is_not_found_in_json(client: Browser, code: str) -> None:
    answer = await client.get(f"/api/v1/payments/{code}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_seller_reads_own_sums(client: Browser, clock: StoppedClock, sign_in_as: Any) -> None:
    seller = await vendor()
    paid = await payment("order:1", now=clock.now(), vendor_id=seller.id)
    await payment("order:2", now=clock.now(), vendor_id=seller.id, amount_dong=9_000)
    await payment("order:3", now=clock.now())
    await told(paid, now=clock.now())
    assert (await client.get("/api/v1/sell/money")).status_code == 401
    await sign_in_as(client, "0912345678", (Role.VENDOR, str(seller.id)))
    answer = await client.get("/api/v1/sell/money")
    assert answer.json() == {
        "today_dong": 35_000,
        "today_count": 1,
        "week_dong": 35_000,
        "week_count": 1,
        "awaited_dong": 9_000,
        "awaited_count": 1,
    }
    await assert_balanced()


async def test_who_sells_nothing_has_no_sums(client: Browser, sign_in_as: Any) -> None:
    await sign_in_as(client, "0912345678")
    assert (await client.get("/api/v1/sell/money")).status_code == 403
