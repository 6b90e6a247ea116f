"""Communes of the three levels before July 2025: found as one types, with what each became."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kit.db import sql
from kit.text import fold
from kit.units import COMMUNE_WORDS, MOST_HITS, NEW, OLD, PROVINCE_WORDS, Successor, Unit

TYPED_MOST = 12
FITTING_MOST = 400
OLD_COMMUNE_WORDS = (("thi", "tran"), ("tt",), *COMMUNE_WORDS)
DISTRICT_WORDS = (("thanh", "pho"), ("thi", "xa"), ("huyen",), ("quan",), ("tp",), ("tx",), ("h",), ("q",))
FITTING_SQL = """
    SELECT c.code, c.name, c.folded, d.name AS district, d.folded AS district_folded,
        p.name AS province, p.folded AS province_folded
    FROM admin_unit c
    JOIN admin_unit d ON d.code = c.parent_code AND d.version = c.version AND d.level = 'district'
    JOIN admin_unit p ON p.code = d.parent_code AND p.version = c.version AND p.level = 'province'
    WHERE c.version = $1 AND c.level = 'commune' AND (c.folded = ANY($2) OR c.folded LIKE ANY($3))
    ORDER BY c.folded, c.code
    LIMIT $4
"""
ONE_SQL = """
    SELECT c.code, c.name, d.name AS district, p.name AS province
    FROM admin_unit c
    JOIN admin_unit d ON d.code = c.parent_code AND d.version = c.version AND d.level = 'district'
    JOIN admin_unit p ON p.code = d.parent_code AND p.version = c.version AND p.level = 'province'
    WHERE c.version = $1 AND c.level = 'commune' AND c.code = $2
"""
BECAME_SQL = """
    SELECT s.old_code, s.share, n.code, n.level, n.name, n.short_name, n.type, p.code AS province_code,
        p.name AS province
    FROM admin_unit_successor s
    JOIN admin_unit n ON n.code = s.new_code AND n.version = s.new_version AND n.level = 'commune'
    JOIN admin_unit p ON p.code = n.parent_code AND p.version = n.version AND p.level = 'province'
    WHERE s.old_code = ANY($1) AND s.old_version = $2 AND s.new_version = $3
    ORDER BY s.id
"""
FORMER_SQL = """
    SELECT s.new_code AS code, c.short_name AS commune, d.short_name AS district, p.short_name AS province
    FROM admin_unit_successor s
    JOIN admin_unit c ON c.code = s.old_code AND c.version = s.old_version
    LEFT JOIN admin_unit d ON d.code = c.parent_code AND d.version = c.version
    LEFT JOIN admin_unit p ON p.code = d.parent_code AND p.version = d.version
    WHERE s.new_code = ANY($1) AND s.new_version = $2
    ORDER BY s.id
"""


@dataclass(frozen=True)
class OldCommune:
    """A commune as it was until 30 June 2025, and the communes in force it went into, likeliest first.

    More than one: it was divided, so only the person can say which.
    """

    code: str
    name: str
    district: str
    province: str
    became: tuple[Successor, ...]


@dataclass(frozen=True)
class OldReading:
    """One way to understand typed text: a whole short name, folded, and the words after it (district, province)."""

    folded: str
    rest: tuple[str, ...]


async def old_communes_like(text: str, *, limit: int = 8) -> list[OldCommune]:
    """Old communes by name, maybe with their type, district and province: «p. Trưng Vương, TP Thái Nguyên».

    A name alone may be cut («hoang va»); with a district or a province behind it the name must be whole. Names as
    typed come first. Only those that went into a commune in force. At most `limit` (1 to 50).
    """
    readings = old_readings(text)
    if not readings:
        return []
    whole = [one.folded for one in readings]
    starts = [f"{one.folded}%" for one in readings if not one.rest]
    rows = await sql(FITTING_SQL, [OLD, whole, starts, FITTING_MOST])
    fitting = [row for row in rows if any(_fits(row, one) for one in readings)]
    fitting.sort(key=lambda row: row["folded"] not in whole)
    became = await _became([str(row["code"]) for row in fitting[:MOST_HITS]])
    found = [_old(row, became[str(row["code"])]) for row in fitting if str(row["code"]) in became]
    return found[: max(1, min(limit, MOST_HITS))]


async def old_commune(code: str) -> OldCommune | None:
    """The old commune with this 5-digit code; None when there was none, or nothing in force came of it."""
    became = await _became([code])
    for row in await sql(ONE_SQL, [OLD, code]) if became else []:
        return _old(row, became[code])
    return None


def old_readings(text: str) -> list[OldReading]:
    """All ways to understand the text: with or without a leading type, the name ending at any word."""
    words = fold(text).split()[:TYPED_MOST]
    starts = {0} | {
        len(kind)
        for kind in OLD_COMMUNE_WORDS
        if tuple(words[: len(kind)]) == kind and len(words) > len(kind)
    }
    return [
        OldReading(" ".join(words[start:end]), tuple(words[end:]))
        for start in sorted(starts)
        for end in range(start + 1, len(words) + 1)
    ]


async def former_names(codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By commune in force the names people still say: the old communes it was made of, their districts, their province.

    Each name once, numbers («Phường 1») left out; one query.
    """
    found: dict[str, dict[str, None]] = {}
    for row in await sql(FORMER_SQL, [sorted(set(codes)), NEW]):
        names = (str(row[level] or "") for level in ("commune", "district", "province"))
        kept = found.setdefault(str(row["code"]), {})
        kept.update(dict.fromkeys(name for name in names if name and not name.isdigit()))
    return {code: tuple(names) for code, names in found.items()}


def _fits(row: Mapping[str, object], reading: OldReading) -> bool:
    if not reading.rest:
        return str(row["folded"]).startswith(reading.folded)
    return row["folded"] == reading.folded and reading.rest in set(_places(row))


def _places(row: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    """What may stand behind the name: the district, the province, or both, each with its type or without."""
    districts = list(_named(str(row["district_folded"]), DISTRICT_WORDS))
    provinces = list(_named(str(row["province_folded"]), PROVINCE_WORDS))
    yield from districts
    yield from provinces
    yield from (district + province for district in districts for province in provinces)


def _named(folded: str, kinds: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    name = tuple(folded.split())
    yield name
    yield from (kind + name for kind in kinds if name[: len(kind)] != kind)


async def _became(codes: Sequence[str]) -> dict[str, tuple[Successor, ...]]:
    found: dict[str, tuple[Successor, ...]] = {}
    for row in await sql(BECAME_SQL, [list(codes), OLD, NEW]) if codes else []:
        words = {name: str(value) for name, value in row.items()}
        old, share = words.pop("old_code"), words.pop("share")
        found[old] = (*found.get(old, ()), Successor(Unit(**words), share))
    return found


def _old(row: Mapping[str, object], became: tuple[Successor, ...]) -> OldCommune:
    return OldCommune(str(row["code"]), str(row["name"]), str(row["district"]), str(row["province"]), became)
