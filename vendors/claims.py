"""Words that a listing may not carry unseen: health claims, superlatives, forbidden goods, stars nobody gave.

The words stand in data/claims.csv. Health claims: Decree 46/2026 (food advertising); superlatives: Law on
Advertising 16/2012, article 8; screening before display: Law 122/2025, article 17.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.i18n import Sentence, say
from kit.text import nfc

DATA = Path(__file__).parent / "data" / "claims.csv"
GROUPS: dict[str, Sentence] = {
    "health": say("nói hàng chữa bệnh"),
    "superlative": say("nói nhất mà không có giấy tờ"),
    "forbidden": say("hàng cấm hoặc cần phép riêng"),
    "stars": say("nhắc sao OCOP mà không có chứng nhận"),
}
_STARS = re.compile(r"(?<!\w)(?:ocop\s*(?:đạt\s*)?([1-5])\s*sao|([1-5])\s*sao\s*ocop)(?!\w)")


@dataclass(frozen=True)
class Claim:
    """A word that was found, as it stands in the text, and why it matters."""

    words: str
    group: str

    @property
    def because(self) -> Sentence:
        """What is wrong with it."""
        return GROUPS[self.group]


def claims_in(*texts: str, stars: int = 0) -> list[Claim]:
    """The claims in these texts, in the order of the list, each once; `stars` are those a valid certificate gives.

    Marks count («trị bệnh», not «tri benh»: unmarked words mean too many harmless things), case and blanks do not.
    """
    whole = " · ".join(nfc(text).lower() for text in texts)
    found = [
        Claim(words, group)
        for words, group, pattern in _patterns()
        if words[0] in whole and pattern.search(whole)
    ]
    said = {int(match[1] or match[2]): match[0] for match in _STARS.finditer(whole)}
    return found + [Claim(words, "stars") for count, words in said.items() if count != stars]


def as_text(claims: Iterable[Claim]) -> str:
    """«chữa khỏi», «thần dược»."""
    return ", ".join(f"«{claim.words}»" for claim in claims)


@cache
def _patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    with DATA.open(encoding="utf-8", newline="") as source:
        return [(row["words"], row["group"], phrase_pattern(row["words"])) for row in csv.DictReader(source)]


@cache
def phrase_pattern(words: str) -> re.Pattern[str]:
    """What finds these words in a text of small letters, however their blanks are written."""
    return re.compile(r"(?<!\w)" + r"[\s\-_.]*\s*".join(map(re.escape, nfc(words).split())) + r"(?!\w)")
