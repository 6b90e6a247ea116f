"""Words of asking and praising, read from data/small_words.txt: they tell no goods from others."""

from functools import cache
from importlib.resources import files

from search.words import Phrase, agrees, words


def is_small(typed: Phrase) -> bool:
    """Whether these words together are one of the small ones; typed marks must fit («má» is not «mà»)."""
    known = _phrases().get(tuple(word.folded for word in typed), ())
    return any(agrees(typed, phrase) for phrase in known)


def longest_small() -> int:
    """How many words the longest of them has."""
    return max(map(len, _phrases()), default=0)


@cache
def _phrases() -> dict[tuple[str, ...], tuple[Phrase, ...]]:
    found: dict[tuple[str, ...], tuple[Phrase, ...]] = {}
    for line in files("search").joinpath("data/small_words.txt").read_text("utf-8").splitlines():
        for phrase in map(words, () if line.startswith("#") else line.split(",")):
            key = tuple(word.folded for word in phrase)
            found[key] = (*found.get(key, ()), phrase)
    return found
