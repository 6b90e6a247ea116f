"""make audit: asks pip-audit whether a locked dependency has a known weakness; fails when that could not be asked.

pip-audit itself ends well when the service it asks knows none of the packages (behind a mirror, say): then nothing was
audited, and this says so. With --advisories FOLDER a local copy of advisories is asked instead (bin/advisories.py);
one that is older than a month proves nothing by finding nothing.
Exit codes: 0 audited and clean, 1 weaknesses found, 2 some or all could not be audited.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from advisories import pins_of, read_copy, report_of

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements.lock"
CLEAN, WEAK, UNKNOWN = 0, 1, 2
COPY_LIFE = timedelta(days=31)


def main() -> int:
    """Asks the service, or a local copy of advisories, and says what came of it."""
    parser = argparse.ArgumentParser(description="Whether a locked dependency has a known weakness.")
    parser.add_argument("--advisories", type=Path, help="a folder of advisories in the OSV format")
    folder = parser.parse_args().advisories
    return _ask_service() if folder is None else _ask_copy(folder)


def _ask_copy(folder: Path) -> int:
    copy = read_copy(folder)
    code, lines = verdict(report_of(pins_of((ROOT / LOCK).read_text()), copy))
    code, more = of_age(code, copy.newest, datetime.now(UTC))
    print("\n".join(lines + more))
    return code


def of_age(code: int, newest: datetime | None, now: datetime) -> tuple[int, list[str]]:
    """The exit code and lines for a copy whose newest advisory is of then: an old one gives no clean bill."""
    if newest is None:
        return UNKNOWN, ["NOT AUDITED: there are no advisories in that folder."]
    line = f"the newest advisory of this copy is of {newest:%d/%m/%Y}"
    if code == CLEAN and now - newest > COPY_LIFE:
        return UNKNOWN, [line, "NOT AUDITED for what was found since. This is no clean bill."]
    return code, [line]


def _ask_service() -> int:
    """Runs pip-audit on the lock file, by hashes and without pip."""
    command = [
        str(Path(sys.executable).parent / "pip-audit"),
        "-r",
        LOCK,
        "--require-hashes",
        "--disable-pip",
    ]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "20"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        report = json.loads(ran.stdout)
    except ValueError:
        print(ran.stderr.strip() or ran.stdout.strip())
        print(f"NOT AUDITED: pip-audit gave no report (it ended with {ran.returncode}).")
        return UNKNOWN
    code, lines = verdict(report)
    print("\n".join(lines))
    return code


def verdict(report: Mapping[str, Any]) -> tuple[int, list[str]]:
    """The exit code and the lines to print for a report of pip-audit in JSON."""
    found = list(report.get("dependencies", []))
    skipped = [one for one in found if "skip_reason" in one]
    audited = [one for one in found if "skip_reason" not in one]
    weak = [(one, flaw) for one in audited for flaw in one.get("vulns", [])]
    lines = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version'}"
        for one, flaw in weak
    ]
    if not audited:
        lines += [
            f"NOT AUDITED: none of the {len(skipped)} packages of {LOCK} could be looked up.",
            "The service that knows weaknesses cannot be reached from here, or a mirror stands in its place.",
            "Run `make audit` where it can be reached. This is no clean bill.",
        ]
    elif skipped:
        names = ", ".join(str(one["name"]) for one in skipped)
        lines.append(f"NOT AUDITED: {len(skipped)} of {len(found)} packages: {names}")
    lines.append(f"{len(audited)} of {len(found)} packages audited, {len(weak)} known weaknesses")
    if weak:
        return WEAK, lines
    return UNKNOWN if skipped or not audited else CLEAN, lines


if __name__ == "__main__":
    sys.exit(main())
