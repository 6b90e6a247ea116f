"""Asking for money to go back: under the payment's lock, out of what came, each way a refund of its own."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.services import record
from kit.codes import new_code
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.money import show_dong
from kit.outbox import later
from payments import ledger
from payments.models import (
    Payment,
    PaymentAttempt,
    PaymentEvent,
    PaymentState,
    Refund,
    RefundSource,
    RefundWay,
    ReturnAccount,
)
from payments.models import RefundStatus as State
from payments.services.refunds.pots import (
    Pot,
    booked_of,
    counted_by_attempt,
    given_for_lines,
    pots_of,
)
from payments.services.refunds.steps import (
    Case,
    Why,
    advance,
    attempt_of_refund,
    book_asked,
    locked_case,
    note,
)
from payments.states import may_follow

REFUND_PREFIX = "HT"
THROUGH_LEAST_DONG = 1_000  # MoMo's least; less than this no provider gives back
Line = dict[str, int | str]


@dataclass(frozen=True)
class Wish:
    """What is to go back, in đồng; None means all that is left. `key` makes two askings of one thing one.

    `by_hand` sends also a provider's money by a transfer that an administrator makes.
    """

    key: str
    source: RefundSource
    amount_dong: int | None
    reason: str = ""
    lines: tuple[Line, ...] = ()
    by_hand: bool = False

    @property
    def digest(self) -> str:
        """Tells two wishes under the same key apart."""
        said = (self.source.value, self.amount_dong, self.reason, self.lines, self.by_hand)
        return hashlib.sha256(repr(said).encode()).hexdigest()


async def ask_refund(
    payment_id: int, wish: Wish, *, person_id: int | None, now: datetime, first: Sequence[int] = ()
) -> list[int]:
    """Writes down that money of a payment goes back, and holds it; the numbers of the refunds, one for each way.

    `first` are further payments of the same thing, whose money goes back before this one's; of none more than it took
    in. All are locked together. The same key gives the same refunds. Raises NotFound, Conflict when the key was used
    for something else, Refusal at `amount_dong` when more is wanted than came and is not on its way already, and
    Conflict when nothing is left.
    """
    ids = [*first, payment_id]
    async with transaction():
        payments = await locked(Payment, ids)
        if payment_id not in payments:
            raise NotFound()
        before = await Refund.filter(payment_id__in=ids, key=wish.key).order_by("part")
        if before:
            return _same(before, wish)
        pots = [
            (payments[id], pot)
            for id in ids
            if id in payments
            for pot in await pots_of(payments[id], wish.source)
        ]
        amount_dong = _fitting(wish, [pot for _, pot in pots], await given_for_lines(*ids))
        made = [
            await _written(payment, pot, dong, wish, part, person_id, now)
            for part, (payment, pot, dong) in enumerate(_shares(pots, amount_dong), 1)
        ]
        code = payments[payment_id].code
        await record(person_id, "refund_asked", "payment", code, dong=amount_dong, reason=wish.reason)
        return [refund.id for refund in made]


async def owe_part(payment: Payment, *, now: datetime) -> int:
    """A locked payment that was paid in part and whose time is over will not be completed: the part is owed back.

    From then on it goes back like any money beyond what was asked, and the payment can end. How much, in đồng.
    """
    part_dong = int(payment.received_dong)
    if payment.state is not PaymentState.PENDING or not part_dong:
        return 0
    event = await PaymentEvent.create(payment=payment, kind="part_owed", amount_dong=part_dong, at=now)
    attempts = await PaymentAttempt.filter(payment_id=payment.id, received_dong__gt=0)
    counted = await counted_by_attempt(payment, attempts)
    for attempt in attempts:
        await _owe_through(payment, attempt, counted[attempt.id], now)
    direct_dong = part_dong - sum(counted.values())
    if direct_dong:
        entries = [
            (ledger.paid(payment.reference), direct_dong),
            (ledger.owed_to_buyer(payment.reference), -direct_dong),
        ]
        await ledger.post("part_owed", f"payment_event:{event.id}", entries, at=now)
    payment.received_dong = 0
    await payment.save(update_fields=["received_dong"])
    return part_dong


async def _owe_through(payment: Payment, attempt: PaymentAttempt, dong: int, now: datetime) -> None:
    """What came through a provider no longer counts: the seller is owed nothing of it, its taxes neither."""
    if not dong:
        return
    tax = {one: await booked_of(attempt.id, one) for one in _taxes(payment.vendor_id)}
    entries = [
        (ledger.paid(payment.reference), dong),
        (ledger.owed_by(payment.reference, attempt.gate), -dong),
        (ledger.collected(payment.reference), -dong),
        (ledger.payable(payment.vendor_id), dong - sum(tax.values())),
        *tax.items(),
    ]
    await ledger.post("part_owed", f"attempt:{attempt.id}", [one for one in entries if one[1]], at=now)


def _taxes(vendor_id: int) -> tuple[str, str]:
    return ledger.withheld_vat(vendor_id), ledger.withheld_income(vendor_id)


def _same(before: Sequence[Refund], wish: Wish) -> list[int]:
    if before[0].asked_hash != wish.digest:
        raise Conflict(say("Khoản hoàn này đã ghi với số khác. Hãy mở lại trang rồi xem."))
    return [refund.id for refund in before]


def _fitting(wish: Wish, pots: Sequence[Pot], given: dict[int, int]) -> int:
    left_dong = sum(pot.left_dong for pot in pots)
    wanted_dong = left_dong if wish.amount_dong is None else wish.amount_dong
    if left_dong <= 0:
        raise Conflict(say("Không còn tiền nào của khoản này để hoàn: đã hoàn hết hoặc đang trên đường về."))
    if not 0 < wanted_dong <= left_dong:
        raise Refusal(
            say("Khoản này chỉ còn hoàn được từ 1 ₫ đến {left}.", left=show_dong(left_dong)),
            field="amount_dong",
        )
    for line in wish.lines:
        if given.get(int(line["id"]), 0) + int(line["dong"]) > int(line["most_dong"]):
            raise Refusal(say("«{name}» đã được hoàn rồi.", name=str(line["name"])), field="lines")
    return wanted_dong


def _shares(pots: Sequence[tuple[Payment, Pot]], amount_dong: int) -> Iterator[tuple[Payment, Pot, int]]:
    """The sum out of the pots, one after the other."""
    for payment, pot in pots:
        dong = min(pot.left_dong, amount_dong)
        if dong > 0:
            yield payment, pot, dong
            amount_dong -= dong


async def _written(
    payment: Payment, pot: Pot, dong: int, wish: Wish, part: int, person_id: int | None, now: datetime
) -> Refund:
    through = pot.attempt is not None and not wish.by_hand and dong >= THROUGH_LEAST_DONG
    refund = await Refund.create(
        code=new_code(REFUND_PREFIX),
        payment=payment,
        attempt_id=pot.attempt.id if pot.attempt else None,
        vendor_id=payment.vendor_id,
        key=wish.key,
        part=part,
        asked_hash=wish.digest,
        way=RefundWay.GATE if through else RefundWay.BANK,
        source=wish.source,
        amount_dong=dong,
        lines=list(wish.lines) if part == 1 else [],
        reason=wish.reason[:300],
        asked_by=person_id,
        asked_at=now,
    )
    case = Case(refund, payment, await attempt_of_refund(refund))
    await book_asked(case, now=now)
    await note(refund, "requested", Why(wish.reason, person_id=person_id), now=now)
    if through:
        await later("send_refund", refund.id)
    elif await ReturnAccount.exists(payment_id=payment.id):
        await advance(case, State.MANUAL, Why(), now=now)
    else:
        await later("find_return_account", refund.id)
    await later("follow_refund", refund.id)
    return refund


async def cancel_refund(refund_id: int, *, person_id: int, reason: str, now: datetime) -> None:
    """Calls off a refund that has not left yet: the money counts again. Raises NotFound, and Conflict when it has."""
    async with transaction():
        case = await locked_case(refund_id)
        if case is None:
            raise NotFound()
        if not may_follow(case.refund.state, State.CANCELLED) or case.refund.sent_at:
            raise Conflict(say("Khoản hoàn này đã đi hoặc đã xong, không rút lại được."))
        await advance(case, State.CANCELLED, Why(reason, person_id=person_id), now=now)
        await record(person_id, "refund_cancelled", "refund", case.refund.code, reason=reason)
