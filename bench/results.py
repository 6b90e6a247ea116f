"""Results: medians of several rounds, a table to read, and JSON under var/bench/ to compare with."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from kit.settings import ROOT

FOLDER = ROOT / "var" / "bench"
Row = Mapping[str, float | int | str]


def median_row(rows: Sequence[Row]) -> dict[str, float | int | str]:
    """One row from several rounds of the same measurement: the median of every number."""
    return {name: _median([row[name] for row in rows]) for name in rows[0]}


def show(name: str, rows: Sequence[Row], *, rounds: int, by: str) -> None:
    """Prints the table and writes var/bench/<name>.json."""
    kept = {
        "bench": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_by": by,
        "rounds": rounds,
        "rows": [dict(row) for row in rows],
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
    print(f"\n{name}: medians of {rounds} rounds, load by {by}, {os.cpu_count()} cores")
    print(table(rows), flush=True)


def table(rows: Sequence[Row]) -> str:
    """Rows as text in columns."""
    names = list(rows[0])
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    )


def _median(values: Sequence[float | int | str]) -> float | int | str:
    numbers = [value for value in values if not isinstance(value, str)]
    return round(statistics.median(numbers), 2) if len(numbers) == len(values) else values[0]


def _cell(value: float | int | str) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else value
