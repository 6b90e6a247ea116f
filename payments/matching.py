"""Matching: which order a bank transfer speaks of, and whether it settles the order. Pure, no database."""

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kit.codes import CODE_LENGTH, is_code, tidy_code
from kit.text import fold

_CLOSED = frozenset({"expired", "cancelled"})


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

    `state` as in the payment's row: paid is settled, expired and cancelled are closed, all else is open.
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


def candidate_codes(*texts: str | None, prefix: str = "", length: int = CODE_LENGTH) -> list[str]:
    """All codes with a right check character that may stand in transfer texts, in order, each once.

    Banks put their own text before and after, drop or add blanks and dots, and change the case; people type
    I or L for 1. So every stretch of `length` letters and digits is tried. One in 31 stretches of any text
    passes by chance: a candidate means nothing until it is found among the payments. A cut or mistyped code
    is not guessed.
    """
    found = (
        code for text in texts if text for code in _stretches(text, length) if is_code(code, prefix, length)
    )
    return list(dict.fromkeys(found))


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


def _stretches(text: str, length: int) -> Iterator[str]:
    letters = tidy_code(re.sub("[^a-z0-9]", "", fold(text)))
    return (letters[at : at + length] for at in range(len(letters) - length + 1))


def _reached(payment: PaymentView, transfer: TransferView) -> bool:
    """The account asked for was credited, itself or as a virtual account under the one that SePay watches."""
    if transfer.bin is not None and transfer.bin != payment.bin:
        return False
    credited = (transfer.account_number, transfer.sub_account or "")
    return _bare(payment.account_number) in map(_bare, credited) and bool(_bare(payment.account_number))


def _bare(account_number: str) -> str:
    return re.sub("[^0-9A-Z]", "", account_number.upper())


def _by_amount(owed_dong: int, amount_dong: int) -> Verdict:
    if amount_dong == owed_dong:
        return Verdict.MATCHED
    return Verdict.PARTIAL if amount_dong < owed_dong else Verdict.OVER
