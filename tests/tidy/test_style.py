"""The house rules that a machine can see."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kit", "accounts", "vendors", "search", "payments", "postal", "orders", "market")
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
EMPTY_WORDS = "manager|handler|helper|helpers|util|utils|data|info|process|do|base|common|impl"
BANNED = re.compile(f"(^|_)({EMPTY_WORDS})($|_)", re.I)
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
HAND_ONLY = {
    "in_transaction(": {"kit/db.py"},
    "select_for_update(": {"kit/db.py"},
    "create_task(": {"kit/fanout.py", "kit/waking.py", "market/pulse.py"},
}


@cache
def tree_of(path: Path) -> ast.Module:
    """A file as Python reads it."""
    return ast.parse(path.read_text())


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def short(path: Path) -> str:
    """A path as it is said in a complaint."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_a_file_is_short_and_says_what_it_holds(path: Path) -> None:
    """At most 400 lines, the first line a docstring, no function over 60 lines, no empty names."""
    text, tree = path.read_text(), tree_of(path)
    assert text.count("\n") <= FILE_LINES_MAX, f"{short(path)} has {text.count(chr(10))} lines"
    assert ast.get_docstring(tree), f"{short(path)} does not say what it holds"
    for function in functions(tree):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= FUNCTION_LINES_MAX, f"{short(path)}: {function.name} has {length} lines"


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_public_functions_say_what_they_promise(path: Path) -> None:
    """A docstring on each public function and class of a module's top level."""
    for node in tree_of(path).body:
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if named and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{short(path)}: {node.name} has no docstring"


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_names_say_something(path: Path) -> None:
    """Modules, functions and classes carry no empty words."""
    names = [path.stem, *(node.name for node in functions(tree_of(path)))]
    names += [node.name for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]
    wrong = [name for name in names if BANNED.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))]
    assert not wrong, f"{short(path)}: {wrong}"


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_locks_transactions_and_tasks_have_one_home(path: Path) -> None:
    """Transactions and row locks only in kit/db.py; background tasks only where they are meant."""
    text = path.read_text()
    for call, homes in HAND_ONLY.items():
        if re.search(rf"(?<!\w){re.escape(call)}", text):
            assert short(path) in homes, f"{short(path)} calls {call}…) itself"


def test_no_file_names_a_machine_or_leaves_work_lying() -> None:
    """No path of a machine, no registry, no left-over marks. (Written in halves, or this file would fail.)"""
    marks = "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "Not" + "ImplementedError"))
    hosts = "|".join(
        ("/wo" + "rk/", "py" + "pi\\.org", "python" + "hosted", "registry\\.np" + "mjs", "deb\\.deb" + "ian")
    )
    wrong = re.compile(f"{marks}|{hosts}")
    for path in [
        *SOURCES,
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "tests").rglob("*.py"),
        ROOT / "README.md",
    ]:
        found = wrong.search(path.read_text()) if path.exists() else None
        assert not found, f"{short(path)}: {found[0] if found else ''}"


def test_pages_have_no_inline_style_or_script() -> None:
    """The content policy forbids both, so no template may have them."""
    wrong = re.compile(r"<[^>]+\sstyle=|<[^>]+\son[a-z]+=|<style|javascript:|<script(?![^>]*\ssrc=)")
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.html"):
            assert not wrong.search(path.read_text()), short(path)


def test_alembic_is_no_package() -> None:
    """An __init__.py there would hide the installed alembic."""
    assert not (ROOT / "alembic" / "__init__.py").exists()


@pytest.mark.parametrize("folder", ["stories", "fuzz"])
def test_what_drives_a_running_market_keeps_no_database_open(folder: str) -> None:
    """Such tests audit the market's books in a loop of their own; a process can have one database open."""
    for path in (ROOT / "tests" / folder).rglob("*.py"):
        found = [node.name for node in ast.walk(tree_of(path)) if isinstance(node, ast.AsyncFunctionDef)]
        assert not [name for name in found if name.startswith("test_")], short(path)
