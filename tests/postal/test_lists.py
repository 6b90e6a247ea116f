"""The work lists and the book: grouped, in pages, bounded, the person's own."""

from datetime import datetime, timedelta

import pytest

from kit.clock import StoppedClock
from postal.services import act, acts_of_today, deliveries, pickups, timeline
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.conftest import Queries
from tests.factories import booked_parcel, carried, sender

pytestmark = pytest.mark.usefixtures("db")
CLERK = 41
TO_THE_DOOR = (Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, Act.TAKE_OUT, Act.DELIVER)


@pytest.fixture
def now(clock: StoppedClock) -> datetime:
    return clock.now()


async def one(code: str, what: Act, now: datetime, key: str = "press-0001", **more: str) -> ParcelState:
    return (await act(code, what, person_id=CLERK, event_key=key, now=now, **more)).state


async def test_pickups_stand_together_by_commune_and_seller(now: datetime) -> None:
    tea, honey = sender(), sender(name="Mật ong Võ Nhai", commune_code="05716", commune="Xã Võ Nhai")
    for number, seller in enumerate([tea, honey, tea, honey]):
        await booked_parcel(f"order:{number}", now=now + timedelta(minutes=number), sender=seller)
    listed = await pickups()
    assert [row.reference for row in listed.parcels] == ["order:0", "order:2", "order:1", "order:3"]
    assert (listed.all_count, listed.has_more) == (4, False)


async def test_lists_come_in_pages_and_hold_nothing_twice(now: datetime) -> None:
    for number in range(7):
        await booked_parcel(f"order:{number}", now=now)
    pages = [await pickups(page=page, rows=3) for page in (1, 2, 3, 4)]
    assert [len(page.parcels) for page in pages] == [3, 3, 1, 0]
    assert [page.has_more for page in pages] == [True, True, False, False]
    assert len({row.code for page in pages for row in page.parcels}) == 7
    assert {page.all_count for page in pages} == {7}
    assert (await pickups(page=-5, rows=3)).page == 1


async def test_an_accepted_parcel_leaves_the_pickups_for_the_deliveries(now: datetime) -> None:
    view = await booked_parcel(now=now)
    assert (await deliveries()).parcels == []
    await one(view.code, Act.ACCEPT, now)
    assert (await pickups()).parcels == []
    assert [row.code for row in (await deliveries()).parcels] == [view.code]


async def test_deliveries_begin_with_what_is_on_the_way_to_the_door_and_end_with_nothing_done(
    now: datetime,
) -> None:
    ways = [
        (Act.ACCEPT, Act.TAKE_OUT, Act.SEND_BACK),
        (Act.ACCEPT,),
        (Act.ACCEPT, Act.ARRIVE),
        (Act.ACCEPT, Act.TAKE_OUT),
        TO_THE_DOOR,
    ]
    for number, way in enumerate(ways):
        view = await booked_parcel(f"order:{number}", now=now)
        await carried(view.code, *way, person_id=CLERK, now=now)
    assert [str(row.state) for row in (await deliveries()).parcels] == [
        "out_for_delivery",
        "at_delivery_office",
        "picked_up",
        "returning",
    ]


async def test_the_book_holds_the_persons_own_acts_of_the_day(now: datetime) -> None:
    noon = now.replace(hour=5)
    view = await booked_parcel(now=noon - timedelta(days=2))
    await one(view.code, Act.FAIL_PICKUP, noon - timedelta(days=1), "press-0000", reason="sender_absent")
    await one(view.code, Act.ACCEPT, noon, "press-0001")
    await act(view.code, Act.HAND_OVER, person_id=42, event_key="press-0002", now=noon)
    await one(view.code, Act.ARRIVE, noon + timedelta(minutes=5), "press-0003")
    book = await acts_of_today(CLERK, now=noon)
    assert [(line.act, line.code) for line in book.lines] == [
        (Act.ARRIVE, view.code),
        (Act.ACCEPT, view.code),
    ]
    assert book.counts == {Act.ACCEPT: 1, Act.ARRIVE: 1}
    first = await acts_of_today(CLERK, now=noon, rows=1)
    assert (len(first.lines), first.has_more, first.counts) == (1, True, book.counts)


async def test_the_day_of_the_book_begins_at_midnight_in_vietnam(now: datetime) -> None:
    before, after = now.replace(hour=16, minute=59), now.replace(hour=17, minute=1)
    view = await booked_parcel(now=before)
    await one(view.code, Act.ACCEPT, before, "press-0001")
    await one(view.code, Act.HAND_OVER, after, "press-0002")
    assert [line.act for line in (await acts_of_today(CLERK, now=before)).lines] == [Act.ACCEPT]
    assert [line.act for line in (await acts_of_today(CLERK, now=after)).lines] == [Act.HAND_OVER]


async def test_lists_ask_the_same_few_questions_however_long_they_are(
    now: datetime, queries: Queries
) -> None:
    for number in range(12):
        view = await booked_parcel(f"order:{number}", now=now)
        if number % 2:
            await one(view.code, Act.ACCEPT, now)
    for ask in (pickups, deliveries):
        with queries.at_most(2):
            await ask(rows=5)
    with queries.at_most(2):
        await acts_of_today(CLERK, now=now)
    with queries.at_most(2):
        await timeline(view.id, for_staff=True)
