"""A carrier without an interface: lists go out as files, waybills and news come back as files, each row once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.dates import show_moment
from kit.parts import Parts
from kit.roles import Role
from kit.sheets import read_sheet
from market.worker import work_all_due
from postal.gates.names import BY_FILE
from postal.gates.register import Carriers
from postal.models import CarrierAlert, CarrierBatch, CarrierNotice, Parcel
from postal.services import ParcelView
from postal.services.booking import submit
from postal.states import BookingState, MoneyState, ParcelState
from postal.status_sheet import statuses_in
from tests.conftest import Browser
from tests.factories import booked_parcel

pytestmark = pytest.mark.usefixtures("db")
HEAD = "Mã bưu gửi,Mã vận đơn,Trạng thái,Thời gian,Ghi chú,Cước\n"


@pytest.fixture
async def clerk(client: Browser, sign_in_as: Callable[..., Any]) -> Browser:
    """A clerk's browser."""
    await sign_in_as(client, "0912345678", Role.CLERK)
    return client


@pytest.fixture
async def sent(parts: Parts, clock: StoppedClock) -> ParcelView:
    """A parcel booked with the carrier, 200,000 đồng to collect."""
    return await booked(parts, clock.now(), "order:1")


async def booked(parts: Parts, now: datetime, key: str) -> ParcelView:
    """One more."""
    made = await booked_parcel(key, now=now, carrier=BY_FILE, vendor_id=1, cod_dong=200_000)
    await submit(made.id, parts[Carriers], now=now)
    return made


async def row(parcel: ParcelView) -> Parcel:
    """The parcel as it is."""
    return await Parcel.get(id=parcel.id)


async def brings(clerk: Browser, parts: Parts, text: str) -> Any:
    """The clerk sends a file in; the news in it is read."""
    answer = await clerk.submit("/post/batches/news", {}, files={"sheet": ("về.csv", text.encode())})
    await work_all_due(parts)
    return answer


async def test_bookings_go_out_in_a_list_once(
    clerk: Browser, parts: Parts, clock: StoppedClock, sent: ParcelView
) -> None:
    """Gathered, downloaded in both kinds; the next list holds only what came since."""
    assert (await row(sent)).booking is BookingState.BOOKED and (await row(sent)).tracking_code == ""
    assert "1 bưu gửi đang chờ" in (await clerk.get("/post/batches")).text
    assert (await clerk.submit("/post/batches", {})).status_code == 303
    batch = await CarrierBatch.get()
    for kind in ("xlsx", "csv"):
        file = await clerk.get(f"/post/batches/{batch.id}.{kind}")
        head, line = read_sheet(file.content).rows
        assert (line[0], line[head.index("Tiền thu hộ")]) == (sent.code, "200000")
        assert line[head.index("Điện thoại nhận")] == "0987654321"
    again = await clerk.submit("/post/batches", {})
    assert again.status_code == 409 and "Chưa có bưu gửi mới" in again.text
    other = await booked(parts, clock.now(), "order:2")
    await clerk.submit("/post/batches", {})
    assert [one.code for one in await Parcel.filter(batch_id__gt=batch.id)] == [other.code]
    assert (await clerk.get("/post/batches/999999.csv")).status_code == 404
    assert (await clerk.get(f"/post/batches/{batch.id}.pdf")).status_code == 404


async def test_news_comes_back_once_whatever_file_it_stands_in(
    clerk: Browser, parts: Parts, clock: StoppedClock, sent: ParcelView
) -> None:
    """By our own code first, with the waybill; then by the waybill alone; the same row again is nothing new."""
    clock.forward(hours=30)
    first = f"{sent.code},VN77,Đã lấy hàng,{show_moment(clock.now())},,22.000\n"
    answer = await brings(clerk, parts, HEAD + first)
    assert answer.headers["location"].endswith("taken=1")
    now = await row(sent)
    assert (now.state, now.tracking_code, now.fee_dong) == (ParcelState.PICKED_UP, "VN77", 22_000)
    clock.forward(hours=5)
    second = f",VN77,Đã giao,{show_moment(clock.now())},,\n"
    third = f"{sent.code},,đang giao,{show_moment(clock.now())},,\n"
    assert (await brings(clerk, parts, HEAD + first + second + third)).headers["location"].endswith("taken=2")
    assert (await brings(clerk, parts, HEAD + second)).headers["location"].endswith("taken=0")
    page = await clerk.get("/post/batches?taken=0")
    assert "đã nhận trước rồi" in page.text
    now = await row(sent)
    assert (now.state, now.money) == (ParcelState.DELIVERED, MoneyState.COLLECTED)
    assert await CarrierNotice.all().count() == 3


async def test_what_nobody_knows_waits_for_a_person(
    clerk: Browser, parts: Parts, clock: StoppedClock, sent: ParcelView
) -> None:
    """A status that is in no list, a parcel that is not here; neither moves anything."""
    at = show_moment(clock.now())
    await brings(clerk, parts, f"{HEAD}{sent.code},,bay lên trời,{at},,\nLẠ,,đã giao,{at},,\n")
    assert (await row(sent)).state is ParcelState.CREATED
    kinds = await CarrierAlert.filter(carrier=BY_FILE).order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["unknown_code", "unknown_parcel"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Chọn tệp"),
        ("a,b\n1,2\n", "Không thấy cột"),
        (f"{HEAD}A1,,đã giao,hôm qua,,\n", "cần viết như"),
        (f"{HEAD}A1,,đã giao,14:05 21/11/2199,,\n", "chưa tới"),
        (f"{HEAD},,đã giao,21/11/2025,,\n", "Cần mã bưu gửi"),
        (f"{HEAD}A1,,,21/11/2025,,\n", "Cần trạng thái"),
        (f"{HEAD}A1,,đã giao,21/11/2025,,xu\n", "không đọc được"),
        (f"{HEAD}A1,,=1+1,21/11/2025,,\n", "là công thức"),
        (HEAD, "không có dòng nào"),
    ],
)
async def test_a_bad_file_is_refused_whole(clerk: Browser, parts: Parts, text: str, words: str) -> None:
    """A sentence at the file or the row, nothing half saved."""
    answer = await brings(clerk, parts, text)
    assert answer.status_code == 422 and words in answer.text
    assert not await CarrierNotice.exists()


def test_rows_of_one_day_keep_their_order(clock: StoppedClock) -> None:
    """A spreadsheet that tells only days."""
    found = statuses_in(f"{HEAD}A,,đã lấy,2025-11-20,,\nA,,đã giao,20/11/2025,,\n".encode(), clock.now())
    assert found.rows[0].at < found.rows[1].at
