"""Orders at pretend providers: made, decided on their page, told of as real providers tell, and how that fared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx2
from tortoise.exceptions import IntegrityError

from kit.clock import Clock
from kit.db import locked, transaction
from kit.outbox import TryAgain, later
from kit.parts import Parts
from kit.settings import Settings
from kit.twins import Outgoing, TwinsAreOff, send_out
from payments.forms import TwinDecisionForm
from payments.models import TwinCall, TwinOrder

PENDING, PAID, REFUSED, EXPIRED = "pending", "paid", "refused", "expired"
SUCCEEDED, FAILED = "succeeded", "failed"
LATE_SECONDS = 30
LESS_DONG = 1_000
RETRY_SECONDS = (60, 60, 120, 180, 300, 480, 780)
ROWS_MAX = 12
ANSWER_MAX = 200
AWAY, LOST = 503, 504  # sums that end so make the pretend provider away, or its answer to a create lost


@dataclass(frozen=True)
class Twin:
    """One pretend provider: its name for people, how it tells, what stops its repeats, where it sends a browser."""

    name: str
    title: str
    told: Callable[[TwinOrder, TwinCall, datetime], Outgoing]
    was_taken: Callable[[int, bytes], bool]
    back: Callable[[TwinOrder, datetime], str]
    sends_max: int
    tells_failures: bool = True


async def make_order(
    gate: str,
    reference: str,
    amount_dong: int,
    asked: Mapping[str, object],
    *,
    now: datetime,
    ends_at: datetime,
    words: str = "",
    of_reference: str = "",
    state: str = PENDING,
) -> tuple[TwinOrder, bool]:
    """The order of this reference, and whether it is new: a repeat finds the first."""
    row = TwinOrder(
        gate=gate,
        reference=reference,
        of_reference=of_reference,
        amount_dong=amount_dong,
        asked=dict(asked),
        words=words[:255],
        state=state,
        made_at=now,
        ends_at=ends_at,
    )
    try:
        async with transaction():
            await row.save()
    except IntegrityError:
        return await TwinOrder.get(gate=gate, reference=reference), False
    return row, True


async def order_with(gate: str, reference: str) -> TwinOrder | None:
    """A payment order of a pretend provider."""
    return await TwinOrder.get_or_none(gate=gate, reference=reference, of_reference="")


async def refunds_of(order: TwinOrder) -> Sequence[TwinOrder]:
    """The refunds of an order, oldest first."""
    return await TwinOrder.filter(gate=order.gate, of_reference=order.reference).order_by("id")


async def refundable_dong(order: TwinOrder) -> int:
    """What of an order can still go back, in đồng."""
    if order.state != PAID:
        return 0
    gone = sum(one.amount_dong for one in await refunds_of(order) if one.state != REFUSED)
    return int(order.amount_dong - gone)


def state_now(order: TwinOrder, now: datetime) -> str:
    """An order's state; one that nobody paid in time has ended."""
    return EXPIRED if order.state == PENDING and now >= order.ends_at else order.state


async def decide(order_id: int, form: TwinDecisionForm, twin: Twin, *, now: datetime) -> TwinOrder:
    """What somebody did on the page; leaves the callbacks in the manner they chose. Deciding twice is once."""
    async with transaction():
        order = (await locked(TwinOrder, [order_id]))[order_id]
        if form.decision == "leave" or state_now(order, now) != PENDING:
            return order
        order.state, order.decided_at = PAID if form.decision == "pay" else REFUSED, now
        await order.save(update_fields=["state", "decided_at"])
        await _tell(order, form.manner, twin, now)
        return order


async def _tell(order: TwinOrder, manner: str, twin: Twin, now: datetime) -> None:
    outcome = SUCCEEDED if order.state == PAID else FAILED
    if manner == "lost" or (outcome == FAILED and not twin.tells_failures):
        return
    call = await TwinCall.create(
        order=order,
        outcome=outcome,
        amount_dong=order.amount_dong - (LESS_DONG if manner == "less" else 0),
        is_forged=manner == "forged",
        made_at=now,
        sends_left=2 if manner == "twice" else 1,
    )
    await later(
        "send_twin_call", call.id, at=now + timedelta(seconds=LATE_SECONDS if manner == "late" else 0)
    )
    if manner == "misordered" and twin.tells_failures:
        old = await TwinCall.create(
            order=order, outcome=FAILED, amount_dong=order.amount_dong, made_at=now - timedelta(minutes=1)
        )
        await later("send_twin_call", old.id, at=now + timedelta(seconds=2))


async def send_call(parts: Parts, call_id: int, twins: Mapping[str, Twin]) -> None:
    """Job: tells the market, as often as it should arrive; on any other answer again as the provider would."""
    if parts[Settings].is_production or not parts[Settings].pay_twins:
        raise TwinsAreOff("pretend providers send nothing here")
    call = await TwinCall.get_or_none(id=call_id).prefetch_related("order")
    while call is not None and call.sends_left > 0:
        twin = twins[call.order.gate]
        news = twin.told(call.order, call, parts[Clock].now())
        taken, answer = await send_out(parts[httpx2.AsyncClient], news, twin.was_taken)
        call.sends += 1
        call.sends_left -= 1 if taken else 0
        call.last_answer = answer[:ANSWER_MAX]
        given_up = not taken and call.sends >= twin.sends_max
        call.sends_left = 0 if given_up else call.sends_left
        await call.save(update_fields=["sends", "sends_left", "last_answer"])
        if not taken and not given_up:
            raise TryAgain(answer, seconds=RETRY_SECONDS[min(call.sends, len(RETRY_SECONDS)) - 1])


async def last_orders(gate: str = "") -> list[TwinOrder]:
    """The last twelve orders with their calls, newest first. Two queries."""
    rows = TwinOrder.filter(gate=gate) if gate else TwinOrder.all()
    return await rows.order_by("-id").limit(ROWS_MAX).prefetch_related("calls")
