"""Asking a buyer for what their goods weigh more: a payment of its own, with its own code and clock."""

from dataclasses import dataclass
from datetime import datetime

from accounts.services import record
from kit.dates import vietnam_date
from kit.rules import rule_on
from orders.fresh import days_for
from orders.heavy_models import WeightDifference
from orders.models import Order
from orders.services.heavy.sums import due_after
from orders.services.heavy.telling import tell_asked
from orders.services.moves import tell_screens
from orders.services.names import difference_reference
from orders.states import HEAVY_OPEN, HeavyState
from payments.services import AttemptView, PaymentView, ask, attempts_of, payment_for
from vendors.services import kinds_of

ANSWER_RULE, ANSWER_HOURS = "weight_answer_hours", 24
FRESH_RULE, FRESH_HOURS = "weight_fresh_hours", 6


@dataclass(frozen=True)
class DifferenceFacts:
    """What an order's heavier goods cost on top, and the payment that is asked for it.

    `is_payable` while money is awaited, `is_open` while nothing is sent because of it.
    """

    row: WeightDifference
    payment: PaymentView | None
    attempts: list[AttemptView]
    is_payable: bool

    @property
    def is_open(self) -> bool:
        """Whether the goods wait for it."""
        return self.row.state in HEAVY_OPEN

    @property
    def mark(self) -> tuple[object, ...]:
        """Whatever of it a page shows."""
        money = (
            (self.payment.state, self.payment.received_dong, self.payment.extra_dong) if self.payment else ()
        )
        tries = [(one.reference, one.state, bool(one.pay_url)) for one in self.attempts]
        return (str(self.row.state), self.is_payable, money, tries)


async def difference_of(order: Order) -> WeightDifference | None:
    """The difference of an order, if one was ever asked. One query, none where heavier goods are not charged."""
    return await WeightDifference.get_or_none(order_id=order.id) if order.more_most_dong else None


async def difference_facts(order: Order, *, now: datetime) -> DifferenceFacts | None:
    """The same with its payment and the tries to pay it. Three queries, none where heavier goods are not charged."""
    row = await difference_of(order)
    if row is None:
        return None
    payment = await payment_for(difference_reference(order.id))
    is_asked = row.state is HeavyState.ASKED and payment is not None and payment.state == "pending"
    attempts = await attempts_of(payment.id, now=now) if payment else []
    return DifferenceFacts(row, payment, attempts, is_payable=is_asked and now <= row.due_at)


async def ask_difference(order: Order, dong: int, *, person_id: int, now: datetime) -> WeightDifference:
    """Asks for so much on top of a locked, paid order, and tells its buyer; the goods wait until it has come."""
    due_at = due_after(now, await _hours(order, now))
    row = await WeightDifference.create(
        order_id=order.id,
        vendor_id=order.vendor_id,
        dong=dong,
        asked_by=person_id,
        asked_at=now,
        due_at=due_at,
    )
    await ask(
        difference_reference(order.id),
        vendor_id=order.vendor_id,
        amount_dong=dong,
        now=now,
        expires_at=due_at,
    )
    await record(person_id, "difference_asked", "order", order.code, dong=dong)
    await tell_asked(order, row, now=now)
    await tell_screens(order)
    return row


async def _hours(order: Order, now: datetime) -> int:
    """How long the buyer may take: less for goods that spoil (dated rules)."""
    kinds = await kinds_of([one.listing_id for one in await order.lines.all()])
    rule, hours = (ANSWER_RULE, ANSWER_HOURS) if days_for(kinds) is None else (FRESH_RULE, FRESH_HOURS)
    return int(await rule_on(rule, vietnam_date(now)) or hours)
