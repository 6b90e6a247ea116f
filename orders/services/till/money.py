"""Money that comes in for stall sales: what a settled notice means for a till, and what the seller says of it."""

from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict
from kit.i18n import say
from orders.models import TillSale
from orders.services.book.taking import take_sale
from orders.services.names import number_in, till_reference
from orders.services.till.closed import correct_if_closed
from orders.services.till.log import Happened, tell_till
from orders.services.till.selling import WAITS_FOR
from orders.states import SaleState, SaleWay
from payments.services import (
    Settled,
    cancel,
    confirm_by_seller,
    expire,
    not_plate_money,
    payment_for,
    unproved_dong,
)
from vendors.services import release, sell

ROUND_ROWS = 100
OPEN = (SaleState.WAITING, SaleState.TO_CONFIRM)
HAPPENED = {
    "partial": Happened.PARTIAL,
    "over": Happened.OVER,
    "duplicate": Happened.AGAIN,
    "late": Happened.LATE,
}

GIVEN_BACK = ("refund", "refund_back")  # money that left again is no news of a sale


async def settle_stall_sale(settled: Settled, *, now: datetime) -> bool:
    """Brings a stall sale to where its payment is, within the caller's open transaction(); False when it is none.

    Locks the sale after the payment, then its listings.
    """
    sale_id = number_in(settled.reference, "till")
    sale = (await locked(TillSale, [sale_id])).get(sale_id) if sale_id else None
    if sale is None:
        return False
    asked = await payment_for(settled.reference)
    assert asked is not None
    if settled.verdict in GIVEN_BACK:
        sale.extra_dong = asked.extra_dong
        await sale.save(update_fields=["extra_dong"])
        return True
    came_dong = (
        asked.received_dong + asked.extra_dong - sale.received_dong - sale.extra_dong - sale.noted_dong
    )
    if not settled.became_paid and settled.verdict in ("matched", "over") and sale.state is SaleState.PAID:
        sale.said_dong = await unproved_dong(settled.reference)
        came_dong, kind = asked.extra_dong, Happened.OVER if asked.extra_dong else Happened.PROVED
    else:
        kind = HAPPENED.get(settled.verdict, Happened.PAID)
    await _keep(sale, asked.received_dong - sale.noted_dong, asked.extra_dong, now, settled.became_paid)
    other_dong = {Happened.PARTIAL: asked.rest_dong, Happened.PAID: asked.received_dong}.get(
        kind, asked.extra_dong
    )
    await tell_till(
        sale.vendor_id, kind, now=now, sale_id=sale.id, amount_dong=came_dong, other_dong=other_dong
    )
    return True


async def confirm_sale(sale_id: int, *, person_id: int, now: datetime, in_cash: bool = False) -> None:
    """The seller has seen the money in their own banking app, or took what was lacking in cash. Twice is once.

    Raises Conflict when the sale is closed.
    """
    async with transaction():
        reference = till_reference(sale_id)
        rest_dong = await confirm_by_seller(reference, person_id=person_id, now=now, in_cash=in_cash)
        sale = (await locked(TillSale, [sale_id]))[sale_id]
        if sale.state is SaleState.PAID:
            return
        if sale.state not in OPEN or (sale.way is SaleWay.QR and not rest_dong):
            raise Conflict(say("Lần bán này đã đóng, không nhận tiền vào nữa. Hãy lập lần bán mới."))
        rest_dong = rest_dong or sale.amount_dong
        sale.confirmed_by = person_id
        sale.noted_dong, sale.said_dong = (rest_dong, 0) if in_cash else (0, rest_dong)
        await _keep(sale, sale.amount_dong - sale.noted_dong, sale.extra_dong, now, True)
        await take_sale(sale, now=now)
        await record(person_id, "sale_confirmed", "till_sale", sale.id, dong=rest_dong, in_cash=in_cash)
        await tell_till(sale.vendor_id, Happened.CONFIRMED, now=now, sale_id=sale.id, amount_dong=rest_dong)


async def cancel_sale(sale_id: int, *, person_id: int, now: datetime) -> None:
    """Takes a sale back: nothing has come, or the cash was given back. Twice is once.

    Raises Conflict when money came through the bank, and for a cash sale of a closed day.
    """
    async with transaction():
        reference = till_reference(sale_id)
        was_open = await cancel(reference, now=now)
        sale = (await locked(TillSale, [sale_id]))[sale_id]
        if sale.state is SaleState.CANCELLED:
            return
        is_cash = sale.way is SaleWay.CASH and sale.state is SaleState.PAID
        if not (was_open or is_cash or sale.state is SaleState.TO_CONFIRM):
            raise Conflict(say("Đã có tiền vào nên không hủy được. Trả lại khách thì ghi ở sổ cuối ngày."))
        if is_cash:
            await correct_if_closed(sale, -sale.amount_dong, now=now)
        sale.state = SaleState.CANCELLED
        await sale.save(update_fields=["state"])
        await take_sale(sale, now=now)
        await release(reference)
        await record(person_id, "sale_cancelled", "till_sale", sale.id, dong=sale.amount_dong)
        await tell_till(sale.vendor_id, Happened.CANCELLED, now=now, sale_id=sale.id)


async def not_a_sale(sale_id: int, *, person_id: int, now: datetime) -> None:
    """The seller says that money on the plate was no sale (a friend paid back a loan). Twice is once.

    Raises Conflict for anything but money that came on the plate.
    """
    async with transaction():
        sale = (await locked(TillSale, [sale_id]))[sale_id]
        if sale.state is SaleState.NOT_SALE:
            return
        if sale.way is not SaleWay.PLATE or sale.notice_id is None:
            raise Conflict(say("Chỉ khoản vào bằng biển QR mới tách ra được."))
        await not_plate_money(
            sale.notice_id, reference=till_reference(sale.id), vendor_id=sale.vendor_id, now=now
        )
        sale.state = SaleState.NOT_SALE
        await sale.save(update_fields=["state"])
        await take_sale(sale, now=now)
        await correct_if_closed(sale, -sale.received_dong, now=now)
        await record(person_id, "sale_set_apart", "till_sale", sale.id, dong=sale.amount_dong)
        await tell_till(sale.vendor_id, Happened.CANCELLED, now=now, sale_id=sale.id)


async def expire_sales(*, now: datetime) -> int:
    """Ends stall sales that nobody paid in time, each in a transaction of its own; how many."""
    ended, last_id = 0, 0
    while due := await _due(now, after_id=last_id):
        for sale_id in due:
            ended += await _expire(sale_id, now=now)
        last_id = due[-1]
    return ended


async def _due(now: datetime, *, after_id: int) -> list[int]:
    due = TillSale.filter(state=SaleState.WAITING, made_at__lt=now - WAITS_FOR, id__gt=after_id)
    return [int(str(id)) for id in await due.order_by("id").limit(ROUND_ROWS).values_list("id", flat=True)]


async def _expire(sale_id: int, *, now: datetime) -> bool:
    async with transaction():
        if not await expire(till_reference(sale_id), now=now):
            return False
        sale = (await locked(TillSale, [sale_id]))[sale_id]
        sale.state = SaleState.EXPIRED
        await sale.save(update_fields=["state"])
        await release(till_reference(sale_id))
        await tell_till(sale.vendor_id, Happened.CANCELLED, now=now, sale_id=sale.id)
        return True


async def _keep(
    sale: TillSale, received_dong: int, extra_dong: int, now: datetime, became_paid: bool
) -> None:
    """Writes down what has come, sells the goods when it is enough, and tells a closed day."""
    grown_dong = received_dong + sale.noted_dong - sale.received_dong
    sale.received_dong, sale.extra_dong = received_dong, extra_dong
    if became_paid:
        sale.state, sale.settled_at = SaleState.PAID, now
        await sell(till_reference(sale.id))
    await sale.save(
        update_fields=[
            "received_dong",
            "extra_dong",
            "noted_dong",
            "said_dong",
            "state",
            "settled_at",
            "confirmed_by",
        ]
    )
    await correct_if_closed(sale, grown_dong, now=now)
