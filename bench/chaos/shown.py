"""What a run is shown as: a table on the screen, all of it as JSON under var/chaos."""

import json
from collections import Counter
from datetime import UTC, datetime

from bench.chaos.run import Report
from bench.chaos.town import TANTIVY
from bench.results import FOLDER, table
from market.audit import lines


def show(report: Report) -> int:
    """Prints it, writes var/chaos/<seed>.json; the exit code."""
    for one in report.happened:
        print(f"{one['at']:>7.1f} s  {one['fault']}")
    print("  ".join(f"{name} {count}" for name, count in sorted(report.acts.items())))
    print("\n".join(lines(report.found)))
    print(table([_row(report)]))
    folder = FOLDER.parent / "chaos"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report.seed}.json"
    path.write_text(json.dumps(_kept(report), ensure_ascii=False, indent=1, default=str) + "\n")
    again = f"python -m bench.chaos --seed {report.seed} --orders {report.orders} --faults {report.faults}"
    again += f" --engine {report.engine}" if report.engine != TANTIVY else ""
    print("nothing lost" if report.is_well else f"\nNOT WELL: {again}\nits log: {path.with_suffix('.log')}")
    return 0 if report.is_well else 1


def _row(report: Report) -> dict[str, float | int | str]:
    return {
        "seed": report.seed,
        "orders": len(report.load.outcomes),
        "sold out": report.load.sold_out,
        "notices": report.load.messages,
        "faults": len(report.happened),
        **{f"{name} s": round(seconds, 1) for name, seconds in report.seconds.items()},
        "auditors": len(report.found),
        "unhappy": sum(bool(one.rows) for one in report.found),
    }


def _kept(report: Report) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        **_row(report),
        "ways": Counter(one.way for one in report.load.outcomes),
        "acts": dict(sorted(report.acts.items())),
        "happened": report.happened,
        "found": {one.name: one.rows for one in report.found},
    }
