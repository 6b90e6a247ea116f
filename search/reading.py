"""What a typed query means: its words, other words for them, slips mended. Alike for every engine."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product

from search.synonyms import SAME, Synonyms
from search.vocabulary import Vocabulary
from search.words import Word, from_keys, is_measure, pieces, words

MOST_WORDS = 12
_MOST_CHOICES = 4
_TYPED, _APART, _MENDED = 1.0, 0.85, 0.7


@dataclass(frozen=True)
class Choice:
    """One way to say a part of the query: words that stand together (`near`) or anywhere in the listing.

    With `kinds` it only holds for goods of these kinds.
    """

    phrase: tuple[Word, ...]
    weight: float
    near: bool = True
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A part of the query; one choice of it is enough. `open`: its last word may still be going on.

    `known`: the index holds what was typed; where it does not, the choices are guesses, likeliest first.
    """

    typed: tuple[Word, ...]
    choices: tuple[Choice, ...]
    known: bool = True
    open: bool = False

    @property
    def is_measure(self) -> bool:
        """Whether it is a weight or a volume, which tells goods from each other but does not name them."""
        return len(self.typed) == 1 and is_measure(self.typed[0].folded)

    @property
    def hopeless(self) -> bool:
        """Whether it is unknown and like nothing that is known."""
        return not self.known and self.choices[0].phrase == self.typed


@dataclass(frozen=True)
class Reading:
    """A query understood. `mended` is what it was taken for when it was misspelt.

    All its parts are wanted, or any `enough` of them when that is given.
    """

    parts: tuple[Part, ...]
    mended: str | None = None
    enough: int | None = None

    def variants(self, most: int = 6, *, near: bool = True) -> tuple[tuple[Choice, ...], ...]:
        """The query said as a whole in its likeliest ways, the likeliest first, one choice for each part.

        Without `near`, a phrase that may also be said apart is only said apart.
        """
        choices = [part.choices if near else _apart(part.choices) for part in self.parts]
        tops = product(*(some[:_MOST_CHOICES] for some in choices))
        ranked = sorted(islice(tops, 200), key=lambda said: -sum(choice.weight for choice in said))
        return tuple(ranked[:most])


def _apart(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    apart = {choice.phrase for choice in choices if not choice.near}
    return tuple(choice for choice in choices if not choice.near or choice.phrase not in apart)


def read(text: str, vocabulary: Vocabulary, synonyms: Synonyms) -> Reading:
    """Understands at most 12 words of a query.

    Unknown words are taken for Telex or VNI keys («chef»), for glued syllables («matong»), for split ones
    («mi en») or for a slip («cuog»), in this order; a word the index knows is never changed.
    """
    typed = _joined(words(text)[:MOST_WORDS], vocabulary)
    parts: list[Part] = []
    place = 0
    while place < len(typed):
        size = _span(typed[place:], synonyms)
        last = place + size == len(typed)
        parts.append(_part(typed[place : place + size], last, vocabulary, synonyms))
        place += size
    return Reading(tuple(parts), _mended(tuple(parts)))


def widened(reading: Reading, vocabulary: Vocabulary) -> Iterator[Reading]:
    """The same query when it found nothing: each known word in turn taken for a slip, the rarest first."""
    known = [part for part in reading.parts if part.known and len(part.typed) == 1]
    for suspect in sorted(known, key=lambda part: vocabulary.count(part.typed[0].folded)):
        near = tuple(_near(suspect.typed[0], vocabulary))
        parts = tuple(
            replace(part, choices=near, known=False) if part is suspect else part for part in reading.parts
        )
        if near:
            yield Reading(parts, _mended(parts))


def lessened(reading: Reading) -> Iterator[Reading]:
    """The same query with less wanted: without weights, without words like nothing known, then without any one word.

    Where more than half of the words are like nothing known, what is left would be noise: nothing then.
    """
    named = tuple(part for part in reading.parts if not part.is_measure)
    if named and len(named) < len(reading.parts):
        yield replace(reading, parts=named)
    kept = tuple(part for part in named if not part.hopeless)
    if 2 * len(kept) < len(named):
        return
    if len(kept) < len(named):
        yield Reading(kept, reading.mended)
    if len(kept) > 1:
        yield Reading(kept, reading.mended, enough=len(kept) - 1)


def _span(typed: tuple[Word, ...], synonyms: Synonyms) -> int:
    """How many of the next words have a synonym together, the most first; else one."""
    sizes = range(min(synonyms.longest, len(typed)), 1, -1)
    return next((size for size in sizes if synonyms.others(typed[:size])), 1)


def _part(typed: tuple[Word, ...], last: bool, vocabulary: Vocabulary, synonyms: Synonyms) -> Part:
    if len(typed) == 1 and is_measure(typed[0].folded):
        return Part(typed, (Choice(typed, _TYPED),), known=vocabulary.count(typed[0].folded) > 0)
    others = _others(typed, synonyms)
    if len(typed) > 1:
        return Part(typed, (Choice(typed, _TYPED), Choice(typed, _APART, near=False), *others))
    folded = typed[0].folded
    if not vocabulary or vocabulary.count(folded) or (last and vocabulary.begins(folded)):
        return Part(typed, (Choice(typed, _TYPED), *others), open=last)
    guesses = (*_guesses(typed[0], vocabulary, synonyms), *others)
    return Part(typed, guesses or (Choice(typed, _TYPED),), known=False)


def _others(typed: tuple[Word, ...], synonyms: Synonyms) -> tuple[Choice, ...]:
    """Synonyms; to a reader who types no marks their marks are no merit either."""
    marked = any(word.marked for word in typed)
    found = synonyms.others(typed)
    return tuple(
        Choice(other.phrase if marked else _unmarked(other.phrase), other.weight, kinds=other.kinds)
        for other in found
    )


def _guesses(word: Word, vocabulary: Vocabulary, synonyms: Synonyms) -> Iterator[Choice]:
    """What an unknown word may be, the likeliest first."""
    keyed = from_keys(word.folded)
    if keyed and vocabulary.count(keyed.folded):
        yield Choice((keyed,), _TYPED)
        yield from _others((keyed,), synonyms) or _others(_unmarked((keyed,)), synonyms)
        return
    cuts = [cut for cut in pieces(word.folded) if all(map(vocabulary.count, cut))]
    for cut in sorted(cuts, key=len)[:4]:
        phrase = tuple(Word(piece, piece) for piece in cut)
        yield Choice(phrase, SAME)
        yield Choice(phrase, _APART, near=False)
    if not cuts:
        yield from _near(word, vocabulary)


def _near(word: Word, vocabulary: Vocabulary) -> Iterator[Choice]:
    for rank, known in enumerate(vocabulary.neighbours(word.folded)):
        yield Choice((Word(known, known),), _MENDED - 0.02 * rank)


def _joined(typed: tuple[Word, ...], vocabulary: Vocabulary) -> tuple[Word, ...]:
    """Two words written apart that are one («mi en»), where one of them is unknown and the whole is not."""
    out: list[Word] = []
    for word in typed:
        before = out[-1] if out else None
        whole = before and Word(before.folded + word.folded, before.coded + word.coded)
        if before and whole and vocabulary.count(whole.folded) and not _both(before, word, vocabulary):
            out[-1] = whole
        else:
            out.append(word)
    return tuple(out)


def _both(one: Word, other: Word, vocabulary: Vocabulary) -> bool:
    return vocabulary.count(one.folded) > 0 and vocabulary.count(other.folded) > 0


def _unmarked(phrase: tuple[Word, ...]) -> tuple[Word, ...]:
    return tuple(Word(word.folded, word.folded) for word in phrase)


def _mended(parts: tuple[Part, ...]) -> str | None:
    """The query with every unknown word replaced by its likeliest reading; None when nothing was mended."""
    if all(part.known or part.hopeless for part in parts):
        return None
    said = (part.typed if part.known else part.choices[0].phrase for part in parts)
    return " ".join(word.folded for phrase in said for word in phrase)
