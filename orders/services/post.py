"""The parcel of a paid order: booked once, then followed until it is with the buyer."""

from datetime import datetime

from kit.dates import vietnam_date
from kit.db import locked, transaction
from kit.outbox import later
from orders.models import Order, OrderLine
from orders.services.moves import move, tell_screens
from orders.services.names import reference_of
from orders.services.texts import tell_buyer
from orders.states import OrderState
from postal.carrier import ParcelRequest, Party
from postal.gates.register import Carriers
from postal.services import book, box_for, parcel
from postal.staff_carrier import CODE as STAFF
from postal.states import ParcelState
from vendors.services import vendor_card

CONTENTS_MAX = 300
BOOKED_AT_ONCE = 200
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
ENDS = {
    ParcelState.DELIVERED: OrderState.DELIVERED,
    ParcelState.RETURNED: OrderState.RETURNED,
    ParcelState.LOST: OrderState.LOST,
    ParcelState.DAMAGED: OrderState.LOST,
}


async def book_parcel(order_id: int, *, now: datetime, secret: str, carriers: Carriers | None = None) -> None:
    """Books the parcel of a paid order, once: the carrier is asked outside of any transaction.

    Raises what postal's book() raises (CarrierRejected, CarrierUnavailable).
    """
    order = await Order.get_or_none(id=order_id).prefetch_related("lines")
    if order is None or order.state is not OrderState.PAID or order.parcel_code:
        return
    if waits_for_harvest(order, now=now):
        return
    booked = await book(
        await _request(order),
        key=reference_of(order.id),
        now=now,
        secret=secret,
        carriers=carriers,
        carrier=order.carrier,
        vendor_id=order.vendor_id,
    )
    async with transaction():
        order = (await locked(Order, [order_id]))[order_id]
        if order.parcel_code:
            return
        order.parcel_id, order.parcel_code = booked.id, booked.code
        await order.save(update_fields=["parcel_id", "parcel_code"])
        await tell_screens(order)
        await later("follow_parcel", booked.id)


def waits_for_harvest(order: Order, *, now: datetime) -> bool:
    """Whether an order of goods sold ahead is not to be sent yet."""
    return order.ships_from is not None and vietnam_date(now) < order.ships_from


async def book_harvested(*, now: datetime) -> None:
    """Leaves the parcels of paid orders whose promised days have begun to be booked, those of a day at most."""
    ready = Order.filter(
        ships_from__lte=vietnam_date(now), state=OrderState.PAID, parcel_code="", parcel_id__isnull=True
    )
    async with transaction():
        for order_id in (
            await ready.order_by("ships_from", "id").limit(BOOKED_AT_ONCE).values_list("id", flat=True)
        ):
            await later("book_parcel", int(str(order_id)))


async def _request(order: Order) -> ParcelRequest:
    sender = await vendor_card(order.vendor_id)
    lines: list[OrderLine] = list(order.lines)
    return ParcelRequest(
        reference=order.code,
        sender=Party(
            sender.name, sender.phone, sender.line, sender.commune_code, sender.commune, sender.province
        ),
        recipient=Party(
            order.recipient_name,
            order.recipient_phone,
            order.recipient_line,
            order.commune_code,
            order.commune,
            order.province,
        ),
        weight_g=weight_of(lines),
        value_dong=order.goods_dong,
        contents=contents_of(lines),
        service=order.carrier_service,
        size=await box_for(order.vendor_id, weight_of(lines)) if order.carrier != STAFF else None,
        market=sender.stalls[0].market if sender.stalls else "",
    )


def weight_of(lines: list[OrderLine]) -> int:
    """What the lines weigh together, in grams."""
    return sum(line.weight_g * line.quantity for line in lines)


def contents_of(lines: list[OrderLine]) -> str:
    """What is inside, for the label: «2 × Chè Tân Cương; 1 × Mật ong», cut to what a label holds."""
    words = "; ".join(f"{line.quantity} × {line.name}" for line in lines)
    return words if len(words) <= CONTENTS_MAX else words[: CONTENTS_MAX - 1] + "…"


async def follow_parcel(parcel_id: int, *, now: datetime) -> None:
    """Brings the order of a parcel to where the parcel is; a parcel that is nobody's order moves nothing.

    The state table drops what comes late or twice. A parcel that was handed over at once passes through "posted".
    """
    order_id = await Order.filter(parcel_id=parcel_id).values_list("id", flat=True)
    if not order_id:
        return
    async with transaction():
        order = (await locked(Order, order_id))[order_id[0]]
        seen, moved = await parcel(order.parcel_code), False
        if order.state is OrderState.PAID and (seen.state in WITH_THE_POST or seen.state in ENDS):
            moved = await move(order, OrderState.POSTED, now=now)
        if seen.state in ENDS:
            moved = await move(order, ENDS[seen.state], now=now) or moved
        if moved:
            await tell_buyer(order, now=now)
        await tell_screens(order)
