"""Prices spoken in a query become limits; everything else stays a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.wishes import Wish, wish_of


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("chè dưới 200k", Wish("chè", None, 200_000)),
        ("che duoi 200 nghin", Wish("che", None, 200_000)),
        ("chè dưới 200", Wish("chè", None, 200_000)),
        ("chè giá dưới 200.000đ", Wish("chè", None, 200_000)),
        ("trà 100-300k", Wish("trà", 100_000, 300_000)),
        ("100k-300k trà", Wish("trà", 100_000, 300_000)),
        ("trà từ 100 đến 300 nghìn", Wish("trà", 100_000, 300_000)),
        ("trà từ 100.000 đến 300.000", Wish("trà", 100_000, 300_000)),
        ("mật ong trên 150 nghìn", Wish("mật ong", 150_000, None)),
        ("mật ong từ 150k", Wish("mật ong", 150_000, None)),
        ("mật ong 150k trở lên", Wish("mật ong", 150_000, None)),
        ("mật ong 150k trở xuống", Wish("mật ong", None, 150_000)),
        ("quà tết 1tr5", Wish("quà tết", 1_125_000, 1_875_000)),
        ("quà tết dưới 1,5 triệu", Wish("quà tết", None, 1_500_000)),
        ("quà tết dưới 2 triệu rưỡi", Wish("quà tết", None, 2_500_000)),
        ("tầm 200k miến", Wish("miến", 150_000, 250_000)),
        ("miến khoảng 200 ngàn", Wish("miến", 150_000, 250_000)),
        ("miến 100k", Wish("miến", 75_000, 125_000)),
        ("dưới 50k", Wish("", None, 50_000)),
        ("rượu 300k-100k", Wish("rượu", 100_000, 300_000)),
    ],
)
def test_prices_become_limits(typed: str, wish: Wish) -> None:
    assert wish_of(typed) == wish


@pytest.mark.parametrize(
    "typed",
    [
        "chè 500g", "gạo 5 kg", "gạo dưới 5 kg", "ocop 5 sao", "trên 4 sao", "htx 19/5", "2 lạng chè", "chè số 1",
        "trứng gà 30 quả", "nem D9ai5 Tu72", "miến 10-12", "từ tâm", "trên đồi", "hơn", "k", "200", "", "dưới 0k",
    ],
)  # fmt: skip
def test_what_is_no_price_stays_a_word(typed: str) -> None:
    assert wish_of(typed) == Wish(typed)


@given(st.integers(1, 9_999))
def test_thousands_are_read_back_however_they_are_written(thousands: int) -> None:
    ways = (
        f"{thousands}k",
        f"{thousands} nghìn",
        f"{thousands * 1000:,}".replace(",", ".") + "đ",
        f"{thousands}000 đồng",
    )
    assert {wish_of(f"chè dưới {way}") for way in ways} == {Wish("chè", None, thousands * 1000)}


@given(st.text(max_size=80))
def test_any_text_is_read(typed: str) -> None:
    wish = wish_of(typed)
    if wish.price_from_dong is not None and wish.price_to_dong is not None:
        assert 0 < wish.price_from_dong <= wish.price_to_dong
