"""What a person settles, what sellers and readers see of payments, and the nightly look into the books."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from accounts.models import AuditEntry
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.models import Job, JobState
from kit.outbox import ATTEMPTS_MAX, work
from kit.parts import Parts
from payments.ledger import balance
from payments.models import Payment
from payments.services import (
    LedgerWrong,
    Settled,
    assert_balanced,
    attach_notice,
    audit_books,
    balances,
    expire,
    notice_review,
    open_reviews,
    payment_by_code,
    payment_review,
    payments_of_vendor,
    record_unreadable,
    resolve_review,
    set_aside_notice,
    settle,
)
from payments.tasks import audit_ledger, check_books, sweep_notices
from tests.conftest import Queries
from tests.factories import after, bank_notice, kinds, payment, recorded, told, vendor


@pytest.fixture
async def books(db: None) -> AsyncIterator[None]:
    """Whatever a test did, the books hold afterwards."""
    yield
    await assert_balanced()


pytestmark = pytest.mark.usefixtures("books")


# What needs a person


async def test_naming_the_payment_settles_an_unmatched_notice(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), content="CHUYEN TIEN")
    number = (await open_reviews()).notices[0].id
    await attach_notice(number, f" {asked.code.lower()} ", person_id=7, now=clock.now())
    assert (await open_reviews()).notices_count == 0
    assert await Job.filter(name="settle_notice", subject_id=number).count() == 2
    async with transaction():
        settled = await settle(number, now=clock.now())
    assert settled == Settled("order:1", "matched", True, asked.id)
    assert (await after(asked)).state == "paid"
    assert {name: dong for name, dong in (await balances("")).items() if dong} == {
        f"seller:{asked.vendor_id}:bank": 35_000,
        "order:1:paid": -35_000,
    }
    assert (await AuditEntry.get()).action == "notice_attached"


async def test_an_attached_notice_is_judged_by_the_same_rules(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, 1, now=clock.now(), content="CHUYEN TIEN", account_number="99999999")
    number = (await open_reviews()).notices[0].id
    await attach_notice(number, asked.code, person_id=7, now=clock.now())
    async with transaction():
        settled = await settle(number, now=clock.now())
    assert settled is not None and (settled.verdict, settled.became_paid) == ("wrong_account", False)
    assert await balance(f"suspense:{number}") == -35_000


async def test_a_notice_is_attached_to_a_payment_that_exists_and_once(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), content="CHUYEN TIEN")
    number = (await open_reviews()).notices[0].id
    with pytest.raises(Refusal) as refused:
        await attach_notice(number, "DH00000000", person_id=7, now=clock.now())
    assert refused.value.field == "code"
    await attach_notice(number, asked.code, person_id=7, now=clock.now())
    with pytest.raises(Conflict):
        await attach_notice(number, asked.code, person_id=7, now=clock.now())
    with pytest.raises(NotFound):
        await attach_notice(999_999, asked.code, person_id=7, now=clock.now())


async def test_setting_a_notice_aside_lets_the_books_go_of_it(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), content="tien nha")
    number = (await open_reviews()).notices[0].id
    await set_aside_notice(number, person_id=7, note="tiền người nhà gửi", now=clock.now())
    assert not any((await balances("")).values())
    assert (await open_reviews()).notices_count == 0
    with pytest.raises(Conflict):
        await set_aside_notice(number, person_id=7, note="lần nữa", now=clock.now())
    entry = await AuditEntry.get()
    assert (entry.action, entry.details) == ("notice_set_aside", {"note": "tiền người nhà gửi"})


async def test_an_unreadable_notice_can_only_be_set_aside(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await record_unreadable("[]", now=clock.now())
    number = (await open_reviews()).notices[0].id
    with pytest.raises(Conflict):
        await attach_notice(number, asked.code, person_id=7, now=clock.now())
    await set_aside_notice(number, person_id=7, note="đã hỏi SePay", now=clock.now())
    with pytest.raises(NotFound):
        await notice_review(number)


async def test_giving_back_the_extra_clears_it(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=50_000)
    await resolve_review(asked.id, person_id=7, note="đã trả 15.000", now=clock.now(), is_returned=True)
    done = await after(asked)
    assert (done.state, done.received_dong, done.extra_dong, done.needs_review) == ("paid", 35_000, 0, False)
    assert await balance(f"seller:{asked.vendor_id}:bank") == 35_000
    assert await kinds(asked) == ["asked", "over", "returned", "resolved"]
    entry = await AuditEntry.get(action="payment_resolved")
    assert entry.details == {"note": "đã trả 15.000", "returned_dong": 15_000}
    with pytest.raises(Conflict):
        await resolve_review(asked.id, person_id=7, note="lần nữa", now=clock.now())


async def test_seen_to_without_giving_back_leaves_it_owed(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=50_000)
    await resolve_review(asked.id, person_id=7, note="người mua bảo giữ lại", now=clock.now())
    done = await after(asked)
    assert (done.extra_dong, done.needs_review) == (15_000, False)


async def test_giving_back_a_part_lets_the_payment_end(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=20_000)
    clock.forward(minutes=16)
    await expire("order:1", now=clock.now())
    await resolve_review(asked.id, person_id=7, note="đã trả 20.000", now=clock.now(), is_returned=True)
    assert not any((await balances("")).values())
    assert await expire("order:1", now=clock.now())
    assert (await after(asked)).state == "expired"


async def test_resolving_a_payment_lets_go_of_what_went_elsewhere(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), account_number="99999999")
    await resolve_review(asked.id, person_id=7, note="đã hỏi người mua", now=clock.now())
    assert not any((await balances("")).values())


async def test_reviews_are_bounded_and_tell_what_happened(clock: StoppedClock, queries: Queries) -> None:
    for number in range(1, 8):
        asked = await payment(f"order:{number}", now=clock.now())
        await told(asked, number, now=clock.now(), amount_dong=50_000)
        await told(asked, 100 + number, now=clock.now(), content="CHUYEN TIEN", amount_dong=5)
    with queries.at_most(6):
        reviews = await open_reviews()
    assert (reviews.payments_count, reviews.notices_count) == (7, 7)
    assert [one.kind for one in reviews.payments[0].events] == ["asked", "over"]
    assert (await payment_review(asked.code)).payment.extra_dong == 15_000
    with pytest.raises(NotFound):
        await payment_review("DH00000000")


# Reading


async def test_a_vendors_payments_come_in_pages_newest_first(clock: StoppedClock, queries: Queries) -> None:
    seller, other = await vendor(), await vendor(slug="che-khac")
    for number in range(1, 34):
        await payment(f"order:{number}", now=clock.now(), vendor_id=seller.id)
    await payment("order:99", now=clock.now(), vendor_id=other.id)
    with queries.at_most(2):
        first = await payments_of_vendor(seller.id)
    second = await payments_of_vendor(seller.id, first.older_before)
    references = [one.reference for one in [*first.payments, *second.payments]]
    assert references == [f"order:{number}" for number in range(33, 0, -1)]
    assert second.older_before is None


async def test_a_code_is_found_however_it_is_typed(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    assert await payment_by_code(f"{asked.code[:4].lower()} {asked.code[4:]}") == asked
    with pytest.raises(NotFound):
        await payment_by_code("DH00000000")


# The nightly look


async def test_the_nightly_look_marks_a_payment_that_differs(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await audit_books(now=clock.now())
    await Payment.filter(id=asked.id).update(received_dong=5)
    for _ in range(2):
        with pytest.raises(LedgerWrong):
            await audit_books(now=clock.now())
    assert (await Payment.get(id=asked.id)).needs_review
    assert await kinds(asked) == ["asked", "books_differ"]
    await Payment.filter(id=asked.id).update(received_dong=0)


async def test_what_the_nightly_look_finds_lands_among_the_dead_letters(
    parts: Parts, clock: StoppedClock
) -> None:
    asked = await payment(now=clock.now())
    await audit_ledger(parts)
    job = await Job.get(name="check_books")
    assert await work(parts, check_books, job.id, 0)
    assert (await Job.get(id=job.id)).state == JobState.DONE
    await Payment.filter(id=asked.id).update(received_dong=5)
    await audit_ledger(parts)
    second = await Job.get(name="check_books", state=JobState.WAITING)
    for attempt in range(ATTEMPTS_MAX):
        await Job.filter(id=second.id).update(due_at=datetime.now(UTC))
        assert await work(parts, check_books, second.id, attempt)
    dead = await Job.get(id=second.id)
    assert dead.state == JobState.DEAD and asked.code in dead.last_error
    await Payment.filter(id=asked.id).update(received_dong=0)


async def test_the_round_finds_forgotten_notices(parts: Parts, clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await recorded(bank_notice(asked, at=clock.now()), now=clock.now())
    await Job.all().delete()
    clock.forward(minutes=2)
    await sweep_notices(parts)
    assert await Job.filter(name="settle_notice").count() == 1
