"""What a start spares: no source is read for comments that nobody writes, and the young are looked through rarely."""

import subprocess
import sys
from pathlib import Path

from kit.starting import YOUNG_MOST

ROOT = Path(__file__).resolve().parent.parent.parent
ASK = """
import gc, inspect
read = []
inspect.getsource = lambda one: read.append(one) or ""
import market.cli
from tortoise.models import Model
ours = Model.__subclasses__()
print(gc.get_threshold()[0], len(ours) > 100, any(one in ours for one in read))
"""


def test_a_start_reads_no_source_and_seldom_looks_for_garbage() -> None:
    """In a process of its own, as every command begins."""
    told = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [str(YOUNG_MOST), "True", "False"]


STAY = """
import gc
usual = gc.get_threshold()
import market.cli
from kit.starting import serve_swiftly
serve_swiftly()
print(gc.get_threshold() == usual, gc.get_freeze_count() > 100_000, len(gc.get_objects()) < 1_000)
"""


def test_what_is_there_when_serving_begins_is_never_looked_through_again() -> None:
    """And what comes afterwards is, as Python usually does."""
    told = subprocess.run([sys.executable, "-c", STAY], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "True", "True"]


def test_no_model_describes_a_field_by_a_comment() -> None:
    """As it would not be seen: what a field is for is said by its name, or its `description`."""
    models = [*ROOT.glob("*/models.py"), *ROOT.glob("*/*_models.py"), *ROOT.glob("*/models/*.py")]
    assert len(models) > 20
    assert [str(one) for one in models if "#:" in one.read_text()] == []
