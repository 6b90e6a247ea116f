"""Matching: which order a bank transfer speaks of, and whether it settles the order. Pure, no database."""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from payments.transfer_text import nearly_said

_CLOSED = frozenset({"expired", "cancelled", "failed"})


class Verdict(enum.StrEnum):
    """What a transfer means for a payment. Only `matched` settles it; the others need a person."""

    MATCHED = "matched"
    PARTIAL = "partial"
    OVER = "over"
    LATE = "late"
    DUPLICATE = "duplicate"
    WRONG_ACCOUNT = "wrong_account"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment as the matcher sees it: whole đồng asked and paid so far, the account that should receive.

    `state` as in the payment's row: paid is settled, expired, cancelled and failed are closed, all else is open.
    """

    code: str
    asked_dong: int
    paid_dong: int
    state: str
    expires_at: datetime | None
    account_number: str
    bin: str


@dataclass(frozen=True, slots=True)
class TransferView:
    """Money that came in. `codes`: those candidates of its text that belong to payments. `bin` if known."""

    amount_dong: int
    account_number: str
    at: datetime
    codes: tuple[str, ...]
    sub_account: str | None = None
    bin: str | None = None


def judge(payment: PaymentView | None, transfer: TransferView) -> Verdict:
    """Whether a transfer settles a payment; `payment` is the one that `transfer.codes` led to, if any.

    In this order: no payment named, several named, into another account, already paid, too late, amount.
    A transfer exactly at `expires_at` is in time. ValueError for an amount that is no money.
    """
    if transfer.amount_dong <= 0:
        raise ValueError(f"a transfer of {transfer.amount_dong} đồng")
    if payment is None or payment.code not in transfer.codes:
        return Verdict.AMBIGUOUS if len(set(transfer.codes)) > 1 else Verdict.NONE
    if len(set(transfer.codes)) > 1:
        return Verdict.AMBIGUOUS
    if not _reached(payment, transfer):
        return Verdict.WRONG_ACCOUNT
    if payment.state == "paid" or payment.paid_dong >= payment.asked_dong:
        return Verdict.DUPLICATE
    if payment.state in _CLOSED or (payment.expires_at is not None and transfer.at > payment.expires_at):
        return Verdict.LATE
    return _by_amount(payment.asked_dong - payment.paid_dong, transfer.amount_dong)


def judge_several(payments: Sequence[PaymentView], transfer: TransferView) -> Verdict:
    """Whether one transfer that names several payments pays them all; else a person must say what it was for.

    It does only when each is open, in time and into this account, and their rests make exactly the amount.
    """
    each = all(
        _reached(one, transfer)
        and one.state not in ("paid", *_CLOSED)
        and (one.expires_at is None or transfer.at <= one.expires_at)
        for one in payments
    )
    rest_dong = sum(one.asked_dong - one.paid_dong for one in payments)
    pays_all = each and len(payments) > 1 and rest_dong == transfer.amount_dong
    return Verdict.MATCHED if pays_all else Verdict.AMBIGUOUS


def meant_nearly(payments: Sequence[PaymentView], transfer: TransferView, *texts: str | None) -> str | None:
    """The code that a transfer without a known code says with one slip or cut, where nothing else speaks against it.

    `payments`: those asked into this account lately, in any state, so that a code like another's is seen. Only
    one that is open, in time and short of exactly this amount is meant.
    """
    code = nearly_said([one.code for one in payments], *texts)
    meant = next((one for one in payments if one.code == code), None)
    if meant is None or judge(meant, replace(transfer, codes=(meant.code,))) is not Verdict.MATCHED:
        return None
    return meant.code


def bare_account(account_number: str) -> str:
    """An account number without the dots and blanks that some banks write."""
    return re.sub("[^0-9A-Z]", "", account_number.upper())


def _reached(payment: PaymentView, transfer: TransferView) -> bool:
    """The account asked for was credited, itself or as a virtual account under the one that SePay watches."""
    if transfer.bin is not None and transfer.bin != payment.bin:
        return False
    credited = (transfer.account_number, transfer.sub_account or "")
    return bare_account(payment.account_number) in map(bare_account, credited) and bool(
        bare_account(payment.account_number)
    )


def _by_amount(owed_dong: int, amount_dong: int) -> Verdict:
    if amount_dong == owed_dong:
        return Verdict.MATCHED
    return Verdict.PARTIAL if amount_dong < owed_dong else Verdict.OVER
