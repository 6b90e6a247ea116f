"""What each carrier does otherwise than one would think: its twin does it too, and its gate lives with it."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from kit.clock import StoppedClock
from kit.gates import RawRequest
from kit.outbox import TryAgain
from kit.parts import Parts
from kit.roles import Role
from kit.settings import Settings
from kit.twins import TwinsAreOff
from market.app import all_routes
from postal.carrier import Area, Capability, CarrierAmbiguous, CarrierRejected, WebhookVerdict
from postal.gates.asking import cut_bytes, days_in, local_stamp, moment_of
from postal.gates.register import open_carriers
from postal.gates.statuses import statuses_of
from postal.gates.viettel_post import BYTES_MAX
from postal.models import CarrierAlert, CarrierArea, CarrierNotice, Parcel, TwinParcel, TwinPush
from postal.services.areas import STALE_AFTER, keep_areas, leave_sync, placed_for, spell_area
from postal.services.looking import poll
from postal.states import BookingState, ParcelState
from postal.tasks import send_twin_push
from postal.twins.areas import MISSPELT
from postal.twins.parcels import send_push
from tests.conftest import Browser
from tests.factories import parcel_request, units
from tests.gates.carriers import CODES, RECIPIENT, SENDER, Post, post_office

S, B = ParcelState, BookingState


@pytest.fixture
async def post(db: None, parts: Parts, clock: StoppedClock) -> Post:
    """The post with its four carriers."""
    return await post_office(parts, clock)


async def request_at(post: Post, carrier: str, **changes: Any) -> Any:
    """What a gate is asked, with both places in that carrier's own numbers."""
    sender, recipient = await placed_for(carrier, SENDER, RECIPIENT)
    return parcel_request(**{"sender": sender, "recipient": recipient, "carrier": carrier, **changes})


# --- Viettel Post: errors on HTTP 200, 150 bytes, one reference once, no old places beside new ones ---


async def test_viettel_posts_no_comes_on_http_200(post: Post) -> None:
    gate = post.carriers.by_code["viettel_post"]
    asked = await request_at(post, "viettel_post", service="KHONG-CO")
    with pytest.raises(CarrierRejected) as no:
        await gate.create(asked, reference="C4NO")
    assert (no.value.code, no.value.words) == ("201", "Dịch vụ không áp dụng cho tuyến này")
    assert not await TwinParcel.exists()


async def test_viettel_post_never_makes_a_reference_twice(post: Post) -> None:
    """The second asking is no «no»: the first may be ours, so its news is waited for."""
    gate, asked = post.carriers.by_code["viettel_post"], await request_at(post, "viettel_post")
    await gate.create(asked, reference="C4ONE")
    with pytest.raises(CarrierAmbiguous):
        await gate.create(asked, reference="C4ONE")
    assert await TwinParcel.all().count() == 1


async def test_every_text_at_viettel_post_keeps_within_150_bytes(post: Post) -> None:
    long = "Ưỡn Ẹo Ngoằn Ngoèo " * 12
    who = replace(
        RECIPIENT, name=long[:120], line=long[:200], old_place="Xã La Hiên, Huyện Võ Nhai, Tỉnh Thái Nguyên"
    )
    parcel = await post.books("viettel_post", recipient=who, contents=long)
    asked = (await TwinParcel.get()).asked
    texts = {name: str(asked[name]) for name in ("RECEIVER_FULLNAME", "RECEIVER_ADDRESS", "PRODUCT_NAME")}
    assert parcel.booking is B.BOOKED and long.startswith(texts["PRODUCT_NAME"])
    assert all(BYTES_MAX - 4 < len(one.encode()) <= BYTES_MAX for one in texts.values()), texts
    assert cut_bytes("ễ" * 60, BYTES_MAX) == "ễ" * 50 and "\ufffd" not in "".join(texts.values())


@pytest.mark.parametrize(("district", "is_taken"), [(0, True), (100_001_019, True), (4711, False)])
async def test_viettel_post_takes_no_old_district_beside_a_new_commune(
    post: Post, client: Browser, district: int, is_taken: bool
) -> None:
    """Two-level places have 0 or their province's pseudo-district «NEW»."""
    await post.books("viettel_post")
    asked = dict((await TwinParcel.get()).asked) | {"RECEIVER_DISTRICT": district, "ORDER_NUMBER": "C4OTHER"}
    headers = {"token": "viettel-dai"}
    answer = await client.post("/twins/viettel_post/v2/order/createOrder", json=asked, headers=headers)
    assert answer.status_code == 200 and (answer.json()["error"] is False) is is_taken, answer.text
    assert is_taken or "hai cấp và ba cấp" in answer.json()["message"]


# --- VNPost: a constant district, a cancellation that is a request, no word of repeats ---


async def test_vnpost_wants_its_constant_for_a_district(post: Post, client: Browser) -> None:
    await post.books("vnpost")
    order = dict((await TwinParcel.get()).asked)
    assert (order["senderDistrictCode"], order["receiverDistrictCode"]) == ("VNPOST", "VNPOST")
    wrong = {"informationOrder": {**order, "receiverDistrictCode": "1910"}}
    answer = await client.post("/twins/vnpost/CreateOrder", json=wrong, headers={"token": "vnpost-thu"})
    assert answer.json()["success"] is False and answer.json()["field"] == "receiverDistrictCode"


async def test_vnpost_makes_a_second_parcel_of_a_repeated_reference(post: Post) -> None:
    """Which is why its gate must never be asked twice without a look."""
    gate, asked = post.carriers.by_code["vnpost"], await request_at(post, "vnpost")
    assert Capability.REPEATABLE_CREATE not in gate.capabilities()
    for _ in range(2):
        await gate.create(asked, reference="C4TWICE")
    assert await TwinParcel.filter(reference="C4TWICE").count() == 2


async def test_a_poll_goes_back_to_the_last_one_and_a_little_further(post: Post) -> None:
    """What changed while a poll was read is found by the next; what was found before is no news twice."""
    parcel = await post.books("vnpost")
    for code, state in (("6", S.PICKED_UP), ("10", S.IN_TRANSIT), ("12", S.OUT_FOR_DELIVERY)):
        await post.pushes(parcel, code, manner="lost")
        await poll(post.carriers, now=post.clock.now())
        await poll(post.carriers, now=post.clock.now())
        assert (await post.now(parcel)).state is state
        post.clock.forward(minutes=20)


# --- GHN: names to the letter, one reference one order ---


async def test_ghn_wants_names_to_the_letter(post: Post) -> None:
    """One it spells otherwise is refused until a person has written down how; the next booking goes through."""
    gate = post.carriers.by_code["ghn"]
    asked = await request_at(post, "ghn")
    other = replace(asked, recipient=replace(asked.recipient, commune=f"{RECIPIENT.commune}{MISSPELT}"))
    for call in (gate.quote(other), gate.create(other, reference="C4X")):
        with pytest.raises(CarrierRejected) as no:
            await call
        assert no.value.code == "INVALID_ADDRESS"
    mapped = Area("", RECIPIENT.commune, "", "Thái Nguyên")
    spelt = replace(other, recipient=replace(other.recipient, area=mapped))
    assert (await gate.create(spelt, reference="C4X")).tracking_code
    short = replace(asked, sender=replace(asked.sender, province="Thái Nguyên"))
    assert (await gate.quote(short))[0].price_dong == (await gate.quote(asked))[0].price_dong


async def test_ghn_gives_the_order_that_is_there(post: Post) -> None:
    gate, asked = post.carriers.by_code["ghn"], await request_at(post, "ghn")
    made = [(await gate.create(asked, reference="C4SAME")).tracking_code for _ in range(2)]
    assert made[0] == made[1] and await TwinParcel.all().count() == 1


async def test_a_refused_name_is_spelt_by_a_person(post: Post, client: Browser, sign_in_as: Any) -> None:
    await sign_in_as(client, "0912345678", Role.CLERK)
    page = (await client.get("/post/areas")).text
    assert "Hãng viết tên khác" in page and 'value="viettel_post"' not in page
    typed = {"carrier": "ghn", "commune": "La Hiên", "commune_code": "05740", "written": ""}
    wrong = await client.submit("/post/areas/spelling", typed)
    assert wrong.status_code == 422 and "Chép tên xã, phường" in wrong.text
    nowhere = await client.submit("/post/areas/spelling", {**typed, "commune": "", "commune_code": ""})
    assert nowhere.status_code == 422 and "Cần tên xã" in nowhere.text
    sent = await client.submit("/post/areas/spelling", {**typed, "written": "X. La Hiên"})
    assert sent.status_code == 303
    [_, placed] = await placed_for("ghn", SENDER, RECIPIENT)
    assert placed.area and (placed.area.name, placed.area.parent_name) == ("X. La Hiên", "Thái Nguyên")
    await spell_area("ghn", "05740", "Xã La Hiên", "Thái Nguyên", person_id=7, now=post.clock.now())
    assert await CarrierArea.filter(carrier="ghn").count() == 1


# --- GHTK: kilograms in, grams out, told once ---


async def test_ghtk_is_told_kilograms_and_asked_in_grams(post: Post) -> None:
    parcel = await post.books("ghtk", weight_g=1_250)
    row = await TwinParcel.get()
    assert row.asked["weight_g"] == 1_250
    gate = post.carriers.by_code["ghtk"]
    [offer] = await gate.quote(await request_at(post, "ghtk", weight_g=1_250))
    assert offer.price_dong == row.fee_dong
    await post.pushes(parcel, "3")
    assert (await post.now(parcel)).carrier_weight_g == 1_250
    assert [one.weight_g for one in await gate.track(row.number)] == [1_250]


async def test_ghtk_refuses_a_repeated_id_and_names_the_parcel_that_is_there(post: Post) -> None:
    gate, asked = post.carriers.by_code["ghtk"], await request_at(post, "ghtk")
    made = [(await gate.create(asked, reference="C4SAME")).tracking_code for _ in range(2)]
    assert made[0] == made[1] and await TwinParcel.all().count() == 1


@pytest.mark.parametrize("weight", ["", "nặng", "1e400", "nan", "-"])
async def test_a_weight_that_is_none_is_left_out(post: Post, weight: str) -> None:
    told = {"label_id": "S1", "status_id": "3", "action_time": "2026-03-02T08:00:00+07:00", "weight": weight}
    raw = RawRequest("POST", "", {}, urlencode(told).encode(), post.clock.now())
    [fact] = post.carriers.by_code["ghtk"].parse_webhook(raw)
    assert fact.weight_g is None


# --- all of them ---


@pytest.mark.parametrize(
    "fields", [("ORDER_NUMBER",), ("NOTE", "ORDER_STATUS", "REASON_CODE", "LOCATION_CURRENTLY")]
)
@pytest.mark.parametrize("value", ["a\0b", "x" * 5000, "\ud800", 10**30, "1e999"])
async def test_nonsense_in_one_piece_of_news_never_stops_the_others(
    post: Post, client: Browser, fields: tuple[str, ...], value: object
) -> None:
    """What no table takes is cut or left out; the next parcel's news is folded all the same."""
    first, second = await post.books("viettel_post"), await post.books("viettel_post")
    told = {
        "ORDER_NUMBER": first.tracking_code,
        "ORDER_STATUS": 105,
        "ORDER_STATUSDATE": local_stamp(post.clock.now() + timedelta(minutes=1)),
    }
    sums = {"PRODUCT_WEIGHT": 10**12, "MONEY_TOTAL": -5, "MONEY_COLLECTION": "1e30"}
    headers = {"Authorization": "bi-mat-thu-viettel"}
    nonsense = dict.fromkeys(fields, value)
    for body in ({**told, **sums, **nonsense}, {**told, "ORDER_NUMBER": second.tracking_code}):
        raw = json.dumps({"DATA": body}).encode()
        answer = await client.post("/post/hooks/viettel_post", content=raw, headers=headers)
        assert answer.status_code == 200
    await post.works()
    assert (await post.now(second)).state is S.PICKED_UP
    assert (await post.now(first)).carrier_weight_g is None
    assert not await CarrierNotice.exists(handled_at=None)


@pytest.mark.parametrize(("carrier", "sends"), [("viettel_post", 5), ("vnpost", 3), ("ghn", 10), ("ghtk", 2)])
async def test_each_repeats_as_often_as_its_documents_say(post: Post, carrier: str, sends: int) -> None:
    """A forged one is refused each time, and then given up."""
    parcel = await post.books(carrier)
    await post.pushes(parcel, next(iter(statuses_of(carrier))), manner="forged")
    told = await TwinPush.get()
    for _ in range(sends + 2):
        with suppress(TryAgain):
            await send_twin_push(post.parts, told.id)
    await told.refresh_from_db()
    assert (told.sends, told.sends_left) == (sends, 0) and told.last_answer.startswith("401")


@pytest.mark.parametrize("carrier", CODES)
async def test_each_is_answered_in_its_own_words(post: Post, carrier: str) -> None:
    gate = post.carriers.by_code[carrier]
    answers = [gate.webhook_reply(one) for one in WebhookVerdict]
    assert [one.status for one in answers] == [200, 401, 200, 500]
    assert all(json.loads(one.body) for one in answers)


@pytest.mark.parametrize("carrier", CODES)
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"42", b"<html>", b'{"data": 3}', b"\xff"])
async def test_an_answer_that_is_none_never_counts_as_a_booking(
    post: Post, carrier: str, body: bytes
) -> None:
    """Whatever comes back with 200: the parcel may be there, or nothing was said; it is never taken for booked."""
    gate, asked = post.carriers.by_code[carrier], await request_at(post, carrier, service="VCN")
    line = gate._line  # type: ignore[attr-defined]
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=body))
    async with httpx2.AsyncClient(transport=transport) as client:
        mute = type(gate)(gate._keys, replace(line, client=client))  # type: ignore[attr-defined,call-arg]
        if carrier in ("viettel_post", "vnpost"):
            mute._token = "known"  # type: ignore[attr-defined]
        with pytest.raises((CarrierAmbiguous, CarrierRejected)):
            await mute.create(asked, reference="C4MUTE")


async def test_lists_of_communes_are_fetched_again_after_a_week(post: Post) -> None:
    """By the round's job; a commune that a carrier writes anew is matched anew, a person's word stays."""
    row = await CarrierArea.get(carrier="vnpost", unit_code="05740")
    await CarrierArea.filter(id=row.id).update(carrier_name="Tên cũ", unit_code="05503", confirmed_by=7)
    other = await CarrierArea.get(carrier="viettel_post", unit_code="05740")
    await CarrierArea.filter(id=other.id).update(carrier_name="Tên cũ", unit_code=None)
    await leave_sync(post.carriers, now=post.clock.now())
    await post.works()
    assert (await CarrierArea.get(id=row.id)).carrier_name == "Tên cũ"
    post.clock.forward(seconds=STALE_AFTER.total_seconds() + 1)
    await leave_sync(post.carriers, now=post.clock.now())
    await post.works()
    kept, again = await CarrierArea.get(id=row.id), await CarrierArea.get(id=other.id)
    assert kept.carrier_name != "Tên cũ" and kept.unit_code == "05503"
    assert again.unit_code == "05740"


async def test_communes_that_differ_by_their_marks_alone_are_told_apart(post: Post) -> None:
    """Cẩm Giang and Cẩm Giàng lie in one province; carriers write both in capitals."""
    await units("31", "10888", "10903")
    gate = post.carriers.by_code["viettel_post"]
    await keep_areas("viettel_post", await gate.areas(), now=post.clock.now())
    rows = await CarrierArea.filter(carrier="viettel_post", carrier_name__startswith="XÃ CẨM GI")
    assert {one.carrier_name: one.unit_code for one in rows} == {
        "XÃ CẨM GIANG": "10888",
        "XÃ CẨM GIÀNG": "10903",
    }


async def test_what_matches_no_commune_is_put_before_a_person(post: Post) -> None:
    await CarrierArea.filter(carrier="vnpost").delete()
    gate = post.carriers.by_code["vnpost"]
    areas = [*await gate.areas(), Area("C99999", "Xã Không Đâu", "P19", "Thái Nguyên")]
    await keep_areas("vnpost", areas, now=post.clock.now())
    assert (await CarrierAlert.get(kind="areas")).detail == "1"


@pytest.mark.parametrize(
    ("text", "days"), [("48 giờ", 2), ("2 ngày", 2), ("36", 2), ("1,5 ngày", 2), ("", 4), ("nhanh", 4)]
)
def test_days_are_read_from_what_carriers_write(text: str, days: int) -> None:
    assert days_in(text, otherwise=4) == days


def test_times_are_read_in_every_form() -> None:
    told = (
        "02/03/2026 08:00:00",
        "2026-03-02 08:00:00",
        "2026-03-02T01:00:00Z",
        "2026-03-02T08:00:00.1234567+07:00",
    )
    assert {moment_of(one).replace(microsecond=0).isoformat() for one in told} == {
        "2026-03-02T01:00:00+00:00"
    }


# --- never in production ---


async def test_pretend_carriers_tell_nothing_in_production(
    post: Post, parts: Parts, settings: Settings
) -> None:
    """Their addresses are not served, gates go to the real ones, and a step that waits to be told is not sent."""
    real = replace(settings, mode="production", carrier_twins=False)
    paths = [str(getattr(route, "path", "")) for route in all_routes(real)]
    assert not [
        one for one in paths if one.startswith("/twins/") and one.split("/")[2] in (*CODES, "carriers")
    ]
    assert not any(
        one.is_twin for one in open_carriers(real, parts[httpx2.AsyncClient], post.clock.now).by_code.values()
    )
    parcel = await post.books("ghn")
    await post.pushes(parcel, "picked", manner="late")
    told = await TwinPush.get()
    parts.put(Settings, real)
    try:
        with pytest.raises(TwinsAreOff):
            await send_push(parts, told.id, {})
    finally:
        parts.put(Settings, settings)
    assert (await Parcel.get(id=parcel.id)).state is S.AWAITING_PICKUP
