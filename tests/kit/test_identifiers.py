"""Telephone, identity, tax, account and decision numbers: the public vectors, and what people type."""

import warnings
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.identifiers import (
    BadIdentifier,
    Doubt,
    Fault,
    PhoneKind,
    Sex,
    account_tail,
    check_personal_id,
    mask_personal_id,
    mask_phone,
    normal_account,
    normal_decision_number,
    normal_mobile,
    normal_personal_id,
    normal_phone,
    normal_tax_code,
    phone_kind,
    phone_warning,
    show_phone,
    show_tax_code,
    tax_check_digit,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from stdnum.vn import mst

TODAY = date(2026, 11, 21)
mobiles = st.from_regex(r"0[35789][0-9]{8}", fullmatch=True).filter(str.isascii)
numbers = st.from_regex(r"0([35789][0-9]{8}|2[0-9]{9})|1[89]00[0-9]{4,6}", fullmatch=True).filter(str.isascii)


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "0912-345-678",
        "0912\u2013345\u2013678",
        "(0912) 345 678",
        "84912345678",
        "+84912345678",
        "+84 912 345 678",
        "+84 (0)912 345 678",
        "0084912345678",
        "\u202a0912345678\u202c",
        "\u00a00912\u00a0345\u00a0678",
    ],
)
def test_a_mobile_number_in_any_dress(typed: str) -> None:
    assert normal_phone(typed) == normal_mobile(typed) == "+84912345678"


@pytest.mark.parametrize(
    ("typed", "stored", "kind", "shown", "masked"),
    [
        ("0912345678", "+84912345678", PhoneKind.MOBILE, "0912 345 678", "0912 *** 678"),
        ("0208 3855 123", "+842083855123", PhoneKind.LANDLINE, "0208 385 5123", "0208 *** 123"),
        ("024 3825 1234", "+842438251234", PhoneKind.LANDLINE, "024 3825 1234", "024 *** 234"),
        ("1800 1234", "+8418001234", PhoneKind.HOTLINE, "1800 1234", "1800 ***"),
        ("1900 545 415", "+841900545415", PhoneKind.HOTLINE, "1900 545415", "1900 ***"),
    ],
)
def test_kinds_of_numbers(typed: str, stored: str, kind: PhoneKind, shown: str, masked: str) -> None:
    assert normal_phone(typed) == stored
    assert phone_kind(stored) is kind
    assert show_phone(stored) == shown
    assert mask_phone(stored) == masked


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", Fault.PHONE_EMPTY),
        (" - ", Fault.PHONE_EMPTY),
        ("0912 34x 678", Fault.PHONE_NOT_DIGITS),
        ("0912345678/0987654321", Fault.PHONE_NOT_DIGITS),
        ("٠٩١٢٣٤٥٦٧٨", Fault.PHONE_NOT_DIGITS),
        ("++84912345678", Fault.PHONE_NOT_DIGITS),
        ("+", Fault.PHONE_NOT_DIGITS),
        ("091234567", Fault.PHONE_TOO_SHORT),
        ("+8491234567", Fault.PHONE_TOO_SHORT),
        ("0208385512", Fault.PHONE_TOO_SHORT),
        ("09123456789", Fault.PHONE_TOO_LONG),
        ("0912345678" * 20, Fault.PHONE_TOO_LONG),
        ("1900 545 4155", Fault.PHONE_TOO_LONG),
        ("1800 123", Fault.PHONE_TOO_SHORT),
        ("912345678", Fault.PHONE_NO_LEADING_ZERO),
        ("2083855123", Fault.PHONE_NO_LEADING_ZERO),
        ("01691234567", Fault.PHONE_OLD_ELEVEN_DIGITS),
        ("+841691234567", Fault.PHONE_OLD_ELEVEN_DIGITS),
        ("1022", Fault.PHONE_SHORT_CODE),
        ("113", Fault.PHONE_SHORT_CODE),
        ("+8613812345678", Fault.PHONE_FOREIGN),
        ("008613812345678", Fault.PHONE_FOREIGN),
        ("0412345678", Fault.PHONE_PREFIX),
        ("0612345678", Fault.PHONE_PREFIX),
    ],
)
def test_refused_phones(typed: str, reason: Fault) -> None:
    with pytest.raises(BadIdentifier) as refused:
        normal_phone(typed)
    assert refused.value.reason is reason


def test_the_fault_counts_the_digits() -> None:
    with pytest.raises(BadIdentifier) as refused:
        normal_phone("+84 912 345 67")
    assert (refused.value.reason, refused.value.found) == (Fault.PHONE_TOO_SHORT, 9)


@pytest.mark.parametrize("typed", ["02083855123", "18001234"])
def test_no_text_messages_to_landlines(typed: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        normal_mobile(typed)
    assert refused.value.reason is Fault.PHONE_NOT_MOBILE


@given(numbers)
def test_stored_and_shown_numbers_are_read_back(typed: str) -> None:
    stored = normal_phone(typed)
    assert stored.startswith("+84") and normal_phone(stored) == stored == normal_phone(show_phone(stored))
    assert stored.removeprefix("+84") == typed.removeprefix("0")


@given(mobiles)
def test_a_masked_mobile_hides_three_digits(typed: str) -> None:
    masked = mask_phone(normal_phone(typed))
    assert masked == f"{typed[:4]} *** {typed[7:]}"


@given(st.text())
def test_any_text_is_a_number_or_refused(typed: str) -> None:
    for read in (normal_phone, normal_mobile, normal_account, normal_decision_number):
        try:
            assert read(read(typed)) == read(typed)
        except BadIdentifier as refused:
            assert refused.reason in Fault


@given(st.text().filter(lambda text: not text.startswith("+84")))
def test_texts_that_are_no_stored_numbers(text: str) -> None:
    assert mask_phone(text) == "***"
    assert show_phone(text) == text


@pytest.mark.parametrize("typed", ["0551234567", "0521234567"])
def test_an_unknown_prefix_is_only_a_warning(typed: str) -> None:
    assert phone_warning(normal_phone(typed)) is Doubt.PHONE_UNASSIGNED


@pytest.mark.parametrize("typed", ["0912345678", "0868123456", "0559123456", "02083855123", "18001234"])
def test_known_prefixes_raise_no_doubt(typed: str) -> None:
    assert phone_warning(normal_phone(typed)) is None


@pytest.mark.parametrize(
    ("number", "birth_year", "sex"),
    [
        ("019090001234", 1990, Sex.MALE),
        ("019205001234", 2005, Sex.MALE),
        ("019190001234", 1990, Sex.FEMALE),
        ("006 305 001 234", 2005, Sex.FEMALE),
    ],
)
def test_personal_ids(number: str, birth_year: int, sex: Sex) -> None:
    check = check_personal_id(number, today=TODAY, birth_year=birth_year, sex=sex)
    assert not check.errors and not check.warnings
    assert (check.number, check.birth_year, check.sex) == (number.replace(" ", ""), birth_year, sex)
    assert normal_personal_id(number, today=TODAY) == check.number


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", Fault.PERSONAL_ID_EMPTY),
        ("01909000123", Fault.PERSONAL_ID_LENGTH),
        ("0190900012345", Fault.PERSONAL_ID_LENGTH),
        ("091234567", Fault.PERSONAL_ID_OLD_NINE_DIGITS),
        ("01909000123A", Fault.PERSONAL_ID_NOT_DIGITS),
        ("٠١٩٠٩٠٠٠١٢٣٤", Fault.PERSONAL_ID_NOT_DIGITS),
        ("019227001234", Fault.PERSONAL_ID_FUTURE_YEAR),
        ("019490001234", Fault.PERSONAL_ID_FUTURE_YEAR),
    ],
)
def test_refused_personal_ids(number: str, reason: Fault) -> None:
    assert check_personal_id(number, today=TODAY).errors == (reason,)
    with pytest.raises(BadIdentifier) as refused:
        normal_personal_id(number, today=TODAY)
    assert refused.value.reason is reason


def test_what_is_known_of_the_person_must_agree() -> None:
    check = check_personal_id("019090001234", today=TODAY, birth_year=1991, sex=Sex.FEMALE)
    assert check.errors == (Fault.PERSONAL_ID_OTHER_YEAR, Fault.PERSONAL_ID_OTHER_SEX)


def test_this_years_children_have_numbers() -> None:
    assert not check_personal_id("019226001234", today=TODAY).errors


@pytest.mark.parametrize("province", ["000", "003", "018", "097", "999"])
def test_an_unknown_province_is_only_a_warning(province: str) -> None:
    check = check_personal_id(province + "090001234", today=TODAY)
    assert (check.errors, check.warnings) == ((), (Doubt.PERSONAL_ID_PROVINCE,))


def test_the_63_provinces() -> None:
    spans = """1-2 4 6 8 10-12 14-15 17 19-20 22 24-27 30-31 33-38 40 42 44-46 48-49 51-52 54 56 58 60 62 64
    66-68 70 72 74-75 77 79-80 82-84 86-87 89 91-96"""
    ends = [(int(span.split("-")[0]), int(span.split("-")[-1])) for span in spans.split()]
    wanted = [code for first, last in ends for code in range(first, last + 1)]
    checks = [check_personal_id(f"{code:03}090001234", today=TODAY) for code in range(1000)]
    assert len(wanted) == 63
    assert [code for code, check in enumerate(checks) if not check.warnings] == wanted


def test_personal_ids_are_masked() -> None:
    assert mask_personal_id("019090001234") == "*** *** *** 234"
    assert mask_personal_id("019090") == mask_personal_id("") == "***"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0100233488", "0100233488"),
        ("0100109106", "0100109106"),
        ("0314409058-002", "0314409058002"),
        ("0314409058 002", "0314409058002"),
        ("4699000012", "4699000012"),
        ("4699000037", "4699000037"),
        ("4699000044", "4699000044"),
        ("46.9900.0051", "4699000051"),
        ("019090001234", "019090001234"),
    ],
)
def test_tax_codes(typed: str, code: str) -> None:
    assert normal_tax_code(typed, today=TODAY) == code
    assert normal_tax_code(show_tax_code(code), today=TODAY) == code


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", Fault.TAX_CODE_EMPTY),
        ("0100233480", Fault.TAX_CODE_CHECK_DIGIT),
        ("0314409058-000", Fault.TAX_CODE_BRANCH),
        ("0100000000", Fault.TAX_CODE_ZEROS),
        ("010023348", Fault.TAX_CODE_LENGTH),
        ("01002334880", Fault.TAX_CODE_LENGTH),
        ("01002334880012", Fault.TAX_CODE_LENGTH),
        ("O100233488", Fault.TAX_CODE_NOT_DIGITS),
        ("01909000123A", Fault.TAX_CODE_NOT_DIGITS),
        ("019290001234", Fault.PERSONAL_ID_FUTURE_YEAR),
    ],
)
def test_refused_tax_codes(typed: str, reason: Fault) -> None:
    with pytest.raises(BadIdentifier) as refused:
        normal_tax_code(typed, today=TODAY)
    assert refused.value.reason is reason


def test_tax_codes_are_shown_as_printed() -> None:
    assert show_tax_code("0314409058002") == "0314409058-002"
    assert show_tax_code("0100233488") == "0100233488"


def accepted(code: str) -> bool:
    try:
        return normal_tax_code(code, today=TODAY) == code
    except BadIdentifier:
        return False


@given(
    st.from_regex(r"[0-9]{9}", fullmatch=True).filter(str.isascii), st.sampled_from(["", "000", "001", "734"])
)
def test_tax_codes_agree_with_python_stdnum(stem: str, branch: str) -> None:
    codes = [f"{stem}{last}{branch}" for last in range(10)]
    assert [accepted(code) for code in codes] == [bool(mst.is_valid(code)) for code in codes]


def test_a_check_digit_may_not_exist() -> None:
    assert tax_check_digit("010023348") == "8"
    assert tax_check_digit("000000000") is None


@pytest.mark.parametrize(
    ("typed", "account"),
    [
        ("0011012345678", "0011012345678"),
        ("0011 0123 45678", "0011012345678"),
        ("1903.4567.890", "19034567890"),
        ("99MM23331M00000012", "99MM23331M00000012"),
        ("1234", "1234"),
        ("a" * 19, "a" * 19),
    ],
)
def test_accounts(typed: str, account: str) -> None:
    assert normal_account(typed) == account


@pytest.mark.parametrize(
    ("typed", "reason", "found"),
    [
        ("", Fault.ACCOUNT_EMPTY, 0),
        ("...", Fault.ACCOUNT_EMPTY, 0),
        ("123", Fault.ACCOUNT_LENGTH, 3),
        ("1" * 20, Fault.ACCOUNT_LENGTH, 20),
        ("12345đ", Fault.ACCOUNT_CHARACTERS, 6),
        ("1234_5", Fault.ACCOUNT_CHARACTERS, 6),
        ("\uff11\uff12\uff13\uff14\uff15", Fault.ACCOUNT_CHARACTERS, 5),
    ],
)
def test_refused_accounts(typed: str, reason: Fault, found: int) -> None:
    with pytest.raises(BadIdentifier) as refused:
        normal_account(typed)
    assert (refused.value.reason, refused.value.found) == (reason, found)


def test_account_tail() -> None:
    assert account_tail("0011012345678") == "5678"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2890/QĐ-BNN-VPĐP", "2890/QĐ-BNN-VPĐP"),
        ("2361/QĐ-BNNMT", "2361/QĐ-BNNMT"),
        ("377/QĐ-BNN-VPĐP", "377/QĐ-BNN-VPĐP"),
        ("148/QĐ-TTg", "148/QĐ-TTg"),
        ("12/2025/QĐ-UBND", "12/2025/QĐ-UBND"),
        (" Số: 2361 / qđ-BNNMT ", "2361/QĐ-BNNMT"),
        ("2361/QD-UBND", "2361/QĐ-UBND"),
        ("2361/QÐ-UBND", "2361/QĐ-UBND"),
    ],
)
def test_decision_numbers(typed: str, number: str) -> None:
    assert normal_decision_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", Fault.DECISION_EMPTY),
        ("Số", Fault.DECISION_EMPTY),
        ("2361", Fault.DECISION_SHAPE),
        ("QĐ-UBND", Fault.DECISION_SHAPE),
        ("236100/QĐ-UBND", Fault.DECISION_SHAPE),
        ("2361/QĐ-", Fault.DECISION_SHAPE),
        ("2361/TB-UBND", Fault.DECISION_SHAPE),
        ("2361/25/QĐ-UBND", Fault.DECISION_SHAPE),
        ("2361/QĐ-ubnd", Fault.DECISION_SHAPE),
        ("٢٣٦١/QĐ-UBND", Fault.DECISION_SHAPE),
    ],
)
def test_refused_decision_numbers(typed: str, reason: Fault) -> None:
    with pytest.raises(BadIdentifier) as refused:
        normal_decision_number(typed)
    assert refused.value.reason is reason
