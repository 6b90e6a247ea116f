"""A few communes for forms, without loading all of them."""

from dataclasses import dataclass

import pytest

from kit.models import AdminUnit
from kit.units import NEW, OLD, Unit, unit_rows
from tests.factories import LA_HIEN, TAN_CUONG

WANTED = {"19", "20", "38", TAN_CUONG, LA_HIEN, "05443", "05923", "06445", "15661"}


@dataclass(frozen=True)
class Communes:
    """Two communes in force."""

    tan_cuong: Unit
    la_hien: Unit


@pytest.fixture
async def communes(db: None) -> Communes:
    """Tân Cương, La Hiên, and three that are all called Tân Thành."""
    known = set(await AdminUnit.filter(version=NEW).values_list("code", flat=True))
    rows = [row for row in unit_rows() if row["version"] != OLD and row["code"] in WANTED - known]
    await AdminUnit.bulk_create([AdminUnit(**row) for row in rows])
    return Communes(
        Unit(TAN_CUONG, "commune", "Xã Tân Cương", "Tân Cương", "xã", "19", "Tỉnh Thái Nguyên"),
        Unit(LA_HIEN, "commune", "Xã La Hiên", "La Hiên", "xã", "19", "Tỉnh Thái Nguyên"),
    )
