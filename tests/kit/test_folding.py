"""What is the same each time is worked out when a template is compiled, and gives what it gave before."""

import pytest
from jinja2 import DictLoader
from markupsafe import Markup

from kit.i18n import LANGUAGES, translations
from kit.web.folding import FoldingEnvironment
from kit.web.render import asset, environment


def folding(**templates: str) -> FoldingEnvironment:
    made = FoldingEnvironment(loader=DictLoader(templates), autoescape=True)
    made.folds = {"shout": lambda text: Markup(f"<b>{text.upper()}</b>"), "plain": str.upper}
    made.globals.update(shout=lambda text: f"called {text}", plain=lambda text: f"called {text}")
    return made


@pytest.mark.parametrize(
    ("template", "drawn"),
    [
        ("{{ shout('a') }}", "<b>A</b>"),
        ("{{ plain('<a>') }}", "&lt;A&gt;"),
        ("{{ shout(word) }}", "called w"),
        ("{{ shout('a') ~ plain('b') }}", "called acalled b"),
        ("{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(shout('a')) }}", "[<b>A</b>]"),
        ("{% set x = plain('a') %}{{ x }}{{ x|lower }}", "Aa"),
    ],
)
def test_calls_with_a_plain_text_are_folded(template: str, drawn: str) -> None:
    assert folding(page=template).get_template("page").render(word="w") == drawn


def test_what_cannot_be_told_yet_is_called() -> None:
    made = folding(page="{{ shout('a') }}")

    def refuses(text: str) -> object:
        raise KeyError(text)

    made.folds = {"shout": refuses}
    assert made.get_template("page").render() == "called a"


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_read_as_jinja_reads_them(language: str) -> None:
    made = environment(language)
    plain = translations(language).gettext("Tìm hàng trong chợ")
    drawn = made.from_string('{{ _("Tìm hàng trong chợ") }}|{{ _("Tìm «%(words)s»", words="<a>") }}').render()
    assert drawn.startswith(f"{plain}|") and "&lt;a&gt;" in drawn
    assert made.from_string("{{ asset('css/page.css') }}").render() == asset("css/page.css")
