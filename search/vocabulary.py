"""The words an index holds, to tell a known word from a slip of the finger, and the names of its places."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping

from search.words import Phrase, agrees, is_syllable, words

_SHORTEST_MENDED = 3
_MOST_NEIGHBOURS = 6
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


class Vocabulary:
    """Folded words with the number of listings each is in, and names of places of two words or more.

    What `before` worked out is kept while the words are the same.
    """

    def __init__(
        self, counts: Mapping[str, int], before: "Vocabulary | None" = None, places: Iterable[str] = ()
    ) -> None:
        self._counts = dict(counts)
        self._place_names = frozenset(places)
        known = before._places if before and before._place_names == self._place_names else None
        self._places: dict[tuple[str, ...], list[Phrase]] = known or _by_words(self._place_names)
        self.longest_place = max(map(len, self._places), default=0)
        same = before is not None and before._counts.keys() == self._counts.keys()
        self._sorted: list[str] = before._sorted if before and same else sorted(self._counts)
        self._shortened: dict[str, list[str]] | None = before._shortened if before and same else None

    def __len__(self) -> int:
        return len(self._counts)

    def count(self, word: str) -> int:
        """In how many listings the word is; 0 when it is unknown."""
        return self._counts.get(word, 0)

    def is_place(self, typed: Phrase) -> bool:
        """Whether these words are the name of a place where something is sold."""
        known = self._places.get(tuple(word.folded for word in typed), ())
        return any(agrees(typed, name) for name in known)

    def halves(self, glued: str) -> list[tuple[str, str]]:
        """Ways to cut a glued word into two known ones, of which brands are no syllables: «moasuka» mo asuka."""
        cuts = ((glued[:at], glued[at:]) for at in range(2, len(glued) - 1))
        return [cut for cut in cuts if all(map(self.count, cut))]

    def begins(self, start: str) -> bool:
        """Whether any word begins like this."""
        place = bisect_left(self._sorted, start)
        return place < len(self._sorted) and self._sorted[place].startswith(start)

    def neighbours(self, word: str) -> tuple[str, ...]:
        """Known words one slip away (a letter too many, missing, wrong, or two swapped), the likeliest first.

        Short syllables are all alike: under five letters the first letter must be right and a wrong one its
        neighbour on the keyboard; under four none may be wrong, unless what was typed is no syllable at all; under
        three nothing is mended.
        """
        if len(word) < _SHORTEST_MENDED:
            return ()
        near = {known for form in _shortened(word) for known in self._by_shortened().get(form, ())}
        fitting = [known for known in near - {word} if _one_slip(word, known) and _may_be(word, known)]
        return tuple(sorted(fitting, key=lambda known: self._rank(word, known)))[:_MOST_NEIGHBOURS]

    def _rank(self, word: str, known: str) -> tuple[bool, bool, int, str]:
        """The same letters first, then the same beginning, then the more frequent."""
        return set(word) != set(known), word[:1] != known[:1], -self._counts[known], known

    def _by_shortened(self) -> dict[str, list[str]]:
        if self._shortened is None:
            found: defaultdict[str, list[str]] = defaultdict(list)
            for known in self._sorted:
                if len(known) >= _SHORTEST_MENDED - 1 and not known.isdigit():
                    for form in _shortened(known):
                        found[form].append(known)
            self._shortened = found
        return self._shortened


def _by_words(names: Iterable[str]) -> dict[tuple[str, ...], list[Phrase]]:
    found: defaultdict[tuple[str, ...], list[Phrase]] = defaultdict(list)
    for phrase in map(words, names):
        if len(phrase) > 1:
            found[tuple(word.folded for word in phrase)].append(phrase)
    return dict(found)


def _shortened(word: str) -> set[str]:
    """The word itself and all its forms with one letter left out: words one slip apart share one of them."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _may_be(word: str, known: str) -> bool:
    if len(word) >= 5:
        return True
    if word[0] != known[0]:
        return False
    if not is_syllable(word):
        return True
    wrong = [(a, b) for a, b in zip(word, known, strict=False) if a != b]
    return len(word) != len(known) or len(wrong) == 2 or (len(word) == 4 and _beside(*wrong[0]))


def _beside(one: str, other: str) -> bool:
    return any(one + other in row or other + one in row for row in _KEYBOARD)


def _one_slip(one: str, other: str) -> bool:
    """Whether two words differ by one letter added, dropped or changed, or two neighbours swapped."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    place = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[place:] == other[place + 1 :]
    swapped = one[place + 1 : place + 2] + one[place : place + 1] + one[place + 2 :]
    return one[place + 1 :] == other[place + 1 :] or swapped == other[place:]
