"""What a supervisor looks at: parcels late, stuck, lost or in doubt, where parcels are, how well carriers do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from kit.db import sql
from postal.models import Parcel
from postal.services.promise import DUE_SQL, due_at
from postal.services.views import ParcelView, view_of
from postal.states import FINAL, ParcelState

ROWS_MAX = 24
STUCK_AFTER = timedelta(hours=48)
LOOKED_BACK = timedelta(days=30)


class Trouble(StrEnum):
    """What is wrong with a parcel."""

    LATE = "late"
    STUCK = "stuck"
    LOST = "lost"


@dataclass(frozen=True)
class TroubleList:
    """Parcels in one trouble, the longest first, and how many there are in all."""

    kind: Trouble
    parcels: list[ParcelView]
    all_count: int

    @property
    def rows(self) -> list[tuple[ParcelView, datetime]]:
        """Each with the moment by which it was promised."""
        return [(one, due_at(one)) for one in self.parcels]


@dataclass(frozen=True)
class CommuneCount:
    """Parcels under way to a commune and those in trouble there, of the last 30 days."""

    code: str
    name: str
    under_way: int
    delivered: int
    troubled: int


@dataclass(frozen=True)
class CarrierFigures:
    """One carrier's last 30 days: how parcels ended, and delivered ones by days (0, 1, 2 … 7 and more).

    `in_time` were delivered by the day that was promised for them.
    """

    carrier: str
    delivered: int
    in_time: int
    at_first_try: int
    returned: int
    lost: int
    days: tuple[int, ...]

    @property
    def ended(self) -> int:
        """How many parcels have ended."""
        return self.delivered + self.returned + self.lost


_OPEN = [state for state in ParcelState if state not in FINAL]


async def troubles(*, now: datetime) -> list[TroubleList]:
    """Late, stuck and lost parcels, at most 24 of each; six queries."""
    return [await _late(now), await _stuck(now), await _lost(now)]


async def _late(now: datetime) -> TroubleList:
    """Past the days that its carrier promised, or our sheet, and a day for collecting (promise.due_at)."""
    rows = await sql(
        f"SELECT id, count(*) OVER () AS all_count FROM parcel"  # noqa: S608
        f" WHERE code IS NOT NULL AND state = ANY($1) AND {DUE_SQL} < $2 ORDER BY {DUE_SQL}, id LIMIT {ROWS_MAX}",
        [list(map(str, _OPEN)), now],
    )
    found = {row.id: row for row in await Parcel.filter(id__in=[int(str(row["id"])) for row in rows])}
    parcels = [view_of(found[int(str(row["id"]))]) for row in rows]
    return TroubleList(Trouble.LATE, parcels, int(str(rows[0]["all_count"])) if rows else 0)


async def _stuck(now: datetime) -> TroubleList:
    still = Parcel.filter(state__in=_OPEN, changed_at__lt=now - STUCK_AFTER, code__isnull=False)
    rows = await still.order_by("changed_at", "id").limit(ROWS_MAX)
    return TroubleList(Trouble.STUCK, [view_of(row) for row in rows], await still.count())


async def _lost(now: datetime) -> TroubleList:
    gone = Parcel.filter(
        state__in=[ParcelState.LOST, ParcelState.DAMAGED],
        changed_at__gte=now - LOOKED_BACK,
        code__isnull=False,
    )
    rows = await gone.order_by("-changed_at", "-id").limit(ROWS_MAX)
    return TroubleList(Trouble.LOST, [view_of(row) for row in rows], await gone.count())


async def by_commune(*, now: datetime) -> list[CommuneCount]:
    """Where the parcels of the last 30 days go, those with most parcels first; one query."""
    rows = await sql(
        "SELECT recipient_commune_code AS code, min(recipient_commune) AS name,"
        " count(*) FILTER (WHERE state = ANY($1)) AS under_way,"
        " count(*) FILTER (WHERE state = 'delivered') AS delivered,"
        " count(*) FILTER (WHERE state IN ('failed_attempt', 'returning', 'returned', 'lost', 'damaged')) AS troubled"
        " FROM parcel WHERE booked_at >= $2 AND code IS NOT NULL"
        " GROUP BY recipient_commune_code ORDER BY count(*) DESC, code LIMIT 200",
        [list(map(str, _OPEN)), now - LOOKED_BACK],
    )
    return [_commune(row) for row in rows]


def _commune(row: dict[str, object]) -> CommuneCount:
    under_way, delivered, troubled = (int(str(row[name])) for name in _COUNTS)
    return CommuneCount(str(row["code"]), str(row["name"]), under_way, delivered, troubled)


_COUNTS = ("under_way", "delivered", "troubled")


async def by_carrier(*, now: datetime) -> list[CarrierFigures]:
    """How the parcels booked in the last 30 days ended, for each carrier; one query."""
    rows = await sql(
        f"WITH ended AS (SELECT parcel.carrier, parcel.state, parcel.attempts, parcel.booked_at, {DUE_SQL} AS due_at,"  # noqa: S608
        " CASE WHEN parcel.state = 'delivered' THEN (SELECT min(happened_at) FROM parcel_event"
        " WHERE parcel_id = parcel.id AND state = 'delivered') END AS there_at"
        " FROM parcel WHERE booked_at >= $1 AND state IN ('delivered', 'returned', 'lost', 'damaged')),"
        " counted AS (SELECT *, CASE WHEN there_at IS NOT NULL THEN"
        " least(7, floor(extract(epoch FROM there_at - booked_at) / 86400))::int END AS days FROM ended)"
        " SELECT carrier, count(*) FILTER (WHERE state = 'delivered') AS delivered,"
        " count(*) FILTER (WHERE there_at <= due_at) AS in_time,"
        " count(*) FILTER (WHERE state = 'delivered' AND attempts = 0) AS at_first_try,"
        " count(*) FILTER (WHERE state = 'returned') AS returned,"
        " count(*) FILTER (WHERE state IN ('lost', 'damaged')) AS lost,"
        " array(SELECT count(*) FILTER (WHERE one.days = day) FROM generate_series(0, 7) AS day"
        " LEFT JOIN counted AS one ON one.carrier = counted.carrier AND one.days = day"
        " GROUP BY day ORDER BY day) AS days"
        " FROM counted GROUP BY carrier ORDER BY carrier",
        [now - LOOKED_BACK],
    )
    return [_figures(row) for row in rows]


def _figures(row: dict[str, object]) -> CarrierFigures:
    days = tuple(int(count) for count in cast(list[int], row["days"]))
    delivered, in_time, first, returned, lost = (int(str(row[name])) for name in _ENDS)
    return CarrierFigures(str(row["carrier"]), delivered, in_time, first, returned, lost, days)


_ENDS = ("delivered", "in_time", "at_first_try", "returned", "lost")
