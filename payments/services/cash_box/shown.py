"""The post's box as its page and programs read it: what lies in it, what came and went today, the pay-ins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.services import names_of
from kit.codes import tidy_code
from kit.dates import day_start, vietnam_date
from kit.db import sql
from kit.errors import NotFound
from payments import ledger
from payments.matching import Verdict
from payments.models import Notice, PayIn, PayInState
from payments.services.cash_box.paying_in import difference_of
from payments.services.cash_box.told import WAITING

PAGE_ROWS = 24
PAGES_MAX = 500
STRAYS_SHOWN = 6
LOOKED_BACK = timedelta(days=7)
LATE_AFTER = timedelta(days=2)
_TODAY = """
    SELECT t.kind, count(*)::int AS times, sum(e.amount_dong)::bigint AS dong FROM ledger_entry e
    JOIN ledger_transaction t ON t.id = e.transaction_id
    WHERE e.account = $1 AND t.at >= $2 AND t.at < $3 GROUP BY t.kind ORDER BY t.kind
"""


@dataclass(frozen=True)
class BoxLine:
    """What moved cash of the box on one day: the kind of booking (docs/ledger.md), how often, đồng in or out."""

    kind: str
    times: int
    dong: int


@dataclass(frozen=True)
class PayInRow:
    """A pay-in in a list. `lacking_dong` is what the bank told less; `is_late`: it has not told for two days."""

    code: str
    amount_dong: int
    state: PayInState
    person_id: int
    name: str
    slip_number: str
    has_photo: bool
    prepared_at: datetime
    paid_in_at: datetime | None
    told_dong: int | None
    told_at: datetime | None
    lacking_dong: int
    explanation: str
    words: str
    closed_at: datetime | None
    is_late: bool


@dataclass(frozen=True)
class BoxDay:
    """The box now, what moved its cash today, and a page of pay-ins, the newest first. Sums in đồng."""

    day: date
    in_box_dong: int
    on_the_way_dong: int
    unexplained_dong: int
    lines: list[BoxLine]
    pay_ins: list[PayInRow]
    page: int
    has_more: bool


@dataclass(frozen=True)
class Stray:
    """A notice that nobody could place and that may be the pay-in."""

    id: int
    amount_dong: int
    account_tail: str
    content: str
    at: datetime


async def box_day(*, now: datetime, page: int = 1) -> BoxDay:
    """The box as it stands. Four queries."""
    page, day = max(1, min(page, PAGES_MAX)), vietnam_date(now)
    accounts = (ledger.POST_BOX, ledger.POST_ON_THE_WAY, ledger.POST_BANK_DIFFERENCE)
    sums = await ledger.balances_of(accounts)
    span = [day_start(day), day_start(day + timedelta(days=1))]
    moved = await sql(_TODAY, [ledger.POST_BOX, *span])
    found = await PayIn.all().order_by("-id").offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
    return BoxDay(
        day=day,
        in_box_dong=sums.get(ledger.POST_BOX, 0),
        on_the_way_dong=sums.get(ledger.POST_ON_THE_WAY, 0),
        unexplained_dong=sums.get(ledger.POST_BANK_DIFFERENCE, 0),
        lines=[BoxLine(str(row["kind"]), int(str(row["times"])), int(str(row["dong"]))) for row in moved],
        pay_ins=await _rows(found[:PAGE_ROWS], now),
        page=page,
        has_more=len(found) > PAGE_ROWS,
    )


async def pay_in_shown(code: str, *, now: datetime) -> PayInRow:
    """One pay-in. Raises NotFound."""
    return (await _rows([await pay_in_with(code)], now))[0]


async def pay_in_with(code: str) -> PayIn:
    """The row with this code. Raises NotFound."""
    row = await PayIn.get_or_none(code=tidy_code(code))
    if row is None:
        raise NotFound()
    return row


async def strays_for(row: PayInRow, *, now: datetime) -> list[Stray]:
    """Notices of the last week that may be a pay-in which waits: the same sum, or the slip's number. One query."""
    if row.state not in WAITING:
        return []
    lately = Notice.filter(
        verdict=Verdict.NONE, is_incoming=True, vendor_id__isnull=True, received_at__gte=now - LOOKED_BACK
    )
    found = await lately.filter(amount_dong=row.amount_dong).order_by("-id").limit(STRAYS_SHOWN)
    return [
        Stray(
            one.id, one.amount_dong, one.account_number[-4:], one.content, one.happened_at or one.received_at
        )
        for one in found
        if one.event is None
    ]


async def _rows(found: Sequence[PayIn], now: datetime) -> list[PayInRow]:
    names = await names_of({one.person_id for one in found}) if found else {}
    return [
        PayInRow(
            code=one.code,
            amount_dong=one.amount_dong,
            state=one.state,
            person_id=one.person_id,
            name=names.get(one.person_id, f"#{one.person_id}"),
            slip_number=one.slip_number,
            has_photo=bool(one.photo_key),
            prepared_at=one.prepared_at,
            paid_in_at=one.paid_in_at,
            told_dong=one.told_dong,
            told_at=one.told_at,
            lacking_dong=difference_of(one),
            explanation=one.explanation,
            words=one.words,
            closed_at=one.closed_at,
            is_late=one.state in WAITING and one.prepared_at < now - LATE_AFTER,
        )
        for one in found
    ]
