"""What carrying a parcel costs, and booking it once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kit.db import insert_all, locked, select, sql, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.outbox import announce
from kit.units import Unit, two_communes
from postal.carrier import Booked, Carrier, CarrierFault, CarrierRejected, ParcelRequest, Party, Quote
from postal.models import Parcel, ParcelEvent
from postal.parcel_code import parcel_code
from postal.services.folding import fold_parcels
from postal.services.views import ParcelView, party_columns, view_of
from postal.staff_carrier import MAX_WEIGHT_G, RATE_SHEETS, StaffCarrier, quote_on
from postal.states import ParcelState

BOOKED = "booked"
CONTENTS_MAX = 300
WAITING = (ParcelState.CREATED, ParcelState.AWAITING_PICKUP)
BY_REFERENCE = "WHERE reference = ANY($1) ORDER BY id"
_NUMBERS = "SELECT nextval(pg_get_serial_sequence('parcel', 'id')) AS id FROM generate_series(1, $1::int)"
_MOVED_ON = "SELECT id, state FROM parcel WHERE id = ANY($1) ORDER BY id FOR SHARE"


async def quote(
    sender_commune_code: str,
    recipient_commune_code: str,
    weight_g: int,
    *,
    now: datetime | None = None,
) -> Quote:
    """The price and the days by the own staff's rate sheet of that moment; without one, by the newest sheet.

    Raises NotFound for a commune code that is not in force, Refusal at `weight_g` when it is too heavy.
    """
    units = await two_communes(sender_commune_code, recipient_commune_code)
    sender, recipient = _place(units, sender_commune_code), _place(units, recipient_commune_code)
    asked = ParcelRequest("", sender, recipient, weight_g, value_dong=0, contents="")
    try:
        if now is None:
            return quote_on(asked, RATE_SHEETS[-1][0])
        return (await StaffCarrier(lambda: now).quote(asked))[0]
    except CarrierRejected:
        raise Refusal(
            say("Một bưu gửi nặng nhất {n} kg. Chia hàng thành nhiều đơn nhỏ hơn.", n=MAX_WEIGHT_G // 1000),
            field="weight_g",
        ) from None


def _place(units: Mapping[str, Unit], commune_code: str) -> Party:
    unit = units.get(commune_code)
    if unit is None:
        raise NotFound(say("Không có xã, phường nào mang mã «{code}».", code=commune_code))
    return Party("", "", "", unit.code, unit.name, unit.province)


async def book(request: ParcelRequest, *, key: str, now: datetime, secret: str) -> ParcelView:
    """The parcel booked under `key` ("order:17"), made by the first call and given back by all others.

    `secret` scrambles the parcel's number into its code. The carrier is asked outside any transaction.
    Raises CarrierRejected, CarrierUnavailable, CarrierAmbiguous: call again with the same key.
    """
    booked = (await book_all({key: request}, now=now, secret=secret))[key]
    if isinstance(booked, CarrierFault):
        raise booked
    return booked


async def book_all(
    requests: Mapping[str, ParcelRequest], *, now: datetime, secret: str
) -> dict[str, ParcelView | CarrierFault]:
    """The same for many by their keys: each its parcel, or what its carrier said instead."""
    parcels = {one.reference: one for one in await _rows(requests, now=now, secret=secret)}
    answers: dict[int, Booked] = {}
    outcome: dict[str, ParcelView | CarrierFault] = {}
    carrier: Carrier = StaffCarrier(lambda: now)
    for key, parcel in parcels.items():
        if parcel.tracking_code:
            outcome[key] = view_of(parcel)
            continue
        try:
            answers[parcel.id] = await carrier.create(requests[key], reference=parcel.code or "")
        except CarrierFault as fault:
            outcome[key] = fault
    return outcome | await _note_booked(answers, now=now)


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
        carrier=StaffCarrier(lambda: now).code,
        contents=request.contents[:CONTENTS_MAX],
        weight_g=request.weight_g,
        value_dong=request.value_dong,
        market=request.market,
        booked_at=now,
        **party_columns(request.sender, "sender"),
        **party_columns(request.recipient, "recipient"),
    )


async def _note_booked(answers: Mapping[int, Booked], *, now: datetime) -> dict[str, ParcelView]:
    """Keeps what carriers answered, by parcel; one that another noted meanwhile stays as it is."""
    if not answers:
        return {}
    async with transaction():
        parcels = (await locked(Parcel, answers)).values()
        unbooked = [one for one in parcels if not one.tracking_code]
        await insert_all([_event(one, answers[one.id], now) for one in unbooked])
        for one in unbooked:
            one.tracking_code = answers[one.id].tracking_code or ""
        await fold_parcels(unbooked)
        await announce("post")
    return {one.reference: view_of(one) for one in parcels}


def _event(parcel: Parcel, booked: Booked, now: datetime) -> ParcelEvent:
    return ParcelEvent(
        parcel=parcel,
        event_key=BOOKED,
        act=BOOKED,
        state=booked.state,
        place=parcel.sender_commune,
        happened_at=now,
        received_at=now,
    )


async def moved_on(parcel_ids: Sequence[int]) -> list[int]:
    """Those of these parcels that staff have taken up already, ascending; none of them moves until the commit."""
    rows = await sql(_MOVED_ON, [list(parcel_ids)]) if parcel_ids else []
    return [int(str(row["id"])) for row in rows if row["state"] not in WAITING]
