"""English has one form for one and another for many; Vietnamese has one for both."""

import pytest

from kit.i18n import counted, say, translated
from kit.web.render import environment

PARCELS = "%(n)s bưu gửi"
SECONDS = "Mã vừa được gửi đi. Bạn chờ {n} giây nữa rồi lấy mã mới."


@pytest.mark.parametrize(
    ("n", "english"), [(0, "0 parcels"), (1, "1 parcel"), (2, "2 parcels"), (24, "24 parcels")]
)
def test_a_page_says_one_and_many(n: int, english: str) -> None:
    words = '{{ _("%(n)s bưu gửi", n=n) }}'
    assert environment("en").from_string(words).render(n=n) == english
    assert environment("vi").from_string(words).render(n=n) == f"{n} bưu gửi"


def test_a_sentence_of_the_code_says_one_and_many() -> None:
    assert "1 more second," in translated(say(SECONDS, n=1), "en")
    assert "30 more seconds," in translated(say(SECONDS, n=30), "en")
    assert "1 more second," in translated(say(SECONDS, n="1"), "en")
    assert translated(say(SECONDS, n=1), "vi") == SECONDS.format(n=1)


def test_what_a_page_is_given_is_escaped_and_what_the_catalogue_says_is_not() -> None:
    drawn = environment("en").from_string('{{ _("%(name)s đi lấy", name=name) }}').render(name="<b>")
    assert drawn == "&lt;b&gt; collects it"


def test_without_a_number_the_form_for_many_stands() -> None:
    assert counted(PARCELS, {}, "en") == "%(n)s parcels"
    assert counted(PARCELS, {"n": "99+"}, "en") == "%(n)s parcels"
