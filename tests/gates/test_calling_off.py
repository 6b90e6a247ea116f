"""Parcels of cancelled orders: left where they are, stopped by their carrier, or put before a person."""

import pytest

from kit.clock import StoppedClock
from kit.parts import Parts
from orders.models import Order
from orders.states import OrderState
from postal.models import CarrierAlert, Parcel, TwinParcel
from postal.services import ParcelView, act
from postal.services.booking import adopt
from postal.services.calling_off import call_off
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.factories import listing, placed
from tests.gates.carriers import Post, post_office

pytestmark = pytest.mark.usefixtures("db")
PICKED_UP = {"ghn": "picked", "ghtk": "3"}


@pytest.fixture
async def post(parts: Parts, clock: StoppedClock) -> Post:
    """A market whose carriers' communes are known."""
    return await post_office(parts, clock)


async def called_off(post: Post, code: str) -> bool:
    done = await call_off(code, note="Đơn đã hủy", person_id=1, carriers=post.carriers, now=post.clock.now())
    await post.works()
    return done


async def alerts() -> list[tuple[str, str]]:
    """Open matters of parcels that go on, by carrier and code."""
    found = await CarrierAlert.filter(kind="not_stopped", closed_at__isnull=True)
    return [(one.carrier, one.subject) for one in found]


@pytest.mark.parametrize("carrier", PICKED_UP)
async def test_a_carrier_that_refuses_to_stop_is_put_before_a_person_once(post: Post, carrier: str) -> None:
    parcel = await post.books(carrier)
    await post.pushes(parcel, PICKED_UP[carrier])
    for _ in range(2):
        assert not await called_off(post, parcel.code)
    assert await alerts() == [(carrier, parcel.code)]


@pytest.mark.parametrize("carrier", PICKED_UP)
async def test_what_a_carrier_stops_is_nobodys_matter(post: Post, carrier: str) -> None:
    parcel = await post.books(carrier)
    assert not await called_off(post, parcel.code)
    assert (await post.now(parcel)).state is ParcelState.CANCELLED
    assert await alerts() == []


async def test_what_own_staff_have_taken_along_is_put_before_a_person(post: Post) -> None:
    parcel = await post.books("staff")
    await act(parcel.code, Act.ACCEPT, person_id=3, event_key="press-0001", now=post.clock.now())
    assert not await called_off(post, parcel.code)
    assert await alerts() == [("staff", parcel.code)]


async def cancelled_order(post: Post, carrier: str) -> ParcelView:
    """The parcel of an order that was cancelled, and whose carrier goes on as if nothing had been said."""
    [order] = await placed((await listing(), 1), now=post.clock.now())
    parcel = await post.books(carrier, key=f"order:{order.id}")
    kept = {"parcel_id": parcel.id, "parcel_code": parcel.code}
    await Order.filter(id=order.id).update(state=OrderState.CANCELLED, **kept)
    return parcel


async def test_goods_that_arrive_although_they_were_cancelled_are_put_before_a_person(post: Post) -> None:
    """A carrier may say yes to stopping and bring them all the same."""
    parcel = await cancelled_order(post, "ghn")
    await post.pushes(parcel, "picked")
    assert await alerts() == []
    await post.pushes(parcel, "delivered")
    assert (await post.now(parcel)).state is ParcelState.DELIVERED
    assert await alerts() == [("ghn", parcel.code)]


async def test_a_waybill_that_comes_after_the_order_was_cancelled_is_called_off_then(post: Post) -> None:
    """While nobody knew it there was nothing to stop; whoever finds it has it stopped."""
    parcel = await cancelled_order(post, "ghn")
    await Parcel.filter(id=parcel.id).update(booking="unknown", tracking_code="", looks=1)
    assert not await called_off(post, parcel.code)
    await adopt(parcel.id, (await TwinParcel.get(reference=parcel.code)).number, now=post.clock.now())
    await post.works()
    assert await alerts() == []
    assert (await Parcel.get(id=parcel.id)).state is ParcelState.CANCELLED
