"""Sums as a person hears them: in Vietnamese as the listener's region says numbers, or in English."""

from typing import get_args

from kit.i18n import Sentence, say
from kit.money import MOST_DONG, Dialect, dong_in_words

SPEECHES: dict[Dialect, Sentence] = {
    "north": say("Miền Bắc: hai trăm linh năm nghìn, hai mươi lăm"),
    "nham": say("Miền Bắc, nói «nhăm»: hai trăm linh năm nghìn, hai mươi nhăm"),
    "south": say("Miền Nam: hai trăm lẻ năm ngàn, hai mươi lăm"),
}
_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SIZES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (1, ""))


def speech_of(kept: str) -> Dialect:
    """The way of speaking that a person chose; the northern one when they chose none."""
    return next((one for one in get_args(Dialect) if one == kept), "north")


def spoken_dong(amount_dong: int, language: str, speech: Dialect = "north") -> str:
    """A sum in words with its unit, for 0 to 999,999,999,999 đồng; ValueError outside.

    The unit is always said: «hai trăm» alone could be two hundred thousand, and tricksters live on that.
    """
    if language == "en":
        return f"{_english(amount_dong)} dong"
    return dong_in_words(amount_dong, speech)


def _english(number: int) -> str:
    """British English: one hundred and five thousand and twenty-one."""
    if not 0 <= number <= MOST_DONG:
        raise ValueError(f"no words for {number} dong")
    if number == 0:
        return _SMALL[0]
    said: list[str] = []
    for size, name in _SIZES:
        group = number // size % 1000
        if group:
            link = ["and"] if said and size == 1 and group < 100 else []
            said += [*link, _below_thousand(group), *([name] if name else [])]
    return " ".join(said)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    said = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if rest:
        said += ["and"] if hundreds else []
        tens, ones = divmod(rest, 10)
        said += [_SMALL[rest] if rest < 20 else _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")]
    return " ".join(said)
