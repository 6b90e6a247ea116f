"""Forms: what is read, what is refused with which sentence, and that nothing odd breaks them."""

from datetime import date
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.forms import Form, choice, day, dong, flag, matching, phone, text, whole
from kit.i18n import say, translated


class Colour(StrEnum):
    """Two colours."""

    GREEN = "green"
    RED = "red"


class TeaForm(Form):
    """A form with every kind of field."""

    name = text(max_length=20)
    note = text(max_length=200, required=False)
    price_dong = dong(least=1_000, most=1_000_000)
    stock = whole(least=0, most=999)
    colour = choice(Colour)
    phone = phone()
    code = matching(r"[A-Z]{3}", say("Mã cần ba chữ in hoa."))
    fresh = flag()

    def check(self) -> None:
        """Red tea is never fresh."""
        if self.colour == Colour.RED and self.fresh:
            self.wrong("fresh", say("Chè đỏ không còn tươi."))


GOOD = {
    "name": "Chè  đinh",
    "price_dong": "35.000",
    "stock": "12",
    "colour": "green",
    "phone": "0912 345 678",
    "code": "ABC",
    "fresh": "1",
}


def test_a_good_form_has_clean_values() -> None:
    """NFC and single blanks, numbers as numbers, choices as their enum, phones as E.164."""
    form = TeaForm.read(GOOD)
    assert form.ok
    assert (form.name, form.price_dong, form.stock, form.colour) == ("Chè đinh", 35_000, 12, Colour.GREEN)
    assert (form.phone, form.fresh, form.note) == ("+84912345678", True, "")


def test_the_same_form_reads_json() -> None:
    """Numbers and booleans as JSON has them."""
    form = TeaForm.read({**GOOD, "price_dong": 35_000, "stock": 12, "fresh": True})
    assert form.ok and form.price_dong == 35_000 and form.fresh


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "Ô này cần được điền."),
        ("name", "x" * 21, "Nhiều nhất 20 chữ. Bạn vừa nhập 21."),
        ("price_dong", "abc", "Số tiền cần là số đồng, ví dụ 35.000. Bạn vừa nhập «abc»."),
        ("price_dong", "500", "Số tiền từ 1.000\u00a0₫ đến 1.000.000\u00a0₫. Bạn vừa nhập 500\u00a0₫."),
        ("stock", "1,5", "Ô này cần một số nguyên, ví dụ 1."),
        ("stock", "1000", "Số từ 0 đến 999. Bạn vừa nhập 1000."),
        ("colour", "blue", "Hãy chọn một trong các mục."),
        ("phone", "12345", "Số điện thoại cần 10 chữ số và bắt đầu bằng 0, ví dụ 0912 345 678."),
        ("phone", "", "Cần số điện thoại, ví dụ 0912 345 678."),
        ("code", "abc", "Mã cần ba chữ in hoa."),
    ],
)
def test_a_mistake_is_said_at_its_field_and_what_was_typed_is_kept(
    field: str, typed: str, sentence: str
) -> None:
    """One sentence, in words, at the right place."""
    form = TeaForm.read({**GOOD, field: typed})
    assert list(form.errors) == [field]
    assert str(form.errors[field]) == sentence
    assert form.typed[field] == typed
    assert field == "code" or translated(form.errors[field], "en") != sentence


def test_rules_between_fields_are_checked_when_each_field_is_right() -> None:
    """check() runs last."""
    assert list(TeaForm.read({**GOOD, "colour": "red"}).errors) == ["fresh"]
    assert "fresh" not in TeaForm.read({**GOOD, "colour": "red", "name": ""}).errors


def test_the_schema_says_what_read_takes() -> None:
    """Required fields, bounds and words."""
    schema = TeaForm.schema()
    assert schema["required"] == ["name", "price_dong", "stock", "colour", "phone", "code"]
    assert schema["properties"]["colour"]["enum"] == ["green", "red"]  # type: ignore[index]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "note", "other"]), json_values))
def test_anything_at_all_gives_values_or_sentences(values: dict[str, object]) -> None:
    """No input makes a form fail; a field is either clean or has its sentence."""
    form = TeaForm.read(values)
    for sentence in form.errors.values():
        assert str(sentence) and translated(sentence, "en")
    if form.ok:
        assert isinstance(form.price_dong, int) and isinstance(form.colour, Colour)


DAY_SCHEMA = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


class DayForm(Form):
    """Two days, one of which may be left open."""

    picked_on = day()
    best_before = day(required=False)


@pytest.mark.parametrize("typed", ["21/11/2026", "2026-11-21", "21-11-2026", " 21.11.2026 "])
def test_days_are_read_as_people_and_date_fields_write_them(typed: str) -> None:
    form = DayForm.read({"picked_on": typed})
    assert form.ok and (form.picked_on, form.best_before) == (date(2026, 11, 21), None)


@pytest.mark.parametrize(
    "typed", ["31/02/2026", "11/21/2026", "21/11/26", "hôm qua", "2026-11-21T10:00", "²/1/2026"]
)
def test_what_is_no_day_is_said_with_an_example(typed: str) -> None:
    form = DayForm.read({"picked_on": "21/11/2026", "best_before": typed})
    assert "Ngày cần viết như 21/11/2026." in str(form.errors["best_before"])
    assert DayForm.schema()["properties"]["picked_on"] == DAY_SCHEMA  # type: ignore[index]
