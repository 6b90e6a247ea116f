"""The catalogue of OCOP products: names to choose from while writing a listing, with what usually goes with them."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.text import fold

CATALOGUE_CSV = Path(__file__).resolve().parents[1] / "data" / "catalogue.csv"
TYPED_MAX = 120
ROWS_MAX = 6


@dataclass(frozen=True)
class CatalogueRow:
    """A product: name, code of the kind, the unit it is usually sold by, and what one weighs packed for the post."""

    name: str
    kind: str
    unit: str
    weight_g: int


def catalogue_like(typed: str, limit: int = ROWS_MAX) -> list[CatalogueRow]:
    """Products in whose names each typed word begins a word, accents or not; names that begin so come first."""
    words = fold(typed[:TYPED_MAX]).split()
    if not words:
        return []
    start = " ".join(words)
    found = [(not name.startswith(start), row) for name, row in _rows() if _fits(words, name.split())]
    return [row for _, row in sorted(found, key=lambda one: one[0])][:limit]


def _fits(words: list[str], name: list[str]) -> bool:
    return all(any(part.startswith(word) for part in name) for word in words)


@cache
def _rows() -> tuple[tuple[str, CatalogueRow], ...]:
    """Every product with its name in the search form, in the order of the file."""
    with CATALOGUE_CSV.open(encoding="utf-8", newline="") as file:
        rows = [
            CatalogueRow(one["name"], one["kind"], one["unit"], int(one["weight_g"]))
            for one in csv.DictReader(file)
        ]
    return tuple((fold(row.name), row) for row in rows)
