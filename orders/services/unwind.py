"""An order that is not sent after all: money goes back, goods are unsold or let go, the parcel is called off."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kit.errors import Conflict
from kit.i18n import say
from kit.outbox import later
from orders.models import Order, OrderLine
from orders.services.moves import move
from orders.services.names import reference_of
from orders.services.order_money import first_back, left_dong
from orders.short_models import Shortage
from orders.states import OrderState, ShortState
from payments.services import RefundSource, Wish, ask_refund, payment_for
from postal.gates.register import Carriers
from postal.services.calling_off import call_off
from vendors.services import release, sell
from vendors.services.stock.unsold import Unsold, unsell

Shelf = tuple[int, int | None]


async def return_all(order_id: int, *, key: str, reason: str, person_id: int | None, now: datetime) -> None:
    """Has all that is left of an order's money go back, once for its key. Locks the payment: before the order."""
    await ask_all_back(
        order_id, Wish(key, RefundSource.PAID, None, reason[:300]), person_id=person_id, now=now
    )


async def ask_all_back(order_id: int, wish: Wish, *, person_id: int | None, now: datetime) -> list[int]:
    """The same by a wish; the numbers of the refunds, none when nothing is left."""
    order = await Order.get(id=order_id)
    payment = await payment_for(reference_of(order_id))
    if payment is None or await left_dong(order) <= 0:
        return []
    return await ask_refund(payment.id, wish, person_id=person_id, now=now, first=await first_back(order))


async def cancel_paid(
    order: Order, *, there: Mapping[int, int] | None, person_id: int | None, note: str, now: datetime
) -> None:
    """A locked paid order is cancelled; of each line (by id) so many pieces are there and go back to the shelf.

    Without `there` all of them are. Raises Conflict when it is past that. The money is seen to by return_all(), before.
    """
    if order.state is not OrderState.PAID:
        raise Conflict(say("Đơn này đã gửi đi hoặc đã xong, không hủy được nữa."))
    await move(order, OrderState.CANCELLED, now=now, person_id=person_id, note=note[:300])
    lines = await order.lines.all().order_by("id")
    await unsell_short(order, lines)
    gone = {one.id: one.quantity - one.short_quantity for one in lines}
    await unsell_lines(order, lines, gone, gone if there is None else there, mark="cancelled")
    await later("call_off_parcel", order.id)


async def unsell_short(order: Order, lines: Sequence[OrderLine]) -> None:
    """Pieces that lacked of a locked order and were sold with it are gone: unsold, once. Locks the listings."""
    short = {one.id: one.short_quantity for one in lines if one.short_quantity}
    if short:
        await unsell_lines(order, lines, short, {}, mark="short")


async def let_go(order: Order, *, there: Mapping[int, int] | None = None, now: datetime) -> None:
    """The goods of a locked order that held them and was called off before it was sent; a shortage of it ends.

    They return to the shelf; of each line (by id) so many when some lack, which the shortage says itself without
    `there`. Locks the listings.
    """
    asked = await Shortage.get_or_none(order_id=order.id, state=ShortState.ASKED)
    lines = await order.lines.all().order_by("id")
    lacking = {one.id: one.short_quantity for one in lines}
    if asked is not None:
        lacking |= {int(one["id"]): int(one["ordered"]) - int(one["packed"]) for one in asked.lines}
        asked.state, asked.answered_at = ShortState.CANCELLED, now
        await asked.save(update_fields=["state", "answered_at"])
    left = there if there is not None else {one.id: one.quantity - lacking[one.id] for one in lines}
    reference = reference_of(order.id)
    if all(left.get(one.id, 0) == one.quantity for one in lines):
        await release(reference)
        return
    await sell(reference)
    await unsell_lines(order, lines, {one.id: one.quantity for one in lines}, left, mark="cancelled")


async def unsell_lines(
    order: Order,
    lines: Sequence[OrderLine],
    gone: Mapping[int, int],
    there: Mapping[int, int],
    *,
    mark: str,
) -> None:
    """Of each line (by id) so many pieces are not sold after all, of which so many are there. Locks the listings."""
    of: dict[Shelf, Unsold] = {}
    for line in lines:
        shelf, pieces = (line.listing_id, line.variant_id), gone.get(line.id, 0)
        if pieces:
            before = of.get(shelf, Unsold(0, 0))
            back = min(there.get(line.id, 0), pieces)
            of[shelf] = Unsold(before.pieces + pieces, before.to_shelf + back)
    reference = reference_of(order.id)
    await unsell(of, f"{reference}:{mark}", sold_as=[reference, f"{reference}:again"])


async def call_off_parcel(order_id: int, *, carriers: Carriers | None, now: datetime) -> None:
    """Job: calls the parcel of a cancelled order off, if it has one. Raises CarrierUnavailable."""
    order = await Order.get(id=order_id)
    if order.state is OrderState.CANCELLED and order.parcel_code:
        await call_off(
            order.parcel_code, note="Đơn đã hủy", person_id=order.person_id, carriers=carriers, now=now
        )
