"""Whatever buyers, sellers, the office, the post and the clock do: orders go by the table, and stock is conserved."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.clock import StoppedClock
from kit.models import Job, JobState
from kit.parts import Parts
from market.audit import Span
from market.worker import work_all_due
from orders.claims import STEPS, ClaimAct, ClaimKind, ClaimWish
from orders.models import Order, OrderEvent
from orders.services import (
    Buyer,
    cancel_order,
    confirm_order,
    expire_orders,
    pack_order,
    reference_of,
    revive_order,
    settle_notice,
)
from orders.services.claims import act_on_claim, open_claim, turn_claims
from orders.services.returns import return_late_money
from orders.states import FOLLOWS, OrderState
from payments.services import assert_balanced, payment_for
from postal.services import act as act_on_parcel
from postal.staff_carrier import ACTS as PARCEL_ACTS
from postal.staff_carrier import Act, reasons_for
from tests.factories import COMMUNES_OF_ORDERS, bank_notice, listing, placed, recorded, units, vendor
from tests.machines import assert_audited, histories, lived, tried
from vendors.models import Listing

PIECES, ORDERS_MAX = 9, 4
ACTS = (
    *("orders", "pays", "pays_part", "pays_late", "cancels", "sellers_word", "packs", "revives"),
    *("returns_late", "goes_well", "goes_well", "goes_well", "claims", "claims", "acts_on_claim"),
    *("acts_on_claim", "posts", "posts", "works", "time_to_pay_ends", "days_go_by"),
)
JOBS = ("book_parcel", "follow_parcel", "submit_parcel", "return_extra", "index_listing")


class History:
    """Goods of one seller, orders for them, and everybody who has a say in those."""

    def __init__(self, clock: StoppedClock, parts: Parts) -> None:
        self.clock, self.parts, self.key = clock, parts, 0
        self.goods: list[Listing] = []
        self.states: dict[int, OrderState] = {}
        self.began = clock.now()

    async def begin(self) -> None:
        """Two kinds of goods, none ordered yet."""
        await units(*COMMUNES_OF_ORDERS)
        seller = await vendor()
        self.goods = [
            await listing(seller, stock=PIECES),
            await listing(seller, name="Miến dong", stock=PIECES),
        ]

    async def play(self, act: str, which: int, number: int) -> None:
        """One act on one of the orders; what may not be is refused."""
        self.clock.forward(seconds=40)
        self.key += 1
        orders = await Order.all().order_by("id")
        order = orders[which % len(orders)] if orders else None
        if act in ("orders", "works", "days_go_by", "time_to_pay_ends") or order is not None:
            await tried(lambda: getattr(self, f"_{act}")(order, number))

    async def holds(self, *, at_rest: bool = False) -> None:
        """Steps by the written table, one after the other; pieces are there, kept or sold; the auditors are silent."""
        for order in await Order.all():
            steps = await OrderEvent.filter(order_id=order.id).order_by("id").values_list("state", flat=True)
            for before, after in pairwise(steps):
                assert OrderState(after) in FOLLOWS[OrderState(before)], f"{before} became {after}"
            assert steps[-1] == order.state
        for one in await Listing.all():
            assert (
                one.stock + one.reserved + one.sold == PIECES and min(one.stock, one.reserved, one.sold) >= 0
            )
        before = self.clock.now() + (timedelta(days=1) if at_rest else -timedelta(days=900))
        await assert_audited(Span(self.began - timedelta(days=1), before), at_rest=at_rest)
        await assert_balanced()

    async def rest(self) -> None:
        """All jobs of orders and parcels worked; those that tell people are another matter."""
        await Job.exclude(name__in=JOBS).update(state=JobState.DONE)
        await work_all_due(self.parts)
        await Job.exclude(name__in=JOBS).update(state=JobState.DONE)

    async def _orders(self, _: Order | None, number: int) -> None:
        if await Order.all().count() < ORDERS_MAX:
            things = [(one, number % 3 + 1) for one in self.goods[: number % 2 + 1]]
            await placed(*things, now=self.clock.now(), buyer=Buyer(None, f"{self.key:022}"))

    async def _pays(self, order: Order, number: int) -> None:
        await self._told(order)

    async def _pays_part(self, order: Order, number: int) -> None:
        await self._told(order, amount_dong=1_000 * (number + 1))

    async def _pays_late(self, order: Order, number: int) -> None:
        await self._told(order, at=self.clock.now() + timedelta(days=1))

    async def _told(self, order: Order, **changes: Any) -> None:
        asked = await payment_for(reference_of(order.id))
        assert asked is not None
        changes = {"at": self.clock.now(), "amount_dong": order.total_dong, **changes}
        notice = await recorded(bank_notice(asked, self.key, **changes), now=self.clock.now())
        await settle_notice(notice, now=self.clock.now())

    async def _cancels(self, order: Order, number: int) -> None:
        await cancel_order(order.id, person_id=None, now=self.clock.now())

    async def _sellers_word(self, order: Order, number: int) -> None:
        await confirm_order(order.id, person_id=2, now=self.clock.now())

    async def _packs(self, order: Order, number: int) -> None:
        await pack_order(order.id, person_id=2, now=self.clock.now())

    async def _revives(self, order: Order, number: int) -> None:
        await revive_order(order.id, person_id=4, now=self.clock.now())

    async def _returns_late(self, order: Order, number: int) -> None:
        await return_late_money(order, person_id=4, reason="hết hàng", now=self.clock.now())

    async def _claims(self, order: Order, number: int) -> None:
        kind, wish = list(ClaimKind)[number % 5], list(ClaimWish)[number % 3]
        await open_claim(order.id, kind, wish, "hàng bị vỡ", person_id=1, now=self.clock.now())

    async def _acts_on_claim(self, order: Order, number: int) -> None:
        act = list(ClaimAct)[number % len(ClaimAct)]
        refund_dong = 1_000 * (number % 4) if act is ClaimAct.SETTLE else 0
        await act_on_claim(
            order.id,
            act,
            party=STEPS[act].party,
            words="như đã hẹn",
            person_id=1,
            now=self.clock.now(),
            takes_back=number % 2 == 0,
            refund_dong=refund_dong,
        )

    async def _posts(self, order: Order, number: int) -> None:
        """Any act of the post's staff on the order's parcel."""
        await self._post(order, list(PARCEL_ACTS)[number % len(PARCEL_ACTS)])

    async def _goes_well(self, order: Order, number: int) -> None:
        """The usual way: paid, booked, brought to the door."""
        await tried(lambda: self._pays(order, number))
        await self.rest()
        order = await Order.get(id=order.id)
        for act in (Act.ACCEPT, Act.TAKE_OUT, Act.DELIVER):
            await tried(lambda act=act: self._post(order, act))  # type: ignore[misc]
            self.key += 1
        await self.rest()

    async def _post(self, order: Order, act: Act) -> None:
        if order.parcel_code:
            reason = next(iter(reasons_for(act)), "")
            await act_on_parcel(
                order.parcel_code,
                act,
                person_id=3,
                event_key=f"press-{self.key:05}",
                now=self.clock.now(),
                reason=str(reason),
                note="ghi chú của bưu tá",
            )

    async def _works(self, _: Order | None, number: int) -> None:
        await self.rest()

    async def _time_to_pay_ends(self, _: Order | None, number: int) -> None:
        self.clock.forward(minutes=16)
        await expire_orders(now=self.clock.now())

    async def _days_go_by(self, _: Order | None, number: int) -> None:
        self.clock.forward(days=4 * number % 33)
        await turn_claims(now=self.clock.now())
        await expire_orders(now=self.clock.now())


@pytest.mark.usefixtures("db")
@histories(40)
@given(
    st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, ORDERS_MAX - 1), st.integers(0, 11)),
        min_size=12,
        max_size=36,
    )
)
async def test_orders_go_by_the_table_and_no_piece_is_lost(
    clock: StoppedClock, parts: Parts, acts: list[tuple[str, int, int]]
) -> None:
    """At rest everybody agrees: order, payment, parcel, shelf and books."""
    await lived(History(clock, parts), [("orders", 0, 1), *acts])
