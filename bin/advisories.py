"""A local copy of advisories in the OSV format (pypa/advisory-database, or OSV's export), asked about locked versions.

For machines that cannot reach the service which pip-audit asks. The copy lies outside the project; where it is too old
to know what is new, nothing found is no clean bill (`bin/audit.py`).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from packaging.version import InvalidVersion, Version

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.M)


@dataclass(frozen=True)
class Copy:
    """The advisories of a folder by the package they are about, and when the newest was last changed."""

    by_package: Mapping[str, Sequence[Mapping[str, Any]]]
    newest: datetime | None


def read_copy(folder: Path) -> Copy:
    """All advisories of a folder and those below it, .yaml and .json; withdrawn ones are left out."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    newest: datetime | None = None
    for record in _records(folder):
        changed = _moment(record.get("modified") or record.get("published"))
        newest = max(filter(None, (newest, changed)), default=None)
        if record.get("withdrawn"):
            continue
        for name in {plain_name(one["package"]["name"]) for one in _affected(record)}:
            found.setdefault(name, []).append(record)
    return Copy(found, newest)


def pins_of(lock: str) -> dict[str, str]:
    """Name and version of each line of a lock file."""
    return {plain_name(name): version for name, version in _PIN.findall(lock)}


def report_of(pins: Mapping[str, str], copy: Copy) -> dict[str, Any]:
    """What is known of these versions, in the form of pip-audit's JSON report."""
    rows: list[dict[str, Any]] = []
    for name, version in sorted(pins.items()):
        flaws = [one for one in copy.by_package.get(name, ()) if is_hit(one, name, version)]
        vulns = [{"id": one["id"], "fix_versions": _mended(one, name, version)} for one in flaws]
        rows.append({"name": name, "version": version, "vulns": vulns})
    return {"dependencies": rows}


def is_hit(record: Mapping[str, Any], name: str, version: str) -> bool:
    """Whether an advisory is about this version: named in its list, or within a range (OSV schema, «evaluation»)."""
    for one in _affected(record):
        if plain_name(one["package"]["name"]) != name:
            continue
        if version in one.get("versions", ()):
            return True
        if any(_is_within(version, events) for events in _ranges(one)):
            return True
    return False


def plain_name(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_within(version: str, events: Sequence[Mapping[str, str]]) -> bool:
    at, is_in = Version(version), False
    for kind, said in sorted(_steps(events), key=lambda step: step[1]):
        if kind == "introduced" and at >= said:
            is_in = True
        elif (kind == "fixed" and at >= said) or (kind == "last_affected" and at > said):
            is_in = False
    return is_in


def _steps(events: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, Version]]:
    for event in events:
        for kind, said in event.items():
            try:
                yield kind, Version(str(said))
            except InvalidVersion:
                continue


def _mended(record: Mapping[str, Any], name: str, version: str) -> list[str]:
    fixed = [
        said
        for one in _affected(record)
        if plain_name(one["package"]["name"]) == name
        for events in _ranges(one)
        for kind, said in _steps(events)
        if kind == "fixed" and said > Version(version)
    ]
    return [str(one) for one in sorted(set(fixed))]


def _ranges(affected: Mapping[str, Any]) -> list[Sequence[Mapping[str, str]]]:
    return [one["events"] for one in affected.get("ranges", ()) if one.get("type") == "ECOSYSTEM"]


def _affected(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in record.get("affected", ()) if one.get("package", {}).get("ecosystem") == "PyPI"]


def _records(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".yaml", ".json"):
            continue
        text = path.read_text(encoding="utf-8")
        read = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_LOADER)
        if isinstance(read, dict) and "affected" in read:
            yield read


def _moment(said: object) -> datetime | None:
    if isinstance(said, datetime):
        return said
    return datetime.fromisoformat(str(said)) if said else None
