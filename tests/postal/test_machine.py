"""Carriers' events in any order, as often as they like, with looks and lost bookings between: one parcel in the end."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.clock import StoppedClock
from kit.db import transaction
from kit.outbox import later_each
from kit.parts import Parts
from market.audit import Span
from payments.services import assert_balanced
from postal.carrier import CarrierEvent
from postal.gates.statuses import statuses_of
from postal.models import CarrierAlert, Parcel, ParcelEvent, TwinParcel, TwinPush
from postal.services.booking import adopt, find, leave_lost
from postal.services.calling_off import call_off
from postal.services.correcting import correct
from postal.services.folding import CORRECTED, folded_states
from postal.services.looking import leave_looks, poll, track
from postal.services.notices import fold_told
from postal.states import FINAL, BookingState, EventView, Flag, ParcelState, fold
from postal.twins.parcels import push
from tests.gates.carriers import CODES, Post, post_office
from tests.machines import assert_audited, histories, tried, undone

ACTS = (
    *("steps", "steps", "steps", "tells_twice", "tells_late_news", "forges", "loses_news", "tells_all_again"),
    *("corrects", "calls_off", "calls_off"),
    *("looks", "polls", "leaves_looks", "forgets_answer", "finds", "worker_died", "works"),
)


class History:
    """One parcel at a carrier, and everything that is told of it."""

    def __init__(self, post: Post, carrier: str) -> None:
        self.post, self.carrier = post, carrier
        self.codes = sorted(code for code, one in statuses_of(carrier).items() if one.state is not None)
        self.parcel: Any = None

    async def begin(self) -> None:
        """Booked and not moved yet."""
        self.parcel = await self.post.books(self.carrier)

    async def play(self, act: str, number: int) -> None:
        """One act; what may not be is refused."""
        self.post.clock.forward(seconds=61)
        await tried(lambda: getattr(self, f"_{act}")(number))

    async def holds(self) -> None:
        """The row says what all events together say, in whatever order they came; the auditors are silent."""
        row = await Parcel.get(id=self.parcel.id)
        assert (await folded_states([row.id]))[row.id] is row.state
        events = await ParcelEvent.filter(parcel_id=row.id)
        seen = [
            EventView(
                key=f"{one.id:020}",
                happened_at=one.happened_at,
                received_at=one.received_at,
                state=one.state,
                returning=Flag.RETURN_LEG in one.flags,
                flags=frozenset(map(Flag, one.flags)),
                correction=one.note if one.act == CORRECTED else "",
            )
            for one in events
        ]
        dice = random.Random(len(seen))
        for _ in range(3):
            dice.shuffle(seen)
            assert fold(seen + seen[:2]).state is row.state
        assert len({one.event_key for one in events}) == len(events)
        assert await TwinParcel.filter(reference=row.code).count() <= 1
        now = self.post.clock.now()
        await assert_audited(Span(now - timedelta(days=90), now - timedelta(days=60)), at_rest=False)

    async def _twin(self) -> TwinParcel:
        return await TwinParcel.get(reference=self.parcel.code)

    async def _push(self, number: int, manner: str) -> None:
        now, code = self.post.clock.now(), self.codes[number % len(self.codes)]
        await push((await self._twin()).id, code, now=now, manner=manner, returning=number % 7 == 0)
        await self.post.works()

    async def _steps(self, number: int) -> None:
        await self._push(number, "as_is")

    async def _tells_twice(self, number: int) -> None:
        await self._push(number, "twice")

    async def _forges(self, number: int) -> None:
        before = await ParcelEvent.filter(parcel_id=self.parcel.id).count()
        await self._push(number, "forged")
        assert await ParcelEvent.filter(parcel_id=self.parcel.id).count() == before

    async def _loses_news(self, number: int) -> None:
        await self._push(number, "lost")

    async def _tells_late_news(self, number: int) -> None:
        """A fact of long ago that comes only now, unsigned for carriers that do not sign."""
        row, twin = await Parcel.get(id=self.parcel.id), await self._twin()
        fact = CarrierEvent(
            tracking_code=twin.number,
            code=self.codes[number % len(self.codes)],
            at=row.booked_at + timedelta(seconds=number),
            reference=row.code or "",
        )
        carrier = self.post.carriers.by_code[self.carrier]
        for _ in range(number % 3 + 1):
            await fold_told(carrier, [fact], now=self.post.clock.now())

    async def _tells_all_again(self, number: int) -> None:
        """All that was ever told, from the end to the beginning: nothing of it is new."""
        row = await Parcel.get(id=self.parcel.id)
        count = await ParcelEvent.filter(parcel_id=row.id).count()
        told = await TwinPush.filter(parcel_id=(await self._twin()).id, is_forged=False).order_by("-id")
        async with transaction():
            await TwinPush.filter(id__in=[one.id for one in told]).update(sends_left=1)
            await later_each("send_twin_push", [one.id for one in told])
        await self.post.works()
        assert await ParcelEvent.filter(parcel_id=row.id).count() == count
        assert (await Parcel.get(id=row.id)).state is row.state

    async def _corrects(self, number: int) -> None:
        """A clerk has called the carrier: even an end is set right."""
        row, states = await Parcel.get(id=self.parcel.id), sorted(ParcelState)
        key, now = f"corrected:{number}:{self.post.clock.now():%H%M%S}", self.post.clock.now()
        await correct(
            row.code or "",
            states[number % len(states)],
            words="hãng nói vậy",
            person_id=3,
            event_key=key,
            now=now,
        )

    async def _calls_off(self, number: int) -> None:
        """The order was cancelled: stopped, or put before a person; twice is once."""
        code, carriers = (await Parcel.get(id=self.parcel.id)).code or "", self.post.carriers
        await call_off(code, note="Đơn đã hủy", person_id=1, carriers=carriers, now=self.post.clock.now())
        assert await CarrierAlert.filter(kind="not_stopped", parcel_id=self.parcel.id).count() <= 1
        await self.post.works()

    async def _looks(self, number: int) -> None:
        await track(self.parcel.id, self.post.carriers, now=self.post.clock.now())

    async def _polls(self, number: int) -> None:
        await poll(self.post.carriers, now=self.post.clock.now())

    async def _leaves_looks(self, number: int) -> None:
        self.post.clock.forward(hours=13)
        await leave_looks(self.post.carriers, now=self.post.clock.now())
        await self.post.works()

    async def _forgets_answer(self, number: int) -> None:
        """As if the carrier's answer to the booking had been lost."""
        await Parcel.filter(id=self.parcel.id).update(booking=BookingState.UNKNOWN, tracking_code="")

    async def _worker_died(self, number: int) -> None:
        """As if the worker had died while the carrier was asked."""
        await Parcel.filter(id=self.parcel.id, booking=BookingState.UNKNOWN).update(
            booking=BookingState.ASKED, asked_at=self.post.clock.now() - timedelta(minutes=5)
        )
        await leave_lost(now=self.post.clock.now())

    async def _finds(self, number: int) -> None:
        await find(self.parcel.id, self.post.carriers, now=self.post.clock.now())

    async def _works(self, number: int) -> None:
        await self.post.works()

    async def end(self) -> None:
        """Its news was told and what was lost is known again: the parcel stands where its carrier has it."""
        await self.post.works()
        row, twin = await Parcel.get(id=self.parcel.id), await self._twin()
        if row.booking is not BookingState.BOOKED:
            await adopt(row.id, twin.number, now=self.post.clock.now())
        row = await Parcel.get(id=row.id)
        assert (row.booking, row.tracking_code) == (BookingState.BOOKED, twin.number)
        if row.state in FINAL and not await ParcelEvent.exists(parcel_id=row.id, act=CORRECTED):
            earliest = await ParcelEvent.filter(parcel_id=row.id, state__in=list(FINAL)).order_by(
                "happened_at", "received_at", "id"
            )
            assert earliest[0].state is ParcelState(row.state)


@pytest.mark.usefixtures("db")
@histories(40)
@given(
    st.sampled_from(CODES),
    st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 60)), min_size=8, max_size=24),
)
async def test_a_parcel_is_where_all_its_news_says_in_whatever_order_it_came(
    clock: StoppedClock, parts: Parts, carrier: str, acts: list[tuple[str, int]]
) -> None:
    """Twice, late, forged, lost, asked for, polled; with bookings whose answers were lost between."""
    began = clock.now()
    async with undone():
        history = History(await post_office(parts, clock), carrier)
        await history.begin()
        for act, number in acts:
            await history.play(act, number)
            await history.holds()
        await history.end()
        await assert_balanced()
    clock.at = began
