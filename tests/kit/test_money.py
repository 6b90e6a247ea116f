"""Amounts: shown, read without ever being a thousand times off, said as people say them, shared out."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import (
    MOST_DONG,
    AmountFault,
    BadAmount,
    Dialect,
    dong_in_words,
    parse_dong,
    parse_quantity,
    share_out,
    show_dong,
    show_quantity,
    show_weight,
)

amounts = st.integers(0, MOST_DONG)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "0\u00a0₫"),
        (500, "500\u00a0₫"),
        (35_000, "35.000\u00a0₫"),
        (1_234_567, "1.234.567\u00a0₫"),
        (-35_000, "-35.000\u00a0₫"),
        (999_999_999_999, "999.999.999.999\u00a0₫"),
    ],
)
def test_show_dong(amount: int, shown: str) -> None:
    assert show_dong(amount) == shown


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("35000", 35_000),
        ("35.000", 35_000),
        ("35 000", 35_000),
        ("35\u202f000", 35_000),
        ("35,000", 35_000),
        ("1.500", 1_500),
        ("1,500", 1_500),
        ("35.000 ₫", 35_000),
        ("35.000\u00a0₫", 35_000),
        ("35000đ", 35_000),
        ("35.000 Đồng", 35_000),
        ("35.000 VNĐ", 35_000),
        ("35000vnd", 35_000),
        ("35k", 35_000),
        ("35K", 35_000),
        ("35 kđ", 35_000),
        ("1,5k", 1_500),
        ("35 nghìn", 35_000),
        ("35 nghi\u0300n đồng", 35_000),
        ("35 ngàn", 35_000),
        ("35 ngan", 35_000),
        ("1,2 triệu", 1_200_000),
        ("1.2 triệu", 1_200_000),
        ("1.25tr", 1_250_000),
        ("2 tỷ", 2_000_000_000),
        ("2 tỉ", 2_000_000_000),
        ("0", 0),
        ("  35000\t", 35_000),
        ("999.999.999.999", 999_999_999_999),
    ],
)
def test_parse_dong(typed: str, amount: int) -> None:
    assert parse_dong(typed) == amount


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", AmountFault.EMPTY),
        (" \u200b\n", AmountFault.EMPTY),
        ("1.500k", AmountFault.AMBIGUOUS),
        ("1,250 triệu", AmountFault.AMBIGUOUS),
        ("1.000.000 nghìn", AmountFault.AMBIGUOUS),
        ("1.5", AmountFault.NOT_AN_AMOUNT),
        ("1,5", AmountFault.NOT_AN_AMOUNT),
        ("35.00", AmountFault.NOT_AN_AMOUNT),
        ("35.0000", AmountFault.NOT_AN_AMOUNT),
        ("3500.000", AmountFault.NOT_AN_AMOUNT),
        ("1.000,000", AmountFault.NOT_AN_AMOUNT),
        ("1.000,5", AmountFault.NOT_AN_AMOUNT),
        ("0.500", AmountFault.NOT_AN_AMOUNT),
        ("035000", AmountFault.NOT_AN_AMOUNT),
        ("-35000", AmountFault.NOT_AN_AMOUNT),
        ("+35000", AmountFault.NOT_AN_AMOUNT),
        ("35.", AmountFault.NOT_AN_AMOUNT),
        (".35", AmountFault.NOT_AN_AMOUNT),
        ("35..000", AmountFault.NOT_AN_AMOUNT),
        ("3 5000", AmountFault.NOT_AN_AMOUNT),
        ("35e3", AmountFault.NOT_AN_AMOUNT),
        ("35_000", AmountFault.NOT_AN_AMOUNT),
        ("35²", AmountFault.NOT_AN_AMOUNT),
        ("\uff13\uff15", AmountFault.NOT_AN_AMOUNT),
        ("٣٥", AmountFault.NOT_AN_AMOUNT),
        ("1tr2", AmountFault.NOT_AN_AMOUNT),
        ("1tr250", AmountFault.NOT_AN_AMOUNT),
        ("1,1234 triệu", AmountFault.NOT_AN_AMOUNT),
        ("100-300k", AmountFault.NOT_AN_AMOUNT),
        ("35 kg", AmountFault.NOT_AN_AMOUNT),
        ("35 $", AmountFault.NOT_AN_AMOUNT),
        ("triệu", AmountFault.NOT_AN_AMOUNT),
        ("₫", AmountFault.NOT_AN_AMOUNT),
        ("nan", AmountFault.NOT_AN_AMOUNT),
        ("1.000.000.000.000", AmountFault.TOO_LARGE),
        ("1000 tỷ", AmountFault.TOO_LARGE),
        ("9" * 5000, AmountFault.TOO_LARGE),
        ("1" + ".000" * 2000, AmountFault.TOO_LARGE),
    ],
)
def test_parse_dong_refuses(typed: str, reason: AmountFault) -> None:
    with pytest.raises(BadAmount) as refused:
        parse_dong(typed)
    assert refused.value.reason is reason


@given(amounts)
def test_what_is_shown_can_be_read(amount: int) -> None:
    assert parse_dong(show_dong(amount)) == parse_dong(str(amount)) == parse_dong(f"{amount:,}") == amount


@given(st.integers(0, 99_999_999))
def test_thousands_are_read(thousands: int) -> None:
    assert parse_dong(f"{thousands}k") == parse_dong(f"{thousands} nghìn") == thousands * 1000


@given(st.text("0123456789., kđtr", max_size=12))
def test_no_typed_text_is_read_a_thousand_times_off(typed: str) -> None:
    """Without a word for thousands or millions the digits themselves are the amount."""
    try:
        amount = parse_dong(typed)
    except BadAmount:
        return
    if not set("ktr") & set(typed):
        assert amount == int("".join(c for c in typed if c.isdigit()))


@given(st.text())
def test_any_text_is_read_or_refused(typed: str) -> None:
    try:
        assert 0 <= parse_dong(typed) <= MOST_DONG
    except BadAmount as refused:
        assert refused.reason in AmountFault


@pytest.mark.parametrize(
    ("quantity", "unit", "shown"),
    [
        (Decimal("1.5"), "kg", "1,5\u00a0kg"),
        (Decimal("1.50"), "kg", "1,5\u00a0kg"),
        (Decimal("2.000"), "kg", "2\u00a0kg"),
        (Decimal("1E+3"), "", "1.000"),
        (Decimal("0.125"), "", "0,125"),
        (Decimal("1234.5"), "", "1.234,5"),
        (Decimal("-0.5"), "", "-0,5"),
        (Decimal("-0"), "", "0"),
        (100, "gói", "100\u00a0gói"),
        (0, "", "0"),
        (-1200, "", "-1.200"),
    ],
)
def test_show_quantity(quantity: Decimal | int, unit: str, shown: str) -> None:
    assert show_quantity(quantity, unit) == shown


def test_show_weight() -> None:
    weights = (0, 999, 1000, 1500, 1_234_567)
    assert [show_weight(g).replace("\u00a0", " ") for g in weights] == [
        "0 g",
        "999 g",
        "1 kg",
        "1,5 kg",
        "1.234,567 kg",
    ]


@pytest.mark.parametrize(
    ("typed", "quantity"),
    [
        ("2", "2"),
        ("1.5", "1.5"),
        ("1,5", "1.5"),
        ("1,125", "1.125"),
        ("0.250", "0.25"),
        ("0,250", "0.25"),
        ("1.234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("1234.5", "1234.5"),
        (" 12 ", "12"),
        ("0", "0"),
    ],
)
def test_parse_quantity(typed: str, quantity: str) -> None:
    assert parse_quantity(typed) == Decimal(quantity)


@pytest.mark.parametrize(
    "typed",
    ["", "1.500", "12.000", "1,2345", "1.2.3", "-1", "1e3", "NaN", "01", "1,5 kg", "1,", "½", "9" * 40],
)
def test_parse_quantity_refuses(typed: str) -> None:
    with pytest.raises(BadAmount):
        parse_quantity(typed)


@given(st.integers(0, 9_999_999), st.integers(0, 3))
def test_shown_quantities_can_be_read_or_are_refused(number: int, places: int) -> None:
    quantity = Decimal(number).scaleb(-places)
    try:
        assert parse_quantity(show_quantity(quantity)) == quantity
    except BadAmount as refused:
        assert refused.reason is AmountFault.AMBIGUOUS and quantity == int(quantity) >= 1000


@pytest.mark.parametrize(
    ("amount", "north"),
    [
        (0, "không đồng"),
        (5, "năm đồng"),
        (10, "mười đồng"),
        (11, "mười một đồng"),
        (14, "mười bốn đồng"),
        (15, "mười lăm đồng"),
        (20, "hai mươi đồng"),
        (21, "hai mươi mốt đồng"),
        (24, "hai mươi tư đồng"),
        (25, "hai mươi lăm đồng"),
        (100, "một trăm đồng"),
        (101, "một trăm linh một đồng"),
        (104, "một trăm linh bốn đồng"),
        (105, "một trăm linh năm đồng"),
        (111, "một trăm mười một đồng"),
        (115, "một trăm mười lăm đồng"),
        (155, "một trăm năm mươi lăm đồng"),
        (200, "hai trăm đồng"),
        (1_000, "một nghìn đồng"),
        (1_005, "một nghìn không trăm linh năm đồng"),
        (1_050, "một nghìn không trăm năm mươi đồng"),
        (1_500, "một nghìn năm trăm đồng"),
        (35_000, "ba mươi lăm nghìn đồng"),
        (200_000, "hai trăm nghìn đồng"),
        (1_000_001, "một triệu không trăm linh một đồng"),
        (1_015_000, "một triệu không trăm mười lăm nghìn đồng"),
        (2_000_000_000, "hai tỷ đồng"),
        (21_000_105_044, "hai mươi mốt tỷ một trăm linh năm nghìn không trăm bốn mươi tư đồng"),
    ],
)
def test_northern_words(amount: int, north: str) -> None:
    assert dong_in_words(amount) == north
    assert dong_in_words(amount, "south") == north.replace("nghìn", "ngàn").replace("linh", "lẻ")


@pytest.mark.parametrize("amount", [-1, MOST_DONG + 1])
def test_no_words_outside_the_range(amount: int) -> None:
    with pytest.raises(ValueError):
        dong_in_words(amount)


SPOKEN = {
    "không": 0,
    "một": 1,
    "mốt": 1,
    "hai": 2,
    "ba": 3,
    "bốn": 4,
    "tư": 4,
    "năm": 5,
    "lăm": 5,
    "sáu": 6,
    "bảy": 7,
    "tám": 8,
    "chín": 9,
}
SIZES = {"nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9}


def heard(words: str) -> int:
    """The amount a listener understands, written without a look at the speaker's rules."""
    total = group = digit = 0
    for word in words.removesuffix(" đồng").split():
        if word in SPOKEN:
            digit = SPOKEN[word]
        elif word in SIZES:
            total, group, digit = total + (group + digit) * SIZES[word], 0, 0
        elif word in ("trăm", "mươi"):
            group, digit = group + digit * (100 if word == "trăm" else 10), 0
        elif word == "mười":
            group += 10
        else:
            assert word in ("linh", "lẻ")
    return total + group + digit


dialects: st.SearchStrategy[Dialect] = st.sampled_from(["north", "south"])


@given(amounts, dialects)
def test_words_are_understood_as_the_amount(amount: int, dialect: Dialect) -> None:
    assert heard(dong_in_words(amount, dialect)) == amount


def test_words_of_every_small_amount() -> None:
    for amount in range(10_000):
        for size in (1, 1000, 1_000_000):
            assert heard(dong_in_words(amount * size)) == amount * size


@given(amounts)
def test_words_follow_the_rules_of_speech(amount: int) -> None:
    words = f" {dong_in_words(amount)} "
    for wrong in (
        "mươi một ",
        "mươi năm ",
        "mươi bốn ",
        "mười mốt",
        "mười năm ",
        "linh lăm",
        "linh mốt",
        "  ",
    ):
        assert wrong not in words
    for wrong in ("một mươi", "không mươi", "linh không", " lẻ ", " ngàn "):
        assert wrong not in words


weights_lists = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)


@given(st.integers(-(10**12), 10**12), weights_lists)
def test_shares_keep_the_sum_and_are_fair(total: int, weights: list[int]) -> None:
    shares = share_out(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1
        assert weight or not share


@given(st.integers(0, 10**12), weights_lists)
def test_a_heavier_weight_never_gets_less(total: int, weights: list[int]) -> None:
    shares = share_out(total, weights)
    by_weight = sorted(zip(weights, shares, strict=True))
    assert all(light[1] <= heavy[1] for light, heavy in pairwise(by_weight) if light[0] < heavy[0])


def test_shares_by_example() -> None:
    assert share_out(100, [1, 1, 1]) == [34, 33, 33]
    assert share_out(-100, [1, 1, 1]) == [-34, -33, -33]
    assert share_out(10, [0, 3, 0]) == [0, 10, 0]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1], [-1]])
def test_shares_refuse_impossible_weights(weights: list[int]) -> None:
    with pytest.raises(ValueError):
        share_out(100, weights)
