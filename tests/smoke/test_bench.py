"""The short form of `make bench`: every part that loads a market still does its work, and all of it is in one table."""

import json
import subprocess
import sys

from bench.__main__ import PARTS
from bench.aims import AIMS, Aim
from bench.results import FOLDER, in_short
from kit.settings import ROOT

# What starts servers of its own or a larger market is left to `make bench`; all parts are read by their own parsers.
MEASURED = ("pages", "orders", "notices", "scans", "carriers", "checkout", "ledger", "qr", "matching")
WITHOUT_A_MARKET = {"qr", "matching"}
COSTS = ("a second", "p50 ms", "p95 ms", "p99 ms", "PostgreSQL CPU ms", "PostgreSQL MB", "floor/s")


def test_its_short_form_measures_every_part_on_one_market() -> None:
    """Nothing fails, and each part has its row with rate, times, cost and floor; the figures of a real run are left."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--short", "--only", ",".join(MEASURED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kept = json.loads((FOLDER / "short" / "all.json").read_text())
    assert {one["part"]: one["ended"] for one in kept["parts"]} == dict.fromkeys(MEASURED, "well")
    rows = {row["what"]: row for row in kept["rows"]}
    assert {name.partition(":")[0] for name in rows} == set(MEASURED)
    assert set(AIMS) <= set(rows) and all(rows[name]["is it"] in ("met", "missed") for name in AIMS)
    for name, row in rows.items():
        if name.partition(":")[0] not in WITHOUT_A_MARKET | {"checkout"}:
            assert [column for column in COSTS if not isinstance(row[column], float | int)] == [], name
    pages = json.loads((FOLDER / "short" / "pages.json").read_text())["rows"]
    assert [row["page"] for row in pages if row["failed"]] == []


def test_every_part_has_a_short_form() -> None:
    """None of it is left to its long defaults."""
    assert all(part.short and part.words != part.short for part in PARTS.values())


def test_a_row_says_whether_its_aim_was_reached() -> None:
    """By its name in the table of everything; a row without an aim says nothing."""
    row = {"page": "goods", "req/s": 1_500.0, "p95 ms": 14.0}
    assert in_short("pages", row)["is it"] == "met"
    assert in_short("pages", {**row, "p95 ms": 16.0})["is it"] == "missed"
    assert in_short("pages", {**row, "req/s": 900.0})["is it"] == "missed"
    assert in_short("pages", {**row, "page": "sign-in"})["aim"] == ""
    assert Aim(3_000, 15).words() == "3,000/s, p95 15 ms"
