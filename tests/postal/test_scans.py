"""Scanning: one scan is one act, a wrong one says what is wrong, photos are read on the server."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from PIL import Image

from kit.clock import StoppedClock
from kit.roles import Role
from postal.models import Parcel, ParcelEvent
from postal.services import ParcelView, parcel
from postal.states import ParcelState
from tests.factories import booked_parcel
from tests.postal.test_scanning import label, photograph, stacked

pytestmark = pytest.mark.usefixtures("db")
SignIn = Callable[..., Awaitable[Any]]


@pytest.fixture
async def clerk(client: Any, sign_in_as: SignIn) -> int:
    return int((await sign_in_as(client, "0912000111", Role.CLERK)).id)


@pytest.fixture
async def waiting(clock: StoppedClock) -> ParcelView:
    return await booked_parcel("order:17", now=clock.now())


async def state_of(code: str) -> ParcelState:
    return (await parcel(code)).state


async def scan(
    client: Any, code: str, act: str = "accept", key: str = "scan-0001", weighed_g: str = "", **more: Any
) -> Any:
    fields = {"code": code, "act": act, "event_key": key, "weighed_g": weighed_g}
    return await client.submit("/post/scan", {name: text for name, text in fields.items() if text}, **more)


async def test_a_scan_writes_the_chosen_act_and_stays_with_it(
    client: Any, clerk: int, waiting: ParcelView
) -> None:
    sent = await scan(client, waiting.code)
    assert sent.status_code == 303
    assert await state_of(waiting.code) is ParcelState.PICKED_UP
    page = (await client.get(sent.headers["location"])).text
    assert 'data-scan-result="right"' in page
    assert "Đã ghi «Nhận hàng»" in page
    assert '<input type="hidden" name="act" value="accept">' in page
    later = (await client.get("/post/scan")).text
    assert '<input type="hidden" name="act" value="accept">' in later
    assert "data-scan-result" not in later


async def test_only_looking_opens_the_parcel_and_changes_nothing(
    client: Any, clerk: int, waiting: ParcelView
) -> None:
    await client.get("/post/scan?act=accept")
    page = (await client.get("/post/scan?act=look")).text
    assert 'name="act"' not in page
    sent = await scan(client, waiting.code.lower(), act="")
    assert sent.headers["location"] == f"/post/parcels/{waiting.code}"
    assert await state_of(waiting.code) is ParcelState.AWAITING_PICKUP


async def test_the_same_scan_sent_twice_is_one_act(client: Any, clerk: int, waiting: ParcelView) -> None:
    for _ in range(2):
        assert (await scan(client, waiting.code)).status_code == 303
    assert await ParcelEvent.filter(parcel_id=waiting.id, act="accept").count() == 1


async def test_a_label_scanned_again_says_that_it_is_done(
    client: Any, clerk: int, waiting: ParcelView
) -> None:
    await scan(client, waiting.code, key="scan-0001")
    again = await scan(client, waiting.code, key="scan-0002")
    page = (await client.get(again.headers["location"])).text
    assert 'data-scan-result="already"' in page
    assert "đã được ghi «Nhận hàng» rồi" in page


async def test_the_banner_believes_the_parcel_and_not_the_address(
    client: Any, clerk: int, waiting: ParcelView
) -> None:
    page = (await client.get(f"/post/scan?act=deliver&last={waiting.code}&result=done")).text
    assert "data-scan-result" not in page


async def test_a_scan_out_of_order_is_refused_on_the_scan_page(
    client: Any, clerk: int, waiting: ParcelView
) -> None:
    sent = await scan(client, waiting.code, act="deliver")
    assert sent.status_code == 409
    assert 'data-scan-result="wrong"' in sent.text
    assert "chưa thể «Giao xong»" in sent.text
    assert await state_of(waiting.code) is ParcelState.AWAITING_PICKUP


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Quét hoặc gõ mã trên nhãn."),
        ("C4ABC", "Bạn vừa nhập 5."),
        ("HELLO<script>", "không phải mã bưu gửi"),
        ("x" * 201, "Nhiều nhất 200 chữ"),
    ],
)
async def test_a_wrong_code_says_what_is_wrong_and_keeps_what_was_typed(
    typed: str, sentence: str, client: Any, clerk: int
) -> None:
    sent = await scan(client, typed)
    assert sent.status_code == 422
    assert sentence in sent.text
    assert 'data-scan-result="wrong"' in sent.text
    assert "<script>alert" not in sent.text
    assert f'value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in sent.text
    assert '<input type="hidden" name="act" value="accept">' in sent.text


async def test_a_mistyped_code_is_not_taken_for_another(client: Any, clerk: int, waiting: ParcelView) -> None:
    swapped = waiting.code[:4] + ("7" if waiting.code[4] != "7" else "8") + waiting.code[5:]
    assert "gõ nhầm" in (await scan(client, swapped)).text
    assert await state_of(waiting.code) is ParcelState.AWAITING_PICKUP


async def test_a_code_of_no_parcel_is_said_so(client: Any, clerk: int, waiting: ParcelView) -> None:
    await Parcel.filter(id=waiting.id).update(code=None)
    sent = await scan(client, waiting.code)
    assert sent.status_code == 422
    assert "Không có bưu gửi nào mang mã" in sent.text


@pytest.mark.parametrize("fields", [{"event_key": "short"}, {"event_key": ""}, {"act": "fly"}])
async def test_a_forged_scan_form_is_refused(
    fields: dict[str, str], client: Any, clerk: int, waiting: ParcelView
) -> None:
    sent = await client.submit(
        "/post/scan", {"code": waiting.code, "act": "accept", "event_key": "scan-0001", **fields}
    )
    assert sent.status_code == 422
    assert await state_of(waiting.code) is ParcelState.AWAITING_PICKUP


async def test_a_scan_for_an_act_with_a_reason_leads_to_its_page(
    client: Any, clerk: int, waiting: ParcelView
) -> None:
    sent = await scan(client, waiting.code, act="fail_pickup")
    assert sent.headers["location"] == f"/post/parcels/{waiting.code}/acts/new?act=fail_pickup"


# --- photo ---


async def photo(client: Any, raw: bytes, act: str = "accept") -> Any:
    fields = {"by": "photo", "act": act, "event_key": "scan-0001"}
    return await client.submit("/post/scan", fields, files={"photo": ("label.jpg", raw, "image/jpeg")})


async def test_a_photo_of_a_label_is_read_and_acted_on(client: Any, clerk: int, waiting: ParcelView) -> None:
    sent = await photo(client, photograph(label(waiting.code)))
    assert sent.status_code == 303
    assert await state_of(waiting.code) is ParcelState.PICKED_UP


async def test_bad_photos_have_their_sentences(client: Any, clerk: int, waiting: ParcelView) -> None:
    other = "C4" + waiting.code[2:][::-1]
    two = await booked_parcel("order:18", now=waiting.booked_at)
    empty = photograph(Image.new("L", (640, 480), 180))
    for raw, sentence in (
        (empty, "Không thấy mã nào trong ảnh"),
        (b"not a picture", "Tệp này không mở được"),
        (b"", "Chụp hoặc chọn một ảnh"),
        (photograph(stacked(waiting.code, two.code)), "Trong ảnh có 2 mã bưu gửi"),
        (photograph(label("RR473124829GB")), "Mã trong ảnh («RR473124829GB»)"),
        (photograph(label(other)), "Mã trong ảnh"),
    ):
        sent = await photo(client, raw)
        assert (sent.status_code, sentence in sent.text) == (422, True), sentence
        assert 'id="f-photo-error"' in sent.text
    assert await state_of(waiting.code) is ParcelState.AWAITING_PICKUP


async def test_a_photo_too_large_is_refused_unread(client: Any, clerk: int) -> None:
    assert (await photo(client, b"\xff" * (12 * 1024 * 1024 + 1))).status_code == 413
    assert (await photo(client, b"\xff" * (13 * 1024 * 1024 + 1))).status_code == 413


async def test_the_page_that_stays_is_told_in_json(client: Any, clerk: int, waiting: ParcelView) -> None:
    asks = {"accept": "application/json"}
    sent = await scan(client, waiting.code, weighed_g="1900", headers=asks)
    told = sent.json()
    assert (sent.status_code, told["sound"], told["differs"]) == (200, "right", True)
    assert (
        told["words"].replace("\u00a0", " ") == "Đã ghi «Nhận hàng». Cân được 1,9 kg, người bán khai 500 g."
    )
    again = await scan(client, waiting.code, key="scan-0002", headers=asks)
    assert again.json()["sound"] == "already"
    wrong = await scan(client, "C4ABC", headers=asks)
    assert (wrong.status_code, wrong.json()["title"]) == (422, "Mã bưu gửi có 13 ký tự. Bạn vừa nhập 5.")


@pytest.mark.parametrize(
    ("weighed", "differs"), [("540", False), ("550", False), ("560", True), ("440", True)]
)
async def test_a_weight_not_as_declared_is_pointed_out(
    client: Any, clerk: int, waiting: ParcelView, weighed: str, differs: bool
) -> None:
    sent = await scan(client, waiting.code, weighed_g=weighed)
    page = (await client.get(sent.headers["location"])).text
    assert ("người bán khai 500 g" in page.replace("\u00a0", " ")) is differs
    assert ("Hỏi lại người bán" in (await client.get(f"/post/parcels/{waiting.code}")).text) is differs


async def test_an_impossible_weight_is_said_at_its_field(
    client: Any, clerk: int, waiting: ParcelView
) -> None:
    sent = await scan(client, waiting.code, weighed_g="0")
    assert sent.status_code == 422 and "Số từ 1 đến" in sent.text
    assert await state_of(waiting.code) is ParcelState.AWAITING_PICKUP
