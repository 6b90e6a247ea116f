"""Job names are strings on both sides: this joins them."""

import ast
from pathlib import Path

from market.jobs import TASKS

ROOT = Path(__file__).resolve().parents[2]
LEAVERS = ("later", "later_each", "later_one")
PACKAGES = ("kit", "accounts", "vendors", "search", "payments", "postal", "orders", "market")


def names_left() -> set[str]:
    """Every name of a job that is left in the code."""
    names = set()
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in LEAVERS and node.args:
                assert isinstance(node.args[0], ast.Constant), f"{path.name}: a job is left by a plain name"
                names.add(str(node.args[0].value))
    return names


def test_every_job_that_is_left_has_a_task_and_every_task_is_left_by_somebody() -> None:
    """arq would drop an unknown name without a word."""
    assert names_left() == set(TASKS)
