"""Protected names in the words of a listing: who may say them of which goods.

Law on Intellectual Property 50/2005/QH11, article 123.2 and 129.3: a geographical indication may be used by those
whom the body that manages it has allowed, for the product and the area it is registered for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit.i18n import Sentence, say
from kit.text import nfc
from vendors.claims import phrase_pattern
from vendors.models import NameSort

SORT_WORDS: dict[str, Sentence] = {
    NameSort.INDICATION: say("Chỉ dẫn địa lý"),
    NameSort.CERTIFICATION: say("Nhãn hiệu chứng nhận"),
    NameSort.COLLECTIVE: say("Nhãn hiệu tập thể"),
}
PHRASES_MAX = 8


@dataclass(frozen=True)
class NameRule:
    """A protected name: the kinds of goods it is registered for, today's communes, the words that use it."""

    id: int
    slug: str
    name: str
    sort: NameSort
    kinds: frozenset[str]
    communes: frozenset[str]
    phrases: tuple[str, ...]

    def covers(self, kind: str, commune_code: str) -> bool:
        """Whether goods of this kind from this commune can be the product of the name."""
        return kind in self.kinds and commune_code in self.communes


@dataclass(frozen=True)
class NameSaid:
    """A protected name as it stands in a listing's words."""

    words: str
    rule: NameRule


def names_said(kind: str, texts: Sequence[str], rules: Iterable[NameRule]) -> list[NameSaid]:
    """The protected names that these texts use for goods of this kind, each once. Marks count, case does not."""
    whole = " · ".join(nfc(text).lower() for text in texts)
    found = []
    for rule in rules:
        hits = [phrase_pattern(words).search(whole) for words in rule.phrases if kind in rule.kinds]
        words = next((hit[0] for hit in hits if hit), "")
        if words:
            found.append(NameSaid(words, rule))
    return found


def phrases_of(name: str, typed: str) -> tuple[str, ...]:
    """The words by which a name is used: those typed, one a line, else the name itself."""
    lines = [nfc(line).lower() for line in typed.splitlines()]
    return tuple(dict.fromkeys(line for line in lines if line))[:PHRASES_MAX] or (nfc(name).lower(),)
