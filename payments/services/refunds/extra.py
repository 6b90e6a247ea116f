"""What came beyond what was asked goes back by itself; what came too late when a person says so."""

from datetime import datetime

from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from payments.models import Payment, PaymentEvent, PaymentState, RefundSource
from payments.services.closing import cancel
from payments.services.refunds.asking import Wish, ask_refund, owe_part
from payments.states import is_open


async def return_extra(payment_id: int, *, now: datetime) -> list[int]:
    """Job: asks for all that was paid over or twice to go back; the numbers of the refunds, none when none is left.

    Money that came too late is not touched here: a person decides between the goods and the money.
    """
    last = await PaymentEvent.filter(payment_id=payment_id).order_by("-id").first()
    if last is None:
        return []
    wish = Wish(f"extra:{last.id}", RefundSource.OWED, None)
    try:
        return await ask_refund(payment_id, wish, person_id=None, now=now)
    except Conflict:
        return []


async def return_late(reference: str, *, person_id: int | None, reason: str, now: datetime) -> list[int]:
    """A person decides that late money, or a part paid before the end, goes back and not the goods out.

    All that is owed is asked for; a payment that was held with a part can then end. The numbers of the refunds.
    Raises NotFound, and Conflict when nothing is left to give back.
    """
    async with transaction():
        ids = await Payment.filter(reference=reference).values_list("id", flat=True)
        payment = next(iter((await locked(Payment, ids)).values()), None)
        if payment is None:
            raise NotFound()
        await owe_part(payment, now=now)
        wish = Wish(f"late:{payment.received_dong}:{now.timestamp():.0f}", RefundSource.OWED, None, reason)
        return await ask_refund(payment.id, wish, person_id=person_id, now=now)


async def end_asked(reference: str, *, person_id: int | None, reason: str, now: datetime) -> bool:
    """What was asked for a thing is wanted no more: a part that came goes back, and the payment ends.

    Needs the caller's open transaction(), and locks the payment. False when it is paid, or nobody knows yet whether a
    provider took the money: then the caller has to undo what was done.
    """
    ids = await Payment.filter(reference=reference).values_list("id", flat=True)
    payment = next(iter((await locked(Payment, ids)).values()), None)
    if payment is None or not is_open(payment.state):
        return payment is None or payment.state is not PaymentState.PAID
    if await owe_part(payment, now=now):
        wish = Wish(f"late:0:{now.timestamp():.0f}", RefundSource.OWED, None, reason)
        await ask_refund(payment.id, wish, person_id=person_id, now=now)
    return await cancel(reference, now=now)
