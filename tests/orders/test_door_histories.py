"""Money at the door in any order of events: whatever people, carriers and statements do, the books hold and agree."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.db import transaction
from kit.errors import Refusal
from kit.parts import Parts
from orders.book_models import RevenueEntry
from orders.models import Order
from orders.services import cancel_order, reference_of
from orders.services.door.following import follow_collection
from orders.services.door.placing import end_unpacked
from orders.states import OrderState
from payments import ledger
from payments.models import LedgerTransaction, Payout, PayoutStatus
from payments.services import assert_balanced, payment_for
from payments.services.payouts.gathering import approve_payout, end_payout, gather_payout, say_sent
from postal.gates.names import BY_FILE
from postal.models import CarrierStatementLine, CollectionStep, DoubtfulAct, Parcel
from postal.services import act
from postal.services.batches import take_statuses
from postal.services.debriefs import Count, close_day, day_of_carrier
from postal.services.door import settle_doubt
from postal.services.statements.settling import let_count, make_up_short, set_aside
from postal.services.statements.taking import Incoming, take_statement
from postal.staff_carrier import Act
from postal.statement_sheet import StatedLine
from postal.states import MoneyState
from postal.status_sheet import StatusRow
from tests.doors import Doors, doors
from tests.factories import pay_order

pytestmark = pytest.mark.usefixtures("books")
TUAN, THAO = 51, 41
FEE_DONG = 20_000
STATUSES = ("đã lấy hàng", "đang giao", "đã giao", "đã trả về", "thất lạc")
ACTS = st.one_of(
    st.tuples(st.just("pack"), st.booleans()),
    st.tuples(st.just("carry"), st.sampled_from((Act.ACCEPT, Act.TAKE_OUT, Act.SEND_BACK, Act.GIVE_BACK))),
    st.tuples(st.just("give"), st.sampled_from((0, 50_000, None, None))),
    st.tuples(st.just("fail"), st.none()),
    st.tuples(st.just("doubt"), st.booleans()),
    st.tuples(st.just("count"), st.sampled_from((0, 0, -10_000, 5_000))),
    st.tuples(st.just("pay_out"), st.sampled_from(("gather", "send", "succeed", "return"))),
    st.tuples(st.just("transfer"), st.booleans()),
    st.tuples(st.just("cancel"), st.booleans()),
    st.tuples(st.just("says"), st.sampled_from(STATUSES)),
    st.tuples(st.just("states"), st.sampled_from((0, 0, 10_000, -5_000))),
    st.tuples(st.just("settles"), st.sampled_from(("count", "aside", "rest", "lost"))),
    st.tuples(st.just("again"), st.booleans()),
)


# How far both orders have come before chance takes over: else few histories would get beyond the counter.
BEGUN: list[tuple[str, Any]] = [
    ("pack", True),
    ("pack", False),
    ("carry", Act.ACCEPT),
    ("carry", Act.TAKE_OUT),
    ("says", "đang giao"),
    ("give", None),
    ("says", "đã giao"),
    ("count", 0),
]


class Undone(Exception):
    """Ends one history without a trace."""


class History:
    """Two orders paid at the door, one brought by own staff and one by a carrier, and what happens to them."""

    def __init__(self, stall: Doors, own: Order, theirs: Order) -> None:
        self.stall, self.own, self.theirs, self.step = stall, own, theirs, 0

    async def play(self, what: str, how: Any) -> None:
        """One act; what is refused moves nothing."""
        self.step += 1
        try:
            async with transaction():
                await getattr(self, f"_{what}")(how)
        except Refusal:
            return
        finally:
            await self.stall.works()
            self.stall.clock.forward(hours=2)

    def _one(self, is_own: bool) -> Order:
        return self.own if is_own else self.theirs

    async def _pack(self, is_own: bool) -> None:
        order = await self.stall.now(self._one(is_own))
        if order.packed_at is None:
            await self.stall.packed(order)

    async def _carry(self, what: Act) -> None:
        order = await self.stall.now(self.own)
        key = f"carry:{self.step}:{what}"
        now = self.stall.clock.now()
        await act(order.parcel_code or "C4", what, person_id=TUAN, event_key=key, now=now)

    async def _give(self, dong: int | None) -> None:
        order = await self.stall.now(self.own)
        if order.parcel_code:
            await self.stall.gives(order, TUAN, collected_dong=dong, key=f"door:{self.step}")

    async def _fail(self, _: None) -> None:
        order = await self.stall.now(self.own)
        key, now = f"fail:{self.step}:x", self.stall.clock.now()
        reason = "recipient_no_money"
        await act(order.parcel_code or "C4", Act.FAIL, person_id=TUAN, event_key=key, now=now, reason=reason)

    async def _doubt(self, counts: bool) -> None:
        waiting = await DoubtfulAct.filter(settled_at__isnull=True).first()
        if waiting:
            now = self.stall.clock.now()
            await settle_doubt(waiting.id, counts=counts, words="Đã hỏi", person_id=THAO, now=now)

    async def _count(self, more_dong: int) -> None:
        day = vietnam_date(self.stall.clock.now())
        due_dong = (await day_of_carrier(TUAN, day)).cash_due_dong
        count = Count(max(0, due_dong + more_dong), {}, "Ghi lại")
        await close_day(TUAN, day, count, clerk_id=THAO, now=self.stall.clock.now())

    async def _pay_out(self, step: str) -> None:
        now, payout = self.stall.clock.now(), await Payout.all().order_by("-id").first()
        if step == "gather":
            await approve_payout(
                await gather_payout(self.stall.seller.id, person_id=THAO, now=now), person_id=THAO, now=now
            )
        elif payout and step == "send":
            await say_sent(payout.id, person_id=THAO, now=now)
        elif payout:
            state = PayoutStatus.SUCCEEDED if step == "succeed" else PayoutStatus.RETURNED
            await end_payout(payout.id, state, person_id=THAO, words="Đã xem", now=now)

    async def _transfer(self, is_own: bool) -> None:
        order = await self.stall.now(self._one(is_own))
        money = await self.stall.money(order)
        if money.rest_dong and money.state == "pending":
            await pay_order(order, self.step, now=self.stall.clock.now())

    async def _cancel(self, is_own: bool) -> None:
        await cancel_order(self._one(is_own).id, person_id=None, now=self.stall.clock.now())

    async def _says(self, status: str) -> None:
        order = await self.stall.now(self.theirs)
        if order.parcel_code:
            row = StatusRow(2, order.parcel_code, f"W{order.id}", status, self.stall.clock.now(), "", 0)
            await take_statuses([row], name="về.csv", person_id=THAO, now=self.stall.clock.now())

    async def _states(self, less_dong: int) -> None:
        order = await self.stall.now(self.theirs)
        remitted_dong = order.total_dong - FEE_DONG - less_dong
        line = StatedLine(2, f"W{order.id}", order.parcel_code, order.total_dong, FEE_DONG, remitted_dong)
        incoming = Incoming(BY_FILE, "bảng", f"{self.step:064}", [line])
        await take_statement(incoming, person_id=THAO, now=self.stall.clock.now())

    async def _settles(self, decision: str) -> None:
        line = await CarrierStatementLine.all().order_by("-id").first()
        now, who = self.stall.clock.now(), THAO
        if line is None:
            return
        if decision == "count":
            await let_count(line.id, "Đúng thế", person_id=who, now=now)
        elif decision == "aside":
            await set_aside(line.id, "Nhầm", person_id=who, now=now)
        else:
            await make_up_short(line.id, is_lost=decision == "lost", words="", person_id=who, now=now)

    async def _again(self, is_own: bool) -> None:
        order = await self.stall.now(self._one(is_own))
        before = await LedgerTransaction.all().count()
        if order.parcel_id:
            await follow_collection(order.parcel_id, now=self.stall.clock.now())
        assert await LedgerTransaction.all().count() == before


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(begun=st.sampled_from((0, 2, 5, 5, 7, 7, 8)), acts=st.lists(ACTS, min_size=4, max_size=14))
async def test_any_history_leaves_books_that_agree(
    parts: Parts, clock: StoppedClock, begun: int, acts: list[tuple[str, Any]]
) -> None:
    """Random histories of two orders, looked at from every side at their end."""
    try:
        async with transaction():
            stall = await doors(parts, clock)
            own, theirs = await stall.placed(), await stall.placed(device="e" * 22)
            await Order.filter(id=theirs.id).update(carrier=BY_FILE)
            history = History(stall, own, theirs)
            for what, how in [*BEGUN[:begun], *acts]:
                await history.play(what, how)
            await agree(history)
            raise Undone
    except Undone:
        return


async def agree(history: History) -> None:
    """The books beside the parcels, the payments and the revenue book."""
    stall = history.stall
    await end_unpacked(now=stall.clock.now())
    await stall.works()
    await assert_balanced()
    revenue_dong = 0
    for order in (await stall.now(history.own), await stall.now(history.theirs)):
        reference = reference_of(order.id)
        parcel, money = await Parcel.get_or_none(reference=reference), await payment_for(reference)
        assert money
        await _agree_on_due(stall, order, parcel)
        revenue_dong += money.received_dong
        assert (order.paid_at is not None) == (money.state == "paid")
        if order.state is OrderState.CANCELLED:
            assert money.state == "cancelled" and (parcel is None or parcel.money is MoneyState.NONE)
    assert sum([one.amount_dong for one in await RevenueEntry.all()]) == revenue_dong
    await _agree_on_cash(stall)


async def _agree_on_due(stall: Doors, order: Order, parcel: Parcel | None) -> None:
    """What a buyer still owes at the door, or a carrier has not remitted, stands in the books; else nothing does."""
    open_ones = (MoneyState.EXPECTED, MoneyState.REMITTED, MoneyState.DISPUTED)
    is_theirs = parcel is not None and parcel.carrier == BY_FILE
    is_open = parcel is not None and (
        (parcel.money in open_ones and (is_theirs or parcel.money is MoneyState.EXPECTED))
        or (parcel.money is MoneyState.COLLECTED and is_theirs)
    )
    due_dong = -await ledger.balance(ledger.due_at_door(reference_of(order.id)))
    assert due_dong == (parcel.cod_dong if parcel is not None and is_open else 0)


async def _agree_on_cash(stall: Doors) -> None:
    """Cash is with the carrier, in the box or missing; what is coming and payable is what was taken for the seller."""
    steps = await CollectionStep.filter(carrier="staff").order_by("id")
    taken = sum(one.dong for one in steps if one.became is MoneyState.COLLECTED)
    paid_in = sum(
        one.dong for one in steps if (one.was, one.became) == (MoneyState.COLLECTED, MoneyState.PAID_IN)
    )
    seller = stall.seller.id
    cash, coming = await stall.books(ledger.post_cash(TUAN), ledger.coming(seller))
    assert (cash, coming) == (taken - paid_in, paid_in - taken)
    box, difference = await stall.books(ledger.POST_BOX, ledger.post_difference(TUAN))
    assert box + difference == paid_in
    owed = await stall.books(ledger.payable(seller), ledger.paying_out(seller), ledger.PLATFORM_BANK)
    assert sum(owed) == -paid_in
