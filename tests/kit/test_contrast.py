"""Contrast of the colours in tokens.css, light and dark (WCAG 2.2, 1.4.3 and 1.4.6); weight of the style sheets."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSS = ROOT / "static" / "css"
BODY, OTHER, SHAPE = 7.0, 4.5, 3.0

# text (or shape), what it stands on, least contrast
PAIRS = [
    ("ink", "page", BODY),
    ("ink", "card", BODY),
    ("ink", "leaf", BODY),
    ("ink", "sun-ground", BODY),
    ("ink", "lacquer-ground", BODY),
    ("page", "ink", BODY),
    ("quiet", "page", BODY),
    ("quiet", "card", BODY),
    ("quiet", "leaf", OTHER),
    ("tea", "page", OTHER),
    ("tea", "card", OTHER),
    ("tea", "leaf", OTHER),
    ("tea-deep", "card", OTHER),
    ("tea-deep", "page", OTHER),
    ("on-tea", "tea", OTHER),
    ("on-tea", "tea-deep", OTHER),
    ("turmeric", "card", OTHER),
    ("turmeric", "page", OTHER),
    ("turmeric", "sun-ground", OTHER),
    ("lacquer", "page", OTHER),
    ("lacquer", "card", OTHER),
    ("lacquer", "lacquer-ground", OTHER),
    ("on-lacquer", "lacquer", OTHER),
    ("edge", "card", SHAPE),
    ("edge", "page", SHAPE),
]


def colours(scheme: str) -> dict[str, str]:
    """The colour tokens of one scheme: name without dashes -> "#rrggbb"."""
    light, dark = (CSS / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    return found


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb" (WCAG 2.2, definition of relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two colours, 1 to 21."""
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_text_can_be_read(scheme: str, text: str, ground: str, least: float) -> None:
    found = colours(scheme)
    assert contrast(found[text], found[ground]) >= least


def test_dark_scheme_changes_every_light_colour() -> None:
    light, dark = colours("light"), colours("dark")
    assert {name for name in light if light[name] == dark[name]} <= {"sun"}


def sheets_of_every_page() -> list[Path]:
    """The style sheets that base.html names."""
    base = (ROOT / "kit" / "templates" / "base.html").read_text()
    listed = re.search(r"for sheet in \((.+?)\)", base)
    assert listed
    return [CSS / f"{name}.css" for name in [*re.findall(r'"(\w+)"', listed[1]), "print"]]


def test_every_custom_property_in_use_exists() -> None:
    tokens = (CSS / "tokens.css").read_text()
    for sheet in CSS.glob("*.css"):
        text = sheet.read_text()
        without_fallback = re.findall(r"var\(--([\w-]+)\)", text)
        missing = {name for name in without_fallback if f"--{name}:" not in tokens + text}
        assert not missing, sheet.name


def test_sheets_of_every_page_weigh_at_most_30_kb() -> None:
    assert sum(sheet.stat().st_size for sheet in sheets_of_every_page()) <= 30_000
