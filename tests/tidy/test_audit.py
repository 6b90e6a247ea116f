"""make audit: never a clean bill for what nobody looked at."""

import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin"))

from audit import CLEAN, UNKNOWN, WEAK, verdict  # noqa: E402

SOUND = {"name": "segno", "version": "1.6.6", "vulns": []}
SICK = {
    "name": "jinja2",
    "version": "3.0",
    "vulns": [{"id": "PYSEC-2024-1", "fix_versions": ["3.1.4"], "description": "…"}],
}
UNSEEN = {"name": "tantivy", "skip_reason": "Dependency not found on PyPI and could not be audited: tantivy"}


@pytest.mark.parametrize(
    ("dependencies", "code", "words"),
    [
        ([SOUND], CLEAN, "1 of 1 packages audited, 0 known"),
        ([SOUND, SICK], WEAK, "jinja2 3.0: PYSEC-2024-1, mended in 3.1.4"),
        ([SOUND, UNSEEN], UNKNOWN, "NOT AUDITED: 1 of 2 packages: tantivy"),
        ([SICK, UNSEEN], WEAK, "NOT AUDITED: 1 of 2"),
        ([UNSEEN], UNKNOWN, "NOT AUDITED: none of the 1 packages"),
        ([], UNKNOWN, "This is no clean bill."),
    ],
)
def test_what_was_not_audited_is_said_and_fails(dependencies: list[Any], code: int, words: str) -> None:
    told = verdict({"dependencies": dependencies, "fixes": []})
    assert told[0] == code and words in "\n".join(told[1])


def test_every_locked_package_has_a_version_and_a_hash() -> None:
    """What is audited is what is installed: exact versions, known by their hashes."""
    text = (ROOT / "requirements.lock").read_text()
    entries = [
        one for one in text.replace("\\\n", " ").splitlines() if one and not one.startswith(("#", " "))
    ]
    assert len(entries) > 40
    assert all("==" in one and "--hash=sha256:" in one for one in entries)
