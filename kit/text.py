"""Vietnamese text: cleaning, folding for search, sorting, names of people, ASCII forms."""

import re
import unicodedata
from collections.abc import Iterator

_DROPPED = frozenset({"Cc", "Cf", "Cs"})

# Combining marks, numbered in the dictionary's order of tones: ngang 0, huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_BREVE, _CIRCUMFLEX, _HORN = "\u0306", "\u0302", "\u031b"
# "{" and "|" follow "z" in ASCII, so every word with ă stands after every word with a, as in a dictionary.
_LETTERS = {
    ("a", _BREVE): "a{",
    ("a", _CIRCUMFLEX): "a|",
    ("e", _CIRCUMFLEX): "e{",
    ("o", _CIRCUMFLEX): "o{",
    ("o", _HORN): "o|",
    ("u", _HORN): "u{",
}
_D_STROKE = str.maketrans("ðÐĐ", "đđđ")


def nfc(text: str) -> str:
    """One clean line: NFC, blanks squeezed and stripped, control and invisible characters dropped."""
    return " ".join(unicodedata.normalize("NFC", _visible(text)).split())


def nfc_lines(text: str) -> str:
    """Like `nfc`, but line ends stay; never more than one empty line in a row."""
    lines = "\n".join(nfc(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def fold(text: str) -> str:
    """The search form: lower case, no marks, đ and ð as d, anything but letters and digits a single blank.

    «Định Hoá» and «Định Hóa» fold alike: dinh hoa. mỳ and mì do not.
    """
    letters = _unmarked(unicodedata.normalize("NFKD", text).lower())
    letters = _unmarked(unicodedata.normalize("NFKD", letters)).replace("đ", "d").replace("ð", "d")
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


def sort_key(text: str) -> str:
    """A stored ASCII key that sorts as a Vietnamese dictionary does, compared byte by byte (COLLATE "C").

    First the letters a ă â b c d đ e ê … o ô ơ … u ư …, digits before letters, a blank before both; then the
    tones ngang, huyền, hỏi, ngã, sắc, nặng, word by word. Case, punctuation and the place of the tone mark
    (hoà, hòa) make no difference: sort by this key and then by id. «Chè đắng» gives `che-d{a{ng 14`.
    """
    words = [_word_key(word) for word in _words(text)]
    return "-".join(letters for letters, _ in words) + " " + "".join(tone for _, tone in words)


def name_sort_key(name: str) -> str:
    """A sort key for people: given name (with its tone) first, then family and middle names."""
    parts = nfc(name).split()
    return sort_key(" ".join(parts[-1:])) + " " + sort_key(" ".join(parts[:-1]))


def shown_name(name: str) -> str:
    """A person's name for the screen; one typed all in capitals or all in small letters gets its capitals."""
    clean = nfc(name)
    if clean not in (clean.upper(), clean.lower()):
        return clean
    return nfc(" ".join(word[:1].upper() + word[1:].lower() for word in clean.split()))


def given_name(name: str) -> str:
    """The name to address a Vietnamese person by: the last word («cô Hoa» for Nguyễn Thị Hoa)."""
    return (shown_name(name).split() or [""])[-1]


def ascii_name(text: str, length: int) -> str:
    """Upper case `[A-Z0-9 ]` of at most `length` characters, for QR texts and account holders' names.

    EMVCo merchant-presented QR, type ANS: accents are not allowed; what has no ASCII form becomes a blank.
    """
    return _ascii(text).upper()[: max(length, 0)].strip()


def slug(text: str, length: int = 60) -> str:
    """Lower case words joined by hyphens for addresses, cut at a word's end; empty when nothing is left."""
    cut = _ascii(text).lower().replace(" ", "-")
    if len(cut) <= length:
        return cut
    head, _, _ = cut[: length + 1].rpartition("-")
    return head or cut[:length]


def _visible(text: str) -> str:
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in _DROPPED)


def _unmarked(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) != "Mn")


def _ascii(text: str) -> str:
    return re.sub(r"[^A-Z0-9]+", " ", fold(text).upper()).strip()


def _words(text: str) -> list[str]:
    """Words in NFKD, small letters, with their marks still on."""
    small = unicodedata.normalize("NFKD", text.translate(_D_STROKE)).casefold()
    marked = unicodedata.normalize("NFKD", small)
    return "".join(c if c.isalnum() or unicodedata.category(c) == "Mn" else " " for c in marked).split()


def _word_key(word: str) -> tuple[str, str]:
    """The letters of one word as ASCII, and its first tone as a digit."""
    tones = [_TONES[c] for c in word if c in _TONES]
    return "".join(_letter_key(letter, marks) for letter, marks in _clusters(word)), (tones or ["0"])[0]


def _clusters(word: str) -> Iterator[tuple[str, str]]:
    for found in re.finditer(r"([^\W_])((?:(?![^\W_]).)*)", word, re.DOTALL):
        yield found[1], found[2]


def _letter_key(letter: str, marks: str) -> str:
    if letter == "đ":
        return "d{"
    if not letter.isascii():
        return f"z}}{ord(letter):06x}"
    return next((_LETTERS[letter, mark] for mark in marks if (letter, mark) in _LETTERS), letter)
