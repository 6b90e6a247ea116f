"""Parts of pages that are kept: drawn once for what they show, and never for anything else."""

from dataclasses import dataclass, replace

import pytest
from markupsafe import Markup

from kit.i18n import LANGUAGES
from kit.web.fragments import Fragments
from kit.web.render import environment

GRID = '{% from "macros/card.html" import product_grid %}{{ product_grid(cards) }}'
WORDS = '{% from "macros/states.html" import pill %}{{ pill(text) }}'


@dataclass(frozen=True)
class Shown:
    """What a card shows."""

    url: str = "/goods/x"
    picture_url: str = "/media/x.webp"
    name: str = "Chè móc câu <b>"
    price_dong: int = 35_000
    unit: str = "gói"
    seller: str = "HTX chè"
    commune: str = "Tân Cương"
    stars: int = 4
    sold_out: bool = False


def test_a_macro_draws_equal_arguments_once() -> None:
    """In order, by name, and with their defaults each have a fragment."""
    asked: list[object] = []

    def draw(text: str, size: str = "") -> Markup:
        asked.append((text, size))
        return Markup("<i>{}</i>").format(text)

    kept = Fragments().kept("draw", draw)
    assert [kept("a"), kept("a"), kept("a", size="big"), kept("a", size="big"), kept("b")] == [
        "<i>a</i>",
        "<i>a</i>",
        "<i>a</i>",
        "<i>a</i>",
        "<i>b</i>",
    ]
    assert asked == [("a", ""), ("a", "big"), ("b", "")]


def test_macros_with_equal_arguments_are_told_apart_by_their_names() -> None:
    """Two macros share what is kept of one language."""
    kept = Fragments()
    assert kept.kept("one", lambda text: Markup("1"))("a") == "1"
    assert kept.kept("two", lambda text: Markup("2"))("a") == "2"


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_and_text_of_the_same_letters_are_two_fragments(language: str) -> None:
    """Else a text that somebody typed would come out as the markup that was drawn before it."""
    drawn = environment(language).from_string(WORDS)
    assert "<b>a</b>" in drawn.render(text=Markup("<b>a</b>"))
    assert "&lt;b&gt;a&lt;/b&gt;" in drawn.render(text="<b>a</b>")


def test_what_may_change_is_drawn_each_time() -> None:
    """A list has no hash: nobody knows whether it is still the same."""
    asked: list[object] = []
    kept = Fragments().kept("draw", lambda lines: Markup(asked.append(1) or len(lines)))
    assert [kept(["a"]), kept(["a"])] == ["1", "1"] and len(asked) == 2


def test_when_it_is_full_keeping_begins_anew() -> None:
    """It never holds more than so many."""
    asked: list[int] = []
    kept = Fragments(most=2).kept("draw", lambda number: Markup(asked.append(number) or number))
    for number in (1, 2, 1, 3, 1):
        assert kept(number) == str(number)
    assert asked == [1, 2, 3, 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_shows_every_change_at_once(language: str) -> None:
    """A new price, the last piece gone, another star: each is another card."""
    drawn, card = environment(language).from_string(GRID), Shown()
    first = drawn.render(cards=[card])
    assert drawn.render(cards=[replace(card)]) == first and "Chè móc câu &lt;b&gt;" in first
    for changed in (
        replace(card, price_dong=36_000),
        replace(card, sold_out=True),
        replace(card, stars=5),
        replace(card, name="Chè đinh"),
    ):
        assert drawn.render(cards=[changed]) != first
    assert drawn.render(cards=[card]) == first


def test_a_page_may_have_any_field_of_its_own() -> None:
    """A page that says «kept» of something else does not take the macros' tool away."""
    with_context = GRID.replace(" %}", " with context %}", 1)
    assert "HTX chè" in environment("vi").from_string(with_context).render(cards=[Shown()], kept=("a",))
