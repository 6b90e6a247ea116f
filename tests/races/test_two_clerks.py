"""Two people, one parcel, at the same moment: one act, one booking."""

import asyncio
from datetime import UTC, datetime

import pytest

from kit.errors import Conflict
from kit.models import Job
from postal.models import Parcel, ParcelEvent
from postal.services import ParcelView, act, delivery_code
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.factories import SECRET, booked_parcel

pytestmark = pytest.mark.usefixtures("committed")
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


async def test_eight_bookings_at_once_under_one_key_make_one_parcel() -> None:
    views = await asyncio.gather(*(booked_parcel("order:1", now=NOW) for _ in range(8)))
    assert len({view.code for view in views}) == 1
    assert {view.state for view in views} == {ParcelState.AWAITING_PICKUP}
    assert await Parcel.all().count() == 1
    assert await ParcelEvent.all().count() == 1


async def test_of_six_clerks_accepting_one_parcel_one_succeeds_and_five_are_told() -> None:
    view = await booked_parcel("order:1", now=NOW)
    told = await asyncio.gather(
        *(
            act(view.code, Act.ACCEPT, person_id=clerk, event_key=f"clerk-{clerk:04}", now=NOW)
            for clerk in range(1, 7)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, ParcelView) for one in told) == 1
    assert sum(isinstance(one, Conflict) for one in told) == 5
    assert await ParcelEvent.filter(parcel_id=view.id, act="accept").count() == 1
    assert await Job.filter(name="follow_parcel").count() == 1


async def test_one_press_sent_six_times_at_once_is_one_act_and_nobody_is_refused() -> None:
    view = await booked_parcel("order:1", now=NOW)
    told = await asyncio.gather(
        *(act(view.code, Act.ACCEPT, person_id=1, event_key="press-0001", now=NOW) for _ in range(6))
    )
    assert {one.state for one in told} == {ParcelState.PICKED_UP}
    assert await ParcelEvent.filter(parcel_id=view.id, act="accept").count() == 1


async def test_deliver_and_fail_at_once_leave_one_truth() -> None:
    view = await booked_parcel("order:1", now=NOW)
    for number, one in enumerate((Act.ACCEPT, Act.TAKE_OUT)):
        await act(view.code, one, person_id=1, event_key=f"press-{number:04}", now=NOW)
    told = await asyncio.gather(
        act(
            view.code,
            Act.DELIVER,
            person_id=1,
            event_key="press-9991",
            now=NOW,
            delivery_code=delivery_code(view.code, SECRET),
            secret=SECRET,
        ),
        act(view.code, Act.FAIL, person_id=2, event_key="press-9992", now=NOW, reason="recipient_refused"),
        return_exceptions=True,
    )
    [done] = [one for one in told if isinstance(one, ParcelView)]
    assert (await Parcel.get(id=view.id)).state is done.state
    assert sum(isinstance(one, Conflict) for one in told) == 1
