"""Banks and Mobile Money by BIN, and the form of an account number at each."""

import csv
from dataclasses import dataclass
from pathlib import Path

from kit.i18n import Sentence, say
from kit.identifiers import BadIdentifier, Fault, normal_account, normal_mobile
from kit.text import ascii_name
from vendors.models import Bank

BANKS_CSV = Path(__file__).resolve().parent.parent / "data" / "banks.csv"
HOLDER_MAX = 80
PHONE_KINDS = ("mobile_money", "wallet")
_RANK = {"bank": 0, "mobile_money": 1, "wallet": 2}


@dataclass(frozen=True)
class BankView:
    """An institution that receives VietQR transfers; kind is bank, mobile_money or wallet."""

    bin: str
    code: str
    name: str
    kind: str


class BadAccount(ValueError):
    """An account number that this institution cannot have; the sentence says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


async def load_banks() -> int:
    """Adds the institutions of banks.csv that the table lacks; rows that stand are left as they are.

    BINs as used in VietQR (NAPAS has no public list; the State Bank's letter 1589/NHNN-TT of 05/03/2024 and the
    lists of public VietQR services agree on nearly all). Gives the number of rows added.
    """
    before = await Bank.all().count()
    await Bank.bulk_create([Bank(**row) for row in _rows()], ignore_conflicts=True)
    return await Bank.all().count() - before


async def banks_shown() -> list[BankView]:
    """The institutions a seller may choose from: banks by name, then Mobile Money, then wallets."""
    rows = await Bank.filter(is_shown=True)
    rows.sort(key=lambda bank: (_RANK.get(bank.kind, 9), ascii_name(bank.name, 120)))
    return [BankView(row.bin, row.code, row.name, row.kind) for row in rows]


async def bank_of(bin: str) -> BankView | None:
    """The institution with this BIN, shown or not."""
    row = await Bank.get_or_none(bin=bin)
    return BankView(row.bin, row.code, row.name, row.kind) if row else None


def account_number(typed: str, kind: str) -> str:
    """The account number as VietQR carries it (object 38-01-01, at most 19 characters). Raises BadAccount.

    Banks: 6 to 19 digits, or an alias with letters; Mobile Money and wallets: the owner's mobile number, 0 first.
    """
    if kind in PHONE_KINDS:
        return _phone_number(typed)
    try:
        number = normal_account(typed)
    except BadIdentifier as bad:
        raise BadAccount(_fault(bad)) from None
    if number.isdecimal() and len(number) < 6:
        raise BadAccount(_length(len(number)))
    return number


def holder_name(typed: str) -> str:
    """The account holder as banks write it: capitals without accents, at most 80 characters."""
    return ascii_name(typed, HOLDER_MAX)


def _phone_number(typed: str) -> str:
    try:
        return "0" + normal_mobile(typed)[3:]
    except BadIdentifier:
        raise BadAccount(
            say("Ví và Mobile Money nhận tiền theo số điện thoại: 10 chữ số, bắt đầu bằng 0.")
        ) from None


def _fault(bad: BadIdentifier) -> Sentence:
    if bad.reason is Fault.ACCOUNT_CHARACTERS:
        return say("Số tài khoản chỉ có chữ số và chữ cái không dấu, ví dụ 0123456789.")
    return _length(bad.found)


def _length(found: int) -> Sentence:
    return say("Số tài khoản cần 6 đến 19 chữ số. Bạn vừa nhập {n}.", n=found)


def _rows() -> list[dict[str, object]]:
    with BANKS_CSV.open(encoding="utf-8", newline="") as file:
        return [{**row, "is_shown": row["is_shown"] == "yes"} for row in csv.DictReader(file)]
