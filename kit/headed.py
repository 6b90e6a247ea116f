"""Sheets whose columns are found by their heads: which column holds what, and what a row says there. Pure."""

from collections.abc import Mapping, Sequence

from kit.text import fold

Heads = Mapping[str, Sequence[str]]


def columns_in(row: Sequence[str], heads: Heads) -> dict[str, int]:
    """Which column of a row of heads holds what, by folded names («Mã đơn» is "ma don"); the first that fits."""
    folded = [fold(cell.strip()).replace("_", " ") for cell in row]
    found: dict[str, int] = {}
    for name, words in heads.items():
        place = next((n for n, cell in enumerate(folded) if cell in words), None)
        if place is not None:
            found[name] = place
    return found


def cell_at(row: Sequence[str], column: int | None) -> str:
    """What stands in a column of a row; "" where the row is too short or has no such column."""
    return row[column].strip() if column is not None and column < len(row) else ""
