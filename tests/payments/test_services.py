"""What a notice does to a payment: in full, in parts, over, twice, late, elsewhere, unnamed; what a person settles."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.codes import is_code
from kit.db import sql, transaction
from kit.errors import Refusal
from kit.models import Job, JobState
from payments.ledger import balance
from payments.models import Notice, Payment
from payments.qr import parse
from payments.services import (
    Settled,
    assert_balanced,
    balances,
    cancel,
    expire,
    leave_unhandled,
    open_reviews,
    payment_for,
    record_notice,
    record_unreadable,
    settle,
)
from payments.services.asking import ask
from tests.conftest import Queries
from tests.factories import after, bank_notice, kinds, payment, recorded, told, vendor


@pytest.fixture
async def books(db: None) -> AsyncIterator[None]:
    """Whatever a test did, the books hold afterwards."""
    yield
    await assert_balanced()


pytestmark = pytest.mark.usefixtures("books")


# Asking


async def test_what_is_asked_can_be_paid_by_qr(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now(), amount_dong=35_000)
    qr = parse(asked.qr_text)
    assert (qr.is_dynamic, qr.bin, qr.account) == (True, "970436", "0123456789")
    assert (qr.amount_dong, qr.purpose) == (35_000, asked.code)
    assert is_code(asked.code, "DH")
    assert (asked.state, asked.rest_dong, asked.received_dong, asked.extra_dong) == ("pending", 35_000, 0, 0)
    assert (asked.bank_name, asked.account_holder, asked.account_tail) == (
        "Vietcombank",
        "DAO THANH HAO",
        "6789",
    )
    assert await kinds(asked) == ["asked"]


async def test_asking_again_alike_gives_the_same_payment(clock: StoppedClock) -> None:
    seller = await vendor()
    first = await payment(now=clock.now(), vendor_id=seller.id)
    again = await payment(now=clock.now() + timedelta(minutes=1), vendor_id=seller.id)
    assert again == first and await Payment.all().count() == 1


@pytest.mark.parametrize("changes", [{"amount_dong": 1}, {"vendor_id": 999_999}])
async def test_asking_again_otherwise_is_a_fault(clock: StoppedClock, changes: dict[str, int]) -> None:
    seller = await vendor()
    await payment(now=clock.now(), vendor_id=seller.id)
    with pytest.raises(ValueError, match="was asked"):
        await payment(now=clock.now(), **{"vendor_id": seller.id, **changes})


async def test_a_given_code_is_used_and_must_be_one(clock: StoppedClock) -> None:
    seller, now = await vendor(), clock.now()
    first = await payment(now=now, vendor_id=seller.id)
    more: dict[str, Any] = {"vendor_id": seller.id, "amount_dong": 5, "now": now, "expires_at": now}
    for code in ("nonsense", first.code):
        with pytest.raises(Exception, match=r"no code|is taken"):
            await ask("order:2", code=code, **more)
    assert await payment_for("order:2") is None


async def test_a_seller_without_an_account_cannot_be_paid(clock: StoppedClock) -> None:
    with pytest.raises(Refusal):
        await payment(now=clock.now(), vendor_id=424_242)
    assert await Payment.all().count() == 0


@pytest.mark.parametrize("amount_dong", [0, -1])
async def test_nothing_cannot_be_asked(clock: StoppedClock, amount_dong: int) -> None:
    with pytest.raises(ValueError):
        await payment(now=clock.now(), amount_dong=amount_dong)
    assert await Payment.all().count() == 0


# Settling


async def test_the_exact_sum_pays(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    clock.forward(minutes=2)
    settled = await told(asked, now=clock.now())
    assert settled == Settled("order:1", "matched", True, asked.id)
    paid = await after(asked)
    assert (paid.state, paid.received_dong, paid.rest_dong, paid.paid_at) == ("paid", 35_000, 0, clock.now())
    assert not paid.needs_review and not paid.is_paid_late and paid.qr_text == ""
    assert await balances("order:1:") == {"order:1:paid": -35_000}
    assert await balance(f"seller:{asked.vendor_id}:bank") == 35_000
    assert await kinds(asked) == ["asked", "matched"]
    assert (await Payment.get(id=asked.id)).confirmed_by == "sepay:1"


async def test_a_part_and_the_rest_pay(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    first = await told(asked, 1, now=clock.now(), amount_dong=20_000)
    assert first == Settled("order:1", "partial", False, asked.id)
    partly = await after(asked)
    assert (partly.state, partly.received_dong, partly.rest_dong) == ("pending", 20_000, 15_000)
    assert not partly.needs_review
    assert parse(partly.qr_text).amount_dong == 15_000 and parse(partly.qr_text).purpose == asked.code
    assert partly.qr_svg_url != asked.qr_svg_url
    second = await told(asked, 2, now=clock.now(), amount_dong=15_000)
    assert second == Settled("order:1", "matched", True, asked.id)
    assert (await after(asked)).state == "paid"
    assert await balance("order:1:paid") == -35_000


async def test_too_much_pays_and_the_extra_is_owed(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    settled = await told(asked, now=clock.now(), amount_dong=50_000)
    assert settled == Settled("order:1", "over", True, asked.id)
    paid = await after(asked)
    assert (paid.state, paid.received_dong, paid.extra_dong, paid.needs_review) == (
        "paid",
        35_000,
        15_000,
        True,
    )
    assert await balances("order:1:") == {"order:1:paid": -35_000, "order:1:owed_to_buyer": -15_000}


async def test_paying_twice_owes_the_second(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, 1, now=clock.now())
    settled = await told(asked, 2, now=clock.now(), amount_dong=35_000)
    assert settled == Settled("order:1", "duplicate", False, asked.id)
    paid = await after(asked)
    assert (paid.state, paid.received_dong, paid.extra_dong, paid.needs_review) == (
        "paid",
        35_000,
        35_000,
        True,
    )


async def test_money_for_an_expired_payment_is_late_and_never_pays(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    clock.forward(minutes=16)
    assert await expire("order:1", now=clock.now())
    settled = await told(asked, now=clock.now(), at=clock.now(), amount_dong=35_000)
    assert settled == Settled("order:1", "late", False, asked.id)
    late = await after(asked)
    assert (late.state, late.received_dong, late.extra_dong) == ("expired", 0, 35_000)
    assert late.is_paid_late and late.needs_review


async def test_money_moved_after_the_end_is_late_even_before_anybody_expired_it(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    clock.forward(minutes=15, seconds=1)
    settled = await told(asked, now=clock.now())
    assert settled is not None and settled.verdict == "late"
    assert (await after(asked)).state == "pending"
    assert await expire("order:1", now=clock.now())


async def test_money_moved_in_time_pays_though_its_notice_comes_after_the_end(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    moved_at = asked.expires_at
    clock.forward(minutes=20)
    settled = await told(asked, now=clock.now(), at=moved_at)
    assert settled is not None and settled.became_paid


async def test_money_into_another_account_never_pays(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    settled = await told(asked, now=clock.now(), account_number="99999999")
    assert settled == Settled("order:1", "wrong_account", False, asked.id)
    still = await after(asked)
    assert (still.state, still.received_dong, still.extra_dong, still.needs_review) == ("pending", 0, 0, True)
    notice = await Notice.get()
    assert await balances("suspense:") == {f"suspense:{notice.id}": -35_000}
    assert await balance("bank:99999999") == 35_000
    assert await balance(f"seller:{asked.vendor_id}:bank") == 0


async def test_a_virtual_account_under_the_watched_one_counts(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    settled = await told(asked, now=clock.now(), account_number="7777", sub_account=asked.account_number)
    assert settled is not None and settled.became_paid


async def test_the_code_that_sepay_found_counts_too(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    settled = await told(asked, now=clock.now(), our_ref=asked.code, content="CHUYEN TIEN")
    assert settled is not None and settled.became_paid


async def test_money_that_names_nobody_waits_for_a_person(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    settled = await told(asked, now=clock.now(), content="CHUYEN TIEN")
    assert settled == Settled("", "none", False, None)
    assert (await after(asked)) == asked
    reviews = await open_reviews()
    assert [(one.why, one.amount_dong) for one in reviews.notices] == [("none", 35_000)]
    assert sum((await balances("suspense:")).values()) == -35_000


async def test_money_that_names_two_waits_for_a_person(clock: StoppedClock) -> None:
    asked = await payment("order:1", now=clock.now())
    other = await payment("order:2", now=clock.now())
    settled = await told(asked, now=clock.now(), content=f"{asked.code} {other.code}")
    assert settled == Settled("", "ambiguous", False, None)
    assert (await after(asked)) == asked and (await after(other)) == other


async def test_money_that_leaves_is_noted_only(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    settled = await told(asked, now=clock.now(), is_incoming=False)
    assert settled == Settled("", "out", False, None)
    assert (await after(asked)) == asked
    assert await balances("") == {}
    assert (await open_reviews()).notices_count == 0


async def test_a_notice_is_settled_once(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now())
    async with transaction():
        assert await settle((await Notice.get()).id, now=clock.now()) is None
        assert await settle(123_456, now=clock.now()) is None
    assert (await after(asked)).received_dong == 35_000
    assert await kinds(asked) == ["asked", "matched"]


async def test_settling_needs_an_open_transaction(clock: StoppedClock) -> None:
    with pytest.raises(RuntimeError):
        await settle(1, now=clock.now())


async def test_settling_asks_a_bounded_number_of_queries(clock: StoppedClock, queries: Queries) -> None:
    asked = await payment(now=clock.now())
    words = " ".join(f"DH{n:08}" for n in range(100))
    number = await recorded(
        bank_notice(asked, at=clock.now(), content=f"{words} {asked.code}"), now=clock.now()
    )
    async with transaction():
        with queries.at_most(9):
            settled = await settle(number, now=clock.now())
    assert settled is not None and settled.became_paid


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_comes_in_whatever_order_no_dong_is_lost_or_counted_twice(
    clock: StoppedClock, seed: int
) -> None:
    draw = random.Random(seed)
    asked = await payment(now=clock.now())
    own_dong = other_dong = 0
    for key in range(1, 9):
        clock.forward(minutes=draw.choice([0, 1, 3]))
        if draw.random() < 0.2:
            await draw.choice([expire, cancel])("order:1", now=clock.now())
        amount_dong = draw.choice([1, 5_000, 17_500, 30_000, 35_000, 50_000])
        elsewhere = draw.random() < 0.2
        number = "99999999" if elsewhere else asked.account_number
        before = await after(asked)
        settled = await told(asked, key, now=clock.now(), amount_dong=amount_dong, account_number=number)
        now = await after(asked)
        own_dong, other_dong = own_dong + amount_dong * (not elsewhere), other_dong + amount_dong * elsewhere
        assert settled is not None and settled.became_paid == (before.state != "paid" and now.state == "paid")
        assert (now.state == "paid") == (now.received_dong == now.asked_dong)
        assert now.received_dong + now.extra_dong == own_dong
        assert sum((await balances("suspense:")).values()) == -other_dong
        assert before.state in (now.state, "pending")
        await assert_balanced()


# Notices


async def test_a_notice_is_written_down_once_and_leaves_one_job(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    notice = bank_notice(asked, at=clock.now())
    assert await record_notice(notice, "{}", now=clock.now())
    assert not await record_notice(notice, "{}", now=clock.now())
    assert await Notice.all().count() == 1
    job = await Job.get(name="settle_notice")
    assert job.subject_id == (await Notice.get()).id


async def test_the_same_key_with_another_body_keeps_the_first_and_is_logged(
    clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    asked = await payment(now=clock.now())
    await record_notice(bank_notice(asked, at=clock.now()), "first", now=clock.now())
    second = bank_notice(asked, at=clock.now(), amount_dong=9)
    assert not await record_notice(second, "second", now=clock.now())
    assert ((await Notice.get()).body, (await Notice.get()).amount_dong) == ("first", 35_000)
    assert "another body" in caplog.text


async def test_an_unreadable_notice_is_kept_once_for_a_person(clock: StoppedClock) -> None:
    assert await record_unreadable("[]", now=clock.now())
    assert not await record_unreadable("[]", now=clock.now())
    assert [one.why for one in (await open_reviews()).notices] == ["unread"]
    assert await Job.all().count() == 0


async def test_notices_whose_job_was_lost_get_it_again(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    for key in range(1, 5):
        await recorded(bank_notice(asked, key, at=clock.now()), now=clock.now())
    ids = [one.id for one in await Notice.all().order_by("id")]
    await Job.filter(subject_id=ids[0]).delete()
    await Job.filter(subject_id=ids[1]).update(state=JobState.DONE)
    await Job.filter(subject_id=ids[2]).update(state=JobState.DEAD)
    assert await leave_unhandled(now=clock.now() + timedelta(seconds=59)) == 0
    assert await leave_unhandled(now=clock.now() + timedelta(seconds=61)) == 2
    assert await leave_unhandled(now=clock.now() + timedelta(seconds=122)) == 0
    waiting = (
        await Job.filter(state=JobState.WAITING).order_by("subject_id").values_list("subject_id", flat=True)
    )
    assert waiting == [ids[0], ids[1], ids[3]]


# Closing


async def test_an_unpaid_payment_expires_once_and_not_before_its_end(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    assert not await expire("order:1", now=asked.expires_at - timedelta(seconds=1))
    assert await expire("order:1", now=asked.expires_at)
    assert not await expire("order:1", now=asked.expires_at)
    assert (await after(asked)).state == "expired"
    assert await kinds(asked) == ["asked", "expired"]


async def test_a_partly_paid_payment_stays_open_and_waits_for_a_person(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=20_000)
    clock.forward(minutes=16)
    assert not await expire("order:1", now=clock.now())
    assert not await expire("order:1", now=clock.now())
    assert not await cancel("order:1", now=clock.now())
    held = await after(asked)
    assert (held.state, held.needs_review) == ("pending", True)
    assert await kinds(asked) == ["asked", "partial", "held"]


async def test_a_paid_payment_neither_expires_nor_is_cancelled(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now())
    clock.forward(minutes=16)
    assert not await expire("order:1", now=clock.now())
    assert not await cancel("order:1", now=clock.now())
    assert (await after(asked)).state == "paid"


async def test_cancelling_ends_at_once_and_money_is_then_late(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    assert await cancel("order:1", now=clock.now())
    settled = await told(asked, now=clock.now(), amount_dong=35_000)
    assert settled is not None and settled.verdict == "late"
    assert (await after(asked)).state == "cancelled"


async def test_closing_what_was_never_asked_does_nothing(clock: StoppedClock) -> None:
    assert not await expire("order:404", now=clock.now())
    assert not await cancel("order:404", now=clock.now())


async def test_what_happened_to_a_payment_is_never_changed(clock: StoppedClock) -> None:
    await payment(now=clock.now())
    with pytest.raises(Exception, match="append-only"):
        async with transaction():
            await sql("UPDATE payment_event SET kind = 'other'")
