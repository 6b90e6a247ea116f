"""The money of a parcel in the books: every step that the post appended is booked once, under the payment's lock."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import locked, transaction
from orders.models import Order
from orders.services.book.taking import take_money
from orders.services.moves import tell_screens
from orders.services.names import reference_of
from payments.services import cancel
from payments.services.at_the_door import (
    AtDoor,
    Held,
    count_cash,
    expect_at_door,
    hold_payment,
    make_up,
    paid_out_with,
    release_to_seller,
    take_from_staff,
    take_from_statement,
)
from payments.services.compensating import book_compensation
from payments.services.payouts.shown import payout_fate
from postal.services import parcel
from postal.services.claims.claiming import PaidTo, claim_money
from postal.services.collecting import (
    UNPAID_ENDS,
    StepView,
    collect_nothing,
    parcels_of_steps,
    remit_paid_in,
    steps_of,
)
from postal.services.debriefs import count_of
from postal.staff_carrier import CODE as STAFF
from postal.states import MoneyState

STEP = "collection:"
LOST = "lost:"
_HELD = {
    MoneyState.NONE: Held.NOTHING,
    MoneyState.EXPECTED: Held.TO_COLLECT,
    MoneyState.COLLECTED: Held.SAID,
}


async def follow_collection(parcel_id: int, *, now: datetime) -> None:
    """Job: books the steps of a parcel's money that are not in the books; the order is paid when all has come.

    Locks the payment, then the order. A parcel of an order that was paid before books nothing.
    """
    order_id = await Order.filter(parcel_id=parcel_id, pays_on_delivery=True).values_list("id", flat=True)
    steps = await steps_of(parcel_id) if order_id else []
    if not steps:
        return
    reference = reference_of(int(str(order_id[0])))
    async with transaction():
        await hold_payment(reference)
        order = (await locked(Order, order_id))[order_id[0]]
        paid_at = await _book_all(order, steps)
        seen = await parcel(order.parcel_code)
        if seen.state in UNPAID_ENDS:
            await cancel(reference, now=now)
        if paid_at is not None and order.paid_at is None:
            order.paid_at = paid_at
            await order.save(update_fields=["paid_at"])
        await take_money([reference], now=now)
        await tell_screens(order)


async def _book_all(order: Order, steps: Sequence[StepView]) -> datetime | None:
    """Books each step once; when the order was paid by one of them."""
    held, paid_at = Held.NOTHING, None
    for step in steps:
        known = AtDoor(
            f"{STEP}{step.id}", reference_of(order.id), order.vendor_id, step.carrier, step.dong, held
        )
        if await _book(known, step):
            paid_at = step.at
        held = _held_after(held, step)
    return paid_at


def _held_after(held: Held, step: StepView) -> Held:
    if step.became in (MoneyState.NONE, MoneyState.EXPECTED) or (
        step.became is MoneyState.COLLECTED and step.carrier != STAFF
    ):
        return _HELD[step.became]
    return Held.NOTHING if step.became in (MoneyState.COLLECTED, MoneyState.RECONCILED) else held


async def _book(known: AtDoor, step: StepView) -> bool:
    """Books one step; whether it has paid the order."""
    taken = None
    if step.carrier == STAFF:
        if step.became is MoneyState.COLLECTED:
            taken = await take_from_staff(known, step.person_id or 0, at=step.at)
        elif step.became is MoneyState.PAID_IN and step.was is MoneyState.COLLECTED:
            await release_to_seller(known, at=step.at)
    elif step.became is MoneyState.RECONCILED:
        if step.was is MoneyState.RECONCILED:
            is_lost = step.reference.startswith(LOST)
            await make_up(known.key, known.vendor_id, known.carrier, step.dong, is_lost=is_lost, at=step.at)
        else:
            taken = await take_from_statement(known, step.fee_dong, step.short_dong, at=step.at)
    if step.became in (MoneyState.NONE, MoneyState.EXPECTED) or (
        step.became is MoneyState.COLLECTED and step.carrier != STAFF
    ):
        await expect_at_door(known, _HELD[step.became], at=step.at)
    return taken is not None and taken.became_paid


async def follow_debrief(debrief_id: int) -> None:
    """Job: books the cash of an evening's count, and what it lacked."""
    count = await count_of(debrief_id)
    async with transaction():
        await count_cash(
            f"debrief:{debrief_id}",
            count.person_id,
            count.cash_due_dong,
            count.cash_dong,
            at=count.closed_at,
        )


async def follow_payout(payout_id: int, *, now: datetime) -> None:
    """Job: a payout that succeeded has brought what was paid in to its seller; one that came back has not."""
    fate = await payout_fate(payout_id)
    if not (fate.is_done or fate.is_back):
        return
    keys = await paid_out_with(payout_id, fate.vendor_id)
    ids = [int(one.removeprefix(STEP)) for one in keys if one.startswith(STEP)]
    for parcel_id in await parcels_of_steps(ids, is_back=fate.is_back):
        await remit_paid_in([parcel_id], payout_id, is_proved=fate.is_proved, is_back=fate.is_back, now=now)


async def note_paid_otherwise(order_id: int, *, now: datetime) -> None:
    """Job: an order that was to be paid at the door is paid by transfer: nothing is to be taken for it any more."""
    order = await Order.get(id=order_id)
    if order.parcel_id is not None:
        await collect_nothing(order.parcel_id, now=now)
    async with transaction():
        order = (await locked(Order, [order_id]))[order_id]
        if order.paid_at is None:
            order.paid_at = now
            await order.save(update_fields=["paid_at"])
        await tell_screens(order)


async def follow_claim(claim_id: int) -> None:
    """Job: books what a carrier paid for a parcel that it lost or damaged."""
    money = await claim_money(claim_id)
    async with transaction():
        await book_compensation(
            f"carrier_claim:{claim_id}",
            money.vendor_id,
            money.dong,
            to_seller=money.to is PaidTo.SELLER,
            at=money.at,
        )
