"""Whatever banks tell and people do, in whatever order: a payment goes by its table and no đồng is lost or made."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.clock import StoppedClock
from kit.db import transaction
from market.audit import Span
from payments import ledger
from payments.ledger import balance
from payments.models import Notice, Payment, PaymentEvent, PaymentState, Refund, RefundSource, RefundStatus
from payments.services import (
    Wish,
    ask_refund,
    assert_balanced,
    attach_notice,
    cancel,
    cancel_refund,
    confirm_refund,
    expire,
    payment_for,
    set_aside_notice,
    settle,
    settle_plain,
)
from payments.services.refunds.extra import return_extra
from payments.states import FOLLOWS, REFUND_COUNTS
from tests.factories import bank_notice, payment, recorded
from tests.machines import assert_audited, histories, tried, undone

PAYMENTS, ASKED_DONG = 3, 100_000
CAME = ("matched", "partial", "over", "late", "duplicate")
ACTS = (
    *("pays", "pays", "pays_part", "pays_over", "pays_late", "tells_again", "tells_by_another"),
    *("pays_two", "pays_elsewhere", "pays_nobody", "settles", "settles", "settles_many"),
    *("expires", "cancels", "attaches", "sets_aside", "asks_back", "returns_extra"),
    *("word", "recalls", "leaves", "bounces"),
)


class History:
    """Three payments of one seller, and all that is told of them; notices wait until they are settled."""

    def __init__(self, clock: StoppedClock) -> None:
        self.clock, self.key, self.states = clock, 0, dict[int, PaymentState]()
        self.payments: list[int] = []

    async def begin(self) -> None:
        """Nothing has come yet."""
        first = await payment("order:1", now=self.clock.now(), amount_dong=ASKED_DONG)
        for number in range(2, PAYMENTS + 1):
            await payment(
                f"order:{number}",
                now=self.clock.now(),
                amount_dong=ASKED_DONG * number,
                vendor_id=first.vendor_id,
            )
        self.payments = [one.id for one in await Payment.all().order_by("id")]

    async def play(self, act: str, which: int, dong: int) -> None:
        """One act on one of the payments, notices or refunds; what may not be is refused."""
        self.clock.forward(seconds=1)
        await tried(lambda: getattr(self, f"_{act}")(which, dong))
        if dong % 4:  # mostly a worker is there at once
            await tried(lambda: (self._settles if dong % 4 == 1 else self._settles_many)(which, dong))

    async def holds(self) -> None:
        """Steps by the table; what came for a payment counts, is owed, or went back; the auditors are silent."""
        for row in await Payment.filter(id__in=self.payments):
            before = self.states.get(row.id, PaymentState.PENDING)
            assert row.state is before or row.state in FOLLOWS[before], f"{before} became {row.state}"
            self.states[row.id] = row.state
            came = PaymentEvent.filter(payment_id=row.id, kind__in=CAME)
            came_dong = sum(int(str(one)) for one in await came.values_list("amount_dong", flat=True))
            owed_dong = -await balance(ledger.owed_to_buyer(row.reference))
            live = await Refund.filter(payment_id=row.id, state__in=list(REFUND_COUNTS))
            back_dong = sum(one.amount_dong for one in live if one.source is RefundSource.OWED)
            assert row.received_dong + owed_dong + back_dong == came_dong, row.code
            given_dong = sum(one.amount_dong for one in live if one.source is RefundSource.PAID)
            assert await balance(ledger.given_back(row.reference)) == given_dong <= row.received_dong
        now = self.clock.now()
        await assert_audited(Span(now - timedelta(days=9), now - timedelta(days=8)), at_rest=False)
        await assert_balanced()

    async def _told(self, which: int, at: timedelta = timedelta(0), **changes: Any) -> None:
        row = await Payment.get(id=self.payments[which % PAYMENTS])
        asked = await payment_for(row.reference)
        assert asked is not None
        self.key += 1
        changes = {"amount_dong": row.asked_dong, "bank_reference": f"FT{self.key}", **changes}
        line = bank_notice(asked, self.key, at=self.clock.now() + at, **changes)
        await recorded(line, now=self.clock.now())

    async def _pays(self, which: int, dong: int) -> None:
        await self._told(which)

    async def _pays_part(self, which: int, dong: int) -> None:
        await self._told(which, amount_dong=dong)

    async def _pays_over(self, which: int, dong: int) -> None:
        await self._told(which, amount_dong=ASKED_DONG * PAYMENTS + dong)

    async def _pays_late(self, which: int, dong: int) -> None:
        await self._told(which, timedelta(days=1))

    async def _pays_two(self, which: int, dong: int) -> None:
        codes = [one.code for one in await Payment.filter(id__in=self.payments[:2])]
        await self._told(0, content=" ".join(codes), amount_dong=3 * ASKED_DONG if which % 2 else dong)

    async def _pays_elsewhere(self, which: int, dong: int) -> None:
        await self._told(which, account_number="9999999999")

    async def _pays_nobody(self, which: int, dong: int) -> None:
        await self._told(which, content="CK tien cho", amount_dong=dong)

    async def _tells_again(self, which: int, dong: int) -> None:
        """The same line, byte for byte: it is known."""
        rows = await Notice.all().order_by("id")
        if rows:
            row = rows[which % len(rows)]
            count = len(rows)
            line = bank_notice(
                await self._any(), int(row.event_key), at=row.happened_at or row.received_at, amount_dong=dong
            )
            await recorded(line, now=self.clock.now())
            assert await Notice.all().count() == count

    async def _tells_by_another(self, which: int, dong: int) -> None:
        """Another teller of the same line of the bank."""
        rows = await Notice.filter(is_incoming=True).order_by("id")
        if rows:
            row = rows[which % len(rows)]
            copied = {name: getattr(row, name) for name in row._meta.fields_db_projection if name != "id"}
            changed = {"source": "casso", "handled_at": None, "verdict": "", "payment_id": None}
            if not await Notice.exists(source="casso", event_key=row.event_key):
                await Notice.create(**{**copied, **changed})

    async def _settles(self, which: int, dong: int) -> None:
        row = await Notice.filter(handled_at__isnull=True).order_by("id").first()
        if row is not None:
            async with transaction():
                await settle(row.id, now=self.clock.now())

    async def _settles_many(self, which: int, dong: int) -> None:
        rows = await Notice.filter(handled_at__isnull=True).order_by("id").values_list("id", flat=True)
        async with transaction():
            await settle_plain([int(str(id)) for id in rows], ("order",), now=self.clock.now())

    async def _expires(self, which: int, dong: int) -> None:
        await expire(f"order:{which % PAYMENTS + 1}", now=self.clock.now() + timedelta(minutes=16))

    async def _cancels(self, which: int, dong: int) -> None:
        await cancel(f"order:{which % PAYMENTS + 1}", now=self.clock.now())

    async def _attaches(self, which: int, dong: int) -> None:
        row = await Notice.filter(verdict__in=["none", "ambiguous"]).order_by("id").first()
        if row is not None:
            code = (await Payment.get(id=self.payments[which % PAYMENTS])).code
            await attach_notice(row.id, code, person_id=1, now=self.clock.now())

    async def _sets_aside(self, which: int, dong: int) -> None:
        row = await Notice.filter(handled_at__isnull=False).order_by("-id").offset(which).first()
        if row is not None:
            await set_aside_notice(row.id, person_id=1, note="không phải của chợ", now=self.clock.now())

    async def _asks_back(self, which: int, dong: int) -> None:
        self.key += 1
        wish = Wish(f"k{self.key}", RefundSource.PAID, dong)
        await ask_refund(self.payments[which % PAYMENTS], wish, person_id=1, now=self.clock.now())

    async def _returns_extra(self, which: int, dong: int) -> None:
        await return_extra(self.payments[which % PAYMENTS], now=self.clock.now())

    async def _word(self, which: int, dong: int) -> None:
        if refund := await self._refund(which):
            await confirm_refund(refund.id, person_id=1, words="", now=self.clock.now())

    async def _recalls(self, which: int, dong: int) -> None:
        if refund := await self._refund(which):
            await cancel_refund(refund.id, person_id=1, reason="thôi", now=self.clock.now())

    async def _leaves(self, which: int, dong: int) -> None:
        """The bank tells that a refund has left the seller's account."""
        if refund := await self._refund(which):
            await self._told(which, is_incoming=False, content=refund.code, amount_dong=refund.amount_dong)

    async def _bounces(self, which: int, dong: int) -> None:
        """The bank tells that it came back: settled alone or with others, that is the refund's news."""
        if refund := await self._refund(which):
            await self._told(which, content=refund.code, amount_dong=refund.amount_dong)
            if refund.state is RefundStatus.SUCCEEDED:
                newest = await Notice.all().order_by("-id").first()
                assert newest is not None
                async with transaction():
                    await settle_plain([newest.id], ("order",), now=self.clock.now())
                    await settle(newest.id, now=self.clock.now())
                assert (await Refund.get(id=refund.id)).state is RefundStatus.REVERSED

    async def _refund(self, which: int) -> Refund | None:
        rows = await Refund.all().order_by("id")
        return rows[which % len(rows)] if rows else None

    async def _any(self) -> Any:
        return await payment_for("order:1")


@pytest.mark.usefixtures("db")
@histories(60)
@given(
    st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 5), st.integers(1, 2 * ASKED_DONG)),
        min_size=10,
        max_size=30,
    )
)
async def test_a_payment_goes_by_its_table_and_no_dong_is_lost(
    clock: StoppedClock, acts: list[tuple[str, int, int]]
) -> None:
    """Asked, paid in part, over, late, twice, by two tellers, given back, bounced; settled alone or many at once."""
    async with undone():
        history = History(clock)
        await history.begin()
        for act, which, dong in acts:
            await history.play(act, which, dong)
            await history.holds()
        for notice in await Notice.filter(handled_at__isnull=True).order_by("id"):
            async with transaction():
                await settle(notice.id, now=clock.now())
            await history.holds()
