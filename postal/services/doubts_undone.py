"""A wrong decision at the desk is taken back: an act that was not to count waits for a person again."""

from datetime import datetime, timedelta

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import say
from kit.outbox import announce
from postal.models import DoubtfulAct, Parcel, ParcelEvent
from postal.services.door import DoubtLine, doubt_line

UNDONE_WITHIN = timedelta(days=7)
SHOWN = 20


async def decided_doubts(*, now: datetime) -> list[DoubtLine]:
    """Acts that were decided not to count within the last seven days, newest first. Two queries."""
    rows = DoubtfulAct.filter(settled_at__gte=now - UNDONE_WITHIN).order_by("-settled_at", "-id")
    found = await rows.limit(SHOWN).select_related("parcel")
    counted = await ParcelEvent.filter(event_key__in=[one.event_key for one in found]).values_list(
        "parcel_id", "event_key"
    )
    return [doubt_line(one) for one in found if (one.parcel_id, one.event_key) not in set(counted)]


async def reopen_doubt(doubt_id: int, words: str, *, person_id: int, now: datetime) -> None:
    """Takes back that an act was not to count: it waits again, with who took it back and why in the trail.

    NotFound when there is none; Conflict when it waits still, counts already, or was decided over a week ago.
    """
    row = await DoubtfulAct.get_or_none(id=doubt_id)
    if row is None:
        raise NotFound()
    async with transaction():
        parcel = (await locked(Parcel, [row.parcel_id]))[row.parcel_id]
        row = (await locked(DoubtfulAct, [doubt_id]))[doubt_id]
        if row.settled_at is None:
            raise Conflict(say("Việc này đang chờ người xem."))
        if await ParcelEvent.exists(parcel_id=parcel.id, event_key=row.event_key):
            raise Conflict(say("Việc này đã được tính rồi. Ghi việc mới cho đúng."))
        if row.settled_at < now - UNDONE_WITHIN:
            raise Conflict(say("Đã quá bảy ngày từ khi quyết định."))
        row.settled_at, row.settled_by, row.outcome = None, None, ""
        await row.save(update_fields=["settled_at", "settled_by", "outcome"])
        await record(person_id, "doubt_reopened", "parcel", parcel.code, words=words)
        await announce("post")
