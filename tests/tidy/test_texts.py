"""English is complete: every Vietnamese text of the code and the pages has its English."""

import re
import string
import sys
from pathlib import Path

import pytest

from kit.i18n import PACKAGES, catalogue

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin"))

from messages import missing  # noqa: E402


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_has_its_english(package: str) -> None:
    """`make messages` lists them."""
    assert not missing(package)


@pytest.mark.parametrize("package", PACKAGES)
def test_translations_keep_the_places_for_values(package: str) -> None:
    """The same {names} and %(names)s on both sides, else showing the sentence would fail."""
    for message in catalogue(package, "en"):
        if not message.id:
            continue
        source = message.id[0] if isinstance(message.id, list | tuple) else message.id
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            assert places(source) == places(text), source


def places(text: str) -> set[str]:
    """The names of the places for values in a text."""
    old = set(re.findall(r"%\((\w+)\)s", text))
    return old or {name for _, name, _, _ in string.Formatter().parse(text) if name}
