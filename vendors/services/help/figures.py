"""What is hard for how many households, by commune: counts without names, for teams, boards and the province."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.db import sql
from kit.i18n import say, translated
from kit.sheets_out import Cell
from vendors.help_rules import DIFFICULTY_WORDS
from vendors.models import Difficulty

HEADS = (
    say("Mã xã"),
    say("Xã, phường"),
    say("Tỉnh"),
    say("Số hộ"),
    say("Còn việc"),
    say("Đã mở quầy"),
    say("Lượt thăm"),
    say("Phút"),
)
_COUNTS = """
    SELECT h.commune_code, h.commune, h.province, count(*) AS households,
        count(*) FILTER (WHERE h.state IN ('waiting', 'planned', 'visited')) AS open,
        count(h.vendor_id) AS aboard, coalesce(sum(v.visits), 0) AS visits, coalesce(sum(v.minutes), 0) AS minutes
    FROM helped_household h
    LEFT JOIN (
        SELECT household_id, count(*) AS visits, sum(minutes) AS minutes FROM help_visit GROUP BY household_id
    ) v ON v.household_id = h.id
    WHERE $1::text[] IS NULL OR h.commune_code = ANY($1)
    GROUP BY h.commune_code, h.commune, h.province ORDER BY h.province, h.commune, h.commune_code
"""
_KINDS = """
    SELECT h.commune_code, d.kind, count(*) AS households
    FROM household_difficulty d JOIN helped_household h ON h.id = d.household_id
    WHERE $1::text[] IS NULL OR h.commune_code = ANY($1)
    GROUP BY h.commune_code, d.kind
"""


@dataclass(frozen=True)
class CommuneHelp:
    """A commune: households ever in the queue, those open, those that sell, visits and their minutes, difficulties."""

    commune_code: str
    commune: str
    province: str
    households: int
    open: int
    aboard: int
    visits: int
    minutes: int
    difficulties: dict[Difficulty, int]


async def help_figures(communes: frozenset[str] | None) -> list[CommuneHelp]:
    """One row for each commune with households, of these communes or (None) of all; two queries."""
    wanted: list[object] = [sorted(communes) if communes is not None else None]
    kinds: dict[str, dict[Difficulty, int]] = {}
    for row in await sql(_KINDS, wanted):
        kinds.setdefault(str(row["commune_code"]), {})[Difficulty(str(row["kind"]))] = _whole(
            row["households"]
        )
    return [_commune(row, kinds) for row in await sql(_COUNTS, wanted)]


def total(rows: Sequence[CommuneHelp]) -> CommuneHelp:
    """All communes together, without a name."""
    return CommuneHelp(
        "",
        "",
        "",
        sum(one.households for one in rows),
        sum(one.open for one in rows),
        sum(one.aboard for one in rows),
        sum(one.visits for one in rows),
        sum(one.minutes for one in rows),
        {kind: sum(one.difficulties.get(kind, 0) for one in rows) for kind in Difficulty},
    )


def help_table(rows: Sequence[CommuneHelp], language: str = "vi") -> tuple[list[str], list[list[Cell]]]:
    """Heads and rows of a sheet, one commune a row."""
    heads = [translated(words, language) for words in (*HEADS, *DIFFICULTY_WORDS.values())]
    lines: list[list[Cell]] = [
        [
            one.commune_code,
            one.commune,
            one.province,
            one.households,
            one.open,
            one.aboard,
            one.visits,
            one.minutes,
            *(one.difficulties.get(kind, 0) for kind in DIFFICULTY_WORDS),
        ]
        for one in rows
    ]
    return heads, lines


def _commune(row: dict[str, object], kinds: dict[str, dict[Difficulty, int]]) -> CommuneHelp:
    code = str(row["commune_code"])
    return CommuneHelp(
        code,
        str(row["commune"]),
        str(row["province"]),
        _whole(row["households"]),
        _whole(row["open"]),
        _whole(row["aboard"]),
        _whole(row["visits"]),
        _whole(row["minutes"]),
        kinds.get(code, {}),
    )


def _whole(value: object) -> int:
    return int(str(value))
