"""Alcohol at the door: the age is looked at before it is delivered, and who is too young sends it back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Refusal
from kit.parts import Parts
from kit.roles import Role
from orders.models import Order
from orders.services import follow_parcel
from postal.models import Parcel, ParcelEvent, ProofKind
from postal.services import act, delivery_code, parcel
from postal.services.door import Told, hear
from postal.services.proofs import KeptProof
from postal.staff_carrier import Act, Reason, reasons_for
from postal.states import ParcelState
from tests.conftest import Browser
from tests.factories import (
    COMMUNES_OF_ORDERS,
    SECRET,
    booked_parcel,
    carried,
    listing,
    pay_order,
    photo_bytes,
    placed,
    units,
)

pytestmark = pytest.mark.usefixtures("db")
TUAN = 51
PROOF = (KeptProof(ProofKind.PHOTO, "proof/one"),)
ROAD = (Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, Act.TAKE_OUT)


@pytest.fixture
def clock() -> StoppedClock:
    """Ten o'clock in Vietnam."""
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


async def out(now: datetime, *, is_adult_only: bool = True) -> str:
    """A parcel that its carrier has out for delivery."""
    made = await booked_parcel(now=now - timedelta(hours=9), is_adult_only=is_adult_only)
    await carried(made.code, *ROAD, person_id=TUAN, now=now - timedelta(hours=8))
    return made.code


async def tell(code: str, what: Act, now: datetime, *, key: str = "door:1", **more: Any) -> Any:
    proofs = PROOF if what is Act.DELIVER else ()
    told = Told(what, now, proofs=proofs, **more)
    return await hear(code, told, person_id=TUAN, event_key=key, secret=SECRET, now=now)


async def test_nobody_gets_it_whose_age_was_not_looked_at(clock: StoppedClock) -> None:
    """Neither from the phone, hours later, nor at the desk; with the answer it is delivered and the answer is kept."""
    code = await out(clock.now())
    with pytest.raises(Refusal) as no:
        await tell(code, Act.DELIVER, clock.now())
    assert no.value.field == "age_checked"
    with pytest.raises(Refusal) as no:
        await act(code, Act.DELIVER, person_id=TUAN, event_key="desk:0001", now=clock.now())
    assert no.value.field == "age_checked" and (await parcel(code)).state is ParcelState.OUT_FOR_DELIVERY
    heard = await tell(code, Act.DELIVER, clock.now(), age_checked=True)
    assert heard.parcel.state is ParcelState.DELIVERED
    assert (await ParcelEvent.get(act="deliver")).age_checked
    assert not (await tell(code, Act.DELIVER, clock.now(), age_checked=True)).is_new


async def test_the_desk_delivers_with_the_answer(clock: StoppedClock) -> None:
    code = await out(clock.now())
    done = await act(
        code,
        Act.DELIVER,
        person_id=TUAN,
        event_key="desk:0001",
        now=clock.now(),
        delivery_code=delivery_code(code, SECRET),
        secret=SECRET,
        age_checked=True,
    )
    assert done.state is ParcelState.DELIVERED


async def test_other_goods_ask_nothing_and_keep_no_answer(clock: StoppedClock) -> None:
    code = await out(clock.now(), is_adult_only=False)
    with pytest.raises(Refusal) as no:
        await tell(code, Act.FAIL, clock.now(), reason="recipient_underage")
    assert no.value.field == "reason"
    await tell(code, Act.DELIVER, clock.now(), key="door:2", age_checked=True)
    assert not (await ParcelEvent.get(act="deliver")).age_checked
    assert Reason.RECIPIENT_UNDERAGE in reasons_for(Act.FAIL)
    assert Reason.RECIPIENT_UNDERAGE not in reasons_for(Act.FAIL, is_adult_only=False)


async def test_who_is_too_young_sends_it_back(clock: StoppedClock) -> None:
    """No second try at the door: it turns back at once, and the seller gets it again."""
    code = await out(clock.now())
    heard = await tell(code, Act.FAIL, clock.now(), reason="recipient_underage")
    assert heard.parcel.state is ParcelState.RETURNING and heard.parcel.attempts == 1
    told = Told(Act.GIVE_BACK, clock.now(), proofs=PROOF)
    back = await hear(code, told, person_id=TUAN, event_key="door:3", secret=SECRET, now=clock.now())
    assert back.parcel.state is ParcelState.RETURNED


async def test_an_order_of_alcohol_carries_its_mark_to_the_door_and_back(
    clock: StoppedClock, parts: Parts, run_jobs: Any
) -> None:
    """The parcel says so on its label, and its return makes the order returned."""
    await units(*COMMUNES_OF_ORDERS)
    wine = await listing(name="Rượu men lá", kind="wine", is_adult_only=True)
    [order] = await placed((wine, 1), now=clock.now(), is_adult=True)
    await pay_order(order, now=clock.now())
    await run_jobs()
    made = await Parcel.get()
    assert made.is_adult_only and made.contents.startswith("18+")
    code = str(made.code)
    await carried(code, *ROAD, person_id=TUAN, now=clock.now())
    await tell(code, Act.FAIL, clock.now(), reason="recipient_underage")
    await act(code, Act.GIVE_BACK, person_id=TUAN, event_key="back:0001", now=clock.now())
    await follow_parcel(made.id, now=clock.now())
    assert (await Order.get(id=order.id)).state == "returned"


async def test_the_round_and_the_page_of_the_door_ask(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    tuan = await sign_in_as(client, "+84912000005", Role.CARRIER)
    code = await out(clock.now())
    await Parcel.all().update(holder_id=tuan.id)
    assert "data-adult-only" in (await client.get("/post/round")).text
    [stop] = (await client.get("/post/round/stops")).json()["stops"]
    assert stop["adult"] is True
    page = (await client.get(f"/post/parcels/{code}/door?act=deliver")).text
    assert 'name="age_checked"' in page
    fail = (await client.get(f"/post/parcels/{code}/door?act=fail")).text
    assert "Người nhận chưa đủ 18 tuổi" in fail
    said = {"code": code, "act": "deliver", "sent_id": "0123456789abcdef", "delivery_code": ""}
    photo = {"photo": ("a.jpg", photo_bytes(), "image/jpeg")}
    refused = await client.submit("/post/round/acts", said, files=photo)
    assert refused.status_code == 422 and "Đơn có rượu" in refused.text
    done = await client.submit("/post/round/acts", {**said, "age_checked": "1"}, files=photo)
    assert done.status_code == 303
    assert (await parcel(code)).state is ParcelState.DELIVERED
