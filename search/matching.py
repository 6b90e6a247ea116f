"""How well a listing answers a reading, as a tree of matches with their worth: the ranking of the embedded engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from search.documents import CODED_FIELDS, FIELDS
from search.reading import Choice, Part, Reading
from search.words import Phrase

# A word in the name says most; the text of a listing says least.
_WORTH = tuple(zip(FIELDS, (10.0, 6.0, 4.0, 4.0, 3.0, 1.0), strict=True))
_CODED_WORTH = tuple(zip(CODED_FIELDS, (10.0, 4.5), strict=True))
_PAIRED = ("terms", "seller_words", "place_words")
_BEGUN, _REMARKED, _PRAISE = 0.75, 0.25, 2.0


@dataclass(frozen=True)
class Match:
    """Words side by side in a field are worth so much; with `begun` the last of them may go on."""

    field: str
    words: tuple[str, ...]
    worth: float
    begun: bool = False


@dataclass(frozen=True)
class Best:
    """The best of several; one is enough."""

    of: tuple["Node", ...]


@dataclass(frozen=True)
class Sum:
    """Several together; all must match, or at least `enough` of them when that is given."""

    of: tuple["Node", ...]
    enough: int | None = None


Node = Match | Best | Sum


def wanted(reading: Reading) -> Sum:
    """What a listing must hold."""
    return Sum(tuple(_part(part) for part in reading.parts), reading.enough)


def merits(reading: Reading) -> tuple[Node, ...]:
    """What makes one listing better than another that holds the same words."""
    going_on = reading.parts[-1].open
    said = tuple(Sum(tuple(_said(variant, going_on)), enough=0) for variant in reading.variants())
    praise = tuple(Match("title", _spelt(phrase)[0], _PRAISE) for phrase in reading.praise)
    return (Best(said), *praise, *_spelling(reading))


def _part(part: Part) -> Best:
    """Any choice of the part in any field: the best of them counts, a phrase as much as the words it stands for."""
    found: list[Node] = []
    for choice in part.choices:
        if choice.kinds:
            found.append(_among_kinds(choice, len(part.typed)))
        elif choice.near:
            found += _in_fields(choice.phrase, choice.weight * len(part.typed), exact=choice.exact)
        else:
            apart = (_in_fields((word,), choice.weight, exact=choice.exact) for word in choice.phrase)
            found.append(Sum(tuple(Best(tuple(fields)) for fields in apart)))
        if part.open and not choice.kinds:
            found += _in_fields(choice.phrase, choice.weight * _BEGUN, begun=True, exact=choice.exact)
    return Best(tuple(found))


def _among_kinds(choice: Choice, typed: int) -> Sum:
    """Another way to say it that holds for some kinds of goods alone."""
    said = Best(tuple(_in_fields(choice.phrase, choice.weight * typed, exact=choice.exact)))
    return Sum((said, Best(tuple(Match("kind", (kind,), 0.0) for kind in choice.kinds))))


def _in_fields(phrase: Phrase, weight: float, *, begun: bool = False, exact: bool = False) -> Iterator[Match]:
    """A word typed with marks counts in full where it stands with these marks: «chè» before «chế»."""
    folded, coded = _spelt(phrase)
    less = 1.0 if folded == coded else _REMARKED
    if folded == coded or not exact:
        yield from (Match(field, folded, worth * weight * less, begun) for field, worth in _WORTH)
    if folded != coded:
        yield from (Match(field, coded, worth * weight, begun) for field, worth in _CODED_WORTH)


def _said(variant: tuple[Choice, ...], going_on: bool) -> Iterator[Match]:
    """The query as a whole: words in its order, with its marks."""
    folded, exact = _spelt(tuple(word for choice in variant for word in choice.phrase))
    weight = min(choice.weight for choice in variant)
    less = weight if folded == exact else weight * _REMARKED
    yield from _in_order("title", folded, less, going_on)
    yield from (Match(field, pair, 4.0 * less) for pair in pairwise(folded) for field in _PAIRED)
    if folded != exact:
        yield from _in_order("title_coded", exact, weight, going_on)
        yield from (Match("rest_coded", pair, 4.0 * weight) for pair in pairwise(exact))


def _in_order(field: str, words: tuple[str, ...], weight: float, going_on: bool) -> Iterator[Match]:
    """Phrases in a name: it is just this, it begins so, it holds two of the words side by side."""
    yield Match(field, ("^", *words, "$"), 8.0 * weight)
    yield Match(field, ("^", *words), 3.0 * weight)
    yield from (Match(field, pair, 6.0 * weight) for pair in pairwise(words))
    if going_on:
        yield Match(field, ("^", *words), 2.0 * weight, begun=True)
        if len(words) > 1:
            yield Match(field, words[-2:], 3.0 * weight, begun=True)


def _spelling(reading: Reading) -> Iterator[Match]:
    """A word typed without marks may be one without marks: «na» before «nà», by a hair."""
    for part in reading.parts:
        for word in part.choices[0].phrase:
            if not word.marked:
                yield Match("title_coded", (word.folded,), 0.3)


def _spelt(phrase: Phrase) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(word.folded for word in phrase), tuple(word.coded for word in phrase)
