"""Money that came on a stall's static plate: into a seller's own account, and named no payment."""

from dataclasses import dataclass
from datetime import datetime

from kit.db import is_in_transaction, locked
from payments import ledger
from payments.matching import Verdict
from payments.models import Notice

STALL = "stall"
UNNAMED = Verdict.NONE


@dataclass(frozen=True)
class PlateMoney:
    """One notice's money: the accounts it says were credited, đồng, and when it moved."""

    notice_id: int
    accounts: tuple[str, ...]
    amount_dong: int
    at: datetime


async def plate_money(notice_id: int) -> PlateMoney | None:
    """A notice that was settled and belongs to no payment; None for any other."""
    notice = await Notice.get_or_none(id=notice_id, verdict=UNNAMED)
    if notice is None:
        return None
    accounts = (notice.account_number, notice.sub_account)
    return PlateMoney(
        notice_id,
        tuple(one for one in accounts if one),
        notice.amount_dong,
        notice.happened_at or notice.received_at,
    )


async def take_plate_money(notice_id: int, *, reference: str, vendor_id: int, now: datetime) -> None:
    """Books a settled notice's money as a stall sale of this seller ("till:17"). Needs an open transaction()."""
    notice = await _locked(notice_id)
    entries = [
        (ledger.seller_bank(vendor_id), notice.amount_dong),
        (ledger.suspense(notice.id), notice.amount_dong),
        (ledger.other_bank(notice.account_number), -notice.amount_dong),
        (ledger.paid(reference), -notice.amount_dong),
    ]
    await ledger.post("stall_sale", f"notice:{notice.id}", entries, at=now)
    notice.verdict = STALL
    await notice.save(update_fields=["verdict"])


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
