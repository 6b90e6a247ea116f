"""Claims about what was delivered: opened by buyers, answered by sellers, decided by the office, moved by the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services import record
from accounts.services.notices import notify, notify_role
from kit.dates import show_day, vietnam_date
from kit.db import locked, transaction, unheld
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.rules import rule_on
from orders.claims import (
    AT_THE_END,
    CLOCKS,
    LIVING,
    STATE_WORDS,
    STEPS,
    ClaimAct,
    ClaimKind,
    ClaimParty,
    ClaimState,
    ClaimWish,
    acts_of,
    claim_term,
)
from orders.models import ClaimStep, Order, OrderClaim
from orders.services.moves import move, tell_screens
from orders.services.returns import Choice, give_back
from orders.states import OrderState

ROUND_ROWS = 100
PAGE_ROWS = 24
NEWS_LIFE = timedelta(days=3)


@dataclass(frozen=True)
class ClaimView:
    """A claim with its steps, oldest first, and what one may do about it."""

    claim: OrderClaim
    steps: list[ClaimStep]
    acts: list[ClaimAct]


@dataclass(frozen=True)
class ClaimRow:
    """A claim in the management's list."""

    order_code: str
    vendor_name: str
    claim: OrderClaim


@dataclass(frozen=True)
class ClaimRows:
    """A page of claims, those due first."""

    rows: list[ClaimRow]
    page: int
    has_more: bool


async def open_claim(
    order_id: int, kind: ClaimKind, wish: ClaimWish, words: str, *, person_id: int | None, now: datetime
) -> int:
    """The buyer says what is wrong; the seller is told and has days to answer. Gives the claim's number.

    Conflict before the delivery, 30 days after it, and while another claim lives.
    """
    async with transaction():
        order = (await locked(Order, [order_id]))[order_id]
        if not can_be_claimed(order, now=now):
            raise Conflict(say("Chỉ khiếu nại được trong {n} ngày từ khi nhận hàng.", n=claim_term().days))
        if not await move(order, OrderState.DISPUTED, now=now, person_id=person_id):
            raise Conflict(say("Đơn này đang có một khiếu nại chưa xong."))
        due_at = await _due(ClaimState.OPEN, now)
        claim = await OrderClaim.create(order=order, kind=kind, wish=wish, opened_at=now, due_at=due_at)
        await _note(claim, ClaimParty.BUYER, person_id, words, now)
        await record(person_id, "claim_opened", "order", order.code, kind=str(kind))
        asks = say(
            "Khách khiếu nại đơn {code}. Cô bác trả lời trước {day}.",
            code=order.code,
            day=show_day_of(due_at),
        )
        await _tell_seller(order, claim, say("Khách khiếu nại đơn {code}", code=order.code), asks, now)
    return int(claim.id)


async def act_on_claim(
    order_id: int,
    act: ClaimAct,
    *,
    party: ClaimParty,
    words: str,
    person_id: int | None,
    now: datetime,
    takes_back: bool = False,
    refund_dong: int = 0,
) -> None:
    """Somebody does something about the claim that lives. The caller has made sure that they are this party.

    NotFound without a claim; Conflict when its state does not allow it; Refusal at `words` or `refund_dong`.
    """
    step = STEPS[act]
    if step.needs_words and len(words) < 5:
        raise Refusal(say("Hãy ghi rõ, bên kia sẽ đọc."), field="words")
    async with transaction():
        if act is ClaimAct.SETTLE and refund_dong:
            await _give_back(order_id, words, refund_dong, person_id=person_id, now=now)
        order = (await locked(Order, [order_id]))[order_id]
        claim = await _living(order_id)
        if act not in acts_of(party, claim.state):
            raise Conflict(say("Việc này không còn làm được nữa. Hãy tải lại trang."))
        if act in (ClaimAct.ACCEPT, ClaimAct.UPHOLD):
            claim.takes_back = takes_back
        if act is ClaimAct.SETTLE:
            claim.refund_dong = refund_dong
        came_back = claim.state is ClaimState.SENT_BACK
        await _go(claim, step.new, now)
        await _note(claim, party, person_id, words, now)
        await record(person_id, f"claim_{act}", "order", order.code)
        await _follow(order, claim, came_back=came_back, person_id=person_id, now=now)
        await _tell_others(order, claim, party, now)


async def claim_view(order_id: int, party: ClaimParty) -> ClaimView | None:
    """The newest claim of an order as this party sees it; None when there never was one. Two queries."""
    claim = await OrderClaim.filter(order_id=order_id).order_by("-id").first()
    if claim is None:
        return None
    steps = await ClaimStep.filter(claim_id=claim.id).order_by("id")
    return ClaimView(claim, steps, acts_of(party, claim.state))


async def claim_rows(*, page: int = 1, is_open: bool = True) -> ClaimRows:
    """The claims that the management decides, those due first; or all that have ended, newest first. Two queries."""
    claims = OrderClaim.filter(state=ClaimState.RAISED).order_by("due_at", "id")
    if not is_open:
        claims = OrderClaim.filter(ended_at__isnull=False).order_by("-id")
    found = await claims.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1).select_related("order")
    rows = [ClaimRow(one.order.code, one.order.vendor_name, one) for one in found[:PAGE_ROWS]]
    return ClaimRows(rows, page, len(found) > PAGE_ROWS)


async def turn_claims(*, now: datetime) -> int:
    """What the clock does: unanswered claims go to the management, denied ones that nobody raised are closed.

    Orders whose 30 days are over without a claim are closed. Each claim in a transaction of its own; how many moved.
    """
    due = OrderClaim.filter(state__in=list(AT_THE_END), due_at__lte=now).order_by("id").limit(ROUND_ROWS)
    turned = 0
    for claim_id, order_id in await due.values_list("id", "order_id"):
        turned += await _turn(int(str(claim_id)), int(str(order_id)), now)
    return turned + await _close_orders(now)


def can_be_claimed(order: Order, *, now: datetime) -> bool:
    """Whether the buyer may still say that something is wrong."""
    arrived = order.state in (OrderState.DELIVERED, OrderState.DISPUTED)
    return arrived and order.delivered_at is not None and now <= order.delivered_at + claim_term()


def show_day_of(moment: datetime | None) -> str:
    """The day of a clock's end, as people read it."""
    return show_day(vietnam_date(moment)) if moment else ""


async def _turn(claim_id: int, order_id: int, now: datetime) -> bool:
    async with transaction():
        order = (await locked(Order, [order_id]))[order_id]
        claim = (await locked(OrderClaim, [claim_id]))[claim_id]
        if claim.state not in AT_THE_END or claim.due_at is None or claim.due_at > now:
            return False
        await _go(claim, AT_THE_END[claim.state], now)
        await _note(claim, ClaimParty.CLOCK, None, "", now)
        await _follow(order, claim, came_back=False, person_id=None, now=now)
        await _tell_others(order, claim, ClaimParty.CLOCK, now)
        return True


async def _close_orders(now: datetime) -> int:
    over = Order.filter(state=OrderState.DELIVERED, delivered_at__lt=now - claim_term()).order_by(
        "delivered_at", "id"
    )
    async with transaction():
        orders = await unheld(over, limit=ROUND_ROWS)
        for order in orders:
            await move(order, OrderState.CLOSED, now=now)
    return len(orders)


async def _living(order_id: int) -> OrderClaim:
    found = await OrderClaim.filter(order_id=order_id, state__in=list(LIVING)).values_list("id", flat=True)
    if not found:
        raise NotFound()
    return (await locked(OrderClaim, found))[found[0]]


async def _give_back(
    order_id: int, why: str, amount_dong: int, *, person_id: int | None, now: datetime
) -> None:
    """Starts the refund of a settlement, once for its claim; its payment is locked here, before the order."""
    claim = await OrderClaim.filter(order_id=order_id, state__in=list(LIVING)).first()
    if claim is None or person_id is None:
        raise NotFound()
    try:
        order, chosen = await Order.get(id=order_id), Choice(amount_dong=amount_dong)
        await give_back(order, chosen, why[:300], key=f"claim:{claim.id}", person_id=person_id, now=now)
    except Refusal as refusal:
        if refusal.field is None:
            raise
        raise Refusal(refusal.sentence, field="refund_dong") from refusal


async def _go(claim: OrderClaim, state: ClaimState, now: datetime) -> None:
    claim.state, claim.due_at = state, await _due(state, now)
    claim.ended_at = None if state in LIVING else now
    await claim.save(update_fields=["state", "due_at", "ended_at", "takes_back", "refund_dong"])


async def _due(state: ClaimState, now: datetime) -> datetime | None:
    if state not in CLOCKS:
        return None
    rule, days = CLOCKS[state]
    return now + timedelta(days=int(await rule_on(rule, vietnam_date(now)) or days))


async def _note(
    claim: OrderClaim, party: ClaimParty, person_id: int | None, words: str, now: datetime
) -> None:
    await ClaimStep.create(
        claim=claim, state=claim.state, party=party, person_id=person_id, words=words, at=now
    )


async def _follow(
    order: Order, claim: OrderClaim, *, came_back: bool, person_id: int | None, now: datetime
) -> None:
    """Brings the order to where its claim has ended."""
    ends = {
        ClaimState.SETTLED: OrderState.RETURNED if came_back else OrderState.CLOSED,
        ClaimState.CLOSED: OrderState.CLOSED,
        ClaimState.WITHDRAWN: OrderState.DELIVERED,
    }
    if claim.state in ends:
        await move(order, ends[claim.state], now=now, person_id=person_id)
    else:
        await tell_screens(order)


async def _tell_others(order: Order, claim: OrderClaim, party: ClaimParty, now: datetime) -> None:
    title = say("Khiếu nại đơn {code}: {state}", code=order.code, state=STATE_WORDS[claim.state])
    words = say("Đơn {code} của {seller}: {state}.", code=order.code, seller=order.vendor_name,
                state=STATE_WORDS[claim.state])  # fmt: skip
    if party is not ClaimParty.SELLER:
        await _tell_seller(order, claim, title, words, now)
    if party is not ClaimParty.BUYER and order.person_id is not None:
        told = Telling(NoticeKind.ORDER, title, words, f"/orders/{order.code}/claim", NEWS_LIFE)
        await notify([order.person_id], told, event_key=_key(claim, now), now=now)


async def _tell_seller(
    order: Order, claim: OrderClaim, title: Sentence, words: Sentence, now: datetime
) -> None:
    telling = Telling(NoticeKind.SALE, title, words, f"/sell/orders/{order.code}/claim", NEWS_LIFE)
    await notify_role(
        Role.VENDOR, str(order.vendor_id), telling, event_key=f"{_key(claim, now)}:sale", now=now
    )


def _key(claim: OrderClaim, now: datetime) -> str:
    return f"claim:{claim.id}:{claim.state}:{int(now.timestamp())}"
