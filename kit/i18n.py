"""Sentences in the reader's language: Vietnamese is what the code says, English comes from the catalogues."""

from collections.abc import Callable, Mapping
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LANGUAGES = ("vi", "en")
PACKAGES = ("kit", "accounts", "vendors", "search", "payments", "postal", "orders", "market")
# The value that counts a sentence whose English has one form for one and another for many: the first it has of these.
COUNTS = ("n", "count", "most", "days", "stars")
_ROOT = Path(__file__).resolve().parent.parent


class Sentence(NamedTuple):
    """A text for a person, translated only when it is shown."""

    text: str
    values: dict[str, object]

    def __str__(self) -> str:
        return translated(self, "vi")


def say(text: str, **values: object) -> Sentence:
    """A sentence from its Vietnamese text with {places} for values."""
    return Sentence(text, values)


def translated(sentence: Sentence | str, language: str) -> str:
    """The sentence in "vi" or "en"; values that are sentences are translated too."""
    if isinstance(sentence, str):
        return counted(sentence, {}, language)
    values = {
        k: translated(v, language) if isinstance(v, Sentence) else v for k, v in sentence.values.items()
    }
    return counted(sentence.text, values, language).format(**values)


def gettext_for(language: str) -> Callable[[str], str]:
    """The gettext function of a language."""
    return translations(language).gettext


def counted(text: str, values: Mapping[str, object], language: str) -> str:
    """A text in "vi" or "en" with its places still open, in the form for one or for many of what its values count."""
    count = next((values[name] for name in COUNTS if name in values), None)
    return translations(language).ngettext(text, text, 1 if str(count) == "1" else 2)


@cache
def translations(language: str) -> NullTranslations:
    """All packages' catalogues of a language as one; Vietnamese needs none."""
    if language == "vi":
        return NullTranslations()
    return _Merged([catalogue(package, language) for package in PACKAGES])


def catalogue(package: str, language: str) -> Catalog:
    """One package's catalogue as it stands in <package>/locale/<language>.po; empty when there is none."""
    path = _ROOT / package / "locale" / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


class _Merged(NullTranslations):
    """Translations looked up in several catalogues held as one table."""

    def __init__(self, catalogues: list[Catalog]) -> None:
        super().__init__()
        self._table: dict[str, str | tuple[str, ...]] = {}
        for one in catalogues:
            for message in one:
                if message.id and message.string and any(message.string):
                    key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
                    self._table[key] = (
                        tuple(message.string) if isinstance(message.string, (tuple, list)) else message.string
                    )

    def gettext(self, message: str) -> str:
        found = self._table.get(message, message)
        return found if isinstance(found, str) else found[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        found = self._table.get(msgid1, (msgid1, msgid2))
        return found if isinstance(found, str) else found[0 if n == 1 else 1]
