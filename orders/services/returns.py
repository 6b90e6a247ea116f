"""Money back for an order: what a buyer asks and the seller answers, what the seller gives of their own accord."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from accounts.services import record
from kit.codes import tidy_code
from kit.db import locked, select, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.money import show_dong
from kit.sealed import SealKeys
from orders.models import Order, OrderLine, ReturnAsk
from orders.services.moves import tell_screens
from orders.services.names import SHORT, reference_of
from orders.services.order_money import first_back, left_dong, payments_behind
from orders.services.telling_returns import tell_of_ask
from orders.states import AskState, OrderState
from payments.services import (
    PayerAccount,
    PaymentView,
    RefundSource,
    RefundView,
    ReturnTo,
    Wish,
    ask_refund,
    given_for_lines,
    payment_for,
    refunds_of,
    return_late,
    return_to,
    say_return_account,
)
from payments.services.at_the_door import hold_payment

RETURNABLE = (
    OrderState.PAID,
    OrderState.POSTED,
    OrderState.READY,
    OrderState.DELIVERED,
    OrderState.DISPUTED,
    OrderState.CLOSED,
    OrderState.RETURNED,
    OrderState.LOST,
)
ENDED = (OrderState.EXPIRED, OrderState.CANCELLED)


@dataclass(frozen=True)
class Choice:
    """What should go back: these lines as far as they have not yet, else this sum, else everything."""

    line_ids: tuple[int, ...] = ()
    amount_dong: int | None = None


@dataclass(frozen=True)
class ReturnLine:
    """A line of an order and what of it can still go back, in đồng."""

    id: int
    name: str
    quantity: int
    sum_dong: int
    left_dong: int


@dataclass(frozen=True)
class Returns:
    """All about money back for one order. `waits_for_account`: a transfer waits until the buyer says where to.

    `late_dong` came when the order was over, and waits for a person; `can_be_revived` when it is all that was asked.
    """

    refunds: list[RefundView]
    asks: list[ReturnAsk]
    open_ask: ReturnAsk | None
    account: ReturnTo | None
    waits_for_account: bool
    late_dong: int
    can_be_revived: bool
    can_be_asked: bool

    @property
    def given_names(self) -> list[str]:
        """The goods whose money is on its way back or there already, without those that lack some pieces only."""
        lost = ("failed", "cancelled", "reversed")
        whole = [one for one in self.refunds if one.state not in lost and one.key != SHORT]
        return [str(line["name"]) for one in whole for line in one.lines]

    @property
    def is_moving(self) -> bool:
        """Whether something about it will still change by itself."""
        return self.open_ask is not None or any(one.is_open for one in self.refunds)


async def returns_of(order: Order, payment: PaymentView | None, *, now: datetime) -> Returns:
    """What is asked, on the way and given back. Two queries for an order of which nothing ever went back, else five."""
    behind = await payments_behind(order) if order.more_most_dong else []
    refunds = await refunds_of(*{payment.id, *(one.id for one in behind)}) if payment else []
    asks = await select(ReturnAsk, "WHERE order_id = $1 ORDER BY id", [order.id])
    open_ask = next((one for one in asks if one.state is AskState.ASKED), None)
    late_dong = late_of(order, payment, now=now)
    return Returns(
        refunds=refunds,
        asks=asks,
        open_ask=open_ask,
        account=await return_to(payment.id) if payment and (refunds or asks) else None,
        waits_for_account=any(one.waits_for_account for one in refunds),
        late_dong=late_dong,
        can_be_revived=bool(payment)
        and late_dong >= order.total_dong
        and order.state is not OrderState.CANCELLED,
        can_be_asked=order.state in RETURNABLE and open_ask is None,
    )


def late_of(order: Order, payment: PaymentView | None, *, now: datetime) -> int:
    """What came for an order when it was over and is neither counted nor on its way back, in đồng."""
    if payment is None or payment.state == "paid":
        return 0
    if order.state in ENDED:
        return payment.extra_dong
    is_held = order.state is OrderState.PLACED and payment.received_dong and now > payment.expires_at
    return payment.received_dong + payment.extra_dong if is_held else 0


async def return_lines(order: Order) -> list[ReturnLine]:
    """The lines of an order with what can still go back for each."""
    payment = await payment_for(reference_of(order.id))
    given = await given_for_lines(payment.id, *await first_back(order)) if payment else {}
    lines = await order.lines.all().order_by("id")
    paid = await _paid_for(order, lines)
    return [
        ReturnLine(one.id, one.name, one.quantity, one.sum_dong, max(0, paid[one.id] - given.get(one.id, 0)))
        for one in lines
    ]


async def _paid_for(order: Order, lines: Sequence[OrderLine]) -> dict[int, int]:
    """What was paid for each line, in đồng; pieces that lacked were not, where nothing was paid before the door."""
    short_dong = sum(one.short_dong for one in lines)
    payment = await payment_for(reference_of(order.id)) if order.pays_on_delivery and short_dong else None
    never_asked = payment is not None and all(one.key != SHORT for one in await refunds_of(payment.id))
    return {one.id: _most(order, one) - (one.short_dong if never_asked else 0) for one in lines}


async def ask_return(
    order: Order, choice: Choice, reason: str, *, person_id: int | None, now: datetime
) -> ReturnAsk:
    """The buyer asks money back; the seller answers. Nothing moves yet.

    Raises Conflict when the order is not paid or an earlier asking is open, Refusal at `amount_dong` or `lines`.
    """
    if order.state not in RETURNABLE:
        raise Conflict(say("Chỉ xin hoàn tiền cho đơn đã trả."))
    amount_dong, lines = await _chosen(order, choice)
    ask = ReturnAsk(order=order, amount_dong=amount_dong, lines=lines, reason=reason, asked_at=now)
    try:
        async with transaction():
            await ask.save()
            await record(person_id, "return_asked", "order", order.code, dong=amount_dong)
            await tell_of_ask(order, ask, now=now)
            await tell_screens(order)
    except IntegrityError as open_one:
        raise Conflict(say("Bạn đã xin hoàn tiền và người bán chưa trả lời.")) from open_one
    return ask


async def withdraw_ask(order: Order, *, now: datetime) -> None:
    """The buyer no longer asks. Raises Conflict when nothing is open."""
    async with transaction():
        ask = await _open_ask(order)
        ask.state, ask.answered_at = AskState.WITHDRAWN, now
        await ask.save(update_fields=["state", "answered_at"])
        await tell_screens(order)


async def answer_ask(order: Order, *, agrees: bool, answer: str, person_id: int, now: datetime) -> None:
    """The seller or an administrator agrees, and the money is on its way; or says no, with a reason.

    Raises Conflict when nothing is asked (any more). Locks the payment, then the asking.
    """
    async with transaction():
        seen = await ReturnAsk.get_or_none(order_id=order.id, state=AskState.ASKED)
        if seen is None:
            raise Conflict(say("Không có lời xin hoàn tiền nào đang chờ."))
        if agrees:
            wish = Wish(f"ask:{seen.id}", RefundSource.PAID, seen.amount_dong, seen.reason, tuple(seen.lines))
            first = await first_back(order)
            await ask_refund(await _payment_id(order), wish, person_id=person_id, now=now, first=first)
        ask = await _open_ask(order)
        ask.state = AskState.AGREED if agrees else AskState.REFUSED
        ask.answered_at, ask.answered_by, ask.answer = now, person_id, answer
        await ask.save(update_fields=["state", "answered_at", "answered_by", "answer"])
        await record(person_id, "return_answered", "order", order.code, agrees=agrees)
        await tell_of_ask(order, ask, now=now)
        await tell_screens(order)


async def give_back(
    order: Order, choice: Choice, reason: str, *, key: str, person_id: int, now: datetime
) -> list[int]:
    """The seller gives money back of their own accord; `key` is the form's own, so that two taps are one.

    Raises Conflict when the order is not paid, Refusal at `amount_dong` or `lines`, and what ask_refund raises.
    """
    if order.state not in RETURNABLE:
        raise Conflict(say("Chỉ hoàn tiền cho đơn đã trả."))
    payment_id, key = await _payment_id(order), f"seller:{key}"
    first = await first_back(order)
    if before := [one.id for one in await refunds_of(payment_id, *first) if one.key == key]:
        return before
    amount_dong, lines = await _chosen(order, choice)
    wish = Wish(key, RefundSource.PAID, amount_dong, reason, tuple(lines))
    return await ask_refund(payment_id, wish, person_id=person_id, now=now, first=first)


async def say_where_to(
    order: Order, account: PayerAccount, *, person_id: int | None, now: datetime, keys: SealKeys
) -> None:
    """The buyer says where all money of an order goes back to. NotFound when nothing was ever asked for it."""
    behind = await payments_behind(order)
    if not behind:
        raise NotFound()
    async with transaction():
        await hold_payment(*[one.reference for one in behind])
        for one in behind:
            await say_return_account(one.id, account, person_id=person_id, now=now, keys=keys)


async def refund_with_code(order: Order, code: str) -> RefundView:
    """One of an order's refunds. NotFound."""
    behind = await payments_behind(order)
    found = [one for one in await refunds_of(*[one.id for one in behind]) if one.code == tidy_code(code)]
    if not found:
        raise NotFound()
    return found[0]


async def return_late_money(order: Order, *, person_id: int, reason: str, now: datetime) -> list[int]:
    """Late money goes back, or a part that will not be completed. Raises what return_late raises."""
    return await return_late(reference_of(order.id), person_id=person_id, reason=reason, now=now)


async def _payment_id(order: Order) -> int:
    payment = await payment_for(reference_of(order.id))
    if payment is None:
        raise NotFound()
    return payment.id


async def _chosen(order: Order, choice: Choice) -> tuple[int, list[dict[str, int | str]]]:
    most_dong = await left_dong(order)
    if most_dong <= 0:
        raise Conflict(say("Đơn này đã hoàn hết, hoặc tiền đang trên đường về."))
    if choice.line_ids:
        most = await _paid_for(order, await order.lines.all())
        lines = _lines(await return_lines(order), most, choice.line_ids)
        amount_dong = sum(int(one["dong"]) for one in lines)
    else:
        amount_dong, lines = most_dong if choice.amount_dong is None else choice.amount_dong, []
    if not 0 < amount_dong <= most_dong:
        field = "lines" if choice.line_ids else "amount_dong"
        raise Refusal(say("Đơn này chỉ còn hoàn được đến {left}.", left=show_dong(most_dong)), field=field)
    return amount_dong, lines


def _most(order: Order, line: OrderLine) -> int:
    """All that was paid for a line, with what was paid on top for its weight, in đồng."""
    more_dong = line.more_dong if order.packed_at is not None else 0
    return int(line.sum_dong - line.less_dong + more_dong)


def _lines(
    left: Sequence[ReturnLine], most: Mapping[int, int], chosen: Sequence[int]
) -> list[dict[str, int | str]]:
    picked = [one for one in left if one.id in chosen]
    spent = next((one for one in picked if one.left_dong <= 0), None)
    if spent is not None or len(picked) < len(set(chosen)):
        raise Refusal(say("Có món đã hoàn rồi. Hãy bỏ chọn món đó."), field="lines")
    return [
        {
            "id": one.id,
            "name": one.name,
            "pieces": one.quantity,
            "dong": one.left_dong,
            "most_dong": most[one.id],
        }
        for one in picked
    ]


async def _open_ask(order: Order) -> ReturnAsk:
    found = await ReturnAsk.get_or_none(order_id=order.id, state=AskState.ASKED)
    ask = (await locked(ReturnAsk, [found.id])).get(found.id) if found else None
    if ask is None or ask.state is not AskState.ASKED:
        raise Conflict(say("Không có lời xin hoàn tiền nào đang chờ."))
    return ask
