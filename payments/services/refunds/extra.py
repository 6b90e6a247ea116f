"""What came beyond what was asked goes back by itself: nobody has to decide that."""

from datetime import datetime

from kit.errors import Conflict
from payments.models import PaymentEvent, RefundSource
from payments.services.refunds.asking import Wish, ask_refund


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
