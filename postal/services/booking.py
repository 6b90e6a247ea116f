"""Booking a parcel with a carrier, once, whatever becomes of the answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from kit.db import insert_all, locked, select, sql, transaction
from kit.outbox import announce, later, later_each
from postal.carrier import (
    Booked,
    Capability,
    Carrier,
    CarrierAmbiguous,
    CarrierFault,
    CarrierRejected,
    CarrierUnavailable,
    ParcelRequest,
)
from postal.gates.register import Carriers
from postal.models import Parcel, ParcelEvent
from postal.parcel_code import parcel_code
from postal.services.alerts import AlertKind, alert, settled
from postal.services.areas import knows_places, placed_for
from postal.services.folding import fold_parcels
from postal.services.quoting import box_for
from postal.services.views import ParcelView, parties_of, party_columns, view_of
from postal.staff_carrier import CODE as STAFF
from postal.staff_carrier import StaffCarrier
from postal.states import BookingState, ParcelState

BOOKED = "booked"
CONTENTS_MAX = 300
ASKING = timedelta(seconds=90)  # longer than any answer may take: then the worker that asked is gone
LOOK_SECONDS = (60, 180, 600, 1800, 3600, 7200)
PERSON_AFTER_LOOKS = 3
WAITING = (ParcelState.CREATED, ParcelState.AWAITING_PICKUP)
BY_REFERENCE = "WHERE reference = ANY($1) ORDER BY id"
_NUMBERS = "SELECT nextval(pg_get_serial_sequence('parcel', 'id')) AS id FROM generate_series(1, $1::int)"
_MOVED_ON = "SELECT id, state FROM parcel WHERE id = ANY($1) ORDER BY id FOR SHARE"


async def book(request: ParcelRequest, *, key: str, now: datetime, secret: str) -> ParcelView:
    """The parcel booked under `key` ("order:17"), made by the first call and given back by all others.

    `secret` scrambles the parcel's number into its code. A carrier outside the house is asked by the job
    `submit_parcel`. Raises CarrierRejected when the own staff does not take it.
    """
    booked = (await book_all({key: request}, now=now, secret=secret))[key]
    if isinstance(booked, CarrierFault):
        raise booked
    return booked


async def book_all(
    requests: Mapping[str, ParcelRequest], *, now: datetime, secret: str
) -> dict[str, ParcelView | CarrierFault]:
    """The same for many by their keys: each its parcel, or what the own staff said instead. Nobody outside is asked."""
    parcels = {one.reference: one for one in await _rows(requests, now=now, secret=secret)}
    waiting = [one for one in parcels.values() if one.booking is not BookingState.BOOKED]
    answers: dict[int, Booked] = {}
    outcome: dict[str, ParcelView | CarrierFault] = {key: view_of(one) for key, one in parcels.items()}
    staff = StaffCarrier(lambda: now)
    for parcel in (one for one in waiting if one.carrier == STAFF):
        try:
            request = requests[parcel.reference]
            answers[parcel.id] = await staff.create(request, reference=parcel.code or "")
        except CarrierFault as fault:
            outcome[parcel.reference] = fault
    outside = [one.id for one in waiting if one.carrier != STAFF and one.booking is BookingState.WAITING]
    if outside:
        async with transaction():
            await later_each("submit_parcel", outside)
    return outcome | await _note_booked(answers, now=now)


async def submit(parcel_id: int, carriers: Carriers, *, now: datetime) -> None:
    """Job `submit_parcel`: asks a carrier outside the house, outside any transaction, and never twice blindly.

    A lost answer leaves the parcel `unknown`, and the job `find_booking` looks for it; a no is kept and put
    before a person. Raises CarrierUnavailable: ask again later.
    """
    parcel = await Parcel.get_or_none(id=parcel_id)
    if parcel is None or parcel.booking is BookingState.BOOKED:
        return
    carrier = carriers.get(parcel.carrier)
    if carrier is None:
        await _note_rejected(parcel, CarrierRejected("carrier", "switched_off"), now=now)
        return
    if parcel.booking is BookingState.ASKED and _still_asking(parcel, now):
        raise CarrierUnavailable(int(ASKING.total_seconds()))
    if parcel.booking in (BookingState.ASKED, BookingState.UNKNOWN):
        await find(parcel_id, carriers, now=now)
    elif Capability.AREAS in carrier.capabilities() and not await knows_places(parcel.carrier):
        raise CarrierUnavailable(60)
    elif parcel.booking is BookingState.WAITING and await _claimed(parcel_id, now=now):
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
        await _note_booked({parcel_id: booked}, now=now)
    elif Capability.REPEATABLE_CREATE in can or (Capability.FIND_BY_REFERENCE in can and parcel.looks >= 1):
        await _create(parcel, carrier, now=now)
    else:
        await _note_unknown(parcel, now=now)


async def adopt(parcel_id: int, tracking_code: str, *, now: datetime) -> None:
    """A person has found the waybill of a lost booking in the carrier's own list."""
    parcel = await Parcel.get(id=parcel_id)
    await _note_booked({parcel_id: Booked(tracking_code, parcel.state)}, now=now)


async def leave_lost(*, now: datetime) -> None:
    """Round: bookings whose worker died while the carrier was asked are looked for."""
    lost = Parcel.filter(booking=BookingState.ASKED, asked_at__lt=now - ASKING)
    async with transaction():
        for parcel in await lost.order_by("id").limit(200):
            await _note_unknown_row(parcel, now=now)


async def moved_on(parcel_ids: Sequence[int]) -> list[int]:
    """Those of these parcels that staff have taken up already, ascending; none of them moves until the commit."""
    rows = await sql(_MOVED_ON, [list(parcel_ids)]) if parcel_ids else []
    return [int(str(row["id"])) for row in rows if row["state"] not in WAITING]


async def _rows(requests: Mapping[str, ParcelRequest], *, now: datetime, secret: str) -> list[Parcel]:
    """The parcels of these keys, made now if they are new."""
    kept = await select(Parcel, BY_REFERENCE, [sorted(requests)])
    missing = sorted(requests.keys() - {one.reference for one in kept})
    if not missing:
        return kept
    numbers = [int(str(row["id"])) for row in await sql(_NUMBERS, [len(missing)])]
    made = [
        _row(number, key, requests[key], now=now, secret=secret)
        for number, key in zip(numbers, missing, strict=True)
    ]
    await insert_all(made, "ON CONFLICT (reference) DO NOTHING")
    return await select(Parcel, BY_REFERENCE, [sorted(requests)])


def _row(number: int, key: str, request: ParcelRequest, *, now: datetime, secret: str) -> Parcel:
    return Parcel(
        id=number,
        code=parcel_code(number, secret.encode()),
        reference=key,
        order_code=request.reference,
        carrier=request.carrier,
        service=request.service,
        vendor_id=request.vendor_id,
        contents=request.contents[:CONTENTS_MAX],
        weight_g=request.weight_g,
        value_dong=request.value_dong,
        cod_dong=request.cod_dong,
        market=request.market,
        point_id=request.point_id,
        digital_address=request.digital_address,
        latitude=request.latitude,
        longitude=request.longitude,
        is_adult_only=request.is_adult_only,
        promised_days=request.promised_days,
        booked_at=now,
        **party_columns(request.sender, "sender"),
        **party_columns(request.recipient, "recipient"),
    )


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
    else:
        await _note_booked({parcel.id: booked}, now=now)


async def _request(parcel: Parcel) -> ParcelRequest:
    sender, recipient = await placed_for(parcel.carrier, *parties_of(parcel))
    return ParcelRequest(
        reference=parcel.order_code,
        sender=sender,
        recipient=recipient,
        weight_g=parcel.weight_g,
        value_dong=parcel.value_dong,
        contents=parcel.contents,
        cod_dong=parcel.cod_dong,
        service=parcel.service,
        size=await box_for(parcel.vendor_id, parcel.weight_g) if parcel.vendor_id else None,
    )


async def _note_booked(answers: Mapping[int, Booked], *, now: datetime) -> dict[str, ParcelView]:
    """Keeps what carriers answered, by parcel; one that another noted meanwhile stays as it is."""
    if not answers:
        return {}
    async with transaction():
        parcels = (await locked(Parcel, answers)).values()
        unbooked = [one for one in parcels if one.booking is not BookingState.BOOKED]
        troubled = [one.id for one in unbooked if one.looks or one.refused_because]
        for one in unbooked:
            _keep_answer(one, answers[one.id])
        events = [_event(one, answers[one.id], now) for one in unbooked]
        await insert_all(events, "ON CONFLICT (parcel_id, event_key) DO NOTHING")
        # One that is found late may be on its way already, at its end, or not wanted any more: who waits hears of it.
        moved = await fold_parcels(unbooked)
        gone_on = [one.id for one in unbooked if one.id in moved and one.state not in WAITING]
        await later_each("follow_parcel", sorted({*gone_on, *troubled}))
        for parcel_id in troubled:
            await settled(parcel_id, AlertKind.SUBMISSION_UNKNOWN, AlertKind.REJECTED, now=now)
        await announce("post")
    return {one.reference: view_of(one) for one in parcels}


def _keep_answer(parcel: Parcel, booked: Booked) -> None:
    parcel.booking, parcel.refused_because = BookingState.BOOKED, ""
    parcel.tracking_code = booked.tracking_code or parcel.tracking_code
    parcel.sort_code = booked.sort_code or parcel.sort_code
    parcel.fee_dong = booked.fee_dong if booked.fee_dong is not None else parcel.fee_dong


def _event(parcel: Parcel, booked: Booked, now: datetime) -> ParcelEvent:
    """Dated by when it was asked for: what a carrier tells of a booking that was found late lies after it."""
    return ParcelEvent(
        parcel=parcel,
        event_key=BOOKED,
        act=BOOKED,
        state=booked.state,
        place=parcel.sender_commune,
        happened_at=parcel.booked_at,
        received_at=now,
    )


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
    """A person gives a parcel that its carrier refused, or never got, to another; the job `submit_parcel` asks it.

    Needs an open transaction(). A booking nobody knows of is given away only by a person who looked for it.
    """
    row = (await locked(Parcel, [parcel_id]))[parcel_id]
    if row.booking is BookingState.BOOKED:
        return
    row.carrier, row.service, row.booking = carrier, "", BookingState.WAITING
    row.looks, row.refused_because, row.promised_days = 0, "", None
    kept = ["carrier", "service", "booking", "looks", "refused_because", "promised_days"]
    await row.save(update_fields=kept)
    await settled(parcel_id, AlertKind.SUBMISSION_UNKNOWN, AlertKind.REJECTED, now=now)
    await later("submit_parcel", parcel_id)
