"""The books: balanced or refused, once each, never changed; PostgreSQL itself sees to it."""

from datetime import UTC, datetime

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from kit.clock import StoppedClock
from kit.db import sql, transaction
from payments.ledger import LedgerWrong, assert_balanced, balance, balances, post
from payments.models import Entry, LedgerTransaction, Payment
from tests.factories import payment, told

pytestmark = pytest.mark.usefixtures("db")

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SALE = [("seller:1:bank", 35_000), ("order:1:paid", -35_000)]


async def booked(reference: str = "notice:1") -> bool:
    async with transaction():
        return await post("received", reference, SALE, at=AT)


async def test_a_booking_moves_its_accounts() -> None:
    assert await booked()
    assert await balance("seller:1:bank") == 35_000
    assert await balances("order:") == {"order:1:paid": -35_000}
    assert await balance("order:2:paid") == 0
    await assert_balanced()


async def test_the_same_booking_again_books_nothing_and_harms_nothing() -> None:
    assert await booked()
    async with transaction():
        assert not await post("received", "notice:1", SALE, at=AT)
        assert await post("received", "notice:2", SALE, at=AT)
    assert await balance("seller:1:bank") == 70_000
    assert await LedgerTransaction.all().count() == 2
    await assert_balanced()


async def test_the_same_reference_may_be_booked_for_another_kind() -> None:
    await booked()
    async with transaction():
        assert await post("set_aside", "notice:1", [(name, -dong) for name, dong in SALE], at=AT)
    assert await balance("seller:1:bank") == 0
    await assert_balanced()


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [("a", 5)],
        [("a", 5), ("b", -4)],
        [("a", 0), ("b", 0)],
        [("", 5), ("b", -5)],
        [("a" * 81, 5), ("b", -5)],
        [("a", 5.0), ("b", -5.0)],
        [("a", True), ("b", -1)],
    ],
)
async def test_what_is_no_booking_is_refused(entries: list[tuple[str, int]]) -> None:
    async with transaction():
        with pytest.raises(LedgerWrong):
            await post("received", "notice:1", entries, at=AT)
    assert await LedgerTransaction.all().count() == 0


async def test_booking_needs_an_open_transaction() -> None:
    with pytest.raises(RuntimeError):
        await post("received", "notice:1", SALE, at=AT)


async def test_sums_larger_than_32_bits_are_kept() -> None:
    async with transaction():
        await post("received", "notice:1", [("a", 9_000_000_000_000), ("b", -9_000_000_000_000)], at=AT)
    assert await balance("a") == 9_000_000_000_000


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount_dong = amount_dong + 1",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_transaction SET kind = 'other'",
        "DELETE FROM ledger_transaction",
    ],
)
async def test_postgresql_lets_nobody_change_the_books(statement: str) -> None:
    await booked()
    with pytest.raises((IntegrityError, OperationalError), match="append-only"):
        async with transaction():
            await sql(statement)
    await assert_balanced()


async def test_postgresql_refuses_a_sum_that_is_not_zero_at_the_commit() -> None:
    with pytest.raises((IntegrityError, OperationalError), match="sums to"):
        async with transaction():
            made = await LedgerTransaction.create(kind="received", reference="notice:1", at=AT)
            await Entry.create(transaction_id=made.id, account="a", amount_dong=5)
            await sql("SET CONSTRAINTS ALL IMMEDIATE")
    await assert_balanced()


async def test_postgresql_refuses_a_booking_without_entries() -> None:
    with pytest.raises((IntegrityError, OperationalError), match="sums to"):
        async with transaction():
            await LedgerTransaction.create(kind="received", reference="notice:1", at=AT)
            await sql("SET CONSTRAINTS ALL IMMEDIATE")


async def test_the_check_names_the_first_wrong_booking() -> None:
    with pytest.raises(LedgerWrong, match=r"received notice:9.* sums to 5"):
        async with transaction():
            made = await LedgerTransaction.create(kind="received", reference="notice:9", at=AT)
            await Entry.create(transaction_id=made.id, account="a", amount_dong=5)
            await assert_balanced()
    await assert_balanced()


async def test_the_check_names_a_payment_that_says_other_than_the_books(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now())
    await assert_balanced()
    await Payment.filter(id=asked.id).update(received_dong=34_999)
    with pytest.raises(LedgerWrong, match=f"{asked.code} says 34999 đồng received, the books 35000") as wrong:
        await assert_balanced()
    assert wrong.value.payment_id == asked.id
