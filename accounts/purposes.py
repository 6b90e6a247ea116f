"""What people are asked to agree to: each purpose by itself, its words in versions that are kept for ever.

Law 91/2025/QH15 on personal data: consent is given for each purpose, can be proven and withdrawn; silence is none.
What an order itself needs (name, phone, address for the post) rests on the order and is not asked here.
The words stand in data/consent_texts.csv; a changed text is a new row with the next version.
"""

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from kit.i18n import LANGUAGES

TEXTS_CSV = Path(__file__).with_name("data") / "consent_texts.csv"


class Purpose(StrEnum):
    """What personal data may be used for beyond what was ordered."""

    ORDER_TEXTS = "order_texts"
    IDENTITY_CHECK = "identity_check"
    STATISTICS = "statistics"


@dataclass(frozen=True)
class ConsentText:
    """The words of one version, by language."""

    purpose: Purpose
    version: int
    valid_from: date
    titles: dict[str, str]
    words: dict[str, str]


def text_on(purpose: Purpose, day: date) -> ConsentText:
    """The words in force on a day. LookupError before the first."""
    found = [one for one in _texts() if one.purpose == purpose and one.valid_from <= day]
    if not found:
        raise LookupError(f"no words for {purpose} on {day}")
    return max(found, key=lambda one: one.version)


def text_of(purpose: Purpose, version: int) -> ConsentText:
    """The words that somebody agreed to. LookupError when there was never such a version."""
    for one in _texts():
        if (one.purpose, one.version) == (purpose, version):
            return one
    raise LookupError(f"no version {version} of {purpose}")


@cache
def _texts() -> list[ConsentText]:
    with TEXTS_CSV.open(encoding="utf-8", newline="") as file:
        return [
            ConsentText(
                Purpose(row["purpose"]),
                int(row["version"]),
                date.fromisoformat(row["valid_from"]),
                {language: row[f"title_{language}"] for language in LANGUAGES},
                {language: row[f"text_{language}"] for language in LANGUAGES},
            )
            for row in csv.DictReader(file)
        ]
