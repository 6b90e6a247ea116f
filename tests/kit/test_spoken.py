"""Sums aloud: every amount in every way of speaking is understood as that amount, always with its unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import MOST_DONG, Dialect, dong_in_words
from kit.spoken import SPEECHES, speech_of, spoken_dong
from tests.kit.test_money import heard

SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
WORTH = {word: worth for worth, word in enumerate(SMALL)}
WORTH |= {word: 10 * tens for tens, word in enumerate(TENS, start=2)}
SIZES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
amounts = st.integers(0, MOST_DONG) | st.integers(0, 10**6) | st.integers(0, 10**6).map(lambda n: n * 1000)
speeches: st.SearchStrategy[Dialect] = st.sampled_from(list(SPEECHES))


def heard_in_english(words: str) -> int:
    """What a listener understands, written without a look at the speaker's rules."""
    total = group = 0
    for word in words.removesuffix(" dong").replace("-", " ").split():
        if word == "hundred":
            group *= 100
        elif word in SIZES:
            total, group = total + group * SIZES[word], 0
        elif word != "and":
            group += WORTH[word]
    return total + group


@given(amounts, speeches)
def test_vietnamese_is_understood(amount: int, speech: Dialect) -> None:
    words = spoken_dong(amount, "vi", speech)
    assert words.endswith(" đồng")
    assert heard(words.replace("nhăm", "lăm")) == amount


@given(amounts)
def test_english_is_understood(amount: int) -> None:
    words = spoken_dong(amount, "en")
    assert words.endswith(" dong") and "  " not in words
    assert heard_in_english(words) == amount


@given(amounts)
def test_regions_differ_in_single_words_only(amount: int) -> None:
    north = dong_in_words(amount)
    assert dong_in_words(amount, "south") == north.replace("nghìn", "ngàn").replace("linh", "lẻ")
    assert dong_in_words(amount, "nham") == north.replace("mươi lăm", "mươi nhăm")


@pytest.mark.parametrize(
    ("amount", "vietnamese", "english"),
    [
        (0, "không đồng", "zero dong"),
        (200, "hai trăm đồng", "two hundred dong"),
        (200_000, "hai trăm nghìn đồng", "two hundred thousand dong"),
        (1_021, "một nghìn không trăm hai mươi mốt đồng", "one thousand and twenty-one dong"),
        (105_000, "một trăm linh năm nghìn đồng", "one hundred and five thousand dong"),
        (35_500, "ba mươi lăm nghìn năm trăm đồng", "thirty-five thousand five hundred dong"),
    ],
)
def test_sums_by_example(amount: int, vietnamese: str, english: str) -> None:
    assert (spoken_dong(amount, "vi"), spoken_dong(amount, "en")) == (vietnamese, english)


@pytest.mark.parametrize("amount", [-1, MOST_DONG + 1])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_is_said_outside_the_range(amount: int, language: str) -> None:
    with pytest.raises(ValueError):
        spoken_dong(amount, language)


def test_who_chose_nothing_hears_the_north() -> None:
    assert [speech_of(kept) for kept in ("", "south", "nham", "elsewhere")] == [
        "north",
        "south",
        "nham",
        "north",
    ]
