"""Orders as their buyers see them: one order with its money and its parcel, and the list of one's own."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from accounts.services import record
from kit.codes import tidy_code
from kit.db import select, select_with, transaction
from kit.errors import NotFound
from kit.i18n import Sentence
from kit.roles import Caller, Role
from orders.models import Order, OrderEvent, OrderLine
from orders.services.basket import Buyer
from orders.services.handing.shown import HandingFacts, handing_of
from orders.services.heavy.asking import DifferenceFacts, difference_facts, difference_of
from orders.services.heavy.words import said_while_open
from orders.services.names import reference_of
from orders.services.place import is_buyer
from orders.services.returns import Returns, returns_of
from orders.services.said import Said, Step
from orders.services.short import shortage_of
from orders.services.words import TONES, WORDS, said_of, steps_of
from orders.short_models import Shortage
from orders.states import Handing, OrderState
from payments.services import AttemptView, PaymentView, attempts_of, payment_for
from postal.services import TimelineStep, timeline

PAGE_ROWS = 20
PAGES_MAX = 500
MOVING = (
    OrderState.PLACED,
    OrderState.CONFIRMED,
    OrderState.PAID,
    OrderState.POSTED,
    OrderState.READY,
)
_ITS_LINES = "(SELECT json_agg(l ORDER BY l.id) FROM order_line l WHERE l.order_id = customer_order.id)"
OWED = (OrderState.RETURNED, OrderState.LOST)  # their money is still to come back


@dataclass(frozen=True)
class Sibling:
    """Another order of the same purchase."""

    code: str
    vendor_name: str
    words: Sentence
    tone: str
    is_this: bool
    is_paid: bool


@dataclass(frozen=True)
class OrderFacts:
    """One order, all that its page shows. `mark` changes whenever the page would.

    `minutes_left` to transfer money in; None when none is awaited any more.
    """

    order: Order
    lines: list[OrderLine]
    said: Said
    steps: list[Step]
    parcel_step: TimelineStep | None
    payment: PaymentView | None
    attempts: list[AttemptView]
    returns: Returns
    minutes_left: int | None
    group: list[Sibling]
    next_code: str
    is_waiting: bool
    can_be_cancelled: bool
    mark: str
    handing: HandingFacts
    short: Shortage | None = None
    difference: DifferenceFacts | None = None


@dataclass(frozen=True)
class OrderBrief:
    """One order, what a program reads of it; `payable` is its payment while money is awaited."""

    order: Order
    lines: list[OrderLine]
    said: Said
    payable: PaymentView | None
    handing: HandingFacts


@dataclass(frozen=True)
class OrderRow:
    """One of somebody's orders in a list."""

    code: str
    vendor_name: str
    total_dong: int
    placed_at: datetime
    words: Sentence
    tone: str
    picture_url: str
    things: str


@dataclass(frozen=True)
class OrderRows:
    """A page of orders, newest first."""

    rows: list[OrderRow]
    page: int
    has_more: bool


def buyer_of(caller: Caller) -> Buyer:
    """The caller as a buyer."""
    return Buyer(caller.person_id, caller.device)


async def order_for(code: str, caller: Caller) -> Order:
    """The order, for its buyer, its seller and administrators (that they read it is recorded); else NotFound."""
    order = await _with_code(tidy_code(code))
    if order is None:
        raise NotFound()
    await _let_read(order, caller)
    return order


async def order_with_lines(code: str, caller: Caller) -> tuple[Order, list[OrderLine]]:
    """The same with its lines, in one query."""
    found = await _with_lines("code", tidy_code(code))
    if found is None:
        raise NotFound()
    await _let_read(found[0], caller)
    return found


async def order_again(order_id: int) -> tuple[Order, list[OrderLine]]:
    """The same of an order that was read a moment ago, as it is now."""
    found = await _with_lines("id", order_id)
    if found is None:
        raise NotFound()
    return found


async def _let_read(order: Order, caller: Caller) -> None:
    if is_buyer(order, buyer_of(caller)) or order.vendor_id in caller.scope_ids(Role.VENDOR):
        return
    if Role.ADMIN not in caller.roles:
        raise NotFound()
    async with transaction():
        await record(caller.person_id, "order_read", "order", order.code)


async def _with_lines(column: str, value: object) -> tuple[Order, list[OrderLine]] | None:
    for order, lines in await select_with(Order, _ITS_LINES, f"WHERE {column} = $1", [value]):
        return order, [OrderLine._init_from_db(**row) for row in json.loads(str(lines or "[]"))]
    return None


async def _with_code(code: str) -> Order | None:
    found = await select(Order, "WHERE code = $1", [code])
    return found[0] if found else None


async def own_order(code: str, caller: Caller) -> Order:
    """The order, for its buyer alone; NotFound for everybody else."""
    order = await _with_code(tidy_code(code))
    if order is None or not is_buyer(order, buyer_of(caller)):
        raise NotFound()
    return order


async def order_brief(order: Order, lines: list[OrderLine], *, now: datetime) -> OrderBrief:
    """What programs read of an order, in five queries at most."""
    payment = await payment_for(reference_of(order.id))
    return OrderBrief(
        order=order,
        lines=lines,
        said=said_while_open(await difference_of(order)) or said_of(order, payment, now=now),
        handing=await handing_of(order, now=now) if order.handing is not Handing.DOOR else HandingFacts(),
        payable=payment if _minutes_left(order, payment, now=now) is not None else None,
    )


async def _lines_of(order: Order) -> list[OrderLine]:
    return await select(OrderLine, "WHERE order_id = $1 ORDER BY id", [order.id])


async def order_facts(order: Order, *, now: datetime) -> OrderFacts:
    """All that an order's page shows, in seventeen queries at most; four more where heavier goods cost more."""
    moving = await _moving(order, now=now)
    payment, returns, difference = moving.payment, moving.returns, moving.difference
    events = await select(OrderEvent, "WHERE order_id = $1 ORDER BY id", [order.id])
    open_one = said_while_open(difference.row) if difference else None
    is_owed = order.state in OWED and not returns.refunds
    return OrderFacts(
        order=order,
        lines=await _lines_of(order),
        said=open_one or said_of(order, payment, now=now),
        steps=steps_of(order, events),
        parcel_step=moving.parcel_steps[-1] if moving.parcel_steps else None,
        payment=payment,
        attempts=moving.attempts,
        returns=returns,
        minutes_left=moving.minutes_left,
        group=moving.group,
        next_code=next((one.code for one in moving.group if one.tone == "waiting" and not one.is_this), ""),
        is_waiting=order.state in MOVING or returns.is_moving or is_owed,
        can_be_cancelled=_can_be_cancelled(order, payment, moving.attempts),
        mark=moving.mark,
        short=moving.short,
        difference=difference,
        handing=moving.handing,
    )


async def mark_of(code: str, *, now: datetime) -> str:
    """The mark of an order's page as it would be now: what a waiting screen compares. Sixteen queries at most."""
    order = await _with_code(code)
    return (await _moving(order, now=now)).mark if order else ""


@dataclass(frozen=True)
class _Moving:
    """What may change about an order while its page is open."""

    order: Order
    payment: PaymentView | None
    minutes_left: int | None
    attempts: list[AttemptView]
    parcel_steps: list[TimelineStep]
    group: list[Sibling]
    returns: Returns
    short: Shortage | None
    handing: HandingFacts
    difference: DifferenceFacts | None

    @property
    def mark(self) -> str:
        """Another one whenever the page would be another."""
        order, payment = self.order, self.payment
        seen = (
            [(one.reference, one.state, bool(one.pay_url)) for one in self.attempts],
            [(one.code, one.state, one.needs_review) for one in self.returns.refunds],
            [(one.id, one.state) for one in self.returns.asks],
            self.returns.account,
            order.state,
            order.packed_at,
            order.paid_at if order.pays_on_delivery else None,
            order.given_back_at,
            order.parcel_code,
            len(self.parcel_steps),
            (payment.state, payment.received_dong, payment.extra_dong) if payment else (),
            [(one.code, str(one.words.text)) for one in self.group],
            self.minutes_left is not None,
            self.short and self.short.state,
            self.handing.mark,
            self.difference and self.difference.mark,
        )
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:20]


async def _moving(order: Order, *, now: datetime) -> _Moving:
    payment = await payment_for(reference_of(order.id))
    return _Moving(
        order=order,
        payment=payment,
        minutes_left=_minutes_left(order, payment, now=now),
        attempts=await attempts_of(payment.id, now=now) if payment else [],
        parcel_steps=await timeline(order.parcel_id) if order.parcel_id else [],
        group=await _group(order),
        returns=await returns_of(order, payment, now=now),
        short=await shortage_of(order),
        handing=await handing_of(order, now=now),
        difference=await difference_facts(order, now=now),
    )


def _can_be_cancelled(order: Order, payment: PaymentView | None, attempts: list[AttemptView]) -> bool:
    if order.state is OrderState.CONFIRMED and order.packed_at is None:
        return not (payment and payment.received_dong)
    if order.state is not OrderState.PLACED or (payment and payment.received_dong):
        return False
    return not any(one.is_unsure for one in attempts)


def _minutes_left(order: Order, payment: PaymentView | None, *, now: datetime) -> int | None:
    if order.pays_on_delivery or payment is None or payment.state != "pending" or now > payment.expires_at:
        return None
    return max(1, (payment.expires_at - now) // timedelta(minutes=1))


async def _group(order: Order) -> list[Sibling]:
    orders = await select(Order, "WHERE group_code = $1 ORDER BY id", [order.group_code])
    return [
        Sibling(
            code=one.code,
            vendor_name=one.vendor_name,
            words=WORDS[one.state],
            tone=TONES[one.state],
            is_this=one.id == order.id,
            is_paid=one.paid_at is not None,
        )
        for one in orders
        if one.person_id == order.person_id
    ]


async def orders_of(caller: Caller, *, page: int = 1) -> OrderRows:
    """A page of the caller's orders, those of this device from before signing in included; two queries."""
    mine = Q(person_id__isnull=True, device=caller.device)
    if caller.person_id is not None:
        mine |= Q(person_id=caller.person_id)
    return await rows_of(Order.filter(mine).order_by("-placed_at", "-id"), page)


async def rows_of(query: QuerySet[Order], page: int) -> OrderRows:
    """A page of a query of orders as rows of a list; two queries."""
    page = max(1, min(page, PAGES_MAX))
    found = await query.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1).prefetch_related("lines")
    return OrderRows([row_of(order) for order in found[:PAGE_ROWS]], page, len(found) > PAGE_ROWS)


def row_of(order: Order) -> OrderRow:
    """An order with its lines fetched, as a row."""
    lines = list(order.lines)
    return OrderRow(
        code=order.code,
        vendor_name=order.vendor_name,
        total_dong=order.total_dong + order.more_dong,
        placed_at=order.placed_at,
        words=WORDS[order.state],
        tone=TONES[order.state],
        picture_url=lines[0].picture_url if lines else "",
        things=things_of(lines),
    )


def things_of(lines: list[OrderLine]) -> str:
    """«2 × Chè Tân Cương, 1 × Mật ong»."""
    return ", ".join(f"{line.quantity} × {line.name}" for line in lines)
