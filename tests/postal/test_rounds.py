"""A carrier's round over HTTP: the stops, what is told from the doors once, proofs behind a watermark, the order."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from accounts.models import AuditEntry
from kit.clock import StoppedClock
from kit.media import Media
from kit.parts import Parts
from kit.roles import Role
from kit.settings import Settings
from postal.delivery_code import delivery_code
from postal.models import DoubtfulAct, Parcel, ParcelEvent, ParcelProof
from postal.services import act, parcel, pickups
from postal.services.proofs import KEPT, drop_old_proofs
from postal.services.rounds import assign, put_in_order, round_of
from postal.staff_carrier import Act
from postal.states import ParcelState
from postal.way import address_key, in_order
from tests.conftest import Queries
from tests.factories import booked_parcel, carried, photo_bytes, recipient

pytestmark = pytest.mark.usefixtures("db")
SignIn = Callable[..., Awaitable[Any]]
JSON = {"accept": "application/json"}
ID = "3f0e7a52-1111-4c6e-9f00-0123456789ab"


@pytest.fixture
async def tuan(client: Any, sign_in_as: SignIn) -> int:
    return int((await sign_in_as(client, "0912000222", Role.CARRIER)).id)


@pytest.fixture
def clock() -> StoppedClock:
    """Three in the afternoon in Vietnam: the morning's acts are of the same day."""
    return StoppedClock(datetime(2026, 11, 21, 8, 0, tzinfo=UTC))


@pytest.fixture
def now(clock: StoppedClock) -> datetime:
    return clock.now()


async def out(now: datetime, person_id: int, key: str = "order:1", **to: str) -> str:
    made = await booked_parcel(key, now=now - timedelta(hours=5), recipient=recipient(**to))
    await carried(made.code, Act.ACCEPT, Act.TAKE_OUT, person_id=person_id, now=now - timedelta(hours=4))
    return made.code


async def tell(client: Any, code: str, what: str = "deliver", sent_id: str = ID, **more: Any) -> Any:
    files = more.pop("files", None)
    fields = {"code": code, "act": what, "sent_id": sent_id, **more}
    return await client.submit("/post/round/acts", fields, headers=JSON, files=files)


def photo_file() -> dict[str, Any]:
    return {"photo": ("door.jpg", photo_bytes(), "image/jpeg")}


async def test_the_frame_is_kept_and_holds_nobodys_name(client: Any, tuan: int, now: datetime) -> None:
    await out(now, tuan)
    answer = await client.get("/post/round")
    assert answer.headers["x-kept-offline"] == "yes"
    assert "Nguyễn Thị Hoa" not in answer.text and "0987" not in answer.text


async def test_the_stops_carry_what_the_door_needs_and_are_recorded_as_read(
    client: Any, tuan: int, now: datetime
) -> None:
    code = await out(now, tuan)
    told = (await client.get("/post/round/stops")).json()
    [stop] = told["stops"]
    assert (stop["code"], stop["kind"], stop["name"]) == (code, "deliver", "Nguyễn Thị Hoa")
    assert stop["dial"] == "+84987654321"
    assert stop["map"].startswith("geo:21.") and "Ph%C6%B0%E1%BB%9Dng" in stop["map"]
    assert told["done"] == {"accept": 1}
    read = await AuditEntry.get(action="phones_read")
    assert read.details["codes"] == [code]


async def test_a_round_holds_only_ones_own_open_stops(client: Any, tuan: int, now: datetime) -> None:
    mine = await out(now, tuan, "order:1")
    await out(now, tuan + 1, "order:2")
    done = await out(now, tuan, "order:3")
    await carried(done, Act.DELIVER, person_id=tuan, now=now)
    assert [one.parcel.code for one in (await round_of(tuan, now=now)).stops] == [mine]


async def test_a_delivery_with_a_photo_is_told_once_however_often(
    client: Any, tuan: int, now: datetime
) -> None:
    code = await out(now, tuan)
    made_at = (now - timedelta(hours=1)).isoformat()
    for _ in range(3):
        sent = await tell(client, code, made_at=made_at, received_by="family", files=photo_file())
        assert (sent.status_code, sent.json()["state"]) == (200, "delivered")
    event = await ParcelEvent.get(act="deliver")
    assert (event.happened_at, event.received_by) == (now - timedelta(hours=1), "family")
    assert await ParcelProof.all().count() == 1
    other = await tell(client, code, "fail", reason="weather")
    assert other.status_code == 409


async def test_the_proof_is_sealed_and_shown_with_a_watermark_and_a_trace(
    client: Any, tuan: int, now: datetime, parts: Parts
) -> None:
    code = await out(now, tuan)
    await tell(client, code, files=photo_file())
    proof = await ParcelProof.get()
    sealed = await parts[Media].get(proof.key)
    assert sealed is not None and b"WEBP" not in sealed[:64]
    page = (await client.get(f"/post/parcels/{code}")).text
    assert f"/post/parcels/{code}/proofs/{proof.id}" in page
    shown = await client.get(f"/post/parcels/{code}/proofs/{proof.id}")
    assert (shown.headers["content-type"], shown.headers["cache-control"]) == ("image/webp", "no-store")
    assert await AuditEntry.filter(action="proof_seen").count() == 1
    second = await out(now, tuan, "order:2")
    assert (await client.get(f"/post/parcels/{second}/proofs/{proof.id}")).status_code == 404
    assert await drop_old_proofs(parts[Media], now=now + KEPT + timedelta(seconds=1)) == 1
    assert (await client.get(f"/post/parcels/{code}/proofs/{proof.id}")).status_code == 404
    assert await parts[Media].get(proof.key) is None


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({}, "proof", "Cần một tấm ảnh"),
        ({"delivery_code": "123456"}, "delivery_code", "nghe nhầm"),
        ({"act": "fly"}, "act", "Chọn việc cần ghi"),
        ({"act": "fail"}, "reason", "Chọn một lý do"),
        ({"act": "fail", "reason": "other"}, "note", "Ghi vài chữ"),
        ({"act": "fail", "reason": "weather", "next_day": "31/02/2026"}, "next_day", "Ngày cần viết"),
        ({"made_at": "hôm qua"}, "made_at", "Giờ cần viết"),
        ({"sent_id": "short"}, "sent_id", "Mã của lần gửi"),
    ],
)
async def test_what_is_missing_is_said_at_its_place_and_nothing_is_written(
    client: Any, tuan: int, now: datetime, fields: dict[str, str], field: str, sentence: str
) -> None:
    code = await out(now, tuan)
    sent = {"code": code, "act": "deliver", "sent_id": ID, **fields}
    refused = await client.submit("/post/round/acts", sent, headers=JSON)
    assert refused.status_code == 422
    assert sentence in refused.json()["errors"][field]
    assert (await parcel(code)).state is ParcelState.OUT_FOR_DELIVERY
    assert await ParcelEvent.filter(act__in=["deliver", "fail"]).count() == 0


async def test_a_file_that_is_no_photo_leaves_nothing_behind(client: Any, tuan: int, now: datetime) -> None:
    code = await out(now, tuan)
    refused = await tell(client, code, files={"photo": ("door.jpg", b"no photo at all", "image/jpeg")})
    assert "photo" in refused.json()["errors"]
    blank = BytesIO()
    Image.new("RGB", (300, 120), "white").save(blank, "PNG")
    empty = await tell(client, code, files={"signature": ("s.png", blank.getvalue(), "image/png")})
    assert "Ô ký còn trống" in empty.json()["errors"]["signature"]
    assert await ParcelProof.all().count() == 0


async def test_a_wrong_code_waits_for_the_office(
    client: Any, tuan: int, now: datetime, settings: Settings
) -> None:
    code = await out(now, tuan)
    other = await out(now, tuan, "order:2")
    told = await tell(client, code, delivery_code=delivery_code(other, settings.secret_key))
    assert told.json()["doubt"] == "Mã nhận hàng không đúng."
    assert await DoubtfulAct.all().count() == 1
    right = await tell(
        client, code, sent_id=ID[:-1] + "c", delivery_code=delivery_code(code, settings.secret_key)
    )
    assert right.json()["state"] == "delivered"


async def test_without_script_the_door_is_an_ordinary_form(client: Any, tuan: int, now: datetime) -> None:
    code = await out(now, tuan)
    page = (await client.get(f"/post/parcels/{code}/door?act=deliver")).text
    assert 'enctype="multipart/form-data"' in page and 'name="delivery_code"' in page
    fields = {"code": code, "act": "deliver", "sent_id": ID}
    wrong = await client.submit("/post/round/acts", fields)
    assert wrong.status_code == 422 and "Cần một tấm ảnh" in wrong.text and f'value="{ID}"' in wrong.text
    sent = await client.submit("/post/round/acts", fields, files=photo_file())
    assert (sent.status_code, sent.headers["location"]) == (303, f"/post/parcels/{code}?done=deliver")


async def test_stops_come_along_the_road_and_then_as_put_by_hand(tuan: int, now: datetime) -> None:
    places = [("Số 10", "05443"), ("Số 9", "05443"), ("Xóm 2", "05740"), ("Xóm 1", "05503")]
    codes = [
        await out(now, tuan, f"order:{number}", line=line, commune_code=commune)
        for number, (line, commune) in enumerate(places)
    ]
    by_road = [one.parcel.code for one in (await round_of(tuan, now=now)).stops]
    assert by_road == [codes[1], codes[0], codes[3], codes[2]]
    by_hand = [codes[2], codes[0], codes[1], codes[3]]
    await put_in_order(tuan, by_hand)
    assert [one.parcel.code for one in (await round_of(tuan, now=now)).stops] == by_hand
    await put_in_order(tuan + 1, codes)
    assert [one.parcel.code for one in (await round_of(tuan, now=now)).stops] == by_hand
    await put_in_order(tuan, [])
    assert [one.parcel.code for one in (await round_of(tuan, now=now)).stops] == by_road


async def test_an_order_by_hand_comes_from_the_phone(client: Any, tuan: int, now: datetime) -> None:
    codes = [await out(now, tuan, f"order:{number}") for number in range(2)]
    sent = await client.submit(
        "/post/round/order", {"codes": f"{codes[1]} {codes[0]} C4NOBODYS"}, headers=JSON
    )
    assert sent.status_code == 200
    assert [row.position for row in await Parcel.all().order_by("id")] == [1, 0]


def test_addresses_are_ordered_by_their_figures_and_unknown_communes_come_last() -> None:
    assert sorted(["Số 10 ngõ 2", "Số 9", "so 2"], key=address_key) == ["so 2", "Số 9", "Số 10 ngõ 2"]
    stops = [("a", "99999"), ("b", "05443")]
    assert in_order(stops, commune_of=lambda one: one[1], line_of=lambda one: one[0], start="") == stops[::-1]


async def test_a_round_asks_the_same_few_questions_however_long(
    tuan: int, now: datetime, queries: Queries
) -> None:
    for number in range(12):
        await out(now, tuan, f"order:{number}")
    with queries.at_most(4):
        assert len((await round_of(tuan, now=now)).stops) == 12


async def test_the_clerk_gives_collections_to_a_carrier(
    client: Any, sign_in_as: SignIn, now: datetime
) -> None:
    tuan = int((await sign_in_as(client, "0912000222", Role.CARRIER)).id)
    codes = [(await booked_parcel(f"order:{number}", now=now, market="Chợ Thái")).code for number in range(3)]
    refused = await client.submit("/post/pickups/carrier", {"codes": codes[:1], "holder_id": str(tuan)})
    assert refused.status_code == 403
    await sign_in_as(client, "0912000111", Role.CLERK)
    sent = await client.submit("/post/pickups/carrier", {"codes": codes[:2], "holder_id": str(tuan)})
    assert sent.headers["location"] == "/post?given=2"
    page = (await client.get("/post?given=2")).text
    assert "Đã giao 2 bưu gửi" in page and "Chợ Thái" in page and "đi lấy" in page
    assert [one.parcel.code for one in (await round_of(tuan, now=now)).stops] == codes[:2]
    for wrong, words in (
        ({"holder_id": str(tuan)}, "Chọn ít nhất một bưu gửi"),
        ({"codes": codes[:1], "holder_id": "999999"}, "Không có bưu tá này"),
        ({"codes": codes[:1], "holder_id": "ai"}, "Chọn một bưu tá"),
    ):
        answer = await client.submit("/post/pickups/carrier", wrong)
        assert answer.status_code in (404, 422) and words in answer.text


async def test_a_parcel_already_collected_is_not_given_away(tuan: int, now: datetime) -> None:
    code = (await booked_parcel(now=now)).code
    await act(code, Act.ACCEPT, person_id=41, event_key="accept-0001", now=now)
    assert await assign([code], tuan, person_id=41) == 0


async def test_a_collection_is_for_all_stalls_of_a_market(now: datetime) -> None:
    for number, market in enumerate(["", "Chợ Thái", "", "Chợ Thái"]):
        await booked_parcel(f"order:{number}", now=now + timedelta(minutes=number), market=market)
    assert [one.market for one in (await pickups()).parcels] == ["", "", "Chợ Thái", "Chợ Thái"]
