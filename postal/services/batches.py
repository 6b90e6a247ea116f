"""Lists for a carrier without an interface: bookings gathered into a file, and its files taken back, each row once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.queryset import QuerySet

from accounts.services import record
from kit.db import insert_all, locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import say
from kit.outbox import later_one
from postal.gates.by_file import written
from postal.gates.names import BY_FILE
from postal.models import CarrierBatch, CarrierNotice, Parcel
from postal.services.views import ParcelView, view_of
from postal.states import FINAL, BookingState
from postal.status_sheet import StatusRow

SHEET = "sheet"
PAGE_ROWS = 24
PAGES_MAX = 200
PARCELS_MAX = 1_000


@dataclass(frozen=True)
class BatchRow:
    """A list that was made."""

    id: int
    parcels: int
    made_by: int
    made_at: datetime


@dataclass(frozen=True)
class BatchPage:
    """A page of lists, the newest first, and how many parcels wait for the next one."""

    waiting: int
    rows: list[BatchRow]
    page: int
    has_more: bool


async def make_batch(*, person_id: int, now: datetime) -> int:
    """Gathers what was booked and is on no list into one, each parcel once; its number. Conflict when nothing waits."""
    async with transaction():
        ids = await _waiting().order_by("id").limit(PARCELS_MAX).values_list("id", flat=True)
        rows = (await locked(Parcel, ids)).values()
        parcels = [one for one in rows if one.batch_id is None and one.state not in FINAL]
        if not parcels:
            raise Conflict(say("Chưa có bưu gửi mới nào chờ bàn giao."))
        made = await CarrierBatch.create(
            carrier=BY_FILE, parcels=len(parcels), made_by=person_id, made_at=now
        )
        await Parcel.filter(id__in=[one.id for one in parcels]).update(batch_id=made.id)
        await record(person_id, "batch_made", "carrier_batch", str(made.id), parcels=len(parcels))
    return int(made.id)


async def parcels_of_batch(batch_id: int, *, person_id: int) -> list[ParcelView]:
    """The parcels of a list, with names and phones: that they were read is recorded. Raises NotFound."""
    if not await CarrierBatch.exists(id=batch_id):
        raise NotFound()
    rows = await Parcel.filter(carrier=BY_FILE, batch_id=batch_id).order_by("id")
    async with transaction():
        codes = [one.code for one in rows]
        await record(person_id, "phones_read", "work_list", f"batch:{batch_id}", codes=codes)
    return [view_of(one) for one in rows]


async def batches(page: int = 1) -> BatchPage:
    """A page of lists. Two queries."""
    page = max(1, min(page, PAGES_MAX))
    found = CarrierBatch.filter(carrier=BY_FILE).order_by("-made_at", "-id").offset((page - 1) * PAGE_ROWS)
    rows = await found.limit(PAGE_ROWS + 1)
    shown = [BatchRow(one.id, one.parcels, one.made_by, one.made_at) for one in rows[:PAGE_ROWS]]
    return BatchPage(await _waiting().count(), shown, page, len(rows) > PAGE_ROWS)


async def take_statuses(rows: Sequence[StatusRow], *, name: str, person_id: int, now: datetime) -> int:
    """Writes the rows of a file down as the carrier's news, each once whatever file it stands in; how many are new.

    The job that reads all carriers' news does the rest: an unknown parcel or status is put before a person.
    """
    bodies = [
        written(
            reference=one.reference,
            waybill=one.waybill,
            status=one.status,
            at=one.at,
            note=one.note,
            fee_dong=one.fee_dong,
        )
        for one in rows
    ]
    keys = {hashlib.sha256(body.encode()).hexdigest(): body for body in bodies}
    async with transaction():
        kept = CarrierNotice.filter(carrier=BY_FILE, event_key__in=list(keys))
        before = await kept.count()
        await insert_all(
            [
                CarrierNotice(carrier=BY_FILE, event_key=key, source=SHEET, body=body, received_at=now)
                for key, body in keys.items()
            ],
            "ON CONFLICT (carrier, event_key) DO NOTHING",
        )
        await later_one("fold_carrier_notices")
        fresh = len(keys) - before
        await record(person_id, "statuses_imported", "carrier", BY_FILE, name=name[:120], rows=fresh)
    return fresh


def _waiting() -> QuerySet[Parcel]:
    return Parcel.filter(carrier=BY_FILE, batch_id__isnull=True, booking=BookingState.BOOKED).exclude(
        state__in=list(FINAL)
    )
