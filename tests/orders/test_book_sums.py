"""What the book sums to: random histories beside the ledger and the notes; the meter; a year of 20,000 lines."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.db import sql, transaction
from kit.rules import load_rules
from orders.book_models import RevenueEntry
from orders.models import TillSale
from orders.services.book.meter import Mark, meter, meter_of
from orders.services.book.noting import FloorSale, Note, correct_entry, note_cash, note_floor_sales
from orders.services.book.periods import Period, Span, period_of
from orders.services.book.taking import take_missed
from orders.services.book.totals import Part, entries, now_sums, parts, totals
from orders.services.names import till_reference
from orders.services.till.money import cancel_sale, confirm_sale, not_a_sale
from orders.services.till.selling import make_sale
from orders.states import SaleState, SaleWay
from payments.services import assert_balanced
from tests.conftest import Browser, Queries
from tests.factories import vendor
from tests.orders.test_book import goes_back
from tests.orders.test_till import ME, bank_tells, plate_paid, typed
from tests.orders.test_till_pages import at_the_till
from vendors.models import Vendor

pytestmark = pytest.mark.usefixtures("books")
YEAR = period_of(Span.YEAR, date(2026, 6, 1))
BILLION = 1_000_000_000
DONG = st.sampled_from((20_000, 35_000))  # few, so that money is taken for a note of the same sum
ACTS = st.one_of(
    st.tuples(st.just("qr"), DONG, st.integers(0, 3)),
    st.tuples(st.just("plate"), DONG, st.booleans()),
    st.tuples(st.just("cash"), DONG, st.booleans()),
    st.tuples(st.just("seen"), DONG, st.integers(0, 3)),
    st.tuples(st.just("note"), DONG, st.none() | DONG),
    st.tuples(st.just("floor"), DONG, st.integers(1, 4)),
    st.tuples(st.just("back"), DONG, st.integers(1, 3)),
)


class Undone(Exception):
    """Ends one history without a trace."""


class History:
    """A seller's history as it is played, and what the notes alone say so far."""

    def __init__(self, seller: Vendor, clock: StoppedClock) -> None:
        self.seller, self.clock, self.step, self.noted_dong = seller, clock, 0, 0
        self.floor: dict[str, int] = {}
        self.paid: list[int] = []

    async def play(self, act: str, dong: int, how: Any) -> None:
        """One act, and hours later."""
        self.step += 1
        await getattr(self, f"_{act}")(dong, how)
        self.clock.forward(hours=5)

    async def _qr(self, dong: int, how: int) -> None:
        sale = await self._sale(dong, SaleWay.QR)
        if how:
            part = dong if how == 1 else max(1_000, dong // 2)
            await bank_tells(sale, self.step, self.clock, amount_dong=part + (5_000 if how == 1 else 0))
            self.paid.append(sale.id)
        if how == 3 and (await TillSale.get(id=sale.id)).state is SaleState.WAITING:
            await confirm_sale(sale.id, person_id=ME, now=self.clock.now(), in_cash=self.step % 2 == 0)

    async def _plate(self, dong: int, is_none: bool) -> None:
        await plate_paid(self.seller, 10_000 + self.step, self.clock, dong)
        sale = await TillSale.filter(vendor_id=self.seller.id, way=SaleWay.PLATE).order_by("-id").first()
        if sale is not None and is_none and sale.state is SaleState.PAID:
            await not_a_sale(sale.id, person_id=ME, now=self.clock.now())

    async def _cash(self, dong: int, is_cancelled: bool) -> None:
        sale = await self._sale(dong, SaleWay.CASH)
        self.noted_dong += 0 if is_cancelled else dong
        if is_cancelled:
            await cancel_sale(sale.id, person_id=ME, now=self.clock.now())

    async def _seen(self, dong: int, how: int) -> None:
        sale = await self._sale(dong, SaleWay.SEEN)
        if how:
            await confirm_sale(sale.id, person_id=ME, now=self.clock.now(), in_cash=how == 2)

    async def _note(self, dong: int, right_dong: int | None) -> None:
        now = self.clock.now()
        entry = await note_cash(
            self.seller.id, Note(f"note-{self.step:05}", dong, vietnam_date(now)), person_id=ME, now=now
        )
        self.noted_dong += dong if right_dong is None else right_dong
        if right_dong is not None:
            for one in (dong + 7_000, right_dong, right_dong):
                await correct_entry(entry.id, self.seller.id, one, "Ghi nhầm", person_id=ME, now=now)

    async def _floor(self, dong: int, number: int) -> None:
        now = self.clock.now()
        sale = FloorSale(f"F{number}", dong, vietnam_date(now))
        self.floor.setdefault(sale.number, dong)
        await note_floor_sales(self.seller.id, "shopee", [sale], person_id=ME, now=now)

    async def _back(self, dong: int, number: int) -> None:
        if self.paid:
            await goes_back(till_reference(self.paid[0]), f"refund:{number}", dong, self.clock.now())

    async def _sale(self, dong: int, way: SaleWay) -> TillSale:
        keyed = typed(dong, way, f"sale-{self.step:05}")
        return await make_sale(self.seller.id, keyed, person_id=ME, now=self.clock.now())

    async def expected_dong(self) -> int:
        """What the payments' books and the notes say: the sales the seller's word alone stands for, once."""
        [row] = await sql(
            "SELECT -coalesce(sum(e.amount_dong), 0)::bigint AS dong FROM till_sale s"
            " JOIN ledger_entry e ON e.account IN ('till:' || s.id || ':paid', 'till:' || s.id || ':given_back')"
            " WHERE s.vendor_id = $1 AND NOT (s.way = 'seen' AND s.confirmed_by IS NOT NULL)",
            [self.seller.id],
        )
        believed = await TillSale.filter(
            vendor_id=self.seller.id, way=SaleWay.SEEN, confirmed_by__isnull=False
        ).values_list("amount_dong", flat=True)
        hand = self.noted_dong + sum(self.floor.values())
        return int(str(row["dong"])) + hand + sum(int(str(one)) for one in believed)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=1, max_size=14))
async def test_the_book_is_what_the_ledger_and_the_notes_say(
    clock: StoppedClock, acts: list[tuple[str, int, Any]]
) -> None:
    clock.at = clock.at.replace(year=2026, month=12, day=20)
    try:
        async with transaction():
            await play_and_compare(clock, acts)
            raise Undone
    except Undone:
        return


async def play_and_compare(clock: StoppedClock, acts: list[tuple[str, int, Any]]) -> None:
    """Plays a history and looks at its book from every side."""
    seller = await vendor()
    history = History(seller, clock)
    for act, dong, how in acts:
        await history.play(act, dong, how)
    expected = await history.expected_dong()
    assert await take_missed(now=clock.now(), all_of_it=True) == 0
    rows = await RevenueEntry.filter(vendor_id=seller.id)
    assert sum(one.amount_dong for one in rows) == expected
    years = {one.day.year for one in rows}
    all_years = [await totals(seller.id, period_of(Span.YEAR, date(year, 1, 1))) for year in years]
    assert sum(one.dong for one in all_years) == expected
    for year in all_years:
        assert sum(one.dong for one in year.channels) == year.dong
        assert sum(one.dong for one in await parts(seller.id, year.period)) == year.dong
    await assert_balanced()


def month(number: int, dong: int) -> Part:
    """A month of 2026."""
    return Part(period_of(Span.MONTH, date(2026, number, 1)), dong, 1)


@pytest.mark.parametrize(
    ("months", "mark", "percent", "passed"),
    [
        ([], Mark.BELOW, 0, None),
        ([(1, 799_999_999)], Mark.BELOW, 79, None),
        ([(1, 800_000_000)], Mark.NEAR, 80, None),
        ([(1, 500_000_000), (5, 500_000_000)], Mark.NEAR, 100, None),
        ([(1, 500_000_000), (5, 500_000_001)], Mark.PAST, 100, "Quý 2/2026"),
        ([(1, 900_000_000), (9, 300_000_000), (10, 1)], Mark.PAST, 120, "Quý 3/2026"),
        ([(1, 1_100_000_000), (4, -200_000_000)], Mark.NEAR, 90, None),
        ([(2, -5_000)], Mark.BELOW, 0, None),
    ],
)
async def test_the_meter_warns_at_eighty_percent_and_past_the_threshold(
    months: list[tuple[int, int]], mark: Mark, percent: int, passed: str | None
) -> None:
    found = meter_of(YEAR, [month(*one) for one in months], BILLION)
    assert (found.mark, found.percent) == (mark, percent)
    assert (str(found.passed.title) if found.passed else None) == passed
    assert str(found.words)


async def test_what_is_due_when_the_year_passed_in_its_last_quarter(clock: StoppedClock) -> None:
    found = meter_of(YEAR, [month(11, BILLION + 1)], BILLION)
    assert (
        found.due == date(2027, 1, 31)
        and "Quý 4/2026" in str(found.words)
        and "31/01/2027" in str(found.words)
    )


async def test_the_threshold_is_a_dated_rule(clock: StoppedClock) -> None:
    seller = await vendor()
    assert await meter(seller.id, 2026) is None
    await load_rules()
    found = await meter(seller.id, 2026)
    assert found is not None and (found.threshold_dong, found.dong) == (BILLION, 0)
    assert await meter(seller.id, 2025) is None


async def filled(seller: Vendor, year: Period, lines: int) -> None:
    """A year with so many lines, 1,000 đồng and up."""
    await sql(
        "INSERT INTO revenue_entry (vendor_id, channel, kind, source, reference, subject, day, at, amount_dong,"
        " floor, words, written_at) SELECT $1::bigint, (ARRAY['cash', 'qr', 'online', 'floor'])[n % 4 + 1],"
        " 'sale', 'note', $1::bigint || ':' || n, '', $2::date + n % 365, now(), 1000 + n, '', 'DH' || n, now()"
        " FROM generate_series(1, $3) n",
        [seller.id, year.first, lines],
    )


async def test_a_year_of_20000_lines_is_streamed_and_its_pages_stay_quick(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock, queries: Queries
) -> None:
    seller = await at_the_till(client, sign_in_as)
    year = period_of(Span.YEAR, vietnam_date(clock.now()) - timedelta(days=365))
    await filled(seller, year, 20_000)
    dong = sum(1_000 + n for n in range(1, 20_001))
    asked = f"of=year&on={year.first}"
    with queries.at_most(30):
        answer = await client.get(f"/sell/money/book/s1a.csv?{asked}")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 20_002 and rows[-1][2] == str(dong)
    assert sum(int(row[2]) for row in rows[1:-1]) == dong and len({row[4] for row in rows[1:-1]}) == 20_000
    days = [date(int(row[0][6:]), int(row[0][3:5]), int(row[0][:2])) for row in rows[1:-1]]
    assert days == sorted(days)
    with queries.at_most(36):
        answer = await client.get(f"/sell/money/book/s1a.xlsx?{asked}")
    cells = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert sum(int(row[2]) for row in cells if isinstance(row[2], float)) == 2 * dong
    with queries.at_most(16):
        printed = await client.get(f"/sell/money/book/s1a?{asked}")
    assert "gộp theo ngày" in printed.text and printed.text.count("<tr>") < 4 * 366 + 10
    with queries.at_most(9):
        assert len((await client.get(f"/sell/money/book/entries?{asked}&page=800")).text) < 60_000
    plan = await sql(
        "EXPLAIN SELECT * FROM revenue_entry WHERE vendor_id = $1 AND day BETWEEN $2 AND $3"
        " ORDER BY day DESC, id DESC LIMIT 25",
        [seller.id, year.first, year.last],
    )
    assert "Index" in str(plan) and "Sort" not in str(plan)


async def test_what_came_so_far(clock: StoppedClock) -> None:
    seller, today = await vendor(), vietnam_date(clock.now())
    for n, day in enumerate((today, period_of(Span.MONTH, today).first, period_of(Span.YEAR, today).first)):
        note = Note(f"note-{n:05}", 10_000 * 10**n, day)
        await note_cash(seller.id, note, person_id=ME, now=clock.now())
    sums = await now_sums(seller.id, today)
    assert sums.today_dong >= 10_000 and sums.month_dong >= 110_000 and sums.year_dong == 1_110_000
    assert (await entries(seller.id, period_of(Span.DAY, today), 1)).lines[0].entry.day == today
