"""Matching: codes found in what banks make of a text, none where there is none; what a transfer means."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.codes import ALPHABET, is_code, new_code
from payments.matching import PaymentView, TransferView, Verdict, judge
from payments.transfer_text import candidate_codes

NOISE = random.Random(40)
CODES = [new_code("DH", NOISE.randrange) for _ in range(700)]
KNOWN = set(CODES)
NAMES = ["NGUYEN THI HOA", "Trần Văn Đức", "HTX CHE LA BANG", "Lý Thị Sùng"]


def digits(count: int) -> str:
    return "".join(NOISE.choice("0123456789") for _ in range(count))


WRITTEN: list[Callable[[str], str]] = [
    lambda code: code,
    lambda code: (
        f"MBVCB.{digits(10)}.{code}.CT tu {digits(10)} {NOISE.choice(NAMES)} toi {digits(13)} tai VCB"
    ),
    lambda code: f"CT DEN:{digits(12)} {code}",
    lambda code: f"IBFT {code}",
    lambda code: f"{code} FT{digits(14)}",
    lambda code: f"QR   - {code} thanh toan don hang",
    lambda code: f"{NOISE.choice(NAMES)} chuyển tiền đơn hàng {code}; cảm ơn",
    lambda code: f"BankAPINotify {code}-{digits(6)}-CHUYEN TIEN-OQCH{digits(8)}-MOMO{digits(11)}MOMO",
    lambda code: f"NHAN TU {digits(10)} TRACE {digits(6)} ND {code}",
    lambda code: f"TKThe :{digits(10)}, tai VIETINBANK. {code} -CTLNHIDI{digits(13)}-1/1-CRE-002",
    lambda code: f"{code} GD {digits(6)}-{digits(4)} 25/03/2026 14:02:37",
    lambda code: f"Tra tien che Tan Cuong {code} {code}",
]


def blanks_added(text: str) -> str:
    return "".join(c + (NOISE.choice([" ", ".", "-", "  "]) if NOISE.random() < 0.2 else "") for c in text)


def one_typed_otherwise(text: str) -> str:
    return "".join(NOISE.choice("1Il") if c == "1" else c for c in text)


def cut_after_code(text: str) -> str:
    ends = max(text.find(code) + len(code) for code in CODES if code in text)
    return text[: NOISE.randrange(ends, len(text) + 1)]


MANGLED: list[Callable[[str], str]] = [
    lambda text: text,
    str.lower,
    str.upper,
    str.title,
    lambda text: text.replace(" ", ""),
    lambda text: text.replace(" ", ".").replace("-", ""),
    blanks_added,
    one_typed_otherwise,
    cut_after_code,
    lambda text: blanks_added(one_typed_otherwise(cut_after_code(text))).lower(),
    lambda text: digits(20) + text + digits(20),
    lambda text: "\u200b".join(text),
]


def known_in(text: str | None) -> list[str]:
    return [code for code in candidate_codes(text, prefix="DH") if code in KNOWN]


def test_codes_are_found_in_what_banks_make_of_them() -> None:
    missed = []
    for number, code in enumerate(CODES):
        write, mangle = WRITTEN[number % len(WRITTEN)], MANGLED[NOISE.randrange(len(MANGLED))]
        text = mangle(write(code))
        if known_in(text) != [code]:
            missed.append(text)
    assert missed == []


def test_every_mangling_of_every_writing() -> None:
    missed = [
        (text, code)
        for write in WRITTEN
        for mangle in MANGLED
        for code in NOISE.sample(CODES, 5)
        if known_in(text := mangle(write(code))) != [code]
    ]
    assert missed == []


def mistyped(code: str) -> str:
    """The code with one character changed, or two different neighbours swapped."""
    place = NOISE.randrange(1, len(code))
    if NOISE.random() < 0.5 and code[place] != code[place - 1]:
        return code[: place - 1] + code[place] + code[place - 1] + code[place + 1 :]
    return code[:place] + NOISE.choice([c for c in ALPHABET if c != code[place]]) + code[place + 1 :]


def embedded(number: int, code: str) -> str:
    """A text of any writing and any mangling that leaves the text whole."""
    mangle = [*MANGLED[:8], *MANGLED[10:]][number % 10]
    return mangle(WRITTEN[number % len(WRITTEN)](code))


def test_mistyped_codes_name_no_payment() -> None:
    for number, code in enumerate(CODES):
        assert known_in(embedded(number, mistyped(code))) == []


def test_cut_codes_name_no_other_payment() -> None:
    for number, code in enumerate(CODES):
        place = NOISE.randrange(len(code))
        assert known_in(code[:place] + code[place + 1 :]) == []
        assert set(known_in(embedded(number, code[:place] + code[place + 1 :]))) <= {code}


def test_texts_without_a_code_name_no_payment() -> None:
    for number in range(600):
        assert known_in(embedded(number, NOISE.choice(["", "DH", digits(10), "tiền chợ"]))) == []


@given(st.text())
def test_any_text_names_no_payment(text: str) -> None:
    assert known_in(text) == []
    assert all(is_code(code) for code in candidate_codes(text))


@given(st.text(), st.sampled_from(CODES), st.text())
def test_a_code_set_off_from_any_text_is_found(before: str, code: str, after: str) -> None:
    assert code in candidate_codes(f"{before} {code} {after}")


def test_several_texts_and_codes() -> None:
    one, two = CODES[:2]
    assert known_in(f"{one} va {two}") == [one, two]
    assert known_in(one + two) == [one, two]
    assert candidate_codes(None, "", one, f"{one.lower()} x") == [one]
    assert candidate_codes(one[:5], one[5:]) == []
    assert candidate_codes(one, prefix="VD") == []
    long_code = new_code("VD", NOISE.randrange, length=12)
    assert long_code in candidate_codes(f"ct {long_code}", length=12)


NOW = datetime(2026, 3, 25, 7, 0, tzinfo=UTC)
ASKED = PaymentView(
    code=CODES[0],
    asked_dong=180_000,
    paid_dong=0,
    state="pending",
    expires_at=NOW + timedelta(minutes=15),
    account_number="0011012345678",
    bin="970403",
)


def given_by(**changes: Any) -> TransferView:
    right: dict[str, Any] = {
        "amount_dong": 180_000,
        "account_number": "0011012345678",
        "at": NOW,
        "codes": (CODES[0],),
    }
    return TransferView(**{**right, **changes})


def asked(**changes: Any) -> PaymentView:
    fields = {name: getattr(ASKED, name) for name in PaymentView.__slots__}
    return PaymentView(**{**fields, **changes})


LATER = NOW + timedelta(minutes=15, seconds=1)


@pytest.mark.parametrize(
    ("payment", "transfer", "verdict"),
    [
        (ASKED, given_by(), Verdict.MATCHED),
        (ASKED, given_by(amount_dong=179_999), Verdict.PARTIAL),
        (ASKED, given_by(amount_dong=1), Verdict.PARTIAL),
        (ASKED, given_by(amount_dong=180_001), Verdict.OVER),
        (asked(paid_dong=100_000), given_by(amount_dong=80_000), Verdict.MATCHED),
        (asked(paid_dong=100_000), given_by(amount_dong=79_999), Verdict.PARTIAL),
        (asked(paid_dong=100_000), given_by(), Verdict.OVER),
        (asked(state="unknown"), given_by(), Verdict.MATCHED),
        (asked(state="paid", paid_dong=180_000), given_by(), Verdict.DUPLICATE),
        (asked(state="paid"), given_by(at=LATER), Verdict.DUPLICATE),
        (asked(paid_dong=180_000), given_by(amount_dong=1), Verdict.DUPLICATE),
        (ASKED, given_by(at=NOW + timedelta(minutes=15)), Verdict.MATCHED),
        (ASKED, given_by(at=LATER), Verdict.LATE),
        (ASKED, given_by(at=LATER, amount_dong=1), Verdict.LATE),
        (asked(expires_at=None), given_by(at=LATER), Verdict.MATCHED),
        (asked(state="expired"), given_by(), Verdict.LATE),
        (asked(state="cancelled"), given_by(), Verdict.LATE),
        (ASKED, given_by(account_number="0011012345679"), Verdict.WRONG_ACCOUNT),
        (ASKED, given_by(account_number="11012345678"), Verdict.WRONG_ACCOUNT),
        (ASKED, given_by(account_number=""), Verdict.WRONG_ACCOUNT),
        (asked(account_number=""), given_by(account_number=""), Verdict.WRONG_ACCOUNT),
        (ASKED, given_by(bin="970422"), Verdict.WRONG_ACCOUNT),
        (asked(state="paid"), given_by(account_number="1"), Verdict.WRONG_ACCOUNT),
        (ASKED, given_by(bin="970403"), Verdict.MATCHED),
        (ASKED, given_by(account_number="0011.0123.45678"), Verdict.MATCHED),
        (ASKED, given_by(account_number="1234567", sub_account="0011012345678"), Verdict.MATCHED),
        (asked(account_number="Vqr0001abc"), given_by(account_number="VQR0001ABC"), Verdict.MATCHED),
        (ASKED, given_by(codes=tuple(CODES[:2])), Verdict.AMBIGUOUS),
        (ASKED, given_by(codes=(CODES[0], CODES[0])), Verdict.MATCHED),
        (None, given_by(codes=tuple(CODES[:2])), Verdict.AMBIGUOUS),
        (ASKED, given_by(codes=()), Verdict.NONE),
        (ASKED, given_by(codes=(CODES[1],)), Verdict.NONE),
        (None, given_by(codes=()), Verdict.NONE),
        (None, given_by(), Verdict.NONE),
    ],
)
def test_what_a_transfer_means(payment: PaymentView | None, transfer: TransferView, verdict: Verdict) -> None:
    assert judge(payment, transfer) is verdict


@pytest.mark.parametrize("amount", [0, -1])
def test_no_money_is_no_transfer(amount: int) -> None:
    with pytest.raises(ValueError, match="đồng"):
        judge(ASKED, given_by(amount_dong=amount))


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
def test_only_the_exact_sum_is_matched(paid: int, owed: int, amount: int) -> None:
    verdict = judge(asked(paid_dong=paid, asked_dong=paid + owed), given_by(amount_dong=amount))
    assert (verdict is Verdict.MATCHED) is (amount == owed)
    assert (verdict is Verdict.OVER) is (amount > owed)
