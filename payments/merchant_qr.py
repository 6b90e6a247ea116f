"""Codes of merchants: VietQR's payment service (QRPUSH) and VNPAY-QR, written with all that a till may tell."""

import re
from dataclasses import dataclass

from payments.emvco import VIETQR_GUID, VNPAY_GUID, BadQr, Problem, sealed, write_objects
from payments.qr import AMOUNT_MAX_DONG, MerchantQr, QrKind, parse, plain

LABEL_MAX = 25
ADDITIONAL_MAX = 99
_LABELS = ("bill", "mobile", "store", "loyalty", "reference", "customer", "terminal", "purpose")


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who is paid. `category` is the four digits of ISO 18245, `postal_code` may be empty.

    The accented name and city go into 64 («vi»), which apps that know it show; 59 and 60 take them without accents.
    """

    name: str
    city: str
    category: str
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class TillLabels:
    """Object 62: what the merchant wants to see again with the money, each up to 25 characters; empty is left out.

    `asks` names what the payer's app is to tell: letters of AME (address, mobile, e-mail), each once.
    """

    bill: str = ""
    mobile: str = ""
    store: str = ""
    loyalty: str = ""
    reference: str = ""
    customer: str = ""
    terminal: str = ""
    purpose: str = ""
    asks: str = ""


def merchant_vietqr(
    bin: str, merchant_id: str, merchant: Merchant, till: TillLabels, *, amount_dong: int | None = None
) -> str:
    """A VietQR for the merchant payment service (38/02 QRPUSH): dynamic with an amount, static without. Raises BadQr.

    QRPUSH needs 52, 59 and 60 (VietQR specification 1.5.2, as libraries that follow it say).
    """
    beneficiary = write_objects([("00", bin), ("01", merchant_id)])
    template = write_objects([("00", VIETQR_GUID), ("01", beneficiary), ("02", "QRPUSH")])
    method = "11" if amount_dong is None else "12"
    return _written(("38", template), method, merchant, till, amount_dong)


def vnpay_qr(
    merchant_id: str, merchant: Merchant, till: TillLabels, *, amount_dong: int | None = None
) -> str:
    """A VNPAY-QR for a merchant number that VNPAY gave out (root 26). Raises BadQr.

    Codes in use say 11 in 01 with an amount too; so does this one.
    """
    template = write_objects([("00", VNPAY_GUID), ("01", merchant_id)])
    return _written(("26", template), "11", merchant, till, amount_dong)


def name_to_show(qr: MerchantQr) -> str:
    """The merchant's name as people write it: the accented one of 64, else 59; empty when the code has none."""
    return qr.objects.get("64/01") or qr.merchant_name or ""


def _written(
    account: tuple[str, str], method: str, merchant: Merchant, till: TillLabels, amount_dong: int | None
) -> str:
    problems = _problems(merchant, till, amount_dong)
    if problems:
        raise BadQr(problems)
    name, city = plain(merchant.name, 25), plain(merchant.city, 15)
    local = (name, city) != (merchant.name, merchant.city)
    text = sealed(
        write_objects(
            [
                ("00", "01"),
                ("01", method),
                account,
                ("52", merchant.category),
                ("53", "704"),
                ("54", "" if amount_dong is None else str(amount_dong)),
                ("58", "VN"),
                ("59", name),
                ("60", city),
                ("61", merchant.postal_code),
                ("62", _additional(till)),
                ("64", _local(merchant) if local else ""),
            ]
        )
    )
    # What is written must be readable by our own rules: the account's form is checked there.
    if parse(text).kind not in (QrKind.VIETQR, QrKind.VNPAY):
        raise BadQr([Problem(f"{account[0]}/01", "names an account that another scheme uses")])
    return text


def _additional(till: TillLabels) -> str:
    labels = [(f"{at:02}", plain(getattr(till, name), LABEL_MAX)) for at, name in enumerate(_LABELS, start=1)]
    return write_objects([*labels, ("09", till.asks)])


def _local(merchant: Merchant) -> str:
    return write_objects([("00", "vi"), ("01", merchant.name[:25]), ("02", merchant.city[:15])])


def _problems(merchant: Merchant, till: TillLabels, amount_dong: int | None) -> list[Problem]:
    problems = []
    if amount_dong is not None and not 1 <= amount_dong <= AMOUNT_MAX_DONG:
        problems.append(Problem("54", f"must be 1 to {AMOUNT_MAX_DONG} đồng"))
    if not re.fullmatch("[0-9]{4}", merchant.category):
        problems.append(Problem("52", "must be four digits"))
    for where, value in (("59", plain(merchant.name, 25)), ("60", plain(merchant.city, 15))):
        if not value:
            problems.append(Problem(where, "is missing"))
    if not re.fullmatch("[0-9A-Za-z -]{0,10}", merchant.postal_code):
        problems.append(Problem("61", "must be at most 10 letters, digits, blanks or hyphens"))
    if len(_additional(till)) > ADDITIONAL_MAX:
        problems.append(Problem("62", f"must be at most {ADDITIONAL_MAX} characters in all"))
    return problems
