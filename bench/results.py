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
# What the table of all parts shows, by what the parts call it.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "a second": ("req/s", "orders/s", "accepted alone/s", "scans/s", "events/s", "posted/s", "accepted/s"),
    "p50 ms": ("p50 ms", "whole p50 ms", "accepted p50 ms", "page p50 ms"),
    "p95 ms": ("p95 ms", "whole p95 ms", "accepted p95 ms", "page p95 ms"),
    "p99 ms": ("p99 ms", "whole p99 ms", "accepted p99 ms", "page p99 ms"),
    "web CPU ms": ("CPU ms", "web CPU ms", "web CPU ms/order"),
    "worker CPU ms": ("worker CPU ms", "worker CPU ms/order"),
    "web MB": ("web MB",),
    "times the floor": ("times the floor",),
}
_shown: list[tuple[str, Row]] = []


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
    _shown.extend((name, row) for row in rows)


def show_all(*, took_seconds: float) -> None:
    """One table of everything that was shown by this process, and var/bench/all.json."""
    rows = [row for name, shown in _shown if len(row := _in_short(name, shown)) > 1]
    FOLDER.mkdir(parents=True, exist_ok=True)
    full = [{name: row.get(name, "") for name in ("what", *COLUMNS)} for row in rows]
    (FOLDER / "all.json").write_text(json.dumps(full, ensure_ascii=False, indent=1) + "\n")
    print(f"\nall of it in {took_seconds / 60:.0f} minutes\n{table(full) if full else ''}", flush=True)


def _in_short(name: str, row: Row) -> Row:
    kind = next((str(value) for value in row.values() if isinstance(value, str) and value), "")
    what: Row = {"what": f"{name}: {kind}" if kind and name not in ("orders",) else name}
    found = {
        column: next(row[one] for one in called if one in row)
        for column, called in COLUMNS.items()
        if any(one in row for one in called)
    }
    return {**what, **found}


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
