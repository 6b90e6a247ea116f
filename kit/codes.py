"""Codes people read aloud and type, and secrets nobody should guess.

A code is a prefix of letters, random characters and one check character, ten in all (8 to 12 suit a bank's
transfer text). The alphabet has 31 characters, a prime: the digits without 0 and the letters without I, L, O
and U. With values v and weights 1, 2, 3 … from the right, the sum of weight · v is 0 modulo 31. One changed
character changes the sum by weight · difference, two swapped ones by the product of two differences. No
factor is a multiple of 31, so neither gives another valid code; that holds for any two places, not only
neighbours.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable

ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10
WIDTH = 16  # of the columns that hold codes; certificates' are the longest of ours, with twelve
SIGN_LENGTH = 12

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_SEPARATORS = str.maketrans({" ": None, "-": None, ".": None, "\u00a0": None})
_LOOK_ALIKES = str.maketrans("IL", "11")


def new_code(prefix: str, below: Callable[[int], int] = secrets.randbelow, length: int = CODE_LENGTH) -> str:
    """A fresh code of 8 to 12 characters: `prefix` of 1 to 3 letters, random characters, check character.

    `below(n)` draws a number from 0 to n - 1. ValueError for a prefix outside the alphabet's letters or
    another length. Two draws may be equal (8 random characters, 31⁸ ways): keep a unique constraint.
    """
    if not (1 <= len(prefix) <= 3 and all(c in _VALUE and c.isalpha() for c in prefix)):
        raise ValueError(f"no prefix for codes: {prefix!r}")
    if not 8 <= length <= 12:
        raise ValueError(f"no length for codes: {length}")
    return with_check(prefix + "".join(ALPHABET[below(31)] for _ in range(length - 1 - len(prefix))))


def with_check(stem: str) -> str:
    """The stem followed by its check character. KeyError for a character outside the alphabet."""
    return stem + ALPHABET[-_weighted_sum(stem + ALPHABET[0]) % 31]


def is_code(text: str, prefix: str = "", length: int = CODE_LENGTH) -> bool:
    """Whether the text is exactly a code of this prefix and length with a right check character."""
    return (
        len(text) == length
        and text.startswith(prefix)
        and all(c in _VALUE for c in text)
        and text[0].isalpha()
        and _weighted_sum(text) % 31 == 0
    )


def tidy_code(text: str) -> str:
    """What a person typed as a code; nothing for what no column of codes could hold."""
    tidy = tidy_words(text)
    return tidy if len(tidy) <= WIDTH else ""


def tidy_words(text: str) -> str:
    """Words as a code is written, however long: capitals, no blanks, dots or hyphens, I and L read as 1."""
    return text.strip().upper().translate(_SEPARATORS).translate(_LOOK_ALIKES)


def signed_number(number: int, purpose: str, key: bytes) -> str:
    """A row's number that nobody can guess: itself in the codes' alphabet and 12 characters of its HMAC (59 bits)."""
    return _in_alphabet(number) + _signature(number, purpose, key)


def number_signed(code: str, purpose: str, key: bytes) -> int | None:
    """The number that `signed_number` wrote for this purpose, typed in any case; None for anything else."""
    tidy = tidy_words(code)
    if not SIGN_LENGTH < len(tidy) <= SIGN_LENGTH + 13 or any(c not in _VALUE for c in tidy):
        return None
    number = 0
    for character in tidy[:-SIGN_LENGTH]:
        number = number * 31 + _VALUE[character]
    return number if same_digest(tidy, signed_number(number, purpose, key)) else None


def token() -> str:
    """A secret of 256 random bits, 43 characters safe in addresses. Store only its digest."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """SHA-256 in hex: how tokens are kept. Six digits are too few for it, they need `keyed_digest`."""
    return hashlib.sha256(secret.encode()).hexdigest()


def keyed_digest(secret: str, key: bytes) -> str:
    """HMAC-SHA-256 in hex: how short secrets (six digits) are kept, under a key kept outside the database."""
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()


def same_digest(one: str, other: str) -> bool:
    """Whether two hex digests are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def six_digits() -> str:
    """Six random digits for a text message, leading zeros kept."""
    return f"{secrets.randbelow(1_000_000):06}"


def _signature(number: int, purpose: str, key: bytes) -> str:
    mac = int.from_bytes(hmac.digest(key, f"{purpose}:{number}".encode(), "sha256"))
    return _in_alphabet(mac % 31**SIGN_LENGTH).rjust(SIGN_LENGTH, ALPHABET[0])


def _in_alphabet(number: int) -> str:
    written = ""
    while number:
        number, rest = divmod(number, 31)
        written = ALPHABET[rest] + written
    return written or ALPHABET[0]


def _weighted_sum(text: str) -> int:
    return sum(weight * _VALUE[c] for weight, c in enumerate(reversed(text), start=1))
