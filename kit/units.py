"""Administrative units of Vietnam: loading them, finding a commune as one types, and what became of old ones."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tortoise.expressions import Case, Q, When

from kit.db import sql, transaction
from kit.models import AdminUnit, AdminUnitSuccessor
from kit.text import fold

NEW = "2025-07"  # two levels, in force since 1 July 2025
OLD = "2025-06"  # three levels as they last stood, until 30 June 2025
LEVELS = ("province", "district", "commune")
UNITS_CSV = Path(__file__).resolve().parent / "data" / "admin_units.csv"
SUCCESSORS_CSV = UNITS_CSV.with_name("admin_unit_successors.csv")

COMMUNE_WORDS = (("dac", "khu"), ("phuong",), ("xa",), ("p",), ("x",))
CITY_WORDS = (("thanh", "pho"), ("tp",))
PROVINCE_WORDS = (*CITY_WORDS, ("tinh",), ("t",))
BATCH = 2_000
MOST_HITS = 50
LONGEST_TEXT = 120
COMMUNE_SQL = """
    SELECT c.code, c.level, c.name, c.short_name, c.type, coalesce(c.parent_code, c.code) AS province_code,
        coalesce(p.name, '') AS province
    FROM admin_unit c
    LEFT JOIN admin_unit p ON p.code = c.parent_code AND p.version = c.version AND p.level = 'province'
    WHERE (c.code = $1 OR c.code = $2) AND c.version = $3 AND c.level = 'commune'
"""


@dataclass(frozen=True)
class Unit:
    """A province or commune of the structure in force, with its province (its own, if it is one)."""

    code: str
    level: str
    name: str
    short_name: str
    type: str
    province_code: str
    province: str


_found: dict[str, Unit] = {}


@dataclass(frozen=True)
class UnitHit:
    """A commune that fits what was typed: "Xã La Hiên" in "Tỉnh Thái Nguyên"."""

    code: str
    name: str
    province_code: str
    province: str


@dataclass(frozen=True)
class Successor:
    """What an old unit became; share is "whole", or "part" when the old one was divided."""

    unit: Unit
    share: str


@dataclass(frozen=True)
class Reading:
    """One way to understand typed text: the start of a short name, folded and as typed, maybe in a province."""

    folded: str
    typed: str
    province_code: str | None


@dataclass(frozen=True)
class Province:
    """A province of the structure in force."""

    code: str
    name: str
    folded: str


async def load_units() -> int:
    """Fills the empty tables from the CSV files; the number of rows offered, 0 when they were filled before.

    Two processes that start together may both offer all rows; each row is kept once.
    """
    async with transaction():
        if await AdminUnit.exists():
            return 0
        units = [AdminUnit(**row) for row in unit_rows()]
        successors = [AdminUnitSuccessor(**row) for row in successor_rows()]
        await AdminUnit.bulk_create(units, batch_size=BATCH, ignore_conflicts=True)
        await AdminUnitSuccessor.bulk_create(successors, batch_size=BATCH, ignore_conflicts=True)
    return len(units) + len(successors)


def unit_rows() -> Iterator[dict[str, str | date | None]]:
    """The lines of admin_units.csv by column; empty parents and dates are None."""
    for row in _lines(UNITS_CSV):
        dates = {name: _day(row[name]) for name in ("valid_from", "valid_to")}
        yield {**row, "parent_code": row["parent_code"] or None, **dates}


def successor_rows() -> Iterator[dict[str, str]]:
    """The lines of admin_unit_successors.csv by column; of several successors the likeliest comes first."""
    return _lines(SUCCESSORS_CSV)


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


async def communes_like(text: str, *, province_code: str | None = None, limit: int = 8) -> list[UnitHit]:
    """Communes in force whose name starts with the text, then those with a later word that does.

    Marks and case are optional, but names written as typed come first. The text may begin with the type and end
    with the province: "xã la hiên, thái nguyên". Nothing to search for gives no hits. At most `limit` (1 to 50).
    """
    provinces = await _provinces()
    readings = readings_of(text, list(provinces.values()))
    if not readings:
        return []
    limit = max(1, min(limit, MOST_HITS))
    found = await _ranked(readings, "folded__startswith", "", province_code, limit)
    if len(found) < limit:
        later = await _ranked(readings, "folded__contains", " ", province_code, limit)
        seen = {unit.code for unit in found}
        found += [unit for unit in later if unit.code not in seen]
    return [_hit(unit, provinces) for unit in found[:limit]]


async def _provinces() -> dict[str, Province]:
    rows = await AdminUnit.filter(version=NEW, level="province")
    return {row.code: Province(row.code, row.name, row.folded) for row in rows}


async def _ranked(
    readings: Sequence[Reading],
    lookup: str,
    before: str,
    province_code: str | None,
    limit: int,
) -> list[AdminUnit]:
    wanted = Q(*[_fits(reading, lookup, before) for reading in readings], join_type=Q.OR)
    rows = AdminUnit.filter(wanted, version=NEW, level="commune")
    if province_code:
        rows = rows.filter(parent_code=province_code)
    as_typed = Q(*[Q(short_name__contains=reading.typed) for reading in readings], join_type=Q.OR)
    ranked = rows.annotate(rank=Case(When(as_typed, then="0"), default="1"))
    return await ranked.order_by("rank", "folded", "code").limit(limit)


def _fits(reading: Reading, lookup: str, before: str) -> Q:
    name = Q(**{lookup: before + reading.folded})
    return name & Q(parent_code=reading.province_code) if reading.province_code else name


def _hit(unit: AdminUnit, provinces: dict[str, Province]) -> UnitHit:
    province_code = unit.parent_code or ""
    return UnitHit(unit.code, unit.name, province_code, provinces[province_code].name)


def readings_of(text: str, provinces: Sequence[Province]) -> list[Reading]:
    """All ways to understand the text: with or without a leading type, with or without the province at its end."""
    words = _words(text)
    plain = [fold(word) for word in words]
    readings = []
    for start in {0, _leading(plain, COMMUNE_WORDS)}:
        for end, province_code in [
            (len(plain), None),
            *_province_ends(plain, provinces),
        ]:
            if start < end:
                typed = " ".join(words[start:end]).title()
                readings.append(Reading(" ".join(plain[start:end]), typed, province_code))
    return readings


def _words(text: str) -> list[str]:
    found = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text[:LONGEST_TEXT]))
    return [word for word in found if fold(word)]


def _leading(words: Sequence[str], types: Sequence[tuple[str, ...]]) -> int:
    return next((len(kind) for kind in types if tuple(words[: len(kind)]) == kind), 0)


def _province_ends(words: Sequence[str], provinces: Sequence[Province]) -> Iterator[tuple[int, str]]:
    for province in provinces:
        name = province.folded.split()
        end = len(words) - len(name)
        if end > 0 and list(words[end:]) == name:
            kind = next((one for one in PROVINCE_WORDS if tuple(words[:end][-len(one) :]) == one), ())
            if not kind or (kind in CITY_WORDS) == province.name.startswith("Thành phố"):
                yield end - len(kind), province.code


async def commune(code: str) -> Unit | None:
    """The commune in force with this 5-digit code, and its province; None when there is none."""
    return (await two_communes(code, code)).get(code)


async def two_communes(code: str, other: str) -> dict[str, Unit]:
    """The communes in force with these two codes, by code; those there are. One query at most.

    The map changes with a release only: who was found once is not asked for again. Two and not a list: with a list
    PostgreSQL would plan it anew each time, which takes longer than to answer it.
    """
    if code not in _found or other not in _found:
        for row in await sql(COMMUNE_SQL, [code, other, NEW]):
            _found[str(row["code"])] = Unit(**{name: str(value) for name, value in row.items()})
    return {one: _found[one] for one in (code, other) if one in _found}


async def successors_of(old_code: str) -> list[Successor]:
    """What the old province or commune became, likeliest first; more than one means: ask the person.

    The five old island districts without communes go by their district code. Unknown codes give an empty list.
    """
    links = await AdminUnitSuccessor.filter(old_code=old_code, old_version=OLD, new_version=NEW).order_by(
        "id"
    )
    rows = await AdminUnit.filter(code__in=[link.new_code for link in links], version=NEW) if links else []
    units = await _with_provinces(rows)
    return [Successor(units[link.new_code], link.share) for link in links if link.new_code in units]


async def _with_provinces(rows: Sequence[AdminUnit]) -> dict[str, Unit]:
    codes = {row.parent_code or row.code for row in rows}
    names = dict(
        await AdminUnit.filter(code__in=list(codes), version=NEW, level="province").values_list(
            "code", "name"
        )
    )
    return {row.code: _unit(row, row.parent_code or row.code, names) for row in rows}


def _unit(row: AdminUnit, province_code: str, names: dict[str, str]) -> Unit:
    return Unit(
        row.code,
        row.level,
        row.name,
        row.short_name,
        row.type,
        province_code,
        names.get(province_code, ""),
    )
