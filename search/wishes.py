"""Prices spoken in a query («dưới 200k», «100-300k», «tầm 50 nghìn»): they leave the words and become limits."""

import re
from dataclasses import dataclass

from kit.text import fold, nfc

MOST_DONG = 10**12
ABOUT_PERCENT = 25
_THOUSAND = frozenset({"k", "nghin", "ngan", "ng", "ngin"})
_MILLION = frozenset({"tr", "trieu", "m"})
_UNITS = r"nghin|ngan|ngin|ng|trieu|tr|k|m|dong|vnd|d|₫"
_NOT_MEASURED = (
    r"(?!\s*(?:kg|kilo|ki|ky|can|gam|gram|gr|g|lang|yen|ta|ml|lit|l|sao|hop|tui|goi|con|chai|lo|qua)\b)"
)
_NUMBER = r"(?:\d{1,3}(?:[.,]\d{3})+|\d+(?:[.,]\d{1,2})?)"
_MONEY = rf"(?:{_UNITS})(?:\s*(?:\d\b|ruoi\b))?"
_AMOUNT = rf"{_NUMBER}\s*(?:{_MONEY})?(?!\w){_NOT_MEASURED}"
_PRICED = rf"{_NUMBER}\s*{_MONEY}(?!\w)"
_UNDER = r"duoi|khong qua|toi da|re hon|it hon|nho hon|thap hon|<=|<|under|below"
_OVER = r"tren|hon|it nhat|toi thieu|dat hon|cao hon|>=|>|over|above|tu(?=\s)"
_ABOUT = r"tam|khoang|quang|co|around|about|gia"
_GIA = r"(?<!\w)(?:gia\s+)?"
_PHRASES = (
    (
        "between",
        re.compile(rf"{_GIA}(?:(?:tu|between)\s+)?({_AMOUNT})\s*(?:-|–|~|den|toi|and)\s*({_AMOUNT})"),
    ),
    ("under", re.compile(rf"{_GIA}(?:{_UNDER})\s*({_AMOUNT})")),
    ("under", re.compile(rf"{_GIA}(?:tu\s+)?({_PRICED})\s+(?:tro xuong|do xuong|tro lai|do lai)\b")),
    ("over", re.compile(rf"{_GIA}(?:tu\s+)?({_PRICED})\s+(?:tro len|do len)\b")),
    ("over", re.compile(rf"{_GIA}(?:{_OVER})\s*({_AMOUNT})")),
    ("about", re.compile(rf"{_GIA}(?:{_ABOUT})\s+({_PRICED})")),
    ("about", re.compile(rf"(?<!\w)({_PRICED})")),
)


@dataclass(frozen=True)
class Wish:
    """A query with its prices taken out; a limit that was not spoken is None."""

    text: str
    price_from_dong: int | None = None
    price_to_dong: int | None = None


def wish_of(typed: str) -> Wish:
    """Takes the prices out of a query, marks or not: «chè dưới 200k» is «chè» up to 200,000 đồng.

    A bare «100k» means about so much. A number without a unit of money counts only beside a word like «dưới»,
    and below a thousand it then means thousands, as people say it. «5 kg» and «500g» are no prices. Where no
    sense can be made of an amount, the words stay as they are.
    """
    text = nfc(typed)
    flat = "".join(_plain(letter) for letter in text)
    for meaning, pattern in _PHRASES:
        found = pattern.search(flat)
        limits = _limits(meaning, *found.groups()) if found else None
        if found and limits:
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            return Wish(nfc(rest).strip(" ,;.-"), *limits)
    return Wish(text)


def _plain(letter: str) -> str:
    """One letter without its marks; every letter gives just one, so that places stay the same."""
    folded = fold(letter)
    return folded if len(folded) == 1 else letter.lower()[:1]


def _limits(meaning: str, first: str, second: str = "") -> tuple[int | None, int | None] | None:
    if meaning == "between":
        return _between(first, second)
    dong = _dong(first)
    if dong is None:
        return None
    if meaning == "about":
        return dong * (100 - ABOUT_PERCENT) // 100, dong * (100 + ABOUT_PERCENT) // 100
    return (dong, None) if meaning == "over" else (None, dong)


def _between(first: str, second: str) -> tuple[int, int] | None:
    """«100-300k»: the unit of the second amount is meant for both. Two bare numbers under a thousand are no prices."""
    unit = _split(second)[1]
    if not unit and (_dong(first, spoken=False) is None or _dong(second, spoken=False) is None):
        return None
    ends = (_dong(first if _split(first)[1] else f"{first.strip()}{unit}"), _dong(second))
    if ends[0] is None or ends[1] is None:
        return None
    return min(ends[0], ends[1]), max(ends[0], ends[1])


def _dong(amount: str, *, spoken: bool = True) -> int | None:
    """The đồng of an amount; None when it is no price. `spoken`: 200 without a unit means 200 thousand."""
    number, unit, after = _split(amount)
    if not number:
        return None
    grouped = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", number)
    thousandths = int(re.sub(r"[.,]", "", number)) * 1000 if grouped else _thousandths(number)
    times = 1_000 if unit in _THOUSAND else 1_000_000 if unit in _MILLION else 1
    if not unit and thousandths < 1_000_000:
        times = 1_000 if spoken else 0
    dong = thousandths * times // 1000 + _tail(after, times)
    return dong if 0 < dong <= MOST_DONG else None


def _split(amount: str) -> tuple[str, str, str]:
    found = re.match(rf"\s*([\d.,]+?)\s*(?:({_UNITS})\s*(\d|ruoi)?)?\s*$", amount)
    return (found[1], found[2] or "", found[3] or "") if found else ("", "", "")


def _thousandths(number: str) -> int:
    whole, _, part = number.replace(",", ".").partition(".")
    return int(whole) * 1000 + int((part + "000")[:3])


def _tail(after: str, times: int) -> int:
    """«1tr5» and «2 triệu rưỡi»: tenths of the unit."""
    return times // 2 if after == "ruoi" else times // 10 * int(after or 0)
