"""The parcel of a paid order (or one packed to be paid at the door): booked once, followed until it has arrived."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from tortoise.expressions import Q

from kit.dates import vietnam_date
from kit.db import locked, select, sql, transaction
from kit.outbox import announce, later, later_each
from orders.handing_models import Fetch, Spot
from orders.models import Order, OrderLine
from orders.services.door.refusals import note_refusal
from orders.services.found import note_found
from orders.services.handing.ready import make_ready
from orders.services.moves import channels_of, move, tell_screens
from orders.services.names import reference_of
from orders.services.telling import tell_of_harvest
from orders.services.unwind import unsell_short
from orders.states import BY_ITSELF, TO_SEND, Handing, OrderState
from postal.carrier import CarrierFault, ParcelRequest, Party
from postal.services import ParcelView, book_all, moved_on, parcel, parcel_for
from postal.states import ParcelState
from vendors.services import VendorCard, sell, vendor_cards

CONTENTS_MAX = 280
ADULT_ONLY = "18+, xem giấy tờ: "
BOOKED_AT_ONCE = 200
_NOTE_PARCELS = """
    UPDATE customer_order SET parcel_id = booked.parcel_id, parcel_code = booked.code
    FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS booked (id, parcel_id, code)
    WHERE customer_order.id = booked.id
"""
WITH_THE_POST = frozenset(
    {
        ParcelState.PICKED_UP,
        ParcelState.IN_TRANSIT,
        ParcelState.AT_DELIVERY_OFFICE,
        ParcelState.OUT_FOR_DELIVERY,
        ParcelState.FAILED_ATTEMPT,
        ParcelState.RETURNING,
    }
)
# Of a cancelled order: on its way a carrier has been asked to stop it, or it has come back.
_LET_GO = WITH_THE_POST | {ParcelState.CANCELLED, ParcelState.RETURNED}
ENDS = {
    ParcelState.DELIVERED: OrderState.DELIVERED,
    ParcelState.RETURNED: OrderState.RETURNED,
    ParcelState.LOST: OrderState.LOST,
    ParcelState.DAMAGED: OrderState.LOST,
}


async def book_parcel(order_id: int, *, now: datetime, secret: str) -> None:
    """Books the parcel of a paid order, once. Raises what postal's book() raises (CarrierRejected and the like)."""
    for fault in (await book_parcels([order_id], now=now, secret=secret)).values():
        raise fault


async def book_parcels(order_ids: Sequence[int], *, now: datetime, secret: str) -> dict[int, CarrierFault]:
    """Books the parcels of paid orders, each once; by order what the carrier said where it took none.

    The carrier is asked outside of any transaction.
    """
    orders = {one.id: one for one in await select(Order, "WHERE id = ANY($1)", [list(order_ids)])}
    ready = [one for one in orders.values() if _is_ready(one) and not waits_for_harvest(one, now=now)]
    ready += [one for one in orders.values() if await _was_begun(one)]
    if not ready:
        return {}
    booked = await book_all(await _requests(ready), now=now, secret=secret)
    outcome = {one.id: booked[reference_of(one.id)] for one in ready}
    await _note_parcels({id: one for id, one in outcome.items() if not isinstance(one, CarrierFault)})
    return {id: one for id, one in outcome.items() if isinstance(one, CarrierFault)}


def _is_ready(order: Order) -> bool:
    # What may cost more is not sent before its weight is known and paid.
    is_packed = (order.state is OrderState.PAID and not order.more_most_dong) or order.packed_at is not None
    ready = order.state in TO_SEND and is_packed and not order.parcel_code
    return ready and order.handing in BY_ITSELF


async def _was_begun(order: Order) -> bool:
    """Whether it was cancelled while a worker that died was booking its parcel: booked to the end, it is called off."""
    if order.state is not OrderState.CANCELLED or order.parcel_code or order.handing not in BY_ITSELF:
        return False
    return await parcel_for(reference_of(order.id)) is not None


async def _note_parcels(booked: Mapping[int, ParcelView]) -> None:
    """Writes each order's parcel into it; one that staff have taken up meanwhile is followed at once."""
    if not booked:
        return
    async with transaction():
        orders = [one for one in (await locked(Order, booked)).values() if not one.parcel_code]
        parcels = [booked[one.id] for one in orders]
        columns = [[one.id for one in orders], [one.id for one in parcels], [one.code for one in parcels]]
        await sql(_NOTE_PARCELS, [*columns])
        await announce(*sorted({channel for one in orders for channel in channels_of(one)}))
        await later_each("call_off_parcel", [one.id for one in orders if one.state is OrderState.CANCELLED])
        await later_each("follow_parcel", await moved_on([one.id for one in parcels]))
        await later_each("follow_collection", [one.id for one in parcels if one.cod_dong])


def waits_for_harvest(order: Order, *, now: datetime) -> bool:
    """Whether an order of goods sold ahead is not to be sent yet."""
    return order.ships_from is not None and vietnam_date(now) < order.ships_from


async def book_harvested(*, now: datetime) -> None:
    """Leaves the parcels of paid orders whose promised days have begun to be booked, those of a day at most."""
    ready = Order.filter(
        ships_from__lte=vietnam_date(now), state=OrderState.PAID, parcel_code="", parcel_id__isnull=True
    )
    unweighed = ready.filter(more_most_dong__gt=0, packed_at__isnull=True, ships_from=vietnam_date(now))
    async with transaction():
        booked = ready.filter(Q(more_most_dong=0) | Q(packed_at__isnull=False))
        orders = await booked.order_by("ships_from", "id").limit(BOOKED_AT_ONCE)
        await later_each("book_parcel", [one.id for one in orders], grouped=True)
        orders += await unweighed.order_by("id").limit(BOOKED_AT_ONCE)
        for (vendor_id, day), n in Counter((one.vendor_id, str(one.ships_from)) for one in orders).items():
            await tell_of_harvest(vendor_id, n, day=day, now=now)


async def _requests(orders: Sequence[Order]) -> dict[str, ParcelRequest]:
    """What the carrier is asked for each order, by its name at the post."""
    senders = await vendor_cards({one.vendor_id for one in orders})
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in await select(OrderLine, "WHERE order_id = ANY($1) ORDER BY id", [[one.id for one in orders]]):
        lines[line.order_id].append(line)
    ids = [one.id for one in orders]
    spots = {one.order_id: one for one in await select(Spot, "WHERE order_id = ANY($1)", [ids])}
    at_points = [one.id for one in orders if one.handing is Handing.POINT]
    points = {one.order_id: one for one in await Fetch.filter(order_id__in=at_points)} if at_points else {}
    return {
        reference_of(one.id): _request(
            one, senders[one.vendor_id], lines[one.id], points.get(one.id), spots.get(one.id)
        )
        for one in orders
    }


def _request(
    order: Order, sender: VendorCard, lines: list[OrderLine], point: Fetch | None, spot: Spot | None
) -> ParcelRequest:
    return ParcelRequest(
        reference=order.code,
        sender=Party(
            sender.name, sender.phone, sender.line, sender.commune_code, sender.commune, sender.province
        ),
        recipient=request_to(order, point),
        weight_g=weight_of(lines),
        value_dong=order.goods_dong,
        cod_dong=order.total_dong if order.pays_on_delivery and order.paid_at is None else 0,
        contents=(ADULT_ONLY if order.is_adult_only else "") + contents_of(lines),
        is_adult_only=order.is_adult_only,
        service=order.carrier_service,
        promised_days=order.delivery_days,
        carrier=order.carrier,
        vendor_id=order.vendor_id,
        market=sender.stalls[0].market if sender.stalls else "",
        point_id=point.point_id if point else None,
        digital_address=spot.digital_address if spot and not point else "",
        latitude=spot.latitude if spot and not point else None,
        longitude=spot.longitude if spot and not point else None,
    )


def request_to(order: Order, point: Fetch | None) -> Party:
    """Whom a parcel goes to: the buyer at their door, or at the post office where they fetch it."""
    name, phone = order.recipient_name, order.recipient_phone
    if point is not None:
        line = ", ".join(filter(None, (point.place, point.line)))
        return Party(name, phone, line[:200], point.commune_code, point.commune, point.province)
    return Party(
        name,
        phone,
        order.recipient_line,
        order.commune_code,
        order.commune,
        order.province,
        order.old_commune_code,
        order.old_place,
    )


def weight_of(lines: list[OrderLine]) -> int:
    """What the lines weigh together, in grams."""
    return sum(line.weight_g * (line.quantity - line.short_quantity) for line in lines)


def contents_of(lines: list[OrderLine]) -> str:
    """What is inside, for the label: «2 × Chè Tân Cương; 1 × Mật ong», cut to what a label holds."""
    there = [(line.quantity - line.short_quantity, line.name) for line in lines]
    words = "; ".join(f"{pieces} × {name}" for pieces, name in there if pieces)
    return words if len(words) <= CONTENTS_MAX else words[: CONTENTS_MAX - 1] + "…"


async def follow_parcel(parcel_id: int, *, now: datetime) -> None:
    """Brings all orders in a parcel to where the parcel is; a parcel that is nobody's order moves nothing.

    The state table drops what comes late or twice. A parcel that was handed over at once passes through "posted".
    """
    order_ids = await Order.filter(parcel_id=parcel_id).values_list("id", flat=True)
    if not order_ids:
        return
    async with transaction():
        orders = [one for one in (await locked(Order, order_ids)).values() if one.parcel_id == parcel_id]
        seen = await parcel(orders[0].parcel_code)
        for order in orders:
            await _follow(order, seen, now)


async def _follow(order: Order, seen: ParcelView, now: datetime) -> None:
    if order.state is OrderState.LOST:  # never by news alone: its money may be on its way back
        await note_found(order, seen, now=now)
        return
    if order.state in TO_SEND and (seen.state in WITH_THE_POST or seen.state in ENDS):
        await move(order, OrderState.POSTED, now=now)
        if order.pays_on_delivery:
            await sell(reference_of(order.id))
            await unsell_short(order, await order.lines.all().order_by("id"))
    at_point = seen.point_id is not None and seen.state is ParcelState.AT_DELIVERY_OFFICE
    if at_point and order.state is OrderState.POSTED and order.handing is Handing.POINT:
        await make_ready(order, now=now, until=seen.kept_until)
    if seen.state in ENDS:
        await move(order, ENDS[seen.state], now=now)
    if order.state is OrderState.CANCELLED and seen.state not in _LET_GO:
        await later("call_off_parcel", order.id)
    if order.pays_on_delivery and order.state is OrderState.RETURNED:
        await note_refusal(order)
    await tell_screens(order)
