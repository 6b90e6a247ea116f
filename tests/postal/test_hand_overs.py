"""Hand-over lists: both sides scan, what differs is kept and told, the paper holds it all."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict, NotFound, Refusal
from kit.roles import Role
from postal.manifest_pdf import ManifestRow, ManifestWords, manifest_pdf
from postal.models import HandOverKind, HandOverLine, HandOverState, Parcel
from postal.services import AlreadyDone, parcel
from postal.services.hand_overs import (
    close_list,
    list_view,
    lists_of_late,
    open_list,
    receive_list,
    scan_into,
    take_off,
)
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.conftest import Queries
from tests.factories import booked_parcel, carried
from tests.postal.test_labels import MADE, codes_on, printed, text_of

SignIn = Callable[..., Awaitable[Any]]
THAO, TUAN = 41, 51


@pytest.fixture
def now(db: None, clock: StoppedClock) -> datetime:
    return clock.now()


async def at_office(now: datetime, *keys: str, acts: tuple[Act, ...] = (Act.ACCEPT, Act.ARRIVE)) -> list[str]:
    codes = []
    for key in keys:
        code = (await booked_parcel(f"order:{key}", now=now - timedelta(hours=9))).code
        await carried(code, *acts, person_id=THAO, now=now - timedelta(hours=8))
        codes.append(code)
    return codes


async def closed_list(kind: HandOverKind, codes: list[str], now: datetime) -> int:
    number = await open_list(kind, place="", person_id=THAO, now=now)
    for code in codes:
        await scan_into(number, code, person_id=THAO, now=now)
    await close_list(number, person_id=THAO, now=now)
    return number


async def test_a_load_taken_whole_is_out_with_its_carrier(now: datetime) -> None:
    codes = await at_office(now, "1", "2")
    number = await closed_list(HandOverKind.LOAD_OUT, codes, now)
    for code in codes:
        await scan_into(number, code, person_id=TUAN, now=now)
    view = await receive_list(number, person_id=TUAN, note="", now=now)
    assert (view.state, view.given, view.taken, view.differences) == (HandOverState.RECEIVED, 2, 2, [])
    rows = await Parcel.filter(code__in=codes)
    assert {(row.state, row.holder_id) for row in rows} == {(ParcelState.OUT_FOR_DELIVERY, TUAN)}


async def test_missing_extra_and_damaged_stand_on_the_list_and_want_a_word(now: datetime) -> None:
    given = await at_office(now, "1", "2", "3")
    [extra] = await at_office(now, "4")
    number = await closed_list(HandOverKind.LOAD_OUT, given, now)
    await scan_into(number, given[0], person_id=TUAN, now=now)
    await scan_into(number, given[1], person_id=TUAN, now=now, is_damaged=True)
    line = await scan_into(number, extra, person_id=TUAN, now=now)
    assert line.differs and not line.is_given
    with pytest.raises(Refusal) as no:
        await receive_list(number, person_id=TUAN, note="  ", now=now)
    assert no.value.field == "note"
    view = await receive_list(number, person_id=TUAN, note="Gói 3 để quên trên kệ", now=now)
    assert [str(one.found) for one in view.lines] == [
        "Đủ",
        "Hư hỏng khi nhận",
        "Chưa thấy",
        "Thừa, bên giao không quét",
    ]
    assert len(view.differences) == 3
    states = [(await parcel(code)).state for code in [*given, extra]]
    out = ParcelState.OUT_FOR_DELIVERY
    assert states == [out, out, ParcelState.AT_DELIVERY_OFFICE, out]


async def test_a_transfer_goes_at_the_close_and_arrives_at_the_receipt(now: datetime) -> None:
    codes = await at_office(now, "1", acts=(Act.ACCEPT,))
    number = await closed_list(HandOverKind.TRANSFER, codes, now)
    assert (await parcel(codes[0])).state is ParcelState.IN_TRANSIT
    await scan_into(number, codes[0], person_id=TUAN, now=now)
    await receive_list(number, person_id=TUAN, note="", now=now)
    assert (await parcel(codes[0])).state is ParcelState.AT_DELIVERY_OFFICE


async def test_what_a_carrier_brings_in_is_at_the_office_unless_it_was_just_collected(now: datetime) -> None:
    collected = await at_office(now, "1", acts=(Act.ACCEPT,))
    failed = await at_office(now, "2", acts=(Act.ACCEPT, Act.TAKE_OUT, Act.FAIL))
    number = await closed_list(HandOverKind.BRING_IN, collected + failed, now)
    for code in collected + failed:
        await scan_into(number, code, person_id=TUAN, now=now)
    await receive_list(number, person_id=TUAN, note="", now=now)
    states = [(await parcel(code)).state for code in collected + failed]
    assert states == [ParcelState.PICKED_UP, ParcelState.AT_DELIVERY_OFFICE]


async def test_each_side_scans_in_its_turn_only(now: datetime) -> None:
    codes = await at_office(now, "1", "2")
    number = await open_list(HandOverKind.LOAD_OUT, place="", person_id=THAO, now=now)
    with pytest.raises(Refusal):
        await close_list(number, person_id=THAO, now=now)
    await scan_into(number, codes[0], person_id=THAO, now=now)
    with pytest.raises(AlreadyDone):
        await scan_into(number, codes[0], person_id=THAO, now=now)
    for wrong in (
        scan_into(number, codes[1], person_id=TUAN, now=now),
        close_list(number, person_id=TUAN, now=now),
        receive_list(number, person_id=TUAN, note="", now=now),
    ):
        with pytest.raises(Conflict):
            await wrong
    await close_list(number, person_id=THAO, now=now)
    for wrong in (
        scan_into(number, codes[1], person_id=THAO, now=now),
        close_list(number, person_id=THAO, now=now),
        take_off(number, codes[0], person_id=THAO),
        receive_list(number, person_id=THAO, note="", now=now),
    ):
        with pytest.raises(Conflict):
            await wrong
    with pytest.raises(NotFound):
        await scan_into(number + 999, codes[0], person_id=TUAN, now=now)
    assert await HandOverLine.all().count() == 1


async def test_a_parcel_is_taken_off_an_open_list(now: datetime) -> None:
    codes = await at_office(now, "1")
    number = await open_list(HandOverKind.LOAD_OUT, place="", person_id=THAO, now=now)
    await scan_into(number, codes[0], person_id=THAO, now=now)
    await take_off(number, codes[0], person_id=THAO)
    assert (await list_view(number)).lines == []
    with pytest.raises(NotFound):
        await take_off(number, codes[0], person_id=THAO)


async def test_what_has_ended_is_handed_to_nobody(now: datetime) -> None:
    codes = await at_office(now, "1", acts=(Act.ACCEPT, Act.TAKE_OUT, Act.DELIVER))
    number = await open_list(HandOverKind.LOAD_OUT, place="", person_id=THAO, now=now)
    with pytest.raises(Conflict):
        await scan_into(number, codes[0], person_id=THAO, now=now)


async def test_lists_ask_few_questions(now: datetime, queries: Queries) -> None:
    codes = await at_office(now, *map(str, range(8)))
    number = await closed_list(HandOverKind.LOAD_OUT, codes, now)
    with queries.at_most(3):
        assert len((await list_view(number)).lines) == 8
    with queries.at_most(2):
        assert len((await lists_of_late())[0]) == 1


def test_a_long_manifest_has_pages_and_every_code_reads_back() -> None:
    codes = [f"C4{number:011}" for number in range(40)]
    rows = [
        ManifestRow(code, "Nguyễn Thị Hoa", "Phường Phan Đình Phùng", "500 g", "Chưa thấy", True)
        for code in codes
    ]
    words = ManifestWords(
        "Biên bản bàn giao", "Số 7", ("Giao 40",), "Chị Thảo", "Anh Tuấn", "Thiếu một", rows
    )
    content = manifest_pdf(words, made_at=MADE)
    read = [code for page in range(3) for code in codes_on(printed(content, page))]
    assert sorted(read) == codes
    assert "Bên nhận: Anh Tuấn" in text_of(content, 2) and "Thiếu một" in text_of(content, 2)


async def test_two_people_hand_over_through_the_pages(client: Any, sign_in_as: SignIn, now: datetime) -> None:
    codes = await at_office(now, "1", "2")
    await sign_in_as(client, "0912000111", Role.CLERK)
    wrong = await client.submit("/post/hand-overs", {"kind": "transfer"})
    assert wrong.status_code == 422 and "Ghi tên bưu cục nhận" in wrong.text
    sent = await client.submit("/post/hand-overs", {"kind": "load_out"})
    place = sent.headers["location"]
    asks = {"accept": "application/json"}
    told = await client.submit(f"{place}/lines", {"code": codes[0]}, headers=asks)
    assert (told.json()["sound"], told.json()["differs"]) == ("right", False)
    again = await client.submit(f"{place}/lines", {"code": codes[0]}, headers=asks)
    assert again.json()["sound"] == "already"
    assert (await client.submit(f"{place}/lines", {"code": "C4"}, headers=asks)).status_code == 422
    assert "gõ nhầm" in (await client.submit(f"{place}/lines", {"code": codes[1][:-1] + "?"})).text
    assert (await client.submit(f"{place}/closing")).status_code == 303
    assert "Chờ bên nhận quét" in (await client.get(place)).text
    await sign_in_as(client, "0912000222", Role.CARRIER)
    assert (await client.submit(f"{place}/lines", {"code": codes[1]})).status_code == 303
    refused = await client.submit(f"{place}/receipt", {"note": ""})
    assert refused.status_code == 422 and "Hai bên quét lệch 2 bưu gửi" in refused.text
    assert (await client.submit(f"{place}/receipt", {"note": "Nhầm gói"})).status_code == 303
    page = (await client.get(place)).text
    assert "Chưa thấy" in page and "Thừa, bên giao không quét" in page
    paper = text_of((await client.get(f"{place}/manifest.pdf")).content)
    assert "lệch 2" in paper and "Nhầm gói" in paper and codes[0] in paper
    assert (await client.get("/post/hand-overs")).status_code == 200


async def test_a_parcel_is_taken_off_through_the_page(client: Any, sign_in_as: SignIn, now: datetime) -> None:
    codes = await at_office(now, "1")
    clerk = (await sign_in_as(client, "0912000111", Role.CLERK)).id
    number = await open_list(HandOverKind.LOAD_OUT, place="", person_id=clerk, now=now)
    await scan_into(number, codes[0], person_id=clerk, now=now)
    assert "Bỏ ra" in (await client.get(f"/post/hand-overs/{number}")).text
    assert (await client.submit(f"/post/hand-overs/{number}/removals", {"code": codes[0]})).status_code == 303
    assert codes[0] not in (await client.get(f"/post/hand-overs/{number}")).text
    assert (await client.submit(f"/post/hand-overs/{number}/removals", {"code": codes[0]})).status_code == 404
    assert (await client.submit(f"/post/hand-overs/{number}/removals", {})).status_code == 404
    assert (await client.get("/post/hand-overs/999999")).status_code == 404
