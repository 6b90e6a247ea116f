"""What a phone tells of the road: at its own time, once, in any order; what cannot be true waits for a person."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict, NotFound, Refusal
from postal.delivery_code import delivery_code, fits, is_delivery_code
from postal.models import DoubtfulAct, Parcel, ParcelEvent, ProofKind
from postal.services import act, parcel
from postal.services.door import Heard, Told, doubts, hear, settle_doubt
from postal.services.doubts_undone import decided_doubts, reopen_doubt
from postal.services.proofs import KeptProof
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.factories import booked_parcel, carried

pytestmark = pytest.mark.usefixtures("db")
SECRET = "a secret for tests, long enough to sign"
TUAN, MAI, THAO = 51, 52, 41
PROOF = (KeptProof(ProofKind.PHOTO, "proof/one"),)


@pytest.fixture
def now(clock: StoppedClock) -> datetime:
    return clock.now()


async def out_for_delivery(now: datetime, key: str = "order:1", person_id: int = TUAN) -> str:
    code = (await booked_parcel(key, now=now - timedelta(hours=20))).code
    await carried(
        code,
        Act.ACCEPT,
        Act.HAND_OVER,
        Act.ARRIVE,
        Act.TAKE_OUT,
        person_id=person_id,
        now=now - timedelta(hours=9),
    )
    return code


async def tell(
    code: str, what: Act, at: datetime, *, now: datetime, key: str = "", person_id: int = TUAN, **more: Any
) -> Heard:
    proofs = PROOF if what in (Act.DELIVER, Act.GIVE_BACK) and "delivery_code" not in more else ()
    told = Told(what, at, **{"proofs": proofs, **more})
    return await hear(
        code, told, person_id=person_id, event_key=key or f"door:{what}:{at:%H%M}", secret=SECRET, now=now
    )


async def test_a_delivery_counts_at_the_time_of_the_door(now: datetime) -> None:
    code = await out_for_delivery(now)
    heard = await tell(code, Act.DELIVER, now - timedelta(hours=3), now=now, received_by="family")
    assert (heard.parcel.state, heard.is_new, heard.doubt) == (ParcelState.DELIVERED, True, "")
    event = await ParcelEvent.get(act="deliver")
    assert (event.happened_at, event.received_at) == (now - timedelta(hours=3), now)
    assert event.received_by == "family"


async def test_the_same_act_told_again_changes_nothing(now: datetime) -> None:
    code = await out_for_delivery(now)
    for expected in (True, False, False):
        assert (await tell(code, Act.DELIVER, now, now=now, key="door:one-id")).is_new is expected
    assert await ParcelEvent.filter(act="deliver").count() == 1
    with pytest.raises(Conflict):
        await tell(code, Act.FAIL, now, now=now, key="door:one-id", reason="weather")


async def test_any_order_of_arrival_ends_the_same(now: datetime) -> None:
    """Not there in the morning, tried again in the afternoon, delivered: told in all six orders."""
    ends = set()
    for number, order in enumerate(permutations(range(3))):
        code = await out_for_delivery(now, f"order:{number}")
        acts = [
            lambda code=code: tell(code, Act.FAIL, now - timedelta(hours=6), now=now, reason="weather"),
            lambda code=code: tell(
                code, Act.FAIL, now - timedelta(hours=4), now=now, reason="recipient_unreachable"
            ),
            lambda code=code: tell(code, Act.DELIVER, now - timedelta(hours=2), now=now),
        ]
        for place in order:
            assert not (await acts[place]()).doubt
        row = await Parcel.get(code=code)
        ends.add((row.state, row.attempts, tuple(row.flags)))
    assert ends == {(ParcelState.DELIVERED, 2, ())}


async def test_a_phone_ahead_of_its_time_is_taken_as_now(now: datetime) -> None:
    code = await out_for_delivery(now)
    await tell(code, Act.FAIL, now + timedelta(days=400), now=now, reason="weather")
    assert (await ParcelEvent.get(act="fail")).happened_at == now


async def test_a_phone_before_the_booking_counts_from_the_booking(now: datetime) -> None:
    code = await out_for_delivery(now)
    await tell(code, Act.DELIVER, now - timedelta(days=400), now=now)
    assert (await parcel(code)).state is ParcelState.DELIVERED
    assert (await ParcelEvent.get(act="deliver")).happened_at == now - timedelta(hours=20)


async def test_delivered_by_two_people_waits_for_a_third(now: datetime) -> None:
    code = await out_for_delivery(now)
    await tell(code, Act.DELIVER, now - timedelta(hours=1), now=now)
    heard = await tell(code, Act.DELIVER, now - timedelta(hours=2), now=now, person_id=MAI)
    assert heard.doubt == "ended"
    assert await ParcelEvent.filter(act="deliver").count() == 1
    again = await tell(code, Act.DELIVER, now - timedelta(hours=2), now=now, person_id=MAI)
    assert (again.is_new, again.doubt) == (False, "ended")
    [line] = await doubts()
    assert (line.act, line.person_id, line.can_count) == (Act.DELIVER, MAI, False)
    with pytest.raises(Conflict):
        await settle_doubt(line.id, counts=True, words="Mai giao trước", person_id=THAO, now=now)
    await settle_doubt(line.id, counts=False, words="Bấm nhầm gói", person_id=THAO, now=now)
    assert await doubts() == []
    with pytest.raises(Conflict):
        await settle_doubt(line.id, counts=False, words="lần nữa", person_id=THAO, now=now)


async def test_the_same_person_pressing_again_is_no_doubt(now: datetime) -> None:
    code = await out_for_delivery(now)
    await tell(code, Act.DELIVER, now - timedelta(hours=1), now=now, key="door:first-press")
    heard = await tell(code, Act.DELIVER, now, now=now, key="door:second-press")
    assert (heard.is_new, heard.doubt) == (False, "")
    assert await DoubtfulAct.all().count() == 0


async def test_a_failure_after_the_end_is_in_doubt_and_one_before_it_counts(now: datetime) -> None:
    code = await out_for_delivery(now)
    await tell(code, Act.DELIVER, now - timedelta(hours=2), now=now)
    late = await tell(code, Act.FAIL, now - timedelta(hours=1), now=now, person_id=MAI, reason="weather")
    early = await tell(code, Act.FAIL, now - timedelta(hours=5), now=now, reason="weather")
    assert (late.doubt, early.doubt) == ("ended", "")
    assert ((await parcel(code)).state, (await parcel(code)).attempts) == (ParcelState.DELIVERED, 1)


async def test_the_buyers_code_opens_the_door_and_a_wrong_one_waits(now: datetime) -> None:
    code = await out_for_delivery(now)
    right = delivery_code(code, SECRET)
    other = delivery_code("C4OTHER", SECRET)
    heard = await tell(code, Act.DELIVER, now, now=now, key="door:wrong-code", delivery_code=other)
    assert (heard.doubt, heard.parcel.state) == ("wrong_code", ParcelState.OUT_FOR_DELIVERY)
    [line] = await doubts()
    assert line.can_count
    await settle_doubt(line.id, counts=True, words="Đã gọi người nhận", person_id=THAO, now=now)
    assert (await parcel(code)).state is ParcelState.DELIVERED
    second = await out_for_delivery(now, "order:2")
    assert fits(right, code, SECRET) and not fits(right, second, SECRET)
    good = await tell(second, Act.DELIVER, now, now=now, delivery_code=delivery_code(second, SECRET))
    assert good.parcel.state is ParcelState.DELIVERED


async def test_a_delivery_without_any_proof_is_refused(now: datetime) -> None:
    code = await out_for_delivery(now)
    with pytest.raises(Refusal) as no:
        await tell(code, Act.DELIVER, now, now=now, proofs=())
    assert no.value.field == "proof"
    with pytest.raises(Refusal) as no:
        await tell(code, Act.FAIL, now, now=now, reason="other")
    assert no.value.field == "note"
    with pytest.raises(NotFound):
        await tell("C4NOTHING", Act.DELIVER, now, now=now)
    assert (await parcel(code)).state is ParcelState.OUT_FOR_DELIVERY


async def test_a_step_that_was_never_scanned_does_not_stop_the_door(now: datetime) -> None:
    code = (await booked_parcel(now=now - timedelta(days=1))).code
    await act(code, Act.ACCEPT, person_id=TUAN, event_key="accept-0001", now=now - timedelta(hours=5))
    assert (await tell(code, Act.DELIVER, now, now=now)).parcel.state is ParcelState.DELIVERED


def test_every_slip_of_one_digit_shows_without_signal() -> None:
    code = delivery_code("C4ABCDEFGHJKM", SECRET)
    assert is_delivery_code(code)
    slips = [
        code[:place] + digit + code[place + 1 :]
        for place in range(6)
        for digit in "0123456789"
        if digit != code[place]
    ]
    assert not any(map(is_delivery_code, slips))
    assert not is_delivery_code("12345") and not is_delivery_code("１２３４５６")


async def test_a_wrong_decision_is_taken_back_within_a_week(now: datetime) -> None:
    """What was not to count waits again and may count after all; what counts, or is old, stays decided."""
    code = await out_for_delivery(now)
    await tell(code, Act.FAIL, now - timedelta(hours=2), now=now, key="door:fail", reason="weather")
    heard = await tell(code, Act.DELIVER, now, now=now, key="door:slip", delivery_code="123456")
    assert heard.doubt == "wrong_code"
    [line] = await doubts()
    said: dict[str, Any] = {"person_id": THAO, "now": now}
    with pytest.raises(Conflict):
        await reopen_doubt(line.id, "chưa quyết mà", **said)
    await settle_doubt(line.id, counts=False, words="Tưởng nhầm nhà", **said)
    assert [one.id for one in await decided_doubts(now=now)] == [line.id] and not await doubts()
    with pytest.raises(NotFound):
        await reopen_doubt(999, "không có", **said)
    with pytest.raises(Conflict):
        await reopen_doubt(line.id, "cũ quá", person_id=THAO, now=now + timedelta(days=8))
    await reopen_doubt(line.id, "Gọi hỏi rồi, đúng nhà", **said)
    assert [one.id for one in await doubts()] == [line.id] and not await decided_doubts(now=now)
    await settle_doubt(line.id, counts=True, words="Người nhận nói đã cầm", **said)
    assert (await parcel(code)).state is ParcelState.DELIVERED
    with pytest.raises(Conflict):
        await reopen_doubt(line.id, "đã tính", **said)
    assert not await decided_doubts(now=now)
