"""The names of goods as people's fingers make them: queries made by rule, each with the one that was meant."""

import random
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kit.text import fold, nfc
from search.documents import ListingDoc

_TELEX_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_VNI_TONES = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_VNI_SHAPES = {"\u0302": "6", "\u031b": "7", "\u0306": "8"}
_BESIDE = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHORTEST_SLIPPED = 4
MOST_WORDS = 6
Chance = random.Random
Spelling = Callable[[list[str], Chance], str | None]


@dataclass(frozen=True)
class Spelt:
    """A name in one way of writing it, and the code of the goods."""

    kind: str
    query: str
    code: str


def spelt(docs: Iterable[ListingDoc], seed: int) -> list[Spelt]:
    """Every name of at most six words in each way that changes it; the same from the same seed."""
    chance = Chance(seed)
    made = []
    for doc in docs:
        words = nfc(doc.name).split()
        for kind, spell in SPELLINGS.items():
            query = spell(words, chance) if len(words) <= MOST_WORDS else None
            if query and (kind == "as written" or query != doc.name):
                made.append(Spelt(kind, query, doc.code))
    return made


def telex(word: str) -> str:
    """A word as its Telex keys, the tone typed last: «đường» dduwowngf."""
    out, tone = "", ""
    for char in unicodedata.normalize("NFD", word.replace("đ", "dd").replace("Đ", "DD")):
        if char in _TELEX_TONES:
            tone = _TELEX_TONES[char]
        elif char == "\u0302":
            out += out[-1].lower()
        elif char in ("\u0306", "\u031b"):
            out += "w"
        else:
            out += char
    return out + tone


def vni(word: str) -> str:
    """A word as its VNI keys, every digit after its letter, the tone last: «đường» d9u7o7ng2."""
    out, tone = "", ""
    for char in unicodedata.normalize("NFD", word.replace("đ", "d9").replace("Đ", "D9")):
        if char in _VNI_TONES:
            tone = _VNI_TONES[char]
        else:
            out += _VNI_SHAPES.get(char, char)
    return out + tone


def _half_marked(words: list[str], chance: Chance) -> str:
    return " ".join(fold(word) if place % 2 else word for place, word in enumerate(words))


def _plain_d(words: list[str], chance: Chance) -> str:
    return " ".join(words).replace("đ", "d").replace("Đ", "D")


def _glued(words: list[str], chance: Chance) -> str | None:
    """Two neighbours without the blank between them."""
    if len(words) < 2:
        return None
    place = chance.randrange(len(words) - 1)
    plain = [fold(word) for word in words]
    return " ".join((*plain[:place], plain[place] + plain[place + 1], *plain[place + 2 :]))


def _turned(words: list[str], chance: Chance) -> str | None:
    """The second half first."""
    half = len(words) // 2
    return fold(" ".join((*words[half:], *words[:half]))) if len(words) > 2 else None


def _slipped(words: list[str], chance: Chance) -> str | None:
    """One slip in one word of four letters or more: dropped, doubled, swapped or its neighbour on the keyboard."""
    plain = [fold(word) for word in words]
    long = [place for place, word in enumerate(plain) if len(word) >= _SHORTEST_SLIPPED]
    if not long or len(plain) < 2:
        return None
    place = chance.choice(long)
    plain[place] = chance.choice((_dropped, _doubled, _swapped, _beside))(plain[place], chance)
    return " ".join(plain)


def _dropped(word: str, chance: Chance) -> str:
    at = chance.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


def _doubled(word: str, chance: Chance) -> str:
    at = chance.randrange(1, len(word))
    return word[:at] + word[at] + word[at:]


def _swapped(word: str, chance: Chance) -> str:
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _beside(word: str, chance: Chance) -> str:
    at = chance.randrange(1, len(word))
    row = next((row for row in _BESIDE if word[at] in row), word[at] * 3)
    near = row.index(word[at]) + chance.choice((-1, 1))
    return word[:at] + row[near if 0 <= near < len(row) else row.index(word[at])] + word[at + 1 :]


SPELLINGS: dict[str, Spelling] = {
    "as written": lambda words, chance: " ".join(words),
    "capitals": lambda words, chance: " ".join(words).upper(),
    "taken apart (NFD)": lambda words, chance: unicodedata.normalize("NFD", " ".join(words)),
    "no marks": lambda words, chance: fold(" ".join(words)),
    "half the marks": _half_marked,
    "đ as d": _plain_d,
    "telex": lambda words, chance: " ".join(map(telex, words)),
    "vni": lambda words, chance: " ".join(map(vni, words)),
    "glued": _glued,
    "order": _turned,
    "one slip": _slipped,
}
