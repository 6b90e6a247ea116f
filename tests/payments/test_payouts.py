"""Payouts of collected money: gathered, approved, sent, told by the bank; returned, failed, blocked by refunds."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, Refusal
from kit.roles import Role
from payments import ledger
from payments.ledger import balances
from payments.models import Payout, PayoutEvent, PayoutStatus
from payments.services import PaymentView, Settled, assert_balanced, settle
from payments.services.payouts.gathering import (
    approve_payout,
    end_payout,
    gather_payout,
    owed_to,
    owed_to_sellers,
    say_sent,
)
from payments.services.payouts.shown import owed_rows, payout_shown, payouts
from tests.conftest import Browser
from tests.factories import bank_notice, payment, recorded

PLATFORM = "0011001234567"


@pytest.fixture(autouse=True)
async def books(db: None) -> AsyncIterator[None]:
    """Whatever a test did, the books hold afterwards."""
    yield
    await assert_balanced()


async def collected(clock: StoppedClock, dong: int = 100_000) -> PaymentView:
    """A seller for whom a provider has collected, as a booking says."""
    asked = await payment(now=clock.now(), amount_dong=dong)
    await owe(asked, dong, clock)
    return asked


async def owe(asked: PaymentView, dong: int, clock: StoppedClock, key: str = "a") -> None:
    entries = [(ledger.clearing("momo"), dong), (ledger.payable(asked.vendor_id), -dong)]
    async with transaction():
        await ledger.post("collected", f"test:{key}", entries, at=clock.now())


async def ready(asked: PaymentView, clock: StoppedClock) -> Payout:
    number = await gather_payout(asked.vendor_id, person_id=4, now=clock.now())
    await approve_payout(number, person_id=4, now=clock.now())
    return await Payout.get(id=number)


async def bank_tells(
    asked: PaymentView, payout: Payout, clock: StoppedClock, key: int = 80, **changes: Any
) -> Settled:
    """The bank tells of money that left the market's own account, or came back to it."""
    facts: dict[str, Any] = {
        "is_incoming": False,
        "account_number": PLATFORM,
        "content": f"CHI HO {payout.code}",
        "amount_dong": payout.amount_dong,
    }
    number = await recorded(bank_notice(asked, key, at=clock.now(), **{**facts, **changes}), now=clock.now())
    async with transaction():
        settled = await settle(number, now=clock.now())
    assert settled is not None
    return settled


async def test_all_that_is_owed_is_gathered_and_the_notice_ends_it(clock: StoppedClock) -> None:
    asked = await collected(clock)
    assert [(one.vendor_id, one.dong) for one in await owed_to_sellers()] == [(asked.vendor_id, 100_000)]
    payout = await ready(asked, clock)
    assert (payout.state, payout.amount_dong, payout.account_number) == ("approved", 100_000, "0123456789")
    assert await owed_to(asked.vendor_id) == 0
    assert (await payout_shown(payout.code)).qr_text
    assert (await bank_tells(asked, payout, clock)).verdict == "payout"
    await payout.refresh_from_db()
    assert (payout.state, payout.confirmed_by.partition(":")[0]) == ("succeeded", "notice")
    vendor = f"seller:{asked.vendor_id}"
    assert await balances(vendor) == {f"{vendor}:payable": 0, f"{vendor}:paying_out": 0}
    assert await balances("platform:") == {"platform:bank": -100_000}
    steps = await PayoutEvent.filter(payout_id=payout.id).order_by("id").values_list("kind", flat=True)
    assert steps == ["draft", "approved", "sent", "succeeded"]


async def test_one_at_a_time_and_none_without_money(clock: StoppedClock) -> None:
    asked = await collected(clock)
    await ready(asked, clock)
    with pytest.raises(Refusal):
        await gather_payout(asked.vendor_id, person_id=4, now=clock.now())
    await owe(asked, 5_000, clock, "b")
    with pytest.raises(Conflict):
        await gather_payout(asked.vendor_id, person_id=4, now=clock.now())
    [row] = await owed_rows()
    assert (row.dong, row.is_open) == (5_000, True)
    assert len((await payouts(vendor_id=asked.vendor_id)).rows) == 1


async def test_a_seller_who_owes_is_paid_nothing(clock: StoppedClock) -> None:
    """More was given back than is left: the payout that waits may not go, and no other is gathered."""
    asked = await collected(clock)
    number = await gather_payout(asked.vendor_id, person_id=4, now=clock.now())
    await owe(asked, -30_000, clock, "refund")
    with pytest.raises(Conflict):
        await approve_payout(number, person_id=4, now=clock.now())
    await end_payout(number, PayoutStatus.CANCELLED, person_id=4, words="gom lại", now=clock.now())
    assert await owed_to(asked.vendor_id) == 70_000
    assert (
        await Payout.get(id=await gather_payout(asked.vendor_id, person_id=4, now=clock.now()))
    ).amount_dong == 70_000


async def test_a_payout_that_comes_back_is_owed_again(clock: StoppedClock) -> None:
    asked = await collected(clock)
    payout = await ready(asked, clock)
    await bank_tells(asked, payout, clock)
    back = await bank_tells(asked, payout, clock, 81, is_incoming=True)
    assert back.verdict == "payout_back"
    await payout.refresh_from_db()
    assert payout.state == "returned" and await owed_to(asked.vendor_id) == 100_000
    assert (await balances("platform:"))["platform:bank"] == 0


async def test_a_failed_payout_is_owed_again_and_an_end_is_an_end(clock: StoppedClock) -> None:
    asked = await collected(clock)
    payout = await ready(asked, clock)
    await say_sent(payout.id, person_id=4, now=clock.now())
    for _ in range(2):
        await end_payout(payout.id, PayoutStatus.FAILED, person_id=4, words="sai tên", now=clock.now())
    assert await owed_to(asked.vendor_id) == 100_000
    with pytest.raises(Conflict):
        await end_payout(payout.id, PayoutStatus.SUCCEEDED, person_id=4, words="", now=clock.now())


async def test_a_persons_word_is_proved_by_the_notice(clock: StoppedClock) -> None:
    asked = await collected(clock)
    payout = await ready(asked, clock)
    await say_sent(payout.id, person_id=4, now=clock.now())
    await end_payout(payout.id, PayoutStatus.SUCCEEDED, person_id=4, words="thấy sao kê", now=clock.now())
    await bank_tells(asked, payout, clock)
    await payout.refresh_from_db()
    assert payout.notice_id is not None and payout.confirmed_by == "person:4"
    assert await balances("platform:") == {"platform:bank": -100_000}


async def test_another_sum_or_a_wrong_moment_goes_to_a_person(clock: StoppedClock) -> None:
    asked = await collected(clock)
    payout = await ready(asked, clock)
    await bank_tells(asked, payout, clock, amount_dong=90_000)
    await payout.refresh_from_db()
    assert (payout.state, payout.needs_review) == ("approved", True)
    await end_payout(payout.id, PayoutStatus.CANCELLED, person_id=4, words="chuyển nhầm số", now=clock.now())
    await bank_tells(asked, payout, clock, 81)
    await payout.refresh_from_db()
    assert (payout.state, payout.needs_review) == ("cancelled", True)


async def test_an_administrator_pays_out_and_the_seller_sees_it(
    clock: StoppedClock, client: Browser, sign_in_as: Any
) -> None:
    asked = await collected(clock)
    await sign_in_as(client, "+84912000111", (Role.VENDOR, str(asked.vendor_id)), Role.ADMIN)
    assert "100.000" in (await client.get("/admin/payouts")).text
    assert (await client.submit("/admin/payouts", {"vendor_id": "x"})).status_code == 404
    values = {"vendor_id": str(asked.vendor_id)}
    assert (await client.submit("/admin/payouts", values)).status_code == 303
    assert (await client.submit("/admin/payouts", values)).status_code == 422
    payout = await Payout.get()
    page = f"/admin/payouts/{payout.code}"
    assert (await client.get(f"{page}/qr.svg")).status_code == 404, "not before it is approved"
    assert (await client.submit(f"{page}/approval")).status_code == 303
    assert (await client.get(f"{page}/qr.svg")).headers["content-type"].startswith("image/svg")
    assert "0123456789" in (await client.get(page)).text
    assert (await client.submit(f"{page}/sending")).status_code == 303
    wrong = await client.submit(f"{page}/end", {"state": "succeeded"})
    assert wrong.status_code == 422 and "f-words-error" in wrong.text
    ended = await client.submit(f"{page}/end", {"state": "succeeded", "words": "thấy sao kê"})
    assert ended.status_code == 303
    assert "Đã trả" in (await client.get(page)).text
    own = await client.get("/sell/payouts")
    assert payout.code in own.text and "0123456789" not in own.text
    await owe(asked, -5_000, clock, "refund")
    assert "Cô bác còn nợ lại" in (await client.get("/sell/payouts")).text
    assert "Người bán nợ lại" in (await client.get("/admin/payouts")).text
