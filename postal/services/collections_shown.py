"""Collected money as sellers and the office read it: sums by where it is, and the parcels behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import select, sql
from postal.models import Parcel
from postal.staff_carrier import CODE as STAFF
from postal.states import MoneyState, ParcelState

PAGE_ROWS = 24
PAGES_MAX = 500
_SUMS = """
    SELECT money, count(*)::int AS parcels, sum(cod_dong)::bigint AS dong FROM parcel
    WHERE vendor_id = ANY($1) AND cod_dong > 0 GROUP BY money
"""
_PAGE = "WHERE vendor_id = ANY($1) AND cod_dong > 0 ORDER BY id DESC OFFSET $2 LIMIT $3"


@dataclass(frozen=True)
class MoneySum:
    """How much money of how many parcels is in one place."""

    parcels: int = 0
    dong: int = 0


@dataclass(frozen=True)
class CollectedRow:
    """One parcel that is paid at the door. `is_said`: a carrier outside the house says so, and nobody else yet."""

    code: str
    order_code: str
    carrier: str
    state: ParcelState
    money: MoneyState
    dong: int
    fee_dong: int | None
    booked_at: datetime

    @property
    def is_said(self) -> bool:
        """Whether only a carrier's word stands for it."""
        return self.money is MoneyState.COLLECTED and self.carrier != STAFF


@dataclass(frozen=True)
class CollectedPage:
    """A page of parcels, the newest first."""

    rows: list[CollectedRow]
    page: int
    has_more: bool


async def collected_sums(vendor_ids: Sequence[int]) -> dict[MoneyState, MoneySum]:
    """These sellers' collected money by where it is. One query."""
    rows = await sql(_SUMS, [list(vendor_ids)])
    found = {
        MoneyState(str(row["money"])): MoneySum(int(str(row["parcels"])), int(str(row["dong"])))
        for row in rows
    }
    return {one: found.get(one, MoneySum()) for one in MoneyState}


async def collected_page(vendor_ids: Sequence[int], page: int = 1) -> CollectedPage:
    """A page of these sellers' parcels that are paid at the door. One query."""
    page = max(1, min(page, PAGES_MAX))
    found = await select(Parcel, _PAGE, [list(vendor_ids), (page - 1) * PAGE_ROWS, PAGE_ROWS + 1])
    rows = [
        CollectedRow(
            one.code or "",
            one.order_code,
            one.carrier,
            one.state,
            one.money,
            one.cod_dong,
            one.fee_dong,
            one.booked_at,
        )
        for one in found[:PAGE_ROWS]
    ]
    return CollectedPage(rows, page, len(found) > PAGE_ROWS)
