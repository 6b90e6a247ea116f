"""What is tried one after the other until something is found: from just what was asked to what is near it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from search.reading import Part, Reading, mended, near_words, read
from search.synonyms import Synonyms
from search.vocabulary import Vocabulary
from search.words import is_syllable

MOST_WIDER = 4
MOST_RUNS = 10


def attempts(text: str, vocabulary: Vocabulary, synonyms: Synonyms) -> Iterator[Reading]:
    """The query as typed and mended; without small words; the words of places apart; known words as slips; with less.

    Blank text gives one reading without parts, text without words none.
    """
    reading = read(text, vocabulary, synonyms)
    if reading.parts or not text.strip():
        yield reading
    if not reading.parts:
        return
    plain = _without_small(reading)
    if plain != reading:
        yield plain
    apart = _without_small(read(text, vocabulary, synonyms, places=False))
    if apart != plain:
        yield apart
    yield from islice(widened(apart, vocabulary), MOST_WIDER)
    yield from (replace(less, loose=True) for less in lessened(apart))


def widened(reading: Reading, vocabulary: Vocabulary) -> Iterator[Reading]:
    """The same query when it found nothing: each known word in turn taken for a slip, the rarest first."""
    known = [part for part in reading.parts if part.known and len(part.typed) == 1 and not part.is_measure]
    for suspect in sorted(known, key=lambda part: vocabulary.count(part.typed[0].folded)):
        near = near_words(suspect.typed[0], vocabulary)
        parts = tuple(
            replace(part, choices=near, known=False) if part is suspect else part for part in reading.parts
        )
        if near:
            yield Reading(parts, mended(parts))


def lessened(reading: Reading) -> Iterator[Reading]:
    """The same query with less wanted.

    First without weights; then without words like nothing known, without any one word where half of them are left, and
    at last only words that stand together in it, the most first. In these typed marks must stand as they are, and more
    than half of the words must be known: what is left of a query for goods that nobody sells would be noise.
    """
    named = tuple(part for part in reading.parts if not part.is_measure)
    if named and len(named) < len(reading.parts):
        yield replace(reading, parts=named)
    firm = [part for part in named if part.known or _is_slip(part)]
    if 2 * _length(firm) <= _length(named):
        return
    kept = tuple(_exact(part) for part in named if not part.hopeless)
    if len(kept) < len(named):
        yield Reading(kept, reading.mended)
    least = _length(kept) - max((len(part.typed) for part in kept), default=0)
    if len(kept) > 1 and 2 * least >= _length(named):
        yield Reading(kept, reading.mended, enough=len(kept) - 1)
    yield from islice(_runs(kept), MOST_RUNS)


def _without_small(reading: Reading) -> Reading:
    telling = tuple(part for part in reading.parts if not part.small)
    return Reading(telling, mended(telling), praise=reading.praise) if telling else reading


def _is_slip(part: Part) -> bool:
    """Whether what was typed is no syllable, and so surely a slip for what it was taken for."""
    return not part.hopeless and not all(is_syllable(word.folded) for word in part.typed)


def _length(parts: list[Part] | tuple[Part, ...]) -> int:
    return sum(len(part.typed) for part in parts)


def _exact(part: Part) -> Part:
    """The same with marks as they were typed: «quần» is then no «quán»."""
    return replace(part, choices=tuple(replace(choice, exact=True) for choice in part.choices))


def _runs(parts: tuple[Part, ...]) -> Iterator[Reading]:
    """Neighbouring parts of two words or more, but two parts less than all, the longest run first."""
    for size in range(len(parts) - 2, 0, -1):
        for start in range(len(parts) - size + 1):
            run = parts[start : start + size]
            if _length(run) > 1:
                yield Reading(run, mended(run))
