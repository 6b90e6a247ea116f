"""make audit: asks pip-audit whether a locked dependency has a known weakness; fails when that could not be asked.

pip-audit itself ends well when the service it asks knows none of the packages (behind a mirror, say): then nothing was
audited, and this says so. Exit codes: 0 audited and clean, 1 weaknesses found, 2 some or all could not be audited.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements.lock"
CLEAN, WEAK, UNKNOWN = 0, 1, 2


def main() -> int:
    """Runs pip-audit on the lock file, by hashes and without pip, and says what came of it."""
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
