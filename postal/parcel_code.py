"""Our own parcel code, and a careful eye on the codes of others."""

import hashlib
import hmac
import re

from stdnum.iso7064 import mod_37_36

PREFIX = "C4"
CODES = 1 << 50

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_CODE = re.compile(f"{PREFIX}[{_ALPHABET}]{{10}}[0-9A-Z]")
_MISREAD = str.maketrans("OIL", "011")
_LOOK_ALIKES = ("0O", "1IL")
_HALF_BITS = 25
_HALF_MASK = (1 << _HALF_BITS) - 1
_ROUNDS = 8

_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def parcel_code(number: int, key: bytes) -> str:
    """The 13-character code of the `number`-th parcel, 0 ≤ number < 2**50, different for different numbers.

    C4, ten characters of Crockford's base 32 of the number scrambled under `key` (so that codes do not tell
    how many parcels there are), and a check character by ISO 7064 MOD 37,36 over the twelve before it.
    Raises ValueError outside the range or when the key is empty.
    """
    if not 0 <= number < CODES:
        raise ValueError(f"parcel number {number} is outside 0 … 2**50 - 1")
    scrambled = _scrambled(number, key)
    body = "".join(_ALPHABET[scrambled >> shift & 31] for shift in range(45, -5, -5))
    return PREFIX + body + mod_37_36.calc_check_digit(PREFIX + body)


def parcel_number(code: str, key: bytes) -> int:
    """The number that `parcel_code` made this code from. Raises ValueError when it is no parcel code."""
    if not is_parcel_code(code):
        raise ValueError(f"{code!r} is no parcel code")
    scrambled = 0
    for character in code[2:12]:
        scrambled = scrambled << 5 | _ALPHABET.index(character)
    left, right = scrambled >> _HALF_BITS, scrambled & _HALF_MASK
    for turn in reversed(range(_ROUNDS)):
        left, right = right ^ _mixed(left, turn, key), left
    return left << _HALF_BITS | right


def is_parcel_code(text: str) -> bool:
    """Whether this is one of our codes exactly as printed, with the right check character."""
    return _CODE.fullmatch(text) is not None and mod_37_36.is_valid(text)


def normal_code(text: str) -> str:
    """A typed code as it is printed: upper case, without blanks and dashes.

    In our own codes O is read as 0 and I and L as 1, as Crockford says. The check character may truly be any
    of 0-9 and A-Z, so there a look-alike is tried only when what was typed does not fit. Codes of others, and
    codes that cannot be mended, keep their letters.
    """
    plain = re.sub(r"[\s\-‐-―._]", "", text).upper()
    if len(plain) != 13 or not plain.startswith(PREFIX):
        return plain
    begin = PREFIX + plain[2:12].translate(_MISREAD)
    fitting = (begin + check for check in _readings(plain[12]) if is_parcel_code(begin + check))
    return next(fitting, plain)


def s10_warning(text: str) -> str | None:
    """A msgid when a 13-character postal number (UPU S10) has a wrong check digit, else None.

    Carriers themselves issue such numbers, so it is a warning and never a refusal.
    """
    if not _S10.fullmatch(text):
        return None
    total = sum(weight * int(digit) for weight, digit in zip(_S10_WEIGHTS, text[2:10], strict=True))
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    if check == int(text[10]):
        return None
    return "Chữ số kiểm tra của mã này không khớp. Xem lại mã trên nhãn; nếu đúng như đã in thì cứ dùng."


def _scrambled(number: int, key: bytes) -> int:
    """A Feistel network over two halves of 25 bits: whatever the mixing, it can be undone."""
    left, right = number >> _HALF_BITS, number & _HALF_MASK
    for turn in range(_ROUNDS):
        left, right = right, left ^ _mixed(right, turn, key)
    return left << _HALF_BITS | right


def _mixed(half: int, turn: int, key: bytes) -> int:
    if not key:
        raise ValueError("the parcel code key is empty")
    digest = hmac.digest(key, b"parcel code" + bytes([turn]) + half.to_bytes(4, "big"), hashlib.sha256)
    return int.from_bytes(digest[:4], "big") & _HALF_MASK


def _readings(check: str) -> str:
    alike = next((group for group in _LOOK_ALIKES if check in group), "")
    return check + alike.replace(check, "")
