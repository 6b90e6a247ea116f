"""Numbers that name people, firms and accounts: checked, put into one stored form, shown and masked."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kit.text import nfc


class Fault(StrEnum):
    """Why an identifier is refused; forms turn each into a sentence."""

    PHONE_EMPTY = "phone_empty"
    PHONE_NOT_DIGITS = "phone_not_digits"
    PHONE_TOO_SHORT = "phone_too_short"
    PHONE_TOO_LONG = "phone_too_long"
    PHONE_NO_LEADING_ZERO = "phone_no_leading_zero"
    PHONE_OLD_ELEVEN_DIGITS = "phone_old_eleven_digits"
    PHONE_SHORT_CODE = "phone_short_code"
    PHONE_FOREIGN = "phone_foreign"
    PHONE_PREFIX = "phone_prefix"
    PHONE_NOT_MOBILE = "phone_not_mobile"
    PERSONAL_ID_EMPTY = "personal_id_empty"
    PERSONAL_ID_NOT_DIGITS = "personal_id_not_digits"
    PERSONAL_ID_LENGTH = "personal_id_length"
    PERSONAL_ID_OLD_NINE_DIGITS = "personal_id_old_nine_digits"
    PERSONAL_ID_FUTURE_YEAR = "personal_id_future_year"
    PERSONAL_ID_OTHER_YEAR = "personal_id_other_year"
    PERSONAL_ID_OTHER_SEX = "personal_id_other_sex"
    TAX_CODE_EMPTY = "tax_code_empty"
    TAX_CODE_NOT_DIGITS = "tax_code_not_digits"
    TAX_CODE_LENGTH = "tax_code_length"
    TAX_CODE_CHECK_DIGIT = "tax_code_check_digit"
    TAX_CODE_ZEROS = "tax_code_zeros"
    TAX_CODE_BRANCH = "tax_code_branch"
    ACCOUNT_EMPTY = "account_empty"
    ACCOUNT_CHARACTERS = "account_characters"
    ACCOUNT_LENGTH = "account_length"
    DECISION_EMPTY = "decision_empty"
    DECISION_SHAPE = "decision_shape"


class Doubt(StrEnum):
    """What is unusual about an identifier but no reason to refuse it."""

    PHONE_UNASSIGNED = "phone_unassigned"
    PERSONAL_ID_PROVINCE = "personal_id_province"


class BadIdentifier(ValueError):
    """An identifier that breaks its rule: `reason` says which, `found` how many characters were counted."""

    def __init__(self, reason: Fault, found: int = 0) -> None:
        super().__init__(f"{reason.value} ({found})")
        self.reason = reason
        self.found = found


# --- telephone numbers ---


class PhoneKind(StrEnum):
    """What a Vietnamese number reaches."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    HOTLINE = "hotline"


_KINDS = {
    PhoneKind.MOBILE: re.compile(r"0[35789][0-9]{8}"),
    PhoneKind.LANDLINE: re.compile(r"02[0-9]{9}"),
    PhoneKind.HOTLINE: re.compile(r"01[89]00[0-9]{4,6}"),
}
# libphonenumber 9.0.43, mobile pattern of VN, national number without 0. It lags behind new prefixes.
_ASSIGNED_MOBILE = re.compile(
    r"(?:3\d|7[06-9])\d{7}|5(?:[1689]\d|2[238]|59)\d{6}|8(?:[1-8]\d|9[6-9])\d{6}|9(?:[0-8]\d|9[013-9])\d{6}",
    re.ASCII,
)
_PHONE_SEPARATORS = re.compile(r"[ .()\-\u2010-\u2015]")


def normal_phone(text: str) -> str:
    """The E.164 form (`+84912345678`) of a Vietnamese mobile, landline or 1800/1900 number.

    Takes 0…, 84…, +84…, 0084… with blanks, dots, hyphens and brackets. Raises `BadIdentifier`; old
    eleven-digit mobile numbers (before 2018) and short codes such as 1022 have reasons of their own.
    """
    national = _national(_PHONE_SEPARATORS.sub("", nfc(text)))
    if not any(pattern.fullmatch(national) for pattern in _KINDS.values()):
        raise BadIdentifier(_phone_fault(national), len(national))
    return "+84" + national[1:]


def normal_mobile(text: str) -> str:
    """`normal_phone` for a number that must receive text messages. Raises `BadIdentifier`."""
    phone = normal_phone(text)
    if phone_kind(phone) is not PhoneKind.MOBILE:
        raise BadIdentifier(Fault.PHONE_NOT_MOBILE, len(phone) - 2)
    return phone


def phone_kind(phone: str) -> PhoneKind:
    """Which kind a stored number is. Raises `BadIdentifier` for a text that is not in stored form."""
    if re.fullmatch(r"\+84[0-9]+", phone):
        for kind, pattern in _KINDS.items():
            if pattern.fullmatch("0" + phone[3:]):
                return kind
    raise BadIdentifier(Fault.PHONE_PREFIX, len(phone))


def phone_warning(phone: str) -> Doubt | None:
    """A doubt about a stored mobile number whose prefix is not known to be given out; never a refusal."""
    unknown = phone_kind(phone) is PhoneKind.MOBILE and not _ASSIGNED_MOBILE.fullmatch(phone[3:])
    return Doubt.PHONE_UNASSIGNED if unknown else None


def show_phone(phone: str) -> str:
    """`0912 345 678`, `0208 385 5123`, `024 3825 1234`, `1800 1234`; a text not in stored form stays."""
    try:
        return " ".join(_phone_groups(phone))
    except BadIdentifier:
        return phone


def mask_phone(phone: str) -> str:
    """`0912 *** 678`; a text not in stored form is hidden whole."""
    try:
        groups = _phone_groups(phone)
    except BadIdentifier:
        return "***"
    return f"{groups[0]} *** {phone[-3:]}" if len(groups) > 2 else f"{groups[0]} ***"


def _national(dialled: str) -> str:
    """With a leading 0 in place of the country code. Also takes +84 (0)912 345 678, a common slip."""
    if not dialled:
        raise BadIdentifier(Fault.PHONE_EMPTY)
    if not re.fullmatch(r"\+?[0-9]+", dialled):
        raise BadIdentifier(Fault.PHONE_NOT_DIGITS, len(dialled))
    abroad = re.fullmatch(r"(?:\+|00)(?:84)?0?([0-9]*)", dialled)
    if abroad and not dialled.startswith(("+84", "0084")):
        raise BadIdentifier(Fault.PHONE_FOREIGN, len(dialled))
    if abroad:
        return "0" + abroad[1]
    if re.fullmatch(r"84(?:[35789][0-9]{8}|2[0-9]{9})", dialled):
        return "0" + dialled[2:]
    return "0" + dialled if re.fullmatch(r"1[89]00[0-9]{4,6}", dialled) else dialled


def _phone_fault(national: str) -> Fault:
    if re.fullmatch(r"01[0-9]{9}", national):
        return Fault.PHONE_OLD_ELEVEN_DIGITS
    if re.fullmatch(r"0?1[0-9]{2,4}", national):
        return Fault.PHONE_SHORT_CODE
    if re.fullmatch(r"[35789][0-9]{8}|2[0-9]{9}", national):
        return Fault.PHONE_NO_LEADING_ZERO
    wanted = 11 if national.startswith("02") else 10
    if len(national) == wanted:
        return Fault.PHONE_PREFIX
    return Fault.PHONE_TOO_SHORT if len(national) < wanted else Fault.PHONE_TOO_LONG


def _phone_groups(phone: str) -> list[str]:
    kind, national = phone_kind(phone), "0" + phone[3:]
    if kind is PhoneKind.HOTLINE:
        return [national[1:5], national[5:]]
    if national.startswith(("024", "028")):
        return [national[:3], national[3:7], national[7:]]
    return [national[:4], national[4:7], national[7:]]


# --- personal identity numbers ---


class Sex(StrEnum):
    """As the personal identity number writes it."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True)
class PersonalIdCheck:
    """What a personal identity number says and what is wrong or unusual about it."""

    number: str
    errors: tuple[Fault, ...] = ()
    warnings: tuple[Doubt, ...] = ()
    birth_year: int | None = None
    sex: Sex | None = None


# Circular 07/2016/TT-BCA, annex: 63 provinces as of birth registration; they outlive the merger of 2025.
_PROVINCES = frozenset(
    f"{code:03}"
    for code in (
        1,
        2,
        4,
        6,
        8,
        10,
        11,
        12,
        14,
        15,
        17,
        19,
        20,
        22,
        24,
        25,
        26,
        27,
        30,
        31,
        33,
        34,
        35,
        36,
        37,
        38,
        40,
        42,
        44,
        45,
        46,
        48,
        49,
        51,
        52,
        54,
        56,
        58,
        60,
        62,
        64,
        66,
        67,
        68,
        70,
        72,
        74,
        75,
        77,
        79,
        80,
        82,
        83,
        84,
        86,
        87,
        89,
        91,
        92,
        93,
        94,
        95,
        96,
    )
)
_SEPARATORS = re.compile(r"[ .\-\u2010-\u2015]")


def check_personal_id(
    text: str, *, today: date, birth_year: int | None = None, sex: Sex | None = None
) -> PersonalIdCheck:
    """Check a 12-digit identity number (CCCD): province 3, century and sex 1, birth year 2, random 6 digits.

    There is no check digit (Circular 07/2016/TT-BCA). `birth_year` and `sex`, when known, must agree. An
    unknown province is only a warning: people registered abroad have other codes.
    """
    number = _SEPARATORS.sub("", nfc(text))
    if fault := _personal_id_fault(number):
        return PersonalIdCheck(number, errors=(fault,))
    said_sex = Sex.FEMALE if int(number[3]) % 2 else Sex.MALE
    said_year = 1900 + int(number[3]) // 2 * 100 + int(number[4:6])
    errors: list[Fault] = []
    if said_year > today.year:
        errors.append(Fault.PERSONAL_ID_FUTURE_YEAR)
    if birth_year not in (None, said_year):
        errors.append(Fault.PERSONAL_ID_OTHER_YEAR)
    if sex not in (None, said_sex):
        errors.append(Fault.PERSONAL_ID_OTHER_SEX)
    warnings = () if number[:3] in _PROVINCES else (Doubt.PERSONAL_ID_PROVINCE,)
    return PersonalIdCheck(number, tuple(errors), warnings, said_year, said_sex)


def normal_personal_id(text: str, *, today: date) -> str:
    """The 12 digits of an identity number. Raises `BadIdentifier` with the first fault."""
    check = check_personal_id(text, today=today)
    if check.errors:
        raise BadIdentifier(check.errors[0], len(check.number))
    return check.number


def mask_personal_id(number: str) -> str:
    """`*** *** *** 234`: province, sex and birth year stay hidden; anything but 12 digits is hidden whole."""
    return f"*** *** *** {number[-3:]}" if re.fullmatch(r"[0-9]{12}", number) else "***"


def _personal_id_fault(number: str) -> Fault | None:
    if not number:
        return Fault.PERSONAL_ID_EMPTY
    if not re.fullmatch(r"[0-9]+", number):
        return Fault.PERSONAL_ID_NOT_DIGITS
    if len(number) == 9:
        return Fault.PERSONAL_ID_OLD_NINE_DIGITS
    return None if len(number) == 12 else Fault.PERSONAL_ID_LENGTH


# --- tax codes ---

_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def normal_tax_code(text: str, *, today: date) -> str:
    """The digits of a tax code: 10 (organisation), 13 (branch) or 12 (the identity number of a person).

    Circular 86/2024/TT-BTC. Raises `BadIdentifier`; a 12-digit one with the faults of an identity number.
    """
    code = _SEPARATORS.sub("", nfc(text))
    if len(code) == 12 and re.fullmatch(r"[0-9]+", code):
        return normal_personal_id(code, today=today)
    if fault := _tax_code_fault(code):
        raise BadIdentifier(fault, len(code))
    return code


def show_tax_code(code: str) -> str:
    """`0314409058-002` for a branch; 10 and 12 digits as they are."""
    return f"{code[:10]}-{code[10:]}" if len(code) == 13 else code


def tax_check_digit(nine_digits: str) -> str | None:
    """The tenth digit of a tax code: 10 - weighted sum mod 11; None where that is 10, no code begins so."""
    digit = 10 - sum(weight * int(d) for weight, d in zip(_TAX_WEIGHTS, nine_digits, strict=True)) % 11
    return None if digit == 10 else str(digit)


def _tax_code_fault(code: str) -> Fault | None:
    if not code:
        return Fault.TAX_CODE_EMPTY
    if not re.fullmatch(r"[0-9]+", code):
        return Fault.TAX_CODE_NOT_DIGITS
    if len(code) not in (10, 13):
        return Fault.TAX_CODE_LENGTH
    if code[2:9] == "0000000":
        return Fault.TAX_CODE_ZEROS
    if code[9] != tax_check_digit(code[:9]):
        return Fault.TAX_CODE_CHECK_DIGIT
    return Fault.TAX_CODE_BRANCH if code[10:] == "000" else None


# --- bank and wallet accounts ---


def normal_account(text: str) -> str:
    """A bank or wallet account: 4 to 19 ASCII letters and digits; blanks, dots and hyphens are taken out.

    The length is that of VietQR, object 38-01-01. Capitals stay as typed. Raises `BadIdentifier`.
    """
    account = _SEPARATORS.sub("", nfc(text))
    if not account:
        raise BadIdentifier(Fault.ACCOUNT_EMPTY)
    if not re.fullmatch(r"[0-9A-Za-z]+", account):
        raise BadIdentifier(Fault.ACCOUNT_CHARACTERS, len(account))
    if not 4 <= len(account) <= 19:
        raise BadIdentifier(Fault.ACCOUNT_LENGTH, len(account))
    return account


def account_tail(account: str) -> str:
    """The last four characters, enough for the owner to know which account is meant."""
    return account[-4:]


# --- decisions ---

_DECISION = re.compile(r"[0-9]{1,5}(/[0-9]{4})?/QĐ-[A-ZĐ][A-ZĐa-z]{1,7}(-[A-ZĐ][A-ZĐa-z]{1,7})*")


def normal_decision_number(text: str) -> str:
    """The number of an administrative decision, as on an OCOP certificate: `2890/QĐ-BNN-VPĐP`.

    Mends blanks, a leading «Số», QD for QĐ, and the Icelandic Ð of some keyboards. Raises `BadIdentifier`.
    """
    number = re.sub(r"^số:?", "", nfc(text), flags=re.IGNORECASE).replace(" ", "").replace("Ð", "Đ")
    number = re.sub(r"/Q[DĐ]-", "/QĐ-", number, flags=re.IGNORECASE)
    if not number:
        raise BadIdentifier(Fault.DECISION_EMPTY)
    if not _DECISION.fullmatch(number):
        raise BadIdentifier(Fault.DECISION_SHAPE, len(number))
    return number
