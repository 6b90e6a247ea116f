"""make audit: never a clean bill for what nobody looked at."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin"))

from advisories import is_hit, pins_of, read_copy, report_of  # noqa: E402
from audit import CLEAN, UNKNOWN, WEAK, of_age, verdict  # noqa: E402

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


def advisory(**changes: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "2.0"}, {"fixed": "2.4.1"}]}]
    affected = {
        "package": {"ecosystem": "PyPI", "name": "Some.Thing"},
        "ranges": ranges,
        "versions": ["1.0rc1"],
    }
    return {"id": "PYSEC-1", "modified": "2026-11-01T00:00:00Z", "affected": [affected | changes]}


@pytest.mark.parametrize(
    ("version", "is_it"),
    [("1.0rc1", True), ("1.9", False), ("2.0", True), ("2.4", True), ("2.4.1", False), ("2.10", False)],
)
def test_an_advisory_is_about_the_versions_in_its_ranges(version: str, is_it: bool) -> None:
    assert is_hit(advisory(), "some-thing", version) == is_it
    assert not is_hit(advisory(), "other", version)


def test_a_range_may_end_with_the_last_that_is_weak_or_open_anew() -> None:
    events = [{"introduced": "0"}, {"last_affected": "1.5"}, {"introduced": "2.0"}]
    weak = advisory(ranges=[{"type": "ECOSYSTEM", "events": events}], versions=[])
    found = [is_hit(weak, "some-thing", one) for one in ("0.1", "1.5", "1.5.1", "2.0", "9")]
    assert found == [True, True, False, True, True]
    git = advisory(ranges=[{"type": "GIT", "events": [{"introduced": "0"}]}], versions=[])
    assert not is_hit(git, "some-thing", "1.0")


def test_a_copy_of_advisories_is_read_and_an_old_one_is_no_clean_bill(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(advisory()))
    (tmp_path / "b.json").write_text(json.dumps(advisory() | {"withdrawn": "2026-01-01T00:00:00Z"}))
    (tmp_path / "c.yaml").write_text("id: X\naffected: []\nmodified: '2026-11-09T00:00:00Z'\n")
    copy = read_copy(tmp_path)
    assert len(copy.by_package["some-thing"]) == 1
    pins = pins_of("some_thing==2.4 ; python_version < '4' \\\n    --hash=sha256:0\nother==1 \\\n")
    assert pins == {"some-thing": "2.4", "other": "1"}
    code, lines = verdict(report_of(pins, copy))
    assert code == WEAK and "some-thing 2.4: PYSEC-1, mended in 2.4.1" in lines
    day = datetime(2026, 11, 20, tzinfo=UTC)
    assert of_age(CLEAN, copy.newest, day)[0] == CLEAN
    assert of_age(CLEAN, copy.newest, day + timedelta(days=60))[0] == UNKNOWN
    assert of_age(WEAK, copy.newest, day + timedelta(days=60))[0] == WEAK
    assert of_age(CLEAN, None, day)[0] == UNKNOWN


def test_every_locked_package_has_a_version_and_a_hash() -> None:
    """What is audited is what is installed: exact versions, known by their hashes."""
    text = (ROOT / "requirements.lock").read_text()
    entries = [
        one for one in text.replace("\\\n", " ").splitlines() if one and not one.startswith(("#", " "))
    ]
    assert len(entries) > 40
    assert all("==" in one and "--hash=sha256:" in one for one in entries)
