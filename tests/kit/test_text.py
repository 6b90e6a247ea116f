"""Vietnamese text: clean, folded, sorted, and made ASCII."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text import (
    ascii_name,
    fold,
    given_name,
    name_sort_key,
    nfc,
    nfc_lines,
    shown_name,
    slug,
    sort_key,
)

# Every vowel in the order of the dictionary: one line a letter, ngang huyền hỏi ngã sắc nặng across.
VOWELS = [
    "aàảãáạ",
    "ăằẳẵắặ",
    "âầẩẫấậ",
    "eèẻẽéẹ",
    "êềểễếệ",
    "iìỉĩíị",
    "oòỏõóọ",
    "ôồổỗốộ",
    "ơờởỡớợ",
    "uùủũúụ",
    "ưừửữứự",
    "yỳỷỹýỵ",
]
ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
PLAIN = {toned: row[0] for row in VOWELS for toned in row}
TONE = {toned: tone for row in VOWELS for tone, toned in enumerate(row)}

syllables = st.builds(
    lambda onset, row, tone, coda: onset + row[tone] + coda,
    st.sampled_from(["", "b", "c", "ch", "d", "đ", "n", "ng", "nh", "t", "th", "tr", "x"]),
    st.sampled_from(VOWELS),
    st.integers(0, 5),
    st.sampled_from(["", "c", "i", "n", "ng", "u"]),
)
phrases = st.lists(syllables, min_size=1, max_size=3).map(" ".join)


def dictionary_order(phrase: str) -> tuple[list[int], list[int]]:
    """Letters first (a blank before them all), then the tone of each word; no Unicode tables involved."""
    letters = [ALPHABET.find(PLAIN.get(c, c)) for c in phrase]
    return letters, [max(TONE.get(c, 0) for c in word) for word in phrase.split(" ")]


@given(phrases, phrases)
def test_keys_sort_as_the_dictionary_does(one: str, other: str) -> None:
    wanted, other_wanted = dictionary_order(one), dictionary_order(other)
    key, other_key = sort_key(one).encode("ascii"), sort_key(other).encode("ascii")
    assert (key < other_key) == (wanted < other_wanted)
    assert (key == other_key) == (wanted == other_wanted)


def test_single_letters_in_order() -> None:
    for letters in (ALPHABET, "".join(VOWELS)):
        backwards = letters[::-1]
        assert sorted(backwards, key=sort_key) == list(letters)


@pytest.mark.parametrize(
    "ordered",
    [
        "an ăn ân",
        "ca cà cả cã cá cạ",
        "da đa e",
        "az ăb âb",
        "ma mà mả mã má mạ man màn mang",
        "o ô ơ p",
        "u ư v",
        "2 a",
        "dz đa",
    ],
)
def test_words_in_order(ordered: str) -> None:
    words = ordered.split()
    backwards = words[::-1]
    assert sorted(backwards, key=sort_key) == words


def test_phrases_in_order() -> None:
    phrases = ["10 trứng", "chè", "chè Tân Cương", "chẻ", "chè đắng", "cheo", "Na La Hiên", "nấm", "中国茶"]
    wanted = ["10 trứng", "chè", "chẻ", "chè đắng", "chè Tân Cương", "cheo", "Na La Hiên", "nấm", "中国茶"]
    assert sorted(phrases, key=sort_key) == wanted


def test_keys_do_not_depend_on_spelling_variants() -> None:
    assert sort_key("hoà") == sort_key("HÒA") == sort_key("ho\u0300a") == sort_key("  hòa! ")
    assert sort_key("Ðịnh Hoá") == sort_key("định hóa")


def test_the_key_is_as_documented() -> None:
    assert sort_key("Chè đắng") == "che-d{a{ng 14"
    assert sort_key("") == " "


@given(st.text())
def test_every_key_is_printable_ascii(text: str) -> None:
    for key in (sort_key(text), name_sort_key(text)):
        assert all(" " <= c <= "~" for c in key)


def test_people_are_sorted_by_given_name() -> None:
    wanted = [
        "Trần Văn An",
        "Lê Thị Ánh",
        "Nguyễn Ánh",
        "Nguyễn Thị Ánh",
        "Trần Bình",
        "Đỗ Ca",
        "An Cà",
        "Y Đam",
    ]
    backwards = wanted[::-1]
    assert sorted(backwards, key=name_sort_key) == wanted


@pytest.mark.parametrize(
    ("typed", "shown", "given"),
    [
        ("  nguyễn   thị hoa ", "Nguyễn Thị Hoa", "Hoa"),
        ("NGUYỄN THỊ ĐÀO", "Nguyễn Thị Đào", "Đào"),
        ("đỗ ân", "Đỗ Ân", "Ân"),
        ("H'Hen Niê", "H'Hen Niê", "Niê"),
        ("Lò Văn McDo", "Lò Văn McDo", "McDo"),
        ("Sơn", "Sơn", "Sơn"),
        ("", "", ""),
    ],
)
def test_names(typed: str, shown: str, given: str) -> None:
    assert shown_name(typed) == shown
    assert given_name(typed) == given


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Định Hoá", "dinh hoa"),
        ("Định Hóa", "dinh hoa"),
        ("Ðịnh Hóa", "dinh hoa"),
        ("Ðà Nẵng, ðường", "da nang duong"),
        ("MIẾN  Việt-Cường (500g)", "mien viet cuong 500g"),
        ("thuỷ thủy", "thuy thuy"),
        ("mỳ mì", "my mi"),
        ("rượu men lá", "ruou men la"),
        ("chè\u0301", "che"),
        ("ﬁ ² Ⅳ \uff2e\uff41", "fi 2 iv na"),
        ("_tea_", "tea"),
        ("İ", "i"),
        ("… !", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


def test_folding_twice_changes_nothing_for_any_character() -> None:
    for code_point in range(sys.maxunicode + 1):
        folded = fold(chr(code_point))
        assert fold(folded) == folded, hex(code_point)


@given(st.text())
def test_folded_text_is_words_and_blanks(text: str) -> None:
    folded = fold(text)
    assert folded == folded.strip() and "  " not in folded
    assert all(c.isalnum() or c == " " for c in folded)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Che\u0300  Tha\u0301i\tNguye\u0302n\n", "Chè Thái Nguyên"),
        ("na\u00a0dai", "na dai"),
        ("na\x00 \u200bdai\ufeff\x07", "na dai"),
        ("\u202eabc\u202c", "abc"),
        ("a\x85b\u2028c", "a b c"),
        ("\ud800x", "x"),
        ("", ""),
    ],
)
def test_nfc(text: str, clean: str) -> None:
    assert nfc(text) == clean


@given(st.text())
def test_clean_text_stays(text: str) -> None:
    clean = nfc(text)
    assert nfc(clean) == clean == unicodedata.normalize("NFC", clean)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in clean)
    assert nfc_lines(nfc_lines(text)) == nfc_lines(text)


def test_lines_stay_lines() -> None:
    assert nfc_lines("\r\n a  b\r\nc\x00\n\n\n\n d \n") == "a b\nc\n\nd"


@pytest.mark.parametrize(
    ("text", "length", "ascii_text"),
    [
        ("Nguyễn Thị Đào", 25, "NGUYEN THI DAO"),
        ("Hợp tác xã Chè Tân Cương \u2013 Thái Nguyên", 25, "HOP TAC XA CHE TAN CUONG"),
        ("A&B Co., Ltd", 25, "A B CO LTD"),
        ("中国 tea ß", 25, "TEA SS"),
        ("abc def", 4, "ABC"),
        ("Đ", 0, ""),
        ("٣ 3", 5, "3"),
    ],
)
def test_ascii_name(text: str, length: int, ascii_text: str) -> None:
    assert ascii_name(text, length) == ascii_text


@given(st.text(), st.integers(0, 30))
def test_ascii_names_fit(text: str, length: int) -> None:
    name = ascii_name(text, length)
    assert len(name) <= length and name == name.strip() and "  " not in name
    assert all("A" <= c <= "Z" or "0" <= c <= "9" or c == " " for c in name)
    assert ascii_name(name, length) == name


@pytest.mark.parametrize(
    ("text", "length", "made"),
    [
        ("Chè Đinh Tân Cương (hộp 100g)", 60, "che-dinh-tan-cuong-hop-100g"),
        ("Chè Đinh Tân Cương", 12, "che-dinh-tan"),
        ("Chè Đinh Tân Cương", 14, "che-dinh-tan"),
        ("Chèèèèèè", 3, "che"),
        ("!!!", 60, ""),
    ],
)
def test_slug(text: str, length: int, made: str) -> None:
    assert slug(text, length) == made


@given(st.text(), st.integers(1, 30))
def test_slugs_fit(text: str, length: int) -> None:
    made = slug(text, length)
    assert len(made) <= length and slug(made, length) == made
    assert all("a" <= c <= "z" or "0" <= c <= "9" or c == "-" for c in made)
    assert made == made.strip("-")
