"""The auditors: silent over a market that is right, and each says so when what it watches is broken."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.db import sql
from kit.models import Job
from kit.parts import Parts
from market.audit import AUDITORS, Audited, MarketWrong, Span, asked, lines, must_hold
from market.tasks import leave_audit
from search.engine import Engine
from search.services import index_listing, unlike_listings
from tests.factories import COMMUNES_OF_ORDERS, listing, pay_order, placed, units
from vendors.models import Listing

RunJobs = Callable[[], Awaitable[int]]
# What breaks it, by the auditor that must find it; each is undone with its test's transaction.
BROKEN = {
    "ledger balanced": "UPDATE payment SET received_dong = received_dong - 1 WHERE state = 'paid'",
    "notices settled": "UPDATE notice SET handled_at = NULL",
    "notices booked once": "UPDATE notice SET amount_dong = amount_dong + 1",
    "tries booked as paid": "INSERT INTO payment_attempt (payment_id, gate, reference, asked_hash, state, amount_dong,"
    " received_dong, provider_ref, pay_url, qr_text, code, needs_review, sale_class, tax_mode, queries, created_at,"
    " expires_at) SELECT id, 'momo', 'T1', '', 'paid', 5, 5, '', '', '', '', false, '', 'none', 0, created_at,"
    " expires_at FROM payment LIMIT 1",
    "payments paid in full": "UPDATE payment SET state = 'pending' WHERE state = 'paid'",
    "cash box as paid in": "INSERT INTO pay_in (code, amount_dong, state, person_id, slip_number, photo_key,"
    " prepared_at, explanation, words) VALUES ('NQ1', 5, 'prepared', 1, '', '', now(), '', '')",
    "orders step by step": "UPDATE customer_order SET state = 'delivered' WHERE state = 'paid'",
    "orders as their money": "UPDATE payment SET state = 'pending' WHERE state = 'paid'",
    "paid orders have parcels": "UPDATE customer_order SET parcel_id = NULL, parcel_code = ''",
    "orders as their parcels": "UPDATE parcel SET state = 'delivered'",
    "weights paid before sending": "INSERT INTO weight_difference (order_id, vendor_id, state, dong, asked_by,"
    " asked_at, due_at) SELECT id, vendor_id, 'asked', 9000, 1, now(), now() + interval '9 days'"
    " FROM customer_order WHERE parcel_id IS NOT NULL",
    "parcels booked": "UPDATE parcel SET booking = 'waiting'",
    "parcels as told": "UPDATE parcel SET state = 'in_transit'",
    "carriers' news read": "INSERT INTO carrier_notice (carrier, event_key, source, body, received_at, fault)"
    " VALUES ('ghn', 'k', 'hook', '{}', now() - interval '2 days', '')",
    "shelves as their moves": "UPDATE listing SET reserved = reserved + 1",
    "goods end once": "INSERT INTO stock_move (listing_id, kind, quantity, reference, at)"
    " SELECT listing_id, 'released', quantity, reference, now() FROM stock_move WHERE kind = 'sold'",
    "goods kept as ordered": "UPDATE customer_order SET state = 'expired' WHERE state = 'placed'",
    "refunds as booked": "INSERT INTO refund (code, payment_id, vendor_id, key, part, asked_hash, way, source, state,"
    " amount_dong, vat_back_dong, income_back_dong, lines, reason, provider_ref, result, needs_review, looks, asked_at,"
    " confirmed_by) SELECT 'HT1', id, 1, 'k', 1, '', 'bank', 'paid', 'manual', 5, 0, 0, '[]', '', '', '', false, 0,"
    " now(), '' FROM payment WHERE state = 'paid'",
    "goods fetched once": "INSERT INTO order_fetch (order_id, vendor_id, handing, commune_code, commune, province,"
    " place, line, hours, is_waiting, fetched_at) SELECT id, vendor_id, 'stall', '', '', '', '', '', '', false, now()"
    " FROM customer_order WHERE state = 'paid'",
    "shared parcels whole": "INSERT INTO joint_parcel (group_code, market_id, state, fee_dong, saved_dong, parcel_code,"
    " opened_at, packed_at) SELECT 'G1', 1, 'packed', 5, 5, '', placed_at, placed_at FROM customer_order LIMIT 1",
    "shortages as answered": "INSERT INTO shortage (order_id, vendor_id, state, lines, short_dong, reason, asked_by,"
    " asked_at, due_at) SELECT id, vendor_id, 'accepted', '[]', 5, '', 1, placed_at, placed_at FROM customer_order"
    " WHERE state = 'paid'",
    "doors as booked": "WITH door AS (UPDATE customer_order SET pays_on_delivery = true WHERE state = 'paid'"
    " RETURNING parcel_id, placed_at) INSERT INTO collection_step (parcel_id, was, became, carrier, dong, fee_dong,"
    " short_dong, reference, at) SELECT parcel_id, 'none', 'expected', 'ghn', 5, 0, 0, '', placed_at FROM door",
    "stall sales as booked": "INSERT INTO till_sale (vendor_id, client_key, body_mark, way, state, amount_dong,"
    " received_dong, extra_dong, noted_dong, said_dong, code, note, day, made_at, received_at) SELECT vendor_id, 'k',"
    " '', 'qr', 'paid', 5, 5, 0, 0, 0, '', '', placed_at, placed_at, placed_at FROM customer_order LIMIT 1",
    "revenue as counted": "INSERT INTO revenue_entry (vendor_id, channel, kind, source, reference, subject, day, at,"
    " amount_dong, floor, words, written_at) SELECT vendor_id, 'online', 'sale', 'ledger', '-1', 'order:' || id,"
    " placed_at, placed_at, 5, '', '', placed_at FROM customer_order WHERE state = 'paid'",
    "tills without gaps": "INSERT INTO till (vendor_id, seq) VALUES (1, 3)",
    "no job stuck": "UPDATE outbox_job SET state = 'dead'",
}


@pytest.fixture
async def span(db: None, clock: StoppedClock, run_jobs: RunJobs) -> Span:
    """A small market in which one order was paid and is at the post, and one waits for its money."""
    await units(*COMMUNES_OF_ORDERS)
    tea = await listing()
    [paid] = await placed((tea, 2), now=clock.now())
    await pay_order(paid, now=clock.now())
    await placed((tea, 1), now=clock.now())
    await run_jobs()
    return Span(clock.now() - timedelta(days=1), clock.now() + timedelta(hours=1))


def unhappy(found: list[Audited]) -> set[str]:
    """The auditors that found something."""
    return {one.name for one in found if one.rows}


async def test_nothing_is_found_in_a_market_that_is_right(span: Span) -> None:
    found = await asked(span)
    assert not unhappy(found), lines(found)
    assert all(line.startswith("ok   ") for line in lines(found))


def test_every_auditor_is_tried() -> None:
    assert BROKEN.keys() == AUDITORS.keys()


@pytest.mark.parametrize("name", BROKEN)
async def test_an_auditor_finds_what_is_broken_and_shows_the_row(span: Span, name: str) -> None:
    await sql(BROKEN[name])
    found = await asked(span)
    assert name in unhappy(found), lines(found)
    assert f"BAD  {name}" in lines(found)


async def test_what_the_night_finds_is_a_dead_letter_to_be(
    span: Span, parts: Parts, clock: StoppedClock, run_jobs: RunJobs
) -> None:
    """The job ends well over a market that is right, and fails with the rows over one that is not."""
    await index_listing(parts[Engine], (await Listing.get()).id, today=vietnam_date(clock.now()))
    must_hold(await asked(span))
    await leave_audit(parts)
    [job] = await Job.filter(name="audit_market")
    assert job.subject_id == clock.now().toordinal()
    await sql(BROKEN["shelves as their moves"])
    with pytest.raises(MarketWrong, match=r"BAD  shelves as their moves\n.*reserved"):
        must_hold(await asked(span))


async def test_what_is_under_way_is_left_in_peace(span: Span) -> None:
    """Before the moment that is asked about nothing had begun, so nothing can be late."""
    await sql("UPDATE customer_order SET parcel_id = NULL, parcel_code = ''")
    await sql("UPDATE notice SET handled_at = NULL WHERE false")
    early = Span(span.since, span.since)
    assert "paid orders have parcels" not in unhappy(await asked(early))


async def test_the_index_is_held_against_the_database(span: Span, parts: Parts, clock: StoppedClock) -> None:
    """Lacking, there, too old, too many: each is said."""
    [tea] = await Listing.all()
    engine, today = parts[Engine], vietnam_date(clock.now())

    async def wrong() -> list[object]:
        return [row["wrong"] for row in await unlike_listings(engine, today=today)]

    await engine.drop([tea.id])
    assert await wrong() == ["only in the database"]
    await index_listing(engine, tea.id, today=today)
    assert await wrong() == []
    await sql("UPDATE listing SET price_dong = price_dong + 1000")
    assert await wrong() == ["the card differs in price_dong, price_to_dong"]
    await sql("UPDATE listing SET state = 'hidden'")
    assert await wrong() == ["only in the index"]
