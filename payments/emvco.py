"""EMVCo merchant-presented codes: objects of id, length and value, templates, check sum, formats."""

import binascii
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

CHARACTERS_MAX = 512
VIETQR_TEMPLATE = "38"
VIETQR_GUID = "A000000727"
VNPAY_GUID = "A000000775"

_AMOUNT = r"(?=.*[1-9])(?=.{1,13}\Z)[0-9]+\.?[0-9]*"
_FORMATS = {
    "00": ("01", "must be 01"),
    "01": ("1[12]", "must be 11 (static) or 12 (dynamic)"),
    "38/01/00": ("[0-9]{6}", "must be six digits"),
    "38/01/01": ("[!-~]{1,19}", "must be 1 to 19 characters of plain ASCII without blanks"),
    "38/02": ("QRIBFTTA|QRIBFTTC|QRPUSH|QRCASH", "is not a known service"),
    "52": ("[0-9]{4}", "must be four digits"),
    "53": ("[0-9]{3}", "must be three digits"),
    "54": (_AMOUNT, "must be digits with at most one point, above zero, at most 13 characters"),
    "55": ("0[123]", "must be 01, 02 or 03"),
    "56": (_AMOUNT, "must be digits with at most one point, above zero, at most 13 characters"),
    "57": (r"(?=.*[1-9])[0-9]{1,2}(\.[0-9]{0,2})?", "must be a percentage from 00.01 to 99.99"),
    "58": ("[A-Z]{2}", "must be two capital letters"),
    "59": (".{1,25}", "must be at most 25 characters"),
    "60": (".{1,15}", "must be at most 15 characters"),
    "61": (".{1,10}", "must be at most 10 characters"),
    **{f"62/{number:02}": (".{1,25}", "must be at most 25 characters") for number in range(1, 9)},
    "62/09": (r"(?!.*(.).*\1)[AME]{1,3}", "must be up to three of A, M, E, each once"),
    "63": ("[0-9A-Fa-f]{4}", "must be four hexadecimal digits"),
    "64/00": ("[A-Za-z]{2}", "must be a language of two letters"),
    "64/01": (".{1,25}", "must be at most 25 characters"),
    "64/02": (".{1,15}", "must be at most 15 characters"),
}
_CHECKS = {where: (re.compile(pattern).fullmatch, what) for where, (pattern, what) in _FORMATS.items()}


class Problem(NamedTuple):
    """What is wrong, and where: `38/01/00` is object 00 in 01 in 38, an empty text the whole code."""

    where: str
    what: str


class BadQr(ValueError):
    """No code that may be paid, or nothing to make one of; `problems` names every reason found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{where or 'code'} {what}" for where, what in problems))
        self.problems = problems


def read_objects(text: str) -> dict[str, str]:
    """All objects of a code by their path (`54`, `38/01/00`), templates included, in the order written.

    Lengths count characters (EMVCo merchant-presented mode, section 3); where that does not come out they are
    tried as UTF-8 bytes, as some writers count. The check sum may be written in lower case.
    Raises BadQr when the objects do not fit, or when the check sum is not that of the text.
    """
    if not text or len(text) > CHARACTERS_MAX:
        raise BadQr([Problem("", f"must be 1 to {CHARACTERS_MAX} characters")])
    if not text.isprintable():
        raise BadQr([Problem("", "holds characters that cannot be printed")])
    problems = _checksum_problems(text)
    try:
        objects = _read_by_characters_or_bytes(text)
    except BadQr as refused:
        raise BadQr(problems + refused.problems) from None
    if problems:
        raise BadQr(problems)
    return objects


def write_objects(objects: Iterable[tuple[str, str]]) -> str:
    """Objects as text, without check sum: values of up to 99 ASCII characters, empty ones are left out."""
    return "".join(f"{number}{len(value):02}{value}" for number, value in objects if value)


def sealed(objects_text: str) -> str:
    """The text of all objects but 63, closed by its check sum."""
    opened = objects_text + "6304"
    return opened + checksum(opened)


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE (0x1021, start 0xFFFF, not reflected) of the UTF-8 bytes, in capital hex."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def format_problems(objects: Mapping[str, str]) -> list[Problem]:
    """Objects whose value breaks its own format (EMVCo tables 3.3 to 3.8; NAPAS VietQR format 1.0)."""
    return [
        Problem(where, check[1])
        for where, value in objects.items()
        if (check := _CHECKS.get(where)) and not check[0](value)
    ]


def tip_problems(objects: Mapping[str, str]) -> list[Problem]:
    """Objects 55 to 57 must agree: 02 brings a fixed fee in 56, 03 a percentage in 57, else neither."""
    asked = objects.get("55")
    problems = []
    for where, indicator in (("56", "02"), ("57", "03")):
        if asked == indicator and where not in objects:
            problems.append(Problem(where, f"is missing though 55 is {indicator}"))
        if asked != indicator and where in objects:
            problems.append(Problem(where, f"stands without 55 being {indicator}"))
    return problems


def _checksum_problems(text: str) -> list[Problem]:
    if text[-8:-4] != "6304":
        return [Problem("63", "must be the last object, four characters long")]
    if text[-4:].upper() != checksum(text[:-4]):
        return [Problem("63", f"does not fit the text, which gives {checksum(text[:-4])}")]
    return []


def _read_by_characters_or_bytes(text: str) -> dict[str, str]:
    try:
        return _read_templates(text)
    except BadQr:
        if text.isascii():
            raise
        one_a_byte = text.encode().decode("latin-1")
        try:
            objects = _read_templates(one_a_byte)
            return {where: value.encode("latin-1").decode() for where, value in objects.items()}
        except (BadQr, UnicodeDecodeError):
            pass
        raise


def _read_templates(text: str) -> dict[str, str]:
    objects: dict[str, str] = {}
    for number, value in _split(text, "").items():
        objects[number] = value
        if "26" <= number <= "51":
            _read_account(objects, number, value)
        elif number in ("62", "64"):
            _add(objects, number, _split(value, number))
    if next(iter(objects)) != "00":
        raise BadQr([Problem("00", "must be the first object")])
    return objects


def _read_account(objects: dict[str, str], number: str, value: str) -> None:
    """Open an account template; one of a scheme we do not know may be of any shape."""
    try:
        inner = _split(value, number)
    except BadQr:
        if number == VIETQR_TEMPLATE or value.startswith((f"0010{VIETQR_GUID}", f"0010{VNPAY_GUID}")):
            raise
        return
    _add(objects, number, inner)
    if number == VIETQR_TEMPLATE and inner.get("00") == VIETQR_GUID and "01" in inner:
        _add(objects, "38/01", _split(inner["01"], "38/01"))


def _add(objects: dict[str, str], where: str, inner: dict[str, str]) -> None:
    for number, value in inner.items():
        objects[f"{where}/{number}"] = value


def _split(text: str, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        head = text[at : at + 4]
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            raise BadQr([Problem(where, f"has no id and length of two digits each at place {at}")])
        number, length = head[:2], int(head[2:])
        at += 4 + length
        if length == 0 or at > len(text):
            raise BadQr([Problem(_inside(where, number), f"has length {length}, which does not fit")])
        if number in found:
            raise BadQr([Problem(_inside(where, number), "stands there twice")])
        found[number] = text[at - length : at]
    return found


def _inside(where: str, number: str) -> str:
    return f"{where}/{number}" if where else number
