"""Money that came on a stall's static plate: into a seller's own account, and named no payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import is_in_transaction, locked, sql
from payments import ledger
from payments.matching import Verdict
from payments.models import Notice

STALL = "stall"
UNNAMED = Verdict.NONE


@dataclass(frozen=True)
class PlateMoney:
    """One notice's money: the account it is about, all it says were credited, đồng, and when it moved."""

    notice_id: int
    account_number: str
    accounts: tuple[str, ...]
    amount_dong: int
    at: datetime


@dataclass(frozen=True)
class PlateSale:
    """A notice's money as a stall sale: of which seller, and what the sale is called ("till:17")."""

    money: PlateMoney
    reference: str
    vendor_id: int


async def plate_money(notice_id: int) -> PlateMoney | None:
    """A notice that was settled and belongs to no payment; None for any other."""
    notice = await Notice.get_or_none(id=notice_id, verdict=UNNAMED)
    if notice is None:
        return None
    return plate_money_of(notice)


def plate_money_of(notice: Notice) -> PlateMoney:
    """The money of a notice that named no payment."""
    accounts = (notice.account_number, notice.sub_account)
    return PlateMoney(
        notice.id,
        notice.account_number,
        tuple(one for one in accounts if one),
        notice.amount_dong,
        notice.happened_at or notice.received_at,
    )


async def take_plate_money(sales: Sequence[PlateSale], *, now: datetime) -> None:
    """Books the money of settled notices as stall sales. Needs an open transaction(), which holds the notices."""
    if not sales:
        return
    bookings = [(f"notice:{one.money.notice_id}", _taken(one)) for one in sales]
    await ledger.post_all("stall_sale", bookings, at=now)
    await sql(
        "UPDATE notice SET verdict = $2 WHERE id = ANY($1)",
        [[one.money.notice_id for one in sales], STALL],
    )


def _taken(sale: PlateSale) -> list[tuple[str, int]]:
    dong = sale.money.amount_dong
    return [
        (ledger.seller_bank(sale.vendor_id), dong),
        (ledger.suspense(sale.money.notice_id), dong),
        (ledger.other_bank(sale.money.account_number), -dong),
        (ledger.paid(sale.reference), -dong),
    ]


async def not_plate_money(notice_id: int, *, reference: str, vendor_id: int, now: datetime) -> None:
    """The seller says this was no stall sale: it belongs to nothing again and waits for a person.

    It may be an order's money whose code was left out. Needs an open transaction().
    """
    notice = await _locked(notice_id)
    entries = [
        (ledger.paid(reference), notice.amount_dong),
        (ledger.seller_bank(vendor_id), -notice.amount_dong),
        (ledger.other_bank(notice.account_number), notice.amount_dong),
        (ledger.suspense(notice.id), -notice.amount_dong),
    ]
    await ledger.post("no_sale", f"notice:{notice.id}", entries, at=now)
    notice.verdict = UNNAMED
    await notice.save(update_fields=["verdict"])


async def _locked(notice_id: int) -> Notice:
    if not is_in_transaction():
        raise RuntimeError("plate money needs an open transaction()")
    return (await locked(Notice, [notice_id]))[notice_id]
