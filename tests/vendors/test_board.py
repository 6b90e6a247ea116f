"""A market's board: its own market and nobody else's, traders invited by phone, a list read from a file."""

from typing import Any

import pytest

from accounts.models import TextMessage
from kit.dates import vietnam_date
from kit.lunar import lunar_day
from kit.roles import Role
from tests.factories import bank, market, stall, vendor
from tests.vendors.conftest import Communes
from vendors.models import Market, MarketKind, ScheduleKind, Stall, TraderInvitation

HOA = "+84987000111"
GOOD = {
    "kind": "local",
    "commune": "Xã Tân Cương, Thái Nguyên",
    "commune_code": "05503",
    "line": "Đường Bến Tượng",
    "about": "Chợ lớn.",
    "schedule_kind": "weekly",
    "schedule_days": "2, 7, CN",
    "selling_points": "450",
    "declared_class": "2",
    "operator": "Ban quản lý chợ Thái",
    "rules_text": "Giữ sạch lối đi.\nKhông nói thách.",
    "rules_url": "https://example.vn/noi-quy.pdf",
    "place": "21.5942, 105.8480",
    "has_no_signal": "yes",
}


@pytest.fixture
async def board(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Market:
    """A board member of Chợ Thái."""
    place = await market()
    await sign_in_as(client, "0912000444", (Role.BOARD, str(place.id)))
    return place


async def test_a_board_edits_its_market_and_its_page_says_it(client: Any, board: Market) -> None:
    """Days, rules, operator, place and signal on the public page; the class that differs is flagged."""
    assert (await client.get("/board/markets/cho-thai/edit")).status_code == 200
    answer = await client.submit("/board/markets/cho-thai", GOOD)
    assert answer.status_code == 303
    await board.refresh_from_db()
    assert (board.schedule_kind, board.schedule_days, board.commune) == (
        ScheduleKind.WEEKLY,
        "1,6,7",
        "Xã Tân Cương",
    )
    page = await client.get("/markets/cho-thai")
    for words in (
        "Họp thứ hai, thứ bảy, chủ nhật", "hạng 1", "Ban quản lý chợ Thái", "Giữ sạch lối đi.", "mlat=21.5942",
        "https://example.vn/noi-quy.pdf", "không có sóng điện thoại", "Việc của ban quản lý", "âm lịch",
    ):  # fmt: skip
        assert words in page.text, words
    desk = await client.get("/board/markets/cho-thai?told=changed")
    assert "Khai hạng 2, nhưng 450 điểm kinh doanh là hạng 1" in desk.text
    form = await client.get("/board/markets/cho-thai/edit")
    assert 'value="2, 7, CN"' in form.text and 'value="21.5942, 105.848"' in form.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "circus"}, "Hãy chọn loại chợ."),
        ({"schedule_kind": ""}, "Hãy chọn chợ họp khi nào."),
        ({"schedule_days": "9"}, "Bạn vừa nhập «9»"),
        ({"schedule_kind": "lunar", "schedule_days": "31"}, "Ngày âm lịch từ 1 đến 30."),
        ({"selling_points": "-1"}, "Số từ 0 đến 20000."),
        ({"selling_points": "1.5e9"}, "số nguyên"),
        ({"declared_class": "4"}, "Hạng chợ là 1, 2 hoặc 3."),
        ({"rules_url": "javascript:alert(1)"}, "https://"),
        ({"place": "105.8480, 21.5942"}, "không ở Việt Nam"),
        ({"place": "ở chợ"}, "Toạ độ cần hai số"),
        ({"commune": "Xã Không Có", "commune_code": ""}, "Không có xã, phường nào"),
        ({"rules_text": "x" * 20_001}, "Nhiều nhất 20000 chữ"),
    ],
)
async def test_a_mistake_is_said_and_nothing_changes(
    client: Any, board: Market, change: dict[str, str], words: str
) -> None:
    """With what was typed kept."""
    answer = await client.submit("/board/markets/cho-thai", {**GOOD, **change})
    assert answer.status_code == 422 and words in answer.text
    assert "Ban quản lý chợ Thái" in answer.text
    await board.refresh_from_db()
    assert board.kind == MarketKind.LOCAL and board.operator == ""


async def test_another_market_is_not_found(client: Any, board: Market, browser: Any, sign_in_as: Any) -> None:
    """For a board; administrators and a board of the whole province run all."""
    await market("Chợ Đại Từ", "cho-dai-tu")
    for place in ("", "/edit"):
        assert (await client.get(f"/board/markets/cho-dai-tu{place}")).status_code == 404
    for act in ("", "/invitations", "/traders"):
        assert (await client.submit(f"/board/markets/cho-dai-tu{act}", GOOD)).status_code == 404
    assert "Chợ Đại Từ" not in (await client.get("/board/markets")).text
    for role in (Role.ADMIN, Role.BOARD):
        async with browser() as other:
            await sign_in_as(other, f"09120005{len(role):02}", role)
            assert "Chợ Đại Từ" in (await other.get("/board/markets")).text
            assert (await other.get("/board/markets/cho-dai-tu")).status_code == 200


async def test_a_lunar_market_says_whether_it_meets_today(client: Any, db: None, clock: Any) -> None:
    """On its page, in the list and on the first page; the next day it does not."""
    day = lunar_day(vietnam_date(clock.now())).day
    await Market.create(
        slug="cho-phien", name="Chợ phiên", commune_code="05443", commune="Xã Vô Tranh",
        schedule_kind=ScheduleKind.LUNAR, schedule_days=str(day),
    )  # fmt: skip
    for place in ("/markets/cho-phien", "/markets", "/"):
        page = await client.get(place)
        assert "Hôm nay chợ họp" in page.text and f"Họp ngày {day} âm lịch" in page.text, place
    clock.forward(days=1)
    page = await client.get("/markets/cho-phien")
    assert "Hôm nay chợ không họp" in page.text and "Phiên tới: " in page.text


async def test_an_invited_trader_opens_the_link_and_comes_aboard_with_market_and_stall_filled(
    client: Any, board: Market, browser: Any, sign_in_as: Any, run_jobs: Any, parts: Any
) -> None:
    """The text goes out through the outbox; the link leads to sign in, then to the filled page."""
    await bank()
    answer = await client.submit(
        "/board/markets/cho-thai/invitations", {"name": "Cô Hoa", "phone": "0987000111", "stall": " b7 "}
    )
    assert answer.status_code == 303
    text = await TextMessage.get(phone=HOA)
    assert "Chợ Thái mời Cô Hoa nhận ô B7" in text.words
    link = text.words.rpartition("http://test")[2]
    await run_jobs()
    await text.refresh_from_db()
    assert text.sent_at is not None and text.words == ""
    assert "Cô Hoa" in (await client.get("/board/markets/cho-thai")).text
    async with browser() as hoa:
        opened = await hoa.get(link)
        assert opened.status_code == 303
        asked = await hoa.get(opened.headers["location"])
        assert asked.headers["location"].startswith("/sign-in?back=/sell/aboard%3Finvite%3D")
        await sign_in_as(hoa, HOA)
        page = await hoa.get(opened.headers["location"])
        for words in (
            'value="cho-thai" selected',
            'value="B7"',
            'value="Cô Hoa"',
            'value="market" id="f-place" required checked',
        ):
            assert words in page.text, words


async def test_an_invited_seller_who_is_aboard_takes_the_stall_once(
    client: Any, board: Market, browser: Any, sign_in_as: Any
) -> None:
    """Only with the invited phone; the invitation leaves the list."""
    seller = await vendor(phone=HOA)
    await client.submit(
        "/board/markets/cho-thai/invitations", {"name": "Cô Hoa", "phone": HOA, "stall": "B7"}
    )
    code = (await TextMessage.get(phone=HOA)).words.rpartition("/i/")[2]
    async with browser() as other:
        await sign_in_as(other, "0912000777", (Role.VENDOR, "999"))
        assert (await other.get(f"/i/{code}/stall")).status_code == 404
        assert (await other.submit(f"/i/{code}/stall")).status_code == 404
    async with browser() as hoa:
        await sign_in_as(hoa, HOA, (Role.VENDOR, str(seller.id)))
        assert (await hoa.get(f"/sell/aboard?invite={code}")).headers["location"] == f"/i/{code}/stall"
        assert "Nhận ô B7" in (await hoa.get(f"/i/{code}/stall")).text
        assert [(await hoa.submit(f"/i/{code}/stall")).status_code for _ in range(2)] == [303, 303]
        assert (await hoa.get(f"/i/{code[:-1]}/stall")).status_code == 404
    assert (await Stall.get(vendor_id=seller.id)).number == "B7"
    assert "Đã mời, chưa lên chợ số" not in (await client.get("/board/markets/cho-thai")).text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Cần tên tiểu thương."),
        ({"phone": "02083855123"}, "Số điện thoại cần 10 chữ số"),
        ({"stall": ""}, "Cần số ô hoặc số quầy"),
        ({"stall": "A12"}, "Ô A12 đã có người khác."),
    ],
)
async def test_an_invitation_that_cannot_be_is_refused(
    client: Any, board: Market, change: dict[str, str], words: str
) -> None:
    """No text goes out."""
    await stall(number="A12", place=board)
    sent = {"name": "Cô Hoa", "phone": HOA, "stall": "B7", **change}
    answer = await client.submit("/board/markets/cho-thai/invitations", sent)
    assert answer.status_code == 422 and words in answer.text
    assert not await TextMessage.all().count() and not await TraderInvitation.all().count()


async def _send(client: Any, content: bytes, **more: str) -> Any:
    files = {"traders": ("tieu-thuong.csv", content, "text/csv")}
    return await client.submit("/board/markets/cho-thai/traders", more, files=files)


async def test_a_list_of_traders_is_read_every_bad_row_named_and_twice_is_once(
    client: Any, board: Market
) -> None:
    """As Excel in Vietnam writes it: semicolons, a mark at the front, phones that lost their zero."""
    await stall(number="A12", place=board)
    rows = [
        "Số ô;Họ và tên;Điện thoại",
        "b1;Nguyễn Thị Hoa;0987000111",
        "b2;Trần Văn Tư;987000222",
        "b3;Lê Thị Ba;12345",
        ";Phạm Văn Năm;0987000333",
        "B1;Đỗ Thị Sáu;0987000444",
        "b4;Vũ Thị Bảy;0987000111",
        "a12;Bùi Văn Tám;0987000555",
        "b5;=cmd|'/c calc'!A1;0987000666",
        "",
    ]
    answer = await _send(client, ("\ufeff" + "\r\n".join(rows)).encode(), texts="yes")
    assert answer.status_code == 422
    for words in (
        "Đã ghi 2 người mới, 0 người đã có", "6 dòng chưa ghi được", '<li value="4">', "Số điện thoại cần 10 chữ số",
        "Cần số ô từ 1 đến 20 chữ", "Ô B1 đã có ở dòng 2.", "đã có ở dòng 2", "Ô A12 đã có người khác.", "công thức",
    ):  # fmt: skip
        assert words in answer.text, words
    kept = await TraderInvitation.all().order_by("id").values_list("phone", "stall_number", "name")
    assert kept == [(HOA, "B1", "Nguyễn Thị Hoa"), ("+84987000222", "B2", "Trần Văn Tư")]
    assert await TextMessage.all().count() == 2
    again = await _send(client, "\n".join(rows[:3]).encode(), texts="yes")
    assert again.status_code == 200 and "Đã ghi 0 người mới, 2 người đã có" in again.text
    assert await TextMessage.all().count() == 2, "nobody is texted twice"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Tệp này trống."),
        (b"\n,,\n", "Tệp này trống."),
        (b"PK\x03\x04\x00\x00", "không phải CSV"),
        (b"\xff\xfe\x00", "không phải CSV"),
        ("tên,sdt\nHoa,0987000111".encode(), "đủ ba cột"),
        ("tên".encode("utf-16"), "đủ ba cột"),
        (b"a" * 1_100_000, "nhiều nhất 1 MB"),
        (b"Hoa,0987000111,1\n" * 2_002, "Nhiều nhất 2000 dòng"),
        (b"a," * 10 + b'"' + b"x" * 200_000, "không phải CSV"),
    ],
)
async def test_a_file_that_is_no_list_is_refused_whole(
    client: Any, board: Market, content: bytes, words: str
) -> None:
    """Nothing is kept."""
    answer = await _send(client, content)
    assert answer.status_code == 422 and words in answer.text
    assert not await TraderInvitation.all().count()


async def test_the_boards_page_asks_few_queries(client: Any, board: Market, queries: Any) -> None:
    """Ten stalls and ten invitations."""
    for number in range(10):
        seller = await vendor(slug=f"v-{number}", phone=f"+8491200{number:04}")
        await stall(seller, f"A{number}", board)
    rows = "\n".join(f"Người {n},09870002{n:02},B{n}" for n in range(10))
    assert (await _send(client, rows.encode())).status_code == 200
    with queries.at_most(10):
        page = await client.get("/board/markets/cho-thai")
    assert page.text.count("Chưa gửi") == 10
