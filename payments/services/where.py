"""Where money is: everything the market knows of a code, an account, a sum or a bank's reference."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.services import record
from kit.codes import is_code, tidy_code
from kit.db import sql, transaction
from kit.money import parse_dong
from payments import ledger
from payments.models import Difference, Notice, Payment, PaymentEvent
from payments.services.reviews import EventLine
from payments.services.views import PaymentView, views_of

ROWS_MAX = 24
REFERENCE = re.compile(r"[0-9A-Za-z.\-]{6,80}")


@dataclass(frozen=True)
class NoticeLine:
    """A notice as the page shows it; `verdict` as in docs/ledger.md, "" while it waits."""

    id: int
    source: str
    verdict: str
    amount_dong: int
    account_tail: str
    content: str
    bank_reference: str
    happened_at: datetime | None
    received_at: datetime
    payment_code: str
    is_open: bool


@dataclass(frozen=True)
class BookingLine:
    """One side of a booking: debit positive, in đồng."""

    kind: str
    reference: str
    account: str
    amount_dong: int
    at: datetime


@dataclass(frozen=True)
class Trail:
    """All that happened to one payment: its events, notices and bookings, oldest first, and differences found."""

    events: list[EventLine]
    notices: list[NoticeLine]
    bookings: list[BookingLine]
    differences: list[Difference]


@dataclass(frozen=True)
class MoneyFound:
    """Up to 24 payments and 24 notices that fit, newest first; of one payment the whole trail.

    Notices of the trail stand in it only.
    """

    payments: list[PaymentView]
    notices: list[NoticeLine]
    trail: Trail | None


async def where_is(asked: str, *, person_id: int) -> MoneyFound:
    """What fits a code, the last digits of an account (4 or more) or all of it, a sum, or a bank's reference.

    At most eight queries; every look is noted in the trail of who looked.
    """
    asked = asked.strip()
    async with transaction():
        await record(person_id, "money_looked_up", "money", asked[:40])
    payments = await _payments(asked)
    notices = await _notices(asked, payments)
    if not payments and notices:
        payments = await Payment.filter(id__in=[one.payment_id for one in notices if one.payment_id])
    trail = await _trail(payments[0]) if len(payments) == 1 else None
    codes = {one.id: one.code for one in payments}
    shown = {one.id for one in trail.notices} if trail else set()
    others = [_line(one, codes) for one in notices if one.id not in shown]
    return MoneyFound(await views_of(payments), others, trail)


async def _payments(asked: str) -> list[Payment]:
    code = tidy_code(asked)
    if is_code(code):
        return await Payment.filter(code=code)
    ids = await _ids("payment", asked, "asked_dong")
    return await Payment.filter(id__in=ids).order_by("-id") if ids else []


async def _notices(asked: str, payments: Sequence[Payment]) -> list[Notice]:
    if is_code(tidy_code(asked)):
        return (
            await Notice.filter(payment_id__in=[one.id for one in payments]).order_by("-id").limit(ROWS_MAX)
        )
    ids = await _ids("notice", asked, "amount_dong")
    if not ids and REFERENCE.fullmatch(asked):
        return await Notice.filter(bank_reference=asked).order_by("-id").limit(ROWS_MAX)
    return await Notice.filter(id__in=ids).order_by("-id") if ids else []


async def _ids(table: str, asked: str, sum_column: str) -> list[object]:
    """Numbers of the newest rows whose account ends so, or whose sum it is; each by its index."""
    found: list[object] = []
    digits = re.sub("[ .]", "", asked)
    if re.fullmatch("[0-9A-Za-z]{4,19}", digits):
        rows = await sql(
            f"SELECT id FROM {table} WHERE right(account_number, 4) = right($1, 4)"  # noqa: S608 (ours)
            f" AND right(account_number, length($1)) = $1 ORDER BY id DESC LIMIT {ROWS_MAX}",
            [digits],
        )
        found += [row["id"] for row in rows]
    dong = _dong(asked)
    if dong is not None:
        rows = await sql(
            f"SELECT id FROM {table} WHERE {sum_column} = $1 ORDER BY id DESC LIMIT {ROWS_MAX}",  # noqa: S608
            [dong],
        )
        found += [row["id"] for row in rows]
    return found[:ROWS_MAX]


def _dong(asked: str) -> int | None:
    try:
        return parse_dong(asked)
    except ValueError:
        return None


async def _trail(payment: Payment) -> Trail:
    events = await PaymentEvent.filter(payment_id=payment.id).order_by("id")
    told = [one.notice_id for one in events if one.notice_id is not None]
    notices = await Notice.filter(id__in=told).order_by("id") if told else []
    codes = {one.payment_id: payment.code for one in notices if one.payment_id}
    return Trail(
        [EventLine(one.kind, one.amount_dong, one.at) for one in events],
        [_line(one, codes) for one in notices],
        await _bookings(payment),
        await Difference.filter(payment_id=payment.id).order_by("id"),
    )


async def _bookings(payment: Payment) -> list[BookingLine]:
    """Both sides of every booking that touched the payment's own accounts."""
    rows = await sql(
        "SELECT t.kind, t.reference, t.at, e.account, e.amount_dong FROM ledger_entry e"
        " JOIN ledger_transaction t ON t.id = e.transaction_id WHERE e.transaction_id IN"
        " (SELECT transaction_id FROM ledger_entry WHERE account = ANY($1)) ORDER BY t.id, e.id LIMIT 200",
        [[ledger.paid(payment.reference), ledger.owed_to_buyer(payment.reference)]],
    )
    return [
        BookingLine(
            str(row["kind"]),
            str(row["reference"]),
            str(row["account"]),
            int(str(row["amount_dong"])),
            row["at"],  # type: ignore[arg-type]
        )
        for row in rows
    ]


def _line(notice: Notice, codes: Mapping[int, str]) -> NoticeLine:
    return NoticeLine(
        id=notice.id,
        source=notice.source.partition(":")[0],
        verdict=notice.verdict,
        amount_dong=notice.amount_dong,
        account_tail=notice.account_number[-4:],
        content=notice.content,
        bank_reference=notice.bank_reference,
        happened_at=notice.happened_at,
        received_at=notice.received_at,
        payment_code=codes.get(notice.payment_id, "") if notice.payment_id else "",
        is_open=notice.verdict in ("none", "ambiguous", "unread"),
    )
