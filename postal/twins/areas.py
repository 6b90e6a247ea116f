"""The communes as pretend carriers number and spell them: own numbers, capitals, old tone marks, some names wrong."""

from dataclasses import dataclass

from kit.db import sql
from kit.units import NEW

MISSPELT = " (khu vực mới)"
MISSPELT_EACH = 997  # a handful of communes carry a name that nobody can match
_COMMUNES = """
    SELECT c.code, c.name, c.type, p.code AS province_code, p.name AS province
    FROM admin_unit c JOIN admin_unit p ON p.code = c.parent_code AND p.version = c.version
    WHERE c.version = $1 AND c.level = 'commune' ORDER BY c.code
"""
_NAMED = """
    SELECT c.code FROM admin_unit c JOIN admin_unit p ON p.code = c.parent_code AND p.version = c.version
    WHERE c.version = $1 AND c.level = 'commune' AND c.name = $2 AND p.short_name = $3
"""


@dataclass(frozen=True)
class Place:
    """A commune of the structure in force with its province, as a carrier writes them."""

    code: str
    name: str
    province_code: str
    province: str


async def places(*, capitals: bool = False) -> list[Place]:
    """All communes, the older way to put tone marks, a few names wrong; in capitals if asked."""
    rows = await sql(_COMMUNES, [NEW])
    return [_place({name: str(value) for name, value in row.items()}, capitals) for row in rows]


async def is_spelt(name: str, province: str) -> bool:
    """Whether a carrier that wants names knows a commune by exactly this one: the official, but for a handful."""
    rows = await sql(_NAMED, [NEW, name.removesuffix(MISSPELT), province])
    return any((int(str(row["code"])) % MISSPELT_EACH == 0) == name.endswith(MISSPELT) for row in rows)


def _place(row: dict[str, str], capitals: bool) -> Place:
    name = row["name"].replace("òa", "oà").replace("óa", "oá").replace("ủy", "uỷ")
    if int(row["code"]) % MISSPELT_EACH == 0:
        name = f"{name}{MISSPELT}"
    name, province = (one.upper() if capitals else one for one in (name, row["province"]))
    return Place(row["code"], name, row["province_code"], province)
