"""Goods fetched, gathered and lacking, money asked and given back, in any order of acts: nothing is lost or made."""

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
from orders.handing_models import Fetch, JointParcel
from orders.models import Order, OrderEvent
from orders.services import Buyer, cancel_order, expire_orders, pack_order
from orders.services.handing.desk import bring
from orders.services.handing.joints import pack_joint, wait_for_missing
from orders.services.handing.ready import hand_over
from orders.services.handing.unfetched import end_unfetched
from orders.services.returns import Choice, answer_ask, ask_return, give_back, withdraw_ask
from orders.services.short import Lack, answer_short, tell_short, turn_shorts, withdraw_short
from orders.short_models import Shortage
from orders.states import FOLLOWS, SHORT_FOLLOWS, Handing, OrderState, ShortState
from payments.models import Refund
from payments.services import assert_balanced, cancel_refund, confirm_refund
from postal.services import act as act_on_parcel
from postal.staff_carrier import ACTS as PARCEL_ACTS
from postal.staff_carrier import reasons_for
from tests.factories import COMMUNES_OF_ORDERS, SECRET, pay_order, units
from tests.machines import assert_audited, histories, lived, tried
from tests.orders.fetching import digits_of, market_with_desk, ordered, seller_at
from vendors.models import Listing

ORDERS = 5
ACTS = (
    *("pays", "pays", "pays_part", "packs", "packs", "brings", "brings", "packs_joint", "waits_for_joint"),
    *("hands_over", "hands_over", "shows_wrong_code", "ends_unfetched", "cancels", "lacks", "lacks_all"),
    *(
        "takes_rest",
        "has_all_cancelled",
        "finds",
        "asks_back",
        "withdraws_ask",
        "agrees",
        "says_no",
        "gives_back",
    ),
    *("refund_is_done", "refund_is_called_off", "posts", "posts", "works", "hours_go_by", "days_go_by"),
)
JOBS = (
    *("book_parcel", "book_joint", "follow_parcel", "submit_parcel", "call_off_parcel"),
    *("return_extra", "follow_refund", "index_listing"),
)
# How far things have come before chance takes over: else few histories would get beyond the counter.
BEGUN = [("pays", one, 0) for one in range(ORDERS)]


class History:
    """Two stalls side by side: orders fetched at a stall and at the desk, two that share a parcel, one to the door."""

    def __init__(self, clock: StoppedClock, parts: Parts) -> None:
        self.clock, self.parts, self.key, self.began = clock, parts, 0, clock.now()
        self.market_id = 0
        self.pieces: dict[int, int] = {}
        self.shorts: dict[int, ShortState] = {}

    async def begin(self) -> None:
        """All are placed and none is paid."""
        await units(*COMMUNES_OF_ORDERS)
        place = await market_with_desk()
        self.market_id = place.id
        first = await seller_at(place, "A12", "stall", "desk")
        second = await seller_at(place, "A13", name="Mật ong Hà")
        now = self.clock.now()
        for number, (way, sellers) in enumerate(
            (("stall", (first,)), (f"desk.{place.id}", (first,)), ("", (first, second)), ("", (second,)))
        ):
            buyer = Buyer(None, f"{number:022}")
            await ordered(buyer, *sellers, way=way, is_joint=len(sellers) > 1, pieces=3, now=now)
        handings = [one.handing for one in await Order.all().order_by("id")]
        assert handings == [Handing.STALL, Handing.DESK, Handing.JOINT, Handing.JOINT, Handing.DOOR]
        self.pieces = {one.id: one.stock + one.reserved + one.sold for one in await Listing.all()}

    async def play(self, act: str, which: int, number: int) -> None:
        """One act on one of the orders; what may not be is refused."""
        self.clock.forward(seconds=40)
        self.key += 1
        order = (await Order.all().order_by("id"))[which % ORDERS]
        await tried(lambda: getattr(self, f"_{act}")(order, number))

    async def holds(self, *, at_rest: bool = False) -> None:
        """Steps by both tables; pieces are there, kept, sold or were found lacking; the auditors are silent."""
        for order in await Order.all():
            steps = await OrderEvent.filter(order_id=order.id).order_by("id").values_list("state", flat=True)
            for one, then in pairwise(steps):
                assert OrderState(str(then)) in FOLLOWS[OrderState(str(one))], f"{one} became {then}"
        await self._pieces_are_conserved()
        before = self.clock.now() + (timedelta(days=1) if at_rest else -timedelta(days=900))
        await assert_audited(Span(self.began - timedelta(days=1), before), at_rest=at_rest)
        await assert_balanced()

    async def _pieces_are_conserved(self) -> None:
        lacking = 0
        for row in await Shortage.all():
            was = self.shorts.get(row.id, ShortState.ASKED)
            assert row.state is was or row.state in SHORT_FOLLOWS[was], f"{was} became {row.state}"
            self.shorts[row.id] = row.state
            if row.state in (ShortState.ACCEPTED, ShortState.CANCELLED):
                lacking += sum(int(one["ordered"]) - int(one["packed"]) for one in row.lines)
        shelves = await Listing.all()
        assert min(min(one.stock, one.reserved, one.sold) for one in shelves) >= 0
        now = sum(one.stock + one.reserved + one.sold for one in shelves)
        assert now + lacking == sum(self.pieces.values())

    async def rest(self) -> None:
        """All jobs of orders, parcels and refunds worked; those that tell people are another matter."""
        for _ in range(3):
            await Job.exclude(name__in=JOBS).update(state=JobState.DONE)
            await work_all_due(self.parts)
        await Job.exclude(name__in=JOBS).update(state=JobState.DONE)

    async def _pays(self, order: Order, number: int) -> None:
        await pay_order(order, self.key, now=self.clock.now(), amount_dong=order.total_dong)

    async def _pays_part(self, order: Order, number: int) -> None:
        await pay_order(order, self.key, now=self.clock.now(), amount_dong=1_000 * (number + 1))

    async def _packs(self, order: Order, number: int) -> None:
        await pack_order(order.id, person_id=2, now=self.clock.now())

    async def _brings(self, order: Order, number: int) -> None:
        await bring(order.code, self.market_id, person_id=5, now=self.clock.now())

    async def _packs_joint(self, order: Order, number: int) -> None:
        [joint] = await JointParcel.all()
        leaves = number % 2 == 0
        await pack_joint(joint.id, self.market_id, leaves_missing=leaves, person_id=5, now=self.clock.now())

    async def _waits_for_joint(self, order: Order, number: int) -> None:
        [joint] = await JointParcel.all()
        await wait_for_missing(joint.id, self.market_id, now=self.clock.now())

    async def _hands_over(self, order: Order, number: int) -> None:
        if await Fetch.exists(order_id=order.id):
            await hand_over(order.id, digits_of(order), person_id=2, now=self.clock.now(), secret=SECRET)

    async def _shows_wrong_code(self, order: Order, number: int) -> None:
        if await Fetch.exists(order_id=order.id):
            wrong = "000000" if digits_of(order) != "000000" else "111111"
            await hand_over(order.id, wrong, person_id=2, now=self.clock.now(), secret=SECRET)
            raise AssertionError("goods were given out against a wrong code")

    async def _ends_unfetched(self, order: Order, number: int) -> None:
        await end_unfetched(order.id, person_id=2, now=self.clock.now())

    async def _cancels(self, order: Order, number: int) -> None:
        await cancel_order(order.id, person_id=None, now=self.clock.now())

    async def _lacks(self, order: Order, number: int) -> None:
        lines = await order.lines.all()
        packed = {one.id: max(0, one.quantity - 1 - number % 2) for one in lines}
        lack = Lack(packed, "hái không đủ")
        await tell_short(order.id, lack, person_id=2, now=self.clock.now())

    async def _lacks_all(self, order: Order, number: int) -> None:
        lack = Lack({one.id: 0 for one in await order.lines.all()}, "mưa lớn, mất cả")
        await tell_short(order.id, lack, person_id=2, now=self.clock.now())

    async def _takes_rest(self, order: Order, number: int) -> None:
        await answer_short(order.id, accepts=True, person_id=1, now=self.clock.now())

    async def _has_all_cancelled(self, order: Order, number: int) -> None:
        await answer_short(order.id, accepts=False, person_id=1, now=self.clock.now())

    async def _finds(self, order: Order, number: int) -> None:
        await withdraw_short(order.id, person_id=2, now=self.clock.now())

    async def _asks_back(self, order: Order, number: int) -> None:
        choice = Choice((), None if number % 3 == 0 else 1_000 * number)
        await ask_return(order, choice, "không ưng", person_id=1, now=self.clock.now())

    async def _withdraws_ask(self, order: Order, number: int) -> None:
        await withdraw_ask(order, now=self.clock.now())

    async def _agrees(self, order: Order, number: int) -> None:
        await answer_ask(order, agrees=True, answer="", person_id=2, now=self.clock.now())

    async def _says_no(self, order: Order, number: int) -> None:
        await answer_ask(order, agrees=False, answer="hàng tốt", person_id=2, now=self.clock.now())

    async def _gives_back(self, order: Order, number: int) -> None:
        choice, key = Choice((), 1_000 * (number + 1)), f"k{self.key}"
        await give_back(order, choice, "bớt cho khách", key=key, person_id=2, now=self.clock.now())

    async def _refund_is_done(self, order: Order, number: int) -> None:
        if refund := await self._refund(number):
            await confirm_refund(refund.id, person_id=2, words="", now=self.clock.now())

    async def _refund_is_called_off(self, order: Order, number: int) -> None:
        if refund := await self._refund(number):
            await cancel_refund(refund.id, person_id=2, reason="thôi", now=self.clock.now())

    async def _refund(self, number: int) -> Refund | None:
        rows = await Refund.all().order_by("id")
        return rows[number % len(rows)] if rows else None

    async def _posts(self, order: Order, number: int) -> None:
        """Any act of the post's staff on the order's parcel, which may be other orders' too."""
        what = list(PARCEL_ACTS)[number % len(PARCEL_ACTS)]
        if order.parcel_code:
            said: dict[str, Any] = {
                "reason": str(next(iter(reasons_for(what)), "")),
                "note": "ghi chú của bưu tá",
            }
            if what == "deliver":
                said |= {"delivery_code": digits_of(order), "secret": SECRET}
            key = f"press-{self.key:05}"
            await act_on_parcel(
                order.parcel_code, what, person_id=3, event_key=key, now=self.clock.now(), **said
            )

    async def _works(self, order: Order, number: int) -> None:
        await self.rest()

    async def _hours_go_by(self, order: Order, number: int) -> None:
        self.clock.forward(hours=5 * number + 1)
        await expire_orders(now=self.clock.now())
        await turn_shorts(now=self.clock.now())

    async def _days_go_by(self, order: Order, number: int) -> None:
        self.clock.forward(days=number % 6 + 1)
        await expire_orders(now=self.clock.now())
        await turn_shorts(now=self.clock.now())


@pytest.mark.usefixtures("db")
@histories(40)
@given(
    st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, ORDERS - 1), st.integers(0, 11)),
        min_size=14,
        max_size=40,
    )
)
async def test_goods_money_and_parcels_agree_whatever_people_do(
    clock: StoppedClock, parts: Parts, acts: list[tuple[str, int, int]]
) -> None:
    """At rest everybody agrees: order, shortage, refund, parcel, shelf, books and the revenue book."""
    await lived(History(clock, parts), [*BEGUN, *acts])
