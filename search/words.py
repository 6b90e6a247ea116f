"""Vietnamese words as the index knows them: folded, with their tones coded, typed in Telex or VNI, glued."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from kit.text import fold, nfc

_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_SHAPES = {"\u0302": "^", "\u0306": "w", "\u031b": "w"}
_VOWELS = frozenset("aeiouy")
# Onsets, nuclei and codas of written Vietnamese without marks; loose on purpose, to tell syllables from noise.
_ONSET = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx]"
_NUCLEUS = (
    "uye|uya|uyu|uai|uay|uoi|uou|oai|oao|oay|oeo|ieu|yeu|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|uo|uu|uy|ye"
    "|[aeiouy]"
)
_SYLLABLE = re.compile(f"(?:{_ONSET})?(?:{_NUCLEUS})(?:ch|ng|nh|[cmnpt])?")
_KEYS = {"1": "s", "2": "f", "3": "r", "4": "x", "5": "j", "6": "^", "7": "w", "8": "w", "9": "d"}
_LONGEST_GLUED = 24
# Measures as people write and say them (a lạng is 100 g, a yến 10 kg), in grams or millilitres.
_MEASURES = {
    **dict.fromkeys(("g", "gr", "gam", "gram"), (1, "g")),
    **dict.fromkeys(("kg", "kí", "ký", "ki", "ky", "kilo", "cân"), (1000, "g")),
    **dict.fromkeys(("lạng", "lang"), (100, "g")),
    **dict.fromkeys(("yến", "yen"), (10_000, "g")),
    "ml": (1, "ml"),
    **dict.fromkeys(("l", "lít", "lit"), (1000, "ml")),
}
_MEASURE = re.compile(rf"(?<!\w)(\d{{1,5}})(?:[.,](\d{{1,3}}))?\s*({'|'.join(_MEASURES)})(?!\w)")


class Word(NamedTuple):
    """One word: `folded` without marks, `coded` with them as Telex letters."""

    folded: str
    coded: str

    @property
    def marked(self) -> bool:
        """Whether it was written with any mark."""
        return self.folded != self.coded


Phrase = tuple[Word, ...]


def words(text: str) -> tuple[Word, ...]:
    """The words of a text, in order. «Mỳ gạo 0,5 kg» gives mi/myf, gao/gaoj, 500g/500g."""
    measured = _MEASURE.sub(_measured, nfc(text).lower())
    return tuple(word for piece in re.findall(r"[^\W_]+", measured) for word in _words_of(piece))


def unmarked(phrase: Phrase) -> Phrase:
    """The same words as if they had been typed without marks."""
    return tuple(Word(word.folded, word.folded) for word in phrase)


def agrees(typed: Phrase, known: Phrase) -> bool:
    """Whether what was typed may be this phrase: the same folded words, and no mark that speaks against it."""
    return len(typed) == len(known) and all(
        mine.folded == theirs.folded and (not mine.marked or fits(mine.coded, theirs.coded))
        for mine, theirs in zip(typed, known, strict=True)
    )


def is_measure(folded: str) -> bool:
    """Whether a word is a weight or a volume as `words` gives it: 500g, 750ml."""
    return re.fullmatch(r"\d+(?:g|ml)", folded) is not None


def folded_words(text: str) -> str:
    """The words of a text as the folded index fields hold them, a blank between."""
    return " ".join(word.folded for word in words(text))


def coded_words(text: str) -> str:
    """The words of a text with their marks coded, as the exact index fields hold them."""
    return " ".join(word.coded for word in words(text))


def one_i(folded: str) -> str:
    """A final y after a consonant as i: mỳ and mì, lý and lí are one word («thuy» stays)."""
    if len(folded) > 1 and folded[-1] == "y" and folded[-2] not in _VOWELS:
        return folded[:-1] + "i"
    return folded


def coded(word: str) -> str:
    """One word with its marks as Telex letters, the tone right after the vowels: «đinh» ddinh, «miến» mieesn.

    «hoà» and «hòa» both give hoaf, and what is typed so far («miế», miees) begins what it will be.
    """
    letters, tone = _pieces(unicodedata.normalize("NFC", word).lower())
    return _spelt(letters, tone)


def fits(typed: str, full: str) -> bool:
    """Whether the coded word `typed` may be the coded word `full` with some marks left out.

    «chees» (chế) is not «chef» (chè); «mieen» (miên) may be «mieesn» (miến).
    """
    (typed_letters, typed_tone), (letters, tone) = _taken_apart(typed), _taken_apart(full)
    if _bare(typed_letters) != _bare(letters):
        return False
    shapes = zip(typed_letters, letters, strict=True)
    return typed_tone in ("", tone) and all(mine in ("", theirs) for (_, mine), (_, theirs) in shapes)


def is_syllable(folded: str) -> bool:
    """Whether a folded word can be one Vietnamese syllable."""
    return _SYLLABLE.fullmatch(folded) is not None


def from_keys(typed: str) -> Word | None:
    """The word behind raw Telex or VNI keys: «chef» chè, «cuwowfng» cường, «gao5» gạo; None when there is none.

    The rules are those of the two input methods; a word that starts with a digit («500g») is left alone.
    """
    if not typed.isascii() or not typed.isalnum() or not typed[:1].isalpha():
        return None
    letters, tone = _typed_out(typed.lower())
    folded = "".join(letter for letter, _ in letters)
    if (folded == typed.lower() and not tone) or not is_syllable(folded):
        return None
    return Word(one_i(folded), _spelt(letters, tone))


def pieces(glued: str, most: int = 4) -> tuple[tuple[str, ...], ...]:
    """Every way to cut a glued word into 2 to `most` syllables: «matong» gives ma tong and mat ong."""
    if len(glued) > _LONGEST_GLUED:
        return ()
    return tuple(cut for cut in _cuts(glued, most) if len(cut) > 1)


def _measured(found: re.Match[str]) -> str:
    """«1 kg», «10 lạng» and «1,0 kg» as one word: 1000g."""
    times, unit = _MEASURES[found[3]]
    thousandths = int(found[1]) * 1000 + int(((found[2] or "") + "000")[:3])
    return f"{thousandths * times // 1000}{unit}"


@lru_cache(maxsize=50_000)
def _words_of(piece: str) -> tuple[Word, ...]:
    parts = fold(piece).split()
    if len(parts) == 1 and (exact := coded(piece)) != parts[0]:
        return (Word(one_i(parts[0]), exact),)
    return tuple(Word(one_i(part), one_i(part)) for part in parts)


def _cuts(rest: str, most: int) -> list[tuple[str, ...]]:
    if not rest:
        return [()]
    if not most:
        return []
    ends = [end for end in range(1, min(len(rest), 7) + 1) if is_syllable(rest[:end])]
    return [(one_i(rest[:end]), *tail) for end in ends for tail in _cuts(rest[end:], most - 1)]


Letters = list[tuple[str, str]]  # (letter, "" or its shape: ^ for â ê ô, w for ă ơ ư, d for đ)


def _pieces(word: str) -> tuple[Letters, str]:
    letters: Letters = []
    tone = ""
    for char in unicodedata.normalize("NFD", word.replace("đ", "d\u0335").replace("ð", "d\u0335")):
        if char in _TONES:
            tone = _TONES[char]
        elif char in _SHAPES and letters:
            letters[-1] = (letters[-1][0], _SHAPES[char])
        elif char == "\u0335" and letters:
            letters[-1] = ("d", "d")
        else:
            letters += [(letter, "") for letter in fold(char)]
    return letters, tone


def _spelt(letters: Letters, tone: str) -> str:
    """Telex: shapes doubled or w, the tone after the last letter of the first run of vowels."""
    out = ""
    pending = tone
    for place, (letter, shape) in enumerate(letters):
        out += letter + (letter if shape in ("^", "d") else shape)
        if letter in _VOWELS and (place + 1 == len(letters) or letters[place + 1][0] not in _VOWELS):
            out, pending = out + pending, ""
    return out + pending


def _bare(letters: Letters) -> str:
    return "".join(letter for letter, _ in letters).replace("y", "i")


def _taken_apart(spelt: str) -> tuple[Letters, str]:
    """A coded word back in letters, shapes and tone; a word without marks comes back letter by letter."""
    found = _typed_out(spelt)
    return found if _spelt(*found) == spelt else ([(letter, "") for letter in spelt], "")


def _typed_out(keys: str) -> tuple[Letters, str]:
    letters: Letters = []
    tone = ""
    for key in keys:
        seen_vowel = any(letter in _VOWELS for letter, _ in letters)
        shape = _KEYS.get(key, key)
        if seen_vowel and shape in "sfrxjz":
            tone = "" if shape == "z" else shape
        elif not _reshaped(letters, key, shape):
            letters += [("u", "w")] if key == "w" else [(key, "")]
    return letters, tone


def _reshaped(letters: Letters, key: str, shape: str) -> bool:
    """Whether this key only changed a letter typed before it."""
    if key in "9d":
        return _mark_d(letters, key)
    if shape == "^":
        return _mark(letters, "aeo", "^")
    if shape == "w":
        return _mark(letters, "a" if key == "8" else "ou" if key == "7" else "aou", "w")
    return key in "aeo" and _mark(letters, key, "^")


def _mark_d(letters: Letters, key: str) -> bool:
    fitting = (
        bool(letters)
        and letters[0] == ("d", "")
        and (key == "9" or len(letters) == 1 or letters[-1][0] != "d")
    )
    if fitting:
        letters[0] = ("d", "d")
    return fitting


def _mark(letters: Letters, wanted: str, shape: str) -> bool:
    """Puts the shape on the last plain letter of those wanted; a horn on both letters of «uo»."""
    for place in range(len(letters) - 1, 0, -1):
        if shape == "w" and "o" in wanted and letters[place - 1 : place + 1] == [("u", ""), ("o", "")]:
            letters[place - 1 : place + 1] = [("u", "w"), ("o", "w")]
            return True
    for place in range(len(letters) - 1, -1, -1):
        if letters[place][0] in wanted and not letters[place][1]:
            letters[place] = (letters[place][0], shape)
            return True
    return False
