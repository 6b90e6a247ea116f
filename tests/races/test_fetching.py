"""Many at once: goods are given out once, a shared parcel is packed once, ending and fetching have one winner."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kit.errors import Conflict
from kit.models import AdminUnit, Job
from orders.handing_models import Fetch, JointParcel
from orders.models import Order, OrderEvent
from orders.services import Buyer, pack_order
from orders.services.handing.desk import AlreadyBrought, bring
from orders.services.handing.joints import book_joint, pack_joint
from orders.services.handing.ready import AlreadyFetched, hand_over
from orders.services.handing.unfetched import end_unfetched
from orders.states import OrderState
from payments.models import Refund
from payments.services import assert_balanced
from postal.models import Parcel
from tests.factories import COMMUNES_OF_ORDERS, SECRET, units
from tests.orders.fetching import digits_of, lying_ready, market_with_desk, ordered, paid, seller_at

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
HOA = Buyer(None, "d" * 22)


@pytest.fixture(autouse=True)
async def places(committed: None) -> AsyncIterator[None]:
    """Communes while the test runs, and books that hold at its end."""
    had = set(await AdminUnit.all().values_list("id", flat=True))
    await units(*COMMUNES_OF_ORDERS)
    yield
    await assert_balanced()
    await AdminUnit.exclude(id__in=list(had) or [0]).delete()


def kinds(told: list[Any]) -> list[str]:
    """What became of each, sorted."""
    return sorted(type(one).__name__ for one in told)


async def test_of_two_who_hand_over_one_order_one_does() -> None:
    order = await lying_ready(HOA, await seller_at(await market_with_desk(), "A12", "stall"), now=NOW)
    told = await asyncio.gather(
        *(
            hand_over(order.id, digits_of(order), person_id=who, now=NOW, secret=SECRET)
            for who in range(1, 7)
        ),
        return_exceptions=True,
    )
    assert kinds(told) == [AlreadyFetched.__name__] * 5 + ["Order"]
    assert await OrderEvent.filter(order_id=order.id, state=OrderState.DELIVERED).count() == 1
    assert await Job.filter(name="tell_of_order").count() == 3


async def test_fetched_and_ended_at_once_leave_one_truth() -> None:
    order = await lying_ready(HOA, await seller_at(await market_with_desk(), "A12", "stall"), now=NOW)
    late = NOW + timedelta(days=4)
    told = await asyncio.gather(
        hand_over(order.id, digits_of(order), person_id=1, now=late, secret=SECRET),
        end_unfetched(order.id, person_id=2, now=late),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Conflict) for one in told) == 1
    state, fetch = (await Order.get(id=order.id)).state, await Fetch.get(order_id=order.id)
    assert (state is OrderState.DELIVERED) == (fetch.fetched_at is not None) == (not await Refund.exists())
    assert (state is OrderState.RETURNED) == (fetch.ended_at is not None)


async def test_one_parcel_of_several_stalls_is_packed_and_booked_once() -> None:
    place = await market_with_desk()
    sellers = await seller_at(place, "A12"), await seller_at(place, "A13", name="Mật ong Hà")
    orders = await ordered(HOA, *sellers, is_joint=True, now=NOW)
    for number, order in enumerate(orders, 1):
        await paid(order, number, now=NOW)
        await pack_order(order.id, person_id=1, now=NOW)
    told = await asyncio.gather(
        *(bring(one.code, place.id, person_id=5, now=NOW) for one in orders * 3), return_exceptions=True
    )
    assert kinds(told) == [AlreadyBrought.__name__] * 4 + ["Order"] * 2
    joint = await JointParcel.get()
    packed = await asyncio.gather(
        *(pack_joint(joint.id, place.id, leaves_missing=True, person_id=who, now=NOW) for who in range(4)),
        return_exceptions=True,
    )
    assert sum(one is None for one in packed) == 1
    assert all(isinstance(one, Conflict) for one in packed if one is not None)
    await asyncio.gather(*(book_joint(joint.id, now=NOW, secret=SECRET) for _ in range(4)))
    code = (await Parcel.get()).code
    assert {one.parcel_code for one in await Order.all()} == {code}


async def test_a_part_that_comes_while_the_rest_is_packed_is_in_or_out_never_both() -> None:
    place = await market_with_desk()
    sellers = await seller_at(place, "A12"), await seller_at(place, "A13", name="Mật ong Hà")
    orders = await ordered(HOA, *sellers, is_joint=True, now=NOW)
    for number, order in enumerate(orders, 1):
        await paid(order, number, now=NOW)
        await pack_order(order.id, person_id=1, now=NOW)
    await bring(orders[0].code, place.id, person_id=5, now=NOW)
    joint = await JointParcel.get()
    told = await asyncio.gather(
        bring(orders[1].code, place.id, person_id=5, now=NOW),
        pack_joint(joint.id, place.id, leaves_missing=True, person_id=6, now=NOW),
        return_exceptions=True,
    )
    is_in = isinstance(told[0], Order)
    assert told[1] is None
    assert (await Order.get(id=orders[1].id)).handing == ("joint" if is_in else "door")
    assert await Job.filter(name="book_parcel").count() == (2 if is_in else 3)
