"""Other words for the same goods, read from data/synonyms.txt."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from search.words import Phrase, agrees, words

SAME, NEARLY = 0.9, 0.6
_SIGNS = {"=": SAME, "~": NEARLY, ">": NEARLY}


@dataclass(frozen=True)
class Other:
    """Another way to say a phrase, of all goods or of some kinds only; `weight` is SAME or NEARLY."""

    phrase: Phrase
    weight: float
    kinds: tuple[str, ...] = ()


class Synonyms:
    """Other phrases by their folded words, from lines of the form «a = b = c», «a ~ b», «a > b».

    `words` are all that stand in phrases with others, three letters or more.

    A line may end in «@ kind kind»: the other way of saying it then holds for goods of these kinds alone.

    Raises ValueError for a line of another form.
    """

    def __init__(self, lines: list[str]) -> None:
        self._others: dict[tuple[str, ...], list[tuple[Phrase, Other]]] = {}
        for line in lines:
            if line.strip() and not line.startswith("#"):
                self._add(line)
        self.longest = max(map(len, self._others), default=0)
        self.words = frozenset(word for key in self._others for word in key if len(word) > 2)

    def others(self, typed: Phrase) -> tuple[Other, ...]:
        """Other ways to say what was typed; typed marks must fit: «chế» is not «chè», «che» may be."""
        entries = self._others.get(tuple(word.folded for word in typed), [])
        return tuple(other for known, other in entries if agrees(typed, known))

    def _add(self, line: str) -> None:
        line, _, kinds = line.partition("@")
        sign = next((sign for sign in _SIGNS if sign in line), None)
        if sign is None:
            raise ValueError(f"synonyms: «{line}» holds none of = ~ >")
        phrases = [words(part) for part in line.split(sign)]
        for phrase in phrases[:1] if sign == ">" else phrases:
            key = tuple(word.folded for word in phrase)
            others = [
                Other(other, _SIGNS[sign], tuple(kinds.split())) for other in phrases if other != phrase
            ]
            self._others.setdefault(key, []).extend((phrase, other) for other in others)


@cache
def synonyms() -> Synonyms:
    """The project's own synonyms."""
    return Synonyms(files("search").joinpath("data/synonyms.txt").read_text("utf-8").splitlines())
