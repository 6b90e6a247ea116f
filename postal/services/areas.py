"""Carriers' own numbers and spellings of communes: fetched by a job, matched by name, the rest left to a person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.services import record
from kit.db import locked, sql, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.outbox import later_one
from kit.text import fold, nfc
from kit.units import NEW, commune
from postal.carrier import Area, Capability, Party
from postal.gates.register import Carriers
from postal.models import CarrierArea
from postal.services.alerts import AlertKind, alert

STRUCTURE = NEW
STALE_AFTER = timedelta(days=7)
PAGE_ROWS = 24
PAGES_MAX = 200
_UNITS = """
    SELECT c.code, c.name, p.name AS province FROM admin_unit c
    JOIN admin_unit p ON p.code = c.parent_code AND p.version = c.version
    WHERE c.version = $1 AND c.level = 'commune'
"""
# A person's word stays; else the name decides anew.
_KEEP = """
    INSERT INTO carrier_area
        (carrier, structure, carrier_id, carrier_name, parent_id, parent_name, unit_code, synced_at)
    SELECT $1, $2, area.*, $3
    FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) AS area (id, name, parent_id, parent, unit)
    ON CONFLICT (carrier, structure, carrier_id) DO UPDATE SET carrier_name = excluded.carrier_name,
        parent_id = excluded.parent_id, parent_name = excluded.parent_name, synced_at = excluded.synced_at,
        unit_code = CASE WHEN carrier_area.confirmed_by IS NULL THEN excluded.unit_code ELSE carrier_area.unit_code END
"""


@dataclass(frozen=True)
class OpenArea:
    """A commune of a carrier that nobody knows the place of."""

    id: int
    carrier: str
    name: str
    province: str


@dataclass(frozen=True)
class AreaPage:
    """What waits for a person, and how many communes of each carrier are known."""

    areas: list[OpenArea]
    known: dict[str, int]
    page: int
    has_more: bool


async def sync_areas(carriers: Carriers, *, now: datetime) -> None:
    """Job: fetches the communes of every carrier that numbers them, and matches them by name and province."""
    for carrier in carriers.that_can(Capability.AREAS):
        if await CarrierArea.exists(carrier=carrier.code, synced_at__gt=now - STALE_AFTER):
            continue
        await keep_areas(carrier.code, await carrier.areas(), now=now)


async def leave_sync(carriers: Carriers, *, now: datetime) -> None:
    """Round: leaves the job when a carrier's list was never fetched, or a week ago."""
    for carrier in carriers.that_can(Capability.AREAS):
        if not await CarrierArea.exists(carrier=carrier.code, synced_at__gt=now - STALE_AFTER):
            async with transaction():
                await later_one("sync_carrier_areas")
            return


async def keep_areas(carrier: str, areas: Sequence[Area], *, now: datetime) -> None:
    """Writes a carrier's list down; what matches no commune, or more than one, is counted for a person."""
    rows = await sql(_UNITS, [STRUCTURE])
    known: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        of_name = known.setdefault(_key(str(row["name"]), str(row["province"])), [])
        of_name.append((str(row["code"]), str(row["name"])))
    matched = [_only(known.get(_key(one.name, one.parent_name), []), one.name) for one in areas]
    columns = [
        list(column)
        for column in zip(*((a.id, a.name, a.parent_id, a.parent_name) for a in areas), strict=True)
    ]
    if not columns:
        return
    async with transaction():
        await sql(_KEEP, [carrier, STRUCTURE, now, *columns, matched])
        unknown = await CarrierArea.filter(carrier=carrier, unit_code__isnull=True).count()
        if unknown:
            await alert(AlertKind.AREAS, carrier, STRUCTURE, now=now, detail=str(unknown))


async def open_areas(page: int = 1) -> AreaPage:
    """A page of the communes that wait for a person."""
    page = max(1, min(page, PAGES_MAX))
    waiting = CarrierArea.filter(unit_code__isnull=True).order_by("carrier", "parent_name", "id")
    rows = await waiting.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
    counted = await sql(
        "SELECT carrier, count(unit_code) AS n FROM carrier_area GROUP BY carrier ORDER BY carrier"
    )
    shown = [OpenArea(one.id, one.carrier, one.carrier_name, one.parent_name) for one in rows[:PAGE_ROWS]]
    known = {str(one["carrier"]): int(str(one["n"])) for one in counted}
    return AreaPage(shown, known, page, len(rows) > PAGE_ROWS)


async def confirm_area(area_id: int, unit_code: str, *, person_id: int, now: datetime) -> None:
    """A person says which commune it is. Raises NotFound, or Refusal at `commune_code`."""
    unit = await commune(unit_code)
    if unit is None:
        raise Refusal(say("Không có xã, phường nào mang mã «{code}».", code=unit_code), field="commune_code")
    async with transaction():
        row = (await locked(CarrierArea, [area_id])).get(area_id)
        if row is None:
            raise NotFound()
        row.unit_code, row.confirmed_by = unit.code, person_id
        await row.save(update_fields=["unit_code", "confirmed_by"])
        await record(person_id, "carrier_area_confirmed", "carrier_area", str(area_id), unit=unit.code)


async def spell_area(
    carrier: str, unit_code: str, name: str, province: str, *, person_id: int, now: datetime
) -> None:
    """How a carrier that wants names writes a commune, where it is not the official one. Raises Refusal."""
    if await commune(unit_code) is None:
        raise Refusal(say("Không có xã, phường nào mang mã «{code}».", code=unit_code), field="commune_code")
    async with transaction():
        await CarrierArea.update_or_create(
            carrier=carrier,
            structure=STRUCTURE,
            carrier_id=unit_code,
            defaults={
                "carrier_name": name,
                "parent_id": "",
                "parent_name": province,
                "unit_code": unit_code,
                "synced_at": now,
                "confirmed_by": person_id,
            },
        )
        await record(person_id, "carrier_area_confirmed", "carrier_area", f"{carrier}:{unit_code}", name=name)


async def knows_places(carrier: str) -> bool:
    """Whether a carrier's list of communes was ever fetched; before that it can be asked for nothing."""
    return await CarrierArea.exists(carrier=carrier)


async def placed_for(carrier: str, *parties: Party) -> list[Party]:
    """The parties with their places in a carrier's own numbers, where they are known. One query."""
    rows = await CarrierArea.filter(
        carrier=carrier, structure=STRUCTURE, unit_code__in=[one.commune_code for one in parties]
    ).order_by("id")
    areas = {
        row.unit_code: Area(row.carrier_id, row.carrier_name, row.parent_id, row.parent_name) for row in rows
    }
    return [replace(one, area=areas.get(one.commune_code)) for one in parties]


def _only(found: Sequence[tuple[str, str]], name: str) -> str | None:
    """The one commune of these (code, name), or the one among several whose marks are the same too."""
    if len(found) > 1:
        found = [one for one in found if nfc(one[1]).casefold() == nfc(name).casefold()]
    return found[0][0] if len(found) == 1 else None


_PROVINCE_TYPE = re.compile(r"^(tinh|thanh pho|tp\.?) ")
_COMMUNE_TYPE = re.compile(r"^(p\.|x\.|dk\.) ?")
_LONG = {"p.": "phuong ", "x.": "xa ", "dk.": "dac khu "}


def _key(name: str, province: str) -> tuple[str, str]:
    """Type and name without marks and case; the type stays, for a phường and a xã may share a name."""
    plain = re.sub(r"\s+", " ", fold(name)).strip()
    found = _COMMUNE_TYPE.match(plain)
    if found:
        plain = _LONG[found[1]] + plain[found.end() :]
    return plain, _PROVINCE_TYPE.sub("", re.sub(r"\s+", " ", fold(province)).strip())
