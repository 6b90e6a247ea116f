"""Carriers behind one protocol, each against its twin: codes, signatures, lost answers, repeats and disorder."""

import json
from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from kit.errors import Refusal
from kit.gates import BadSignature, Malformed, RawRequest
from kit.models import Job
from kit.parts import Parts
from postal.carrier import CancelAnswer, Capability, CarrierUnavailable, LabelSize, OffersNothing
from postal.gates.ghn import Ghn
from postal.gates.ghtk import Ghtk
from postal.gates.statuses import statuses_of
from postal.gates.viettel_post import ViettelPost
from postal.gates.vnpost import Vnpost
from postal.models import (
    CarrierAlert,
    CarrierArea,
    CarrierNotice,
    Parcel,
    ParcelEvent,
    SenderBox,
    SenderCarrier,
    TwinParcel,
    TwinPush,
)
from postal.services import offers
from postal.services.areas import confirm_area, open_areas
from postal.services.booking import adopt, find, leave_lost
from postal.services.looking import SEND_BACK, cancel_at_carrier, carriers_label, leave_looks, poll, wish_for
from postal.services.notices import record_webhook
from postal.states import FINAL, BookingState, ParcelState
from postal.twins.areas import places
from postal.twins.parcels import Step, push, steps_of
from postal.twins.vnpost import webhook_body
from tests.conftest import Browser
from tests.gates.carriers import CODES, Post, post_office

S, B = ParcelState, BookingState


@pytest.fixture
async def post(db: None, parts: Parts, clock: StoppedClock) -> Post:
    """The post with its four carriers."""
    return await post_office(parts, clock)


# --- codes ---


@pytest.mark.parametrize("carrier", CODES)
async def test_every_code_of_a_carrier_moves_a_parcel_where_the_table_says(post: Post, carrier: str) -> None:
    """Through its own webhook; ends of unsigned news are asked for first, and then stand."""
    parcels = {code: await post.books(carrier) for code in statuses_of(carrier)}
    for code, parcel in parcels.items():
        await post.pushes(parcel, code)
    for code, parcel in parcels.items():
        meant, row = statuses_of(carrier)[code], await post.now(parcel)
        before = S.AWAITING_PICKUP if carrier == "ghn" else S.CREATED
        assert row.state is (meant.state or before), (code, row.state)
        if meant.state not in FINAL:
            assert set(map(str, meant.flags)) <= set(row.flags), (code, row.flags)
        assert await ParcelEvent.exists(parcel_id=row.id, code=code)
    assert not await CarrierAlert.exists(kind="unknown_code")


@pytest.mark.parametrize("carrier", CODES)
async def test_a_code_nobody_knows_alerts_and_changes_nothing(post: Post, carrier: str) -> None:
    parcel = await post.books(carrier)
    before = await post.now(parcel)
    for _ in range(2):
        await post.pushes(parcel, "9999")
    after, told = await post.now(parcel), await CarrierAlert.get(kind="unknown_code")
    assert (after.state, told.carrier, told.subject, told.times) == (before.state, carrier, "9999", 2)
    assert await ParcelEvent.filter(parcel_id=parcel.id, code="9999", state=None).count() == 2


@pytest.mark.parametrize("carrier", CODES)
async def test_an_unknown_waybill_is_kept_and_put_before_a_person(post: Post, carrier: str) -> None:
    parcel = await post.books(carrier)
    code = next(
        code for code, one in statuses_of(carrier).items() if one.state is S.IN_TRANSIT or code == "4"
    )
    await Parcel.filter(id=parcel.id).update(tracking_code="ANOTHER", code="C4OTHER")
    row = await TwinParcel.get(carrier=carrier)
    await post.pushes(type(parcel)(**{**vars(parcel), "code": row.reference}), code)
    told = await CarrierAlert.get(kind="unknown_parcel")
    assert told.subject == row.number and await CarrierNotice.filter(handled_at__not_isnull=True).exists()


async def test_on_the_way_back_every_outward_word_means_returning(post: Post) -> None:
    parcel = await post.books("viettel_post")
    for code in ("105", "500", "505"):
        await post.pushes(parcel, code)
    for code in ("400", "500"):
        await post.pushes(parcel, code, returning=True)
        assert (await post.now(parcel)).state is S.RETURNING
    await post.pushes(parcel, "504")
    row = await post.now(parcel)
    assert row.state is S.RETURNED and "return_leg" in row.flags


# --- who told it ---


@pytest.mark.parametrize("carrier", CODES)
async def test_a_forged_webhook_is_refused_and_leaves_nothing(post: Post, carrier: str) -> None:
    parcel = await post.books(carrier)
    await post.pushes(parcel, next(iter(statuses_of(carrier))), manner="forged")
    assert (await TwinPush.get()).last_answer.startswith("401")
    assert not await CarrierNotice.exists(source="hook") and (await post.now(parcel)).heard_at is None


@pytest.mark.parametrize("carrier", CODES)
@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{}", b"[]", b'{"data":[]}', b"null", b"x" * 70_000])
async def test_garbage_never_gets_in(post: Post, client: Browser, carrier: str, body: bytes) -> None:
    answer = await client.post(f"/post/hooks/{carrier}", content=body)
    assert answer.status_code in (401, 413) and not await CarrierNotice.exists(source="hook")


@pytest.mark.parametrize(
    "body",
    [b"{", b"{}", b'{"DATA":{"ORDER_NUMBER":"V1","ORDER_STATUS":501,"ORDER_STATUSDATE":"x"}}'],
)
async def test_what_the_right_sender_garbles_is_kept_for_a_person(
    post: Post, client: Browser, body: bytes
) -> None:
    headers = {"Authorization": "bi-mat-thu-viettel"}
    answer = await client.post("/post/hooks/viettel_post", content=body, headers=headers)
    assert answer.status_code == 200
    await post.works()
    assert await CarrierAlert.filter(kind="unreadable").count() >= 1
    assert await CarrierNotice.filter(handled_at__not_isnull=True, source="hook").count() == 1


@pytest.mark.parametrize("carrier", ["staff", "file", "ems", "../x"])
async def test_nobody_else_may_tell(post: Post, client: Browser, carrier: str) -> None:
    assert (await client.post(f"/post/hooks/{carrier}", content=b"{}")).status_code == 404


async def test_the_end_of_unsigned_news_is_asked_for(post: Post) -> None:
    """Who knows the secret address says delivered; the carrier itself knows nothing of it."""
    parcel = await post.books("ghn")
    gate = post.carriers.by_code["ghn"]
    row = await TwinParcel.get(carrier="ghn")
    told = {
        "Type": "switch_status",
        "OrderCode": row.number,
        "Status": "delivered",
        "Time": f"{post.clock.now() + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}",
    }
    raw = RawRequest("POST", "key=khoa-dia-chi-thu-ghn", {}, json.dumps(told).encode(), post.clock.now())
    gate.verify_webhook(raw)
    await record_webhook("ghn", raw)
    await post.works()
    now = await post.now(parcel)
    assert now.state is S.AWAITING_PICKUP and "unconfirmed" in now.flags
    await post.pushes(parcel, "delivered")
    assert (await post.now(parcel)).state is S.DELIVERED


async def test_vnpost_signs_the_first_parcel_of_a_webhook_only(post: Post, client: Browser) -> None:
    """An end that somebody wrote into the second place does not count; the first does."""
    first, second = await post.books("vnpost"), await post.books("vnpost")
    rows = [await TwinParcel.get(reference=one.code) for one in (first, second)]
    at = post.clock.now() + timedelta(minutes=5)
    raw = webhook_body([(one, Step("14", at)) for one in rows], at, is_forged=False)
    gate = post.carriers.by_code["vnpost"]
    gate.verify_webhook(RawRequest("POST", "", {}, raw, at))
    for altered in (raw.replace(b'"status": 14', b'"status": 19', 1), raw.replace(b"MYVNP", b""), raw[:-60]):
        if altered != raw:
            with pytest.raises(BadSignature):
                gate.verify_webhook(RawRequest("POST", "", {}, altered, at))
    assert (await client.post("/post/hooks/vnpost", content=raw)).status_code == 200
    await post.works()
    assert (await post.now(first)).state is S.DELIVERED
    assert (await post.now(second)).state is S.CREATED


# --- repeats, disorder ---


@pytest.mark.parametrize("carrier", CODES)
async def test_twice_late_lost_and_out_of_order_is_the_same_in_the_end(post: Post, carrier: str) -> None:
    steps = {
        "viettel_post": ("105", "300", "500", "501"),
        "vnpost": ("6", "10", "12", "14"),
        "ghn": ("picked", "transporting", "delivering", "delivered"),
        "ghtk": ("3", "4", "45", "5"),
    }[carrier]
    straight, crooked = await post.books(carrier), await post.books(carrier)
    for code, manner in zip(steps, ("twice", "lost", "misordered", "misordered"), strict=True):
        await post.pushes(straight, code)
        await post.pushes(crooked, code, manner=manner)
    post.clock.forward(minutes=5)
    await post.works()
    assert (await post.now(straight)).state is (await post.now(crooked)).state is S.DELIVERED
    keys = await ParcelEvent.filter(parcel_id=crooked.id).values_list("event_key", flat=True)
    assert len(keys) == len(set(keys))


async def test_polling_finds_what_was_never_told(post: Post) -> None:
    """VNPost by its list of changes, GHN and GHTK by asking for parcels that are silent."""
    ways = {"vnpost": "10", "ghn": "transporting", "ghtk": "4"}
    parcels = {carrier: await post.books(carrier) for carrier in ways}
    for carrier, parcel in parcels.items():
        await post.pushes(parcel, ways[carrier], manner="lost")
    await poll(post.carriers, now=post.clock.now())
    assert (await post.now(parcels["vnpost"])).state is S.IN_TRANSIT
    post.clock.forward(hours=13)
    await leave_looks(post.carriers, now=post.clock.now())
    await post.works()
    assert (await post.now(parcels["ghn"])).state is S.IN_TRANSIT
    assert (await post.now(parcels["ghtk"])).state is S.OUT_FOR_DELIVERY


# --- booking ---


@pytest.mark.parametrize("carrier", CODES)
async def test_a_booking_has_a_waybill_and_is_made_once(post: Post, carrier: str) -> None:
    first = await post.books(carrier, key="order:1")
    again = await post.books(carrier, key="order:1")
    assert first.tracking_code and again.tracking_code == first.tracking_code
    assert (again.booking, await post.made(first)) == (B.BOOKED, 1)


@pytest.mark.parametrize("carrier", CODES)
@pytest.mark.parametrize("ending", [504, 205])
async def test_made_but_never_answered_is_found_or_waited_for(post: Post, carrier: str, ending: int) -> None:
    """Never a second parcel: Viettel Post's own news brings the waybill, the others are asked."""
    parcel = await post.books(carrier, weight_g=1000 + ending)
    assert (parcel.booking, parcel.tracking_code, await post.made(parcel)) == (B.UNKNOWN, "", 1)
    again = await post.books(carrier, key=parcel.reference, weight_g=1000 + ending)
    if carrier == "viettel_post":
        assert again.booking is B.UNKNOWN
        await post.pushes(parcel, "103")
    row = await post.now(parcel)
    twin = await TwinParcel.get(reference=parcel.code)
    assert (row.booking, row.tracking_code, await post.made(parcel)) == (B.BOOKED, twin.number, 1)
    assert row.state in (S.CREATED, S.AWAITING_PICKUP)


@pytest.mark.parametrize("carrier", CODES)
async def test_a_carrier_that_is_away_is_asked_again_later(post: Post, carrier: str) -> None:
    with pytest.raises(CarrierUnavailable):
        await post.books(carrier, key="order:9", weight_g=1503)
    row = await Parcel.get(reference="order:9")
    assert row.booking is B.WAITING and not await TwinParcel.exists()
    await Parcel.filter(id=row.id).update(weight_g=1500)
    assert (await post.books(carrier, key="order:9")).booking is B.BOOKED


@pytest.mark.parametrize("carrier", CODES)
async def test_a_worker_that_died_while_asking_leaves_no_second_parcel(post: Post, carrier: str) -> None:
    """Its claim is seen, waited out, and the booking is looked for."""
    parcel = await post.books(carrier)
    await Parcel.filter(id=parcel.id).update(booking=B.ASKED, tracking_code="", asked_at=post.clock.now())
    with pytest.raises(CarrierUnavailable):
        await post.books(carrier, key=parcel.reference)
    post.clock.forward(minutes=2)
    await leave_lost(now=post.clock.now())
    row = await post.now(parcel)
    assert row.booking is B.UNKNOWN
    await post.books(carrier, key=parcel.reference)
    row = await post.now(parcel)
    if carrier == "viettel_post":
        assert row.booking is B.UNKNOWN
        await adopt(parcel.id, (await TwinParcel.get()).number, now=post.clock.now())
        row = await post.now(parcel)
    assert (row.booking, await post.made(parcel)) == (B.BOOKED, 1)


@pytest.mark.parametrize(("carrier", "code"), [("ghn", "picked"), ("ghtk", "3")])
async def test_a_booking_found_when_it_is_on_its_way_takes_its_order_along(
    post: Post, carrier: str, code: str
) -> None:
    """The carrier's answer and its news were lost; what the look finds is news for whoever waits for the parcel."""
    parcel = await post.books(carrier, weight_g=1504)
    assert parcel.booking is B.UNKNOWN
    await Job.all().delete()
    await push((await TwinParcel.get()).id, code, now=post.clock.now(), manner="lost")
    await find(parcel.id, post.carriers, now=post.clock.now())
    assert (await post.now(parcel)).state is S.PICKED_UP
    assert await Job.filter(name="follow_parcel", subject_id=parcel.id).count() == 1


async def test_vnpost_is_booked_again_only_after_two_looks_found_nothing(post: Post) -> None:
    parcel = await post.books("vnpost")
    await TwinParcel.all().delete()
    lost = {"booking": B.UNKNOWN, "tracking_code": ""}
    await Parcel.filter(id=parcel.id).update(**lost)
    await post.books("vnpost", key=parcel.reference)
    assert await post.made(parcel) == 0 and (await post.now(parcel)).booking is B.UNKNOWN
    await post.books("vnpost", key=parcel.reference)
    assert await post.made(parcel) == 1 and (await post.now(parcel)).booking is B.BOOKED


async def test_a_booking_nobody_can_find_comes_before_a_person(post: Post) -> None:
    parcel = await post.books("viettel_post", weight_g=1504)
    for _ in range(3):
        await post.books("viettel_post", key=parcel.reference)
    told = await CarrierAlert.get(kind="submission_unknown")
    assert told.subject == parcel.code
    await post.pushes(parcel, "103")
    assert (await post.now(parcel)).booking is B.BOOKED


async def test_a_no_is_kept_with_the_parcel_and_told(post: Post) -> None:
    parcel = await post.books("ghn", weight_g=60_000)
    told = await CarrierAlert.get(kind="rejected")
    assert (parcel.booking, told.parcel_id) == (
        B.REJECTED,
        parcel.id,
    ) and "too_heavy" in parcel.refused_because


async def test_an_unmapped_commune_is_a_no_of_ours(post: Post) -> None:
    await CarrierArea.filter(unit_code="05740").update(unit_code=None)
    parcel = await post.books("vnpost")
    assert parcel.booking is B.REJECTED and "no_area" in parcel.refused_because


async def test_texts_longer_than_150_bytes_are_cut_between_letters(post: Post) -> None:
    """Seventy-five Vietnamese letters are 150 bytes and more."""
    long = "Nguyễn Thị Hoàng Phương Quỳnh Ngọc Ánh Tuyết " * 4
    parcel = await post.books("viettel_post", contents=long)
    asked = (await TwinParcel.get()).asked
    assert parcel.booking is B.BOOKED and len(str(asked["PRODUCT_NAME"]).encode()) <= 150
    assert long.startswith(str(asked["PRODUCT_NAME"]))


@pytest.mark.parametrize("carrier", ["viettel_post", "vnpost"])
async def test_a_token_that_ran_out_is_renewed_once(post: Post, carrier: str) -> None:
    post.carriers.by_code[carrier]._token = "yesterday"  # type: ignore[attr-defined]
    assert (await post.books(carrier)).booking is B.BOOKED


# --- acts ---


@pytest.mark.parametrize(
    ("carrier", "answer"),
    [
        ("viettel_post", CancelAnswer.DONE),
        ("vnpost", CancelAnswer.REQUESTED),
        ("ghn", CancelAnswer.DONE),
        ("ghtk", CancelAnswer.DONE),
    ],
)
async def test_a_parcel_is_stopped_before_it_is_collected_and_not_after(
    post: Post, carrier: str, answer: CancelAnswer
) -> None:
    early, late = await post.books(carrier), await post.books(carrier)
    gone = {"viettel_post": "300", "vnpost": "10", "ghn": "transporting", "ghtk": "4"}[carrier]
    await post.pushes(late, gone)
    said = [
        await cancel_at_carrier(one.code, post.carriers, reason="thử", person_id=1) for one in (early, late)
    ]
    assert said == [answer, CancelAnswer.REFUSED]
    await post.works()
    row = await post.now(early)
    assert row.state is (S.CREATED if carrier == "vnpost" else S.CANCELLED)


@pytest.mark.parametrize(("carrier", "failed"), [("viettel_post", "505"), ("ghn", "waiting_to_return")])
async def test_the_seller_decides_what_becomes_of_it(post: Post, carrier: str, failed: str) -> None:
    parcel = await post.books(carrier)
    await post.pushes(parcel, failed)
    assert await CarrierAlert.exists(kind="decision_needed", closed_at=None)
    await wish_for(parcel.code, SEND_BACK, vendor_id=1, person_id=1, now=post.clock.now())
    with pytest.raises(Refusal):
        await wish_for(parcel.code, SEND_BACK, vendor_id=1, person_id=1, now=post.clock.now())
    await post.works()
    row = await post.now(parcel)
    assert row.state is S.RETURNING and not row.wish
    assert not await CarrierAlert.exists(kind="decision_needed", closed_at=None)


@pytest.mark.parametrize("carrier", ["viettel_post", "vnpost", "ghn"])
async def test_carriers_labels_open(post: Post, client: Browser, carrier: str) -> None:
    parcel = await post.books(carrier)
    label = await carriers_label(parcel.code, LabelSize.A6, post.carriers, person_id=1)
    assert label is not None
    if label.url:
        page = await client.get(label.url)
        assert parcel.tracking_code in page.text
    else:
        assert label.content.startswith(b"%PDF")


async def test_ghtk_has_no_label_that_its_documents_name(post: Post) -> None:
    parcel = await post.books("ghtk")
    assert await carriers_label(parcel.code, LabelSize.A6, post.carriers, person_id=1) is None


# --- quotes and areas ---


@pytest.mark.parametrize("carrier", CODES)
async def test_volume_counts_where_it_weighs_more(post: Post, carrier: str) -> None:
    await SenderCarrier.create(vendor_id=1, carrier=carrier, is_default=True)
    asked = (1, "05503", "05740", 500, 200_000)
    light = await offers(*asked, now=post.clock.now(), carriers=post.carriers)
    await SenderBox.create(vendor_id=1, length_cm=40, width_cm=30, height_cm=30, weight_max_g=9_000)
    large = await offers(*asked, now=post.clock.now(), carriers=post.carriers)
    assert light and large and light[0].is_default and light[0].quote.days_max >= 1
    if carrier == "ghtk":  # it does not ask for a size
        assert large[0].quote.price_dong == light[0].quote.price_dong
    else:
        assert large[0].quote.price_dong > light[0].quote.price_dong


async def test_communes_are_matched_by_name_and_the_rest_is_a_persons(post: Post) -> None:
    known = {one.code for one in await places()}
    for carrier in ("viettel_post", "vnpost"):
        rows = await CarrierArea.filter(carrier=carrier)
        assert {one.unit_code for one in rows if one.unit_code} == known
    row = await CarrierArea.filter(carrier="vnpost", unit_code="05740").get()
    await CarrierArea.filter(id=row.id).update(unit_code=None)
    assert [one.name for one in (await open_areas()).areas] == [row.carrier_name]
    await confirm_area(row.id, "05740", person_id=7, now=post.clock.now())
    assert not (await open_areas()).areas


def test_what_a_gate_says_it_can_it_does() -> None:
    """A capability is a promise: the gate's own method stands behind it."""
    methods = {
        Capability.QUOTE: "quote",
        Capability.FIND_BY_REFERENCE: "find_by_reference",
        Capability.CANCEL: "cancel",
        Capability.REDELIVER: "redeliver",
        Capability.SEND_BACK: "send_back",
        Capability.LABELS: "labels",
        Capability.TRACK: "track",
        Capability.LIST_CHANGED: "list_changed",
        Capability.AREAS: "areas",
        Capability.WEBHOOK: "verify_webhook",
    }
    for gate in (ViettelPost, Vnpost, Ghn, Ghtk):
        said = gate.capabilities(None)  # type: ignore[arg-type]
        for capability, method in methods.items():
            own = getattr(gate, method) is not getattr(OffersNothing, method)
            assert own == (capability in said), (gate, capability)


async def test_steps_of_a_twin_are_told_in_its_own_time(post: Post) -> None:
    """Two steps within one second would be one fact."""
    parcel = await post.books("ghn")
    await post.pushes(parcel, "picked")
    row = await TwinParcel.get()
    times = [one.at for one in steps_of(row)]
    assert times == sorted(set(times))
    with pytest.raises(Malformed):
        post.carriers.by_code["ghn"].parse_webhook(RawRequest("POST", "", {}, b'{"Type":"x"}', times[0]))


async def test_the_pretend_carriers_page_pushes_a_parcel_along(post: Post, client: Browser) -> None:
    parcel = await post.books("ghtk")
    row = await TwinParcel.get()
    page = await client.get("/twins/carriers")
    assert row.number in page.text and parcel.code in page.text
    sent = await client.submit(f"/twins/carriers/{row.id}", {"code": "3", "manner": "twice"})
    assert sent.status_code == 303
    await post.works()
    assert (await post.now(parcel)).state is S.PICKED_UP
    assert "2 × → 200" in (await client.get("/twins/carriers")).text
    wrong = await client.submit(f"/twins/carriers/{row.id}", {"code": "", "manner": "loud"})
    assert wrong.status_code == 422 and "Chọn bước tiếp theo" in wrong.text
    assert (await client.submit("/twins/carriers/999999", {"code": "3"})).status_code == 404
