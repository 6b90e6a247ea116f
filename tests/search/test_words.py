"""Words as the index knows them, synonyms, slips, and what a typed query is understood as."""

import re
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.attempts import attempts, lessened, widened
from search.reading import near_words, read
from search.small_words import is_small, longest_small
from search.synonyms import Synonyms, synonyms
from search.vocabulary import Vocabulary
from search.words import (
    coded,
    coded_words,
    fits,
    folded_words,
    from_keys,
    is_syllable,
    pieces,
    unmarked,
    words,
)

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


SHELF_TEXT = "mat ong che dinh ban ghe na ri la hien tan cuong quan mien rau mui ngo asuka mo"
SHELF = Vocabulary(dict.fromkeys(SHELF_TEXT.split(), 2), places=["tân cương", "na rì", "la hiên"])


def said(text: str, *, places: bool = True) -> list[str]:
    """The parts of a query by their likeliest choice; one that may only stand together is in brackets."""
    reading = read(text, SHELF, synonyms(), places=places)
    tops = [part.choices[0] for part in reading.parts]
    bound = [len(part.choices) == 1 and len(part.choices[0].phrase) > 1 for part in reading.parts]
    texts = (" ".join(word.folded for word in top.phrase) for top in tops)
    return [f"[{text}]" if together else text for text, together in zip(texts, bound, strict=True)]


def test_places_the_index_knows_stand_together() -> None:
    assert said("chè tân cương") == ["che", "[tan cuong]"]
    assert said("che tan cuong") == ["che", "[tan cuong]"]
    assert said("chè tản cương") == ["che", "tan", "cuong"]
    assert said("che tan cuog") == ["che", "[tan cuong]"]
    assert said("che tan cuong", places=False) == ["che", "tan", "cuong"]
    assert said("na ri") == ["[na ri]"]
    assert said("na") == ["na"]


def test_words_of_asking_and_praising_are_no_condition() -> None:
    assert said("mua mật ong nguyên chất giá rẻ") == ["mat ong"]
    assert said("shop ơi cho mình hỏi chè đinh") == ["che", "dinh"]
    assert said("giá rẻ") == ["gia re"]
    assert said("ban ghe") == ["ban", "ghe"], "without marks it may be «bàn»"
    assert said("bán ghe") == ["ghe"]
    assert said("mat ong o dau") == ["mat ong"]
    praise = read("mật ong nguyên chất", SHELF, synonyms()).praise
    assert [[word.folded for word in phrase] for phrase in praise] == [["nguyen", "chat"]]


def test_a_syllable_typed_with_marks_was_seen_and_is_no_slip() -> None:
    assert near_words(words("mật")[0], KNOWN) == ()
    assert read("máy giặt", Vocabulary({"ma": 1, "giac": 1}), synonyms()).mended is None
    assert read("may", Vocabulary({"ma": 1}), synonyms()).mended == "ma"
    assert read("nấm hươn", Vocabulary({"nam": 1, "huong": 1}), synonyms()).mended == "nam huong"


def test_synonyms_hold_for_what_was_mended_too() -> None:
    def choices(text: str) -> set[str]:
        known = Vocabulary(
            {"lap": 1, "suon": 1, "xuong": 1, "tinh": 1, "nghe": 1, "bot": 1, "rau": 1, "mui": 1}
        )
        reading = read(text, known, synonyms())
        return {" ".join(word.coded for word in one.phrase) for one in reading.parts[0].choices}

    assert "lap suon" in choices("lap xuonh")
    assert "tinh nghe" in choices("tinh bot ngeh")
    assert "khoai mi" not in choices("lap xuong")
    assert "ngof" in choices("rau mui"), "one syllable for two words keeps its marks"


def test_words_of_synonyms_are_known_though_no_listing_has_them() -> None:
    """«Heo» typed in Telex where all say «lợn»; a slip in «xưởng» where all say «sườn»."""
    counts = dict.fromkeys(synonyms().words, 0) | {"thit": 2, "lon": 2, "lap": 1, "suon": 1}
    known = Vocabulary(counts)

    def choices(text: str, part: int) -> set[str]:
        tops = read(text, known, synonyms()).parts[part].choices
        return {" ".join(word.folded for word in choice.phrase) for choice in tops}

    assert "lon" in choices("thitj heof", 1)
    assert "lap suon" in choices("laps xuowngr", 0) & choices("lap xuonh", 0)


def test_a_synonym_is_no_slip_though_no_listing_has_it() -> None:
    (part,) = read("chà bông", Vocabulary({"cha": 1, "bon": 1}), synonyms()).parts
    assert part.known
    assert [" ".join(word.folded for word in one.phrase) for one in part.choices] == [
        "cha bong",
        "cha bong",
        "ruoc",
    ]


def test_brands_that_are_no_syllables_come_apart_in_known_halves() -> None:
    assert SHELF.halves("moasuka") == [("mo", "asuka")]
    assert SHELF.halves("mo") == []
    assert understood("moasuka") is None
    assert read("moasuka", SHELF, synonyms()).mended == "mo asuka"


def test_what_is_tried_goes_from_strict_to_loose() -> None:
    tried = list(attempts("chè đinh tân cương xyzabc", SHELF, synonyms()))
    assert [one.loose for one in tried] == sorted(one.loose for one in tried)
    assert not tried[0].loose and tried[-1].loose
    loose = [choice for one in tried if one.loose for part in one.parts for choice in part.choices]
    assert all(choice.exact for choice in loose), "marks stand as typed where something was let go"
    assert [one.parts for one in attempts("  ", SHELF, synonyms())] == [()]
    assert list(attempts("!!!", SHELF, synonyms())) == []


def test_what_is_left_of_strange_words_is_not_searched() -> None:
    assert not [one for one in attempts("xyzabc chè", SHELF, synonyms()) if one.loose]
    assert not [one for one in attempts("thuốc lá", SHELF, synonyms()) if one.loose]
    assert [one for one in attempts("mat ong xyzabc", SHELF, synonyms()) if one.loose]


def test_small_words_are_written_once_and_with_their_marks() -> None:
    lines = files("search").joinpath("data/small_words.txt").read_text("utf-8").splitlines()
    phrases = [one.strip() for line in lines if not line.startswith("#") for one in line.split(",")]
    assert len(phrases) == len(set(phrases))
    assert all(is_small(words(phrase)) and len(words(phrase)) <= longest_small() for phrase in phrases)
    assert not is_small(words("mà")) and not is_small(words("chè"))


def test_every_synonym_finds_the_others_of_its_line() -> None:
    """Each line of the file, from its first phrase, with and without marks."""
    lines = files("search").joinpath("data/synonyms.txt").read_text("utf-8").splitlines()
    for line in (line.partition("@")[0] for line in lines if line and not line.startswith("#")):
        first, *rest = (words(part) for part in re.split("[=~>]", line))
        for typed in (first, unmarked(first)):
            found = {other.phrase for other in synonyms().others(typed)}
            assert {*rest} <= found, line
