"""Words as the index knows them, synonyms, slips, and what a typed query is understood as."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.reading import lessened, read, widened
from search.synonyms import Synonyms, synonyms
from search.vocabulary import Vocabulary
from search.words import coded, coded_words, fits, folded_words, from_keys, is_syllable, pieces, words

KNOWN_TEXT = (
    "chè đinh tân cương thái nguyên miến việt mật ong mì gạo na la hiên bánh chưng lạp sườn rượu men trà"
)
KNOWN = Vocabulary({word.folded: 3 for word in words(KNOWN_TEXT)})
VIETNAMESE = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậếềểễệốồổỗộớờởỡợứừửữựýỳỷỹỵ ", max_size=40)


def understood(text: str) -> str | None:
    return read(text, KNOWN, synonyms()).mended


@pytest.mark.parametrize(
    ("text", "folded", "exact"),
    [
        ("Chè Đinh", "che dinh", "chef ddinh"),
        ("Mỳ gạo 500g", "mi gao 500g", "myf gaoj 500g"),
        ("Định Hoá", "dinh hoa", "ddijnh hoas"),
        ("Định Hóa", "dinh hoa", "ddijnh hoas"),
        ("thuỷ thủy", "thuy thuy", "thuyr thuyr"),
        ("Ðà Ð", "da d", "ddaf dd"),
        ("ly lý mỳ mì", "li li mi mi", "li lys myf mif"),
        ("rượu-mơ, (nguyễn)", "ruou mo nguyen", "ruwowuj mow nguyeexn"),
        ("", "", ""),
        ("!!! — …", "", ""),
    ],
)
def test_words_folded_and_coded(text: str, folded: str, exact: str) -> None:
    assert folded_words(text) == folded
    assert coded_words(text) == exact


def test_what_is_typed_so_far_begins_what_it_will_be() -> None:
    for whole in ("miến", "chè", "đinh", "cường", "nguyễn", "hoàn"):
        begun = [coded(whole[:length]) for length in range(1, len(whole) + 1)]
        assert coded(whole).startswith(begun[-2]), whole


@given(VIETNAMESE)
def test_marks_never_part_folded_from_coded(text: str) -> None:
    assert all(word.folded.isascii() and word.coded.isascii() for word in words(text))
    assert words(unicodedata.normalize("NFD", text)) == words(text)
    assert [word.folded for word in words(folded_words(text))] == [word.folded for word in words(text)]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("chef", "chè"),
        ("thais", "thái"),
        ("nguyeen", "nguyên"),
        ("mieens", "miến"),
        ("vieejt", "việt"),
        ("cuwowfng", "cường"),
        ("d9inh", "đinh"),
        ("tra2", "trà"),
        ("rwowuj", "rượu"),
        ("ruou75", "rượu"),
        ("thitj", "thịt"),
        ("my2", "mỳ"),
        ("gao5", "gạo"),
        ("ddinh", "đinh"),
        ("maatj", "mật"),
        ("ma65t", "mật"),
        ("ma8ng", "măng"),
        ("cu7o7ng", "cương"),
    ],
)
def test_keys_of_telex_and_vni(typed: str, wanted: str) -> None:
    (word,) = words(wanted)
    assert from_keys(typed) == word


@pytest.mark.parametrize(
    "typed", ["mien", "vicumax", "asuka", "500g", "organic", "", "chè", "ong", "a b", "7", "ocop5"]
)
def test_what_no_input_method_left_behind(typed: str) -> None:
    assert from_keys(typed) is None


@given(st.text(max_size=30))
def test_keys_of_anything_give_a_syllable_or_nothing(typed: str) -> None:
    word = from_keys(typed)
    assert word is None or is_syllable(word.folded)


def test_glued_words_come_apart_in_every_way() -> None:
    assert set(pieces("matong")) == {("ma", "tong"), ("mat", "ong")}
    assert ("che", "thai", "nguyen") in pieces("chethainguyen")
    assert pieces("xkcd") == ()
    assert pieces("a" * 5000) == ()


def test_marks_left_out_fit_but_other_marks_do_not() -> None:
    assert fits("che", "chef")
    assert fits("mieen", "mieesn")
    assert fits("myf", "mif")
    assert not fits("chees", "chef")
    assert not fits("chef", "che")


def test_synonyms_go_both_ways_unless_said_otherwise() -> None:
    def others(text: str) -> set[str]:
        return {" ".join(word.folded for word in other.phrase) for other in synonyms().others(words(text))}

    assert others("che") == {"tra"} == others("chè")
    assert others("trà") == {"che"}
    assert others("chế") == others("tra xanh") == set()
    assert "na" in others("mãng cầu ta")
    assert "mang cau ta" in others("qua na")
    assert others("mi gao") == {"bun gao kho"}
    assert others("bún gạo khô") == set()
    assert others("hợp tác xã") == {"htx"}


def test_every_line_of_synonyms_is_found_from_its_first_phrase() -> None:
    assert synonyms().longest >= 3
    with pytest.raises(ValueError, match="holds none of"):
        Synonyms(["chè trà"])


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("che dinh", None),
        ("chef thais nguyeen", "che thai nguyen"),
        ("my2 gao5", "mi gao"),
        ("matong", "mat ong"),
        ("mat ongg", "mat ong"),
        ("mien viet cuog", "mien viet cuong"),
        ("che thai nguyn tan cuong", "che thai nguyen tan cuong"),
        ("banh chugn", "banh chung"),
        ("lap suom", "lap suon"),
        ("banh xe", None),
        ("mie", None),
        ("xyz", None),
    ],
)
def test_slips_are_mended_and_known_words_are_not(typed: str, mended: str | None) -> None:
    assert understood(typed) == mended


def test_weights_are_one_word_however_they_are_written() -> None:
    for way in ("500g", "500 g", "0,5 kg", "0.5kg", "5 lạng", "5 lang", "500 gam"):
        assert [word.folded for word in words(f"chè {way} ngon")] == ["che", "500g", "ngon"]
    assert [word.folded for word in words("2 lít, 1 yến")] == ["2000ml", "10000g"]
    assert [word.folded for word in words("5 lan 3 con")] == ["5", "lan", "3", "con"]
    assert understood("che 501g") is None


def test_short_syllables_do_not_become_each_other() -> None:
    assert KNOWN.neighbours("nb") == ()
    assert "mat" not in KNOWN.neighbours("mot")
    assert "na" not in KNOWN.neighbours("ha")
    assert KNOWN.neighbours("mta") == ("mat",)
    assert KNOWN.neighbours("cuonh")[0] == "cuong"


def test_words_split_in_two_are_joined() -> None:
    parts = read("mi en viet cuong", KNOWN, synonyms()).parts
    assert [part.typed[0].folded for part in parts] == ["mien", "viet", "cuong"]


def test_less_is_wanted_only_where_enough_is_known() -> None:
    def fewer(text: str) -> list[tuple[int, int | None]]:
        found = lessened(read(text, KNOWN, synonyms()))
        return [(len(reading.parts), reading.enough) for reading in found]

    assert fewer("mat ong xyzabc") == [(1, None)]
    assert fewer("che na xyzabc") == [(2, None), (2, 1)]
    assert fewer("tan cuong thai") == [(3, 2)]
    assert fewer("tan cuong") == [(2, 1)]
    assert fewer("che 5 kg") == [(1, None)]
    assert fewer("xyz abc qqq che") == []


def test_a_known_word_may_be_a_slip_when_nothing_is_found() -> None:
    known = Vocabulary({"mien": 9, "viet": 9, "cuong": 5, "cuon": 1})
    (found,) = widened(read("mien viet cuon", known, synonyms()), known)
    assert found.mended == "mien viet cuong"


@given(st.text(max_size=200))
def test_anything_can_be_read(text: str) -> None:
    reading = read(text, KNOWN, synonyms())
    assert len(reading.parts) <= 12
    assert all(part.choices for part in reading.parts)
    assert len(reading.variants()) <= 6
