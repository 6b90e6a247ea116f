"""Zones of a market, stalls claimed against the board's list, markets opened by administrators."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import AuditEntry, TextMessage
from kit.models import Job
from kit.roles import Role
from tests.factories import bank, listing, market, stall, vendor
from tests.vendors.conftest import Communes
from vendors.models import Market, MarketZone, ReceivingAccount, Stall, TraderInvitation, Vendor

HOA = "+84987000111"
ADMIN, BOARD = "+84973111222", "+84912000444"
AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
ABOARD = {
    "kind": "household",
    "name": "Chè cô Hoa",
    "contact_name": "Nguyễn Thị Hoa",
    "commune": "Xã Tân Cương, Thái Nguyên",
    "commune_code": "05503",
    "line": "Xóm Nam Đồng",
    "place": "market",
    "market": "cho-thai",
    "stall": "A7",
    "bin": "970436",
    "account": "0123456789",
    "holder": "Nguyễn Thị Hoa",
}
OPENED = {
    "name": "Chợ Tân Cương",
    "kind": "local",
    "commune": "Xã Tân Cương, Thái Nguyên",
    "commune_code": "05503",
    "schedule_kind": "lunar",
    "schedule_days": "1, 6, 11, 16, 21, 26",
    "selling_points": "120",
    "declared_class": "3",
    "operator": "UBND xã Tân Cương",
    "place": "21.5300, 105.7600",
}


@pytest.fixture
async def board(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Market:
    """A board member of Chợ Thái."""
    place = await market()
    await sign_in_as(client, BOARD, (Role.BOARD, str(place.id)))
    return place


async def zone(place: Market, name: str = "Dãy chè", **more: Any) -> MarketZone:
    """A zone where tea is sold."""
    return await MarketZone.create(market=place, name=name, **more)


async def invited(place: Market, phone: str = HOA, number: str = "A7", **more: Any) -> TraderInvitation:
    """A line of the board's list."""
    fields = {"name": "Nguyễn Thị Hoa", "created_at": AT, **more}
    return await TraderInvitation.create(market=place, phone=phone, stall_number=number, **fields)


# --- zones ---


async def test_a_board_adds_changes_and_removes_zones(client: Any, board: Market) -> None:
    assert "Chợ chưa chia khu" in (await client.get("/board/markets/cho-thai/zones")).text
    typed = {"name": "Dãy chè", "goods": "chè, trà", "position": "2"}
    assert (await client.submit("/board/markets/cho-thai/zones", typed)).status_code == 303
    made = await MarketZone.get(market_id=board.id)
    assert (made.name, made.goods, made.position) == ("Dãy chè", "chè, trà", 2)
    held = await stall(place=board)
    assert "Chưa xếp" in (await client.get("/board/markets/cho-thai")).text
    here = f"/board/markets/cho-thai/stalls/{held.id}/zone"
    assert (await client.submit(here, {"zone": str(made.id)})).status_code == 303
    await held.refresh_from_db()
    assert held.zone_id == made.id
    one = f"/board/markets/cho-thai/zones/{made.id}"
    assert (await client.submit(one, {**typed, "name": "Dãy trà"})).status_code == 303
    assert "Dãy trà" in (await client.get("/board/markets/cho-thai/zones?told=changed")).text
    assert (await client.submit(f"{one}/removal")).status_code == 303
    await held.refresh_from_db()
    assert held.zone_id is None, "the stall stays"
    assert await AuditEntry.filter(action="zone_removed").exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Cần tên khu"),
        ({"name": "x" * 61}, "Nhiều nhất 60 chữ."),
        ({"name": "day CHE"}, "Chợ đã có khu tên này."),
        ({"name": "Khu mới", "position": "-1"}, "Số từ 0 đến 999."),
        ({"name": "Khu mới", "position": "1.5e9"}, "số nguyên"),
    ],
)
async def test_a_bad_zone_is_told_at_its_field(
    client: Any, board: Market, typed: dict[str, str], sentence: str
) -> None:
    kept = await zone(board)
    other = await zone(board, "Dãy rau")
    for address in ("/board/markets/cho-thai/zones", f"/board/markets/cho-thai/zones/{other.id}"):
        answer = await client.submit(address, typed)
        assert answer.status_code == 422 and sentence in answer.text
    assert await MarketZone.all().count() == 2 and kept.name == "Dãy chè"


async def test_another_markets_zones_and_stalls_are_not_there(client: Any, board: Market) -> None:
    far = await market(slug="cho-xa", name="Chợ Xa")
    theirs, own = await zone(far), await zone(board)
    held, ours = await stall(place=far), await stall(await vendor(slug="b", phone=HOA), "B1", place=board)
    assert (await client.get("/board/markets/cho-xa/zones")).status_code == 404
    base = "/board/markets/cho-thai"
    for address in (
        f"{base}/zones/{theirs.id}/removal",
        f"{base}/stalls/{held.id}/zone",
        f"{base}/stalls/{held.id}/confirmation",
        f"{base}/stalls/{held.id}/refusal",
    ):
        assert (await client.submit(address, {"zone": str(own.id)})).status_code == 404, address
    answer = await client.submit(f"{base}/stalls/{ours.id}/zone", {"zone": str(theirs.id)})
    assert answer.status_code == 404, "no stall stands in another market's zone"


async def test_the_markets_page_goes_zone_by_zone(client: Any, board: Market, queries: Any) -> None:
    last = await zone(board, "Dãy rau", position=2)
    first = await zone(board, "Dãy chè", position=1, goods="chè, trà")
    for number, part in (("A1", None), ("A2", last), ("A3", first)):
        seller = await vendor(slug=f"quay-{number}", name=f"Quầy {number}", phone=f"+8491234567{number[1]}")
        held = await stall(seller, number, place=board)
        held.zone_id = part.id if part else None
        await held.save()
    with queries.at_most(7):
        page = (await client.get("/markets/cho-thai")).text
    order = [
        page.index(words) for words in ("Dãy chè", "Quầy A3", "Dãy rau", "Quầy A2", "chưa xếp", "Quầy A1")
    ]
    assert order == sorted(order)


async def test_a_list_of_traders_knows_the_zone(client: Any, board: Market) -> None:
    tea = await zone(board)
    rows = "Tên;Điện thoại;Số ô;Khu\nCô Hoa;0987000111;A7;day che\nCô Lan;0987000222;A8;Khu lạ\nCô Mai;0987000333;A9;\n"
    answer = await client.submit(
        "/board/markets/cho-thai/traders", files=[("traders", ("ds.csv", rows.encode()))]
    )
    assert "Chợ chưa có khu «Khu lạ»." in answer.text
    kept = {one.stall_number: one.zone_id for one in await TraderInvitation.all()}
    assert kept == {"A7": tea.id, "A9": None}
    veg = await zone(board, "Dãy rau")
    again = rows.replace("day che", "Dãy rau").replace("Khu lạ", "Dãy rau")
    answer = await client.submit(
        "/board/markets/cho-thai/traders", files=[("traders", ("ds.csv", again.encode()))]
    )
    assert answer.status_code == 200
    kept = {one.stall_number: one.zone_id for one in await TraderInvitation.all()}
    assert kept == {"A7": veg.id, "A8": veg.id, "A9": None}


# --- claims ---


async def aboard_by(client: Any, sign_in_as: Any, phone: str = HOA, **changes: str) -> Stall:
    """Comes aboard on the page and gives the stall."""
    await bank()
    await sign_in_as(client, phone)
    answer = await client.submit("/sell/aboard", {**ABOARD, **changes})
    assert answer.status_code == 303, answer.text
    return await Stall.get(vendor__phone=phone)


@pytest.mark.parametrize(
    ("phone", "number", "is_claimed"),
    [(HOA, "A7", False), (HOA, "A8", True), ("+84987000222", "A7", True)],
    ids=["as the list says", "a stall that is not in the list", "a stall of somebody else's"],
)
async def test_a_stall_is_compared_with_the_boards_list(
    browser: Any, board: Market, sign_in_as: Any, phone: str, number: str, is_claimed: bool
) -> None:
    part = await zone(board)
    await invited(board, zone=part)
    async with browser() as trader:
        held = await aboard_by(trader, sign_in_as, phone, stall=number)
        assert held.is_claimed is is_claimed
        assert held.zone_id == (None if is_claimed else part.id)
        waits = f"ô {number}, Chợ Thái" in (await trader.get("/sell")).text.replace("Ô ", "ô ")
        assert waits
    async with browser() as shopper:
        assert ("Chè cô Hoa" not in (await shopper.get("/markets/cho-thai")).text) is is_claimed


async def test_where_no_list_was_given_nobody_waits(browser: Any, board: Market, sign_in_as: Any) -> None:
    async with browser() as trader:
        assert not (await aboard_by(trader, sign_in_as)).is_claimed


async def test_the_board_confirms_a_claim_and_the_stall_is_shown(
    client: Any, browser: Any, board: Market, sign_in_as: Any
) -> None:
    await invited(board, "+84987000999", "A7", name="Cô Mai")
    async with browser() as trader:
        held = await aboard_by(trader, sign_in_as)
    seller = await Vendor.get(phone=HOA)
    goods = await listing(seller)
    assert "A7" not in (await client.get(f"/goods/{goods.code}")).text
    desk = (await client.get("/board/markets/cho-thai")).text
    assert "Ô chờ ban quản lý xác nhận" in desk and "Danh sách ghi ô này của Cô Mai" in desk
    address = f"/board/markets/cho-thai/stalls/{held.id}/confirmation"
    for _ in range(2):
        assert (await client.submit(address)).status_code == 303
    assert not (await Stall.get(id=held.id)).is_claimed
    assert await AuditEntry.filter(action="stall_confirmed").count() == 1
    assert await Job.filter(name="index_listing", subject_id=goods.id).count() == 1
    assert "đã xác nhận ô A7" in (await TextMessage.filter(phone=HOA).order_by("-id").first()).words  # type: ignore[union-attr]
    assert "ô A7" in (await client.get(f"/goods/{goods.code}")).text


async def test_the_board_refuses_a_claim_and_the_place_is_free(
    client: Any, browser: Any, board: Market, sign_in_as: Any
) -> None:
    await invited(board, "+84987000999", "A7")
    async with browser() as trader:
        held = await aboard_by(trader, sign_in_as)
    address = f"/board/markets/cho-thai/stalls/{held.id}/refusal"
    assert (await client.submit(address)).status_code == 303
    assert not await Stall.exists(id=held.id)
    assert "chưa nhận ô A7" in (await TextMessage.filter(phone=HOA).order_by("-id").first()).words  # type: ignore[union-attr]
    assert (await client.submit(address)).status_code == 404
    confirmed = await stall(await Vendor.get(phone=HOA), "B9", place=board)
    again = f"/board/markets/cho-thai/stalls/{confirmed.id}/refusal"
    assert (await client.submit(again)).status_code == 404, (
        "what is confirmed is not taken away by a claim's button"
    )


async def test_a_list_that_comes_later_confirms_who_it_names(
    client: Any, browser: Any, board: Market, sign_in_as: Any
) -> None:
    await invited(board, "+84987000999", "A1")
    async with browser() as trader:
        held = await aboard_by(trader, sign_in_as)
    assert held.is_claimed
    rows = "Tên;Điện thoại;Số ô\nCô Hoa;0987000111;A7\n"
    files = [("traders", ("ds.csv", rows.encode()))]
    answer = await client.submit("/board/markets/cho-thai/traders", files=files)
    assert answer.status_code == 200 and "Ô chờ ban quản lý xác nhận" not in answer.text
    assert not (await Stall.get(id=held.id)).is_claimed


# --- markets ---


async def test_an_administrator_opens_a_market(
    client: Any, db: None, communes: Communes, sign_in_as: Any
) -> None:
    await sign_in_as(client, ADMIN, Role.ADMIN)
    assert "Mở chợ mới" in (await client.get("/board/markets")).text
    assert (await client.get("/board/markets/new")).status_code == 200
    answer = await client.submit("/board/markets", OPENED)
    assert answer.headers["location"] == "/board/markets/cho-tan-cuong?told=opened"
    made = await Market.get(slug="cho-tan-cuong")
    assert (made.selling_points, made.schedule_days, made.latitude) == (120, "1,6,11,16,21,26", 21.53)
    assert "Chợ Tân Cương" in (await client.get("/markets")).text
    again = await client.submit("/board/markets", OPENED)
    assert again.status_code == 422 and "Đã có chợ tên này." in again.text
    assert await Market.all().count() == 1
    for change, sentence in (
        ({"name": ""}, "Cần tên chợ"),
        ({"name": "New"}, "Đã có chợ tên này."),
        ({"name": "Chợ Mới", "schedule_days": "31"}, "Ngày âm lịch"),
        ({"name": "Chợ Mới", "place": "0, 0"}, "không ở Việt Nam"),
    ):
        wrong = await client.submit("/board/markets", {**OPENED, **change})
        assert wrong.status_code == 422 and sentence in wrong.text, sentence
    assert await Market.all().count() == 1


async def test_a_board_opens_no_market(client: Any, board: Market) -> None:
    assert (await client.get("/board/markets/new")).status_code == 403
    assert (await client.submit("/board/markets", OPENED)).status_code == 403


# --- a bank outside the table ---


async def test_an_unknown_bank_is_warned_of_once_then_taken(
    client: Any, db: None, communes: Communes, sign_in_as: Any
) -> None:
    await sign_in_as(client, HOA)
    typed = {**ABOARD, "place": "home", "bin": "other", "other_bin": "970999"}
    first = await client.submit("/sell/aboard", typed)
    assert first.status_code == 422 and "Chợ chưa biết mã BIN này." in first.text
    assert 'name="other_asked" value="970999"' in first.text
    changed = await client.submit("/sell/aboard", {**typed, "other_bin": "970998", "other_asked": "970999"})
    assert changed.status_code == 422, "another number is asked about again"
    missing = await client.submit("/sell/aboard", {**typed, "other_bin": ""})
    assert missing.status_code == 422 and "Mã BIN có đúng 6 chữ số" in missing.text
    assert not await Vendor.all().exists()
    answer = await client.submit("/sell/aboard", {**typed, "other_asked": "970999"})
    assert answer.status_code == 303
    assert (await ReceivingAccount.get()).bin == "970999"
