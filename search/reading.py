"""What a typed query means: its words, other words for them, slips mended. Alike for every engine.

`search.attempts` says what is tried when this finds nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from search.small_words import is_small, longest_small
from search.synonyms import SAME, Synonyms
from search.vocabulary import Vocabulary
from search.words import Phrase, Word, from_keys, is_measure, is_syllable, pieces, unmarked, words

MOST_WORDS = 12
_MOST_CHOICES = 4
_TYPED, _APART, _MENDED = 1.0, 0.85, 0.7


@dataclass(frozen=True)
class Choice:
    """One way to say a part of the query: words that stand together (`near`) or anywhere in the listing.

    With `kinds` it only holds for goods of these kinds; with `exact` marks must stand as they were typed.
    """

    phrase: Phrase
    weight: float
    near: bool = True
    kinds: tuple[str, ...] = ()
    exact: bool = False


@dataclass(frozen=True)
class Part:
    """A part of the query; one choice of it is enough. `open`: its last word may still be going on.

    `known`: the index holds what was typed; where it does not, the choices are guesses, likeliest first.
    `small`: a word of asking or praising («mua», «re»), which mostly says nothing of the goods.
    """

    typed: Phrase
    choices: tuple[Choice, ...]
    known: bool = True
    open: bool = False
    small: bool = False

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

    All its parts are wanted, or any `enough` of them when that is given; `praise` is a merit where it stands in a name.
    `loose`: something was let go that was asked.
    """

    parts: tuple[Part, ...]
    mended: str | None = None
    enough: int | None = None
    loose: bool = False
    praise: tuple[Phrase, ...] = ()

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


def read(text: str, vocabulary: Vocabulary, synonyms: Synonyms, *, places: bool = True) -> Reading:
    """Understands at most 12 words of a query.

    Unknown words are taken for Telex or VNI keys («chef»), for glued syllables («matong»), for split ones
    («mi en») or for a slip («cuog»), in this order; a word the index knows is never changed. Names of places the
    index knows stand together, unless `places` is off. Words of asking and praising are no condition, but where one
    without marks may be another word («ban») it stays; it goes where the index does not know it.
    """
    typed = _joined(words(text)[:MOST_WORDS], vocabulary)
    taken = _taken(typed, vocabulary, synonyms)
    parts: list[Part] = []
    place = 0
    while place < len(typed):
        size = _span(taken[place:], typed[place:], vocabulary if places else None, synonyms)
        last = place + size == len(typed)
        run, meant = typed[place : place + size], taken[place : place + size]
        parts.append(_part(run, meant, last, vocabulary, synonyms))
        place += size
    telling = tuple(part for part in parts if not part.small or part.known)
    praise = tuple(part.typed for part in parts if part not in telling)
    return Reading(telling, mended(telling), praise=praise) if telling else Reading(tuple(parts))


def mended(parts: tuple[Part, ...]) -> str | None:
    """The query with every unknown word replaced by its likeliest reading; None when nothing was mended."""
    if all(part.known or part.hopeless for part in parts):
        return None
    said = (part.typed if part.known else part.choices[0].phrase for part in parts)
    return " ".join(word.folded for phrase in said for word in phrase)


def near_words(word: Word, vocabulary: Vocabulary) -> tuple[Choice, ...]:
    """What a word may be a slip for, the likeliest first; a syllable with marks at most lacks a letter: it was seen."""
    known = enumerate(vocabulary.neighbours(word.folded))
    near = tuple(Choice((Word(one, one),), _MENDED - 0.02 * rank) for rank, one in known)
    if word.marked and is_syllable(word.folded):
        return tuple(choice for choice in near if len(choice.phrase[0].folded) > len(word.folded))
    return near


def _taken(typed: Phrase, vocabulary: Vocabulary, synonyms: Synonyms) -> Phrase:
    """Each word, or the one known word that its keys or its slip most likely stand for."""
    return tuple(_likeliest(word, vocabulary, synonyms) for word in typed)


def _likeliest(word: Word, vocabulary: Vocabulary, synonyms: Synonyms) -> Word:
    known = vocabulary.count(word.folded) or word.folded in synonyms.words
    if not vocabulary or known or is_small((word,)) or is_measure(word.folded):
        return word
    phrase = next((choice.phrase for choice in _guesses(word, vocabulary, synonyms)), (word,))
    return phrase[0] if len(phrase) == 1 else word


def _span(taken: Phrase, typed: Phrase, vocabulary: Vocabulary | None, synonyms: Synonyms) -> int:
    """How many of the next words belong together, the most first: in a synonym, a known place, or small ones."""
    most = min(
        max(synonyms.longest, longest_small(), vocabulary.longest_place if vocabulary else 0), len(taken)
    )
    for size in range(most, 1, -1):
        if _others(typed[:size], synonyms) or _taken_others(taken[:size], synonyms) or is_small(typed[:size]):
            return size
        if vocabulary and vocabulary.is_place(taken[:size]):
            return size
    return 1


def _part(typed: Phrase, meant: Phrase, last: bool, vocabulary: Vocabulary, synonyms: Synonyms) -> Part:
    """The part for words that belong together, or for one word; `meant` are the same words with slips mended."""
    if is_small(typed):
        doubtful = len(typed) == 1 and not typed[0].marked and vocabulary.count(typed[0].folded) > 0
        return Part(typed, tuple(_both_ways(typed)), known=doubtful, small=True, open=last)
    if len(typed) > 1:
        return _together(typed, meant, last, vocabulary, synonyms)
    if is_measure(typed[0].folded):
        return Part(typed, (Choice(typed, _TYPED),), known=vocabulary.count(typed[0].folded) > 0)
    folded, others = typed[0].folded, _others(typed, synonyms)
    if not vocabulary or others or vocabulary.count(folded) or (last and vocabulary.begins(folded)):
        return Part(typed, (Choice(typed, _TYPED), *others), open=last)
    guesses = tuple(_guesses(typed[0], vocabulary, synonyms))
    if not guesses:
        return Part(typed, (Choice(typed, _TYPED),), known=False)
    return Part(typed, (*guesses, *_taken_others(guesses[0].phrase, synonyms)), known=False)


def _together(typed: Phrase, meant: Phrase, last: bool, vocabulary: Vocabulary, synonyms: Synonyms) -> Part:
    """Several words with a synonym, or the name of a place: its words apart are no place."""
    others = _others(typed, synonyms)
    meant, others = (typed, others) if others else (meant, _taken_others(meant, synonyms))
    choices = (*_both_ways(meant), *others) if others else (Choice(meant, _TYPED),)
    return Part(typed, choices, known=typed == meant, open=last and not others)


def _both_ways(phrase: Phrase) -> Iterator[Choice]:
    yield Choice(phrase, _TYPED)
    if len(phrase) > 1:
        yield Choice(phrase, _APART, near=False)


def _others(typed: Phrase, synonyms: Synonyms) -> tuple[Choice, ...]:
    """Synonyms; to a reader who types no marks their marks are no merit either.

    But several words with one syllable for another way to say it («rau mùi», «ngò») mean that one, and not «ngô».
    """
    marked = any(word.marked for word in typed)
    return tuple(
        Choice(
            other.phrase if marked or len(typed) > len(other.phrase) == 1 else unmarked(other.phrase),
            other.weight,
            kinds=other.kinds,
            exact=len(typed) > len(other.phrase) == 1,
        )
        for other in synonyms.others(typed)
    )


def _taken_others(taken: Phrase, synonyms: Synonyms) -> tuple[Choice, ...]:
    """Synonyms of what was made of keys and slips, whose marks are not to be relied on («heof»)."""
    return _others(taken, synonyms) or _others(unmarked(taken), synonyms)


def _guesses(word: Word, vocabulary: Vocabulary, synonyms: Synonyms) -> Iterator[Choice]:
    """What an unknown word may be, the likeliest first: known to the index or to the synonyms."""
    keyed = from_keys(word.folded)
    if keyed and (vocabulary.count(keyed.folded) or keyed.folded in synonyms.words):
        yield Choice((keyed,), _TYPED)
        return
    cuts = [cut for cut in pieces(word.folded) if all(len(one) > 1 and vocabulary.count(one) for one in cut)]
    for cut in sorted(cuts, key=len)[:4] or vocabulary.halves(word.folded)[:2]:
        phrase = tuple(Word(piece, piece) for piece in cut)
        yield Choice(phrase, SAME)
        yield Choice(phrase, _APART, near=False)
    if not cuts:
        yield from near_words(word, vocabulary)


def _joined(typed: Phrase, vocabulary: Vocabulary) -> Phrase:
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
