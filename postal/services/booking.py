"""What carrying a parcel costs, and booking it once."""

from datetime import datetime

from tortoise.exceptions import IntegrityError

from kit.db import locked, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.outbox import announce
from kit.units import commune
from postal.carrier import Booked, Carrier, CarrierRejected, ParcelRequest, Party, Quote
from postal.models import Parcel, ParcelEvent
from postal.parcel_code import parcel_code
from postal.services.folding import fold_parcel
from postal.services.views import ParcelView, party_columns, view_of
from postal.staff_carrier import MAX_WEIGHT_G, RATE_SHEETS, StaffCarrier, quote_on

BOOKED = "booked"
CONTENTS_MAX = 300


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
    sender, recipient = await _place(sender_commune_code), await _place(recipient_commune_code)
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


async def _place(commune_code: str) -> Party:
    unit = await commune(commune_code)
    if unit is None:
        raise NotFound(say("Không có xã, phường nào mang mã «{code}».", code=commune_code))
    return Party("", "", "", unit.code, unit.name, unit.province)


async def book(request: ParcelRequest, *, key: str, now: datetime, secret: str) -> ParcelView:
    """The parcel booked under `key` ("order:17"), made by the first call and given back by all others.

    `secret` scrambles the parcel's number into its code. The carrier is asked outside any transaction.
    Raises CarrierRejected, CarrierUnavailable, CarrierAmbiguous: call again with the same key.
    """
    parcel = await _row(request, key, now=now, secret=secret)
    if parcel.tracking_code:
        return view_of(parcel)
    carrier: Carrier = StaffCarrier(lambda: now)
    booked = await carrier.create(request, reference=parcel.code or "")
    return await _note_booked(parcel.id, booked, now=now)


async def _row(request: ParcelRequest, key: str, *, now: datetime, secret: str) -> Parcel:
    kept = await Parcel.get_or_none(reference=key)
    if kept is not None:
        return kept
    try:
        async with transaction():
            parcel = await Parcel.create(
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
            parcel.code = parcel_code(parcel.id, secret.encode())
            await parcel.save(update_fields=["code"])
            return parcel
    except IntegrityError:
        return await Parcel.get(reference=key)


async def _note_booked(parcel_id: int, booked: Booked, *, now: datetime) -> ParcelView:
    async with transaction():
        parcel = (await locked(Parcel, [parcel_id]))[parcel_id]
        if parcel.tracking_code:
            return view_of(parcel)
        parcel.tracking_code = booked.tracking_code or ""
        await ParcelEvent.create(
            parcel=parcel,
            event_key=BOOKED,
            act=BOOKED,
            state=booked.state,
            place=parcel.sender_commune,
            happened_at=now,
            received_at=now,
        )
        await fold_parcel(parcel)
        await parcel.save(update_fields=["tracking_code"])
        await announce("post")
        return view_of(parcel)
