"""Whole đồng and quantities: shown, read from what people type, said in words, shared out."""

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from kit.text import nfc

MOST_DONG = 999_999_999_999

Dialect = Literal["north", "nham", "south"]

_NBSP = "\u00a0"
_TIMES = {
    "": 1,
    "k": 1_000,
    "nghìn": 1_000,
    "ngàn": 1_000,
    "nghin": 1_000,
    "ngan": 1_000,
    "tr": 1_000_000,
    "triệu": 1_000_000,
    "trieu": 1_000_000,
    "tỷ": 1_000_000_000,
    "tỉ": 1_000_000_000,
    "ty": 1_000_000_000,
    "ti": 1_000_000_000,
}
_AMOUNT = re.compile(r"([0-9][0-9., ]*?) ?([a-zìàệỷỉ]*?) ?(?:₫|đ|d|đồng|dong|vnd|vnđ)?")
_PLAIN = re.compile(r"0|[1-9][0-9]*")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([., ])[0-9]{3}(?:\1[0-9]{3})*")
_SHORT_DECIMAL = re.compile(r"(?:0|[1-9][0-9]*)[.,][0-9]{1,2}")

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_LINKS: dict[Dialect, str] = {"north": "linh", "nham": "linh", "south": "lẻ"}
_THOUSANDS: dict[Dialect, str] = {"north": "nghìn", "nham": "nghìn", "south": "ngàn"}


class AmountFault(StrEnum):
    """Why a typed amount was not taken."""

    EMPTY = "empty"
    NOT_AN_AMOUNT = "not_an_amount"
    AMBIGUOUS = "ambiguous"
    TOO_LARGE = "too_large"


class BadAmount(ValueError):
    """A typed amount of money or goods that cannot be read with certainty."""

    def __init__(self, reason: AmountFault) -> None:
        super().__init__(reason.value)
        self.reason = reason


def show_dong(amount_dong: int) -> str:
    """`35.000 ₫`, the blank being a no-break space."""
    return f"{_dotted(amount_dong)}{_NBSP}₫"


def show_quantity(quantity: Decimal | int, unit: str = "") -> str:
    """`1,5 kg`: decimal comma, dots between thousands, no idle zeros, a no-break space before the unit."""
    whole, _, rest = f"{quantity:f}".partition(".")
    rest = rest.rstrip("0")
    sign = "-" if whole.startswith("-") and (rest or int(whole)) else ""
    number = sign + _dotted(abs(int(whole))) + (f",{rest}" if rest else "")
    return f"{number}{_NBSP}{unit}" if unit else number


def show_weight(weight_g: int) -> str:
    """Grams as people say them: `500 g`, `1,5 kg`."""
    if abs(weight_g) < 1000:
        return show_quantity(weight_g, "g")
    return show_quantity(Decimal(weight_g) / 1000, "kg")


def parse_dong(text: str) -> int:
    """Whole đồng from what a person typed: 35000, 35.000, 35 000, 35,000 ₫, 35k, 35 nghìn, 1,2 triệu.

    1.500 is always one thousand five hundred. Where a reading could be wrong by a thousand (1.500k,
    1,250 triệu) it refuses. Negative amounts and hào are refused too. Raises `BadAmount`.
    """
    clean = nfc(text).lower()
    if not clean:
        raise BadAmount(AmountFault.EMPTY)
    found = _AMOUNT.fullmatch(clean)
    if found is None or found[2] not in _TIMES:
        raise BadAmount(AmountFault.NOT_AN_AMOUNT)
    amount = _multiplied(found[1], _TIMES[found[2]])
    if amount > MOST_DONG:
        raise BadAmount(AmountFault.TOO_LARGE)
    return amount


def parse_quantity(text: str) -> Decimal:
    """A quantity of goods: 2, 1.5, 1,5, 0.250, 1,125 and 1.234,5; never negative.

    A dot before exactly three digits (1.500) may mean thousands or a fraction and is refused, unless a zero
    stands before it. Raises `BadAmount`.
    """
    clean = nfc(text)
    if not clean:
        raise BadAmount(AmountFault.EMPTY)
    if re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", clean):
        raise BadAmount(AmountFault.AMBIGUOUS)
    if re.fullmatch(r"[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]{1,3})?", clean):
        clean = clean.replace(".", "")
    if not re.fullmatch(r"(0|[1-9][0-9]{0,8})([.,][0-9]{1,3})?", clean):
        raise BadAmount(AmountFault.NOT_AN_AMOUNT)
    return Decimal(clean.replace(",", "."))


def dong_in_words(amount_dong: int, dialect: Dialect = "north") -> str:
    """The amount as it is spoken, ending in «đồng», for 0 to 999,999,999,999; ValueError outside.

    North says nghìn and linh, south ngàn and lẻ; all say mốt and tư after mươi, lăm after mười and mươi. In parts
    of the north («nham») it is nhăm after mươi, and still lăm after mười.
    """
    if not 0 <= amount_dong <= MOST_DONG:
        raise ValueError(f"no words for {amount_dong} đồng")
    said: list[str] = []
    for size, name in ((10**9, "tỷ"), (10**6, "triệu"), (10**3, _THOUSANDS[dialect]), (1, "")):
        group = amount_dong // size % 1000
        if group:
            said += [*_group_words(group, bool(said), dialect), name]
    return " ".join(word for word in [*(said or ["không"]), "đồng"] if word)


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by weights so that the shares sum to it exactly (largest remainder, earlier first).

    Each share is within one of its exact part and a weight of zero gets nothing; a negative total gives the
    shares of the positive one, negated. ValueError when a weight is negative or none is positive.
    """
    everything = sum(weights)
    if everything <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative and one must be positive")
    if total < 0:
        return [-share for share in share_out(-total, weights)]
    shares = [total * weight // everything for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % everything), i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares


def _dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _multiplied(number: str, times: int) -> int:
    if _PLAIN.fullmatch(number):
        return int(number) * times if len(number) <= 15 else MOST_DONG + 1
    if _GROUPED.fullmatch(number):
        if times == 1:
            return int(re.sub("[., ]", "", number)) if len(number) <= 20 else MOST_DONG + 1
        raise BadAmount(AmountFault.AMBIGUOUS)
    if times > 1 and _SHORT_DECIMAL.fullmatch(number) and len(number) <= 15:
        return int(Decimal(number.replace(",", ".")) * times)
    raise BadAmount(AmountFault.NOT_AN_AMOUNT)


def _group_words(group: int, follows: bool, dialect: Dialect) -> list[str]:
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    said = [_DIGITS[hundreds], "trăm"] if hundreds or follows else []
    if tens > 1:
        said += [_DIGITS[tens], "mươi"]
    elif tens == 1:
        said += ["mười"]
    elif said and ones:
        said += [_LINKS[dialect]]
    return [*said, _ones_word(tens, ones, dialect)] if ones else said


def _ones_word(tens: int, ones: int, dialect: Dialect) -> str:
    if tens and ones == 5:
        return "nhăm" if tens > 1 and dialect == "nham" else "lăm"
    return {1: "mốt", 4: "tư"}.get(ones, _DIGITS[ones]) if tens > 1 else _DIGITS[ones]
