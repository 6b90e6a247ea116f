"""Sellers' own keys: sealed, shown once, believed at their own address only, for their own payments only."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.db import sql, transaction
from kit.models import Job
from kit.parts import Parts
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from payments.models import BankKey, Notice
from payments.services import assert_balanced, settle
from payments.services.bank_keys import BankKeyView, connect_key, keys_of_vendor
from payments.tasks import try_bank_key
from payments.twins.telling import told as as_told
from tests.conftest import Browser
from tests.factories import after, bank_notice, payment, vendor

PAGE = "/sell/money/notices"
SECRET = "khoa-rieng-cua-quay"
SELLER = "0912345678"


@pytest.fixture
async def books(db: None) -> AsyncIterator[None]:
    """Whatever a test did, the books hold afterwards."""
    yield
    await assert_balanced()


pytestmark = pytest.mark.usefixtures("books")


async def worked(clock: StoppedClock) -> None:
    """What was written down is settled."""
    for notice in await Notice.filter(handled_at__isnull=True).order_by("id"):
        async with transaction():
            await settle(notice.id, now=clock.now())


async def connected(vendor_id: int, provider: str, settings: Settings, clock: StoppedClock) -> BankKeyView:
    """A key of a seller's."""
    return await connect_key(
        vendor_id, provider, SECRET, "", person_id=1, now=clock.now(), keys=seal_keys(settings)
    )


@pytest.mark.parametrize("provider", ["sepay", "casso", "payos"])
async def test_a_notice_under_the_sellers_own_key_pays_the_sellers_order(
    client: Browser, settings: Settings, clock: StoppedClock, parts: Parts, provider: str
) -> None:
    asked = await payment(now=clock.now())
    key = await connected(asked.vendor_id, provider, settings, clock)
    line = bank_notice(asked, at=clock.now(), bank_reference="FT1")
    post = as_told(provider, SECRET, line, now=clock.now(), is_forged=False)
    for _ in range(2):
        answer = await client.post(key.path, content=post.raw, headers=post.headers)
        assert answer.status_code == 200
    await worked(clock)
    notice = await Notice.get()
    assert (notice.source, notice.vendor_id) == (f"{provider}:{key.id}", asked.vendor_id)
    assert (await after(asked)).state == "paid"
    [seen] = await keys_of_vendor(asked.vendor_id)
    assert seen.last_notice_at == clock.now() and seen.refused_at is None


async def test_a_seller_cannot_settle_another_sellers_payment(
    client: Browser, settings: Settings, clock: StoppedClock, parts: Parts
) -> None:
    asked, other = await payment(now=clock.now()), await vendor(slug="hang-khac")
    key = await connected(other.id, "sepay", settings, clock)
    for number, content in enumerate((asked.code, asked.code[:8]), start=1):
        line = bank_notice(asked, number, at=clock.now(), content=content)
        post = as_told("sepay", SECRET, line, now=clock.now(), is_forged=False)
        assert (await client.post(key.path, content=post.raw, headers=post.headers)).status_code == 200
    await worked(clock)
    assert (await after(asked)).state == "pending"
    assert {one.verdict for one in await Notice.all()} == {"none"}


async def test_a_line_told_by_two_providers_counts_once(
    client: Browser, settings: Settings, clock: StoppedClock, parts: Parts
) -> None:
    asked = await payment(now=clock.now())
    key = await connected(asked.vendor_id, "casso", settings, clock)
    line = bank_notice(asked, 7, at=clock.now(), bank_reference="FT77")
    for path, secret, provider in (
        ("/payments/notices/sepay", settings.sepay_secret, "sepay"),
        (key.path, SECRET, "casso"),
    ):
        post = as_told(provider, secret, line, now=clock.now(), is_forged=False)
        assert (await client.post(path, content=post.raw, headers=post.headers)).status_code == 200
    await worked(clock)
    paid = await after(asked)
    assert (paid.state, paid.received_dong, paid.extra_dong, paid.needs_review) == ("paid", 35_000, 0, False)
    assert sorted([one.verdict for one in await Notice.all()]) == ["matched", "told_twice"]


async def test_wrong_keys_wrong_places_and_closed_keys_are_refused(
    client: Browser, settings: Settings, clock: StoppedClock
) -> None:
    asked = await payment(now=clock.now())
    key = await connected(asked.vendor_id, "sepay", settings, clock)
    line = bank_notice(asked, at=clock.now())
    right = as_told("sepay", SECRET, line, now=clock.now(), is_forged=False)
    platform = as_told("sepay", settings.sepay_secret, line, now=clock.now(), is_forged=False)
    assert (await client.post(key.path, content=platform.raw, headers=platform.headers)).status_code == 401
    assert [one.refused_at for one in await keys_of_vendor(asked.vendor_id)] == [clock.now()]
    for path in (
        key.path.replace("sepay", "casso"),
        key.path + "x",
        "/payments/notices/sepay/nowhere",
        "/payments/notices/bank",
    ):
        assert (await client.post(path, content=right.raw, headers=right.headers)).status_code == 404
    assert (
        await client.post("/payments/notices/sepay", content=right.raw, headers=right.headers)
    ).status_code == 401
    await BankKey.filter(id=key.id).update(closed_at=clock.now())
    assert (await client.post(key.path, content=right.raw, headers=right.headers)).status_code == 404
    assert await Notice.all().count() == 0


async def test_the_platforms_casso_and_payos_are_heard_too(
    client: Browser, settings: Settings, clock: StoppedClock, parts: Parts
) -> None:
    for number, (provider, secret) in enumerate(
        (("casso", settings.casso_secret), ("payos", settings.payos_checksum_key)), start=1
    ):
        asked = await payment(f"order:{number}", now=clock.now())
        line = bank_notice(asked, number, at=clock.now(), bank_reference=f"FT{number}")
        post = as_told(provider, secret, line, now=clock.now(), is_forged=False)
        answer = await client.post(f"/payments/notices/{provider}", content=post.raw, headers=post.headers)
        assert answer.status_code == 200
        await worked(clock)
        assert (await after(asked)).state == "paid"


async def test_the_page_connects_shows_a_made_key_once_tests_and_disconnects(
    client: Browser, settings: Settings, clock: StoppedClock, parts: Parts, sign_in_as: Any
) -> None:
    seller = await vendor()
    await sign_in_as(client, SELLER, (Role.VENDOR, str(seller.id)))
    assert (await client.get("/sell/money")).text.count(PAGE) == 1
    page = await client.submit(PAGE, {"provider": "sepay", "secret": "", "list_key": ""})
    [made] = re.findall(r'<p class="code-text">([\w-]{43})</p>', page.text)
    again = (await client.get(PAGE)).text
    assert made not in again and f"…{made[-4:]}" in again
    [key] = await keys_of_vendor(seller.id)
    assert key.path in again
    rows = await sql("SELECT * FROM bank_key")
    assert made not in str(rows)
    twice = await client.submit(PAGE, {"provider": "sepay", "secret": SECRET, "list_key": ""})
    assert twice.status_code == 409
    asked = await client.submit(f"{PAGE}/{key.id}/test", {})
    assert asked.status_code == 303 and await Job.filter(name="try_bank_key", subject_id=key.id).exists()
    closed = await client.submit(f"{PAGE}/{key.id}/close", {})
    assert closed.status_code == 303 and await keys_of_vendor(seller.id) == []
    row = await BankKey.get()
    assert (row.secret, row.list_key, row.closed_at) == ("", "", clock.now())
    assert (await client.submit(f"{PAGE}/{key.id}/close", {})).status_code == 404


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"provider": "casso", "secret": "", "list_key": ""}, "secret"),
        ({"provider": "payos", "secret": "ngắn", "list_key": ""}, "secret"),
        ({"provider": "momo", "secret": SECRET, "list_key": ""}, "provider"),
        ({"provider": "casso", "secret": SECRET, "list_key": "a b"}, "list_key"),
    ],
)
async def test_keys_that_are_none_are_refused_at_their_field_and_never_echoed(
    client: Browser, typed: dict[str, str], field: str, sign_in_as: Any
) -> None:
    seller = await vendor()
    await sign_in_as(client, SELLER, (Role.VENDOR, str(seller.id)))
    page = await client.submit(PAGE, typed)
    assert page.status_code == 422 and f'href="#f-{field}"' in page.text
    assert SECRET not in page.text and await BankKey.all().count() == 0


async def test_another_sellers_key_is_not_there(
    client: Browser, settings: Settings, clock: StoppedClock, sign_in_as: Any
) -> None:
    seller, other = await vendor(), await vendor(slug="hang-khac")
    key = await connected(other.id, "sepay", settings, clock)
    await sign_in_as(client, SELLER, (Role.VENDOR, str(seller.id)))
    for act in ("test", "close"):
        assert (await client.submit(f"{PAGE}/{key.id}/{act}", {})).status_code == 404
    assert (await client.submit(f"{PAGE}/{2**70}/close", {})).status_code == 404


async def test_the_test_notice_travels_to_the_keys_own_address(
    settings: Settings, clock: StoppedClock, parts: Parts
) -> None:
    seller = await vendor()
    for provider in ("sepay", "casso", "payos"):
        key = await connected(seller.id, provider, settings, clock)
        await try_bank_key(parts, key.id)
    assert [one.tested_at for one in await keys_of_vendor(seller.id)] == [clock.now()] * 3
    assert await Notice.all().count() == 0
    await try_bank_key(parts, 999_999)
