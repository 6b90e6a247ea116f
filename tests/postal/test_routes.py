"""The post's pages: who may open them, what a scan does, what a mistake says, what a label holds."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.roles import Role
from postal.services import ParcelView, delivery_code, parcel
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.factories import SECRET, booked_parcel, carried

pytestmark = pytest.mark.usefixtures("db")
SignIn = Callable[..., Awaitable[Any]]
STAFF_PAGES = ("/post", "/post/deliveries", "/post/scan", "/post/book")


@pytest.fixture
def now(clock: StoppedClock) -> datetime:
    return clock.now()


@pytest.fixture
async def clerk(client: Any, sign_in_as: SignIn) -> int:
    return int((await sign_in_as(client, "0912000111", Role.CLERK)).id)


@pytest.fixture
async def waiting(now: datetime) -> ParcelView:
    return await booked_parcel("order:17", now=now)


async def state_of(code: str) -> ParcelState:
    return (await parcel(code)).state


async def scan(client: Any, code: str, act: str = "accept", key: str = "scan-0001", **more: Any) -> Any:
    fields = {"code": code, "act": act, "event_key": key}
    return await client.submit("/post/scan", {name: text for name, text in fields.items() if text}, **more)


# --- who ---


@pytest.mark.parametrize("path", [*STAFF_PAGES, "/post/parcels/{code}"])
async def test_work_pages_are_for_postal_staff(
    path: str, client: Any, waiting: ParcelView, sign_in_as: SignIn
) -> None:
    address = path.format(code=waiting.code)
    assert (await client.get(address)).status_code == 303
    await sign_in_as(client, "0912000222", Role.VENDOR)
    refused = await client.get(address)
    assert refused.status_code == 403
    assert "Hoa" not in refused.text
    await sign_in_as(client, "0912000333", Role.CARRIER)
    assert (await client.get(address)).status_code == 200


@pytest.mark.parametrize("path", ["/post/scan", "/post/parcels/{code}/acts"])
async def test_others_change_nothing(path: str, client: Any, waiting: ParcelView, sign_in_as: SignIn) -> None:
    fields = {"code": waiting.code, "act": "accept", "event_key": "press-0001"}
    assert (await client.submit(path.format(code=waiting.code), fields)).status_code == 403
    await sign_in_as(client, "0912000222", Role.VENDOR)
    assert (await client.submit(path.format(code=waiting.code), fields)).status_code == 403
    assert await state_of(waiting.code) is ParcelState.AWAITING_PICKUP


# --- lists ---


async def test_empty_lists_say_what_will_come(client: Any, clerk: int) -> None:
    for path in STAFF_PAGES:
        assert (await client.get(path)).status_code == 200
    assert "Không còn bưu gửi nào chờ lấy" in (await client.get("/post")).text


async def test_the_pickup_list_groups_by_seller_and_masks_phones(
    client: Any, clerk: int, waiting: ParcelView, now: datetime
) -> None:
    await booked_parcel("order:18", now=now)
    page = (await client.get("/post")).text
    assert page.count("<h3>Chè Hảo Đạt</h3>") == 1
    assert page.count("/post/parcels/C4") == 2
    assert "0912 *** 678" in page
    assert "345 678" not in page
    assert "+8491" not in page


async def test_the_delivery_list_dials_only_what_is_out_for_delivery(
    client: Any, clerk: int, waiting: ParcelView, now: datetime
) -> None:
    other = await booked_parcel("order:18", now=now)
    await carried(waiting.code, Act.ACCEPT, person_id=clerk, now=now)
    await carried(other.code, Act.ACCEPT, Act.TAKE_OUT, person_id=clerk, now=now)
    page = (await client.get("/post/deliveries")).text
    assert page.count('href="tel:+84987654321"') == 1
    assert "0987 *** 321" in page


async def test_lists_turn_pages_and_bad_page_numbers_are_the_first(
    client: Any, clerk: int, now: datetime
) -> None:
    for number in range(61):
        await booked_parcel(f"order:{number}", now=now)
    first = await client.get("/post")
    assert "/post?page=2" in first.text
    assert first.text.count("/post/parcels/C4") == 60
    assert (await client.get("/post?page=2")).text.count("/post/parcels/C4") == 1
    for bad in ("0", "-1", "x", "9" * 40, "²"):
        assert (await client.get("/post", params={"page": bad})).text.count("/post/parcels/C4") == 60


async def test_list_pages_ask_few_questions(client: Any, clerk: int, now: datetime, queries: Any) -> None:
    for number in range(20):
        view = await booked_parcel(f"order:{number}", now=now)
        if number % 2:
            await carried(view.code, Act.ACCEPT, Act.TAKE_OUT, person_id=clerk, now=now)
    for path in ("/post", "/post/deliveries", "/post/book", f"/post/parcels/{view.code}"):
        with queries.at_most(9):
            await client.get(path)


async def test_a_stop_is_delivered_from_the_list(
    client: Any, clerk: int, waiting: ParcelView, now: datetime
) -> None:
    await carried(waiting.code, Act.ACCEPT, Act.TAKE_OUT, person_id=clerk, now=now)
    door = f"/post/parcels/{waiting.code}/door?act=deliver"
    assert door in (await client.get("/post/deliveries")).text
    sent_id = re.search(r'name="sent_id" value="([^"]+)"', (await client.get(door)).text)
    assert sent_id
    fields = {"code": waiting.code, "act": "deliver", "sent_id": sent_id[1], "received_by": "self"}
    unproven = await client.submit("/post/round/acts", fields)
    assert unproven.status_code == 422 and "Cần một tấm ảnh, chữ ký hoặc mã nhận hàng." in unproven.text
    proven = {**fields, "delivery_code": delivery_code(waiting.code, SECRET)}
    assert (await client.submit("/post/round/acts", proven)).status_code == 303
    assert await state_of(waiting.code) is ParcelState.DELIVERED


async def test_delivered_wants_the_recipients_code_wherever_it_is_said(
    client: Any, clerk: int, waiting: ParcelView, now: datetime
) -> None:
    await carried(waiting.code, Act.ACCEPT, Act.TAKE_OUT, person_id=clerk, now=now)
    path, said = f"/post/parcels/{waiting.code}/acts", {"act": "deliver", "event_key": "desk-00001"}
    right = delivery_code(waiting.code, SECRET)
    other = delivery_code("C4" + waiting.code[2:][::-1], SECRET)
    for digits, words in (("", "Cần một tấm ảnh"), (other, "Mã nhận hàng không đúng")):
        sent = await client.submit(path, {**said, "delivery_code": digits})
        assert sent.status_code == 422 and words in sent.text
    assert await state_of(waiting.code) is ParcelState.OUT_FOR_DELIVERY
    scanned = await scan(client, waiting.code, act="deliver")
    assert scanned.status_code == 303 and scanned.headers["location"].endswith("/door?act=deliver")
    assert (await client.submit(path, {**said, "delivery_code": right})).status_code == 303
    assert await state_of(waiting.code) is ParcelState.DELIVERED


async def test_the_book_shows_and_counts_todays_acts(client: Any, clerk: int, waiting: ParcelView) -> None:
    await scan(client, waiting.code)
    page = (await client.get("/post/book")).text
    assert waiting.code in page
    assert "Nhận hàng" in page
    assert "việc đã ghi" in page


# --- one parcel ---


async def test_a_parcels_page_shows_all_and_offers_the_next_act_first(
    client: Any, clerk: int, waiting: ParcelView
) -> None:
    page = (await client.get(f"/post/parcels/{waiting.code}")).text
    for text in (
        "Nguyễn Thị Hoa",
        "0987 654 321",
        'href="tel:+84912345678"',
        "AB12CD34",
        "500 g",
        "không thu",
    ):
        assert text in page
    assert page.index("Nhận hàng") < page.index("Chưa lấy được") < page.index("Hủy gửi")
    assert "Giao xong" not in page


async def test_acts_on_the_page_go_to_the_door(
    client: Any, clerk: int, waiting: ParcelView, now: datetime
) -> None:
    for what in ("accept", "hand_over", "arrive", "take_out"):
        page = (await client.get(f"/post/parcels/{waiting.code}")).text
        key = re.search(rf'value="([^"]+:{what})"', page)
        assert key, what
        sent = await client.submit(f"/post/parcels/{waiting.code}/acts", {"act": what, "event_key": key[1]})
        assert sent.status_code == 303
        assert "Đã ghi" in (await client.get(sent.headers["location"])).text
    await carried(waiting.code, Act.DELIVER, person_id=clerk, now=now)
    assert 'name="act"' not in (await client.get(f"/post/parcels/{waiting.code}")).text


async def test_a_failed_delivery_asks_for_its_reason_and_keeps_the_note(
    client: Any, clerk: int, waiting: ParcelView, now: datetime
) -> None:
    await carried(waiting.code, Act.ACCEPT, Act.TAKE_OUT, person_id=clerk, now=now)
    form = await client.get(f"/post/parcels/{waiting.code}/acts/new?act=fail&back_to=deliveries")
    assert "Không gọi được người nhận" in form.text
    assert "Người bán đi vắng" not in form.text
    fields = {"act": "fail", "event_key": "press-0001", "note": "Gọi ba lần", "back_to": "deliveries"}
    sent = await client.submit(f"/post/parcels/{waiting.code}/acts", fields)
    assert sent.status_code == 422
    assert "Chọn một lý do trong danh sách." in sent.text
    assert "Gọi ba lần</textarea>" in sent.text
    assert await state_of(waiting.code) is ParcelState.OUT_FOR_DELIVERY
    fields["reason"] = "recipient_unreachable"
    sent = await client.submit(f"/post/parcels/{waiting.code}/acts", fields)
    assert sent.headers["location"] == "/post/deliveries"
    assert (await parcel(waiting.code)).attempts == 1


@pytest.mark.parametrize("fields", [{"act": "cancel"}, {"act": "cancel", "note": "x" * 301}])
async def test_a_cancellation_needs_a_note_that_fits(
    fields: dict[str, str], client: Any, clerk: int, waiting: ParcelView
) -> None:
    sent = await client.submit(f"/post/parcels/{waiting.code}/acts", {"event_key": "press-0001", **fields})
    assert sent.status_code == 422
    assert 'id="f-note-error"' in sent.text
    assert await state_of(waiting.code) is ParcelState.AWAITING_PICKUP


async def test_an_act_that_no_longer_fits_shows_the_parcel_as_it_is(
    client: Any, clerk: int, waiting: ParcelView, now: datetime
) -> None:
    await carried(waiting.code, Act.ACCEPT, Act.TAKE_OUT, person_id=clerk, now=now)
    sent = await client.submit(
        f"/post/parcels/{waiting.code}/acts", {"act": "hand_over", "event_key": "press-0001"}
    )
    assert sent.status_code == 409
    assert "chưa thể «Chuyển đi»" in sent.text
    assert "Giao xong" in sent.text
    late = await client.get(f"/post/parcels/{waiting.code}/acts/new?act=fail_pickup")
    assert late.status_code == 409


@pytest.mark.parametrize(
    "fields", [{}, {"act": "fly", "event_key": "press-0001"}, {"act": "accept", "event_key": "ô" * 20}]
)
async def test_a_forged_act_is_refused(
    fields: dict[str, str], client: Any, clerk: int, waiting: ParcelView
) -> None:
    assert (await client.submit(f"/post/parcels/{waiting.code}/acts", fields)).status_code == 422
    assert await state_of(waiting.code) is ParcelState.AWAITING_PICKUP


async def test_where_to_go_back_is_one_of_our_own_pages(client: Any, clerk: int, waiting: ParcelView) -> None:
    fields = {"act": "accept", "event_key": "press-0001", "back_to": "https://evil.example/"}
    sent = await client.submit(f"/post/parcels/{waiting.code}/acts", fields)
    assert sent.headers["location"] == f"/post/parcels/{waiting.code}?done=accept"


@pytest.mark.parametrize("path", ["/post/parcels/C40000000000X", "/post/parcels/x/label", "/parcels/%27"])
async def test_pages_of_no_parcel_are_not_found(path: str, client: Any, clerk: int) -> None:
    assert (await client.get(path)).status_code == 404


# --- label, public page ---


async def test_the_label_holds_both_codes_and_everything_a_carrier_needs(
    client: Any, clerk: int, waiting: ParcelView
) -> None:
    page = (await client.get(f"/post/parcels/{waiting.code}/label")).text
    for text in ("Nguyễn Thị Hoa", "0987 654 321", "Số 5, ngõ 2", "Phường Phan Đình Phùng, Tỉnh Thái Nguyên"):
        assert text in page
    for text in ("Chè Hảo Đạt", "500 g", "Chè nõn tôm 500 g", "AB12CD34", "không thu"):
        assert text in page
    assert f'aria-label="{waiting.code}"' in page
    assert f'aria-label="http://test/parcels/{waiting.code}"' in page
    assert "<svg" in page


async def test_anybody_follows_a_parcel_without_reading_who_gets_it(
    client: Any, waiting: ParcelView, now: datetime
) -> None:
    await carried(waiting.code, Act.ACCEPT, Act.TAKE_OUT, Act.FAIL, person_id=1, now=now)
    page = (await client.get(f"/parcels/{waiting.code}")).text
    assert "Chưa giao được" in page
    assert "Không gọi được người nhận" in page
    assert "Phường Phan Đình Phùng" in page
    for secret in ("Hoa", "0987", "654 321", "Hảo Đạt", "ngõ 2", "AB12CD34", "250.000"):
        assert secret not in page, secret


async def test_pages_speak_english_too(client: Any, clerk: int, waiting: ParcelView) -> None:
    client.cookies.set("language", "en")
    vietnamese = re.compile(r"Bưu gửi|Nhận hàng|Quét|Người nhận|Cân nặng|Chuyển đi")
    for path in (*STAFF_PAGES, f"/post/parcels/{waiting.code}", f"/post/parcels/{waiting.code}/label"):
        page = (await client.get(path)).text
        assert not vietnamese.search(page.split("<main", 1)[1].split("</main>", 1)[0]), path
