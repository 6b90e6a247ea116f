"""The digital team's queue: who comes into it, what is written down about them, and the counts without names."""

import csv
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.roles import Role
from tests.factories import HOA, LA_HIEN, LAN, TAN_CUONG, TUAN, listing, vendor
from tests.vendors.conftest import Communes
from vendors.models import (
    HelpedHousehold,
    HelpVisit,
    HouseholdDifficulty,
    HouseholdSource,
    HouseholdState,
    IdentityState,
    ReceivingAccount,
    Vendor,
    VendorKind,
    VendorState,
)
from vendors.services.help.households import NewHousehold, add_household, forget_households, queue_stuck

NEW = {
    "name": "Hộ Nguyễn Thị Lan",
    "phone": "0912 345 678",
    "commune": "Xã La Hiên, Thái Nguyên",
    "commune_code": LA_HIEN,
    "line": "Xóm Hiên Bình",
}


@pytest.fixture
async def team(communes: Communes, client: Any, sign_in_as: Callable[..., Any]) -> Any:
    """A browser of a member of La Hiên's team."""
    await sign_in_as(client, LAN, (Role.TEAM, LA_HIEN))
    return client


async def added(
    communes: Communes, clock: StoppedClock, phone: str = HOA, *, tan_cuong: bool = False, **more: Any
) -> int:
    """A household in the queue."""
    place = communes.tan_cuong if tan_cuong else communes.la_hien
    new = NewHousehold(f"Hộ {phone[-3:]}", phone, place, **more)
    return await add_household(new, HouseholdSource.TEAM, by=1, now=clock.now())


async def stuck(phone: str, clock: StoppedClock, **changes: Any) -> Vendor:
    """A grower who came aboard three days ago and has neither goods nor an account."""
    fields: dict[str, Any] = {
        "kind": VendorKind.GROWER,
        "phone": phone,
        "commune_code": LA_HIEN,
        "commune": "Xã La Hiên",
        **changes,
    }
    made = await vendor(f"Quầy {phone[-4:]}", f"quay-{phone[-4:]}", **fields)
    await Vendor.filter(id=made.id).update(created_at=clock.now() - timedelta(days=3))
    await ReceivingAccount.filter(vendor_id=made.id).delete()
    return made


# --- the queue ---


async def test_a_household_is_added_once_and_stands_in_the_queue_with_its_phone(team: Any) -> None:
    answer = await team.submit("/team/households", NEW)
    assert answer.status_code == 303
    row = await HelpedHousehold.get(phone=HOA)
    assert answer.headers["location"].endswith(f"/team/households/{row.id}")
    page = (await team.get("/team")).text
    assert "Hộ Nguyễn Thị Lan" in page and 'href="tel:+84912345678"' in page
    again = await team.submit("/team/households", NEW)
    assert again.status_code == 422 and "Số này đã có trong danh sách" in again.text
    assert await HelpedHousehold.all().count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "0208 385 5123"}, "phone"),
        ({"commune": "", "commune_code": ""}, "commune"),
        ({"next_visit_on": "01/01/2020"}, "next_visit_on"),
        ({"next_visit_on": "32/13/2026"}, "next_visit_on"),
        ({"note": "x" * 501}, "note"),
        ({"commune": "Xã Tân Cương, Thái Nguyên", "commune_code": TAN_CUONG}, "commune"),
    ],
)
async def test_a_household_with_a_mistake_is_not_added(team: Any, change: dict[str, str], field: str) -> None:
    answer = await team.submit("/team/households", {**NEW, **change})
    assert answer.status_code == 422 and f'id="f-{field}-error"' in answer.text
    assert not await HelpedHousehold.exists()


async def test_a_board_adds_for_any_commune_and_cannot_read_the_queue(
    communes: Communes, client: Any, sign_in_as: Callable[..., Any]
) -> None:
    await sign_in_as(client, TUAN, (Role.BOARD, "1"))
    answer = await client.submit("/team/households", NEW)
    assert answer.headers["location"].endswith("/team/households/new?told=added")
    assert (await HelpedHousehold.get(phone=HOA)).source == HouseholdSource.BOARD
    assert "Đã ghi. Tổ công nghệ số của xã" in (await client.get("/team/households/new?told=added")).text
    assert (await client.get("/team")).status_code == 403


async def test_a_team_sees_its_own_communes_soonest_visit_first(
    team: Any, communes: Communes, clock: StoppedClock, queries: Any
) -> None:
    today = vietnam_date(clock.now())
    await added(communes, clock, "+84912000201")
    await added(communes, clock, "+84912000202", next_visit_on=today + timedelta(days=3))
    await added(communes, clock, "+84912000203", next_visit_on=today)
    await added(communes, clock, "+84912000204", tan_cuong=True)
    for number in range(30):
        await added(communes, clock, f"+849120003{number:02}")
    with queries.at_most(7):
        page = (await team.get("/team")).text
    assert page.index("Hộ 203") < page.index("Hộ 202") < page.index("Hộ 201")
    assert "Hộ 204" not in page and "33 hộ còn việc, 1 hộ hẹn đến hôm nay" in page
    assert page.count("household-row") == 24 and "page=2" in page
    due = (await team.get("/team?show=today")).text
    assert "Hộ 203" in due and "Hộ 202" not in due


async def test_a_team_without_a_commune_is_the_provinces(
    communes: Communes, client: Any, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    await added(communes, clock, "+84912000201")
    await added(communes, clock, "+84912000204", tan_cuong=True)
    await sign_in_as(client, LAN, Role.TEAM)
    page = (await client.get("/team")).text
    assert "Hộ 201" in page and "Hộ 204" in page


async def test_stuck_sellers_come_into_the_queue_once_with_the_reason(team: Any, clock: StoppedClock) -> None:
    bare = await stuck("+84912000301", clock)
    returned = await stuck("+84912000302", clock, identity_state=IdentityState.RETURNED)
    await listing(returned)
    await ReceivingAccount.create(vendor=returned, bin="970436", number="1", holder="A", is_default=True)
    well = await stuck("+84912000303", clock)
    await listing(well)
    await ReceivingAccount.create(vendor=well, bin="970436", number="1", holder="A", is_default=True)
    await stuck("+84912000304", clock, kind=VendorKind.FIRM)
    await stuck("+84912000305", clock, state=VendorState.SUSPENDED)
    fresh = await stuck("+84912000306", clock)
    await Vendor.filter(id=fresh.id).update(created_at=clock.now() - timedelta(hours=5))
    assert await queue_stuck(clock.now()) == 2
    assert await queue_stuck(clock.now()) == 0
    assert set(await HelpedHousehold.all().values_list("vendor_id", flat=True)) == {bare.id, returned.id}
    page = (await team.get("/team")).text
    assert page.count("Chưa đăng hàng nào") == 1 and page.count("Chưa có tài khoản nhận tiền") == 1
    assert page.count("Hồ sơ bị trả lại") == 1


async def test_a_household_that_was_done_and_is_stuck_a_month_later_comes_back_and_one_that_declined_does_not(
    clock: StoppedClock, communes: Communes
) -> None:
    await stuck("+84912000301", clock)
    await stuck("+84912000302", clock)
    await queue_stuck(clock.now())
    one = HelpedHousehold.filter(phone="+84912000301")
    other = HelpedHousehold.filter(phone="+84912000302")
    await one.update(state=HouseholdState.DONE, closed_at=clock.now())
    await other.update(state=HouseholdState.DECLINED, closed_at=clock.now())
    clock.forward(days=29)
    assert await queue_stuck(clock.now()) == 0
    clock.forward(days=2)
    assert await queue_stuck(clock.now()) == 1
    assert (await one.get()).state == HouseholdState.WAITING and (await one.get()).closed_at is None


async def test_closed_households_are_forgotten_after_a_year(clock: StoppedClock, communes: Communes) -> None:
    closed, still = await added(communes, clock), await added(communes, clock, TUAN)
    await HelpedHousehold.filter(id=closed).update(state=HouseholdState.DONE, closed_at=clock.now())
    clock.forward(days=364)
    assert await forget_households(clock.now()) == 0
    clock.forward(days=2)
    assert await forget_households(clock.now()) == 1
    assert await HelpedHousehold.all().values_list("id", flat=True) == [still]


# --- visits ---


async def test_a_visit_says_when_who_what_and_how_long_and_moves_the_household_on(
    team: Any, communes: Communes, clock: StoppedClock
) -> None:
    household, today = await added(communes, clock), vietnam_date(clock.now())
    ahead = today + timedelta(days=4)
    values = {
        "visited_on": today.isoformat(),
        "minutes": "45",
        "did_aboard": "yes",
        "did_taught": "yes",
        "note": "Con gái ở nhà cuối tuần.",
        "outcome": "planned",
        "next_visit_on": ahead.isoformat(),
    }
    assert "Đã làm gì" in (await team.get(f"/team/households/{household}/visits/new")).text
    assert (await team.submit(f"/team/households/{household}/visits", values)).status_code == 303
    visit = await HelpVisit.get(household_id=household)
    assert (visit.minutes, visit.done, visit.visited_on) == (45, ["aboard", "taught"], today)
    row = await HelpedHousehold.get(id=household)
    assert (row.state, row.next_visit_on, row.closed_at) == (HouseholdState.PLANNED, ahead, None)
    page = (await team.get(f"/team/households/{household}")).text
    assert "45 phút · Mở quầy hàng · Tập dùng điện thoại" in page and "Con gái ở nhà" in page
    values |= {"outcome": "done"}
    await team.submit(f"/team/households/{household}/visits", values)
    row = await HelpedHousehold.get(id=household)
    assert (row.state, row.next_visit_on, row.closed_at) == (HouseholdState.DONE, None, clock.now())
    assert "Hộ 678" not in (await team.get("/team")).text
    assert "Hộ 678" in (await team.get("/team?show=done")).text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "nửa giờ"}, "minutes"),
        ({"visited_on": "01/01/2099"}, "visited_on"),
        ({"visited_on": "01/01/2020"}, "visited_on"),
        ({"did_asked": ""}, "note"),
        ({"outcome": "waiting"}, "outcome"),
        ({"outcome": "planned"}, "next_visit_on"),
        ({"next_visit_on": "01/01/2020"}, "next_visit_on"),
    ],
)
async def test_a_visit_with_a_mistake_is_not_noted(
    team: Any, communes: Communes, clock: StoppedClock, change: dict[str, str], field: str
) -> None:
    household = await added(communes, clock)
    good = {
        "visited_on": vietnam_date(clock.now()).isoformat(),
        "minutes": "30",
        "did_asked": "yes",
        "outcome": "visited",
    }
    answer = await team.submit(f"/team/households/{household}/visits", {**good, **change})
    assert answer.status_code == 422 and f'id="f-{field}-error"' in answer.text
    assert not await HelpVisit.exists()


# --- difficulties ---


async def test_difficulties_are_those_ticked_last(team: Any, communes: Communes, clock: StoppedClock) -> None:
    household = await added(communes, clock)
    place = f"/team/households/{household}/difficulties"
    assert (await team.submit(place, {"no_smartphone": "yes", "tax_fear": "yes"})).status_code == 303
    await team.submit(place, {"tax_fear": "yes", "other": "yes", "words": "Nhà hay mất điện."})
    kinds = await HouseholdDifficulty.filter(household_id=household).values_list("kind", flat=True)
    assert set(kinds) == {"tax_fear", "other"}
    form = (await team.get(place)).text
    assert form.count(" checked") == 2 and "Nhà hay mất điện." in form
    wrong = await team.submit(place, {"other": "yes"})
    assert wrong.status_code == 422 and "Hãy ghi khó khăn khác là gì" in wrong.text


async def test_counts_go_by_commune_without_names(
    team: Any,
    communes: Communes,
    clock: StoppedClock,
    browser: Callable[[], Any],
    sign_in_as: Callable[..., Any],
    queries: Any,
) -> None:
    for number, far in enumerate((False, False, True)):
        one = await added(communes, clock, f"+8491200040{number}", tan_cuong=far)
        await HouseholdDifficulty.create(household_id=one, kind="tax_fear", person_id=1, noted_at=clock.now())
    own = (await team.get("/team/figures")).text
    assert "Xã La Hiên" in own and "Xã Tân Cương" not in own and "Hộ 400" not in own
    async with browser() as admin:
        await sign_in_as(admin, TUAN, Role.ADMIN)
        with queries.at_most(4):
            page = (await admin.get("/team/figures")).text
        assert "Xã La Hiên" in page and "Xã Tân Cương" in page
        sheet = await admin.get("/team/figures.csv")
    lines = list(csv.reader(sheet.content.decode("utf-8-sig").splitlines()))
    assert sheet.headers["content-type"].startswith("text/csv")
    column = lines[0].index("Sợ bị truy thu thuế")
    assert {line[0]: line[column] for line in lines[1:]} == {
        LA_HIEN: "2",
        TAN_CUONG: "1",
    }
