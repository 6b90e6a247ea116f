"""Booking a parcel with a carrier, once, whatever becomes of the answer."""

from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from kit.db import locked, transaction
from kit.outbox import announce, later
from postal.carrier import (
    Booked,
    Capability,
    Carrier,
    CarrierAmbiguous,
    CarrierFault,
    CarrierRejected,
    CarrierUnavailable,
    ParcelRequest,
    Size,
)
from postal.gates.register import Carriers
from postal.models import Parcel, ParcelEvent
from postal.parcel_code import parcel_code
from postal.services.alerts import AlertKind, alert, settled
from postal.services.areas import placed_for
from postal.services.folding import fold_parcel
from postal.services.views import ParcelView, parties_of, party_columns, view_of
from postal.staff_carrier import CODE as STAFF
from postal.states import BookingState, MoneyState

BOOKED = "booked"
CONTENTS_MAX = 300
ASKING = timedelta(seconds=90)  # longer than any answer may take: then the worker that asked is gone
LOOK_SECONDS = (60, 180, 600, 1800, 3600, 7200)
PERSON_AFTER_LOOKS = 3


async def book(
    request: ParcelRequest,
    *,
    key: str,
    now: datetime,
    secret: str,
    carriers: Carriers | None = None,
    carrier: str = STAFF,
    vendor_id: int | None = None,
) -> ParcelView:
    """The parcel booked under `key` ("order:17"), made by the first call and given back by all others.

    `secret` scrambles the parcel's number into its code. The carrier is asked outside any transaction, and never
    twice blindly: a lost answer leaves the parcel `unknown`, and the job `find_booking` looks for it. A carrier's no is
    kept in the parcel and put before a person; the own staff's is raised (CarrierRejected). Raises CarrierUnavailable:
    call again with the same key.
    """
    parcel = await _row(request, key, carrier=carrier, vendor_id=vendor_id, now=now, secret=secret)
    if parcel.booking is BookingState.BOOKED:
        return view_of(parcel)
    await submit(parcel, carriers or Carriers(lambda: now), now=now)
    return view_of(await Parcel.get(id=parcel.id))


async def book_again(parcel_id: int, carriers: Carriers, *, now: datetime) -> None:
    """Job: asks the carrier that a person gave the parcel to."""
    parcel = await Parcel.get_or_none(id=parcel_id)
    if parcel is not None:
        await submit(parcel, carriers, now=now)
        async with transaction():
            await later("follow_parcel", parcel_id)


async def submit(parcel: Parcel, carriers: Carriers, *, now: datetime) -> None:
    """Asks the carrier for a parcel that waits, or finishes what another call began. Raises as book()."""
    carrier = carriers.get(parcel.carrier)
    if carrier is None:
        await _note_rejected(parcel, CarrierRejected("carrier", "switched_off"), now=now)
        return
    if parcel.carrier == STAFF:  # nothing leaves the house: the row is the booking
        await _create(parcel, carrier, now=now)
        return
    if parcel.booking is BookingState.ASKED and _still_asking(parcel, now):
        raise CarrierUnavailable(int(ASKING.total_seconds()))
    if parcel.booking in (BookingState.ASKED, BookingState.UNKNOWN):
        await find(parcel.id, carriers, now=now)
        return
    if parcel.booking is BookingState.WAITING and await _claimed(parcel.id, now=now):
        await _create(parcel, carrier, now=now)


async def find(parcel_id: int, carriers: Carriers, *, now: datetime) -> None:
    """Job `find_booking`: looks for a booking whose answer was lost; adopts it, asks again if that is safe, or waits.

    Asking again is safe where the carrier takes the same reference as the same parcel; where it only can be looked
    for, a second look must find nothing too; where neither works, its news or a person will tell.
    """
    parcel = await Parcel.get_or_none(id=parcel_id)
    carrier = carriers.get(parcel.carrier) if parcel else None
    if parcel is None or carrier is None or parcel.booking not in (BookingState.ASKED, BookingState.UNKNOWN):
        return
    can = carrier.capabilities()
    try:
        booked = (
            await carrier.find_by_reference(parcel.code or "")
            if Capability.FIND_BY_REFERENCE in can
            else None
        )
    except CarrierFault:
        await _note_unknown(parcel, now=now)
        return
    if booked is not None:
        await _note_booked(parcel_id, booked, now=now)
    elif Capability.REPEATABLE_CREATE in can or (Capability.FIND_BY_REFERENCE in can and parcel.looks >= 1):
        await _create(parcel, carrier, now=now)
    else:
        await _note_unknown(parcel, now=now)


async def adopt(parcel_id: int, tracking_code: str, *, now: datetime) -> None:
    """A person has found the waybill of a lost booking in the carrier's own list, or a sheet brought it."""
    parcel = await Parcel.get(id=parcel_id)
    await _note_booked(parcel_id, Booked(tracking_code, parcel.state), now=now)


async def leave_lost(*, now: datetime) -> None:
    """Round: bookings whose worker died while the carrier was asked are looked for."""
    lost = Parcel.filter(booking=BookingState.ASKED, asked_at__lt=now - ASKING)
    async with transaction():
        for parcel in await lost.order_by("id").limit(200):
            await _note_unknown_row(parcel, now=now)


async def _row(
    request: ParcelRequest, key: str, *, carrier: str, vendor_id: int | None, now: datetime, secret: str
) -> Parcel:
    kept = await Parcel.get_or_none(reference=key)
    if kept is not None:
        return kept
    size = request.size
    try:
        async with transaction():
            parcel = await Parcel.create(
                reference=key,
                order_code=request.reference,
                carrier=carrier,
                service=request.service,
                vendor_id=vendor_id,
                contents=request.contents[:CONTENTS_MAX],
                weight_g=request.weight_g,
                value_dong=request.value_dong,
                cod_dong=request.cod_dong,
                money=MoneyState.EXPECTED if request.cod_dong else MoneyState.NONE,
                length_cm=size.length_cm if size else None,
                width_cm=size.width_cm if size else None,
                height_cm=size.height_cm if size else None,
                market=request.market,
                booked_at=now,
                **party_columns(request.sender, "sender"),
                **party_columns(request.recipient, "recipient"),
            )
            parcel.code = parcel_code(parcel.id, secret.encode())
            await parcel.save(update_fields=["code"])
            return parcel
    except IntegrityError:
        return await Parcel.get(reference=key)


def _still_asking(parcel: Parcel, now: datetime) -> bool:
    return parcel.asked_at is not None and parcel.asked_at > now - ASKING


async def _claimed(parcel_id: int, *, now: datetime) -> bool:
    """Whether this call is the one that asks; written down before anything leaves the house."""
    waiting = Parcel.filter(id=parcel_id, booking=BookingState.WAITING)
    return bool(await waiting.update(booking=BookingState.ASKED, asked_at=now))


async def _create(parcel: Parcel, carrier: Carrier, *, now: datetime) -> None:
    try:
        booked = await carrier.create(await _request(parcel), reference=parcel.code or "")
    except CarrierUnavailable:
        await Parcel.filter(id=parcel.id, booking=BookingState.ASKED).update(booking=BookingState.WAITING)
        raise
    except CarrierAmbiguous:
        await _note_unknown(parcel, now=now)
    except CarrierRejected as no:
        await _note_rejected(parcel, no, now=now)
        if parcel.carrier == STAFF:
            raise
    else:
        await _note_booked(parcel.id, booked, now=now)


async def _request(parcel: Parcel) -> ParcelRequest:
    sender, recipient = parties_of(parcel)
    if parcel.carrier != STAFF:
        sender, recipient = await placed_for(parcel.carrier, sender, recipient)
    sizes = (parcel.length_cm, parcel.width_cm, parcel.height_cm)
    return ParcelRequest(
        reference=parcel.order_code,
        sender=sender,
        recipient=recipient,
        weight_g=parcel.weight_g,
        value_dong=parcel.value_dong,
        contents=parcel.contents,
        cod_dong=parcel.cod_dong,
        service=parcel.service,
        size=Size(*(one or 0 for one in sizes)) if all(sizes) else None,
    )


async def _note_booked(parcel_id: int, booked: Booked, *, now: datetime) -> None:
    async with transaction():
        parcel = (await locked(Parcel, [parcel_id]))[parcel_id]
        if parcel.booking is BookingState.BOOKED and parcel.tracking_code:
            return
        troubled = parcel.looks or parcel.refused_because
        parcel.booking, parcel.refused_because = BookingState.BOOKED, ""
        parcel.tracking_code = booked.tracking_code or parcel.tracking_code
        parcel.sort_code = booked.sort_code or parcel.sort_code
        parcel.fee_dong = booked.fee_dong if booked.fee_dong is not None else parcel.fee_dong
        event = ParcelEvent(
            parcel=parcel,
            event_key=BOOKED,
            act=BOOKED,
            state=booked.state,
            place=parcel.sender_commune,
            happened_at=parcel.booked_at,
            received_at=now,
        )
        await ParcelEvent.bulk_create([event], ignore_conflicts=True)
        await fold_parcel(parcel)
        kept = ["booking", "refused_because", "tracking_code", "sort_code", "fee_dong"]
        await parcel.save(update_fields=kept)
        if troubled:
            await settled(parcel_id, AlertKind.SUBMISSION_UNKNOWN, AlertKind.REJECTED, now=now)
        await announce("post")


async def _note_unknown(parcel: Parcel, *, now: datetime) -> None:
    async with transaction():
        row = (await locked(Parcel, [parcel.id]))[parcel.id]
        if row.booking in (BookingState.ASKED, BookingState.UNKNOWN):
            await _note_unknown_row(row, now=now)


async def _note_unknown_row(row: Parcel, *, now: datetime) -> None:
    """Looks come ever less often; after some a person is told, and the carrier's own news still adopts it."""
    wait = LOOK_SECONDS[min(row.looks, len(LOOK_SECONDS) - 1)]
    row.booking, row.looks = BookingState.UNKNOWN, row.looks + 1
    await row.save(update_fields=["booking", "looks"])
    await later("find_booking", row.id, at=now + timedelta(seconds=wait))
    if row.looks >= PERSON_AFTER_LOOKS:
        await alert(
            AlertKind.SUBMISSION_UNKNOWN,
            row.carrier,
            row.code or "",
            now=now,
            detail=row.order_code,
            parcel_id=row.id,
        )


async def _note_rejected(parcel: Parcel, no: CarrierRejected, *, now: datetime) -> None:
    async with transaction():
        row = (await locked(Parcel, [parcel.id]))[parcel.id]
        if row.booking is BookingState.BOOKED:
            return
        row.booking, row.refused_because = BookingState.REJECTED, str(no)[:200]
        await row.save(update_fields=["booking", "refused_because"])
        await alert(
            AlertKind.REJECTED, row.carrier, row.code or "", now=now, detail=str(no), parcel_id=row.id
        )
        await announce("post")


async def rebook(parcel_id: int, carrier: str, *, now: datetime) -> None:
    """A person gives a parcel that its carrier refused, or never got, to another; the job `book_again` asks it.

    Needs an open transaction(). A booking nobody knows of is given away only by a person who looked for it.
    """
    row = (await locked(Parcel, [parcel_id]))[parcel_id]
    if row.booking is BookingState.BOOKED:
        return
    row.carrier, row.service, row.booking = carrier, "", BookingState.WAITING
    row.looks, row.refused_because = 0, ""
    await row.save(update_fields=["carrier", "service", "booking", "looks", "refused_because"])
    await settled(parcel_id, AlertKind.SUBMISSION_UNKNOWN, AlertKind.REJECTED, now=now)
    await later("book_again", parcel_id)
