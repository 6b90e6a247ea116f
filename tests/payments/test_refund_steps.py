"""Refunds and payouts taken through steps at random: after each the books hold and agree with the rows."""

from collections.abc import Awaitable, Callable
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, Refusal
from kit.rules import load_rules
from payments import ledger
from payments.gate import Outcome, ProviderState, RefundState
from payments.ledger import balance
from payments.models import Payment, PaymentAttempt, PaymentState, Payout, PayoutStatus, Refund, RefundWay
from payments.services import (
    RefundSource,
    Wish,
    ask_refund,
    assert_balanced,
    cancel_refund,
    payment_for,
    settle_answer,
)
from payments.services.payouts.gathering import approve_payout, end_payout, gather_payout, owed_to
from payments.services.refunds import through_gates
from payments.services.refunds.extra import return_late
from payments.services.refunds.steps import Why, locked_case, told_end
from payments.services.refunds.told import confirm_refund, decide_refund, doubt_refund
from payments.services.reviving import revive
from payments.states import REFUND_COUNTS, is_open
from tests.factories import payment, told

ASKED_DONG = 100_000
_numbers = count(5_000)
STEPS = (
    "ask",
    "ask_all",
    "ask_owed",
    "send",
    "gate_ok",
    "gate_no",
    "gate_silent",
    "word",
    "cancel",
    "bounce",
    "doubt",
    "decide_yes",
    "decide_no",
    "late_money",
    "return_late",
    "revive",
    "gather",
    "approve",
    "payout_ok",
    "payout_no",
    "payout_back",
    "call_off",
)


class World:
    """One payment, half by transfer and half through a provider, with what came of it."""

    def __init__(self, clock: StoppedClock, taxed: bool) -> None:
        self.clock, self.taxed, self.number = clock, taxed, next(_numbers)
        self.reference = f"order:{self.number}"
        self.payment_id = self.vendor_id = 0
        self.came_dong = ASKED_DONG

    async def begin(self, *, is_late: bool) -> None:
        """Paid in time, or expired and then paid."""
        now = self.clock.now()
        await load_rules()
        asked = await payment(self.reference, now=now, amount_dong=ASKED_DONG)
        self.payment_id, self.vendor_id = asked.id, asked.vendor_id
        attempt = await PaymentAttempt.create(
            payment_id=asked.id,
            gate="momo",
            reference=f"{asked.code}T1",
            asked_hash="",
            amount_dong=60_000,
            provider_ref=f"{self.number}",
            sale_class="goods",
            tax_mode="withhold" if self.taxed else "none",
            state=PaymentState.PENDING,
            created_at=now,
            expires_at=asked.expires_at,
        )
        if is_late:
            await Payment.filter(id=asked.id).update(state=PaymentState.EXPIRED)
        await told(asked, next(_numbers), now=now, amount_dong=40_000)
        async with transaction():
            state = ProviderState(Outcome.SUCCEEDED, attempt.reference, "1", 60_000)
            await settle_answer(attempt.id, state, now=now)

    async def step(self, name: str, dong: int, which: int) -> None:
        """One act on something of this world; what may not be is refused and changes nothing."""
        refunds = await Refund.filter(payment_id=self.payment_id).order_by("id")
        payouts = await Payout.filter(vendor_id=self.vendor_id).order_by("id")
        refund = refunds[which % len(refunds)] if refunds else None
        payout = payouts[-1] if payouts else None
        act = (
            self._whole(name, dong)
            or (refund and self._of(name, refund))
            or (payout and self._on(name, payout))
        )
        if act is None:
            return
        try:
            await act()
        except (Conflict, Refusal):
            return

    def _whole(self, name: str, dong: int) -> Callable[[], Awaitable[object]] | None:
        now, key = self.clock.now(), f"k{next(_numbers)}"

        def ask(source: RefundSource, amount_dong: int | None) -> Callable[[], Awaitable[object]]:
            return lambda: ask_refund(self.payment_id, Wish(key, source, amount_dong), person_id=1, now=now)

        async def late() -> None:
            asked = await payment_for(self.reference)
            assert asked is not None
            await told(asked, next(_numbers), now=now, amount_dong=dong)
            self.came_dong += dong

        async def revives() -> None:
            async with transaction():
                await revive(self.reference, person_id=1, now=now)

        return {
            "ask": ask(RefundSource.PAID, dong),
            "ask_all": ask(RefundSource.PAID, None),
            "ask_owed": ask(RefundSource.OWED, None),
            "late_money": late,
            "return_late": lambda: return_late(self.reference, person_id=1, reason="", now=now),
            "revive": revives,
            "gather": lambda: gather_payout(self.vendor_id, person_id=1, now=now),
        }.get(name)

    def _of(self, name: str, refund: Refund) -> Callable[[], Awaitable[object]] | None:
        now, number = self.clock.now(), refund.id

        def says(outcome: Outcome) -> Callable[[], Awaitable[object]]:
            return lambda: through_gates.settle_refund_look(
                number, RefundState(outcome, f"r{number}"), now=now
            )

        async def bounces() -> None:
            async with transaction():
                case = await locked_case(number)
                assert case is not None
                if case.refund.state == "succeeded":
                    await told_end(case, case.refund.state.REVERSED, Why(), now=now)

        on_gate = refund.way is RefundWay.GATE
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            "word": lambda: confirm_refund(number, person_id=1, words="", now=now),
            "cancel": lambda: cancel_refund(number, person_id=1, reason="", now=now),
            "bounce": bounces,
            "doubt": lambda: doubt_refund(number, person_id=None, now=now),
            "decide_yes": lambda: decide_refund(number, came=True, person_id=1, words="", now=now),
            "decide_no": lambda: decide_refund(number, came=False, person_id=1, words="", now=now),
        }
        if on_gate:
            acts["send"] = lambda: through_gates._leaving(number, now)
            if refund.sent_at is not None:
                acts |= {
                    "gate_ok": says(Outcome.SUCCEEDED),
                    "gate_no": says(Outcome.FAILED),
                    "gate_silent": says(Outcome.PENDING),
                }
        return acts.get(name)

    def _on(self, name: str, payout: Payout) -> Callable[[], Awaitable[object]] | None:
        now = self.clock.now()

        def ends(state: PayoutStatus) -> Callable[[], Awaitable[object]]:
            return lambda: end_payout(payout.id, state, person_id=1, words="", now=now)

        return {
            "approve": lambda: approve_payout(payout.id, person_id=1, now=now),
            "payout_ok": ends(PayoutStatus.SUCCEEDED),
            "payout_no": ends(PayoutStatus.FAILED),
            "payout_back": ends(PayoutStatus.RETURNED),
            "call_off": ends(PayoutStatus.CANCELLED),
        }.get(name)

    async def holds(self) -> None:
        """The books hold; refunds never pass what came; what is held and gone stands in the books as in the rows."""
        await assert_balanced()
        payment_row = await Payment.get(id=self.payment_id)
        refunds = await Refund.filter(payment_id=self.payment_id)
        live = [one for one in refunds if one.state in REFUND_COUNTS]
        owed = -await balance(ledger.owed_to_buyer(self.reference)) - await balance(
            ledger.owed_by(self.reference, "momo")
        )
        owed_live = sum(one.amount_dong for one in live if one.source is RefundSource.OWED)
        paid_live = sum(one.amount_dong for one in live if one.source is RefundSource.PAID)
        assert payment_row.received_dong + owed + owed_live == self.came_dong, "no đồng is lost or made"
        assert 0 <= paid_live <= payment_row.received_dong
        assert await balance(ledger.given_back(self.reference)) == paid_live
        under_way = sum(one.amount_dong for one in live if is_open(one.state))
        assert await balance(ledger.returning(self.reference)) == -under_way
        payouts = await Payout.filter(vendor_id=self.vendor_id)
        on_the_way = sum(one.amount_dong for one in payouts if is_open(one.state))
        assert await balance(ledger.paying_out(self.vendor_id)) == -on_the_way
        if await owed_to(self.vendor_id) < 0:
            assert any(one.attempt_id for one in live), "below zero only through refunds"


@pytest.mark.usefixtures("db")
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    is_late=st.booleans(),
    taxed=st.booleans(),
    steps=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(1, 120_000), st.integers(0, 5)), max_size=18
    ),
)
async def test_whatever_happens_the_books_hold(
    clock: StoppedClock, is_late: bool, taxed: bool, steps: list[tuple[str, int, int]]
) -> None:
    world = World(clock, taxed)
    await world.begin(is_late=is_late)
    await world.holds()
    for name, dong, which in steps:
        clock.forward(seconds=1)
        await world.step(name, dong, which)
        await world.holds()
