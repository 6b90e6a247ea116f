"""Pots: which money of a payment may still go back, by the way it came. Σ refunds never passes what came."""

from collections.abc import Sequence
from dataclasses import dataclass

from payments import ledger
from payments.models import Entry, Payment, PaymentAttempt, PaymentState, Refund, RefundSource
from payments.states import REFUND_COUNTS

OWED, PAID = RefundSource.OWED, RefundSource.PAID


@dataclass(frozen=True)
class Pot:
    """What is left of money that came one way: `attempt` names the provider's try, None for transfers and cash."""

    source: RefundSource
    attempt: PaymentAttempt | None
    left_dong: int


async def pots_of(payment: Payment, source: RefundSource) -> list[Pot]:
    """The pots of a payment that hold something, providers' newest first; its row must be locked by who takes."""
    attempts = await PaymentAttempt.filter(payment_id=payment.id, received_dong__gt=0).order_by("-id")
    counted = await counted_by_attempt(payment, attempts)
    taken = await _taken(payment.id, source)
    if source is PAID:
        pots = await _paid(payment, attempts, counted, taken)
    else:
        pots = await _owed(payment, attempts, counted, taken)
    return [pot for pot in pots if pot.left_dong > 0]


async def given_for_lines(*payment_ids: int) -> dict[int, int]:
    """By line of the order, what refunds hold or have given back for it, in đồng. One query."""
    given: dict[int, int] = {}
    for refund in await Refund.filter(payment_id__in=payment_ids, part=1, state__in=list(REFUND_COUNTS)):
        for line in refund.lines:
            given[int(line["id"])] = given.get(int(line["id"]), 0) + int(line["dong"])
    return given


async def counted_by_attempt(payment: Payment, attempts: Sequence[PaymentAttempt]) -> dict[int, int]:
    """How much of each try's money counts towards the payment, as the books say, in đồng."""
    return {one.id: await booked_of(one.id, ledger.paid(payment.reference)) for one in attempts}


async def booked_of(attempt_id: int, account: str) -> int:
    """What a try's own bookings put to the credit of an account, in đồng."""
    rows = Entry.filter(account=account, transaction__reference=f"attempt:{attempt_id}")
    return -sum([int(str(dong)) for dong in await rows.values_list("amount_dong", flat=True)])


async def _paid(
    payment: Payment,
    attempts: Sequence[PaymentAttempt],
    counted: dict[int, int],
    taken: dict[int | None, int],
) -> list[Pot]:
    """Money that counts can go back once the payment is whole; a part is first set aside as owed."""
    if payment.state is not PaymentState.PAID:
        return []
    direct_dong = payment.received_dong - sum(counted.values()) - taken.get(None, 0)
    through = [Pot(PAID, one, counted[one.id] - taken.get(one.id, 0)) for one in attempts]
    return [*through, Pot(PAID, None, direct_dong)]


async def _owed(
    payment: Payment,
    attempts: Sequence[PaymentAttempt],
    counted: dict[int, int],
    taken: dict[int | None, int],
) -> list[Pot]:
    """Money beyond what was asked. The books already leave out what is on its way or was given back by word."""
    accounts = {one.id: ledger.owed_by(payment.reference, one.gate) for one in attempts}
    direct = ledger.owed_to_buyer(payment.reference)
    owed = await ledger.balances_of([*set(accounts.values()), direct])
    pots = []
    for one in attempts:
        free_dong = one.received_dong - counted[one.id] - taken.get(one.id, 0)
        left_dong = min(free_dong, -owed.get(accounts[one.id], 0))
        owed[accounts[one.id]] = owed.get(accounts[one.id], 0) + max(left_dong, 0)
        pots.append(Pot(OWED, one, left_dong))
    return [*pots, Pot(OWED, None, -owed.get(direct, 0))]


async def _taken(payment_id: int, source: RefundSource) -> dict[int | None, int]:
    """By try, what refunds of this source hold or have given back, in đồng."""
    taken: dict[int | None, int] = {}
    rows = Refund.filter(payment_id=payment_id, source=source, state__in=list(REFUND_COUNTS))
    for refund in await rows:
        taken[refund.attempt_id] = taken.get(refund.attempt_id, 0) + refund.amount_dong
    return taken
