"""Looking after parcels that carriers carry: asking where they are, telling what the seller wants, stopping them."""

import logging
from datetime import datetime, timedelta

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.gates import Malformed
from kit.i18n import say
from kit.outbox import later, later_each
from postal.carrier import (
    CancelAnswer,
    Capability,
    CapabilityMissing,
    CarrierFault,
    CarrierRejected,
    LabelDocument,
    LabelSize,
)
from postal.gates.register import Carriers
from postal.models import CarrierNotice, Parcel
from postal.services.alerts import AlertKind, alert, settled
from postal.services.notices import fold_told
from postal.staff_carrier import CODE as STAFF
from postal.states import FINAL, BookingState, Flag

OVERLAP = timedelta(minutes=30)
FIRST_LOOK_BACK = timedelta(days=2)
SILENT_AFTER = timedelta(hours=12)
TOLD_OF_SILENCE_AFTER = timedelta(days=3)
AT_ONCE = 100
LISTED = "list"
REDELIVER, SEND_BACK = "redeliver", "send_back"
WISHES = {REDELIVER: Capability.REDELIVER, SEND_BACK: Capability.SEND_BACK}
log = logging.getLogger("postal")


async def track(parcel_id: int, carriers: Carriers, *, now: datetime) -> None:
    """Job `track_parcel`: asks a carrier where a parcel is and folds what it says. Raises CarrierUnavailable."""
    parcel = await Parcel.get_or_none(id=parcel_id)
    carrier = carriers.get(parcel.carrier) if parcel else None
    if parcel is None or carrier is None or not parcel.tracking_code:
        return
    if Capability.TRACK not in carrier.capabilities():
        return
    try:
        facts = await carrier.track(parcel.tracking_code)
    except (CarrierRejected, Malformed) as fault:
        log.warning("%s could not be tracked: %s", parcel.code, fault)
        return
    await fold_told(carrier, facts, now=now)
    await Parcel.filter(id=parcel_id).update(heard_at=now)


async def poll(carriers: Carriers, *, now: datetime) -> None:
    """Round: reads the lists of changes of carriers that have one, back to the last reading and a little further."""
    for carrier in carriers.that_can(Capability.LIST_CHANGED):
        last = (
            await CarrierNotice.filter(carrier=carrier.code, source=LISTED).order_by("-received_at").first()
        )
        since = max(last.received_at - OVERLAP if last else now - FIRST_LOOK_BACK, now - FIRST_LOOK_BACK)
        if not await Parcel.exists(
            carrier=carrier.code, booking=BookingState.BOOKED, state__not_in=list(FINAL)
        ):
            continue
        try:
            facts = await carrier.list_changed(since, now)
        except (CarrierFault, Malformed) as fault:
            log.warning("the list of %s was not read: %s", carrier.code, fault)
            continue
        known = {
            str(code)
            for code in await Parcel.filter(
                carrier=carrier.code, tracking_code__in=[one.tracking_code for one in facts]
            ).values_list("tracking_code", flat=True)
        }
        await fold_told(carrier, [one for one in facts if one.tracking_code in known], now=now, source=LISTED)


async def leave_looks(carriers: Carriers, *, now: datetime) -> None:
    """Round: parcels that nobody told of for twelve hours are asked about; for three days, a person is told."""
    for carrier in carriers.by_code.values():
        if carrier.code == STAFF:
            continue
        on_the_way = Parcel.filter(
            carrier=carrier.code,
            booking=BookingState.BOOKED,
            state__not_in=list(FINAL),
            tracking_code__not="",
        )
        silent = await on_the_way.filter(heard_at__lt=now - SILENT_AFTER).order_by("heard_at").limit(AT_ONCE)
        never = await on_the_way.filter(heard_at__isnull=True, booked_at__lt=now - SILENT_AFTER).limit(
            AT_ONCE
        )
        async with transaction():
            if Capability.TRACK in carrier.capabilities():
                await later_each("track_parcel", [one.id for one in [*silent, *never]])
            for one in [*silent, *never]:
                if (one.heard_at or one.booked_at) < now - TOLD_OF_SILENCE_AFTER:
                    await alert(AlertKind.SILENT, one.carrier, one.code or "", now=now, parcel_id=one.id)


async def wish_for(code: str, wish: str, *, vendor_id: int | None, person_id: int, now: datetime) -> None:
    """What the seller (or staff, with no vendor) wants done with a parcel that could not be delivered; leaves the job.

    Raises NotFound for somebody else's parcel, Conflict when the carrier waits for no decision.
    """
    parcel_id = await Parcel.filter(code=code).values_list("id", flat=True)
    async with transaction():
        row = (await locked(Parcel, [int(str(one)) for one in parcel_id])).get(
            parcel_id[0] if parcel_id else 0
        )
        if row is None or (vendor_id is not None and row.vendor_id != vendor_id):
            raise NotFound()
        if Flag.DECISION_NEEDED not in row.flags or row.wish or wish not in WISHES:
            raise Conflict(say("Bưu gửi này không còn chờ bạn quyết định nữa."))
        row.wish = wish
        await row.save(update_fields=["wish"])
        await settled(row.id, AlertKind.DECISION_NEEDED, now=now)
        await record(person_id, "parcel_wished", "parcel", row.code or "", wish=wish)
        await later("tell_wish", row.id)


async def tell_wish(parcel_id: int, carriers: Carriers, *, now: datetime) -> None:
    """Job: tells the carrier what the seller wants; a no is put before a person. Raises CarrierUnavailable."""
    parcel = await Parcel.get_or_none(id=parcel_id)
    carrier = carriers.get(parcel.carrier) if parcel else None
    if parcel is None or carrier is None or parcel.wish not in WISHES:
        return
    note = parcel.order_code
    try:
        if parcel.wish == REDELIVER:
            await carrier.redeliver(parcel.tracking_code, note=note)
        else:
            await carrier.send_back(parcel.tracking_code, note=note)
    except (CarrierRejected, CapabilityMissing) as no:
        async with transaction():
            await alert(
                AlertKind.REJECTED,
                parcel.carrier,
                parcel.code or "",
                now=now,
                detail=str(no),
                parcel_id=parcel_id,
            )
    await Parcel.filter(id=parcel_id).update(wish="")


async def cancel_at_carrier(code: str, carriers: Carriers, *, reason: str, person_id: int) -> CancelAnswer:
    """Asks a carrier to stop a parcel; what it did comes back as its own news. Raises NotFound, CarrierUnavailable."""
    parcel = await Parcel.get_or_none(code=code[:20])
    carrier = carriers.get(parcel.carrier) if parcel else None
    if parcel is None or carrier is None or not parcel.tracking_code or parcel.carrier == STAFF:
        raise NotFound()
    try:
        answer = await carrier.cancel(parcel.tracking_code, reason=reason)
    except (CarrierRejected, CapabilityMissing):
        answer = CancelAnswer.REFUSED
    async with transaction():
        await record(person_id, "parcel_cancel_asked", "parcel", code, answer=str(answer))
        if answer is not CancelAnswer.REFUSED:
            await later_each("track_parcel", [parcel.id])
    return answer


async def carriers_label(
    code: str, size: LabelSize, carriers: Carriers, *, person_id: int
) -> LabelDocument | None:
    """The carrier's own label of a parcel; None where it has none. Raises NotFound, CarrierUnavailable."""
    parcel = await Parcel.get_or_none(code=code[:20])
    carrier = carriers.get(parcel.carrier) if parcel else None
    if parcel is None or carrier is None:
        raise NotFound()
    if not parcel.tracking_code or Capability.LABELS not in carrier.capabilities():
        return None
    async with transaction():
        await record(person_id, "label_read", "parcel", code)
    return await carrier.labels([parcel.tracking_code], size)
