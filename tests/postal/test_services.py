"""Booking, acting, lists and timelines: once, in a possible order, told to the right people."""

from datetime import datetime, timedelta

import pytest

from accounts.models import AuditEntry
from accounts.services import person_of
from kit.clock import StoppedClock
from kit.db import sql
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import translated
from kit.models import Job
from kit.units import load_units
from postal.carrier import CarrierRejected, Quote
from postal.models import Parcel, ParcelEvent, PostalPoint
from postal.parcel_code import is_parcel_code
from postal.services import (
    AlreadyDone,
    act,
    book,
    delivery_code,
    parcel,
    parcel_for,
    parcel_opened,
    pickups,
    quote,
    scanned_code,
    timeline,
)
from postal.staff_carrier import Act
from postal.states import BookingState, Flag, ParcelState
from tests.factories import booked_parcel, carried, parcel_request, recipient, sender

pytestmark = pytest.mark.usefixtures("db")
SECRET = "a secret for tests, long enough to sign"
CLERK = 41
TO_THE_DOOR = (Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, Act.TAKE_OUT, Act.DELIVER)


@pytest.fixture
def now(clock: StoppedClock) -> datetime:
    return clock.now()


async def one(code: str, what: Act, now: datetime, key: str = "press-0001", **more: str) -> ParcelState:
    proof = {"delivery_code": delivery_code(code, SECRET), "secret": SECRET} if what is Act.DELIVER else {}
    return (await act(code, what, person_id=CLERK, event_key=key, now=now, **{**proof, **more})).state


# --- quote ---


async def test_a_quote_follows_the_rate_sheet_by_commune_and_province(now: datetime) -> None:
    await load_units()
    assert await quote("05503", "05503", 500, now=now) == Quote(8_000, 0, 1)
    assert await quote("05503", "05443", 2_500) == Quote(22_500, 1, 2)
    hanoi = (await sql("SELECT code FROM admin_unit WHERE version='2025-07' AND parent_code='01' LIMIT 1"))[0]
    assert await quote("05503", str(hanoi["code"]), 500, now=now) == Quote(22_000, 2, 5)
    with pytest.raises(NotFound):
        await quote("05503", "99999", 500, now=now)
    with pytest.raises(Refusal) as too_heavy:
        await quote("05503", "05503", 30_001, now=now)
    assert too_heavy.value.field == "weight_g"
    assert "30 kg" in str(too_heavy.value.sentence)


# --- book ---


async def test_a_booked_parcel_waits_for_collection_under_its_own_code(now: datetime) -> None:
    view = await booked_parcel("order:17", now=now)
    assert is_parcel_code(view.code)
    assert (view.state, view.reference, view.order_code) == (
        ParcelState.AWAITING_PICKUP,
        "order:17",
        "AB12CD34",
    )
    assert (view.sender, view.recipient) == (sender(), recipient())
    assert (view.tracking_code, view.cod_dong, view.booked_at) == (view.code, 0, now)
    assert await parcel_for("order:17") == await parcel(view.code.lower())


async def test_booking_again_under_the_same_key_changes_nothing(now: datetime) -> None:
    first = await booked_parcel("order:17", now=now)
    again = await booked_parcel("order:17", now=now + timedelta(hours=1), contents="Khác")
    assert (again.code, again.contents, again.booked_at) == (first.code, first.contents, now)
    assert await Parcel.all().count() == 1
    assert await ParcelEvent.all().count() == 1


async def test_a_booking_cut_off_after_the_row_is_finished_by_the_next_call(now: datetime) -> None:
    first = await booked_parcel("order:17", now=now)
    await Parcel.filter(id=first.id).update(
        tracking_code="", state=ParcelState.CREATED, booking=BookingState.WAITING
    )
    await sql("ALTER TABLE parcel_event DISABLE TRIGGER parcel_event_append_only")
    await ParcelEvent.filter(parcel_id=first.id).delete()
    await sql("ALTER TABLE parcel_event ENABLE TRIGGER parcel_event_append_only")
    again = await booked_parcel("order:17", now=now)
    assert (again.code, again.state) == (first.code, ParcelState.AWAITING_PICKUP)


async def test_different_keys_make_different_parcels(now: datetime) -> None:
    codes = {(await booked_parcel(f"order:{number}", now=now)).code for number in range(5)}
    assert len(codes) == 5


async def test_a_parcel_too_heavy_for_our_staff_is_rejected_and_the_answer_stays_the_same(
    now: datetime,
) -> None:
    for _ in range(2):
        with pytest.raises(CarrierRejected):
            await book(parcel_request(weight_g=30_001), key="order:9", now=now, secret=SECRET)
    assert (await pickups()).parcels[0].tracking_code == ""


async def test_there_is_no_parcel_for_a_reference_never_booked() -> None:
    assert await parcel_for("order:404") is None


@pytest.mark.parametrize("code", ["", "C4", "C40000000000X", "C4' OR 1=1 --", "Ô" * 500])
async def test_a_code_nobody_gave_out_is_not_found(code: str) -> None:
    with pytest.raises(NotFound):
        await parcel(code)


# --- act ---


async def test_a_parcel_goes_to_the_door_step_by_step(now: datetime) -> None:
    view = await booked_parcel(now=now)
    states = [await one(view.code, what, now, f"press-{what}") for what in TO_THE_DOOR]
    assert states == [
        ParcelState.PICKED_UP,
        ParcelState.IN_TRANSIT,
        ParcelState.AT_DELIVERY_OFFICE,
        ParcelState.OUT_FOR_DELIVERY,
        ParcelState.DELIVERED,
    ]
    assert (await parcel(view.code)).is_final


async def test_each_act_leaves_a_job_an_audit_record_and_one_event(now: datetime) -> None:
    view = await booked_parcel(now=now)
    await one(view.code, Act.ACCEPT, now)
    jobs = await Job.filter(name="follow_parcel")
    assert [job.subject_id for job in jobs] == [view.id]
    entry = await AuditEntry.get(person_id=CLERK)
    assert (entry.action, entry.subject_kind, entry.subject_id) == ("parcel_moved", "parcel", view.code)
    assert entry.details == {"act": "accept", "state": "picked_up"}
    event = await ParcelEvent.get(parcel_id=view.id, act="accept")
    assert (event.person_id, event.place, event.happened_at) == (CLERK, "Xã Tân Cương", now)


async def test_the_same_event_twice_is_one_act(now: datetime) -> None:
    view = await booked_parcel(now=now)
    assert await one(view.code, Act.ACCEPT, now) is ParcelState.PICKED_UP
    assert await one(view.code, Act.ACCEPT, now) is ParcelState.PICKED_UP
    assert await ParcelEvent.filter(parcel_id=view.id).count() == 2
    assert await Job.filter(name="follow_parcel").count() == 1


async def test_a_late_repeat_of_an_old_event_returns_the_parcel_as_it_is_now(now: datetime) -> None:
    view = await booked_parcel(now=now)
    await one(view.code, Act.ACCEPT, now, "press-0001")
    await one(view.code, Act.HAND_OVER, now, "press-0002")
    assert await one(view.code, Act.ACCEPT, now, "press-0001") is ParcelState.IN_TRANSIT


async def test_an_event_key_used_for_another_act_is_refused(now: datetime) -> None:
    view = await booked_parcel(now=now)
    await one(view.code, Act.ACCEPT, now, "press-0001")
    with pytest.raises(Conflict):
        await one(view.code, Act.HAND_OVER, now, "press-0001")


async def test_an_event_key_counts_for_its_own_parcel_alone(now: datetime) -> None:
    first, second = await booked_parcel("order:1", now=now), await booked_parcel("order:2", now=now)
    await one(first.code, Act.ACCEPT, now, "press-0001")
    assert await one(second.code, Act.ACCEPT, now, "press-0001") is ParcelState.PICKED_UP


@pytest.mark.parametrize("what", [Act.DELIVER, Act.HAND_OVER, Act.TAKE_OUT, Act.SEND_BACK, Act.GIVE_BACK])
async def test_an_act_out_of_order_is_refused_with_its_sentence_and_changes_nothing(
    what: Act, now: datetime
) -> None:
    view = await booked_parcel(now=now)
    with pytest.raises(Conflict) as no:
        await one(view.code, what, now)
    assert "Chờ lấy" in str(no.value.sentence)
    assert await parcel(view.code) == view
    assert await ParcelEvent.filter(parcel_id=view.id).count() == 1
    assert not await Job.filter(name="follow_parcel").exists()


async def test_doing_again_what_is_done_says_so(now: datetime) -> None:
    view = await booked_parcel(now=now)
    await one(view.code, Act.ACCEPT, now, "press-0001")
    with pytest.raises(AlreadyDone) as no:
        await one(view.code, Act.ACCEPT, now, "press-0002")
    assert "Nhận hàng" in str(no.value.sentence)


@pytest.mark.parametrize("end", [Act.DELIVER, Act.LOSE, Act.DAMAGE])
async def test_nothing_moves_a_parcel_that_has_ended(end: Act, now: datetime) -> None:
    view = await booked_parcel(now=now)
    await carried(view.code, Act.ACCEPT, Act.TAKE_OUT, person_id=CLERK, now=now)
    ended = await one(view.code, end, now, "press-end", note="Ướt mưa")
    for what in Act:
        with pytest.raises(Conflict):
            await one(view.code, what, now, f"press-{what}", reason="other", note="Thử")
    assert (await parcel(view.code)).state is ended


@pytest.mark.parametrize(
    ("reason", "note", "field"),
    [
        ("", "", "reason"),
        ("sender_absent", "", "reason"),
        ("nonsense", "", "reason"),
        ("other", "  ", "note"),
    ],
)
async def test_a_failed_delivery_needs_its_reason(reason: str, note: str, field: str, now: datetime) -> None:
    view = await booked_parcel(now=now)
    await carried(view.code, Act.ACCEPT, Act.TAKE_OUT, person_id=CLERK, now=now)
    with pytest.raises(Refusal) as no:
        await one(view.code, Act.FAIL, now, reason=reason, note=note)
    assert no.value.field == field
    assert (await parcel(view.code)).attempts == 0


async def test_failed_deliveries_are_counted_and_may_be_tried_again(now: datetime) -> None:
    view = await booked_parcel(now=now)
    await carried(
        view.code, Act.ACCEPT, Act.TAKE_OUT, Act.FAIL, Act.TAKE_OUT, Act.FAIL, person_id=CLERK, now=now
    )
    tried = await parcel(view.code)
    assert (tried.attempts, tried.state) == (2, ParcelState.FAILED_ATTEMPT)
    assert await one(view.code, Act.SEND_BACK, now) is ParcelState.RETURNING
    assert await one(view.code, Act.GIVE_BACK, now, "press-0002") is ParcelState.RETURNED


async def test_a_failed_collection_stays_on_the_list_and_is_marked(now: datetime) -> None:
    view = await booked_parcel(now=now)
    assert await one(view.code, Act.FAIL_PICKUP, now, reason="sender_absent") is ParcelState.AWAITING_PICKUP
    waiting = (await pickups()).parcels
    assert [Flag.PICKUP_FAILED in row.flags for row in waiting] == [True]
    await one(view.code, Act.ACCEPT, now, "press-0002")
    assert (await parcel(view.code)).flags == frozenset()


async def test_acts_keep_their_order_when_a_clock_runs_behind(now: datetime) -> None:
    view = await booked_parcel(now=now)
    await one(view.code, Act.ACCEPT, now + timedelta(seconds=9), "press-0001")
    assert await one(view.code, Act.HAND_OVER, now, "press-0002") is ParcelState.IN_TRANSIT
    assert [step.state for step in await timeline(view.id, for_staff=True)][-1] is ParcelState.IN_TRANSIT


async def test_a_parcel_passing_through_a_post_office_names_it(now: datetime) -> None:
    await PostalPoint.create(
        name="Bưu cục Phan Đình Phùng", commune_code="05443", commune="Phường Phan Đình Phùng"
    )
    view = await booked_parcel(now=now)
    await carried(view.code, Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, person_id=CLERK, now=now)
    places = [step.place for step in await timeline(view.id, for_staff=True)]
    assert places == ["Xã Tân Cương", "Xã Tân Cương", "Xã Tân Cương", "Bưu cục Phan Đình Phùng"]


# --- timeline, reading ---


async def test_the_public_timeline_tells_neither_names_nor_notes(now: datetime) -> None:
    view = await booked_parcel(now=now)
    await carried(view.code, Act.ACCEPT, Act.TAKE_OUT, person_id=CLERK, now=now)
    await one(view.code, Act.FAIL, now, reason="other", note="Chị Hoa 0987654321 hẹn mai")
    steps = await timeline(view.id)
    told = " ".join(f"{step.words} {step.because} {step.place} {step.note} {step.person}" for step in steps)
    assert "Hoa" not in told
    assert "0987" not in told
    assert "Lý do khác" in told
    assert "Chưa giao được" in told


async def test_the_public_timeline_leaves_out_a_step_that_says_the_same(now: datetime) -> None:
    view = await booked_parcel(now=now)
    await carried(view.code, Act.ACCEPT, Act.HAND_OVER, person_id=CLERK, now=now)
    assert [str(step.words) for step in await timeline(view.id)] == ["Chờ bưu tá đến lấy", "Đang trên đường"]
    assert len(await timeline(view.id, for_staff=True)) == 3


async def test_staff_see_who_did_it_and_what_was_noted(now: datetime) -> None:
    clerk = await person_of("0912000111")
    view = await booked_parcel(now=now)
    await act(
        view.code, Act.CANCEL, person_id=clerk.id, event_key="press-0001", now=now, note="Người bán xin hủy"
    )
    last = (await timeline(view.id, for_staff=True))[-1]
    assert (str(last.words), last.note, bool(last.person)) == ("Hủy gửi", "Người bán xin hủy", True)
    assert translated(last.words, "en") != "Hủy gửi"


async def test_opening_a_parcel_is_recorded(now: datetime) -> None:
    view = await booked_parcel(now=now)
    assert await parcel_opened(view.code, person_id=CLERK) == await parcel(view.code)
    entry = await AuditEntry.get(person_id=CLERK)
    assert (entry.action, entry.subject_id) == ("parcel_read", view.code)


# --- scanned ---


async def test_a_scan_is_read_from_a_code_a_spelling_or_the_labels_address(now: datetime) -> None:
    code = (await booked_parcel(now=now)).code
    for text in (code, code.lower(), f" {code[:4]}-{code[4:8]} {code[8:]}\n", f"http://test/parcels/{code}"):
        assert scanned_code(text) == code


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Quét hoặc gõ mã trên nhãn."),
        ("  \t", "Quét hoặc gõ mã trên nhãn."),
        ("C4ABC", "Mã bưu gửi có 13 ký tự. Bạn vừa nhập 5."),
        ("RR473124829GB", "«RR473124829GB» không phải mã bưu gửi của chợ. Mã bắt đầu bằng C4, có 13 ký tự."),
        ("http://evil.example/x", "không phải mã bưu gửi"),
    ],
)
def test_a_scan_that_is_no_code_of_ours_says_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as no:
        scanned_code(text)
    assert no.value.field == "code"
    assert sentence in str(no.value.sentence)


async def test_a_mistyped_character_is_noticed(now: datetime) -> None:
    code = (await booked_parcel(now=now)).code
    wrong = code[:5] + ("7" if code[5] != "7" else "8") + code[6:]
    with pytest.raises(Refusal) as no:
        scanned_code(wrong)
    assert "gõ nhầm" in str(no.value.sentence)
