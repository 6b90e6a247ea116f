"""Writes docs/settings.md from the settings themselves; a test holds the two together."""

import sys
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kit.settings import DEFAULT_DATA_KEY, DEFAULT_SECRET, Settings

HEAD = """# Settings

Read once from the environment when a process starts. `make run` needs none of them. `NAME_FILE` may name a file
that holds the value of `NAME`, as secrets are handed to containers.

| name | by default | meaning |
|---|---|---|
"""

MOBILE_MONEY = (
    "Mobile Money by VietQR: whether sellers may be paid at Viettel Money (971005), VNPT Money (971011) and"
    " MobiFone Money (971032), as at any bank or wallet. Whether every bank can send there is for the operators to"
    " say: hide one that cannot be reached. `PAY_GATES` switches the operators' own gateway (`mobile_money`), which is"
    " another way to pay."
)
RULES = (
    "What law sets from a day on, for example the yearly revenue from which tax is due"
    " (`household_revenue_threshold`)."
)
FOOT = f"""
## Switched on a page, not here

| where | what |
|---|---|
| `/admin/banks/{{BIN}}`, «Hiện trong danh sách cho người bán chọn» | {MOBILE_MONEY} |
| `/admin/rules` | {RULES} |
"""


def page() -> str:
    """The page's text."""
    rows = [(one.name, shown(one.name, one.default), one.metadata["note"]) for one in fields(Settings)]
    return HEAD + "".join(f"| `{name.upper()}` | {usual} | {note} |\n" for name, usual, note in rows) + FOOT


def shown(name: str, default: object) -> str:
    """A default as the page says it; paths of a machine and secrets are not said."""
    if default == "":
        return ""
    if name == "var":
        return "`var`"
    return (
        "a demo secret"
        if default in (DEFAULT_SECRET, DEFAULT_DATA_KEY) or "secret" in name
        else f"`{default}`"
    )


if __name__ == "__main__":
    (ROOT / "docs" / "settings.md").write_text(page())
