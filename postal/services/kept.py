"""Parcels that their recipients fetch at a post office: what lies there and for how long, whose code is shown."""

from dataclasses import dataclass
from datetime import date, datetime

from kit.dates import vietnam_date
from kit.rules import days_after
from postal.delivery_code import read_shown, whose
from postal.models import Parcel, PostalPoint
from postal.parcel_code import is_parcel_code, normal_code
from postal.services.views import ParcelView, view_of
from postal.states import ParcelState

PAGE_ROWS = 24
PAGES_MAX = 200
LOOKED_AT = 1000
KEPT_RULE, KEPT_DAYS = "point_kept_days", 5


@dataclass(frozen=True)
class KeptParcel:
    """A parcel that lies at a post office; `is_over` when its last day there has passed."""

    parcel: ParcelView
    point: str
    is_over: bool


@dataclass(frozen=True)
class KeptPage:
    """A page of them, by post office, the longest kept first."""

    rows: list[KeptParcel]
    page: int
    has_more: bool


async def last_day(now: datetime) -> date:
    """The last day on which a post office keeps a parcel that arrives now (a dated rule)."""
    return await days_after(KEPT_RULE, vietnam_date(now), KEPT_DAYS)


async def kept_parcels(*, now: datetime, page: int = 1) -> KeptPage:
    """What lies at the post offices for its recipients to fetch. Two queries."""
    page, today = max(1, min(page, PAGES_MAX)), vietnam_date(now)
    lying = Parcel.filter(
        point_id__isnull=False, state=ParcelState.AT_DELIVERY_OFFICE, code__isnull=False
    ).order_by("point_id", "kept_until", "id")
    found = await lying.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
    points = {one.id: one.name for one in await PostalPoint.filter(id__in=[row.point_id for row in found])}
    rows = [
        KeptParcel(
            view_of(row), points.get(row.point_id or 0, ""), bool(row.kept_until and today > row.kept_until)
        )
        for row in found[:PAGE_ROWS]
    ]
    return KeptPage(rows, page, len(found) > PAGE_ROWS)


async def parcel_shown(text: str, secret: str) -> tuple[str, str]:
    """The parcel's code and the six digits in what a recipient shows: «C4…-123456» from their QR code, or the digits.

    Raises Refusal at `shown` when there are no such digits, or when they are of no parcel that lies here or of several.
    """
    shown = read_shown(text, field="shown")
    code = normal_code(shown.code)
    if is_parcel_code(code):
        return code, shown.digits
    lying = Parcel.filter(point_id__isnull=False, state=ParcelState.AT_DELIVERY_OFFICE, code__isnull=False)
    codes = await lying.order_by("id").limit(LOOKED_AT).values_list("code", flat=True)
    return whose(shown, map(str, codes), secret, field="shown"), shown.digits
