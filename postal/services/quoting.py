"""What carrying a parcel costs and takes: the own staff's sheet, and the carriers a seller offers, side by side."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from kit.db import sql
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.together import Asking
from kit.units import Unit, two_communes
from postal.carrier import (
    Capability,
    Carrier,
    CarrierFault,
    CarrierRejected,
    ParcelRequest,
    Party,
    Quote,
    Size,
)
from postal.gates.register import Carriers
from postal.models import CarrierQuote, SenderBox, SenderCarrier
from postal.services.areas import placed_for
from postal.staff_carrier import CODE as STAFF
from postal.staff_carrier import MAX_WEIGHT_G, RATE_SHEETS, StaffCarrier, quote_on

FRESH = timedelta(minutes=30)  # asked anew after that
KEPT = timedelta(minutes=90)  # good enough to order by, for who has read it
WEIGHT_STEP_G = 50
WORTH_STEP_DONG = 100_000
_CHOSE = "SELECT DISTINCT vendor_id FROM sender_carrier WHERE vendor_id = ANY($1)"
_KEEP = """
    INSERT INTO carrier_quote (carrier, way, offers, quoted_at) VALUES ($1, $2, $3::jsonb, $4)
    ON CONFLICT (carrier, way) DO UPDATE SET offers = excluded.offers, quoted_at = excluded.quoted_at
"""


@dataclass(frozen=True)
class Offered:
    """One way to send a parcel. `is_default` is the seller's choice."""

    carrier: str
    quote: Quote
    is_default: bool = False


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


async def offers(
    vendor_id: int,
    sender_commune_code: str,
    recipient_commune_code: str,
    weight_g: int,
    value_dong: int,
    *,
    now: datetime,
    carriers: Carriers | None = None,
    days_max: int | None = None,
) -> list[Offered]:
    """The ways a seller offers to send a parcel, the default first, then by price.

    With `carriers` those whose price is not known are asked, all at once, for four seconds at most; without, only what
    was asked lately counts, so that an order costs what its buyer has read. Ways slower than `days_max` are
    left out: goods that spoil. Raises NotFound, and Refusal when nobody takes it.
    """
    chosen = await SenderCarrier.filter(vendor_id=vendor_id).order_by("id")
    codes = [one.carrier for one in chosen] or [STAFF]
    default = next((one.carrier for one in chosen if one.is_default), codes[0])
    outside = [code for code in codes if code != STAFF]
    found: list[Offered] = []
    refusal: Refusal | None = None
    if STAFF in codes:
        try:
            own = await quote(sender_commune_code, recipient_commune_code, weight_g)
            found.append(Offered(STAFF, own, default == STAFF))
        except Refusal as no:
            refusal = no
    if outside:
        request = await request_for(
            vendor_id, sender_commune_code, recipient_commune_code, weight_g, value_dong
        )
        told = await _told(outside, request, carriers, now=now)
        found += [Offered(code, one, code == default) for code in outside for one in told.get(code, ())]
    return _in_order(_in_time(found, days_max, refusal))


async def own_way(
    sender_commune_code: str, recipient_commune_code: str, weight_g: int, *, days_max: int | None = None
) -> Offered:
    """The own staff's way, for sellers who chose no carriers. Raises as quote() does, and Refusal when too slow."""
    own = Offered(STAFF, await quote(sender_commune_code, recipient_commune_code, weight_g), True)
    return _in_time([own], days_max, None)[0]


async def side_by_side(
    vendor_id: int,
    sender_commune_code: str,
    recipient_commune_code: str,
    weight_g: int,
    *,
    now: datetime,
    carriers: Carriers,
) -> list[Offered]:
    """What every carrier of this market asks for a seller's parcel, the cheapest first.

    One that does not take it, or does not answer within four seconds, is left out. Raises NotFound for a commune.
    """
    request = await request_for(vendor_id, sender_commune_code, recipient_commune_code, weight_g, 0)
    outside = [code for code in carriers.by_code if code != STAFF]
    told = await _told(outside, request, carriers, now=now)
    found = [Offered(code, one) for code, offers in told.items() for one in offers]
    with suppress(Refusal):
        found.append(Offered(STAFF, await quote(sender_commune_code, recipient_commune_code, weight_g)))
    return sorted(found, key=lambda one: (one.quote.price_dong, one.quote.days_max, one.carrier))


def others_asked(vendor_ids: Sequence[int]) -> Asking[set[int]]:
    """Those of these sellers who chose their carriers; all others send by the own staff."""
    return Asking(_CHOSE, [list(vendor_ids)], lambda rows: {row["vendor_id"] for row in rows})


async def keep_prices(carrier: str, way: str, told: Sequence[Quote], *, now: datetime) -> None:
    """Keeps what a carrier asked for a way (way_of)."""
    await sql(_KEEP, [carrier, way, _json(told), now])


async def forget_quotes(*, now: datetime) -> None:
    """Round: deletes prices that nobody may order by any more."""
    await CarrierQuote.filter(quoted_at__lt=now - KEPT).delete()


def way_of(request: ParcelRequest) -> str:
    """What a price was asked for: places, weight and worth rounded up, and the box."""
    size = request.size
    box = f"{size.length_cm}x{size.width_cm}x{size.height_cm}" if size else ""
    places = f"{request.sender.commune_code}-{request.recipient.commune_code}"
    return f"{places}-{request.weight_g}-{request.value_dong}-{box}"


async def box_for(vendor_id: int, weight_g: int) -> Size | None:
    """The smallest of the seller's own boxes that takes a weight; None when the seller named none."""
    boxes = SenderBox.filter(vendor_id=vendor_id, weight_max_g__gte=weight_g)
    box = await boxes.order_by("weight_max_g", "id").first()
    return Size(box.length_cm, box.width_cm, box.height_cm) if box else None


async def request_for(
    vendor_id: int, sender: str, recipient: str, weight_g: int, value_dong: int
) -> ParcelRequest:
    """What carriers are asked a price for: places, weight and worth rounded up, the seller's box."""
    units = await two_communes(sender, recipient)
    return ParcelRequest(
        "",
        _place(units, sender),
        _place(units, recipient),
        _up(weight_g, WEIGHT_STEP_G),
        _up(value_dong, WORTH_STEP_DONG),
        "Hàng hóa",
        size=await box_for(vendor_id, weight_g),
    )


async def _told(
    codes: Sequence[str], request: ParcelRequest, carriers: Carriers | None, *, now: datetime
) -> dict[str, list[Quote]]:
    way = way_of(request)
    rows = await CarrierQuote.filter(carrier__in=list(codes), way=way, quoted_at__gt=now - KEPT)
    known = {row.carrier: [Quote(**one) for one in row.offers] for row in rows}  # type: ignore[arg-type]
    fresh = {row.carrier for row in rows if row.quoted_at > now - FRESH}
    asked = [one for code in codes if carriers and code not in fresh and (one := carriers.get(code))]
    asked = [one for one in asked if Capability.QUOTE in one.capabilities()]
    for code, told in zip(
        [one.code for one in asked], await asyncio.gather(*(_ask(one, request) for one in asked)), strict=True
    ):
        if told is not None:
            known[code] = told
            await keep_prices(code, way, told, now=now)
    return known


async def _ask(carrier: Carrier, request: ParcelRequest) -> list[Quote] | None:
    """A carrier's offers; an empty list when it says no, None when it says nothing."""
    sender, recipient = await placed_for(carrier.code, request.sender, request.recipient)
    asked = ParcelRequest(
        "", sender, recipient, request.weight_g, request.value_dong, request.contents, size=request.size
    )
    try:
        return list(await carrier.quote(asked))
    except CarrierRejected:
        return []
    except CarrierFault:
        return None


def _in_time(found: Sequence[Offered], days_max: int | None, refusal: Refusal | None) -> list[Offered]:
    if not found:
        raise refusal or Refusal(
            say("Chưa có bưu cục nào nhận chuyển hàng này đến nơi bạn chọn. Hãy thử lại sau ít phút."),
            status=409,
        )
    kept = [one for one in found if days_max is None or one.quote.days_max <= days_max]
    if not kept:
        raise Refusal(
            say(
                "Hàng tươi cần đến trong {n} ngày, không bưu cục nào đi kịp đến nơi bạn chọn. Hãy chọn nơi khác.",
                n=days_max or 0,
            ),
            status=409,
        )
    return kept


def _in_order(found: Sequence[Offered]) -> list[Offered]:
    """The default carrier's cheapest way first, marked; then by price. A default that fell out is the cheapest."""
    ordered = sorted(found, key=lambda one: (not one.is_default, one.quote.price_dong, one.carrier))
    return [Offered(one.carrier, one.quote, place == 0) for place, one in enumerate(ordered)]


def _place(units: Mapping[str, Unit], commune_code: str) -> Party:
    unit = units.get(commune_code)
    if unit is None:
        raise NotFound(say("Không có xã, phường nào mang mã «{code}».", code=commune_code))
    return Party("", "", "", unit.code, unit.name, unit.province)


def _up(number: int, step: int) -> int:
    return -(-number // step) * step


def _json(told: Sequence[Quote]) -> str:
    return json.dumps([asdict(one) for one in told], ensure_ascii=False)
