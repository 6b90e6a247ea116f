"""The same notice on twenty connections at once, and different ones for one payment: counted once, nothing lost."""

import asyncio

import httpx2
import pytest
from starlette.types import ASGIApp

from kit.clock import StoppedClock
from kit.db import transaction
from kit.models import Job
from kit.settings import Settings
from payments.gates.sepay import sign, write
from payments.models import LedgerTransaction, Notice, PaymentEvent
from payments.services import Settled, assert_balanced, balances, expire, payment_for, settle, settle_plain
from payments.services.notices import SEPAY, Source
from tests.factories import bank_notice, payment, recorded

pytestmark = pytest.mark.usefixtures("committed")
TIMES = 20
CASSO = Source("casso")


async def settled(notice_id: int, clock: StoppedClock) -> Settled | None:
    """One worker's try."""
    async with transaction():
        return await settle(notice_id, now=clock.now())


async def test_one_notice_posted_twenty_times_at_once_is_written_once(
    app: ASGIApp, settings: Settings, clock: StoppedClock
) -> None:
    raw = write(bank_notice(await payment(now=clock.now()), at=clock.now()))
    headers = sign(settings.sepay_secret, int(clock.now().timestamp()), raw)

    async def post() -> httpx2.Response:
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://test"
        ) as bank:
            return await bank.post("/payments/notices/sepay", content=raw, headers=headers)

    answers = await asyncio.gather(*(post() for _ in range(TIMES)))
    assert {(one.status_code, one.text) for one in answers} == {(200, '{"success":true}')}
    assert await Notice.all().count() == 1
    assert await Job.filter(name="settle_notice").count() == 1


async def test_one_notice_settled_twenty_times_at_once_counts_once(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    number = await recorded(bank_notice(asked, at=clock.now()), now=clock.now())
    outcomes = await asyncio.gather(*(settled(number, clock) for _ in range(TIMES)))
    assert [one for one in outcomes if one] == [Settled("order:1", "matched", True, asked.id)]
    assert await LedgerTransaction.all().count() == 1
    assert await PaymentEvent.filter(kind="matched").count() == 1
    await assert_balanced()


async def test_twenty_parts_at_once_all_count_and_one_completes(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now(), amount_dong=20_000)
    numbers = [
        await recorded(bank_notice(asked, key, at=clock.now(), amount_dong=1_000), now=clock.now())
        for key in range(1, TIMES + 1)
    ]
    outcomes = await asyncio.gather(*(settled(number, clock) for number in numbers))
    assert sum(one.became_paid for one in outcomes if one) == 1
    paid = await payment_for("order:1")
    assert paid is not None and (paid.state, paid.received_dong, paid.extra_dong) == ("paid", 20_000, 0)
    await assert_balanced()


async def test_twenty_full_payments_at_once_pay_once_and_owe_the_rest(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    numbers = [
        await recorded(bank_notice(asked, key, at=clock.now()), now=clock.now())
        for key in range(1, TIMES + 1)
    ]
    outcomes = await asyncio.gather(*(settled(number, clock) for number in numbers))
    assert sorted(one.verdict for one in outcomes if one) == ["duplicate"] * (TIMES - 1) + ["matched"]
    owed = await balances("order:1:")
    assert owed == {"order:1:paid": -35_000, "order:1:owed_to_buyer": -35_000 * (TIMES - 1)}
    await assert_balanced()


async def test_one_transfer_told_by_two_at_once_counts_once(clock: StoppedClock) -> None:
    """SePay and Casso tell of the same line of the bank in the same moment, several workers take both."""
    for number in range(1, 7):
        asked = await payment(f"order:{number}", now=clock.now())
        line = bank_notice(asked, number, at=clock.now(), bank_reference=f"FT{number:012}")
        both = [await recorded(line, now=clock.now(), source=one) for one in (SEPAY, CASSO)]
        acts = [settled(one, clock) for one in both * 3]
        outcomes = [one for one in await asyncio.gather(*acts, settle_many(both, clock)) if one]
        told = sorted(str(one) for one in await Notice.filter(id__in=both).values_list("verdict", flat=True))
        assert told == ["matched", "told_twice"], outcomes
        after = await payment_for(asked.reference)
        assert after is not None and (after.received_dong, after.extra_dong) == (35_000, 0)
    assert await LedgerTransaction.all().count() == 6
    await assert_balanced()


async def settle_many(notice_ids: list[int], clock: StoppedClock) -> None:
    """A worker that takes all that wait together."""
    async with transaction():
        await settle_plain(notice_ids, ("order",), now=clock.now())


async def test_money_and_the_end_at_once_give_one_of_two_stories(clock: StoppedClock) -> None:
    stories = set()
    for number in range(1, 9):
        reference = f"order:{number}"
        asked = await payment(reference, now=clock.now())
        notice = await recorded(bank_notice(asked, number, at=clock.now()), now=clock.now())
        acts = [settled(notice, clock), expire(reference, now=asked.expires_at)]
        await asyncio.gather(*(acts if number % 2 else reversed(acts)))
        after = await payment_for(reference)
        assert after is not None
        stories.add((after.state.value, after.received_dong, after.extra_dong))
    assert stories <= {("paid", 35_000, 0), ("expired", 0, 35_000)}
    await assert_balanced()
