"""Results: medians of several rounds, a table to read, and JSON under var/bench/ to compare with."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.aims import beside
from kit.settings import ROOT

FOLDER = ROOT / "var" / "bench"
Row = Mapping[str, float | int | str]
# What the table of all parts shows, by what the parts call it.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "a second": (
        "req/s",
        "orders/s",
        "accepted alone/s",
        "scans/s",
        "events/s",
        "posted/s",
        "accepted/s",
        "rows/s",
        "built/s",
        "texts/s",
    ),
    "p50 ms": ("p50 ms", "whole p50 ms", "accepted p50 ms", "page p50 ms"),
    "p95 ms": ("p95 ms", "whole p95 ms", "accepted p95 ms", "page p95 ms"),
    "p99 ms": ("p99 ms", "whole p99 ms", "accepted p99 ms", "page p99 ms"),
    "web CPU ms": ("web CPU ms",),
    "worker CPU ms": ("worker CPU ms",),
    "PostgreSQL CPU ms": ("PostgreSQL CPU ms",),
    "web MB": ("web MB",),
    "worker MB": ("worker MB",),
    "PostgreSQL MB": ("PostgreSQL MB",),
    "floor/s": ("floor/s",),
    "times the floor": ("times the floor",),
}
_shown: list[tuple[str, Row]] = []
_folder = [FOLDER]


def median_row(rows: Sequence[Row]) -> dict[str, float | int | str]:
    """One row from several rounds of the same measurement: the median of every number."""
    return {name: _median([row[name] for row in rows]) for name in rows[0]}


def keep_in(folder: Path) -> None:
    """From now on the JSON goes there."""
    _folder[0] = folder


def show(name: str, rows: Sequence[Row], *, rounds: int, by: str) -> None:
    """Prints the table and writes var/bench/<name>.json."""
    kept = {
        "bench": name,
        **_machine(),
        "load_by": by,
        "rounds": rounds,
        "rows": [dict(row) for row in rows],
    }
    _keep(name, kept)
    print(f"\n{name}: medians of {rounds} rounds, load by {by}, {os.cpu_count()} cores")
    print(table(rows), flush=True)
    _shown.extend((name, row) for row in rows)


def show_all(parts: Mapping[str, tuple[float, str]]) -> None:
    """One table of everything that was shown by this process; var/bench/all.json, and all.md for docs/bench.md.

    `parts` are the seconds that each took, and how it ended: "", or what went wrong.
    """
    rows = [row for name, shown in _shown if len(row := in_short(name, shown)) > 3]
    full = [{name: row.get(name, "") for name in ("what", *COLUMNS, "aim", "is it")} for row in rows]
    ran: list[Row] = [
        {"part": name, "took s": took, "ended": how or "well"} for name, (took, how) in parts.items()
    ]
    _keep("all", {**_machine(), "parts": ran, "rows": full})
    (_folder[0] / "all.md").write_text(markdown(full) if full else "")
    minutes = sum(took for took, _ in parts.values()) / 60
    print(f"\nall of it in {minutes:.0f} minutes\n{table(full) if full else ''}\n\n{table(ran)}", flush=True)


def in_short(name: str, row: Row) -> dict[str, float | int | str]:
    """A row of a part as the table of everything has it: what it is, the columns that it has, its aim."""
    words = [str(value) for value in row.values() if isinstance(value, str) and value]
    what = name if name == "orders" or not words else f"{name}: {words[0]}"
    if "connections" in row:
        what = f"{what}, {row['connections']}"
    found = {
        column: there[0]
        for column, called in COLUMNS.items()
        if (there := [row[one] for one in called if row.get(one, "") != ""])
    }
    aim = beside(what, float(found.get("a second", 0)), float(found.get("p95 ms", 0)))
    return {"what": what, **found, **aim}


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


def markdown(rows: Sequence[Row]) -> str:
    """Rows as a table of Markdown, the first column to the left."""
    names = list(rows[0])
    lines = [
        names,
        ["---", *["--:"] * (len(names) - 1)],
        *([_cell(row[name]) for name in names] for row in rows),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _machine() -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "busy": os.getloadavg()[0],
    }


def _keep(name: str, kept: Mapping[str, object]) -> None:
    _folder[0].mkdir(parents=True, exist_ok=True)
    (_folder[0] / f"{name}.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")


def _median(values: Sequence[float | int | str]) -> float | int | str:
    numbers = [value for value in values if not isinstance(value, str)]
    return round(statistics.median(numbers), 2) if len(numbers) == len(values) else values[0]


def _cell(value: float | int | str) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else value
