"""Lists against what was told: lost notices fetched, differences worked off, stuck money hunted; where money is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.db import transaction
from kit.models import Job
from kit.parts import Parts
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from payments.list_tasks import (
    hunt_stuck_money,
    leave_polls,
    leave_reconciliation,
    poll_own_list,
    poll_platform_list,
    reconcile_own,
    reconcile_platform,
)
from payments.models import Difference, Notice, TwinTransfer
from payments.services import assert_balanced, settle
from payments.services.bank_keys import connect_key
from payments.services.notices import Source
from payments.services.reconciling import compare_lines, find_unlisted, hunt_stuck
from tests.conftest import Browser, Queries
from tests.factories import after, bank_notice, payment, recorded, told, vendor

ADMIN = "0987654321"
PAGE, WHERE = "/admin/reconciliation", "/admin/money"
CASSO = Source("casso")


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


async def untold(clock: StoppedClock, account: str, content: str, **more: Any) -> TwinTransfer:
    """A transfer at the pretend bank that it never told of."""
    return await TwinTransfer.create(
        bin="970436",
        account_number=account,
        amount_dong=35_000,
        content=content,
        made_at=clock.now(),
        sends_left=0,
        **more,
    )


@pytest.mark.parametrize(("number", "provider"), [(0, "sepay"), (1, "casso")])
async def test_a_lost_notice_is_fetched_from_the_list_and_pays(
    clock: StoppedClock, parts: Parts, number: int, provider: str
) -> None:
    asked = await payment(now=clock.now())
    await untold(clock, asked.account_number, f"ck {asked.code}", provider=provider)
    clock.forward(minutes=10)
    for _ in range(2):
        await poll_platform_list(parts, number)
    await worked(clock)
    assert (await after(asked)).state == "paid" and await Notice.all().count() == 1
    [difference] = await Difference.all()
    assert (difference.kind, difference.state, difference.source) == ("untold", "settled", provider)


async def test_a_sellers_list_is_read_under_the_sellers_key(
    clock: StoppedClock, parts: Parts, settings: Settings
) -> None:
    asked = await payment(now=clock.now())
    key = await connect_key(
        asked.vendor_id,
        "casso",
        "khoa-ky-rieng",
        "khoa-doc-rieng",
        person_id=1,
        now=clock.now(),
        keys=seal_keys(settings),
    )
    await untold(clock, asked.account_number, asked.code, provider="casso", bank_key_id=key.id)
    await poll_platform_list(parts, 1)
    assert await Notice.all().count() == 0, "the platform's key does not open it"
    await poll_own_list(parts, key.id)
    await worked(clock)
    assert (await after(asked)).state == "paid"
    await reconcile_own(parts, key.id)
    await poll_own_list(parts, 999_999)


async def test_rounds_leave_a_job_for_each_list(
    clock: StoppedClock, parts: Parts, settings: Settings
) -> None:
    seller = await vendor()
    for provider, list_key in (("casso", "khoa-doc-rieng"), ("payos", "")):
        await connect_key(
            seller.id,
            provider,
            "khoa-ky-rieng",
            list_key,
            person_id=1,
            now=clock.now(),
            keys=seal_keys(settings),
        )
    await leave_polls(parts)
    await leave_reconciliation(parts)
    left = [job.name for job in await Job.all().order_by("id")]
    assert left == [
        *["poll_platform_list"] * 2,
        "poll_own_list",
        *["reconcile_platform"] * 2,
        "reconcile_own",
    ]


async def test_what_a_list_says_otherwise_is_listed_once_and_nothing_is_changed(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    line = bank_notice(asked, 5, at=clock.now())
    await recorded(line, now=clock.now(), source=CASSO)
    await worked(clock)
    other = replace(line, amount_dong=36_000)
    for count in (1, 0):
        assert (await compare_lines([other], CASSO, now=clock.now())).differences == count
    assert (await compare_lines([line], CASSO, now=clock.now())).differences == 0
    [difference] = await Difference.all()
    assert (difference.kind, difference.amount_dong, difference.other_dong) == ("differs", 35_000, 36_000)
    assert (await after(asked)).received_dong == 35_000


async def test_a_notice_that_the_list_lacks_is_listed(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    line = bank_notice(asked, 5, at=clock.now())
    await recorded(line, now=clock.now(), source=CASSO)
    await worked(clock)
    day = clock.now().replace(hour=0), clock.now().replace(hour=23)
    assert await find_unlisted([line], CASSO, *day, now=clock.now()) == 0
    assert await find_unlisted([], CASSO, *day, now=clock.now()) == 1
    assert await find_unlisted([], CASSO, *day, now=clock.now()) == 0


async def test_the_nightly_look_compares_yesterday(clock: StoppedClock, parts: Parts) -> None:
    asked = await payment(now=clock.now(), minutes=60 * 48)
    await untold(clock, asked.account_number, asked.code)
    clock.forward(days=1)
    await reconcile_platform(parts, 0)
    await worked(clock)
    assert (await after(asked)).state == "paid"


async def test_stuck_money_is_hunted_and_let_go_when_it_moves(clock: StoppedClock, parts: Parts) -> None:
    part = await payment("order:1", now=clock.now())
    await told(part, 1, now=clock.now(), amount_dong=5_000)
    waiting = await payment("order:2", now=clock.now(), minutes=60 * 24 * 9)
    await recorded(bank_notice(waiting, 2, at=clock.now()), now=clock.now())
    over = await payment("order:3", now=clock.now())
    await told(over, 3, now=clock.now(), amount_dong=50_000)
    await hunt_stuck(now=clock.now())
    assert await Difference.all().count() == 0
    clock.forward(days=4)
    for _ in range(2):
        await hunt_stuck_money(parts)
    assert {(one.kind, one.state) for one in await Difference.all()} == {
        ("stuck_notice", "open"),
        ("stuck_part", "open"),
        ("stuck_review", "open"),
    }
    await worked(clock)
    await hunt_stuck(now=clock.now())
    assert await Difference.filter(kind="stuck_notice", state="settled").count() == 1


async def test_somebody_works_a_difference_off(client: Browser, clock: StoppedClock, sign_in_as: Any) -> None:
    person = await sign_in_as(client, ADMIN, Role.ADMIN)
    asked = await payment(now=clock.now())
    line = bank_notice(asked, 5, at=clock.now())
    await recorded(line, now=clock.now(), source=CASSO)
    await find_unlisted([], CASSO, clock.now(), clock.now(), now=clock.now())
    [row] = await Difference.all()
    assert "Có thông báo mà sao kê không có" in (await client.get(PAGE)).text
    missing = await client.submit(f"/admin/reconciliation/{row.id}", {"state": "explained", "note": ""})
    assert missing.status_code == 422 and "để người sau đọc hiểu" in missing.text
    done = await client.submit(
        f"/admin/reconciliation/{row.id}", {"state": "explained", "note": "Ngân hàng gộp sao kê."}
    )
    assert done.status_code == 303
    await row.refresh_from_db()
    assert (row.state, row.closed_by, row.note) == ("explained", person.id, "Ngân hàng gộp sao kê.")
    again = await client.submit(
        f"/admin/reconciliation/{row.id}", {"state": "settled", "note": "Ngân hàng gộp."}
    )
    assert again.status_code == 409
    assert (
        await client.submit(f"{PAGE}/{2**70}", {"state": "settled", "note": "không có"})
    ).status_code == 404
    assert (
        await client.submit(f"{PAGE}/424242", {"state": "settled", "note": "không có"})
    ).status_code == 404
    explained = await client.get(f"{PAGE}?state=explained&page=1")
    assert "Ngân hàng gộp sao kê." in explained.text


async def test_where_money_is_by_code_tail_sum_and_bank_reference(
    client: Browser, clock: StoppedClock, sign_in_as: Any, queries: Queries
) -> None:
    await sign_in_as(client, ADMIN, Role.ADMIN)
    asked = await payment(now=clock.now(), amount_dong=47_000)
    await told(asked, 9, now=clock.now(), bank_reference="FT26084000009")
    stray = await payment("order:2", now=clock.now(), amount_dong=99_000)
    await told(stray, 10, now=clock.now(), content="tien che", bank_reference="FT26084000010")
    assert "Gõ mã đơn" in (await client.get(WHERE)).text
    with queries.at_most(16):
        whole = await client.get(WHERE, params={"q": asked.code.lower()})
    for seen in ("FT26084000009", "order:1:paid", "Nhận đủ", "seller:"):
        assert seen in whole.text
    for question in ("47.000", "47000", "FT26084000009", "47 nghìn"):
        found = (await client.get(WHERE, params={"q": question})).text
        assert asked.code in found and stray.code not in found, question
    for question in ("6789", "0123456789", "456789"):
        both = (await client.get(WHERE, params={"q": question})).text
        assert asked.code in both and stray.code in both, question
    assert "Không thấy mã nào của chợ" in (await client.get(WHERE, params={"q": "99000"})).text
    for nothing in ("DH00000000", "1", "không", "9999", "\x00", "' OR 1=1"):
        answer = await client.get(WHERE, params={"q": nothing})
        assert answer.status_code == 200 and asked.code not in answer.text


async def test_what_was_decided_before_is_shown_beside_alike_notices_and_never_acted_on(
    client: Browser, clock: StoppedClock, sign_in_as: Any
) -> None:
    await sign_in_as(client, ADMIN, Role.ADMIN)
    asked = await payment(now=clock.now())
    await told(asked, 1, now=clock.now(), content="CT tu 0011 NGUYEN AN tien che")
    first = await Notice.get()
    page = (await client.get(f"/admin/payments/notices/{first.id}")).text
    assert asked.code in page and "Lần trước" not in page
    await client.submit(f"/admin/payments/notices/{first.id}/attach", {"code": asked.code})
    async with transaction():
        await settle(first.id, now=clock.now())
    other = await payment("order:2", now=clock.now(), vendor_id=asked.vendor_id)
    await told(other, 2, now=clock.now(), content="CT tu 0099 NGUYEN AN tien che")
    second = await Notice.get(event_key="2")
    assert second.verdict == "none"
    page = (await client.get(f"/admin/payments/notices/{second.id}")).text
    assert "Lần trước" in page and f"gắn vào khoản {asked.code}" in page and other.code in page


@pytest.mark.parametrize(
    ("path", "days"),
    [
        ("/twins/bank/sepay/transactions/list", ("transaction_date_min", "transaction_date_max")),
        ("/twins/bank/casso/transactions", ("fromDate",)),
    ],
)
async def test_the_pretend_lists_open_to_their_keys_only(
    client: Browser, clock: StoppedClock, path: str, days: tuple[str, str]
) -> None:
    asked = {name: clock.now().date().isoformat() for name in days}
    for shown in ("", "Bearer wrong", "Apikey wrong"):
        assert (await client.get(path, params=asked, headers={"authorization": shown})).status_code == 404
    for shown in ("Bearer twin", "Apikey twin"):
        wrong = await client.get(path, params=dict.fromkeys(days, "x"), headers={"authorization": shown})
        assert wrong.status_code == 404
    right = "Bearer twin" if "sepay" in path else "Apikey twin"
    assert (await client.get(path, params=asked, headers={"authorization": right})).status_code == 200
