"""A few communes for forms, without loading all of them."""

from dataclasses import dataclass

import pytest

from kit.units import Unit
from tests.factories import LA_HIEN, TAN_CUONG, units

WANTED = {"19", "20", "38", TAN_CUONG, LA_HIEN, "05443", "05923", "06445", "15661"}


@dataclass(frozen=True)
class Communes:
    """Two communes in force."""

    tan_cuong: Unit
    la_hien: Unit


@pytest.fixture
async def communes(db: None) -> Communes:
    """Tân Cương, La Hiên, and three that are all called Tân Thành."""
    await units(*WANTED)
    return Communes(
        Unit(TAN_CUONG, "commune", "Xã Tân Cương", "Tân Cương", "xã", "19", "Tỉnh Thái Nguyên"),
        Unit(LA_HIEN, "commune", "Xã La Hiên", "La Hiên", "xã", "19", "Tỉnh Thái Nguyên"),
    )
