"""What a person has to look at about carriers: codes nobody knows, bookings nobody can find, prices that differ."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.services import record
from kit.db import is_in_transaction, locked, sql, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import say
from postal.models import CarrierAlert, Parcel
from postal.services.views import ParcelView, view_of

PAGE_ROWS = 24
PAGES_MAX = 200


class AlertKind(StrEnum):
    """What is the matter."""

    UNKNOWN_CODE = "unknown_code"
    UNREADABLE = "unreadable"
    UNKNOWN_PARCEL = "unknown_parcel"
    SUBMISSION_UNKNOWN = "submission_unknown"
    REJECTED = "rejected"
    AFTER_FINAL = "after_final"
    DECISION_NEEDED = "decision_needed"
    LOST = "lost"
    CANCELLED = "cancelled"
    NOT_STOPPED = "not_stopped"
    STATEMENT = "statement"
    SILENT = "silent"
    UNREMITTED = "unremitted"
    AREAS = "areas"
    CLAIM = "claim"


_RAISE = """
    INSERT INTO carrier_alert (carrier, kind, subject, parcel_id, detail, times, first_at, last_at)
    VALUES ($1, $2, $3, $4, $5, 1, $6, $6)
    ON CONFLICT (carrier, kind, subject) WHERE closed_at IS NULL
    DO UPDATE SET times = carrier_alert.times + 1, last_at = $6, detail = $5
"""


@dataclass(frozen=True)
class Alert:
    """One open matter; `parcel` where it is about one."""

    id: int
    carrier: str
    kind: AlertKind
    subject: str
    detail: str
    times: int
    first_at: datetime
    last_at: datetime
    parcel: ParcelView | None


@dataclass(frozen=True)
class AlertPage:
    """Open matters, the newest first."""

    alerts: list[Alert]
    page: int
    has_more: bool


async def alert(
    kind: AlertKind,
    carrier: str,
    subject: str,
    *,
    now: datetime,
    detail: str = "",
    parcel_id: int | None = None,
) -> None:
    """Puts a matter before a person; the same again counts up. Needs an open transaction()."""
    if not is_in_transaction():
        raise RuntimeError("alert() needs an open transaction()")
    await sql(_RAISE, [carrier, str(kind), subject[:80], parcel_id, detail[:300], now])


async def settled(parcel_id: int, *kinds: AlertKind, now: datetime) -> None:
    """Closes a parcel's matters of these kinds that ended by themselves. Needs an open transaction()."""
    open_ones = CarrierAlert.filter(
        parcel_id=parcel_id, closed_at__isnull=True, kind__in=[str(one) for one in kinds]
    )
    await open_ones.update(closed_at=now)


async def open_alerts(page: int = 1) -> AlertPage:
    """A page of what waits for a person. Two queries."""
    page = max(1, min(page, PAGES_MAX))
    rows = (
        await CarrierAlert.filter(closed_at__isnull=True)
        .order_by("-last_at", "-id")
        .offset((page - 1) * PAGE_ROWS)
        .limit(PAGE_ROWS + 1)
    )
    shown = rows[:PAGE_ROWS]
    ids = [one.parcel_id for one in shown if one.parcel_id]
    parcels = {one.id: view_of(one) for one in await Parcel.filter(id__in=ids)} if ids else {}
    return AlertPage([_seen(one, parcels) for one in shown], page, len(rows) > PAGE_ROWS)


async def close_alert(alert_id: int, *, person_id: int, now: datetime) -> None:
    """A person has seen to it. Raises NotFound, or Conflict when it is closed already."""
    async with transaction():
        row = (await locked(CarrierAlert, [alert_id])).get(alert_id)
        if row is None:
            raise NotFound()
        if row.closed_at is not None:
            raise Conflict(say("Việc này đã có người xử lý rồi."))
        row.closed_at, row.closed_by = now, person_id
        await row.save(update_fields=["closed_at", "closed_by"])
        await record(person_id, "carrier_alert_closed", "carrier_alert", str(alert_id), kind=row.kind)


def _seen(row: CarrierAlert, parcels: dict[int, ParcelView]) -> Alert:
    return Alert(
        row.id,
        row.carrier,
        AlertKind(row.kind),
        row.subject,
        row.detail,
        row.times,
        row.first_at,
        row.last_at,
        parcels.get(row.parcel_id or 0),
    )
