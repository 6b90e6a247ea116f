"""VietQR: read any EMVCo code met in Vietnam strictly, write codes for a bank account, card or wallet."""

import enum
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from payments.emvco import (
    VIETQR_GUID,
    VNPAY_GUID,
    BadQr,
    Problem,
    format_problems,
    read_objects,
    sealed,
    tip_problems,
    write_objects,
)

__all__ = ["AMOUNT_MAX_DONG", "BadQr", "MerchantQr", "Problem", "QrKind", "Service", "parse", "vietqr"]

AMOUNT_MAX_DONG = 9_999_999_999_999
PURPOSE_MAX = 25

Service = Literal["QRIBFTTA", "QRIBFTTC"]
_SERVICES = ("QRIBFTTA", "QRIBFTTC")
_MOMO_BIN = "971025"
_BVBANK_BIN = "970454"
_ZALOPAY_GUID = "vn.zalopay"
_D_STROKE = str.maketrans("đĐðÐ", "dDdD")
_TEMPLATES = [f"{number:02}" for number in range(2, 52)]


class QrKind(enum.StrEnum):
    """Which scheme pays this code."""

    VIETQR = "vietqr"
    MOMO = "momo-vietqr"
    ZALOPAY = "zalopay-vietqr"
    VNPAY = "vnpay-qr"
    OTHER = "emv-other"
    FOREIGN = "emv-generic"

    @property
    def is_vietqr(self) -> bool:
        """Payable as a NAPAS 247 transfer: the code names a BIN and an account."""
        return self in (QrKind.VIETQR, QrKind.MOMO, QrKind.ZALOPAY)


@dataclass(frozen=True, slots=True)
class MerchantQr:
    """A code that was read and found right. Absent objects are None; `objects` holds all of them by path."""

    kind: QrKind
    is_dynamic: bool
    bin: str | None
    account: str | None
    service: str | None
    merchant_id: str | None
    currency: str
    country: str
    amount: str | None
    amount_dong: int | None
    merchant_name: str | None
    merchant_city: str | None
    purpose: str | None
    reference: str | None
    objects: Mapping[str, str]
    warnings: tuple[Problem, ...]


def parse(text: str) -> MerchantQr:
    """Read the text of a code by EMVCo merchant-presented mode and the NAPAS VietQR format 1.0.

    Strict, because a code read wrongly pays a stranger. Raises BadQr with every problem found; what is odd
    but harmless is in `warnings`. `amount_dong` is whole đồng, None when the payer types the amount or the
    currency is another.
    """
    objects = read_objects(text)
    problems = _missing_problems(objects) + format_problems(objects) + tip_problems(objects)
    problems += _language_problems(objects)
    kind = _kind(objects)
    if kind is None:
        problems += _scheme_problems(objects)
    elif kind.is_vietqr:
        problems += _vietqr_problems(objects)
    elif kind is QrKind.VNPAY:
        problems += _vnpay_problems(objects)
    problems += _dong_problems(objects)
    if problems or kind is None:
        raise BadQr(problems)
    return _merchant_qr(kind, objects)


def vietqr(
    bin: str,
    account: str,
    *,
    amount_dong: int | None = None,
    purpose: str | None = None,
    service: Service = "QRIBFTTA",
    merchant_name: str | None = None,
    merchant_city: str | None = None,
) -> str:
    """The text of a VietQR code (NAPAS VietQR format 1.0): dynamic with an amount, static without.

    `bin` six digits, `account` 1 to 19 letters or digits, `amount_dong` whole đồng. Names and purpose lose
    their accents and whatever banks alter, and are cut to 25 characters (city 15). Raises BadQr.
    """
    problems = _writing_problems(bin, account, amount_dong, service)
    if problems:
        raise BadQr(problems)
    beneficiary = write_objects([("00", bin), ("01", account)])
    return sealed(
        write_objects(
            [
                ("00", "01"),
                ("01", "11" if amount_dong is None else "12"),
                ("38", write_objects([("00", VIETQR_GUID), ("01", beneficiary), ("02", service)])),
                ("53", "704"),
                ("54", "" if amount_dong is None else str(amount_dong)),
                ("58", "VN"),
                ("59", plain(merchant_name or "", 25)),
                ("60", plain(merchant_city or "", 15)),
                ("62", write_objects([("08", plain(purpose or "", PURPOSE_MAX))])),
            ]
        )
    )


def plain(text: str, length_max: int) -> str:
    """Text as banks carry it unchanged: letters without accents, digits and single blanks, cut to a length.

    Capitals and small letters stay as they are (NAPAS VietQR format 1.0, samples 6.1).
    """
    letters = unicodedata.normalize("NFKD", text.translate(_D_STROKE))
    unmarked = "".join(c for c in letters if unicodedata.category(c) != "Mn")
    return " ".join(re.findall("[A-Za-z0-9]+", unmarked))[:length_max].rstrip()


def _missing_problems(objects: Mapping[str, str]) -> list[Problem]:
    return [Problem(where, "is missing") for where in ("53", "58") if where not in objects]


def _language_problems(objects: Mapping[str, str]) -> list[Problem]:
    """Object 64 says in which language it speaks, and the name (EMVCo merchant-presented mode, table 3.8)."""
    needed = ("64/00", "64/01") if "64" in objects else ()
    return [Problem(where, "is missing") for where in needed if where not in objects]


def _kind(objects: Mapping[str, str]) -> QrKind | None:
    if objects.get("38/00") == VIETQR_GUID:
        return _vietqr_kind(objects)
    if objects.get("26/00") == VNPAY_GUID:
        return QrKind.VNPAY
    if not any(_names_a_scheme(objects, number) for number in _TEMPLATES):
        return None
    return QrKind.OTHER if objects.get("58") == "VN" else QrKind.FOREIGN


def _vietqr_kind(objects: Mapping[str, str]) -> QrKind:
    bank, account = objects.get("38/01/00"), objects.get("38/01/01", "")
    if bank == _MOMO_BIN or (bank == _BVBANK_BIN and account.startswith("99MM")):
        return QrKind.MOMO
    if objects.get("26/00") == _ZALOPAY_GUID or (bank == _BVBANK_BIN and account.startswith("99ZP")):
        return QrKind.ZALOPAY
    return QrKind.VIETQR


def _names_a_scheme(objects: Mapping[str, str], number: str) -> bool:
    if number < "26":
        return number in objects
    return number != "38" and bool(objects.get(f"{number}/00", "").strip())


def _scheme_problems(objects: Mapping[str, str]) -> list[Problem]:
    if "38" in objects:
        return [Problem("38/00", f"must be {VIETQR_GUID}")]
    return [Problem("38", "is missing, and no other scheme is named in 02 to 51")]


def _vietqr_problems(objects: Mapping[str, str]) -> list[Problem]:
    problems = [
        Problem(where, "is missing")
        for where in ("38/01", "38/01/00", "38/01/01")
        if where not in objects and (where == "38/01" or "38/01" in objects)
    ]
    for where in objects:
        if where.startswith("38/01/") and where not in ("38/01/00", "38/01/01"):
            problems.append(Problem(where, "does not belong into the account of the payee"))
    if objects.get("38/02") == "QRCASH":
        problems += [Problem(w, "is missing for QRCASH") for w in ("62/05", "62/07") if w not in objects]
    return problems + _vietnamese_problems(objects)


def _vnpay_problems(objects: Mapping[str, str]) -> list[Problem]:
    problems = _vietnamese_problems(objects)
    if not re.fullmatch("[0-9A-Za-z]{1,25}", objects.get("26/01", "")):
        problems.append(Problem("26/01", "must be a merchant id of letters and digits"))
    return problems


def _vietnamese_problems(objects: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(where, f"must be {value}")
        for where, value in (("53", "704"), ("58", "VN"))
        if objects.get(where, value) != value
    ]


def _dong_problems(objects: Mapping[str, str]) -> list[Problem]:
    """The đồng has no parts (ISO 4217 exponent 0): `50000.` and `50000.00` are whole, `50000.5` is not."""
    if objects.get("53") == "704" and objects.get("54", "").partition(".")[2].strip("0"):
        return [Problem("54", "must be whole đồng")]
    return []


def _merchant_qr(kind: QrKind, objects: dict[str, str]) -> MerchantQr:
    amount = objects.get("54")
    in_dong = amount is not None and objects["53"] == "704"
    return MerchantQr(
        kind=kind,
        is_dynamic=objects.get("01") == "12",
        bin=objects.get("38/01/00"),
        account=objects.get("38/01/01"),
        service=objects.get("38/02", "QRPUSH") if kind.is_vietqr else None,
        merchant_id=objects.get("26/01") if kind is QrKind.VNPAY else None,
        currency=objects["53"],
        country=objects["58"],
        amount=amount,
        amount_dong=int(amount.partition(".")[0]) if amount and in_dong else None,
        merchant_name=objects.get("59"),
        merchant_city=objects.get("60"),
        purpose=objects.get("62/08"),
        reference=objects.get("62/05"),
        objects=objects,
        warnings=tuple(_warnings(kind, objects)),
    )


def _warnings(kind: QrKind, objects: Mapping[str, str]) -> list[Problem]:
    found = []
    if "01" not in objects:
        found.append(Problem("01", "is missing: read as static"))
    if objects.get("01") == "12" and "54" not in objects:
        found.append(Problem("54", "is missing though the code is dynamic: the payer types the amount"))
    if kind.is_vietqr and objects.get("38/02", "QRPUSH") == "QRPUSH":
        found += [Problem(w, "is missing for QRPUSH") for w in ("52", "59", "60") if w not in objects]
    for where in ("59", "60", "61", "62"):
        if not objects.get(where, "").isascii():
            found.append(Problem(where, "holds accented letters, which belong into 64 only"))
    return found


def _writing_problems(bank: str, account: str, amount_dong: int | None, service: str) -> list[Problem]:
    problems = []
    if not re.fullmatch("[0-9]{6}", bank):
        problems.append(Problem("38/01/00", "must be six digits"))
    if not re.fullmatch("[0-9A-Za-z]{1,19}", account):
        problems.append(Problem("38/01/01", "must be 1 to 19 letters or digits"))
    if service not in _SERVICES:
        problems.append(Problem("38/02", "must be QRIBFTTA or QRIBFTTC"))
    if amount_dong is not None and not 1 <= amount_dong <= AMOUNT_MAX_DONG:
        problems.append(Problem("54", f"must be 1 to {AMOUNT_MAX_DONG} đồng"))
    return problems
