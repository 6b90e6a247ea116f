"""The evening's count, the supervisor's lists and plots, and post offices with their hours."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from accounts.models import AuditEntry
from accounts.services import grant, person_of
from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.db import sql
from kit.errors import Conflict, NotFound, Refusal
from kit.roles import Role
from kit.units import commune, load_units
from postal.models import Debrief, DoubtfulAct, Parcel, PostalPoint
from postal.plots import Dot, Share, commune_map, day_columns, share_bars
from postal.services import parcel
from postal.services.debriefs import Count, agree_to_day, close_day, day_of_carrier, to_agree
from postal.services.points import open_point, point_of, points_for
from postal.services.promise import DUE_SQL, due_at
from postal.services.watching import Trouble, by_carrier, by_commune, troubles
from postal.staff_carrier import Act
from tests.conftest import Queries
from tests.factories import booked_parcel, carried, recipient

SignIn = Callable[..., Awaitable[Any]]
THAO = 41


@pytest.fixture
def now(db: None, clock: StoppedClock) -> datetime:
    return clock.now()


@pytest.fixture
async def tuan(db: None) -> int:
    made = await person_of("0912000222")
    await grant(made.id, Role.CARRIER)
    return int(made.id)


async def parcel_of(
    now: datetime, key: str, *acts: Act, person_id: int = THAO, days_ago: float = 0, **to: str
) -> str:
    code = (
        await booked_parcel(f"order:{key}", now=now - timedelta(days=days_ago), recipient=recipient(**to))
    ).code
    await carried(code, *acts, person_id=person_id, now=now)
    return code


# --- the evening's count ---


async def test_the_day_is_counted_once_by_somebody_else_and_agreed_to(now: datetime, tuan: int) -> None:
    day = vietnam_date(now)
    out = (Act.ACCEPT, Act.TAKE_OUT)
    await parcel_of(now, "1", *out, Act.DELIVER, person_id=tuan)
    await parcel_of(now, "2", *out, Act.FAIL, person_id=tuan)
    held = await parcel_of(now, "3", *out, person_id=tuan)
    seen = await day_of_carrier(tuan, day)
    assert (len(seen.delivered), len(seen.failed), [one.code for one in seen.still_out]) == (1, 1, [held])
    assert seen.cash_due_dong == 0
    with pytest.raises(Conflict):
        await close_day(tuan, day, Count(0, {}, "tự chốt"), clerk_id=tuan, now=now)
    with pytest.raises(Refusal) as no:
        await close_day(tuan, day, Count(0, {}), clerk_id=THAO, now=now)
    assert no.value.field == "note" and "Còn 1 bưu gửi" in str(no.value.sentence).replace("{n}", "1")
    await close_day(tuan, day, Count(0, {}, "Gói 3 giao sáng mai"), clerk_id=THAO, now=now)
    with pytest.raises(Conflict):
        await close_day(tuan, day, Count(0, {}, "lần nữa"), clerk_id=THAO, now=now)
    [waiting] = await to_agree(tuan)
    for _ in range(2):
        await agree_to_day(tuan, waiting.day, now=now)
    assert await to_agree(tuan) == []
    assert await AuditEntry.filter(action__in=["debrief_closed", "debrief_agreed"]).count() == 2
    with pytest.raises(NotFound):
        await agree_to_day(tuan, day - timedelta(days=1), now=now)
    with pytest.raises(NotFound):
        await day_of_carrier(THAO, day)


@pytest.mark.parametrize(("cash", "words"), [(50_000, "Thừa"), (0, "")])
async def test_cash_that_differs_wants_a_word(now: datetime, tuan: int, cash: int, words: str) -> None:
    day = vietnam_date(now)
    if words:
        with pytest.raises(Refusal) as no:
            await close_day(tuan, day, Count(cash, {50_000: 1}), clerk_id=THAO, now=now)
        assert str(no.value.sentence).startswith(words)
        await close_day(tuan, day, Count(cash, {50_000: 1}, "Tiền lẻ của khách"), clerk_id=THAO, now=now)
    else:
        await close_day(tuan, day, Count(cash, {}), clerk_id=THAO, now=now)
    row = await Debrief.get()
    assert (row.cash_due_dong, row.cash_dong) == (0, cash)


async def test_the_count_goes_through_the_pages(
    client: Any, sign_in_as: SignIn, now: datetime, tuan: int
) -> None:
    await sign_in_as(client, "0912000111", Role.CLERK)
    assert "Chưa chốt" in (await client.get("/post/debriefs")).text
    assert (await client.get("/post/debriefs/999999")).status_code == 404
    sent = {"person_id": str(tuan), "day": vietnam_date(now).isoformat(), "note-50000": "2", "note-1000": "x"}
    wrong = await client.submit("/post/debriefs", sent)
    assert wrong.status_code == 422 and "Thừa 100.000" in wrong.text and 'value="2"' in wrong.text
    bad = await client.submit("/post/debriefs", {**sent, "cash": "nhiều"})
    assert bad.status_code == 422 and "Số tiền cần là số đồng" in bad.text
    assert (await client.submit("/post/debriefs", {**sent, "note": "Khách trả nhầm"})).status_code == 303
    assert "100.000" in (await client.get(f"/post/debriefs/{tuan}")).text
    assert (await Debrief.get()).notes_counted == {"50000": 2}
    await sign_in_as(client, "0912000222", Role.CARRIER)
    assert "Đúng, tôi đồng ý" in (await client.get("/post/book")).text
    agreed = await client.submit("/post/debriefs/agreement", {"day": sent["day"]})
    assert agreed.status_code == 303 and (await Debrief.get()).agreed_at is not None
    assert "Đúng, tôi đồng ý" not in (await client.get("/post/book")).text


# --- the supervisor ---


async def test_late_stuck_and_lost_parcels_are_listed(now: datetime, queries: Queries) -> None:
    fresh = await parcel_of(now, "1", Act.ACCEPT)
    late = await parcel_of(now, "2", Act.ACCEPT, days_ago=4)
    in_time_far = await parcel_of(
        now, "3", Act.ACCEPT, days_ago=4, province="Tỉnh Cao Bằng", commune_code="01273"
    )
    done = await parcel_of(now, "4", Act.ACCEPT, Act.TAKE_OUT, Act.DELIVER, days_ago=9)
    lost = await parcel_of(now, "5", Act.ACCEPT)
    await Parcel.filter(code=lost).update(state="lost")
    await Parcel.filter(code=late).update(changed_at=now - timedelta(hours=50))
    with queries.at_most(6):
        found = {one.kind: one for one in await troubles(now=now)}
    listed = {kind: [one.code for one in found[kind].parcels] for kind in Trouble}
    assert listed == {Trouble.LATE: [late], Trouble.STUCK: [late], Trouble.LOST: [lost]}
    assert {fresh, in_time_far, done}.isdisjoint({code for codes in listed.values() for code in codes})
    assert [found[kind].all_count for kind in Trouble] == [1, 1, 1]


async def test_a_parcel_is_late_by_the_days_its_own_carrier_promised(now: datetime) -> None:
    for key, days in (("fast", 1), ("slow", 7), ("ours", None)):
        code = await parcel_of(now, key, Act.ACCEPT, days_ago=4)
        await Parcel.filter(code=code).update(carrier="ghn", promised_days=days, order_code=key)
    [late, *_] = await troubles(now=now)
    assert [(one.order_code, (now - due).days) for one, due in late.rows] == [("fast", 2), ("ours", 1)]


@pytest.mark.parametrize("promised", [None, 0, 1, 9])
@pytest.mark.parametrize(
    "to",
    [{}, {"commune_code": "05740"}, {"commune_code": "01273", "province": "Tỉnh Cao Bằng"}],
    ids=["commune", "province", "elsewhere"],
)
async def test_pages_and_lists_know_the_same_day(
    now: datetime, promised: int | None, to: dict[str, Any]
) -> None:
    code = await parcel_of(now, "1", Act.ACCEPT, **to)
    await Parcel.filter(code=code).update(promised_days=promised)
    [row] = await sql(f"SELECT {DUE_SQL} AS due FROM parcel WHERE code = $1", [code])
    assert row["due"] == due_at(await parcel(code))


async def test_figures_by_commune_and_carrier(now: datetime, queries: Queries) -> None:
    await parcel_of(now, "1", Act.ACCEPT, Act.TAKE_OUT, Act.DELIVER, days_ago=2.5)
    await parcel_of(now, "2", Act.ACCEPT, Act.TAKE_OUT, Act.FAIL)
    await parcel_of(
        now,
        "3",
        Act.ACCEPT,
        Act.TAKE_OUT,
        Act.DELIVER,
        days_ago=20,
        commune_code="05740",
        commune="Xã La Hiên",
    )
    await parcel_of(now, "4", Act.ACCEPT, Act.SEND_BACK, Act.GIVE_BACK)
    await parcel_of(now, "5", Act.ACCEPT, days_ago=45)
    with queries.at_most(2):
        communes, [staff] = await by_commune(now=now), await by_carrier(now=now)
    assert [(one.code, one.under_way, one.delivered, one.troubled) for one in communes] == [
        ("05443", 1, 1, 2),
        ("05740", 0, 1, 0),
    ]
    assert (staff.delivered, staff.at_first_try, staff.returned, staff.lost, staff.ended) == (2, 2, 1, 0, 3)
    assert staff.in_time == 1
    assert staff.days == (0, 0, 1, 0, 0, 0, 0, 1)


async def test_the_page_draws_it_all_and_settles_doubts(
    client: Any, sign_in_as: SignIn, now: datetime
) -> None:
    await sign_in_as(client, "0912000111", Role.CLERK)
    assert "Chưa có bưu gửi nào" in (await client.get("/post/watch")).text
    code = await parcel_of(now, "1", Act.ACCEPT, Act.TAKE_OUT)
    await parcel_of(now, "2", Act.ACCEPT, Act.TAKE_OUT, Act.DELIVER)
    row = await DoubtfulAct.create(
        parcel_id=(await Parcel.get(code=code)).id, event_key="door:0001", person_id=THAO, act="deliver",
        why="wrong_code", happened_at=now, received_at=now,
    )  # fmt: skip
    page = (await client.get("/post/watch")).text
    assert page.count('class="plot"') == 3
    assert "Mã nhận hàng không đúng." in page and "Cho việc này được tính" in page
    empty = await client.submit(f"/post/doubts/{row.id}", {"counts": "1"})
    assert empty.status_code == 422 and "Ghi vài chữ vì sao" in empty.text
    kept = await client.submit(f"/post/doubts/{row.id}", {"counts": "0", "words": "Tưởng nhầm nhà"})
    assert kept.status_code == 303 and "Quyết nhầm, xem lại" in (await client.get("/post/watch")).text
    assert (await client.submit(f"/post/doubts/{row.id}/reopening", {"words": ""})).status_code == 422
    opened = await client.submit(f"/post/doubts/{row.id}/reopening", {"words": "Đúng nhà"})
    assert opened.status_code == 303
    assert (await client.submit(f"/post/doubts/{row.id}/reopening", {"words": "Lại"})).status_code == 409
    sent = await client.submit(f"/post/doubts/{row.id}", {"counts": "1", "words": "Đã gọi người nhận"})
    assert sent.status_code == 303
    assert str((await parcel(code)).state) == "delivered"
    again = await client.submit(f"/post/doubts/{row.id}", {"counts": "0", "words": "lần nữa"})
    assert again.status_code == 409
    assert (await client.submit("/post/doubts/999999", {"words": "không có"})).status_code == 404
    await sign_in_as(client, "0912000222", Role.CARRIER)
    assert (await client.get("/post/watch")).status_code == 403


# --- plots ---


def test_plots_are_drawings_that_say_what_they_show() -> None:
    """Well-formed, inside their frame, with names escaped."""
    dots = [
        Dot("05443", "Phường <A> & B", 9, 3),
        Dot("05740", "La Hiên", 1, 0),
        Dot("99999", "Không đâu", 5, 0),
    ]
    share = Share("Bưu tá <1>", (("good", 3, "Đã giao"), ("bad", 1, "Mất")))
    for drawn in (
        commune_map(dots, "Bản đồ"),
        share_bars([share], "Kết thúc"),
        day_columns((0, 3, 1), "Ngày"),
    ):
        tree = ElementTree.fromstring(drawn)
        _, _, width, height = map(float, tree.attrib["viewBox"].split())
        for mark in tree.iter():
            at = float(mark.attrib.get("cx", mark.attrib.get("x", 0)))
            assert -1 <= at <= width and float(mark.attrib.get("y", 0)) <= height
    assert "Không đâu" not in commune_map(dots, "Bản đồ")
    assert commune_map([], "Bản đồ") == ""


def test_columns_of_no_parcels_and_bars_of_none_are_still_drawings() -> None:
    for drawn in (day_columns((0, 0), "Ngày"), share_bars([Share("A", (("good", 0, "Đã giao"),))], "Hết")):
        ElementTree.fromstring(drawn)


# --- post offices ---


async def test_offices_near_a_commune_come_nearest_first(now: datetime) -> None:
    await load_units()
    for name, code in (
        ("Bưu cục La Hiên", "05740"),
        ("Bưu cục Phan Đình Phùng", "05443"),
        ("Bưu cục Tân Cương", "05503"),
    ):
        place = await commune(code)
        assert place is not None
        await open_point(name, place, hours="7:30–17:00")
    near = [one.name for one in await points_for("05503")]
    assert near == ["Bưu cục Tân Cương", "Bưu cục Phan Đình Phùng"], "La Hiên lies farther than 25 km"
    assert len(await points_for()) == 3
    await PostalPoint.filter(commune_code="05443").update(keeps_parcels=False)
    assert await point_of("05443") is None


async def test_hours_are_kept_by_clerks_and_told_to_who_waits(
    client: Any, sign_in_as: SignIn, now: datetime
) -> None:
    await PostalPoint.create(
        name="Bưu cục Phan Đình Phùng", commune_code="05443", commune="Phường Phan Đình Phùng"
    )
    row = await PostalPoint.get()
    assert (await client.get(f"/post/offices/{row.id}")).status_code == 303
    await sign_in_as(client, "0912000111", Role.CLERK)
    bad = await client.submit(f"/post/offices/{row.id}", {"phone": "12", "hours": "x" * 121})
    assert bad.status_code == 422 and "Số điện thoại cần 10 chữ số" in bad.text
    fields = {
        "line": "Số 10 Hoàng Văn Thụ",
        "hours": "7:30–17:00",
        "phone": "0208 3855 123",
        "keeps_parcels": "1",
    }
    assert (await client.submit(f"/post/offices/{row.id}", fields)).status_code == 303
    assert "7:30–17:00" in (await client.get("/post-offices?commune_code=05443")).text
    code = await parcel_of(now, "1", Act.ACCEPT, Act.ARRIVE)
    page = (await client.get(f"/parcels/{code}")).text
    assert "Bạn cũng có thể đến lấy ở Bưu cục Phan Đình Phùng" in page and "7:30–17:00" in page
    out = await parcel_of(now, "2", Act.ACCEPT, Act.TAKE_OUT)
    assert "đến lấy ở" not in (await client.get(f"/parcels/{out}")).text
