"""The revenue book: money of every channel in it once, from the moment it is seen; what goes back reduces it."""

from datetime import datetime, timedelta

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.db import sql, transaction
from orders.book_models import RevenueEntry
from orders.models import TillSale
from orders.services.book.taking import take_missed, take_money
from orders.services.names import till_reference
from orders.services.till.money import cancel_sale, confirm_sale, not_a_sale
from orders.services.till.selling import make_sale
from orders.states import EntryKind, SaleWay
from payments import ledger
from tests.factories import vendor
from tests.orders.test_till import ME, bank_tells, plate_paid, typed

pytestmark = pytest.mark.usefixtures("books")


async def lines(vendor_id: int) -> list[tuple[str, str, int]]:
    """The book as (channel, kind, đồng), in the order it was written."""
    rows = await RevenueEntry.filter(vendor_id=vendor_id).order_by("id")
    return [(str(one.channel), str(one.kind), one.amount_dong) for one in rows]


async def test_a_stall_sale_by_qr_is_in_the_book_when_the_bank_tells(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    assert await lines(seller.id) == []
    await bank_tells(sale, 1, clock, amount_dong=150_000)
    assert await lines(seller.id) == [("qr", "sale", 150_000)]
    await bank_tells(sale, 2, clock, amount_dong=80_000)
    assert await lines(seller.id) == [("qr", "sale", 150_000), ("qr", "sale", 50_000)]
    line = await RevenueEntry.filter(vendor_id=seller.id).first()
    assert (
        line is not None and line.subject == till_reference(sale.id) and line.day == vietnam_date(clock.now())
    )


async def test_cash_and_its_taking_back(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(60_000, SaleWay.CASH), person_id=ME, now=clock.now())
    clock.forward(days=1)
    await cancel_sale(sale.id, person_id=ME, now=clock.now())
    await cancel_sale(sale.id, person_id=ME, now=clock.now())
    assert await lines(seller.id) == [("cash", "sale", 60_000), ("cash", "returned", -60_000)]


async def test_the_rest_in_cash_is_cash(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock, amount_dong=150_000)
    await confirm_sale(sale.id, person_id=ME, now=clock.now(), in_cash=True)
    assert await lines(seller.id) == [("qr", "sale", 150_000), ("cash", "sale", 50_000)]


async def test_the_sellers_word_and_its_proof_are_one_line(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(way=SaleWay.SEEN), person_id=ME, now=clock.now())
    await confirm_sale(sale.id, person_id=ME, now=clock.now())
    assert await lines(seller.id) == [("qr", "sale", 200_000)]
    await plate_paid(seller, 5, clock, 200_000)
    assert (await TillSale.get(id=sale.id)).notice_id is not None
    assert await lines(seller.id) == [("qr", "sale", 200_000)]
    assert await take_missed(now=clock.now(), all_of_it=True) == 0


async def test_money_on_the_plate_that_was_no_sale_leaves_its_day(clock: StoppedClock) -> None:
    seller = await vendor()
    await plate_paid(seller, 5, clock, 90_000)
    sale = await TillSale.get(vendor_id=seller.id, way=SaleWay.PLATE)
    assert await lines(seller.id) == [("qr", "sale", 90_000)]
    await not_a_sale(sale.id, person_id=ME, now=clock.now() + timedelta(days=2))
    assert await lines(seller.id) == [("qr", "sale", 90_000), ("qr", "returned", -90_000)]
    assert set(await RevenueEntry.filter(vendor_id=seller.id).values_list("day", flat=True)) == {sale.day}


async def goes_back(thing: str, key: str, dong: int, at: datetime) -> None:
    """A refund as the payments' books have it; below 0 one that did not get there."""
    async with transaction():
        sides = [(ledger.given_back(thing), dong), (ledger.returning(thing), -dong)]
        await ledger.post("refund_tried", key, sides, at=at)
        await take_money([thing], now=at)


async def test_what_went_back_is_taken_once_in_its_own_month(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock)
    later = clock.now() + timedelta(days=40)
    thing = till_reference(sale.id)
    await goes_back(thing, "refund:1", 30_000, later)
    assert await take_money([thing, "fee:1"], now=later) == 0
    assert await lines(seller.id) == [("qr", "sale", 200_000), ("qr", "returned", -30_000)]
    back = await RevenueEntry.get(kind=EntryKind.RETURNED, vendor_id=seller.id)
    assert back.day == vietnam_date(later)
    await goes_back(thing, "refund:2", -30_000, later)
    assert (await lines(seller.id))[-1] == ("qr", "returned", 30_000)
    assert await take_missed(now=later, all_of_it=True) == 0


async def test_nothing_is_taken_twice_and_the_round_takes_what_was_missed(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    cash = await make_sale(seller.id, typed(10_000, SaleWay.CASH, "sale-0002"), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock)
    before = await lines(seller.id)
    assert await take_money([till_reference(sale.id), till_reference(cash.id)], now=clock.now()) == 0
    assert await take_missed(now=clock.now()) == 0
    await sql("ALTER TABLE revenue_entry DISABLE TRIGGER revenue_entry_append_only")
    await RevenueEntry.filter(vendor_id=seller.id).delete()
    await sql("ALTER TABLE revenue_entry ENABLE TRIGGER revenue_entry_append_only")
    assert await take_missed(now=clock.now()) == 1
    assert await take_missed(now=clock.now(), all_of_it=True) == 1
    assert sorted(await lines(seller.id)) == sorted(before)


@pytest.mark.parametrize(
    "statement", ["UPDATE revenue_entry SET amount_dong = 1", "DELETE FROM revenue_entry"]
)
async def test_the_database_refuses_changes(clock: StoppedClock, statement: str) -> None:
    seller = await vendor()
    await make_sale(seller.id, typed(60_000, SaleWay.CASH), person_id=ME, now=clock.now())
    with pytest.raises(Exception, match="append-only"):
        async with transaction():
            await sql(statement)
    assert await lines(seller.id) == [("cash", "sale", 60_000)]
