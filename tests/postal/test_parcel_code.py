"""Parcel codes: one code a number, mistakes noticed, typing forgiven; postal numbers warned about."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.i18n import catalogue
from postal.parcel_code import (
    CODES,
    is_parcel_code,
    normal_code,
    parcel_code,
    parcel_number,
    s10_warning,
)

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
KEY = b"a key for the tests alone"
PRINTED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

numbers = st.integers(0, CODES - 1)
keys = st.binary(min_size=1, max_size=80)


@given(numbers, keys)
def test_the_number_comes_back_so_no_two_share_a_code(number: int, key: bytes) -> None:
    code = parcel_code(number, key)
    assert is_parcel_code(code)
    assert len(code) == 13
    assert parcel_number(code, key) == number


def test_codes_printed_yesterday_are_the_codes_of_today() -> None:
    assert [parcel_code(number, KEY) for number in (0, 1, CODES - 1)] == VECTORS["parcel_codes_0_1_last"]


def test_neighbours_in_the_sequence_look_unlike() -> None:
    bodies = [parcel_code(number, KEY)[2:12] for number in range(200)]
    same = [sum(map(str.__eq__, one, two)) for one, two in pairwise(bodies)]
    assert sum(same) / len(same) < 1


def test_another_key_gives_other_codes() -> None:
    assert parcel_code(7, KEY) != parcel_code(7, b"another key")


@pytest.mark.parametrize("number", [-1, CODES])
def test_a_number_outside_the_range_is_an_error(number: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        parcel_code(number, KEY)


def test_an_empty_key_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        parcel_code(1, b"")


@given(numbers, st.integers(2, 12), st.sampled_from(PRINTED))
def test_every_single_wrong_character_is_noticed(number: int, place: int, other: str) -> None:
    code = parcel_code(number, KEY)
    wrong = code[:place] + other + code[place + 1 :]
    assert is_parcel_code(wrong) == (wrong == code)


@pytest.mark.parametrize(
    "text", ["", "C4", "C4" * 6 + "C", "c4", "CP000000005VN", "C4ẮẰẲẴẶ123456", "C4\n", "Đ" * 13]
)
def test_other_texts_are_no_parcel_codes(text: str) -> None:
    assert not is_parcel_code(text)
    with pytest.raises(ValueError, match="no parcel code"):
        parcel_number(text, KEY)


def test_a_code_with_a_line_end_or_in_small_letters_is_not_as_printed() -> None:
    code = parcel_code(5, KEY)
    assert not is_parcel_code(code + "\n")
    assert not is_parcel_code(code.lower())


@given(numbers, st.data())
def test_typing_is_forgiven(number: int, data: st.DataObject) -> None:
    code = parcel_code(number, KEY)
    misread = {"0": "0Oo", "1": "1IiLl", "O": "O0o", "I": "I1iLl", "L": "L1lIi"}
    typed = "C4" + "".join(data.draw(st.sampled_from(misread.get(c, c + c.lower()))) for c in code[2:])
    gaps = data.draw(
        st.lists(st.sampled_from(["", " ", "-", " - ", "\u00a0", "–", "."]), min_size=13, max_size=13)
    )
    assert normal_code("".join(gap + c for gap, c in zip(gaps, typed, strict=True)) + " ") == code


@given(numbers)
def test_a_right_code_is_left_alone_whatever_its_check_character(number: int) -> None:
    assert normal_code(parcel_code(number, KEY)) == parcel_code(number, KEY)


def test_all_36_check_characters_occur_and_survive() -> None:
    codes = [parcel_code(number, KEY) for number in range(2000)]
    assert {code[-1] for code in codes} == set(PRINTED)
    assert all(normal_code(code) == code for code in codes)


def test_codes_of_others_keep_their_letters() -> None:
    assert normal_code(" lo 123-456 oi ") == "LO123456OI"
    assert normal_code("C4OOOOOOOOOOO") == "C4OOOOOOOOOOO"


@given(st.text(max_size=30))
def test_any_text_can_be_typed(text: str) -> None:
    once = normal_code(text)
    assert once == normal_code(once)
    s10_warning(once)


@pytest.mark.parametrize("number", VECTORS["s10_valid"])
def test_right_postal_numbers_raise_no_warning(number: str) -> None:
    assert s10_warning(number) is None


@pytest.mark.parametrize("number", VECTORS["s10_issued_with_a_wrong_check_digit"])
def test_numbers_that_carriers_issued_wrongly_are_warned_about(number: str) -> None:
    warning = s10_warning(number)
    assert warning is not None
    message = catalogue("postal", "en").get(warning)
    assert message is not None and message.string


@pytest.mark.parametrize("text", ["", "12345678", "CP00000000५VN", "cp000000005vn", "C4ABCDEFGHJKM"])
def test_what_is_no_postal_number_is_not_judged(text: str) -> None:
    assert s10_warning(text) is None
