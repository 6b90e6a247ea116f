"""Payouts as pages and programs read them: owed by seller, all of them, one seller's own, one with its story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.codes import tidy_code
from kit.errors import NotFound
from payments.models import Payout, PayoutEvent, PayoutStatus
from payments.qr import vietqr
from payments.services.payouts.gathering import OPEN, owed_to_sellers
from vendors.services.markets.holders import vendor_names

PAGE_ROWS = 24


@dataclass(frozen=True)
class PayoutRow:
    """A payout in a list."""

    id: int
    code: str
    vendor_id: int
    vendor_name: str
    amount_dong: int
    bank_name: str
    account_tail: str
    state: PayoutStatus
    needs_review: bool
    gathered_at: datetime
    done_at: datetime | None


@dataclass(frozen=True)
class OwedRow:
    """What a seller is owed; `is_open` while an earlier payout is under way."""

    vendor_id: int
    vendor_name: str
    dong: int
    is_open: bool


@dataclass(frozen=True)
class PayoutPage:
    """A page of payouts, newest first."""

    rows: list[PayoutRow]
    page: int
    has_more: bool


@dataclass(frozen=True)
class PayoutFate:
    """What became of a payout: it reached its seller (`is_proved` when the bank told so), or came back."""

    vendor_id: int
    is_done: bool
    is_proved: bool
    is_back: bool


@dataclass(frozen=True)
class PayoutLine:
    """One thing that happened to a payout."""

    kind: str
    note: str
    at: datetime


@dataclass(frozen=True)
class PayoutShown:
    """One payout for who transfers it: the account, the QR text while it may be sent, and its story."""

    row: PayoutRow
    account_number: str
    account_holder: str
    qr_text: str
    lines: list[PayoutLine]


async def owed_rows() -> list[OwedRow]:
    """Sellers with something owed or owing, the most first. Three queries."""
    owed = await owed_to_sellers()
    ids = [one.vendor_id for one in owed]
    names = await vendor_names(ids)
    busy = await Payout.filter(vendor_id__in=ids, state__in=list(OPEN)).values_list("vendor_id", flat=True)
    taken = {int(str(one)) for one in busy}
    return [
        OwedRow(one.vendor_id, names.get(one.vendor_id, ""), one.dong, one.vendor_id in taken) for one in owed
    ]


async def payouts(page: int = 1, *, vendor_id: int | None = None) -> PayoutPage:
    """A page of all payouts, or of one seller's. Two queries."""
    rows = Payout.all() if vendor_id is None else Payout.filter(vendor_id=vendor_id)
    found = await rows.order_by("-id").offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
    return PayoutPage(await _rows(found[:PAGE_ROWS]), page, len(found) > PAGE_ROWS)


async def payout_fate(payout_id: int) -> PayoutFate:
    """How a payout stands. Raises NotFound."""
    payout = await Payout.get_or_none(id=payout_id)
    if payout is None:
        raise NotFound()
    is_done = payout.state is PayoutStatus.SUCCEEDED
    proved = is_done and payout.notice_id is not None
    return PayoutFate(payout.vendor_id, is_done, proved, payout.state is PayoutStatus.RETURNED)


async def payout_shown(code: str) -> PayoutShown:
    """One payout with its story. Raises NotFound."""
    payout = await Payout.get_or_none(code=tidy_code(code))
    if payout is None:
        raise NotFound()
    [row] = await _rows([payout])
    qr_text = ""
    if payout.state in (PayoutStatus.APPROVED, PayoutStatus.SENT):
        qr_text = vietqr(
            payout.bin, payout.account_number, amount_dong=payout.amount_dong, purpose=payout.code
        )
    events = await PayoutEvent.filter(payout_id=payout.id).order_by("id")
    lines = [PayoutLine(one.kind, one.note, one.at) for one in events]
    return PayoutShown(row, payout.account_number, payout.account_holder, qr_text, lines)


async def _rows(found: Sequence[Payout]) -> list[PayoutRow]:
    names = await vendor_names([one.vendor_id for one in found])
    return [
        PayoutRow(
            id=one.id,
            code=one.code,
            vendor_id=one.vendor_id,
            vendor_name=names.get(one.vendor_id, ""),
            amount_dong=one.amount_dong,
            bank_name=one.bank_name,
            account_tail=one.account_number[-4:],
            state=one.state,
            needs_review=one.needs_review,
            gathered_at=one.gathered_at,
            done_at=one.done_at,
        )
        for one in found
    ]
